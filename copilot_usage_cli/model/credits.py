"""AI credits, and the premium requests before them: what was used, what the plan covers, and what is charged.

Amounts are exact decimals; money is in US dollars. Credits replaced premium requests on 2026-06-01.
"""

from calendar import monthrange
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal, NamedTuple

FIRST_CREDITS = date(2026, 6, 1)
"""The first day of AI credits; days before it have premium requests."""

FIRST_OF_USERS = date(2026, 6, 19)
"""The first day of which users reports have AI credits."""

Era = Literal["credits", "requests"]


class Slice(NamedTuple):
    """What one answer is of: a month, or a day of it."""

    year: int
    month: int
    day: int | None = None

    @property
    def first(self) -> date:
        """The first day."""
        return date(self.year, self.month, 1 if self.day is None else self.day)

    @property
    def last(self) -> date:
        """The last day."""
        return date(self.year, self.month, monthrange(self.year, self.month)[1] if self.day is None else self.day)

    @property
    def era(self) -> Era:
        """Whether it is of credits, or of premium requests."""
        return "credits" if self.first >= FIRST_CREDITS else "requests"

    def __str__(self) -> str:
        return f"{self.first}" if self.day is not None else f"{self.year:04}-{self.month:02}"


class Item(NamedTuple):
    """A row of an answer: a product, its SKU and model, and quantities with their prices.

    Gross is what was used, discount what included credits cover, net what is charged.
    """

    product: str | None
    sku: str | None
    model: str | None
    unit: str | None
    gross_quantity: Decimal
    gross_amount: Decimal
    discount_quantity: Decimal
    discount_amount: Decimal
    net_quantity: Decimal
    net_amount: Decimal

    @property
    def amounts(self) -> tuple[Decimal, ...]:
        """The six numbers."""
        return self[4:]


AMOUNTS = Item._fields[4:]


class Answer(NamedTuple):
    """The items of a slice; of one organization or cost center where it was asked for that alone.

    `alone` says what else it was asked for alone, such as `user ann`.
    """

    of: Slice
    items: tuple[Item, ...]
    organization: str | None = None
    cost_center: str | None = None
    alone: tuple[str, ...] = ()


class UserCredits(NamedTuple):
    """What users reports say that people used, by login: None where that is known on no day of theirs.

    `user_days` are the lines of people and days, `known` those of them that have credits. GitHub gives it for analysis:
    it is not what is charged.
    """

    by_user: dict[str, Decimal | None]
    user_days: int = 0
    known: int = 0
    without_data: tuple[date, ...] = ()


def slices_of(first: date, last: date, today: date) -> list[Slice]:
    """Cover days with as few slices as there can be: whole months, and single days.

    A month that isn't over is whole if all of its days up to today are there. `first` isn't after `last`.
    """
    found: list[Slice] = []
    day = first
    while day <= last:
        month = Slice(day.year, day.month)
        if day.day == 1 and (month.last <= last or last >= today):
            found.append(month)
            day = month.last + timedelta(days=1)
        else:
            found.append(Slice(day.year, day.month, day.day))
            day += timedelta(days=1)
    return found


def days_of(first: date, last: date) -> list[Slice]:
    """Return a slice for each day."""
    return [
        Slice(day.year, day.month, day.day)
        for day in (first + timedelta(days=n) for n in range((last - first).days + 1))
    ]
