"""What a final status of GitHub's API means for a scope, and the cure; each generation brings its own rules."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from copilot_usage_cli.errors import CopilotUsageError, NotAllowed, NotFound, NotUnderstood, Unavailable, UsageError
from copilot_usage_cli.github.address import Address
from copilot_usage_cli.github.auth import Token
from copilot_usage_cli.github.client import StatusError
from copilot_usage_cli.model.scope import Scope


class AccessRules(NamedTuple):
    """Who may read an API: `needs` says it for a scope, `gone` why it may not be there.

    `never_for_enterprises` are prefixes of tokens that can't work there, with their names. `policy` answers a 403
    that is about a policy, or None.
    """

    needs: Callable[[Scope], str]
    gone: str
    never_for_enterprises: Mapping[str, str]
    policy: Callable[[Scope, str], str | None]


def explain_status(  # noqa: PLR0913 - what was asked, of whom, and how
    refused: StatusError,
    scope: Scope,
    address: Address,
    token: Token,
    rules: AccessRules,
    *,
    options: Sequence[str] = (),
) -> CopilotUsageError:
    """Turn a final status into an error that says what happened, for which scope and host, and what to do.

    `options` are those of the command line that the request had parameters of.
    """
    problem = f"{scope}: {address.netloc} answered {refused.status}" + (
        f" ({refused.github_message})" if refused.github_message else ""
    )
    if refused.status == 401:
        kind = _wrong_token_kind(scope, token, rules)
        return NotAllowed(
            f"{problem}: the token from {token.where} was refused",
            f"it may have expired or been revoked, or belong to another host; set a new one{kind}",
        )
    if refused.status == 403:
        policy = rules.policy(scope, refused.github_message)
        who = "" if policy else f": the token from {token.where} may not read this"
        return NotAllowed(f"{problem}{who}", policy or _permission_hint(refused, scope, token, rules))
    if refused.status in {404, 410}:
        return NotFound(problem, not_found_hint(scope, address, token, rules))
    if refused.status in {400, 422}:
        given = f"these parameters; check {' and '.join(options)}"
        alone = (
            "this request; its message may say why" if refused.github_message else "this request, without saying why"
        )
        return UsageError(problem, f"GitHub refuses {given if options else alone}")
    if refused.status >= 500:
        return Unavailable(problem, "GitHub, or a proxy before it, has a fault; try again later")
    return NotUnderstood(problem, "this answer is not part of GitHub's API; a proxy may have answered instead")


def not_found_hint(scope: Scope, address: Address, token: Token, rules: AccessRules) -> str:
    """Return all the reasons that GitHub may have to answer 404, with their cures."""
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
        f"{slug}, the token from {token.where} may lack permission (GitHub then answers 404, too), or {rules.gone}\n"
        f"{rules.needs(scope)}{_wrong_token_kind(scope, token, rules)}"
    )


def _permission_hint(refused: StatusError, scope: Scope, token: Token, rules: AccessRules) -> str:
    if refused.headers.get("x-github-sso", "").startswith("required"):
        return f"authorize the token for {scope.owner}'s single sign-on: GitHub, Settings, Tokens, Configure SSO"
    return f"{rules.needs(scope)}{_wrong_token_kind(scope, token, rules)}"


def _wrong_token_kind(scope: Scope, token: Token, rules: AccessRules) -> str:
    if scope.kind != "enterprise":
        return ""
    kinds = (kind for prefix, kind in rules.never_for_enterprises.items() if token.value.startswith(prefix))
    return "".join(f"; the token is {kind}, which can't work for an enterprise: use a classic one" for kind in kinds)
