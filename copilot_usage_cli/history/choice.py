"""Which of several sources a day that is held counts from."""

from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.model.vocabulary import METRICS, REPORTS, USAGE, USER_REPORTS


def sources_of(scope: Scope) -> tuple[str, ...]:
    """List the sources whose days may stand in a scope's reports, the preferred first."""
    return (USAGE, activity_source(scope), METRICS)


def activity_source(scope: Scope) -> str:
    """Return the source of a scope's activity of all features: for a team, GitHub has it by user alone."""
    return REPORTS if scope.team is None else USER_REPORTS
