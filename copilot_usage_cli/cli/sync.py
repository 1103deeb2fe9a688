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
from copilot_usage_cli.errors import CopilotUsageError
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
    code = 0
    with (
        ProgressBar(shown=not options.quiet) as bar,
        open_session(options, now, moment, bar, history=True) as session,
    ):
        for number, scope in enumerate(scopes, 1):
            place = f", {number} of {len(scopes)}" if len(scopes) > 1 else ""
            try:
                _sync(
                    session._replace(place=place),
                    Query(scope, period, today, options.source, refresh=refresh, dates_given=given),
                )
            except CopilotUsageError as error:
                with bar.away():
                    output.say_error(error)
                code = code or error.exit_code
    return code


def _sync(session: Session, query: Query) -> None:
    stored = session.sync(query)
    with session.bar.away():
        output.write_stdout(f"{query.scope}: stored {plural(stored, 'day')}\n")
