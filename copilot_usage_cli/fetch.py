"""From a scope, a period and a source to daily records: the one place that picks GitHub's API generation."""

from copilot_usage_cli import usage_api
from copilot_usage_cli.client import Client
from copilot_usage_cli.period import Period
from copilot_usage_cli.records import DailyRecord
from copilot_usage_cli.scopes import Scope


def fetch(
    client: Client, scope: Scope, period: Period, *, page: int | None = None, per_page: int | None = None
) -> list[DailyRecord]:
    """Fetch a scope's daily records in the order GitHub gave them, repeats included."""
    return usage_api.fetch(client, scope, period, page, per_page)
