"""What the commands beside the usage reports show: sheets of rows, for people and for machines. No I/O.

The fields of a sheet depend on the options, never on the data.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Literal, NamedTuple

from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.text import plural

Value = str | int | float | Decimal | None
Row = dict[str, Value]

PREFIX = "previous_"
DAYS = "days"

Kind = Literal["name", "text", "count", "mean", "rate", "amount", "money"]
"""What a field holds: what names a row, another text, a whole number, a mean, a fraction, or an exact number of units
or of US dollars."""


class Field(NamedTuple):
    """A column: its name for machines, its header for people, what it holds, and how long it stays in little room.

    The lines of a header are parted by line feeds; a field without one is for machines alone. `words` are what people
    read instead of a text. What `adds` up over days is compared by its mean a day where the `days` are unlike.
    `known` is the column that says over how many days a number is, which people are told if these aren't all `days`.
    """

    name: str
    header: str = ""
    kind: Kind = "count"
    priority: int = 50
    words: Mapping[str, str] = {}
    adds: bool = False
    known: str = ""


class Sheet(NamedTuple):
    """Rows by their fields' names, under a title; `upright` if people are shown one number a line.

    `footer` is a last row for people, such as a total.
    """

    fields: tuple[Field, ...]
    rows: Sequence[Row]
    title: str = ""
    upright: bool = False
    footer: Row | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The fields' names."""
        return tuple(field.name for field in self.fields)


class View(NamedTuple):
    """All that a command shows: parts of a title, what machine formats write, what people see, and notes.

    People see `data`, too, where there are no `sheets`. Where nothing is shown the first note says why.
    """

    title: tuple[str, ...]
    data: Sheet
    notes: tuple[str, ...] = ()
    sheets: tuple[Sheet, ...] = ()

    @property
    def shown(self) -> tuple[Sheet, ...]:
        """The sheets for people that have rows."""
        return tuple(sheet for sheet in self.sheets or (self.data,) if sheet.rows)


class Circumstances(NamedTuple):
    """What a view is of: the run's moment, and who answered, if it wasn't a GitHub: `demo`, or the names of files."""

    moment: datetime
    answerer: str = ""


def title_of(scopes: Sequence[Scope], *parts: str) -> tuple[str, ...]:
    """Begin a title with the scope, or how many there are."""
    whose = str(scopes[0]) if len(scopes) == 1 else plural(len(scopes), "scope")
    return (whose, *filter(None, parts))


def scope_field(scopes: Sequence[Scope]) -> Field:
    """Return the first field of each sheet, which people see only if there are several scopes."""
    return Field("scope", "scope" if len(scopes) > 1 else "", "name")
