"""Count Copilot seats, by whether they are used, or list them. No I/O.

What a seat's last activity means is GitHub's: any feature, on any client, telemetry or not, seen within a day, and
forgotten after 90 days.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Literal, NamedTuple

from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.model.seats import Seat, Seats
from copilot_usage_cli.report.notes_of_many import NotesOfMany
from copilot_usage_cli.report.view import Circumstances, Field, Row, Sheet, View, scope_field, title_of
from copilot_usage_cli.text import plural

BY = ("team", "org", "plan", "editor", "last-active")
IDLE_AFTER = 30  # days, unless another number is asked for
REMEMBERED = 90  # days, after which GitHub forgets an activity

Status = Literal["active", "idle", "none_in_90_days", "not_used_yet"]

_STATUSES: dict[Status, Field] = {
    "active": Field("active", "active", "count", 90),
    "idle": Field("idle", "idle", "count", 85),
    "none_in_90_days": Field("none_in_90_days", "none\nin 90 d", "count", 80),
    "not_used_yet": Field("not_used_yet", "not used\nyet", "count", 75),
}
_LONGEST_IDLE: dict[Status, int] = {"none_in_90_days": 0, "not_used_yet": 1, "idle": 2, "active": 3}
_SEATS = Field("seats", "seats", "count", 100)
_PENDING = Field("pending_cancellation", "pending\ncancellation", "count", 70)
_INVITED = Field("invited", "invited", "count", 60)
_NO_USER = Field("no_user", "no\nuser", "count", 50)
_USER_FIELDS = (
    Field("user", "user", "name"),
    Field("organizations", "organizations", "text", 50),
    Field("teams", "granted by\nteams", "text", 60),
    Field("plan", "plan", "text", 30),
    Field("status", "status", "text", 90, words={status: status.replace("_", " ") for status in _LONGEST_IDLE}),
    Field("granted", "granted", "text", 70),
    Field("last_activity", "last activity\n(UTC)", "text", 80),
    Field("editor", "editor", "text", 40),
    Field("pending_cancellation", "ends", "text", 75),
)
_BUCKETS = (7, 14, 28, 30, 60, 90)
_NOBODY = "(no user)"
_NONE = {
    "team": "(no team named)",
    "org": "(no organization named)",
    "plan": "(no plan named)",
    "editor": "(no editor named)",
}


class SeatsQuery(NamedTuple):
    """How seats are looked at: idle after so many days; counted, `by` one of BY or together, or with their `users`."""

    idle_after: int = IDLE_AFTER
    by: str | None = None
    users: bool = False


def seats_view(found: Sequence[tuple[Scope, Seats]], query: SeatsQuery, circumstances: Circumstances) -> View:
    """Count or list the seats of some scopes."""
    moment, answerer = circumstances
    scopes = [scope for scope, _ in found]
    fields, rows_of = _layout(query)
    rows = [{"scope": str(scope), **row} for scope, seats in found for row in rows_of(scope, seats, moment)]
    title = title_of(scopes, "Copilot seats", f"as of {moment:%Y-%m-%d}", answerer)
    notes = NotesOfMany()
    for scope, seats in found:
        notes.add(scope, list(_notes_on(seats, query)))
    shared = [] if len(scopes) == 1 else ["a person may have a seat in several scopes: their numbers don't add up"]
    return View(title, Sheet((scope_field(scopes), *fields), rows), (*notes.of(scopes), *shared, *_definitions(query)))


def status_of(seat: Seat, moment: datetime, idle_after: int) -> Status:
    """Tell whether a seat is used, as of a moment: within `idle_after` days, before, or not as far as GitHub knows."""
    if seat.last_activity is not None:
        return "active" if moment - seat.last_activity <= timedelta(days=idle_after) else "idle"
    return "none_in_90_days" if moment - seat.granted > timedelta(days=REMEMBERED) else "not_used_yet"


Rows = Callable[[Scope, Seats, datetime], Iterator[Row]]


def _layout(query: SeatsQuery) -> tuple[tuple[Field, ...], Rows]:
    """Choose the fields and what makes the rows of a scope."""
    by, idle_after = query.by, query.idle_after
    if query.users:
        return _USER_FIELDS, lambda scope, seats, moment: _of_users(scope, seats, moment, idle_after)
    if by is None:
        fields = (_SEATS, *_STATUSES.values(), _PENDING, _INVITED, _NO_USER)
        return fields, lambda _, seats, moment: iter(
            [{**_counts(seats.people, moment, idle_after), "invited": seats.invited}]
        )
    name = by.replace("-", "_")
    named = Field(name, "last active" if by == "last-active" else by, "name")
    if by == "last-active":
        return (named, _SEATS, _PENDING), lambda _, seats, moment: _by_last_active(seats, moment)
    fields = (named, _SEATS, *_STATUSES.values(), _PENDING)
    return fields, lambda scope, seats, moment: _by_name(by, scope, seats, moment, idle_after)


def _counts(people: Sequence[Seat], moment: datetime, idle_after: int) -> Row:
    statuses = [status_of(seat, moment, idle_after) for seat in people]
    return {
        "seats": len(people),
        **{status: statuses.count(status) for status in _STATUSES},
        "pending_cancellation": sum(seat.is_ending(moment.date()) for seat in people),
        "no_user": sum(seat.is_nobodys for seat in people),
    }


def _by_name(by: str, scope: Scope, seats: Seats, moment: datetime, idle_after: int) -> Iterator[Row]:
    groups: dict[str, list[Seat]] = {}
    for seat in seats.people:
        for name in _names(by, seat, scope) or (_NONE[by],):
            groups.setdefault(name, []).append(seat)
    for name, people in sorted(groups.items(), key=lambda each: (-len(each[1]), each[0])):
        counts = _counts(people, moment, idle_after)
        del counts["no_user"]
        yield {by: name, **counts}


def _names(by: str, seat: Seat, scope: Scope) -> tuple[str, ...]:
    """Return what groups a seat; the teams of an organization's own seats without its name."""
    if by == "team":
        return seat.teams if scope.kind == "enterprise" else tuple(name.rpartition("/")[2] for name in seat.teams)
    if by == "org":
        return seat.organizations
    found = seat.plan if by == "plan" else (seat.editor or "").partition("/")[0]
    return (found,) if found else ()


def _by_last_active(seats: Seats, moment: datetime) -> Iterator[Row]:
    """Count seats by how long ago their last activity was, in every bucket, and those without one."""
    labels = {most: f"{least} to {most} d ago" for least, most in pairwise((0, *_BUCKETS))}
    groups: dict[str, list[Seat]] = {label: [] for label in labels.values()}
    groups |= {f"over {REMEMBERED} d ago": [], "none in 90 d": [], "not used yet": []}
    for seat in seats.people:
        if seat.last_activity is None:
            status = status_of(seat, moment, REMEMBERED)
            groups["not used yet" if status == "not_used_yet" else "none in 90 d"].append(seat)
            continue
        days = (moment - seat.last_activity) / timedelta(days=1)
        most = next((most for most in _BUCKETS if days <= most), None)
        groups[f"over {REMEMBERED} d ago" if most is None else labels[most]].append(seat)
    for label, people in groups.items():
        ending = sum(seat.is_ending(moment.date()) for seat in people)
        yield {"last_active": label, "seats": len(people), "pending_cancellation": ending}


def _of_users(scope: Scope, seats: Seats, moment: datetime, idle_after: int) -> Iterator[Row]:
    """List seats, the longest idle first."""

    def order(seat: Seat) -> tuple[int, datetime, str]:
        status = status_of(seat, moment, idle_after)
        return _LONGEST_IDLE[status], seat.last_activity or seat.granted, (seat.login or "").lower()

    for seat in sorted(seats.people, key=order):
        last = seat.last_activity
        yield {
            "user": seat.login or (_NOBODY if seat.is_nobodys else str(seat.user)),
            "organizations": ", ".join(seat.organizations) or None,
            "teams": ", ".join(_names("team", seat, scope)) or None,
            "plan": seat.plan,
            "status": status_of(seat, moment, idle_after),
            "granted": f"{seat.granted:%Y-%m-%d}",
            "last_activity": None if last is None else f"{last:%Y-%m-%dT%H:%M:%SZ}",
            "editor": seat.editor,
            "pending_cancellation": None if seat.ends is None else str(seat.ends),
        }


def _notes_on(seats: Seats, query: SeatsQuery) -> Iterator[str]:
    people = len(seats.people)
    nobodys = sum(seat.is_nobodys for seat in seats.people)
    if not people:
        yield "GitHub lists no seat"
    if seats.total is not None and seats.total not in {people, people - nobodys}:
        yield (
            f"GitHub counts {plural(seats.total, 'seat')}, and its list has {people:,}: seats were added or "
            "removed while it was read, or the files aren't all of it"
        )
    if more := seats.objects - people:
        yield f"{plural(more, 'seat')} of people who have another one: each person counts once"
    if nobodys:
        yield f"{plural(nobodys, 'seat')} without a user, as GitHub lists them"
    if query.by in {"team", "org"}:
        what = "team" if query.by == "team" else "organization"
        names = [seat.teams if query.by == "team" else seat.organizations for seat in seats.people]
        if several := sum(len(each) > 1 for each in names):
            who = "1 person counts" if several == 1 else f"{several:,} people count"
            yield f"{who} in more than one {what}: {plural(people, 'seat')} in all"
    yield from seats.warnings


def _definitions(query: SeatsQuery) -> Iterator[str]:
    """Say what the columns mean that could be taken for something else."""
    if query.users:
        yield "this names people: keep it where only those read it who need to"
    if query.by == "team":
        yield "a team is the one that granted the seat, which isn't all teams that somebody is in"
    if query.by == "editor":
        yield "an editor is the last one that somebody used"
    if query.by != "last-active":
        yield f"active: any use of Copilot within {plural(query.idle_after, 'day')}, which GitHub shows within a day"
    yield f"GitHub forgets an activity after {REMEMBERED} days: none in 90 d may have been active before"
