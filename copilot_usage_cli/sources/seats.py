"""Copilot seats: the lists and the summary of GitHub's user management API, as of November 2026.

An enterprise has a list alone; an organization has a summary, too, of which only its invitations are read: its other
numbers don't add up to each other. A list has one object for each organization or team that grants a seat.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from copilot_usage_cli.errors import NotUnderstood
from copilot_usage_cli.github.client import Client, StatusError
from copilot_usage_cli.github.decoding import decode
from copilot_usage_cli.github.status_errors import AccessRules, explain_status
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.model.seats import Seat, Seats, one_a_person
from copilot_usage_cli.sources.input_files import open_files
from copilot_usage_cli.sources.pages import fetch_pages
from copilot_usage_cli.sources.payload import InvalidPayload, count, parse_each, short_name, shown
from copilot_usage_cli.sources.recognition import recognize

if TYPE_CHECKING:
    from copilot_usage_cli.sources.parallel import Progress

_WHERE = "it is the answer of /orgs/ORG/copilot/billing/seats, or of /enterprises/ENTERPRISE/copilot/billing/seats"
_LOOK = "look at the seat as it was fetched or saved"
_MOST_SEATS = 200_000
_IS_SEAT = frozenset({"assignee", "assigning_team", "last_activity_at"})  # one that was taken out of its list
_OF_ENTERPRISE = "ent:"  # how the slug of an enterprise's team begins: it is the same in all organizations
_NO_SUMMARY = frozenset({404, 422})


class _Page(NamedTuple):
    """A page of a list: its seats, and GitHub's number of people."""

    seats: list[Seat]
    total: int | None


def fetch_seats(client: Client, scope: Scope, jobs: int, progress: "Progress | None" = None) -> Seats:
    """Fetch the seats of an enterprise or organization; raises the errors of errors.py."""
    owners = "enterprises" if scope.kind == "enterprise" else "orgs"
    path = f"/{owners}/{quote(scope.owner, safe='')}/copilot/billing"
    label = f"{scope}: the answer of {client.address.netloc}"
    room = _Room()

    def read(body: bytes) -> _Page:
        return room.take(_page(decode(body, label), label))

    try:
        invited, warnings = _invited(client, path, label) if scope.kind == "org" else (None, ())
        pages = fetch_pages(client, f"{path}/seats", read, jobs, progress)
    except StatusError as refused:
        raise explain_status(refused, scope, client.address, client.token, ACCESS_RULES) from None
    return _of_pages(pages, invited, warnings)


def read_seats(names: Sequence[str], scope: Scope) -> Seats:  # noqa: ARG001 - as fetch_seats; a list says not whose it is
    """Read the saved pages of a list of seats, and the summary of an organization if it is among them.

    Raises UsageError for a file that can't be read, NotUnderstood for one that has no seats.
    """
    pages: list[_Page] = []
    room = _Room()
    invited = None
    for file in open_files(names):
        for document in file.documents():
            for item in document if isinstance(document, list) else [document]:
                if isinstance(item, dict) and isinstance(item.get("seat_breakdown"), dict):
                    invited = _pending_invitation(item, file.label)
                elif isinstance(item, dict) and _IS_SEAT & item.keys():
                    pages.append(room.take(_page({"seats": [item]}, file.label)))
                else:
                    pages.append(room.take(_page(item, file.label)))
    if not pages:
        what = "has no seats" if invited is None else "is a summary of seats, without a list of them"
        raise NotUnderstood(f"{', '.join(names)}: this {what}", "give the list beside it")
    return _of_pages(pages, invited, ())


class _Room:
    """Counts seats as they come. Safe to share between threads."""

    def __init__(self) -> None:
        self._taken = 0
        self._lock = Lock()

    def take(self, page: _Page) -> _Page:
        """Return a page that there is room for; raises NotUnderstood for one too many."""
        with self._lock:
            self._taken += len(page.seats)
        if self._taken > _MOST_SEATS:
            raise NotUnderstood(f"there are more than {_MOST_SEATS:,} seats", "ask for one organization at a time")
        return page


def _of_pages(pages: Sequence[_Page], invited: int | None, warnings: Iterable[str]) -> Seats:
    seats = [seat for page in pages for seat in page.seats]
    total = next((page.total for page in reversed(pages) if page.total is not None), None)
    return Seats(one_a_person(seats), len(seats), total, invited, tuple(warnings))


def _invited(client: Client, path: str, label: str) -> tuple[int | None, tuple[str, ...]]:
    """Ask for the number of invitations, which may not be there; says so where GitHub says why."""
    try:
        response = client.get(client.url(path, {}))
    except StatusError as refused:
        if refused.status not in _NO_SUMMARY:
            raise
        why = f" ({refused.github_message})" if refused.github_message else ""
        return None, (f"GitHub has no summary of these seats: {refused.status}{why}; invitations are unknown",)
    return (None if response.status == 204 else _pending_invitation(decode(response.body, label), label)), ()


def _pending_invitation(payload: Any, label: str) -> int | None:
    breakdown = payload.get("seat_breakdown") if isinstance(payload, dict) else None
    try:
        return count(breakdown, "pending_invitation") if isinstance(breakdown, dict) else None
    except InvalidPayload as error:
        raise error.located(f"{label}, seat_breakdown") from None


def _page(payload: Any, label: str) -> _Page:
    """Read a page of a list; raises NotUnderstood, naming the seat and the field."""
    seats = payload.get("seats") if isinstance(payload, dict) else None
    if not isinstance(seats, list):
        raise _not_seats(payload, label)
    try:
        return _Page(list(parse_each(seats, _seat, f"{label}, seat")), count(payload, "total_seats"))
    except InvalidPayload as error:
        raise error.located(label) from None


def _not_seats(payload: Any, label: str) -> NotUnderstood:
    if isinstance(payload, dict) and "seats" in payload:
        return NotUnderstood(f"{label}, field seats: {shown(payload['seats'])} is not a list", _LOOK)
    if isinstance(payload, dict) and (other := recognize(payload)) is not None:
        return NotUnderstood(f"{label}: this is {other.what}, not a list of Copilot seats", _WHERE)
    return NotUnderstood(f"{label} is not a list of Copilot seats: it has no field seats", _WHERE)


def _seat(seat: Any) -> Seat:
    """Read a seat; only its created_at is always there. Raises InvalidPayload, naming the field."""
    if not isinstance(seat, dict):
        raise InvalidPayload(f" is {shown(seat)}, not an object", _LOOK)
    granted = _moment(seat, "created_at")
    if granted is None:
        raise InvalidPayload(" has no created_at, which every seat has", _LOOK)
    assignee, organization, team = (_object(seat, name) for name in ("assignee", "organization", "assigning_team"))
    owner, slug = short_name(organization, "login"), short_name(team, "slug")
    return Seat(
        count(assignee, "id"),
        short_name(assignee, "login"),
        granted,
        _moment(seat, "last_activity_at"),
        short_name(seat, "last_activity_editor"),
        _day(seat, "pending_cancellation_date"),
        short_name(seat, "plan_type"),
        () if slug is None else (slug if owner is None or slug.startswith(_OF_ENTERPRISE) else f"{owner}/{slug}",),
        () if owner is None else (owner,),
    )


def _object(seat: dict[str, Any], field: str) -> dict[str, Any]:
    """Return an object, an empty one where there is none."""
    value = seat.get(field)
    if value is None or isinstance(value, dict):
        return value or {}
    raise InvalidPayload(f", field {field}: {shown(value)} is not an object", _LOOK)


def _moment(seat: dict[str, Any], field: str) -> datetime | None:
    """Read a moment, which GitHub writes with an offset, in UTC."""
    text = seat.get(field)
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        raise InvalidPayload(f", field {field}: {shown(text)} is not a moment", _LOOK) from None


def _day(seat: dict[str, Any], field: str) -> date | None:
    text = seat.get(field)
    if text is None:
        return None
    try:
        return date.fromisoformat(text[:10])
    except (TypeError, ValueError):
        raise InvalidPayload(f", field {field}: {shown(text)} is not a date", _LOOK) from None


def _needs(scope: Scope) -> str:
    if scope.kind == "enterprise":
        return (
            "this requires an enterprise owner or billing manager, with a classic token that has "
            "manage_billing:copilot or read:enterprise, or a GitHub App that may"
        )
    return (
        "this requires an organization owner, with a classic token that has manage_billing:copilot or read:org, or a "
        'fine-grained or GitHub App token with read access to "GitHub Copilot Business" or "Administration"'
    )


ACCESS_RULES = AccessRules(
    needs=_needs,
    gone="there is no Copilot in it, or this host has no API of Copilot seats",
    never_for_enterprises={},  # GitHub documents classic tokens and Apps; of fine-grained ones it says nothing
    policy=lambda _scope, _words: None,
)
