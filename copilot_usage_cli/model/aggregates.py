"""What GitHub's aggregated reports say of a day besides activity: people by surface, pull requests, adoption, the CLI.

Only the reports of an enterprise or organization have it: for a team, or from lines of users, it can't be worked out.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from copilot_usage_cli.model.activity import Counts

ACTIVE_USERS = (
    "weekly_active_users",
    "monthly_active_users",
    "monthly_active_chat_users",
    "monthly_active_agent_users",
    "daily_active_copilot_cloud_agent_users",
    "weekly_active_copilot_cloud_agent_users",
    "monthly_active_copilot_cloud_agent_users",
    "daily_active_copilot_code_review_users",
    "weekly_active_copilot_code_review_users",
    "monthly_active_copilot_code_review_users",
    "daily_passive_copilot_code_review_users",
    "weekly_passive_copilot_code_review_users",
    "monthly_passive_copilot_code_review_users",
    "daily_active_cli_users",
    "daily_active_copilot_app_users",
    "daily_active_vscode_agent_users",
    "weekly_active_vscode_agent_users",
    "monthly_active_vscode_agent_users",
)
"""People on a day, in the 7 days and in the 28 days up to it; those of the VS Code agent since Sunday, and since the
first of the month. `daily_active_users` are the total_active_users of a daily record."""

PULL_REQUESTS = (
    "total_created",
    "total_created_by_copilot",
    "total_merged",
    "total_merged_created_by_copilot",
    "total_merged_reviewed_by_copilot",
    "total_reviewed",
    "total_reviewed_by_copilot",
    "total_suggestions",
    "total_applied_suggestions",
    "total_copilot_suggestions",
    "total_copilot_applied_suggestions",
)
"""Counts of pull requests; all but those that were reviewed, which count on each day of a review, add up over days."""

MEDIANS = (
    "median_minutes_to_merge",
    "median_minutes_to_merge_copilot_authored",
    "median_minutes_to_merge_copilot_reviewed",
)
"""Medians of a day, in minutes; None where nothing was merged."""

SESSIONS = ("session_count", "request_count", "prompt_count", "output_tokens_sum", "prompt_tokens_sum")
"""What the CLI and the app count; the tokens stand in `token_usage`."""


class PullRequests(NamedTuple):
    """A day's pull requests, in the order of PULL_REQUESTS, and how long merging took, in the order of MEDIANS."""

    counts: Counts
    medians: tuple[float | None, ...] = (None,) * len(MEDIANS)


class Phase(NamedTuple):
    """A phase of adoption on a day: who is in it, of them who was active that day, and what they merged that day."""

    phase: str | None
    phase_number: int | None = None
    total_engaged_users: int | None = None
    users_in_phase_28d: int | None = None
    total_pull_requests_merged: int | None = None


class Engagement(NamedTuple):
    """People who used each feature on two or more of the 28 days up to a day, and all who are active."""

    active_user_count: int | None
    features: tuple[tuple[str | None, int | None], ...] = ()


class Aggregates(NamedTuple):
    """A day's people by surface (in the order of ACTIVE_USERS), pull requests, adoption, sessions of the CLI and app.

    None is what GitHub didn't give, or couldn't yet on that day.
    """

    active_users: Counts | None = None
    pull_requests: PullRequests | None = None
    phases: tuple[Phase, ...] | None = None
    engagement: Engagement | None = None
    cli: Counts | None = None
    app: Counts | None = None

    @property
    def is_blank(self) -> bool:
        """Whether there is no number at all."""
        counts = [*(self.active_users or ()), *(self.cli or ()), *(self.app or ())]
        if self.pull_requests is not None:
            counts += self.pull_requests.counts
        counts += [value for phase in self.phases or () for value in phase[2:]]
        if self.engagement is not None:
            counts += [self.engagement.active_user_count, *(users for _, users in self.engagement.features)]
        return all(value is None for value in counts)


NO_AGGREGATES = Aggregates()


def to_plain(aggregates: Aggregates) -> tuple[Any, ...]:
    """Return a day's aggregates as plain tuples, for what keeps them."""
    pulls, phases, engagement = aggregates.pull_requests, aggregates.phases, aggregates.engagement
    return (
        aggregates.active_users,
        None if pulls is None else tuple(pulls),
        None if phases is None else tuple(map(tuple, phases)),
        None if engagement is None else tuple(engagement),
        aggregates.cli,
        aggregates.app,
    )


def from_plain(plain: Sequence[Any]) -> Aggregates:
    """Return what `to_plain` was given, from its tuples or from lists of the same."""
    users, pulls, phases, engagement, cli, app = plain
    return Aggregates(
        _counts(users),
        None if pulls is None else PullRequests(*map(tuple, pulls)),
        None if phases is None else tuple(Phase(*phase) for phase in phases),
        None if engagement is None else Engagement(engagement[0], tuple((name, n) for name, n in engagement[1])),
        _counts(cli),
        _counts(app),
    )


def _counts(values: Sequence[int | None] | None) -> Counts | None:
    return None if values is None else tuple(values)
