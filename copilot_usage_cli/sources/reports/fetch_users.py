"""Add up users reports as they are fetched: an enterprise's or organization's, or in one pass those of all its teams.

A day is added up as soon as it is read, and its lines are forgotten: what stays is a record a team and day.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from copy import copy
from datetime import date
from functools import partial
from threading import Lock
from typing import Any

from copilot_usage_cli.errors import CopilotUsageError, NotUnderstood, Unavailable
from copilot_usage_cli.model.fetch_result import NO_FINAL_DAYS, FetchResult, FinalDays, NotListed, SourceFacts
from copilot_usage_cli.model.period import format_ranges
from copilot_usage_cli.model.query import Query
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.model.vocabulary import AUTO, USER_REPORTS
from copilot_usage_cli.sources.packing import PackedRecords, pack
from copilot_usage_cli.sources.parallel import Progress, run_all
from copilot_usage_cli.sources.payload import day_of, expect_day, expect_object, parse_each
from copilot_usage_cli.sources.reports.api import LOOK, Envelope, ReportsApi
from copilot_usage_cli.sources.reports.reach import Reach, facts_of, find_reach
from copilot_usage_cli.sources.reports.teams import Team, TeamIndex, TeamLists
from copilot_usage_cli.sources.reports.user_lines import TooManyLines, UserLines, WholePeriodLine
from copilot_usage_cli.sources.reports.users import UserSums
from copilot_usage_cli.sources.statement import OwnerIds
from copilot_usage_cli.text import plural

_LATEST = "users-28-day/latest"
_ONE_DAY = "users-1-day"
_TEAMS = "user-teams-1-day"
_UNLISTED = "the team is on no list of that day: it had fewer than five licensed members, or GitHub has no list"


class UsersPass:
    """One reading of an owner's users reports, and where teams are asked for of the lists of who is in which.

    The queries are of an enterprise or organization and teams of it, and differ in nothing else. `final_days` of a
    scope needn't be asked for, nor the days of `known_lists`, which are of all teams.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - what is asked, and what the run has one of
        self,
        api: ReportsApi,
        queries: Sequence[Query],
        final_days: Mapping[Scope, FinalDays],
        jobs: int,
        progress: Progress | None = None,
        known_lists: TeamLists | None = None,
    ) -> None:
        self._api = api
        self._queries = queries
        self._query = queries[0]
        self._final_days = final_days
        self._jobs = jobs
        self._progress = progress
        self._run = partial(run_all, jobs=jobs, progress=progress)
        self._known_lists = known_lists
        names = [query.scope.team for query in queries if query.scope.team is not None]
        self._lists = TeamLists(self._query.scope.kind, names) if names else None
        self._has_whole = len(names) < len(queries)
        self._users = self._new_lines()
        self._owners = OwnerIds(api.scope, joined=not self._has_whole)
        self._lock = Lock()
        self._sums: dict[Team | None, UserSums] = {}
        self._records: dict[Team | None, dict[date, bytes]] = defaultdict(dict)
        self._added_up: set[date] = set()
        self._without_users: set[date] = set()
        self._days_of: dict[Team, set[date]] = defaultdict(set)
        self._lists_read: dict[date, bool] = {}
        self._named: dict[frozenset[Team], Scope] = {}

    def results(self) -> list[FetchResult | CopilotUsageError]:
        """Fetch the daily records of each query.

        The result of a team may be an error: NotListed if it is on no day's list, UsageError if two teams answer to its
        name. What fails all is raised; once days have been added up, a failure of the network or of a report is the
        result of each, with these.
        """
        try:
            return self._results()
        except (Unavailable, NotUnderstood) as error:
            so_far = self.so_far()
            if not so_far:
                raise
            return [_with(error, so_far.get(place)) for place in range(len(self._queries))]

    def so_far(self) -> dict[int, FetchResult]:
        """Return the days of each query that have been added up, by its place."""
        with self._lock:
            index = TeamIndex(self._lists.teams if self._lists is not None else ())
            found = {}
            for place, query in enumerate(self._queries):
                teams: Collection[Team | None] = [None]
                facts = SourceFacts(source=USER_REPORTS)
                if query.scope.team is not None and self._lists is not None:
                    try:
                        named = index.find(query.scope)
                    except CopilotUsageError:
                        continue
                    teams, own = named, _by_its_slug(query.scope, named)
                    unlisted = frozenset(self._added_up.difference(*(self._days_of[team] for team in named)))
                    facts = facts._replace(days_without_data=unlisted, stored_as=own, team_id=_id_of(named))
                days = [each for team in teams for each in self._records.get(team, {}).items()]
                packed = [record for _, record in sorted(days)]
                if packed or facts.days_without_data:
                    found[place] = FetchResult(PackedRecords(query.scope, packed), facts)
            return found

    def _results(self) -> list[FetchResult | CopilotUsageError]:
        reach = find_reach(self._api, self._query, _LATEST)
        within = [day for day in sorted(reach.covered) if self._query.period.contains(day)]
        covered = [day for day in within if self._is_wanted(day, is_covered=True)]
        other: Sequence[date] = [day for day in reach.other if self._is_wanted(day, is_covered=False)]
        latest = reach.latest if self._has_whole or covered else None
        calls = bool(latest) + len(other) + (len(covered) + len(other) if self._lists is not None else 0)
        if calls:
            reports = f"{plural(calls, 'report')} of per-user data to add up; no user is kept"
            self._api.client.say(f"{self._api.scope}: {reports}")
        if self._lists is not None:
            self._run([partial(self._read_list, day) for day in covered])
            if not self._has_whole and not any(self._lists.of_day(day) for day in covered):
                latest = None  # there is nobody to look for
        if latest is not None:
            other = self._read_latest(latest, covered, other)
        self._run([partial(self._read_day, day) for day in other])
        for day in sorted(self._users.days):  # of a latest report that doesn't say which days it covers
            self._add_up(day)
        index = TeamIndex(self._lists.teams if self._lists is not None else ())
        results = [self._result(query, reach, within, index) for query in self._queries]
        moved = [place for place, query in enumerate(self._queries) if self._is_another(query, index)]
        if moved:  # what is held of these names is of other teams
            queries = [self._queries[place] for place in moved]
            again = UsersPass(self._api, queries, {}, self._jobs, self._progress).results()
            for place, result in zip(moved, again, strict=True):
                results[place] = result
        return results

    def _is_another(self, query: Query, index: TeamIndex) -> bool:
        """Return whether a name is of another team than that whose days are held."""
        held = self._final(query).team_id
        if not held or query.scope.team is None:
            return False
        with suppress(CopilotUsageError):
            ids = {team.id for team in index.find(query.scope) if team.id}
            return bool(ids) and held not in ids
        return False

    def _is_wanted(self, day: date, *, is_covered: bool) -> bool:
        """Return whether any scope needs a day: the latest report has its days at no cost, but not a team's members."""
        if is_covered and (self._has_whole or self._query.source != AUTO):
            return True  # by --source, distinct users are asked for, which no history has
        return any(day not in self._final(query).all for query in self._queries)

    def _final(self, query: Query) -> FinalDays:
        return self._final_days.get(query.scope, NO_FINAL_DAYS)

    def _new_lines(self) -> UserLines:
        keeps = None if self._has_whole or self._lists is None else self._lists.lists
        return UserLines(self._query.scope.kind, keeps, by_owner=self._lists is not None)

    def _read_latest(self, latest: Envelope, covered: Sequence[date], other: Sequence[date]) -> Sequence[date]:
        """Read the latest report, and return the days that remain to be read one by one."""
        try:
            self._add_lines(_LATEST, None, latest)
        except (WholePeriodLine, TooManyLines) as error:  # lines of the whole period can't make days
            days = sorted({*covered, *other})
            why = "has no days" if isinstance(error, WholePeriodLine) else "is too large to be added up at once"
            self._api.client.say(f"{self._api.scope}: the latest report {why}; asking for {len(days)} days one by one")
            self._users = self._new_lines()
            return days
        for day in covered:
            self._add_up(day)
        return other

    def _read_list(self, day: date) -> None:
        """Read who is in which team on a day."""
        lists = self._lists
        if lists is None or day in self._lists_read:
            return
        if self._known_lists is not None and lists.adopt(self._known_lists, day):
            self._lists_read[day] = True
            return
        envelope = self._api.envelope(_TEAMS, day)
        self._lists_read[day] = envelope is not None
        if envelope is not None:
            location = f"{self._api.scope}: the report {_TEAMS} of {day}, line"

            def add(line: Any) -> None:
                expect_day(day_of(line), (day,))
                lists.add(line)

            for _ in parse_each(self._api.lines(_TEAMS, day, envelope), add, location):
                pass

    def _read_day(self, day: date) -> None:
        """Read a day's report, unless it is known that nobody in it is asked for."""
        self._read_list(day)
        if self._lists is not None and not self._has_whole and not self._lists.of_day(day):
            return
        envelope = self._api.envelope(_ONE_DAY, day)
        try:
            if envelope is None or not self._add_lines(_ONE_DAY, day, envelope):
                self._without_users.add(day)
        except WholePeriodLine:
            raise NotUnderstood(f"{self._api.scope}: the report {_ONE_DAY} has lines without a day", LOOK) from None
        except TooManyLines as error:
            raise NotUnderstood(f"{self._api.scope}: the report {_ONE_DAY} of {day} is too large: {error}") from None
        self._add_up(day)

    def _add_lines(self, report: str, day: date | None, envelope: Envelope) -> bool:
        """Add the lines of a users report; returns whether there were any."""

        def add(line: Any) -> None:
            self._owners.check(expect_object(line))
            if line.get("day") is not None:
                expect_day(day_of(line), days)
            self._users.add(line)

        days = (day,) if day else envelope.days
        location = f"{self._api.scope}: the report {report}{f' of {day}' if day else ''}, line"
        lines = parse_each(self._api.lines(report, day, envelope), add, location)
        return sum(1 for _ in lines) > 0

    def _add_up(self, day: date) -> None:
        """Add up a day whose lines are all there, and forget them."""
        with self._lock:
            self._added_up.add(day)
            has_lines = day in self._users.days
            members: list[tuple[Team | None, Mapping[int, str] | None]] = [(None, None)] if self._has_whole else []
            members += [] if self._lists is None else self._lists.of_day(day).items()
            for team, users in members:
                if team is not None:
                    self._days_of[team].add(day)
                if has_lines:
                    sums = self._sums.setdefault(team, UserSums(self._api.scope))
                    self._records[team][day] = pack(sums.record(self._users, day, users))
            self._users.forget(day)
            if self._lists is not None:
                self._lists.forget(day)

    def _result(
        self, query: Query, reach: Reach, within: Sequence[date], index: TeamIndex
    ) -> FetchResult | CopilotUsageError:
        """Return what was read of a scope."""
        final = self._final(query)
        of_all = query.scope.team is None or self._lists is None
        held = final.all.intersection(reach.other if of_all else (*within, *reach.other))
        facts = facts_of(query, USER_REPORTS, reach, self._without_users, asked=self._api.was_asked)
        teams: Collection[Team | None] = [None]
        if not of_all:
            try:
                found = index.find(query.scope)
            except CopilotUsageError as error:
                return error
            listed = set().union(*(self._days_of[team] for team in found))
            unlisted = self._lists_read.keys() - listed
            facts = facts._replace(
                days_without_data=facts.days_without_data | unlisted,
                missing_reasons=dict.fromkeys(sorted(unlisted), _UNLISTED),
                warnings=tuple(self._aliases(query.scope, found)),
                stored_as=_by_its_slug(query.scope, found),
                team_id=_id_of(found),
            )
            if not listed and not final.held and (any(self._lists_read.values()) or held):
                return self._not_listed(query.scope, facts, held)
            teams = found
        by_day = [each for team in teams for each in self._records.get(team, {}).items()]
        conflicts = {day for team in teams if team in self._sums for day in self._sums[team].conflicts}
        if within_period := [day for day in sorted(conflicts) if query.period.contains(day)]:
            days = format_ranges(within_period)
            differ = f"lines of the same user and day differ, the last read counts: {days}"
            facts = facts._replace(warnings=(*facts.warnings, differ))
        packed = [record for _, record in sorted(by_day)]
        return FetchResult(PackedRecords(query.scope, packed), facts._replace(held_days=held))

    def _aliases(self, scope: Scope, teams: frozenset[Team]) -> Iterator[str]:
        """Say what a team that is named in another way is called, and which other scope of this run it is."""
        first = self._named.setdefault(teams, scope) if teams else scope
        if first != scope:
            yield f"this is the same team as {first}"
        elif _by_its_slug(scope, teams) is not None:
            yield f"this is the team {', '.join(sorted({team.slug for team in teams}))}"

    def _not_listed(self, scope: Scope, facts: SourceFacts, held: Collection[date]) -> NotListed:
        days = sorted({*self._lists_read, *held})
        hint = (
            "either there is no such team, or it never had five licensed members on these days: GitHub leaves smaller "
            "teams out"
        )
        if not all(self._lists_read.values()):
            hint += "; and for some of these days GitHub has no list of any team"
        error = NotListed(f"{scope} is on no list of team members from {days[0]} to {days[-1]}", hint)
        error.so_far = FetchResult([], facts)
        return error


def _with(error: CopilotUsageError, so_far: FetchResult | None) -> CopilotUsageError:
    found = copy(error)
    found.so_far = so_far
    return found


def _id_of(teams: Iterable[Team]) -> str:
    """Return the one id of a team, as it may be spelled in several ways."""
    return next(iter({team.id for team in teams if team.id}), "")


def _by_its_slug(scope: Scope, teams: Iterable[Team]) -> Scope | None:
    """Name a team by its own slug; None if the scope does, or names none."""
    slugs = sorted({team.slug for team in teams})
    if not slugs or (scope.team or "").lower() in slugs:
        return None
    return scope._replace(team=slugs[0])
