"""From what was fetched to a report, or to two that are compared."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from copilot_usage_cli.cli.option_rules import no_activity, no_editors
from copilot_usage_cli.model.activity import of_activity
from copilot_usage_cli.model.fetch_result import FetchResult
from copilot_usage_cli.model.period import ComparisonPeriod
from copilot_usage_cli.model.query import Query
from copilot_usage_cli.model.records import DailyRecord
from copilot_usage_cli.model.vocabulary import REPORTS, USER_REPORTS
from copilot_usage_cli.report.before import as_many_days_before, with_before
from copilot_usage_cli.report.build import Report, build

if TYPE_CHECKING:
    from copilot_usage_cli.report.comparison import Comparison


def build_report(
    query: Query, result: FetchResult, held: Callable[[Query], Sequence[DailyRecord]] | None = None
) -> Report:
    """Build a report; with `held`, its numbers change from what is held of as many days before."""
    report = _checked(build(query, result))
    earlier = as_many_days_before(report) if held is not None else None
    if held is None or earlier is None:
        return report
    before = list(held(query._replace(period=earlier)))
    if len(result.records) > len(report.records):  # else none is of another day, and each costs time to look at
        before += (record for record in result.records if earlier.contains(record.day))
    return with_before(report, before)


def query_before(report: Report, compare: ComparisonPeriod) -> Query:
    """Return what a report is to be compared with; raises UsageError if there is no such period."""
    current = report.query.period._replace(since=report.since, until=report.until)
    return report.query._replace(period=compare.period(current, report.query.today))


def build_comparison(report: Report, before: Query, result: FetchResult) -> "Comparison":
    """Set a report beside that of another period."""
    from copilot_usage_cli.report.comparison import Comparison

    return Comparison(report, _checked(build(before, result)))


def _checked(report: Report) -> Report:
    """Refuse to answer by editor or IDE what the records' sources don't know by it."""
    query = report.query
    sources = {record.source for record in report.records}
    if query.by is not None and of_activity(query.by) and sources and not sources & {REPORTS, USER_REPORTS}:
        of_team = query.scope.team is not None
        raise no_activity(f"{query.scope} (source: {report.source})", query.by, of_team=of_team)
    if sources == {REPORTS} and ("editor" in (query.by or ()) or query.filter.editors):
        raise no_editors(str(query.scope))
    return report
