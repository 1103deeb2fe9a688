"""From queries to daily records, however many: users of one owner are fetched together, all else side by side."""

from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import TYPE_CHECKING, Protocol
from weakref import WeakSet

from copilot_usage_cli.errors import CopilotUsageError
from copilot_usage_cli.github.client import Client
from copilot_usage_cli.model.fetch_result import NO_FINAL_DAYS, FetchResult, FinalDays
from copilot_usage_cli.model.query import Query
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.model.vocabulary import AUTO, USAGE, USER_REPORTS, Owned
from copilot_usage_cli.sources.generation_cache import GenerationCache
from copilot_usage_cli.sources.generations import Asked, Numbered, OwnerGroup, has_pages, modern_source

if TYPE_CHECKING:
    from copilot_usage_cli.sources.parallel import Outcome, Progress
    from copilot_usage_cli.sources.reports.teams import TeamLists


class HeldDays(Protocol):
    """Tells which days a history holds."""

    def final_days(self, scope: Scope, source: str, *, complete: bool = False) -> FinalDays:
        """Return the days of a source that needn't be asked for one by one; if `complete`, those that have all."""


class Fetcher:
    """Asks one GitHub, for a whole run, remembering which generation of its API worked.

    At most `jobs` reports are fetched at a time.
    """

    def __init__(
        self, client: Client, cache: GenerationCache | None = None, progress: "Progress | None" = None, jobs: int = 4
    ) -> None:
        self._client = client
        self._cache = cache
        self._progress = progress
        self._jobs = jobs
        self._lists: dict[Scope, TeamLists] = {}
        self._groups: WeakSet[OwnerGroup] = WeakSet()

    def fetch(self, query: Query, held: HeldDays | None = None) -> FetchResult:
        """Fetch a scope's daily records; raises the errors of errors.py.

        With `held`, nothing is asked beyond what GitHub keeps: a history has the rest.
        """
        todo = deque(self._tasks([query], held, is_ahead=False))
        results: list[Numbered] = []
        while todo:
            found, tasks = todo.popleft()()
            results += found
            todo.extend(tasks)
        self._save()
        ((_, result),) = results
        if isinstance(result, CopilotUsageError):
            raise result
        return result

    def fetch_each(self, queries: Sequence[Query], held: HeldDays | None = None) -> Generator[Numbered, None, None]:
        """Fetch the records of many scopes, and yield the place of each in `queries` with its result as it comes.

        An error of the errors.py is the result of the scopes that it is about. `held` is asked in the caller's thread.
        """
        from copilot_usage_cli.sources.parallel import run_each

        try:
            yield from run_each(self._tasks(queries, held, is_ahead=True), self._jobs)
        finally:
            self._save()

    def so_far(self) -> list[Numbered]:
        """Return what has been read for scopes whose reports aren't all read yet, by their places."""
        return [numbered for group in self._groups for numbered in group.so_far()]

    def list_scopes(self, query: Query, what: Owned) -> list[Scope]:
        """List all teams or organizations of an owner, of which `query` is one; raises the errors of errors.py."""
        from copilot_usage_cli.sources.listing import list_organizations, list_teams

        if what == "organizations":
            return list_organizations(self._client, query.scope, self._jobs)
        host, owner = self._client.address.hostname, f"{query.scope.kind}:{query.scope.owner}"
        known = self._cache.get(host, owner) if self._cache and query.source == AUTO else query.source
        scopes, lists = list_teams(self._client, query, self._jobs, is_classic=known == USAGE)
        if lists is not None:
            self._lists[query.scope] = lists
        return scopes

    def _save(self) -> None:
        if self._cache:
            self._cache.save()

    def _tasks(
        self, queries: Sequence[Query], held: HeldDays | None, *, is_ahead: bool
    ) -> "Iterator[Callable[[], Outcome[Numbered]]]":
        """Make a task of each owner's teams, and of each other query, when it is its turn.

        What is held is looked up ahead where the task runs in another thread, else only if it is needed.
        """
        groups: dict[object, list[int]] = {}
        for number, query in enumerate(queries):
            scope = query.scope
            of_users = query.source == USER_REPORTS or (query.source == AUTO and scope.team is not None)
            is_shared = of_users and not has_pages(query)
            groups.setdefault((scope.kind, scope.owner.lower()) if is_shared else number, []).append(number)
        for numbers in groups.values():
            group = [self._asked(number, queries[number], held, is_ahead=is_ahead) for number in numbers]
            lists = self._lists.get(group[0].owner)
            owner = OwnerGroup(self._client, self._cache, self._jobs, self._progress, group, lists)
            self._groups.add(owner)
            yield owner.begin

    @staticmethod
    def _asked(number: int, query: Query, held: HeldDays | None, *, is_ahead: bool) -> Asked:
        def look_up() -> FinalDays:
            if held is None or query.refresh or query.source == USAGE or has_pages(query):
                return NO_FINAL_DAYS
            return held.final_days(query.scope, modern_source(query), complete=query.complete)

        found = look_up() if is_ahead else None
        return Asked(number, query, look_up if found is None else lambda: found, held is not None)
