"""Fetch what the history doesn't have yet: one session, however many scopes."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from copilot_usage_cli.cli import output
from copilot_usage_cli.cli.local_history import history_path
from copilot_usage_cli.cli.options import NetworkOptions
from copilot_usage_cli.cli.progress import ProgressBar
from copilot_usage_cli.cli.scope_names import read_scope
from copilot_usage_cli.cli.session import Session, open_session
from copilot_usage_cli.cli.settings import host_of
from copilot_usage_cli.errors import CopilotUsageError, TerminatedBySignal
from copilot_usage_cli.model.dates import DateExpression
from copilot_usage_cli.model.period import Period
from copilot_usage_cli.model.query import Query
from copilot_usage_cli.text import plural

_YEAR = 365


def sync_scopes(
    names: Sequence[str],
    since: DateExpression | None,
    options: NetworkOptions,
    now: Callable[[], datetime],
    *,
    refresh: bool = False,
) -> int:
    """Fetch and store what is missing of each scope; return the first failure's exit code after all were tried."""
    scopes = [read_scope(name, host=host_of(options.api_url, options.hostname)) for name in names]
    moment = now()
    today = moment.date()
    history_path()
    first = since.resolve(today).first if since else today - timedelta(days=_YEAR)
    period = Period.between(DateExpression(str(first), day=first), None, today)
    given = ("--since",) if since else ()
    queries = [Query(scope, period, today, options.source, refresh=refresh, dates_given=given) for scope in scopes]
    with (
        ProgressBar(shown=not options.quiet) as bar,
        open_session(options, now, moment, bar, history=True) as session,
    ):
        return _sync(session, queries)


def _sync(session: Session, queries: Sequence[Query]) -> int:
    """Say what became of each scope, in the order given, and return the first failure's exit code."""
    ended: dict[int, int | CopilotUsageError] = {}
    said = 0
    try:
        for number, stored in session.sync_each(queries):
            ended[number] = stored
            while said in ended:
                _say(session, queries[said], ended[said])
                said += 1
    except TerminatedBySignal:
        output.say_left([query.scope for query in queries], ended)
        raise
    return next((each.exit_code for _, each in sorted(ended.items()) if isinstance(each, CopilotUsageError)), 0)


def _say(session: Session, query: Query, stored: int | CopilotUsageError) -> None:
    with session.bar.away():
        if isinstance(stored, CopilotUsageError):
            output.say_error(stored)
        else:
            output.write_stdout(f"{query.scope}: stored {plural(stored, 'day')}\n")
