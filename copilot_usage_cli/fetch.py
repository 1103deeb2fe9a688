"""From a scope, a period and a source to daily records: the one place that picks GitHub's API generation."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

from copilot_usage_cli import usage_api
from copilot_usage_cli.client import Client
from copilot_usage_cli.errors import NotFound
from copilot_usage_cli.fetched import Facts, Fetched
from copilot_usage_cli.memory import Memory
from copilot_usage_cli.period import Period
from copilot_usage_cli.progress import Bar
from copilot_usage_cli.refusals import missing
from copilot_usage_cli.scopes import Scope

AUTO = "auto"
USAGE = "usage"
REPORTS = "reports"
USER_REPORTS = "user-reports"


@dataclass(frozen=True, slots=True)
class Question:
    """What to ask GitHub for. `page` and `per_page` are parameters of the classic API."""

    scope: Scope
    period: Period
    today: date
    source: str = AUTO
    page: int | None = None
    per_page: int | None = None
    jobs: int = 4


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
        if self.memory.recall(host, owner) == REPORTS:
            order.reverse()
        try:
            fetched, used = self._from(order[0], question), order[0]
        except NotFound as first:
            try:
                fetched, used = self._from(order[1], question), order[1]
            except NotFound as second:
                raise self._neither(question, first, second) from None
        self.memory.keep(host, owner, USAGE if used == USAGE else REPORTS)
        return fetched

    def _from(self, source: str, question: Question) -> Fetched:
        if source == USAGE:
            records = usage_api.fetch(self.client, question.scope, question.period, question.page, question.per_page)
            kept_since = question.today - timedelta(days=usage_api.KEPT_DAYS)
            return Fetched(records, Facts(kept_since=kept_since, keeps="28 days"))
        from copilot_usage_cli.reports_api import Reports

        reports = Reports(self.client, question.scope, question.today, question.jobs, self.bar)
        ask: Callable[[Period], Fetched] = reports.of_users if source == USER_REPORTS else reports.aggregated
        return ask(question.period)

    def _neither(self, question: Question, first: NotFound, second: NotFound) -> NotFound:
        from copilot_usage_cli.reports_access import ACCESS
        from copilot_usage_cli.reports_api import NotListed

        for error in (first, second):
            if isinstance(error, NotListed):
                return error
        scope, address = question.scope, self.client.address
        what = f"{scope}: {address.netloc} answered 404 to both generations of its API, the usage API and the reports"
        return NotFound(what, missing(scope, address, self.client.token, ACCESS))
