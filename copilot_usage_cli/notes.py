"""What a reader of a report must know besides its numbers."""

from collections.abc import Sequence
from datetime import date, timedelta

from copilot_usage_cli import totals
from copilot_usage_cli.asked import Asked
from copilot_usage_cli.period import Period, ranges
from copilot_usage_cli.records import DailyRecord
from copilot_usage_cli.rows import cells_of

FRESH_DAYS = 3  # GitHub is at most so many days behind; beyond, something is wrong
KEPT_DAYS = 28  # of the classic API


def notes_on(
    asked: Asked,
    records: Sequence[DailyRecord],
    conflicts: Sequence[date],
    missing: Sequence[date],
    today: date,
) -> tuple[str, ...]:
    """Write the notes on a report, the most important first, a sentence each.

    `records` are those of the period, unfiltered.
    """
    notes = [_conflicts([day for day in conflicts if asked.period.holds(day)])]
    if not records:
        notes.append(_nothing(asked, today))
    else:
        newest = records[-1].day
        stale = is_stale(asked, newest, today)
        notes.append(_missing(asked, [day for day in missing if not stale or day < newest], today))
        notes.append(_stale(newest, today) if stale else "")
        notes.append(_differing(records))
        notes.append(_unknown_breakdown(asked, records))
        notes.extend(_unmatched(asked, records))
    if asked.made_up:
        notes.append("this is the demo: the numbers are made up")
    return tuple(note for note in notes if note)


def is_stale(asked: Asked, newest: date, today: date) -> bool:
    """Tell whether the newest day is older than GitHub's delay explains; only where no period was asked for."""
    open_period = asked.period == Period() and not asked.from_files and asked.judge_missing
    return open_period and newest < today - timedelta(days=FRESH_DAYS)


def _conflicts(days: Sequence[date]) -> str:
    if not days:
        return ""
    return f"{_days(len(days))} came more than once with different numbers, the last read counts: {ranges(days)}"


def _nothing(asked: Asked, today: date) -> str:
    if asked.from_files:
        return "there is no day of this period in the input"
    if asked.period.since and asked.period.since >= today:
        return "no data yet: GitHub gives a day when it is over (days are UTC)"
    if asked.scope.team is not None:
        return (
            "no data: GitHub has a day for a team only if five or more of its members had an active Copilot license at "
            "the end of it, and data runs until yesterday (UTC)"
        )
    return (
        "no data: users count only with telemetry enabled in their editor, data runs until yesterday (UTC), and "
        f"GitHub keeps {KEPT_DAYS} days"
    )


def _missing(asked: Asked, days: Sequence[date], today: date) -> str:
    if not days:
        return ""
    old = asked.period.since is not None and not asked.from_files and days[0] < today - timedelta(days=KEPT_DAYS)
    why = f" (GitHub keeps {KEPT_DAYS} days)" if old else ""
    return f"no data for {_days(len(days))}, counted nowhere: {ranges(days)}{why}"


def _stale(newest: date, today: date) -> str:
    behind = (today - newest).days
    return f"the newest day is {newest}, {behind} days ago; GitHub is usually one day behind"


def _differing(records: Sequence[DailyRecord]) -> str:
    days = [record.day for record in records if totals.breakdown_differs(record)]
    if not days:
        return ""
    is_are = "day the breakdown doesn't" if len(days) == 1 else "days the breakdown doesn't"
    return f"on {len(days)} {is_are} add up to the day's totals (both are shown as GitHub gave them): {ranges(days)}"


def _unknown_breakdown(asked: Asked, records: Sequence[DailyRecord]) -> str:
    days = [record.day for record in records if record.breakdown is None]
    by_name = asked.by is None or asked.filter or {"language", "editor"} & set(asked.by)
    return f"no breakdown for {_days(len(days))}: {ranges(days)}" if days and by_name else ""


def _unmatched(asked: Asked, records: Sequence[DailyRecord]) -> list[str]:
    if not asked.filter:
        return []
    cells = cells_of(records)
    languages = {(cell.language or "").casefold() for cell in cells}
    editors = {(cell.editor or "").casefold() for cell in cells}
    notes = [
        f"--language {name}: no such language in these days"
        for name in asked.filter.languages
        if name.casefold() not in languages
    ]
    notes += [
        f"--editor {name}: no such editor in these days"
        for name in asked.filter.editors
        if name.casefold() not in editors
    ]
    if not notes and not any(asked.filter.keeps(cell) for cell in cells):
        notes.append("no row matches --language and --editor together")
    return notes


def _days(number: int) -> str:
    return f"{number} day" if number == 1 else f"{number} days"
