"""How people take Copilot up: GitHub's phases of adoption, pull requests a person, and who uses which feature. No I/O.

Phases are of the 28 days up to a day, so of a period the last day is shown. A person is in one phase, and counts in
each feature that they used on two days or more of the 28.
"""

from collections.abc import Iterator, Sequence

from copilot_usage_cli.model.aggregates import Phase
from copilot_usage_cli.model.arithmetic import total
from copilot_usage_cli.model.records import DailyRecord
from copilot_usage_cli.report.daily_view import SOURCE, DayFound, Topic, daily_view
from copilot_usage_cli.report.days import Days
from copilot_usage_cli.report.view import Circumstances, Field, Row, Sheet, View, scope_field

BY = ("phase", "feature", "day")
WHAT = "adoption"

_WINDOW = 28  # days
_PHASES = {
    "No Cohort": "no phase (may be active)",
    "Phase 1": "1: completions or agent edits",
    "Phase 2": "2: one of CLI, cloud agent, review",
    "Phase 3": "3: two of these, or the app",
}
_FEATURES = {
    "code_completion": "completions",
    "agent_edit": "agent edits",
    "code_review_passive": "code review, assigned",
    "code_review_active": "code review, asked for",
    "cloud_agent": "cloud agent",
    "copilot_cli": "CLI",
    "github_app": "Copilot app",
}
_PHASE = Field("phase", "phase", "name", words=_PHASES)
_NUMBERS = (
    Field("users_in_phase_28d", "people,\n28 days", "count", 90),
    Field("share", "share", "rate", 85),
    Field("total_engaged_users", "active\nthat day", "count", 60),
)
_MERGED = (
    Field("pull_requests_merged", "merged pull\nrequests", "count", 50),
    Field("pull_requests_merged_per_person_28d", "merged a\nperson, 28 d", "mean", 70),
    Field("merged_days"),
)


def adoption_view(found: Sequence[DayFound], by: str | None, circumstances: Circumstances) -> View:
    """Show the phases of the last day of a period, and its features, or one of them, or the phases of each day."""
    scope = scope_field([each.now.query.scope for each in found])
    start, day = (scope, SOURCE), Field("day", kind="text")
    of_days = (*start, Field("day", "day (UTC)", "name"), _PHASE, *_NUMBERS)
    features = (
        *start,
        day,
        Field("feature", "feature, used on\ntwo days or more", "name", words=_FEATURES),
        Field("engaged_users", "people", "count", 90),
        Field("share", "share of\nactive", "rate", 85),
    )
    topic = Topic(
        WHAT,
        knows,
        {
            "phase": lambda days: Sheet((*start, day, _PHASE, *_NUMBERS, *_MERGED), list(_phases(days)), _on(days)),
            "feature": lambda days: Sheet(features, list(_features(days)), _on(days)),
            "day": lambda days: Sheet(of_days, [row for record in days.records for row in _of_day(days, record)]),
        },
        lambda days: _notes(days, by),
        "a person may be active in several scopes: their numbers don't add up",
    )
    return daily_view(found, topic, by or "phase", (by,) if by else ("phase", "feature"), circumstances)


def knows(record: DailyRecord) -> bool:
    """Return whether a record has phases of adoption, or who used which feature."""
    return bool(record.aggregates.phases) or record.aggregates.engagement is not None


def _last(days: Days) -> DailyRecord | None:
    """Return the last day that has phases."""
    return next((record for record in reversed(days.records) if record.aggregates.phases), None)


def _last_engaged(days: Days) -> DailyRecord | None:
    return next((record for record in reversed(days.records) if record.aggregates.engagement is not None), None)


def _on(days: Days) -> str:
    last = _last(days) or _last_engaged(days)
    return f"in the 28 days up to {last.day}" if last is not None else ""


def _of_day(days: Days, record: DailyRecord) -> Iterator[Row]:
    phases = record.aggregates.phases or ()
    people = [phase.users_in_phase_28d for phase in phases]
    everyone = sum(filter(None, people)) if None not in people else None
    for phase in phases:
        inside = phase.users_in_phase_28d
        yield {
            "scope": str(days.query.scope),
            "source": record.source,
            "day": str(record.day),
            "phase": phase.phase,
            "users_in_phase_28d": inside,
            "share": inside / everyone if inside is not None and everyone else None,
            "total_engaged_users": phase.total_engaged_users,
        }


def _phases(days: Days) -> Iterator[Row]:
    """Yield the phases of the last day, then those that only days before it have, without people."""
    last = _last(days)
    if last is None:
        return
    rows = {row["phase"]: row for row in _of_day(days, last)}
    every = [phase for record in days.records for phase in record.aggregates.phases or ()]
    for name in dict.fromkeys((*rows, *(phase.phase for phase in every))):
        gone: Row = {"scope": str(days.query.scope), "source": last.source, "day": str(last.day), "phase": name}
        unknown: Row = {"users_in_phase_28d": None, "share": None, "total_engaged_users": None}
        yield rows.get(name, gone | unknown) | _merged([phase for phase in every if phase.phase == name])


def _merged(phases: Sequence[Phase]) -> Row:
    """Tell merged pull requests a person over 28 days, by GitHub's formula, from the days that know both sides."""
    known = [
        (phase.total_pull_requests_merged, phase.users_in_phase_28d)
        for phase in phases
        if phase.total_pull_requests_merged is not None and phase.users_in_phase_28d is not None
    ]
    merged, people = (sum(each[n] for each in known) for n in (0, 1))
    return {
        "pull_requests_merged": total(phase.total_pull_requests_merged for phase in phases),
        "pull_requests_merged_per_person_28d": merged / people * _WINDOW if people else None,
        "merged_days": len(known),
    }


def _features(days: Days) -> Iterator[Row]:
    last = _last_engaged(days)
    if last is None or last.aggregates.engagement is None:
        return
    active = last.aggregates.engagement.active_user_count
    for feature, users in last.aggregates.engagement.features:
        yield {
            "scope": str(days.query.scope),
            "source": last.source,
            "day": str(last.day),
            "feature": feature,
            "engaged_users": users,
            "share": users / active if users is not None and active else None,
        }


def _notes(days: Days, by: str | None) -> Iterator[str]:
    if not any(map(knows, days.records)):
        return
    last, engaged = _last(days), _last_engaged(days)
    if by in {None, "feature"}:
        if engaged is None:
            yield "who used which feature is not known: only the latest report of 28 days says it, of its last day"
        elif last is not None and engaged.day != last.day:
            yield f"who used which feature is known of the 28 days up to {engaged.day}"
    there = [record for record in days.records if record.aggregates.phases]
    if by != "feature" and last is not None and len(there) < len(days.records):
        yield f"phases are known on {len(there)} of {len(days.records)} days"
    if by in {None, "phase"}:
        partly = [row for row in _phases(days) if row["merged_days"] != len(there) and row["merged_days"]]
        for row in partly:
            yield f"{row['phase']}: merged a person is known on {row['merged_days']} of {len(there)} days"
    yield "a person is in one phase, and may use several features; who chats only is in no phase, and is active"
    if by in {None, "phase"}:
        yield f"merged a person: those of all days, over the people in the phase on all days, times {_WINDOW}"
