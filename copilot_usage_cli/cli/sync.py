"""Fetch what the history doesn't have yet: one session, however many scopes."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from copilot_usage_cli.cli import output
from copilot_usage_cli.cli.failures import say_failures
from copilot_usage_cli.cli.local_history import history_path
from copilot_usage_cli.cli.options import SyncOptions
from copilot_usage_cli.cli.progress import ProgressBar
from copilot_usage_cli.cli.selection import Selection
from copilot_usage_cli.cli.session import Session, open_session
from copilot_usage_cli.errors import CopilotUsageError, TerminatedBySignal
from copilot_usage_cli.model.dates import NARROWED, DateExpression
from copilot_usage_cli.model.period import Period
from copilot_usage_cli.model.query import Query
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.text import plural

_YEAR = 365


def sync_scopes(selection: Selection, options: SyncOptions, now: Callable[[], datetime]) -> int:
    """Fetch and store what is missing of each scope; return the first failure's exit code after all were tried.

    What was stored is exported, too, if that is asked for; where it goes is looked at before any request.
    """
    if options.export is None:
        return _fetch(selection, options, now)
    from copilot_usage_cli.cli.exports import dataset_target, export_after_sync

    target = dataset_target(options.export)
    code = _fetch(selection, options, now)
    try:
        export_after_sync(target, quiet=options.quiet)
    except CopilotUsageError as error:
        if not code:
            raise
        output.say_error(error)
    return code


def _fetch(selection: Selection, options: SyncOptions, now: Callable[[], datetime]) -> int:
    moment = now()
    today = moment.date()
    history_path()
    first = today - timedelta(days=_YEAR)
    since = options.since or DateExpression(str(first), day=first)
    period = Period.between(DateExpression(since.text, day=since.resolve(today).first), None, today)
    if period.narrowed and not options.quiet:
        output.say_notes([NARROWED])
    given = ("--since",) if options.since else ()
    with (
        ProgressBar(shown=not options.quiet) as bar,
        open_session(options, now, moment, bar, history=True) as session,
    ):
        scopes: Sequence[Scope] = selection.scopes
        if selection.owner is not None:
            scopes = session.list_scopes(selection, Query(selection.owner, period, today, options.source))
        one = Query(scopes[0], period, today, options.source, refresh=options.refresh, dates_given=given)
        return _sync(session, [one._replace(scope=scope, complete=scope.team is None) for scope in scopes])


def _sync(session: Session, queries: Sequence[Query]) -> int:
    """Say what became of each scope, in the order given, then what failed; return the first failure's exit code."""
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
    failed = {number: each for number, each in sorted(ended.items()) if isinstance(each, CopilotUsageError)}
    with session.bar.away():
        say_failures([query.scope for query in queries], failed)
    return next((error.exit_code for error in failed.values()), 0)


def _say(session: Session, query: Query, stored: int | CopilotUsageError) -> None:
    if not isinstance(stored, CopilotUsageError):
        with session.bar.away():
            output.write_stdout(f"{query.scope}: stored {plural(stored, 'day')}\n")
