"""Who is active, on which surface, as GitHub counts people: on a day, and in the 7 and 28 days up to it. No I/O.

These are GitHub's own trailing windows. They overlap from day to day, so they are neither added nor averaged; of the
days of a period the last one is shown, and of the people of single days the mean and the most.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from copilot_usage_cli.model.aggregates import ACTIVE_USERS
from copilot_usage_cli.model.arithmetic import user_statistics
from copilot_usage_cli.model.records import DailyRecord
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.model.vocabulary import REPORTS
from copilot_usage_cli.report.daily_view import SOURCE, DayFound, Topic, daily_view
from copilot_usage_cli.report.days import Days
from copilot_usage_cli.report.view import Circumstances, Field, Row, Sheet, View, scope_field

BY = ("surface", "day")
DAILY = "daily_active_users"
WHAT = "active people by surface"


class Surface(NamedTuple):
    """A part of Copilot that people are counted on: GitHub's fields, by the days that each counts."""

    name: str
    label: str
    daily: str = ""
    weekly: str = ""
    monthly: str = ""
    since_sunday: str = ""
    since_first: str = ""


def _three(name: str, label: str, field: str) -> Surface:
    return Surface(name, label, f"daily_{field}", f"weekly_{field}", f"monthly_{field}")


_AGENTS_WINDOW = "vscode_agent"
SURFACES = (
    _three("any", "any feature", "active_users"),
    Surface("chat", "chat", monthly="monthly_active_chat_users"),
    Surface("agent", "agents in an IDE", monthly="monthly_active_agent_users"),
    _three("copilot_cloud_agent", "cloud agent", "active_copilot_cloud_agent_users"),
    _three("copilot_code_review", "code review, asked for", "active_copilot_code_review_users"),
    _three("passive_copilot_code_review", "code review, assigned", "passive_copilot_code_review_users"),
    Surface("cli", "CLI", "daily_active_cli_users"),
    Surface("copilot_app", "Copilot app", "daily_active_copilot_app_users"),
    Surface(
        _AGENTS_WINDOW,
        "VS Code's Agents window",
        "daily_active_vscode_agent_users",
        since_sunday="weekly_active_vscode_agent_users",
        since_first="monthly_active_vscode_agent_users",
    ),
)
_BY_SURFACE = (
    Field("surface", "surface", "name", words={surface.name: surface.label for surface in SURFACES}),
    Field("day", kind="text"),
    Field("days"),
    Field("daily", "that\nday", "count", 90),
    Field("daily_mean", "mean\na day", "mean", 60, known="daily_days"),
    Field("daily_peak", "peak", "count", 55),
    Field("daily_days"),
    Field("weekly", "7 days\nup to it", "count", 80),
    Field("monthly", "28 days\nup to it", "count", 85),
    Field("week_to_date", "since\nSunday", "count", 50),
    Field("month_to_date", "since\nthe 1st", "count", 50),
)
_LABELS = {
    DAILY: ("active\nusers", 95),
    "weekly_active_users": ("7 days", 90),
    "monthly_active_users": ("28 days", 91),
    "monthly_active_chat_users": ("chat,\n28 days", 80),
    "monthly_active_agent_users": ("agents,\n28 days", 80),
    "daily_active_copilot_cloud_agent_users": ("cloud\nagent", 70),
    "daily_active_copilot_code_review_users": ("code\nreview", 65),
    "daily_active_cli_users": ("CLI", 75),
    "daily_active_copilot_app_users": ("app", 40),
    "daily_active_vscode_agent_users": ("Agents\nwindow", 35),
}


def active_view(found: Sequence[DayFound], by: str | None, circumstances: Circumstances) -> View:
    """Show who is active on the last day of a period, by surface; or on each day, for machines if nothing is said."""
    scope = scope_field([each.now.query.scope for each in found])
    by_day = (scope, SOURCE, Field("day", "day (UTC)", "name"), *map(_field, (DAILY, *ACTIVE_USERS)))
    topic = Topic(
        WHAT,
        knows,
        {
            "day": lambda days: Sheet(by_day, list(_days(days))),
            "surface": lambda days: Sheet(
                (scope, SOURCE, *_BY_SURFACE), list(_of_surfaces(days.query.scope, days.records)), _last_day(days)
            ),
        },
        _notes,
        "a person may be active in several scopes: their numbers don't add up",
        compared=_unlike_spans,
    )
    return daily_view(found, topic, by or "day", (by or "surface",), circumstances)


def surfaces_sheet(scope: Scope, records: Sequence[DailyRecord]) -> Sheet:
    """Return who is active on the last of some days, by surface."""
    return Sheet((scope_field([scope]), SOURCE, *_BY_SURFACE), list(_of_surfaces(scope, records)))


def knows(record: DailyRecord) -> bool:
    """Return whether a record has active people by surface: of any feature at least, as reports count them."""
    is_report = record.source == REPORTS and record.total_active_users is not None
    return is_report or record.aggregates.active_users is not None


def _field(name: str) -> Field:
    header, priority = _LABELS.get(name, ("", 50))
    return Field(name, header, "count", priority)


def _count(record: DailyRecord, name: str) -> int | None:
    if name == DAILY:
        return record.total_active_users
    counts = record.aggregates.active_users
    return None if not name or counts is None else counts[ACTIVE_USERS.index(name)]


def _days(days: Days) -> Iterator[Row]:
    for record in days.records:
        counts = {name: _count(record, name) for name in (DAILY, *ACTIVE_USERS)}
        yield {"scope": str(days.query.scope), "source": record.source, "day": str(record.day), **counts}


def _of_surfaces(scope: Scope, records: Sequence[DailyRecord]) -> Iterator[Row]:
    if not records:
        return
    last = records[-1]
    for surface in SURFACES:
        mean, peak, known = user_statistics(_count(record, surface.daily) for record in records)
        yield {
            "scope": str(scope),
            "source": last.source,
            "day": str(last.day),
            "days": len(records),
            "surface": surface.name,
            "daily": _count(last, surface.daily),
            "daily_mean": mean,
            "daily_peak": peak,
            "daily_days": known,
            "weekly": _count(last, surface.weekly),
            "monthly": _count(last, surface.monthly),
            "week_to_date": _count(last, surface.since_sunday),
            "month_to_date": _count(last, surface.since_first),
        }


def _last_day(days: Days) -> str:
    return f"on {days.records[-1].day:%a %Y-%m-%d}, the last day with data" if days.records else ""


def _unlike_spans(now: Days, before: Days) -> Iterator[str]:
    ends = [days.records[-1].day for days in (now, before) if days.records]
    if len(ends) == 2 and len({(day.isoweekday() % 7, day.day) for day in ends}) == 2:
        yield "since Sunday and since the 1st are of unlike numbers of days in the two periods"


def _notes(days: Days) -> Iterator[str]:
    if any(map(knows, days.records)):
        yield "7 and 28 days are GitHub's own windows up to a day: they overlap, so they aren't added or averaged"
    window = SURFACES[-1]
    names = (window.daily, window.since_sunday, window.since_first)
    if any(_count(record, name) for record in days.records for name in names):
        yield "VS Code's Agents window is counted since Sunday and since the 1st instead, and in no other number"
