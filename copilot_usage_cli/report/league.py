"""Several scopes beside each other: what of each stays, in which order, and what must be known of them. No I/O."""

import marshal
from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.report.build import Report
from copilot_usage_cli.report.grouping import Row, Value
from copilot_usage_cli.report.headline import Ratio, headline
from copilot_usage_cli.text import listed, plural

_TEAMS = "teams overlap, and leave people out: their numbers don't add up to those of the organization or enterprise"
_MISSING = "no data for "
_OWNERS = "a person may be in several of these: their users don't add up"


class Standing(NamedTuple):
    """What is shown of one scope among others: its whole period as one row, and how its users went.

    `change` is that of its active users, a fraction. There may be thousands, so the row and the days are packed.
    """

    scope: Scope
    source: str
    since: date | None
    until: date | None
    days: int
    change: float | None
    packed: bytes
    around: tuple[int, int] = (0, 0)

    @property
    def whole(self) -> Row:
        """The whole period."""
        row: Row = marshal.loads(self.packed)[0]  # noqa: S302 - what standing_of() made
        return row

    @property
    def daily(self) -> tuple[Ratio, ...]:
        """A ratio for each day, with as many days `around` it of which nothing is known."""
        daily: tuple[Ratio, ...] = marshal.loads(self.packed)[1]  # noqa: S302
        unknown: Ratio = (None, None)
        return (*[unknown] * self.around[0], *daily, *[unknown] * self.around[1])


class Notes:
    """Notes of many reports: each once, with the scopes that it is about."""

    def __init__(self) -> None:
        self._scopes: dict[str, set[Scope]] = {}
        self._places: dict[str, int] = {}

    def add(self, scope: Scope, notes: Iterable[str]) -> None:
        """Add the notes of a scope's report, the weightiest first."""
        for place, note in enumerate(notes):
            self._scopes.setdefault(note, set()).add(scope)
            self._places[note] = min(place, self._places.get(note, place))

    def of(self, scopes: Sequence[Scope]) -> list[str]:
        """Write the notes of a report of these scopes: the weightiest first, and of these what is about most.

        Missing days of single scopes are one note.
        """
        place = {scope: number for number, scope in enumerate(scopes)}
        about = {note: sorted(place.keys() & found, key=place.__getitem__) for note, found in self._scopes.items()}
        ordered = sorted(
            (note for note in about if about[note]),
            key=lambda note: (self._places[note], -len(about[note]), place[about[note][0]], note),
        )
        found: list[str] = []
        missing: list[str] = []
        at = 0
        for note in ordered:
            if len(about[note]) == len(place):
                found.append(note)
            elif note.startswith(_MISSING):
                at = at if missing else len(found)
                missing += [f"{scope} {note.partition(': ')[2]}" for scope in about[note]]
            else:
                found.append(f"{listed(list(map(str, about[note])))}: {note}")
        if missing:
            of_all = plural(len(place), "scope")
            every = "both scopes" if len(place) == 2 else f"all {of_all}"
            gaps = every if len(missing) == len(place) else f"{len(missing)} of {of_all}"
            found.insert(at, f"days without data in {gaps}: {listed(missing)}")
        return found


def standing_of(report: Report) -> Standing:
    """Reduce a report to what is shown of it among others."""
    users = headline(report)[0]
    return Standing(
        report.query.scope,
        report.source,
        report.since,
        report.until,
        report.days,
        users.change,
        marshal.dumps((report.whole(), users.daily)),
    )


def users_column(*, filtered: bool) -> str:
    """Return the column of active users in a row of a whole period."""
    return "active_users_at_least" if filtered else "active_users_mean"


def rank(scope: Scope, value: Value) -> tuple[bool, float, str]:
    """Return what orders scopes by a column: the largest number first, unknown ones last, then by name."""
    known = isinstance(value, int | float)
    return not known, -value if isinstance(value, int | float) else 0.0, str(scope).lower()


def why_not_added(scopes: Sequence[Scope]) -> list[str]:
    """Say why numbers of these scopes don't add up, where they don't."""
    if sum(scope.team is not None for scope in scopes) > 1:
        return [_TEAMS]
    return [_OWNERS] if len(scopes) > 1 else []
