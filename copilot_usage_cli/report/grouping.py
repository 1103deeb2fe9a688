"""What a report is grouped by, and the columns that follow from it: a contract that depends on the options alone."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import NamedTuple

from copilot_usage_cli.model.activity import ACTIVITY_COUNTS, table_of
from copilot_usage_cli.model.records import COUNTABLE_TOTALS, COUNTS, TOTALS
from copilot_usage_cli.model.vocabulary import FEATURE, IDE, MIXED, SCOPE, TIMES

RATES = ("acceptance_rate", "lines_acceptance_rate")
DAYS = "_days"
USER_DAYS = "_user_days"
ON_KNOWN_DAYS = "_on_known_days"  # the part of a sum that a mean is of
USERS = ("active_users", "active_chat_users")
ACTIVITY_COLUMNS = {
    "prompts": "user_initiated_interaction_count",
    "outputs": "code_generation_activity_count",
    "accepted": "code_acceptance_activity_count",
    "lines_suggested": "loc_suggested_to_add_sum",
    "lines_added": "loc_added_sum",
    "lines_deleted": "loc_deleted_sum",
}
_BY_IDE = {name: name for name in ACTIVITY_COUNTS}
NO_MODEL = "(completions, no model)"
"""The row of what GitHub names no model with, so that all rows add up to the whole; not a name of GitHub's."""

Value = str | int | float | None
Row = dict[str, Value]
Key = tuple[str | None, ...]


class Grouping(NamedTuple):
    """What to group by, in the order of the columns; `top` keeps so many names and folds the others into one row.

    `distinct` adds a column of distinct users, which only user-reports know.
    """

    by: tuple[str, ...] = ("day",)
    top: int | None = None
    distinct: bool = False

    @property
    def time(self) -> str | None:
        """The dimension of time, if there is one."""
        return next((name for name in self.by if name in TIMES), None)

    @property
    def names(self) -> tuple[str, ...]:
        """The dimensions that name rows."""
        return tuple(name for name in self.by if name not in {*TIMES, SCOPE})

    @property
    def table(self) -> str | None:
        """The table of activity that the rows come from, if they do."""
        return table_of(self.by)

    @property
    def of_cells(self) -> bool:
        """Whether the rows come from the breakdown of completions."""
        return bool(self.names) and self.table is None


def columns(grouping: Grouping, *, cells: bool) -> tuple[str, ...]:
    """List the columns of a grouping; `cells` if the rows come from the breakdown rather than the daily totals."""
    start = ("scope", "source", *grouping.by)
    known = known_columns(grouping, cells=cells)
    distinct = ("distinct_users",) if grouping.distinct else ()
    folded = () if grouping.top is None else ("folded",)
    if grouping.table is not None:
        rates = RATES if FEATURE in grouping.names else ()
        users = () if IDE in grouping.names else distinct
        return (*start, *activity_columns(grouping), *users, *rates, *folded, *known)
    if cells:
        return (*start, *COUNTS, "active_users_at_least", *distinct, *RATES, *folded, *known)
    if grouping.by == ("day",):
        return (*start, *TOTALS, *RATES, *known)
    means = (f"{name}_{what}" for name in USERS for what in ("mean", "peak", "days"))
    return (*start, "days", *COUNTABLE_TOTALS, *means, *distinct, *RATES, *known)


def known_columns(grouping: Grouping, *, cells: bool) -> tuple[str, ...]:
    """List the columns, always the last ones, that say over how many days and user-days each sum is known.

    The totals of one day need none: what is unknown is empty. User-days are counted where user-reports are asked for.
    """
    names: Collection[str] = COUNTS if cells else COUNTABLE_TOTALS
    if grouping.table is not None:
        names = activity_columns(grouping)
    days = () if grouping.time == "day" and names is not COUNTS else tuple(f"{name}{DAYS}" for name in names)
    if not grouping.distinct or names is not COUNTABLE_TOTALS:
        return days
    return (*days, "user_days", *(f"{name}{USER_DAYS}" for name in names))


def activity_columns(grouping: Grouping) -> Mapping[str, str]:
    """Return the columns of activity, each with the count that it is of; by IDE they have GitHub's own names."""
    return _BY_IDE if IDE in grouping.names else ACTIVITY_COLUMNS


def common(names: Iterable[str]) -> str:
    """Name the one scope or source of several records, or `mixed`."""
    distinct = set(names)
    return distinct.pop() if len(distinct) == 1 else MIXED


def time_key(day: date, unit: str | None, span: str) -> str:
    """Name the day, week or month that a day is in, or the whole period."""
    if unit == "day":
        return day.isoformat()
    if unit == "week":
        iso = day.isocalendar()
        return f"{iso.year:04}-W{iso.week:02}"
    if unit == "month":
        return day.isoformat()[:7]
    return span
