"""From options to queries: which days, of whom, and how they are looked at."""

from collections.abc import Callable
from datetime import date, datetime

from copilot_usage_cli.cli import output
from copilot_usage_cli.cli.report_options import ReportOptions
from copilot_usage_cli.cli.table_options import AnswerOptions, DaysOptions
from copilot_usage_cli.errors import UsageError
from copilot_usage_cli.model.activity import of_activity
from copilot_usage_cli.model.period import Period
from copilot_usage_cli.model.query import Answerer, Filter, Query
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.model.vocabulary import AUTO, REPORTS


def moment_of(options: AnswerOptions, now: Callable[[], datetime]) -> datetime:
    """Read the clock, once a run; the demo's stands still."""
    if not options.demo:
        return now()
    from copilot_usage_cli.demo import responder as demo

    return demo.NOW


def query_of(scope: Scope, options: ReportOptions, moment: datetime) -> Query:
    """Return what a report asks of a scope; raises UsageError for an impossible period."""
    has_activity = options.by is not None and of_activity(options.by)
    source = options.source
    if source == AUTO and has_activity and scope.team is None and not options.input:
        source = REPORTS  # no other generation has any
    return days_query(scope, options, moment, source)._replace(
        complete=has_activity,
        by=options.by,
        top=options.top,
        filter=Filter(tuple(options.language), tuple(options.editor)),
        page=options.page,
        per_page=options.per_page,
        full=options.full,
        chart=options.chart or "",
    )


def days_query(scope: Scope, options: DaysOptions, moment: datetime, source: str) -> Query:
    """Return what is asked of a scope for daily records; raises UsageError for an impossible period."""
    answerers: dict[Answerer, bool] = {
        "demo": options.demo,
        "history": options.offline,
        "files": bool(options.input),
        "github": True,
    }
    today = moment.date()
    return Query(
        scope,
        _period(options, today),
        today,
        source=source,
        answerer=next(answerer for answerer, given in answerers.items() if given),
        refresh=options.refresh,
        dates_given=tuple(f"--{name}" for name in ("since", "until", "period") if getattr(options, name) is not None),
        files=tuple("stdin" if name == output.STDOUT else name for name in options.input),
    )


def _period(options: DaysOptions, today: date) -> Period:
    if options.period is None:
        return Period.between(options.since, options.until, today, open_until=bool(options.input))
    if options.since is not None or options.until is not None:
        other = "--since" if options.since is not None else "--until"
        raise UsageError(f"--period and {other} exclude each other", "--period names both ends")
    return Period.of(options.period, today)
