"""What the history commands do."""

import json
import os
import sys
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

from copilot_usage_cli.cli import output
from copilot_usage_cli.cli.options import NetworkOptions
from copilot_usage_cli.cli.paths import history_file
from copilot_usage_cli.cli.session import Session, open_session
from copilot_usage_cli.errors import CopilotUsageError, NotWritten, WrongUsage
from copilot_usage_cli.github.address import find_address
from copilot_usage_cli.history.store import Held, History
from copilot_usage_cli.model.period import Period, When, ranges
from copilot_usage_cli.model.records import DailyRecord, merge
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.render import Screen
from copilot_usage_cli.render.columns import number
from copilot_usage_cli.render.layout import Column, Grid, wrap
from copilot_usage_cli.render.painter import notes, paint, painter_for
from copilot_usage_cli.sources.fetch import Question
from copilot_usage_cli.text import visible

_YEAR = 365


def sync(names: Sequence[str], since: When | None, options: NetworkOptions, now: Callable[[], datetime]) -> int:
    """Fetch and store what is missing of each scope; return the first failure's exit code after all were tried."""
    scopes = [Scope.parse(name) for name in names]
    today = now().date()
    _path()
    first = since.on(today).utc_day if since else today - timedelta(days=_YEAR)
    period = Period.asked(When(str(first), day=first), None, today)
    code = 0
    for scope in scopes:
        try:
            with open_session(options, today, now, history=True) as session:
                _sync(session, Question(scope, period, today, options.source, jobs=options.jobs))
        except CopilotUsageError as error:
            output.say_error(error)
            code = code or error.exit_code
    return code


def _sync(session: Session, question: Question) -> None:
    archive = session.archive
    if archive is None:
        raise _off()
    stored = archive.keep(question.scope, session.fetch_missing(question))
    output.write_stdout(f"{question.scope}: stored {stored} day{'' if stored == 1 else 's'}\n")


def show(*, as_json: bool) -> None:
    """Print what is held: a table, or JSON."""
    path = _path()
    held: list[Held] = []
    size = 0
    if path.exists():
        with History(path, create=False, read_only=True) as opened:
            held, size = opened.held(), opened.size
    if as_json:
        found = {"path": str(path), "size": size, "scopes": [_document(one) for one in held]}
        output.write_stdout(json.dumps(found, indent=2) + "\n")
        return
    terminal = output.is_terminal()
    screen = Screen(output.terminal_width() if terminal else None, styled=terminal, blocks=output.has_blocks())
    painter = painter_for(screen)
    first = f"{path}: {size:,} bytes" if path.exists() else f"there is no history yet at {path}"
    painter.lines(wrap(visible(first), screen.width))
    if held:
        rows = tuple(tuple(cell(one) for _, cell in _SHOWN) for one in held)
        paint(painter, Grid("", tuple(column for column, _ in _SHOWN), rows), screen.width)
        gaps = [f"missing of {one.scope} on {one.host}: {ranges(one.missing)}" for one in held if one.missing]
        notes(painter, tuple(gaps), screen.width)
    output.write_stdout(painter.text())


def take_in(names: Sequence[str], scope_name: str, hostname: str | None, now: datetime) -> None:
    """Import saved responses."""
    from copilot_usage_cli.sources import saved_files

    scope = Scope.parse(scope_name)
    host = find_address(None, hostname, os.environ).hostname
    path = _path()
    fetched = saved_files.read(names, scope)
    for warning in fetched.facts.warnings:
        output.say(f"note: {warning}")
    if twice := _conflicts(fetched.records):
        output.say(f"note: {twice}")
    with History(path) as opened:
        stored = opened.store(host, fetched.records, now, imported=True)
    days = len({record.day for record in fetched.records})
    output.write_stdout(f"{scope}: stored {stored} of {days} day{'' if days == 1 else 's'}\n")


def _conflicts(records: Sequence[DailyRecord]) -> str:
    """Say which days came more than once from one source, with different numbers."""
    sources = {record.source for record in records}
    found = {day for source in sources for day in merge(one for one in records if one.source == source)[1]}
    days = f"{len(found)} day{'' if len(found) == 1 else 's'}"
    how = "came more than once with different numbers, the last read counts"
    return f"{days} {how}: {ranges(sorted(found))}" if found else ""


def remove(scope_name: str, before: When | None, hostname: str | None, today: date, *, yes: bool) -> None:
    """Remove days, after asking a person."""
    scope = Scope.parse(scope_name)
    day = before.on(today).utc_day if before else None
    path = _path()
    if not path.exists():
        raise WrongUsage(f"there is no history at {path}", "nothing was removed")
    which = f"all days before {day}" if day else "all days"
    if not yes and not _confirmed(f"Remove {which} of {scope} from {path}? [y/N] "):
        raise WrongUsage("nothing was removed", "answer y, or add --yes")
    with History(path, create=False) as opened:
        removed = opened.remove(hostname, scope, day)
    output.write_stdout(f"{scope}: removed {removed} day{'' if removed == 1 else 's'}\n")


def check() -> int:
    """Print what is wrong with the history, and return the exit code."""
    path = _path()
    if not path.exists():
        raise WrongUsage(f"there is no history at {path}", "it is made when a report is fetched")
    with History(path, create=False, read_only=True) as opened:
        problems = opened.check()
    output.write_stdout("".join(f"{visible(problem)}\n" for problem in problems or [f"{path} is sound"]))
    return NotWritten.exit_code if problems else 0


def show_path() -> None:
    """Print where the history is."""
    output.write_stdout(f"{_path()}\n")


def _path() -> Path:
    path = history_file(os.environ)
    if path is None:
        raise _off()
    return path


def _off() -> WrongUsage:
    return WrongUsage("the history is off", "unset COPILOT_USAGE_HISTORY, or let it name a file")


def _confirmed(question: str) -> bool:
    if sys.stdin is None or not sys.stdin.isatty():
        raise WrongUsage("nobody is there to ask whether to remove days", "add --yes")
    sys.stderr.write(question)
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def _document(held: Held) -> dict[str, object]:
    return {
        "host": held.host,
        "scope": str(held.scope),
        "first": str(held.first),
        "last": str(held.last),
        "days": held.days,
        "missing": ranges(held.missing),
        "sources": list(held.sources),
    }


_SHOWN: tuple[tuple[Column, Callable[[Held], str]], ...] = (
    (Column("scope", numeric=False, folds=True), lambda held: visible(str(held.scope))),
    (Column("host", numeric=False, folds=True), lambda held: visible(held.host)),
    (Column("first\nday", numeric=False), lambda held: str(held.first)),
    (Column("last\nday", numeric=False), lambda held: str(held.last)),
    (Column("days", 92), lambda held: number(held.days)),
    (Column("days\nmissing", 80), lambda held: number(len(held.missing))),
    (Column("sources", numeric=False, folds=True), lambda held: visible(", ".join(held.sources))),
)
