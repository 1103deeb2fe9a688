"""How a report's numbers changed from the days just before, where these came without being asked for. No I/O."""

from collections.abc import Sequence
from datetime import timedelta

from copilot_usage_cli.model.fetch_result import FetchResult
from copilot_usage_cli.model.period import Period
from copilot_usage_cli.model.records import DailyRecord
from copilot_usage_cli.model.vocabulary import MIXED, USAGE
from copilot_usage_cli.report.breaks import describe_breaks
from copilot_usage_cli.report.build import Report, build

NO_CHANGE = "no change shown: --compare previous"


def as_many_days_before(report: Report) -> Period | None:
    """Return the period of the same length that ends just before a report's; None if there is none."""
    if report.since is None or report.is_empty or not report.query.is_complete:
        return None
    try:
        return Period(report.since - timedelta(days=report.days), report.since - timedelta(days=1))
    except OverflowError:
        return None


def with_before(report: Report, records: Sequence[DailyRecord]) -> Report:
    """Set a report beside what came of the days just before, unless that is too little, or of another kind.

    Only days compare whose counterpart has data, too: where a Sunday is missing, the mean of a week is no rise. It is
    too little if not most of the report's days have one, and of another kind if its source is another, or the series
    has a break.
    """
    period = as_many_days_before(report)
    if period is None or period.since is None or report.until is None:
        return report
    before = build(report.query._replace(period=period), FetchResult(records))
    days = timedelta(days=report.days)
    there = {record.day for record in report.records} & {record.day + days for record in before.records}
    comparable = (
        len(there) * 2 > len(report.records)
        and before.source == report.source != MIXED
        and (report.source == USAGE or not describe_breaks(period.since, report.until))
    )
    if not comparable:
        at = len(report.notes) - (report.query.answerer == "demo")
        return report._replace(notes=(*report.notes[:at], NO_CHANGE, *report.notes[at:]))
    now = tuple(record for record in report.records if record.day in there)
    then = tuple(record for record in before.records if record.day + days in there)
    from copilot_usage_cli.report.change import unlike_weekends  # which machine formats don't load

    if weekends := unlike_weekends(*([record.day for record in side] for side in (now, then))):
        # It changes what a reader should believe most, but for a name that the report isn't of.
        at = sum(note.startswith("--") for note in report.notes)
        report = report._replace(notes=(*report.notes[:at], weekends, *report.notes[at:]))
    rows = (report._replace(records=now).whole(), before._replace(records=then).whole())
    return report._replace(matched=rows, earlier=before.records)
