"""What a document for people shows, whatever its format: cards, charts, tables and notes."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Literal, NamedTuple

from copilot_usage_cli.render.grid import Grid
from copilot_usage_cli.report.before import NO_CHANGE
from copilot_usage_cli.report.chart import Chart


class About(NamedTuple):
    """Where a document comes from: the command, without what is secret in it, the version, and today, in UTC."""

    command: str
    version: str
    today: date


class Card(NamedTuple):
    """A number of the whole period: what it means, what it is over, and how it changed.

    `change` is a fraction, of `points` for rates; None if it can't be told. `before` says what it changed from; empty
    if nothing is compared.
    """

    label: str
    value: str
    definition: str
    basis: str = ""
    change: float | None = None
    points: bool = False
    before: str = ""


class Picture(NamedTuple):
    """A chart and how it is drawn: bars, bars inside bars, or lines, of some of its series by their labels.

    `small` is the same with fewer slots, for little room, and `few` with as many as have a date each; `percent` if the
    numbers are fractions.
    """

    title: str
    kind: Literal["bars", "nested", "lines"]
    chart: Chart
    small: Chart
    labels: dict[str, str]
    percent: bool = False
    few: Chart | None = None


class Part(NamedTuple):
    """A table under its title, and what must be said of it.

    `fold` lays it out anew with so many names and all others in one row; None where rows can only be left out.
    """

    title: str
    grid: Grid
    words: str = ""
    fold: Callable[[int], Grid] | None = None


def notes_for_readers(notes: Sequence[str]) -> tuple[str, ...]:
    """Leave out what tells whoever runs the command which option there is."""
    return tuple(note for note in notes if not note.endswith(NO_CHANGE))


class Document(NamedTuple):
    """All that is shown, in its order: `title` has the scope first, `numbers` are the headline as a table.

    `panels` are small charts of several scopes by their names. `daily` is the one table that may be left out.
    """

    title: tuple[str, ...]
    about: About
    cards: tuple[Card, ...] = ()
    numbers: Grid | None = None
    pictures: tuple[Picture, ...] = ()
    panels: tuple[tuple[str, Picture], ...] = ()
    parts: tuple[Part, ...] = ()
    daily: Part | None = None
    notes: tuple[str, ...] = ()

    @property
    def source(self) -> str:
        """Where the numbers come from, as the title says it; nothing where it doesn't."""
        return next((part for part in self.title if part.startswith("source: ")), "")
