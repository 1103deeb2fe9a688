"""Copilot seats: who has one, since when, by whom, and when they were last active."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple


class Seat(NamedTuple):
    """A seat of one person, or of nobody; moments are in UTC, None is unknown or never.

    `user` is GitHub's id of the person, `teams` and `organizations` are those that granted the seat, a team of an
    enterprise by its slug alone. `ends` is the day on which a cancelled seat ends. GitHub forgets a `last_activity`
    after 90 days.
    """

    user: int | None
    login: str | None
    granted: datetime
    last_activity: datetime | None = None
    editor: str | None = None
    ends: date | None = None
    plan: str | None = None
    teams: tuple[str, ...] = ()
    organizations: tuple[str, ...] = ()

    @property
    def is_nobodys(self) -> bool:
        """Whether the seat names nobody."""
        return self.user is None and self.login is None

    def is_ending(self, today: date) -> bool:
        """Return whether a cancelled seat is still there: it ends on a day to come."""
        return self.ends is not None and self.ends >= today


class Seats(NamedTuple):
    """The seats of a scope, one for each person, and one for each that nobody has.

    `objects` are how many GitHub listed, `total` is its own number of people. `invited` are people who haven't
    accepted yet; None where GitHub doesn't say. `warnings` are sentences for the reader.
    """

    people: tuple[Seat, ...]
    objects: int
    total: int | None = None
    invited: int | None = None
    warnings: tuple[str, ...] = ()


_PLANS = ("enterprise", "business")  # that of the higher price counts


def one_a_person(seats: Iterable[Seat]) -> tuple[Seat, ...]:
    """Make one seat of all that a person has: several organizations or teams may grant one.

    The newest activity counts, with its editor, and the earliest grant; it ends if all of them end, when the last
    does. What nobody has is kept as it is.
    """
    by_user: dict[int | str, list[Seat]] = {}
    nobodys = []
    for seat in seats:
        if seat.is_nobodys:
            nobodys.append(seat)
        else:
            by_user.setdefault((seat.login or "").lower() if seat.user is None else seat.user, []).append(seat)
    return (*map(_joined, by_user.values()), *nobodys)


def _joined(seats: Sequence[Seat]) -> Seat:
    if len(seats) == 1:
        return seats[0]
    latest = max(seats, key=lambda seat: (seat.last_activity is not None, seat.last_activity or seat.granted))
    ends = [seat.ends for seat in seats]
    plans = [plan for seat in seats if (plan := seat.plan) is not None]
    return latest._replace(
        login=next((seat.login for seat in seats if seat.login is not None), None),
        granted=min(seat.granted for seat in seats),
        ends=max(filter(None, ends)) if all(ends) else None,
        plan=next((plan for plan in _PLANS if plan in plans), plans[0] if plans else None),
        teams=_each_once(name for seat in seats for name in seat.teams),
        organizations=_each_once(name for seat in seats for name in seat.organizations),
    )


def _each_once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(names)))
