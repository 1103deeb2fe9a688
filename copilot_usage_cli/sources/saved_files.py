"""Read saved responses instead of asking GitHub, of every generation of its API, and this tool's own JSON."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from operator import itemgetter
from typing import Any, Protocol

from copilot_usage_cli.errors import NotUnderstood, UsageError
from copilot_usage_cli.model.fetch_result import FetchResult, SourceFacts
from copilot_usage_cli.model.period import format_ranges
from copilot_usage_cli.model.records import DailyRecord
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.model.vocabulary import HELD_SOURCES, USAGE
from copilot_usage_cli.sources.input_files import InputFile, open_files
from copilot_usage_cli.sources.kept_days import KeptDays, Room
from copilot_usage_cli.sources.metrics import is_metrics, parse_metrics
from copilot_usage_cli.sources.own_json import is_own, read_own
from copilot_usage_cli.sources.payload import (
    InvalidPayload,
    UnexpectedPayload,
    day_of,
    expect_object,
    not_usage,
    parse_each,
    parse_record,
    shown,
)
from copilot_usage_cli.sources.recognition import USER_TEAMS, USER_TEAMS_HINT, is_membership, is_user_line
from copilot_usage_cli.sources.reports.aggregated import is_aggregate, parse_aggregated, unwrap_days
from copilot_usage_cli.sources.reports.fields import says_no_report
from copilot_usage_cli.sources.reports.teams import Members, TeamLists
from copilot_usage_cli.sources.reports.user_lines import TooManyLines, WholePeriodLine
from copilot_usage_cli.sources.reports.users import UserDays
from copilot_usage_cli.sources.statement import OwnerIds, reported_days
from copilot_usage_cli.text import one_line


def read_files(names: Sequence[str], scope: Scope) -> FetchResult:
    """Read a scope's daily records from files, as they come; `-` is stdin.

    A record that this tool wrote keeps its source and must be of the scope. A users report is added up as it is
    read; for a team, a user-teams report must be among the files. Raises UsageError for a file that can't be read
    or that is another scope's, NotUnderstood for one that is not a usage report.
    """
    files = open_files(names, again=scope.team is not None)
    try:
        reading = _Reading(scope, _read_members(files, scope) if scope.team is not None else None, Room())
        for file in files:
            _read_each(file, reading.add, reading.add_span)
    finally:
        for file in files:
            file.close()
    return reading.result(files)


def read_files_of_many(names: Sequence[str], scopes: Sequence[Scope]) -> dict[Scope, FetchResult]:
    """Read the daily records of several scopes from files that say whose each record is; of all, if none are given.

    Raises UsageError for a file that can't be read, or that holds a record of another scope or of nobody.
    """
    room = Room()
    readings = {scope: _Reading(scope, None, room) for scope in scopes}

    def add(payload: Any, *, in_report: bool) -> None:
        name = expect_object(payload).get("scope")
        if not isinstance(name, str):
            hint = "name one scope, or give files that say it for each record, as --json writes it"
            raise UnexpectedPayload(" doesn't say whose it is", hint)
        try:
            scope = Scope.parse(name)
        except UsageError as error:
            raise UnexpectedPayload(f": {error.message}", error.hint) from None
        if scopes and scope not in readings:
            raise UnexpectedPayload(
                f" belongs to {one_line(name, 60)!r}, which isn't asked for", "name all scopes of the files"
            )
        readings.setdefault(scope, _Reading(scope, None, room)).add(payload, in_report=in_report)

    files = open_files(names)
    for file in files:
        _read_each(file, add)
    return {scope: reading.result(files) for scope, reading in readings.items()}


class _Reading:
    """What is read from files: days as they come, and users, who are added up."""

    def __init__(self, scope: Scope, members: Members | None, room: Room) -> None:
        self._scope = scope
        self._members = members
        self._owners = OwnerIds(scope)
        self._users = UserDays(scope, members)
        self._records = KeptDays(scope, room)
        self._read = 0
        self._last_read: dict[date, int] = {}
        self._first = date.max
        self._last = date.min
        self._has_user_teams = False

    def result(self, files: Sequence[InputFile]) -> FetchResult:
        """Return what was read, of which files."""
        if self._has_user_teams and not self._records and not self._users.has_lines:
            names = ", ".join(file.label for file in files)
            raise NotUnderstood(f"{names}: this is {USER_TEAMS}", USER_TEAMS_HINT)
        users = [(self._last_read.get(record.day, 0), record) for record in self._users.records()]
        facts = SourceFacts(
            summed=frozenset(record.day for _, record in users), organizations=self._users.organizations
        )
        if self._first <= self._last:
            facts = facts._replace(reported_since=self._first, reported_until=self._last)
        if conflicts := self._users.conflicts:
            days = format_ranges(conflicts)
            warning = f"lines of the same user and day differ, the last read counts: {days}"
            facts = facts._replace(warnings=(warning,))
        if not users:
            return FetchResult(self._records.records(), facts)
        in_order = sorted([*self._records.numbered(), *users], key=itemgetter(0))  # of equal ones the last counts
        return FetchResult([record for _, record in in_order], facts)

    def add(self, payload: Any, *, in_report: bool) -> None:
        """Add a record; `in_report` if it is a day of a 28-day report."""
        payload = expect_object(payload)
        if is_membership(payload):
            self._owners.check(payload)
            self._has_user_teams = True
            return
        is_aggregated = in_report or is_aggregate(payload)
        self._owners.check(payload, is_aggregate=is_aggregated)
        self.add_span(payload)
        self._read += 1
        if "user_id" in payload:
            if not is_user_line(payload):
                raise not_usage(payload)
            self._owners.check_users(payload)
            self._add_user(payload)
        else:
            self._records.add(_record(payload, self._scope, is_aggregated=is_aggregated), self._read)

    def add_span(self, payload: dict[str, Any]) -> None:
        """Take the days that a report says that it covers."""
        if (span := reported_days(payload)) is not None:
            self._first, self._last = min(self._first, span[0]), max(self._last, span[1])

    def _add_user(self, payload: dict[str, Any]) -> None:
        if self._members == {}:
            raise UnexpectedPayload(
                f" is from a users report, but no input says who is in {self._scope}",
                "give the user-teams reports of the same days, too",
            )
        try:
            self._users.add(payload)
            self._last_read[day_of(payload)] = self._read
        except WholePeriodLine:
            raise InvalidPayload(
                " covers a user's whole period, not one day", "give reports whose lines have a day each"
            ) from None
        except TooManyLines as error:
            raise InvalidPayload(
                f" is too much: {error}", "give fewer files at a time; history import keeps what came before"
            ) from None


class _Read(Protocol):
    """Takes a record; `in_report` if it is a day of a 28-day report."""

    def __call__(self, payload: Any, *, in_report: bool) -> None:
        """Take a record."""


def _read_each(file: InputFile, read: "_Read", read_report: Callable[[dict[str, Any]], None] = lambda _: None) -> None:
    """Hand each record, out of arrays and 28-day reports, to `read`, and what such a report says of all of them."""
    items = (item for document in file.documents() for item in _unwrapped(file, document, read_report))
    for _ in parse_each(items, lambda item: read(item[0], in_report=item[1]), f"{file.label}: record"):
        pass


def _unwrapped(
    file: InputFile, document: Any, read_report: Callable[[dict[str, Any]], None]
) -> Iterator[tuple[Any, bool]]:
    """Unpack arrays within an array, as `gh api --paginate --slurp` prints them, and 28-day reports."""
    for item in document if isinstance(document, list) else [document]:
        if isinstance(item, dict) and "day_totals" in item:
            try:
                read_report(item)
                for day in unwrap_days(item):
                    yield day, True
            except InvalidPayload as error:
                raise error.located(file.label) from None
        elif not says_no_report(item):
            yield item, False


def _record(payload: dict[str, Any], scope: Scope, *, is_aggregated: bool) -> DailyRecord:
    """Read a record of any generation; raises InvalidPayload."""
    name = payload.get("scope")
    if isinstance(name, str) and not scope.is_named(name):
        raise UnexpectedPayload(
            f" belongs to {one_line(name, 60)!r}, not to {str(scope)!r}", "name the scope that the file belongs to"
        )
    if is_own(payload):
        return read_own(payload, scope)
    if payload.get("source") is not None:
        known = ", ".join(HELD_SOURCES)
        raise InvalidPayload(f", field source: {shown(payload['source'])} is not a source", f"one of {known}, or none")
    if is_metrics(payload):
        return parse_metrics(payload, scope)
    if is_aggregated:
        if scope.team is not None:
            raise UnexpectedPayload(" is an aggregated report, which has no teams", "name the scope that it belongs to")
        return parse_aggregated(payload, scope)
    return parse_record(payload, scope, USAGE)


def _read_members(files: Sequence[InputFile], scope: Scope) -> Members:
    lists = TeamLists(scope.kind, [scope.team or ""])

    def read(payload: Any, *, in_report: bool) -> None:  # noqa: ARG001 - a _Read
        if isinstance(payload, dict) and is_membership(payload):
            lists.add(payload)

    for file in files:
        _read_each(file, read)
    return lists.members(scope)
