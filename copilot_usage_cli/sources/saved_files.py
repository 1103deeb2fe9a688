"""Read saved responses instead of asking GitHub, of every generation of its API, and this tool's own JSON."""

import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from copilot_usage_cli.errors import NotUnderstood, UsageError
from copilot_usage_cli.github.body import BodyCutShort
from copilot_usage_cli.github.documents import documents, not_json
from copilot_usage_cli.model.fetch_result import FetchResult, SourceFacts
from copilot_usage_cli.model.period import format_ranges
from copilot_usage_cli.model.records import DailyRecord
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.model.vocabulary import USAGE
from copilot_usage_cli.sources.metrics import is_metrics, parse_metrics
from copilot_usage_cli.sources.payload import InvalidPayload, UnexpectedPayload, parse_each, parse_record
from copilot_usage_cli.sources.reports.aggregated import (
    is_aggregate,
    parse_aggregated,
    unwrap_days,
    with_ide_activity,
)
from copilot_usage_cli.sources.reports.fields import says_no_report
from copilot_usage_cli.sources.reports.users import (
    Members,
    UserDays,
    WholePeriodLine,
    is_membership,
    is_user_day,
    team_member,
)

STDIN = "-"
_CHUNK = 1 << 16


def read_files(names: Sequence[str], scope: Scope) -> FetchResult:
    """Read a scope's daily records from files, as they come; `-` is stdin.

    A record that this tool wrote keeps its source and must be of the scope. A users report is added up as it is
    read; for a team, a user-teams report must be among the files. Raises UsageError for a file that can't be read
    or that is another scope's, NotUnderstood for one that is not a usage report.
    """
    if names.count(STDIN) > 1:
        raise UsageError("--input - is given twice", "stdin can be read once")
    files = [_File(name) for name in names]
    members = _read_members(files, scope) if scope.team is not None else None
    users = UserDays(scope, members)
    records: list[DailyRecord] = []

    def read(payload: Any) -> None:
        if isinstance(payload, dict) and is_user_day(payload):
            _add_user(users, payload, scope, members)
        elif not isinstance(payload, dict) or not is_membership(payload):
            records.append(_record(payload, scope))

    for file in files:
        file.read_each(read)
    if not users.conflicts:
        return FetchResult([*records, *users.records()])
    days = format_ranges(sorted(users.conflicts))
    warning = f"lines of the same user and day differ, the first counts: {days}"
    return FetchResult([*records, *users.records()], SourceFacts(warnings=(warning,)))


class _File:
    """A file that can be read again; stdin is kept for that."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._label = "stdin" if name == STDIN else name
        self._content: list[bytes] | None = None

    def read_each(self, read: Callable[[Any], None]) -> None:
        """Hand each record, out of arrays and wrappers, to `read`."""
        for _ in parse_each(self._payloads(), read, f"{self._label}: record"):
            pass

    def _payloads(self) -> Iterator[Any]:
        is_empty = True
        try:
            for document in documents(self._chunks(), self._label):
                is_empty = False
                yield from self._unwrapped(document)
        except BodyCutShort:
            raise NotUnderstood(f"{self._label} is a gzip file that was cut short", "fetch it again") from None
        if is_empty:
            raise not_json("", self._label)

    def _unwrapped(self, document: Any) -> Iterator[Any]:
        """Unpack arrays, also within an array as `gh api --paginate --slurp` prints them, and 28-day reports."""
        for outer in document if isinstance(document, list) else [document]:
            for item in outer if isinstance(outer, list) else [outer]:
                if isinstance(item, dict) and is_aggregate(item):
                    try:
                        yield from unwrap_days(item)
                    except InvalidPayload as error:
                        raise error.located(self._label) from None
                elif not says_no_report(item):
                    yield item

    def _chunks(self) -> Iterator[bytes]:
        if self._content is None and self._name == STDIN:
            self._content = [sys.stdin.buffer.read() if sys.stdin else b""]
        if self._content is not None:
            yield from self._content
            return
        try:
            with Path(self._name).open("rb") as file:
                while chunk := file.read(_CHUNK):
                    yield chunk
        except OSError as error:
            hint = "give the name of a saved response, or - for stdin"
            raise UsageError(f"--input {self._name}: {error.strerror}", hint) from None


def _record(payload: Any, scope: Scope) -> DailyRecord:
    """Read a record of any generation; raises InvalidPayload."""
    if not isinstance(payload, dict):
        return parse_record(payload, scope, USAGE)
    name, source = payload.get("scope"), payload.get("source")
    if isinstance(name, str) and not scope.is_named(name):
        raise UnexpectedPayload(f" is of {name!r}, not of {str(scope)!r}", "name the scope that the file is of")
    if isinstance(source, str):  # this tool's own
        return with_ide_activity(parse_record(payload, scope, source), payload)
    if is_metrics(payload):
        return parse_metrics(payload, scope)
    if is_aggregate(payload):
        if scope.team is not None:
            raise UnexpectedPayload(" is an aggregated report, which has no teams", "name the scope that it is of")
        return parse_aggregated(payload, scope)
    return parse_record(payload, scope, USAGE)


def _add_user(users: UserDays, payload: dict[str, Any], scope: Scope, members: Members | None) -> None:
    if members == {}:
        raise UnexpectedPayload(
            f" is of a users report, but no input says who is in {scope}",
            "give the user-teams reports of the same days, too, as further --input",
        )
    try:
        users.add(payload)
    except WholePeriodLine:
        raise InvalidPayload(
            " is of a user's whole period, which makes no days", "give reports whose lines have a day each"
        ) from None


def _read_members(files: Sequence[_File], scope: Scope) -> dict[date, dict[int, str]]:
    members: dict[date, dict[int, str]] = {}

    def read(payload: Any) -> None:
        if isinstance(payload, dict) and is_membership(payload) and (member := team_member(payload, scope)):
            members.setdefault(member.day, {})[member.user] = member.owner

    for file in files:
        file.read_each(read)
    return members
