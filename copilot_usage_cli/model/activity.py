"""Activity: what people did with all features of Copilot on a day, as today's reports count it."""

from typing import NamedTuple


class ActivityRow(NamedTuple):
    """The activity of one name, or of a pair of names, on one day; None is unknown, never 0.

    `names` are in the order of the table's dimensions in TABLES.
    """

    names: tuple[str | None, ...] = ()
    user_initiated_interaction_count: int | None = None
    code_generation_activity_count: int | None = None
    code_acceptance_activity_count: int | None = None
    loc_suggested_to_add_sum: int | None = None
    loc_suggested_to_delete_sum: int | None = None
    loc_added_sum: int | None = None
    loc_deleted_sum: int | None = None


ACTIVITY_COUNTS = ActivityRow._fields[1:]

TABLES = {"totals_by_ide": ("ide",)}
"""GitHub's tables of activity, each with the dimensions of its rows' names."""
