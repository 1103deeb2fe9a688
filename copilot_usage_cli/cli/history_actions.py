"""What the history commands do, but for sync."""

import os
import sys
from collections.abc import Sequence
from datetime import date, datetime

from copilot_usage_cli.cli import output
from copilot_usage_cli.cli.local_history import history_path
from copilot_usage_cli.errors import NotWritten, UsageError
from copilot_usage_cli.github.address import find_address
from copilot_usage_cli.history.store import History
from copilot_usage_cli.model.coverage import Coverage
from copilot_usage_cli.model.period import DateExpression
from copilot_usage_cli.model.records import DailyRecord, merge
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.render.coverage import render_coverage, render_coverage_json
from copilot_usage_cli.render.screen import Screen
from copilot_usage_cli.report.notes import repeated_days
from copilot_usage_cli.text import plural, visible


def show_coverage(*, as_json: bool) -> None:
    """Print what is held: a table, or JSON."""
    path = history_path()
    coverage: list[Coverage] = []
    size = None
    if path.exists():
        with History(path, create=False, read_only=True) as history:
            coverage, size = history.coverage(), history.size
    if as_json:
        output.write_stdout(render_coverage_json(coverage, str(path), size))
        return
    terminal = output.is_terminal()
    screen = Screen(output.terminal_width() if terminal else None, styled=terminal, blocks=output.has_blocks())
    output.write_stdout(render_coverage(coverage, str(path), size, screen))


def import_files(names: Sequence[str], scope_name: str, hostname: str | None, moment: datetime) -> None:
    """Store the days of saved responses, imported at `moment`."""
    from copilot_usage_cli.sources.saved_files import read_files

    scope = Scope.parse(scope_name)
    host = find_address(None, hostname, os.environ).hostname
    path = history_path()
    result = read_files(names, scope)
    for warning in result.facts.warnings:
        output.say(f"note: {warning}")
    if repeated := _conflicts(result.records):
        output.say(f"note: {repeated}")
    with History(path) as history:
        stored = history.store(host, result.records, moment, imported=True)
    days = len({record.day for record in result.records})
    output.write_stdout(f"{scope}: stored {stored} of {plural(days, 'day')}\n")


def _conflicts(records: Sequence[DailyRecord]) -> str:
    """Say which days came more than once from one source, with different numbers."""
    sources = {record.source for record in records}
    found = {day for source in sources for day in merge(one for one in records if one.source == source)[1]}
    return repeated_days(sorted(found))


def remove(scope_name: str, before: DateExpression | None, hostname: str | None, today: date, *, yes: bool) -> None:
    """Remove days, after asking a person."""
    scope = Scope.parse(scope_name)
    day = before.resolve(today).utc_day if before else None
    path = history_path()
    if not path.exists():
        raise UsageError(f"there is no history at {path}", "nothing was removed")
    which = f"all days before {day}" if day else "all days"
    if not yes and not _confirmed(f"Remove {which} of {scope} from {path}? [y/N] "):
        raise UsageError("nothing was removed", "answer y, or add --yes")
    with History(path, create=False) as history:
        removed = history.remove(hostname, scope, day)
    output.write_stdout(f"{scope}: removed {plural(removed, 'day')}\n")


def check() -> int:
    """Print what is wrong with the history, and return the exit code."""
    path = history_path()
    if not path.exists():
        raise UsageError(f"there is no history at {path}", "it is made when a report is fetched")
    with History(path, create=False, read_only=True) as history:
        problems = history.check()
    output.write_stdout("".join(f"{visible(problem)}\n" for problem in problems or [f"{path} is sound"]))
    return NotWritten.exit_code if problems else 0


def show_path() -> None:
    """Print where the history is."""
    output.write_stdout(f"{history_path()}\n")


def _confirmed(question: str) -> bool:
    if sys.stdin is None or not sys.stdin.isatty():
        raise UsageError("nobody is there to ask whether to remove days", "add --yes")
    sys.stderr.write(question)
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}
