"""What a refusal by the classic API means for a scope, and the cure.

Roles and token scopes: GitHub's REST reference of the endpoints, API version 2022-11-28.
"""

from copilot_usage_cli.address import Address
from copilot_usage_cli.auth import Token
from copilot_usage_cli.client import Refused
from copilot_usage_cli.errors import CopilotUsageError, NotAllowed, NotFound, NotUnderstood, Unavailable, WrongUsage
from copilot_usage_cli.scopes import Scope

_NEVER_FOR_ENTERPRISES = {
    "github_pat_": "a fine-grained personal access token",
    "ghs_": "a GitHub App installation token or an Actions GITHUB_TOKEN",
    "ghu_": "a GitHub App user token",
}


def explain(refused: Refused, scope: Scope, address: Address, token: Token) -> CopilotUsageError:
    """Turn a final status into an error that says what happened, for which scope and host, and what to do."""
    what = f"{scope}: {address.netloc} answered {refused.status}" + (f" ({refused.words})" if refused.words else "")
    if refused.status == 401:
        return NotAllowed(
            f"{what}: the token from {token.where} was refused",
            f"it may have expired or been revoked, or belong to another host; set a new one{_wrong_kind(scope, token)}",
        )
    if refused.status == 403:
        return NotAllowed(
            f"{what}: the token from {token.where} may not read this", _permissions(refused, scope, token)
        )
    if refused.status in {404, 410}:
        return NotFound(what, _missing(scope, address, token))
    if refused.status in {400, 422}:
        return WrongUsage(what, "GitHub refuses these parameters; check --since, --until, --page and --per-page")
    if refused.status >= 500:
        return Unavailable(what, "GitHub, or a proxy before it, has a fault; try again later")
    return NotUnderstood(what, "this answer is no part of GitHub's API; a proxy may have answered instead")


def _permissions(refused: Refused, scope: Scope, token: Token) -> str:
    if refused.headers.get("x-github-sso", "").startswith("required"):
        return f"authorize the token for {scope.owner}'s single sign-on: GitHub, Settings, Tokens, Configure SSO"
    return f"{needs(scope)}{_wrong_kind(scope, token)}"


def needs(scope: Scope) -> str:
    """Say who may read a scope, and with which tokens."""
    if scope.kind == "enterprise":
        whose = "the enterprise" if scope.team is None else "the enterprise that the team is in"
        return (
            f"this takes an owner or billing manager of {whose}, with a classic token that has "
            "manage_billing:copilot or read:enterprise; an Actions GITHUB_TOKEN can't read this anywhere"
        )
    return (
        "this takes an organization owner, or an owner or billing manager of its enterprise, with a classic token "
        "that has manage_billing:copilot, read:org or read:enterprise, or a fine-grained or GitHub App token with read "
        'access to "GitHub Copilot Business" or "Administration"; an Actions GITHUB_TOKEN can\'t read this anywhere'
    )


def _missing(scope: Scope, address: Address, token: Token) -> str:
    if address.kind == "server":
        return (
            f"{address.hostname} looks like a GitHub Enterprise Server, which has no Copilot API; "
            "try another --hostname"
        )
    if scope.team is None:
        slug = f"the slug {scope.owner!r} may be wrong"
    elif scope.kind == "enterprise" and not scope.team.startswith("ent:"):
        slug = f"a slug may be wrong (enterprise teams are called ent:NAME, so maybe 'ent:{scope.team}')"
    else:
        slug = f"the slug {scope.owner!r} or {scope.team!r} may be wrong"
    return (
        f"{slug}, the token from {token.where} may lack permission (GitHub then answers 404, too), or this host has "
        f"retired the endpoint, as github.com did in 2025\n{needs(scope)}{_wrong_kind(scope, token)}"
    )


def _wrong_kind(scope: Scope, token: Token) -> str:
    if scope.kind != "enterprise":
        return ""
    kinds = (kind for prefix, kind in _NEVER_FOR_ENTERPRISES.items() if token.value.startswith(prefix))
    return "".join(f"; the token is {kind}, which can't work for an enterprise: use a classic one" for kind in kinds)
