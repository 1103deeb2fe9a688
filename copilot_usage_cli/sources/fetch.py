"""From a scope, a period and a source to daily records: the one place that picks GitHub's API generation."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

from copilot_usage_cli.cli.progress import Bar
from copilot_usage_cli.errors import NotFound
from copilot_usage_cli.github.client import Client
from copilot_usage_cli.github.status_errors import missing
from copilot_usage_cli.model.fetch_result import Facts, Fetched
from copilot_usage_cli.model.period import Period
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.model.vocabulary import AUTO, REPORTS, USAGE, USER_REPORTS
from copilot_usage_cli.sources import classic
from copilot_usage_cli.sources.generation_cache import Memory


@dataclass(frozen=True, slots=True)
class Question:
    """What to ask GitHub for. `page` and `per_page` are parameters of the classic API.

    `known` gives the days of a source that needn't be asked for one by one. `narrowed` if nothing is asked beyond
    what GitHub keeps, because a history has the rest.
    """

    scope: Scope
    period: Period
    today: date
    source: str = AUTO
    page: int | None = None
    per_page: int | None = None
    jobs: int = 4
    known: Callable[[str], frozenset[date]] = lambda _source: frozenset()
    narrowed: bool = False


@dataclass(frozen=True, slots=True)
class Fetcher:
    """Asks one GitHub, remembering which generation of its API worked."""

    client: Client
    memory: Memory = field(default_factory=lambda: Memory(None, date.min))
    bar: Bar = field(default_factory=lambda: Bar(shown=False))

    def fetch(self, question: Question) -> Fetched:
        """Fetch a scope's daily records; raises the errors of errors.py."""
        classic_only = question.page is not None or question.per_page is not None
        if question.source == AUTO and not classic_only:
            return self._auto(question)
        return self._from(USAGE if question.source == AUTO else question.source, question)

    def _auto(self, question: Question) -> Fetched:
        """Ask the classic API, and today's where that is gone; first the one that worked last."""
        scope, host = question.scope, self.client.address.hostname
        owner = f"{scope.kind}:{scope.owner}"
        modern = USER_REPORTS if scope.team is not None else REPORTS
        order = [USAGE, modern]
        in_reach = _classic_period(question) is not None
        if self.memory.recall(host, owner) == REPORTS or not in_reach:
            order.reverse()
        try:
            fetched, used = self._from(order[0], question), order[0]
        except NotFound as first:
            try:
                fetched, used = self._from(order[1], question), order[1]
            except NotFound as second:
                raise self._neither(question, first, second) from None
        if in_reach:  # of an older period, neither may have been asked for anything
            self.memory.keep(host, owner, USAGE if used == USAGE else REPORTS)
        return fetched

    def _from(self, source: str, question: Question) -> Fetched:
        if source == USAGE:
            period = _classic_period(question)
            records = (
                []
                if period is None
                else classic.fetch(self.client, question.scope, period, question.page, question.per_page)
            )
            return Fetched(records, Facts(kept_since=_classic_oldest(question), keeps="28 days", source=USAGE))
        from copilot_usage_cli.sources.reports.api import Reports

        reports = Reports(self.client, question.scope, question.today, question.jobs, self.bar, question.known(source))
        ask: Callable[[Period], Fetched] = reports.of_users if source == USER_REPORTS else reports.aggregated
        return ask(question.period)

    def _neither(self, question: Question, first: NotFound, second: NotFound) -> NotFound:
        from copilot_usage_cli.sources.reports.api import NotListed
        from copilot_usage_cli.sources.reports.permissions import ACCESS

        for error in (first, second):
            if isinstance(error, NotListed):
                return error
        scope, address = question.scope, self.client.address
        what = f"{scope}: {address.netloc} answered 404 to both generations of its API, the usage API and the reports"
        return NotFound(what, missing(scope, address, self.client.token, ACCESS))


def _classic_oldest(question: Question) -> date:
    return question.today - timedelta(days=classic.KEPT_DAYS)


def _classic_period(question: Question) -> Period | None:
    """Narrow a period to what the classic API keeps; None if nothing is left of it."""
    period, oldest = question.period, _classic_oldest(question)
    if not question.narrowed:
        return period
    if period.until is not None and period.until < oldest:
        return None
    if period.since is None or period.since >= oldest:
        return period
    return period._replace(since=oldest, since_sent=f"{oldest}T00:00:00Z")
