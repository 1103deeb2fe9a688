"""The known breaks in GitHub's series of reports: what changed, and from which day on.

From GitHub's changelog and documentation; the cap of 2026-02-11 was seen in data.
"""

from datetime import date

BREAKS = (
    (date(2025, 10, 10), "the first day of enterprises"),
    (date(2025, 12, 12), "the first day of organizations"),
    (date(2026, 2, 11), "breakdowns keep the ten largest rows"),
    (date(2026, 2, 27), "the reports became generally available"),
    (date(2026, 4, 10), "the Copilot CLI counts"),
    (date(2026, 5, 29), "cohorts of adoption were added"),
    (date(2026, 6, 15), "server-side telemetry adds active users, without breakdowns"),
    (date(2026, 6, 19), "AI credits were added"),
    (date(2026, 7, 17), "reports of repositories became available"),
    (date(2026, 7, 28), "the Copilot app counts"),
    (date(2026, 8, 7), "third-party agents were added"),
    (date(2026, 9, 11), "VS Code's Agents window was added"),
    (date(2026, 9, 17), "customizations of the CLI and feature engagement were added"),
    (date(2026, 9, 25), "review times were added"),
    (
        date(2026, 10, 6),
        "agent sessions of IDEs, left out or counted as CLI before, count again with each IDE's update",
    ),
)


def describe_breaks(first: date, last: date) -> str:
    """Describe the breaks after `first` and up to `last`; empty if there are none."""
    return "; ".join(f"{day}: {what}" for day, what in BREAKS if first < day <= last)
