"""From a query to daily records: the one place that picks GitHub's API generation."""

from datetime import date, timedelta
from typing import TYPE_CHECKING, Protocol

from copilot_usage_cli.errors import CopilotUsageError, NotFound
from copilot_usage_cli.github.client import Client
from copilot_usage_cli.model.fetch_result import FetchResult, SourceFacts
from copilot_usage_cli.model.period import Period
from copilot_usage_cli.model.query import Query
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.model.vocabulary import AUTO, REPORTS, USAGE, USER_REPORTS
from copilot_usage_cli.sources import classic
from copilot_usage_cli.sources.generation_cache import GenerationCache

if TYPE_CHECKING:
    from copilot_usage_cli.sources.parallel import Progress


class HeldDays(Protocol):
    """Tells which days a history holds."""

    def final_days(self, scope: Scope, source: str) -> frozenset[date]:
        """Return the days of a source that needn't be asked for one by one."""


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

    def fetch(self, query: Query, held: HeldDays | None = None) -> FetchResult:
        """Fetch a scope's daily records; raises the errors of errors.py.

        With `held`, nothing is asked beyond what GitHub keeps: a history has the rest.
        """
        classic_only = query.page is not None or query.per_page is not None
        if query.source == AUTO and not classic_only:
            return self._fetch_auto(query, held)
        return self._fetch_from(USAGE if query.source == AUTO else query.source, query, held)

    def _fetch_auto(self, query: Query, held: HeldDays | None) -> FetchResult:
        """Ask the classic API, and today's where that is gone; first the one that worked last."""
        host, scope = self._client.address.hostname, query.scope
        owner = f"{scope.kind}:{scope.owner}"
        modern = USER_REPORTS if scope.team is not None else REPORTS
        order = [USAGE, modern]
        in_reach = held is None or _within_kept_days(query) is not None
        if (self._cache and self._cache.get(host, owner) == REPORTS) or not in_reach:
            order.reverse()
        try:
            result, used = self._fetch_from(order[0], query, held), order[0]
        except NotFound as first:
            try:
                result, used = self._fetch_from(order[1], query, held), order[1]
            except NotFound as second:
                raise self._neither_found(query, first, second) from None
        if self._cache and in_reach:  # of an older period, neither may have been asked for anything
            self._cache.put(host, owner, USAGE if used == USAGE else REPORTS)
        return result

    def _fetch_from(self, source: str, query: Query, held: HeldDays | None) -> FetchResult:
        if source == USAGE:
            period = query.period if held is None else _within_kept_days(query)
            records = [] if period is None else classic.fetch(self._client, query, period)
            facts = SourceFacts(
                kept_since=_first_kept_day(query),
                retention=f"{classic.KEPT_DAYS} days",
                source=USAGE,
                asked=period is not None,
            )
            return FetchResult(records, facts)
        from copilot_usage_cli.sources.reports.api import ReportsApi

        final = frozenset() if held is None or query.refresh else held.final_days(query.scope, source)
        api = ReportsApi(self._client, query.scope, query.dates_given)
        if source != USER_REPORTS:
            from copilot_usage_cli.sources.reports.fetch_aggregated import fetch_aggregated

            return fetch_aggregated(api, query, final, self._jobs, self._progress)
        from copilot_usage_cli.sources.reports.fetch_users import fetch_users

        (result,) = fetch_users(api, [query], {query.scope: final}, self._jobs, self._progress)
        if isinstance(result, CopilotUsageError):
            raise result
        return result

    def _neither_found(self, query: Query, first: NotFound, second: NotFound) -> NotFound:
        from copilot_usage_cli.github.status_errors import not_found_hint
        from copilot_usage_cli.sources.reports.fetch_users import TeamNotListed
        from copilot_usage_cli.sources.reports.permissions import ACCESS_RULES

        for error in (first, second):
            if isinstance(error, TeamNotListed):
                return error
        scope, address = query.scope, self._client.address
        problem = (
            f"{scope}: {address.netloc} answered 404 to both generations of its API, the usage API and the reports"
        )
        return NotFound(problem, not_found_hint(scope, address, self._client.token, ACCESS_RULES))


def _first_kept_day(query: Query) -> date:
    return query.today - timedelta(days=classic.KEPT_DAYS)


def _within_kept_days(query: Query) -> Period | None:
    """Narrow a period to what the classic API keeps; None if nothing is left of it."""
    period, oldest = query.period, _first_kept_day(query)
    if period.until is not None and period.until < oldest:
        return None
    if period.since is None or period.since >= oldest:
        return period
    return period._replace(since=oldest, since_sent=f"{oldest}T00:00:00Z")
