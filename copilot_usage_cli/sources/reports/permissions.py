"""Who may read today's reports: GitHub's reference of the Copilot usage metrics API, as of November 2026."""

from copilot_usage_cli.github.status_errors import AccessRules
from copilot_usage_cli.model.scope import Scope


def _needs(scope: Scope) -> str:
    if scope.kind == "enterprise":
        return (
            'this requires an enterprise owner, a billing manager, or a custom role with "View Enterprise Copilot '
            'Metrics", with a classic token that has manage_billing:copilot or read:enterprise, or a GitHub App token '
            'with read access to "Enterprise Copilot metrics"; an Actions GITHUB_TOKEN can\'t read this anywhere'
        )
    return (
        'this requires an organization owner, or a custom role with "View Organization Copilot Metrics", with a '
        "classic token that has read:org, or a fine-grained or GitHub App token with read access to "
        '"Organization Copilot metrics"; an Actions GITHUB_TOKEN can\'t read this anywhere'
    )


def _policy(scope: Scope, words: str) -> str | None:
    """Say where the policy is switched on; GitHub names it in its refusal."""
    if "policy" not in words.lower():
        return None
    if scope.kind == "enterprise":
        where = "on GitHub under the enterprise's AI Controls, Copilot, Billing & usage"
    else:
        where = (
            "on GitHub under the enterprise's AI Controls, Copilot, Billing & usage, or, for an organization of its "
            "own, under the organization's Settings, Copilot, Policies"
        )
    return (
        f'an owner sets the policy "Copilot usage metrics" to "Enabled everywhere", {where}; the first report comes a '
        "day later"
    )


ACCESS_RULES = AccessRules(
    needs=_needs,
    gone="this host has no reports API",
    # GitHub documents none of these for enterprises but GitHub App tokens; a fine-grained one is unverified.
    never_for_enterprises={},
    policy=_policy,
)
