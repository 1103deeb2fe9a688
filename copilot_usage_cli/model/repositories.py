"""Pull requests by repository: a line for each repository with any on a day."""

from datetime import date
from typing import NamedTuple

from copilot_usage_cli.model.aggregates import PullRequests

STAGES = ("ready_to_first_review", "first_to_final_review", "final_review_to_merge")
"""The stages of a review; of each GitHub gives the median and the 90th percentile, in minutes."""

TIMES_OF_REVIEW = tuple(f"{what}_minutes_{stage}" for stage in STAGES for what in ("median", "p90"))


class ReviewTimes(NamedTuple):
    """How long reviews of merged pull requests took, in the order of TIMES_OF_REVIEW, and of how many it is known."""

    authored_by: str | None
    reviewed_by: str | None
    total_merged: int | None
    minutes: tuple[float | None, ...]


class RepositoryDay(NamedTuple):
    """The pull requests of a repository on a day; `review_times` are none where GitHub knows none."""

    day: date
    number: int
    name: str
    visibility: str | None
    pull_requests: PullRequests
    review_times: tuple[ReviewTimes, ...] = ()


class RepositoryDays(NamedTuple):
    """The repositories of an owner on the days of a period: on how many `days` with a report, and on which without."""

    since: date | None
    until: date | None
    lines: tuple[RepositoryDay, ...]
    days: int
    without_data: tuple[date, ...] = ()
