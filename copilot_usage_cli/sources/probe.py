"""Ask each generation of GitHub's API once whether it answers for a scope, without fetching a report."""

from typing import NamedTuple

from copilot_usage_cli.errors import CopilotUsageError
from copilot_usage_cli.github.client import Client, StatusError
from copilot_usage_cli.github.status_errors import AccessRules, explain_status
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.sources import classic

_GONE = frozenset({404, 410})


class Probe(NamedTuple):
    """How a generation answered: the path that was asked, and the error that a report would have, or None."""

    path: str
    error: CopilotUsageError | None = None
    is_absent: bool = False


def probe_classic(client: Client, scope: Scope) -> Probe:
    """Ask the classic usage API for one day."""
    return _probe(client, scope, classic.endpoint(scope), {"per_page": 1}, classic.access_rules())


def probe_reports(client: Client, scope: Scope) -> Probe:
    """Ask today's API for the link to the latest report; of a team, to that of its owner's users."""
    from copilot_usage_cli.sources.reports.api import latest_report, report_path
    from copilot_usage_cli.sources.reports.permissions import ACCESS_RULES

    return _probe(client, scope, report_path(scope, latest_report(scope)), {}, ACCESS_RULES)


def _probe(client: Client, scope: Scope, path: str, query: dict[str, str | int], rules: AccessRules) -> Probe:
    try:
        client.get(client.url(path, query))
    except StatusError as refused:
        error = explain_status(refused, scope, client.address, client.token, rules)
        return Probe(path, error, refused.status in _GONE)
    except CopilotUsageError as error:
        return Probe(path, error)
    return Probe(path)
