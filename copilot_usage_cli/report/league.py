"""Several scopes beside each other: what of each stays, in which order, and what must be known of them. No I/O."""

import marshal
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.report.blocks import Ratio
from copilot_usage_cli.report.build import Report
from copilot_usage_cli.report.grouping import Row, Value
from copilot_usage_cli.report.headline import headline

_TEAMS = "teams overlap, and leave people out: their numbers don't add up to those of the organization or enterprise"
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
