"""Which generation of GitHub's API answers for an owner: the one place that picks it.

What is asked for together is of one owner: a scope, or several teams, which today's reports have all at once.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from copilot_usage_cli.errors import CopilotUsageError, NotFound
from copilot_usage_cli.github.client import Client
from copilot_usage_cli.model.fetch_result import FetchResult, FinalDays, NotListed
from copilot_usage_cli.model.query import Query
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.model.vocabulary import AUTO, REPORTS, USAGE, USER_REPORTS
from copilot_usage_cli.sources import classic
from copilot_usage_cli.sources.generation_cache import GenerationCache
from copilot_usage_cli.sources.parallel import Outcome

if TYPE_CHECKING:
    from copilot_usage_cli.sources.parallel import Progress
    from copilot_usage_cli.sources.reports.fetch_users import UsersPass
    from copilot_usage_cli.sources.reports.teams import TeamLists

Result = FetchResult | CopilotUsageError
Numbered = tuple[int, Result]


class Asked(NamedTuple):
    """A query by its place among those of the run, and what tells the days that needn't be asked for one by one.

    `is_limited` if nothing is to be asked beyond what GitHub keeps, since a history has the rest.
    """

    number: int
    query: Query
    final_days: Callable[[], FinalDays]
    is_limited: bool

    @property
    def owner(self) -> Scope:
        """The enterprise or organization that the scope is, or is in."""
        return Scope(self.query.scope.kind, self.query.scope.owner)


class OwnerGroup:
    """The teams of one owner, or one scope of another kind: all of it is asked of the same generations."""

    def __init__(  # noqa: PLR0913, PLR0917 - what the run has one of, and what is asked
        self,
        client: Client,
        cache: GenerationCache | None,
        jobs: int,
        progress: "Progress | None",
        group: Sequence[Asked],
        known_lists: "TeamLists | None" = None,
    ) -> None:
        self._client = client
        self._cache = cache
        self._jobs = jobs
        self._progress = progress
        self._group = group
        self._known_lists = known_lists
        self._under_way: tuple[Sequence[Asked], UsersPass] | None = None
        query = group[0].query
        self._query = query
        self._owner = f"{query.scope.kind}:{query.scope.owner}"
        self._is_in_reach = not group[0].is_limited or classic.within_kept_days(query) is not None

    def begin(self) -> Outcome[Numbered]:
        """Ask for all; an error that isn't about one of them is about each."""
        try:
            if has_pages(self._query) or self._query.source == USAGE:
                return Outcome([(each.number, self._classic(each)) for each in self._group])
            if self._query.source != AUTO:
                return Outcome(self._numbered(self._group, self._reports(self._group)))
            return self._auto()
        except CopilotUsageError as error:
            return Outcome([(each.number, error) for each in self._group])

    def so_far(self) -> list[Numbered]:
        """Return what has been read of reports that aren't all read yet."""
        under_way = self._under_way
        if under_way is None:
            return []
        asked, reading = under_way
        return [(asked[place].number, result) for place, result in reading.so_far().items()]

    def _auto(self) -> Outcome[Numbered]:
        """Ask the classic API, and today's where that is gone; first the one that worked last."""
        host = self._client.address.hostname
        is_modern = self._cache is not None and self._cache.get(host, self._owner) == REPORTS
        if self._is_in_reach and not is_modern:
            return self._classic_first(self._group)
        return self._reports_first()

    def _classic_first(self, asked: Sequence[Asked]) -> Outcome[Numbered]:
        """Ask the classic API for one; whether it is there at all is the same for the others.

        A failure doesn't tell: the next one does.
        """
        first, *others = asked
        try:
            result = self._classic(first)
        except NotFound as error:
            return self._reports_instead([(first, error)], others)
        except CopilotUsageError as error:
            return Outcome([(first.number, error)], [partial(self._classic_first, others)] if others else ())
        self._remember(USAGE)
        return Outcome([(first.number, result)], self._classic_tasks(others))

    def _reports_first(self) -> Outcome[Numbered]:
        try:
            results = self._reports(self._group)
        except NotFound as error:
            return Outcome((), self._classic_tasks(self._group, error))
        if not all(isinstance(each, NotFound) for each in results):
            self._remember(REPORTS)
            return Outcome(self._numbered(self._group, results))
        first, *others = self._group  # no team is on a list: the classic API may know them, if it is there
        try:
            result = self._classic(first)
        except NotFound:
            return Outcome(self._numbered(self._group, results))
        except CopilotUsageError as error:
            return Outcome([(first.number, error), *self._numbered(others, results[1:])])
        self._remember(USAGE)
        return Outcome([(first.number, result)], self._classic_tasks(others))

    def _reports_instead(
        self, not_found: Sequence[tuple[Asked, NotFound]], others: Sequence[Asked] = ()
    ) -> Outcome[Numbered]:
        """Ask today's API for what the classic one doesn't have, and for others that it wasn't asked for."""
        missing = [each for each, _ in not_found]
        try:
            results = self._reports([*missing, *others])
        except NotFound as error:
            neither = [(each.number, self._neither_found(each, first, error)) for each, first in not_found]
            return Outcome(neither, self._classic_tasks(others, error))
        if not all(isinstance(each, NotFound) for each in results):
            self._remember(REPORTS)
        return Outcome(self._numbered([*missing, *others], results))

    def _classic_tasks(
        self, asked: Sequence[Asked], reports_error: NotFound | None = None
    ) -> list[Callable[[], Outcome[Numbered]]]:
        """Make a task of each; what isn't found is asked of the reports at the end, unless these aren't there."""
        not_found: list[tuple[Asked, NotFound]] = []
        remaining = len(asked)
        lock = Lock()

        def ask(each: Asked) -> Outcome[Numbered]:
            nonlocal remaining
            results: list[Numbered] = []
            try:
                results.append((each.number, self._classic(each)))
            except NotFound as error:
                if reports_error is None:
                    not_found.append((each, error))
                else:
                    results.append((each.number, self._neither_found(each, error, reports_error)))
            except CopilotUsageError as error:
                results.append((each.number, error))
            with lock:
                remaining -= 1
                is_last = not remaining
            if reports_error is not None and not all(isinstance(result, NotFound) for _, result in results):
                self._remember(USAGE)
            return Outcome(results, [lambda: self._reports_at_the_end(not_found)] if is_last and not_found else ())

        return [partial(ask, each) for each in asked]

    def _reports_at_the_end(self, not_found: Sequence[tuple[Asked, NotFound]]) -> Outcome[Numbered]:
        try:
            return self._reports_instead(not_found)
        except CopilotUsageError as error:
            return Outcome([(each.number, error) for each, _ in not_found])

    def _classic(self, asked: Asked) -> FetchResult:
        return classic.fetch_days(self._client, asked.query, is_limited=asked.is_limited)

    def _reports(self, asked: Sequence[Asked]) -> Sequence[Result]:
        """Ask today's API; raises the errors of errors.py for what is about all of them."""
        from copilot_usage_cli.sources.reports.api import ReportsApi

        query = self._query
        of_all = len(asked) > 1  # whatever fails all of them isn't about the first
        scope = asked[0].owner if of_all else asked[0].query.scope
        api = ReportsApi(self._client, scope, query.dates_given)
        if modern_source(query) == REPORTS:
            from copilot_usage_cli.sources.reports.fetch_aggregated import fetch_aggregated

            return [fetch_aggregated(api, asked[0].query, asked[0].final_days(), self._jobs, self._progress)]
        from copilot_usage_cli.sources.reports.fetch_users import UsersPass

        final = {each.query.scope: each.final_days() for each in asked}
        queries = [each.query for each in asked]
        reading = UsersPass(api, queries, final, self._jobs, self._progress, self._known_lists)
        self._under_way = asked, reading
        try:
            return reading.results()
        finally:
            self._under_way = None

    @staticmethod
    def _numbered(asked: Iterable[Asked], results: Iterable[Result]) -> list[Numbered]:
        return [(each.number, result) for each, result in zip(asked, results, strict=True)]

    def _remember(self, source: str) -> None:
        if self._cache and self._is_in_reach:  # of an older period, neither may have been asked for anything
            self._cache.put(self._client.address.hostname, self._owner, source)

    def _neither_found(self, asked: Asked, first: NotFound, second: NotFound) -> NotFound:
        from copilot_usage_cli.github.status_errors import not_found_hint
        from copilot_usage_cli.sources.reports.permissions import ACCESS_RULES

        for error in (first, second):
            if isinstance(error, NotListed):
                return error
        scope, address = asked.query.scope, self._client.address
        problem = (
            f"{scope}: {address.netloc} answered 404 to both generations of its API, the usage API and the reports"
        )
        return NotFound(problem, not_found_hint(scope, address, self._client.token, ACCESS_RULES))


def has_pages(query: Query) -> bool:
    """Return whether a query is about pages, which the classic API alone has."""
    return query.page is not None or query.per_page is not None


def modern_source(query: Query) -> str:
    """Return which of today's reports a query is answered from."""
    if query.source == AUTO:
        return USER_REPORTS if query.scope.team is not None else REPORTS
    return query.source
