"""Pull requests: created, merged, by Copilot, reviewed; suggestions, and how long merging took. No I/O.

GitHub counts a pull request on the day on which it is created and on that on which it is merged, so these add up over
days; a review counts on each day of it, so of reviews there is a mean a day. Medians belong to their day: of several
days the least and the most of them is told.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

from copilot_usage_cli.model.aggregates import MEDIANS, PULL_REQUESTS, PullRequests
from copilot_usage_cli.model.arithmetic import known as known_days
from copilot_usage_cli.model.arithmetic import rate, total, user_statistics
from copilot_usage_cli.model.records import DailyRecord
from copilot_usage_cli.report.daily_view import SOURCE, DayFound, Topic, daily_view
from copilot_usage_cli.report.days import Days
from copilot_usage_cli.report.grouping import common, time_key
from copilot_usage_cli.report.view import Circumstances, Field, Row, Sheet, View, scope_field

BY = ("day", "week", "month", "total")
WHAT = "pull requests"

_ADDED = {
    "created": ("total_created", "created", 95),
    "created_by_copilot": ("total_created_by_copilot", "by cloud\nagent", 90),
    "merged": ("total_merged", "merged", 94),
    "merged_created_by_copilot": ("total_merged_created_by_copilot", "merged by\ncloud agent", 80),
    "merged_reviewed_by_copilot": ("total_merged_reviewed_by_copilot", "merged with\ncode review", 60),
    "suggestions": ("total_suggestions", "all\nsuggestions", 40),
    "applied_suggestions": ("total_applied_suggestions", "all\napplied", 35),
    "copilot_suggestions": ("total_copilot_suggestions", "code review's\nsuggestions", 55),
    "copilot_applied_suggestions": ("total_copilot_applied_suggestions", "code review's\napplied", 50),
}
"""Columns that add up over days, each with GitHub's field and its header."""

_SHARES = {
    "created_by_copilot_share": ("created_by_copilot", "created", "share by\ncloud agent", 88),
    "merged_created_by_copilot_share": ("merged_created_by_copilot", "merged", "cloud agent's\nshare of merged", 78),
    "copilot_applied_rate": ("copilot_applied_suggestions", "copilot_suggestions", "code review's\napplied rate", 52),
}
"""Fractions, each with what is above and below the line."""

_REVIEWED = {
    "reviewed": ("total_reviewed", "reviewed", 70),
    "reviewed_by_copilot": ("total_reviewed_by_copilot", "reviewed by\ncode review", 68),
}
_MINUTES = {
    "median_minutes_to_merge": (MEDIANS[0], "median minutes\nto merge", 66),
    "median_minutes_to_merge_created_by_copilot": (MEDIANS[1], "median of\ncloud agent's", 45),
    "median_minutes_to_merge_reviewed_by_copilot": (MEDIANS[2], "median with\ncode review", 44),
}


def pull_requests_view(found: Sequence[DayFound], by: str | None, circumstances: Circumstances) -> View:
    """Show the pull requests of a period: all of it, or for machines by day, if nothing else is said."""
    scope = scope_field([each.now.query.scope for each in found])
    upright = by is None and len(found) == 1
    is_titled = len(found) > 1 and len({each.now.words for each in found}) == 1  # then the title has the period
    topic = Topic(
        WHAT,
        knows,
        {unit: _sheet_of(scope, unit, upright=upright, is_titled=is_titled) for unit in BY},
        _notes,
        "an enterprise counts a pull request of several organizations once: their numbers needn't add up",
        adds=True,
    )
    return daily_view(found, topic, by or "day", (by or "total",), circumstances)


def knows(record: DailyRecord) -> bool:
    """Return whether a record has pull requests."""
    return record.aggregates.pull_requests is not None


def count_fields() -> tuple[Field, ...]:
    """Return the columns that add up, each share behind what it is of."""
    fields = {
        name: Field(name, header, "count", priority, adds=True, known=f"{name}_days")
        for name, (_, header, priority) in _ADDED.items()
    }
    shares = {above: (name, header, priority) for name, (above, _, header, priority) in _SHARES.items()}
    ordered = []
    for name, field in fields.items():
        ordered.append(field)
        if name in shares:
            share, header, priority = shares[name]
            ordered.append(Field(share, header, "rate", priority))
    return tuple(ordered)


def sums(pulls: Sequence[PullRequests]) -> Row:
    """Add up what adds up, and tell the shares over what both sides are known of."""
    row: Row = {}
    for name, (field, _, _) in _ADDED.items():
        counts = [_count(each, field) for each in pulls]
        row |= {name: total(counts), f"{name}_days": known_days(counts)}
    for name, (above, below, _, _) in _SHARES.items():
        fields = _ADDED[above][0], _ADDED[below][0]
        row[name] = rate([(_count(each, fields[0]), _count(each, fields[1])) for each in pulls])
    return row


def _sheet_of(scope: Field, unit: str, *, upright: bool, is_titled: bool) -> Callable[[Days], Sheet]:
    header = {"day": "day (UTC)", "total": "" if is_titled else "period"}.get(unit, unit)
    if unit == "day":
        reviewed = [Field(name, header, "count", priority) for name, (_, header, priority) in _REVIEWED.items()]
        minutes = [Field(name, header, "mean", priority) for name, (_, header, priority) in _MINUTES.items()]
    else:
        reviewed = [
            Field(f"{name}_mean", f"{header}\na day", "mean", priority, known=f"{name}_days")
            for name, (_, header, priority) in _REVIEWED.items()
        ]
        minutes = [
            Field(f"{name}_{end}", f"{words} {header}", "mean", priority, known=f"{name}_days")
            for name, (_, header, priority) in _MINUTES.items()
            for end, words in (("least", "lowest"), ("most", "highest"))
        ]
    days = () if unit == "day" else (Field("days", "days", "count", 30),)
    names = () if unit == "day" else (*_ADDED, *_REVIEWED, *_MINUTES)
    known = tuple(Field(f"{name}_days") for name in names)
    fields = (scope, SOURCE, Field(unit, header, "name"), *days, *count_fields(), *reviewed, *minutes, *known)
    make = _by_day if unit == "day" else _grouped(unit)
    return lambda found: Sheet(fields, list(make(found)), upright=upright and unit == "total")


def _by_day(days: Days) -> Iterator[Row]:
    for record, pulls in _known(days.records):
        yield {
            "scope": str(days.query.scope),
            "source": record.source,
            "day": str(record.day),
            **sums([pulls]),
            **{name: _count(pulls, field) for name, (field, _, _) in _REVIEWED.items()},
            **{name: pulls.medians[MEDIANS.index(field)] for name, (field, _, _) in _MINUTES.items()},
        }


def _grouped(unit: str) -> Callable[[Days], Iterator[Row]]:
    def make(days: Days) -> Iterator[Row]:
        span = f"{days.since}..{days.until}"
        groups: dict[str, list[tuple[DailyRecord, PullRequests]]] = {}
        for record, pulls in _known(days.records):
            groups.setdefault(time_key(record.day, unit, span), []).append((record, pulls))
        for key, inside in groups.items():
            pulls_of_days = [pulls for _, pulls in inside]
            row: Row = {
                "scope": str(days.query.scope),
                "source": common(record.source for record, _ in inside),
                unit: key,
                "days": len(inside),
                **sums(pulls_of_days),
            }
            for name, (field, _, _) in _REVIEWED.items():
                counts = user_statistics(_count(pulls, field) for pulls in pulls_of_days)
                row |= {f"{name}_mean": counts.mean, f"{name}_days": counts.days}
            for name, (field, _, _) in _MINUTES.items():
                minutes = [each for pulls in pulls_of_days if (each := pulls.medians[MEDIANS.index(field)]) is not None]
                row |= {f"{name}_least": min(minutes, default=None), f"{name}_most": max(minutes, default=None)}
                row[f"{name}_days"] = len(minutes)
            yield row

    return make


def _known(records: Iterable[DailyRecord]) -> Iterator[tuple[DailyRecord, PullRequests]]:
    for record in records:
        if record.aggregates.pull_requests is not None:
            yield record, record.aggregates.pull_requests


def _count(pulls: PullRequests, field: str) -> int | None:
    return pulls.counts[PULL_REQUESTS.index(field)]


def _notes(days: Days) -> Iterator[str]:
    if any(map(knows, days.records)):
        yield "by cloud agent: Copilot's own pull requests, not what a person wrote with it; code review: Copilot's"
        yield "a review counts on each day of it, and a median is one day's: neither adds up"
