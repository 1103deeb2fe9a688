"""Read JSON that comes from elsewhere: strictly where numbers are concerned, saying what is wrong and where."""

import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from functools import lru_cache
from operator import itemgetter
from typing import Any, Self, TypeVar

from copilot_usage_cli.errors import CopilotUsageError, NotUnderstood, UsageError
from copilot_usage_cli.model.arithmetic import Sums
from copilot_usage_cli.model.dates import FIRST_DAY, may_have_data
from copilot_usage_cli.model.records import COUNTS, TOTALS, BreakdownRow, DailyRecord
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.sources.recognition import is_classic, is_other, recognize
from copilot_usage_cli.text import one_line

Result = TypeVar("Result")

_LONGEST_NAME = 500  # characters; GitHub's own end at 255
MOST = 2**53  # the largest whole number that every JSON reader keeps exact
_DAY = r"(?a:\d{4}-\d\d-\d\d)"
_LOOK = "look at the record as it was fetched or saved"
_ROW_COUNTS = (*COUNTS, "active_users")


class InvalidPayload(Exception):
    """What is wrong with a payload; the loop that knows which record it is puts the location before the problem."""

    error: type[CopilotUsageError] = NotUnderstood

    def __init__(self, problem: str, hint: str = _LOOK) -> None:
        super().__init__(problem)
        self.problem = problem
        self.hint = hint

    def at(self, location: str) -> Self:
        """Return the same problem with a part of its location before it."""
        return type(self)(f"{location}{self.problem}", self.hint)

    def located(self, location: str) -> CopilotUsageError:
        """Return the error for people, with the whole location."""
        return self.error(f"{location}{self.problem}", self.hint)


class UnexpectedPayload(InvalidPayload):
    """A payload is sound, but is not what the command line says it is."""

    error = UsageError


class CountFields:
    """Reads the same counts from many rows: at once where all of them are there, as in millions of rows."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self._take = itemgetter(*names)

    def read(self, row: dict[str, Any]) -> Sums:
        """Read the counts, None where unknown; raises InvalidPayload, naming the field."""
        try:
            counts: Sums = self._take(row)
            for value in counts:
                if type(value) is not int or not 0 <= value <= MOST:
                    break
            else:
                return counts
        except KeyError:
            pass
        return tuple(count(row, name) for name in self._names)


_totals = CountFields(TOTALS)
_row_counts = CountFields(_ROW_COUNTS)


def parse_each(
    payloads: Iterable[Any], parse: Callable[[Any], Result], location: str, first: int = 1
) -> Iterator[Result]:
    """Yield what `parse` makes of each payload; what it finds wrong is located by the payload's number.

    Payloads that are still to come are closed at the end, however it comes: an error that is kept would keep them open,
    and the request that they come from.
    """
    try:
        for number, payload in enumerate(payloads, first):
            try:
                result = parse(payload)
            except InvalidPayload as error:
                raise error.located(f"{location} {number}") from None
            yield result
    finally:
        if isinstance(payloads, Generator):
            payloads.close()


def parse_record(payload: Any, scope: Scope, source: str) -> DailyRecord:
    """Read one daily record in the shape of the classic API; what the API doesn't define is ignored.

    An absent or null field is unknown. Raises InvalidPayload, naming the field, or what the payload is instead.
    """
    day = day_of(payload)
    if not is_classic(payload) or is_other(payload):
        raise not_usage(payload)
    try:
        return DailyRecord.of(scope, source, day, _totals.read(payload), _breakdown(payload))
    except InvalidPayload as error:
        raise error.at(f" ({day})") from None


def expect_object(payload: Any) -> dict[str, Any]:
    """Return a payload that is an object; raises InvalidPayload for any other."""
    if isinstance(payload, dict):
        return payload
    raise InvalidPayload(f" is {shown(payload)}, not a daily record", "each record is an object with a day")


def day_of(payload: Any, field: str = "day") -> date:
    """Read the day of a record; raises InvalidPayload."""
    day = expect_object(payload).get(field)
    if day is None:
        raise not_usage(payload)
    if isinstance(day, str) and (read := _date(day)) is not None:
        if not may_have_data(read):
            raise InvalidPayload(f", field {field}: no day of Copilot's is {day}", f"it has data from {FIRST_DAY} on")
        return read
    raise InvalidPayload(f", field {field}: {shown(day)} is not a date (YYYY-MM-DD)")


def not_usage(payload: dict[str, Any]) -> InvalidPayload:
    """Return an error that names what a payload is instead of a usage record."""
    if other := recognize(payload):
        return InvalidPayload(f" is {other.what}", other.hint)
    fields = one_line(", ".join(payload), 80) or "no field"
    if payload.get("day") is None:
        return InvalidPayload(f" has no day, so it is not a usage record: it has {fields}")
    return InvalidPayload(f" has no count of a usage record: it has {fields}")


def name_of(row: dict[str, Any], field: str) -> str | None:
    """Read a name, None where there is none; raises InvalidPayload, naming the field."""
    value = row.get(field)
    if value is None or isinstance(value, str):
        return value
    raise InvalidPayload(f", field {field}: {shown(value)} is not a name")


def expect_day(day: date, days: Collection[date]) -> None:
    """Raise InvalidPayload for a line of a day that a report isn't of; `days` are those that it is of, if known."""
    if days and day not in days:
        raise InvalidPayload(f" is of {day}, which is not a day of this report")


def short_name(row: dict[str, Any], field: str) -> str | None:
    """Read a name of which a list has very many; raises InvalidPayload, also for one longer than GitHub's can be."""
    name = name_of(row, field)
    if name is not None and len(name) > _LONGEST_NAME:
        raise InvalidPayload(f", field {field}: {shown(name)} has {len(name):,} characters, and no name has so many")
    return name


def unlike_names(names: Mapping[str, str]) -> dict[str, str]:
    """Return the names by their ids, with the id where several have the same."""
    times = Counter(names.values())
    return {number: name if times[name] == 1 else f"{name} ({number})" for number, name in names.items()}


def count(payload: dict[str, Any], field: str) -> int | None:
    """Read a count, None where it is unknown; raises InvalidPayload, naming the field."""
    value = payload.get(field)
    # bool is an int to Python; 40.0 is an integer to JSON Schema, by which GitHub describes its counts.
    if value is None or (type(value) is int and 0 <= value <= MOST):
        return value
    if type(value) is float and value.is_integer() and 0 <= value <= MOST:
        return int(value)
    raise InvalidPayload(f", field {field}: {shown(value)} is not a count (a whole number, 0 or more)")


def objects(rows: Any, field: str) -> list[dict[str, Any]]:
    """Return an array of objects; raises InvalidPayload, naming the field, if it isn't one."""
    if not isinstance(rows, list):
        raise InvalidPayload(f", field {field}: it is not a list of rows", "")
    for row in rows:
        if not isinstance(row, dict):
            raise InvalidPayload(f", field {field}: a row of it is not an object", "")
    return rows


def _breakdown(payload: dict[str, Any]) -> tuple[BreakdownRow, ...] | None:
    rows = payload.get("breakdown")
    if rows is None:
        return None
    if not isinstance(rows, list):
        raise InvalidPayload(f", field breakdown: {shown(rows)} is not a list of rows")
    breakdown = []
    for number, row in enumerate(rows):
        try:
            breakdown.append(_row(row))
        except InvalidPayload as error:
            raise error.at(f", breakdown[{number}]") from None
    return tuple(breakdown)


def _row(row: Any) -> BreakdownRow:
    if not isinstance(row, dict):
        raise InvalidPayload(f" is {shown(row)}, not a row")
    return BreakdownRow(name_of(row, "language"), name_of(row, "editor"), *_row_counts.read(row))


@lru_cache(maxsize=64)  # a users report names each day thousands of times
def _date(text: str) -> date | None:
    with suppress(ValueError):
        return date.fromisoformat(text) if re.fullmatch(_DAY, text) else None
    return None


def shown(value: Any) -> str:
    """Write a value for a message: short, and an object or a list by that name."""
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    of_json = value is None or isinstance(value, str | int | float)
    return one_line(json.dumps(value) if of_json else f"{value!s:.50}", 40)  # a Decimal, where fractions are exact
