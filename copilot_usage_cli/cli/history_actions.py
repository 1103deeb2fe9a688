"""The work of the history commands, except sync."""

import os
import sys
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from copilot_usage_cli.cli import output
from copilot_usage_cli.cli.local_history import history_path
from copilot_usage_cli.cli.scope_names import read_scope
from copilot_usage_cli.cli.settings import find_api, host_of
from copilot_usage_cli.errors import NotUnderstood, NotWritten, UsageError
from copilot_usage_cli.history.store import History
from copilot_usage_cli.model.coverage import Coverage
from copilot_usage_cli.model.dates import DateExpression
from copilot_usage_cli.model.fetch_result import SourceFacts
from copilot_usage_cli.model.period import format_ranges
from copilot_usage_cli.model.records import DailyRecord, merge
from copilot_usage_cli.render.coverage import render_coverage, render_coverage_json
from copilot_usage_cli.render.screen import Screen
from copilot_usage_cli.report.notes import repeated_days
from copilot_usage_cli.text import plural, visible, without_secrets


def show_coverage(*, as_json: bool) -> None:
    """Print what is held: a table, or JSON."""
    path = history_path()
    shown = without_secrets(str(path))
    coverage: list[Coverage] = []
    size = None
    if path.exists():
        with History(path, create=False, read_only=True) as history:
            coverage, size = history.coverage(), history.size
    if as_json:
        output.write_stdout(render_coverage_json(coverage, shown, size))
        return
    terminal = output.is_terminal()
    screen = Screen(output.terminal_width() if terminal else None, styled=terminal, blocks=output.has_blocks())
    output.write_stdout(render_coverage(coverage, shown, size, screen))


def import_files(
    names: Sequence[str], scope_name: str, hostname: str | None, moment: datetime, *, replace: bool = False
) -> None:
    """Store the days of saved responses, imported at `moment`."""
    from copilot_usage_cli.sources.saved_files import read_files

    scope = read_scope(scope_name, host=host_of(None, hostname))
    host = find_api(None, hostname).hostname
    path = history_path()
    result = read_files(names, scope)
    records = [record for record in result.records if not record.is_blank]
    if not records:
        raise NotUnderstood(f"there is nothing to keep in {', '.join(names)}", "no day of it has a number")
    if blank := sorted({record.day for record in result.records if record.is_blank}):
        output.say(f"note: {plural(len(blank), 'day')} without any number, not kept: {format_ranges(blank)}")
    for warning in result.facts.warnings:
        output.say(f"note: {warning}")
    if repeated := _conflicts(records):
        output.say(f"note: {repeated}")
    with History(path) as history:
        parts = SourceFacts() if replace else result.facts
        stored = history.store(
            host, records, moment, imported=True, summed=parts.summed, organizations=parts.organizations
        )
    for found, what in (
        (stored.replaced, "had other numbers of the same statement, the last read counts"),
        (stored.outranked, "not stored, since a later statement is held"),
    ):
        if found:
            output.say(f"note: {plural(len(found), 'day')} {what}: {format_ranges(found)}")
    days = len({record.day for record in records})
    output.write_stdout(f"{scope}: stored {stored.changed} of {plural(days, 'day')}\n")


def _conflicts(records: Sequence[DailyRecord]) -> str:
    """Say which days came more than once from one source, with different numbers."""
    sources = {record.source for record in records}
    found = {day for source in sources for day in merge(one for one in records if one.source == source)[1]}
    return repeated_days(sorted(found))


class Days(NamedTuple):
    """Which days to remove: those before a day, or one; of all sources and hosts, or of one."""

    before: DateExpression | None
    day: DateExpression | None
    source: str | None
    host: str | None

    def span(self, today: date) -> tuple[date | None, date | None]:
        """Return the first and the last day, None where it is open."""
        if self.day is not None:
            return self.day.resolve(today)[:2]
        return None, self.before and self.before.resolve(today).first - timedelta(days=1)

    def describe(self, today: date) -> str:
        """Say which days these are."""
        which = "all days" if self.before is None else f"all days before {self.before.resolve(today).first}"
        if self.day is not None:
            first, last = self.day.resolve(today)[:2]
            which = str(first) if first == last else f"all days from {first} to {last}"
        return f"{which} from {self.source}" if self.source else which


def remove(scope_name: str, days: Days, today: date, *, yes: bool) -> None:
    """Remove days, after asking a person."""
    scope = read_scope(scope_name)
    if days.before is not None and days.day is not None:
        raise UsageError("--before and --day exclude each other", "give one of them")
    path = history_path()
    if not path.exists():
        raise UsageError(f"there is no history at {path}", "nothing was removed")
    which = days.describe(today)
    if not yes and not _confirmed(f"Remove {which} of {scope} from {path}? [y/N] "):
        raise UsageError("nothing was removed", "answer y, or add --yes")
    with History(path, create=False) as history:
        removed = history.remove(days.host, scope, *days.span(today), days.source)
    output.write_stdout(f"{scope}: removed {plural(removed, 'day')}\n")


def check() -> int:
    """Print what is wrong with the history, and return the exit code."""
    path = history_path()
    if not path.exists():
        raise UsageError(f"there is no history at {path}", "it is made when a report is fetched")
    with History(path, create=False, read_only=True) as history:
        problems = history.check()
    said = problems or [f"{path} is sound"]
    output.write_stdout("".join(f"{visible(without_secrets(each))}\n" for each in said))
    return NotWritten.exit_code if problems else 0


def show_path() -> None:
    """Print where the history is."""
    line = f"{history_path()}\n"
    output.write_stdout(output.for_terminal(line) if output.is_terminal() else os.fsencode(line))


def _confirmed(question: str) -> bool:
    if sys.stdin is None or not sys.stdin.isatty():
        raise UsageError("nobody is there to ask whether to remove days", "add --yes")
    sys.stderr.write(question)
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}
