"""Who may read the classic usage API: GitHub's REST reference of its endpoints, API version 2022-11-28."""

from copilot_usage_cli.github.status_errors import Access
from copilot_usage_cli.model.scope import Scope


def _needs(scope: Scope) -> str:
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


ACCESS = Access(
    needs=_needs,
    gone="this host has retired the endpoint, as github.com did in 2025",
    never_for_enterprises={
        "github_pat_": "a fine-grained personal access token",
        "ghs_": "a GitHub App installation token or an Actions GITHUB_TOKEN",
        "ghu_": "a GitHub App user token",
    },
    policy=lambda _scope, _words: None,
    parameters="--since, --until, --page and --per-page",
)
