"""Read saved responses instead of asking GitHub, of every generation of its API, and this tool's own JSON."""

import sys
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from copilot_usage_cli.errors import NotUnderstood, WrongUsage
from copilot_usage_cli.github.body import CutShort
from copilot_usage_cli.github.documents import documents, not_json
from copilot_usage_cli.model.fetch_result import Facts, Fetched
from copilot_usage_cli.model.period import ranges
from copilot_usage_cli.model.records import DailyRecord
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.sources import classic, metrics
from copilot_usage_cli.sources.payload import parse_record
from copilot_usage_cli.sources.reports import aggregated
from copilot_usage_cli.sources.reports.users import Members, NoDay, UserDays, is_membership, is_user_day
from copilot_usage_cli.sources.reports.users import members as members_in

STDIN = "-"
_CHUNK = 1 << 16


def read(names: Sequence[str], scope: Scope) -> Fetched:
    """Read a scope's daily records from files, as they come; `-` is stdin.

    A record that this tool wrote keeps its source and must be of the scope. A users report is added up as it is
    read; for a team, a user-teams report must be among the files. Raises WrongUsage for a file that can't be read
    or that is another scope's, NotUnderstood for one that is no usage report.
    """
    if names.count(STDIN) > 1:
        raise WrongUsage("--input - is given twice", "stdin can be read once")
    files = [_File(name) for name in names]
    members = _members(files, scope) if scope.team is not None else None
    users = UserDays(scope, members)
    records = [record for file in files for record in _records(file, scope, users, members)]
    if not users.conflicts:
        return Fetched([*records, *users.records()])
    warning = f"lines of the same user and day differ, the first counts: {ranges(sorted(users.conflicts))}"
    return Fetched([*records, *users.records()], Facts(warnings=(warning,)))


class _File:
    """A file that can be read again; stdin is kept for that."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.whose = "stdin" if name == STDIN else name
        self._kept: list[bytes] | None = None

    def days(self) -> Iterator[tuple[str, Any]]:
        """Yield each record and its place, out of arrays and wrappers."""
        number = 0
        try:
            for document in documents(self._chunks(), self.whose):
                for day in _days(document, self.whose):
                    number += 1
                    yield f"{self.whose}: record {number}", day
                number = max(number, 1)
        except CutShort:
            raise NotUnderstood(f"{self.whose} is a gzip file that was cut short", "fetch it again") from None
        if not number:
            raise not_json("", self.whose)

    def _chunks(self) -> Iterator[bytes]:
        if self._kept is None and self.name == STDIN:
            self._kept = [sys.stdin.buffer.read() if sys.stdin else b""]
        if self._kept is not None:
            yield from self._kept
            return
        try:
            with Path(self.name).open("rb") as file:
                while chunk := file.read(_CHUNK):
                    yield chunk
        except OSError as error:
            hint = "give the name of a saved response, or - for stdin"
            raise WrongUsage(f"--input {self.name}: {error.strerror}", hint) from None


def _days(document: Any, whose: str) -> Iterator[Any]:
    """Unpack arrays, also within an array as `gh api --paginate --slurp` prints them, and 28-day reports."""
    for outer in document if isinstance(document, list) else [document]:
        for item in outer if isinstance(outer, list) else [outer]:
            if isinstance(item, dict) and aggregated.is_aggregate(item):
                yield from aggregated.days(item, whose)
            elif not aggregated.is_no_report(item):
                yield item


def _records(file: _File, scope: Scope, users: UserDays, members: Members | None) -> Iterator[DailyRecord]:
    for place, day in file.days():
        if not isinstance(day, dict):
            yield parse_record(day, place, scope, classic.SOURCE)
        elif is_user_day(day):
            if members == {}:
                raise WrongUsage(
                    f"{place} is of a users report, but no input says who is in {scope}",
                    "give the user-teams reports of the same days, too, as further --input",
                )
            _add_user(users, day, place)
        elif not is_membership(day):
            yield _record(day, place, scope)


def _record(day: dict[str, Any], place: str, scope: Scope) -> DailyRecord:
    _check_scope(day.get("scope"), place, scope)
    source = day.get("source")
    if isinstance(source, str):  # this tool's own
        return aggregated.with_ides(parse_record(day, place, scope, source), day, place)
    if metrics.is_metrics(day):
        return metrics.metrics_record(day, place, scope)
    if aggregated.is_aggregate(day):
        if scope.team is not None:
            raise WrongUsage(f"{place} is an aggregated report, which has no teams", "name the scope that it is of")
        return aggregated.aggregated_record(day, place, scope)
    return parse_record(day, place, scope, classic.SOURCE)


def _add_user(users: UserDays, day: dict[str, Any], place: str) -> None:
    try:
        users.add(day, place)
    except NoDay:
        raise NotUnderstood(
            f"{place} is of a user's whole period, which makes no days", "give reports whose lines have a day each"
        ) from None


def _members(files: Sequence[_File], scope: Scope) -> dict[date, dict[int, str]]:
    found: dict[date, dict[int, str]] = {}
    for file in files:
        lines = (day for _, day in file.days() if isinstance(day, dict) and is_membership(day))
        for user, owner, day in members_in(lines, scope, file.whose):
            found.setdefault(day, {})[user] = owner
    return found


def _check_scope(name: Any, place: str, scope: Scope) -> None:
    if isinstance(name, str) and not scope.is_named(name):
        raise WrongUsage(f"{place} is of {name!r}, not of {str(scope)!r}", "name the scope that the file is of")
