"""GitHub's classic usage API: `GET …/copilot/usage`, an array of daily records (API version 2022-11-28)."""

from urllib.parse import quote

from copilot_usage_cli.errors import NotUnderstood
from copilot_usage_cli.github.auth import Token, redact
from copilot_usage_cli.github.client import Client, Refused
from copilot_usage_cli.github.documents import decode
from copilot_usage_cli.github.status_errors import explain
from copilot_usage_cli.model.period import Period
from copilot_usage_cli.model.records import DailyRecord
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.sources.payload import parse_record
from copilot_usage_cli.sources.usage_access import ACCESS

SOURCE = "usage"
KEPT_DAYS = 28


def path(scope: Scope) -> str:
    """Give the endpoint of a scope; `team` is singular in GitHub's paths."""
    owner = "enterprises" if scope.kind == "enterprise" else "orgs"
    team = "" if scope.team is None else f"/team/{quote(scope.team, safe='')}"
    return f"/{owner}/{quote(scope.owner, safe='')}{team}/copilot/usage"


def fetch(
    client: Client, scope: Scope, period: Period, page: int | None = None, per_page: int | None = None
) -> list[DailyRecord]:
    """Fetch a scope's daily records as they come: all pages, or the one that `page` names.

    Raises the errors of errors.py; a page that fails fails the whole.
    """
    query: dict[str, str | int] = {}
    if period.since_sent:
        query["since"] = period.since_sent
    if period.until_sent:
        query["until"] = period.until_sent
    if page is not None:
        query["page"] = page
    if per_page is not None:
        query["per_page"] = per_page
    records: list[DailyRecord] = []
    whose = f"{scope}: the answer of {client.address.netloc}"
    try:
        for body in client.pages(path(scope), query, follow=page is None):
            records += _parse(body, whose, scope, len(records) + 1, client.token)
    except Refused as refused:
        raise explain(refused, scope, client.address, client.token, ACCESS) from None
    return records


def _parse(body: bytes, whose: str, scope: Scope, first: int, token: Token) -> list[DailyRecord]:
    try:
        payload = decode(body, whose)
        if isinstance(payload, list):
            return [parse_record(day, f"{whose}: record {n}", scope, SOURCE) for n, day in enumerate(payload, first)]
    except NotUnderstood as error:  # its words may be the server's, which may echo the token
        raise NotUnderstood(redact(error.message, token), error.hint) from None
    raise NotUnderstood(f"{whose} is no usage report: an array of days is due", "see it with `gh api`")
