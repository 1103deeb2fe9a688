"""What there was beyond completions, in a few numbers: features and models by share, agents and the CLI. No I/O."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from copilot_usage_cli.model.activity import COMPLETION
from copilot_usage_cli.model.aggregates import ACTIVE_USERS, SESSIONS
from copilot_usage_cli.model.arithmetic import total, user_statistics
from copilot_usage_cli.model.records import DailyRecord
from copilot_usage_cli.report.build import Report
from copilot_usage_cli.report.grouping import NO_MODEL
from copilot_usage_cli.report.view import Field, Row, Sheet

Share = tuple[str, float]
"""A name with its part of the whole, a fraction."""

_PEOPLE = {  # of the last day, in 28 days
    "monthly_active_agent_users": "with agents",
    "monthly_active_copilot_cloud_agent_users": "with the cloud agent",
    "monthly_active_copilot_code_review_users": "with code review",
}


class Beyond(NamedTuple):
    """Features by their parts of all prompts and of all lines added, models by prompts, and facts about people."""

    prompts: tuple[Share, ...]
    lines_added: tuple[Share, ...]
    models: tuple[Share, ...]
    facts: tuple[tuple[str, ...], ...]


def beyond(report: Report) -> Beyond | None:
    """Tell what a report has beyond completions; None where it is filtered, or its source has nothing else."""
    if report.filtered or not any(record.activity.totals_by_feature for record in report.records):
        return None
    found = Beyond(
        _shares(report, "feature", "prompts"),
        _shares(report, "feature", "lines_added"),
        _shares(report, "model", "prompts"),
        tuple(_facts(report)),
    )
    others = {name for name, _ in (*found.prompts, *found.lines_added)} - {COMPLETION}
    return found if others or found.models or found.facts else None


def _shares(report: Report, by: str, column: str) -> tuple[Share, ...]:
    """Return the names that have a part of a column, the largest first."""
    rows = report.grouped(by).rows
    counts = {str(row[by]): count for row in rows if isinstance(count := row[column], int) and count}
    counts.pop(NO_MODEL, None)
    whole = sum(counts.values())
    return tuple((name, count / whole) for name, count in sorted(counts.items(), key=lambda each: (-each[1], each[0])))


def _facts(report: Report) -> Iterator[tuple[str, ...]]:
    """Say how many people used agents, and what the CLI did: the words of each in the order of their weight."""
    last = report.records[-1]
    users = last.aggregates.active_users
    people = [] if users is None else [(users[ACTIVE_USERS.index(name)], words) for name, words in _PEOPLE.items()]
    if known := [(count, words) for count, words in people if count]:
        (count, words), *others = known
        yield f"{count:,} people {words} in 28 days", *(f"{n:,} {which}" for n, which in others)
    elif report.table.grouping.distinct:
        rows = {row["feature"]: row["distinct_users"] for row in report.grouped("feature").rows}
        if agents := rows.get("agent_edit"):
            yield (f"{agents:,} people with agent edits",)
        if cli := rows.get("copilot_cli"):
            yield (f"{cli:,} with the CLI",)
    daily = user_statistics(map(_cli_users, report.records)).mean
    sessions = [record.aggregates.cli for record in report.records if record.aggregates.cli is not None]
    sums = [(total(each[SESSIONS.index(name)] for each in sessions), words) for name, words in _CLI.items()]
    pieces = [f"{daily:,.1f} people a day"] if daily else []
    added = [f"{count:,} {one if count == 1 else more}" for count, (one, more) in sums if count]
    if added and len(sessions) < len(report.records):
        added[0] += f" (on {len(sessions)} of {len(report.records)} d)"
    pieces += added
    if pieces:
        yield f"CLI: {pieces[0]}", *pieces[1:]


_CLI = {
    "session_count": ("session", "sessions"),
    "prompt_count": ("prompt", "prompts"),
    "output_tokens_sum": ("token written", "tokens written"),
}
_SESSION_FIELDS = (
    Field("surface", "surface", "name"),
    Field("days", "days", "count", 60),
    *(
        Field(name, header, "count", priority)
        for name, header, priority in zip(
            SESSIONS,
            ("sessions", "requests", "prompts", "tokens\nwritten", "tokens\nread"),
            (90, 50, 80, 70, 65),
            strict=True,
        )
    ),
)


def sessions_sheet(records: Sequence[DailyRecord]) -> Sheet:
    """Add up the sessions of the CLI and of the app, each over the days that know them."""
    rows: list[Row] = []
    for name, field in (("CLI", "cli"), ("Copilot app", "app")):
        known = [each for record in records if (each := getattr(record.aggregates, field)) is not None]
        if known:
            sums = {count: total(each[place] for each in known) for place, count in enumerate(SESSIONS)}
            rows.append({"surface": name, "days": len(known), **sums})
    return Sheet(_SESSION_FIELDS, rows)


def _cli_users(record: DailyRecord) -> int | None:
    users = record.aggregates.active_users
    return None if users is None else users[ACTIVE_USERS.index("daily_active_cli_users")]
