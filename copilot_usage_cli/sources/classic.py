"""GitHub's classic usage API: `GET …/copilot/usage`, an array of daily records (API version 2022-11-28)."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from copilot_usage_cli.errors import NotUnderstood
from copilot_usage_cli.github.auth import Token, redact
from copilot_usage_cli.github.client import Client, StatusError
from copilot_usage_cli.github.decoding import decode
from copilot_usage_cli.model.fetch_result import FetchResult, SourceFacts
from copilot_usage_cli.model.period import Period
from copilot_usage_cli.model.query import Query
from copilot_usage_cli.model.records import DailyRecord
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.model.vocabulary import USAGE
from copilot_usage_cli.sources.kept_days import KeptDays, Room
from copilot_usage_cli.sources.payload import parse_each, parse_record

if TYPE_CHECKING:
    from copilot_usage_cli.github.status_errors import AccessRules

_KEPT_DAYS = 28


def endpoint(scope: Scope) -> str:
    """Return the path of a scope's endpoint; `team` is singular in GitHub's paths."""
    owner = "enterprises" if scope.kind == "enterprise" else "orgs"
    team = "" if scope.team is None else f"/team/{quote(scope.team, safe='')}"
    return f"/{owner}/{quote(scope.owner, safe='')}{team}/copilot/usage"


def fetch_days(client: Client, query: Query, *, is_limited: bool) -> FetchResult:
    """Fetch a scope's daily records; if `is_limited`, nothing is asked beyond the days that GitHub keeps."""
    period = within_kept_days(query) if is_limited else query.period
    records = [] if period is None else fetch(client, query, period)
    facts = SourceFacts(
        kept_since=_first_kept_day(query),
        retention=f"{_KEPT_DAYS} days",
        source=USAGE,
        asked=period is not None,
    )
    return FetchResult(records, facts)


def within_kept_days(query: Query) -> Period | None:
    """Narrow a period to the days that GitHub keeps; None if nothing is left of it."""
    period, oldest = query.period, _first_kept_day(query)
    if period.until is not None and period.until < oldest:
        return None
    if period.since is None or period.since >= oldest:
        return period
    return period._replace(since=oldest, since_sent=f"{oldest}T00:00:00Z")


def _first_kept_day(query: Query) -> date:
    return query.today - timedelta(days=_KEPT_DAYS)


def fetch(client: Client, query: Query, period: Period) -> Sequence[DailyRecord]:
    """Fetch a scope's daily records of a period as they come: all pages, or the one that the query names.

    Raises the errors of errors.py; a page that fails fails the whole.
    """
    scope, pages = query.scope, {"page": query.page, "per_page": query.per_page}
    given = {"since": period.since_sent, "until": period.until_sent, **pages}
    parameters = {name: value for name, value in given.items() if value is not None}
    kept, read = KeptDays(scope, Room()), 0
    label = f"{scope}: the answer of {client.address.netloc}"
    try:
        for body in client.pages(endpoint(scope), parameters, follow=query.page is None):
            read += _read_page(body, label, scope, read + 1, client.token, kept)
    except StatusError as refused:
        from copilot_usage_cli.github.status_errors import explain_status

        by_page = [f"--{name.replace('_', '-')}" for name, value in pages.items() if value is not None]
        options = [*query.dates_given, *by_page]
        raise explain_status(refused, scope, client.address, client.token, access_rules(), options=options) from None
    return kept.records()


def access_rules() -> "AccessRules":
    """Return who may read the API, by GitHub's REST reference of its endpoints."""
    from copilot_usage_cli.github.status_errors import AccessRules

    return AccessRules(
        needs=_needs,
        gone="this host has retired the endpoint, as github.com did in 2025",
        never_for_enterprises={
            "github_pat_": "a fine-grained personal access token",
            "ghs_": "a GitHub App installation token or an Actions GITHUB_TOKEN",
            "ghu_": "a GitHub App user token",
        },
        policy=lambda _scope, _words: None,
    )


def _needs(scope: Scope) -> str:
    if scope.kind == "enterprise":
        owner = "the enterprise" if scope.team is None else "the enterprise that the team is in"
        return (
            f"this requires an owner or billing manager of {owner}, with a classic token that has "
            "manage_billing:copilot or read:enterprise; an Actions GITHUB_TOKEN can't read this anywhere"
        )
    return (
        "this requires an organization owner, or an owner or billing manager of its enterprise, with a classic token "
        "that has manage_billing:copilot, read:org or read:enterprise, or a fine-grained or GitHub App token with read "
        'access to "GitHub Copilot Business" or "Administration"; an Actions GITHUB_TOKEN can\'t read this anywhere'
    )


def _read_page(  # noqa: PLR0913, PLR0917 - a page, whose, and where to
    body: bytes, label: str, scope: Scope, first: int, token: Token, kept: KeptDays
) -> int:
    """Keep the records of a page, of which the first is the `first` of all, and return how many there are."""

    def keep(payload: Any) -> None:
        kept.add(parse_record(payload, scope, USAGE))

    try:
        payload = decode(body, label)
        if isinstance(payload, list):
            return sum(1 for _ in parse_each(payload, keep, f"{label}: record", first))
    except NotUnderstood as error:  # its words may be the server's, which may echo the token
        raise NotUnderstood(redact(error.message, token), error.hint) from None
    raise NotUnderstood(f"{label} is not a usage report: expected an array of days", "see it with `gh api`")
