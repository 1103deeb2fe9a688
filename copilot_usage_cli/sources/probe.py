"""Ask each generation of GitHub's API once whether it answers for a scope, without fetching a report."""

from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from copilot_usage_cli.errors import CopilotUsageError, NotFound
from copilot_usage_cli.github.client import Client
from copilot_usage_cli.model.period import Period
from copilot_usage_cli.model.query import Query
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.sources import classic

_GONE = "answered 410"


class Probe(NamedTuple):
    """How a generation answered: the path that was asked, and the error that a report would have, or None.

    `is_absent` if it wasn't found, `is_gone` if GitHub says that it was there once.
    """

    path: str
    error: CopilotUsageError | None = None
    is_absent: bool = False
    is_gone: bool = False


def probe_classic(client: Client, scope: Scope, today: date) -> Probe:
    """Ask the classic usage API for one day, and read it."""
    query = Query(scope, Period(), today, page=1, per_page=1)
    return _probe(classic.endpoint(scope), lambda: classic.fetch(client, query, query.period))


def probe_reports(client: Client, scope: Scope) -> Probe:
    """Ask today's API for the link to the latest report; of a team, to that of its owner's users."""
    from copilot_usage_cli.sources.reports.api import ReportsApi, latest_report, report_path

    api = ReportsApi(client, scope)
    report = latest_report(scope)
    return _probe(report_path(scope, report), lambda: api.envelope(report))


def _probe(path: str, ask: Callable[[], object]) -> Probe:
    try:
        ask()
    except CopilotUsageError as error:
        return Probe(path, error, isinstance(error, NotFound), _GONE in error.message)
    return Probe(path)
