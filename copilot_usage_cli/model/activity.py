"""Activity: what people did with all features of Copilot on a day, as today's reports count it."""

from collections.abc import Iterable
from typing import NamedTuple

from copilot_usage_cli.model.vocabulary import EDITOR, FEATURE, IDE, LANGUAGE, MODEL

Counts = tuple[int | None, ...]


class ActivityRow(NamedTuple):
    """The activity of one name, or of a pair of names, on one day; None is unknown, never 0.

    `names` are in the order of the table's dimensions in TABLES. `user_bits` are the users as the bits of a number, as
    in DailyRecord.
    """

    names: tuple[str | None, ...] = ()
    user_initiated_interaction_count: int | None = None
    code_generation_activity_count: int | None = None
    code_acceptance_activity_count: int | None = None
    loc_suggested_to_add_sum: int | None = None
    loc_suggested_to_delete_sum: int | None = None
    loc_added_sum: int | None = None
    loc_deleted_sum: int | None = None
    user_bits: int | None = None

    @property
    def counts(self) -> Counts:
        """The counts, in the order of ACTIVITY_COUNTS."""
        return self[1:8]


ACTIVITY_COUNTS = ActivityRow._fields[1:8]
ActivityRows = tuple[ActivityRow, ...] | None


class Activity(NamedTuple):
    """A day's activity of all features: together, in the order of ACTIVITY_COUNTS, and in tables.

    None is what GitHub didn't give. `totals_by_ide` stands in the record itself.
    """

    totals: Counts | None = None
    totals_by_feature: ActivityRows = None
    totals_by_model_feature: ActivityRows = None
    totals_by_language_feature: ActivityRows = None
    totals_by_language_model: ActivityRows = None

    @property
    def tables(self) -> tuple[ActivityRows, ...]:
        """The tables, in the order of MORE_TABLES."""
        return self[1:]

    @property
    def is_blank(self) -> bool:
        """Whether there is no number at all."""
        rows = [self.totals or (), *(row.counts for table in self.tables for row in table or ())]
        return all(value is None for counts in rows for value in counts)


NO_ACTIVITY = Activity()
MORE_TABLES = Activity._fields[1:]

TABLES = {
    "totals_by_ide": (IDE,),
    "totals_by_feature": (FEATURE,),
    "totals_by_model_feature": (MODEL, FEATURE),
    "totals_by_language_feature": (LANGUAGE, FEATURE),
    "totals_by_language_model": (LANGUAGE, MODEL),
}
"""GitHub's tables of activity, each with the dimensions of its rows' names."""

WITHOUT_PROMPTS = frozenset({"totals_by_language_feature", "totals_by_language_model"})
"""The tables of which GitHub counts no prompts: a prompt has no language."""

COMPLETION = "code_completion"
"""The feature whose outputs are suggestions, which are accepted or not; and which no model is named with."""


OUTSIDE_IDES = frozenset({"copilot_cli", "copilot_app"})
"""The features that are in no IDE."""


def table_of(by: Iterable[str]) -> str | None:
    """Name the table of activity that answers dimensions; None if they aren't activity's.

    Raises ValueError, in words, for a combination that GitHub doesn't give.
    """
    names = frozenset(by) & _NAMES
    if not names & _OF_ACTIVITY:
        return None
    if names == {MODEL}:
        return "totals_by_model_feature"
    found = next((table for table, dimensions in TABLES.items() if names == set(dimensions)), None)
    if found is None:
        raise ValueError(_why_not(names))
    return found


def of_activity(by: Iterable[str] | None) -> bool:
    """Return whether dimensions are of the activity of all features, and not of completions alone."""
    return not _OF_ACTIVITY.isdisjoint(by or ())


def names_of_activity(by: Iterable[str]) -> str:
    """Write the dimensions that name rows, for people: `language and feature`."""
    return " and ".join("IDE" if name == IDE else name for name in by if name in _NAMES)


_OF_ACTIVITY = frozenset({IDE, FEATURE, MODEL})
_NAMES = _OF_ACTIVITY | {LANGUAGE, EDITOR}


def _why_not(names: frozenset[str]) -> str:
    if IDE in names:
        return f"{IDE!r} counts all features together, so it goes with a dimension of time only"
    if EDITOR in names:
        one, other = (FEATURE, MODEL) if FEATURE in names else (MODEL, FEATURE)
        return f"GitHub counts no {one} by editor: {one!r} goes with language and with {other}"
    return "GitHub counts pairs of language, feature and model, not all three together"
