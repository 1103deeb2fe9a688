"""A source's daily records, with what a reader must know about them."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from copilot_usage_cli.errors import NotFound
from copilot_usage_cli.model.records import DailyRecord
from copilot_usage_cli.model.scope import Scope


class SourceFacts(NamedTuple):
    """What is known about the days that a source gave and about those that it didn't.

    `settles_in` is after how many days a day is final: a younger one may change, and isn't missing if it isn't
    there. `kept_since` is the first day that the source still has, because it keeps so much (`retention`).
    `missing_reasons` say why days are missing, `days_without_data` are those that were asked for one by one and that
    GitHub has no data for. `source` is what was asked, `reported_since` and `reported_until` the first and the last
    day of its latest report: up to that what isn't there is missing, however young. `summed` are days that were added
    up from lines of users, `organizations` those of an enterprise that only some of its organizations may have stated.
    `asked` is false if GitHub wasn't, because it keeps no day of the period. `held_days` are those that it wasn't asked
    for because a history has them. `stored_as` is the scope by its own name, where it was asked for by
    another: a history keeps it so; `team_id` is GitHub's id of a team, where it is known. `warnings` are sentences for
    the reader.
    """

    settles_in: int = 0
    kept_since: date | None = None
    retention: str = ""
    missing_reasons: Mapping[date, str] = {}
    days_without_data: frozenset[date] = frozenset()
    source: str = ""
    warnings: tuple[str, ...] = ()
    reported_since: date | None = None
    reported_until: date | None = None
    summed: frozenset[date] = frozenset()
    organizations: frozenset[date] = frozenset()
    asked: bool = True
    held_days: frozenset[date] = frozenset()
    stored_as: Scope | None = None
    team_id: str = ""


class FetchResult(NamedTuple):
    """Daily records in the order they were read, repeats included, and the facts about them."""

    records: Sequence[DailyRecord]
    facts: SourceFacts = SourceFacts()


class FinalDays(NamedTuple):
    """Days that needn't be asked for again: `held` ones that are final, and those `without_data`.

    `team_id` is of which team they are, by GitHub's id, where that is known: a slug may move to another team.
    """

    held: frozenset[date]
    without_data: frozenset[date]
    team_id: str = ""

    @property
    def all(self) -> frozenset[date]:
        """Both."""
        return self.held | self.without_data


NO_FINAL_DAYS = FinalDays(frozenset(), frozenset())


class NotListed(NotFound):
    """An answer has no day of a scope, though it has others."""
