"""Seats as GitHub lists them: each field, each trap of docs.github.com's reference, and pages side by side."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest

from copilot_usage_cli.errors import CopilotUsageError, NotAllowed, NotFound, NotUnderstood, UsageError
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.model.seats import Seat, one_a_person
from copilot_usage_cli.sources import pages, seats
from copilot_usage_cli.sources.seats import fetch_seats, read_seats

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.conversation import Conversation
    from support.openapi import GitHubToday

ORG = Scope("org", "acme")
ENTERPRISE = Scope("enterprise", "mega")
BILLING = "/orgs/acme/copilot/billing"
LIST = f"{BILLING}/seats"
GRANTED = "2026-01-02T23:30:00-06:00"


def seat(user: int | None = 1, **fields: Any) -> dict[str, Any]:
    assignee = None if user is None else {"id": user, "login": f"user-{user}"}
    return {"created_at": GRANTED, "assignee": assignee, **fields}


def saved(tmp_path: Path, *documents: Any) -> list[str]:
    path = tmp_path / "seats.json"
    path.write_text("\n".join(map(json.dumps, documents)), "utf-8")
    return [str(path)]


def people(tmp_path: Path, *seats: dict[str, Any]) -> tuple[Seat, ...]:
    return read_seats(saved(tmp_path, {"total_seats": len(seats), "seats": list(seats)}), ORG).people


def test_a_team_of_the_enterprise_is_one_whichever_organization_it_grants_in(tmp_path: Path) -> None:
    for slug, names in (("ent:core", ("ent:core",)), ("core", ("a/core", "b/core"))):
        (found,) = people(
            tmp_path, *(seat(1, organization={"login": name}, assigning_team={"slug": slug}) for name in ("a", "b"))
        )
        assert found.teams == names


def test_ten_thousand_people_in_a_hundred_pages(today: GitHubToday, converse: Callable[..., Conversation]) -> None:
    """How fast it is, tests/benchmarks/seats.py measures."""
    today.answers[BILLING] = {}
    today.list(LIST, "seats", [seat(n) for n in range(1, 10_001)], total_seats=10_000)
    found = fetch(today, converse)
    assert [each.user for each in found.people] == list(range(1, 10_001))
    assert sum(target.startswith(f"{LIST}?") for target in today.arrivals) == 100
    assert today.most_at_once > 1


def test_all_fields_of_a_seat(tmp_path: Path) -> None:
    (found,) = people(
        tmp_path,
        seat(
            7,
            organization={"login": "acme"},
            assigning_team={"slug": "core"},
            pending_cancellation_date="2026-12-01",
            last_activity_at="2026-11-14T20:00:00-06:00",
            last_activity_editor="vscode/1.77.3/copilot/1.86.82",
            plan_type="business",
            updated_at=GRANTED,
            last_authenticated_at=None,
        ),
    )
    assert found == Seat(
        7,
        "user-7",
        datetime(2026, 1, 3, 5, 30, tzinfo=UTC),
        datetime(2026, 11, 15, 2, tzinfo=UTC),
        "vscode/1.77.3/copilot/1.86.82",
        date(2026, 12, 1),
        "business",
        ("acme/core",),
        ("acme",),
    )


def test_times_with_an_offset_are_kept_in_utc(tmp_path: Path) -> None:
    (found,) = people(tmp_path, seat(created_at="2026-01-02T23:30:00-06:00"))
    assert found.granted == datetime(2026, 1, 3, 5, 30, tzinfo=UTC)
    assert found.granted.tzinfo is UTC


def test_only_created_at_has_to_be_there(tmp_path: Path) -> None:
    assert people(tmp_path, {"created_at": GRANTED}) == (Seat(None, None, datetime(2026, 1, 3, 5, 30, tzinfo=UTC)),)
    with pytest.raises(NotUnderstood, match=r"seat 2 has no created_at"):
        people(tmp_path, seat(), {"assignee": None, "seats": 1})


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("created_at", "yesterday", "is not a moment"),
        ("created_at", 5, "is not a moment"),
        ("last_activity_at", "9999-12-31T23:59:59-14:00", "is not a moment"),
        ("pending_cancellation_date", 20261201, "is not a date"),
        ("assignee", "user-1", "is not an object"),
        ("organization", [], "is not an object"),
        ("plan_type", 3, "is not a name"),
        ("assignee", {"id": "seven"}, "is not a count"),
    ],
)
def test_a_field_that_is_something_else_is_named(field: str, value: Any, words: str, tmp_path: Path) -> None:
    names = saved(tmp_path, {"seats": [seat(), seat(2, **{field: value})]})
    with pytest.raises(NotUnderstood, match=f"seat 2, field {'id' if words == 'is not a count' else field}.*{words}"):
        read_seats(names, ORG)


def test_a_seat_without_a_person_counts_and_joins_nothing(tmp_path: Path) -> None:
    found = people(tmp_path, seat(None), seat(None), seat(1))
    assert [each.user for each in found] == [1, None, None]


def test_the_seats_of_one_person_are_one(tmp_path: Path) -> None:
    (found,) = people(
        tmp_path,
        seat(
            organization={"login": "acme"},
            assigning_team={"slug": "core"},
            last_activity_at="2026-11-01T00:00:00Z",
            last_activity_editor="vscode/1",
            created_at="2026-03-01T00:00:00Z",
            pending_cancellation_date="2026-12-01",
            plan_type="business",
        ),
        seat(
            organization={"login": "globex"},
            last_activity_at="2026-11-10T00:00:00Z",
            last_activity_editor="Neovim/2",
            created_at="2026-02-01T00:00:00Z",
            plan_type="enterprise",
        ),
    )
    assert found == Seat(
        1,
        "user-1",
        datetime(2026, 2, 1, tzinfo=UTC),  # the earliest grant
        datetime(2026, 11, 10, tzinfo=UTC),  # the newest activity, and its editor
        "Neovim/2",
        None,  # ends only if all of them end
        "enterprise",  # before business
        ("acme/core",),
        ("acme", "globex"),
    )


def test_a_seat_ends_if_all_of_a_person_do_when_the_last_does() -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    first, second = (Seat(1, "a", moment, ends=date(2026, month, 1)) for month in (11, 12))
    assert one_a_person([first, second])[0].ends == date(2026, 12, 1)
    assert one_a_person([first, second._replace(ends=None)])[0].ends is None


def test_a_person_without_an_id_is_one_by_the_login(tmp_path: Path) -> None:
    found = people(tmp_path, *[{"created_at": GRANTED, "assignee": {"login": login}} for login in ("a", "A", "b")])
    assert [each.login for each in found] == ["a", "b"]
    assert not any(each.is_nobodys for each in found)


def test_a_repeated_page_is_no_error(tmp_path: Path) -> None:
    page = {"total_seats": 2, "seats": [seat(1), seat(2)]}
    found = read_seats(saved(tmp_path, page, page), ORG)
    assert (len(found.people), found.objects, found.total) == (2, 4, 2)


def test_a_list_without_seats_is_an_answer(tmp_path: Path) -> None:
    assert read_seats(saved(tmp_path, {"total_seats": 0, "seats": []}), ORG).people == ()


def test_ids_that_are_floats_are_numbers(tmp_path: Path) -> None:
    assert [each.user for each in people(tmp_path, seat(1), {**seat(), "assignee": {"id": 1.0, "login": "u"}})] == [1]


def test_the_summary_beside_the_list_tells_who_is_invited(tmp_path: Path) -> None:
    summary = {"seat_breakdown": {"total": 2, "pending_invitation": 4}, "seat_management_setting": "assign_all"}
    assert read_seats(saved(tmp_path, summary, {"seats": [seat()]}), ORG).invited == 4
    with pytest.raises(NotUnderstood, match="a summary of seats, without a list"):
        read_seats(saved(tmp_path, summary), ORG)


def test_seats_that_were_taken_out_of_their_lists_are_read(tmp_path: Path) -> None:
    assert len(read_seats(saved(tmp_path, seat(1), [seat(2), {"seats": [seat(3)]}]), ORG).people) == 3


@pytest.mark.parametrize(
    ("document", "what"),
    [
        ({"usageItems": [], "timePeriod": {}}, "an answer about credits or billing"),
        ({"message": "Not Found"}, "an error answer of GitHub's: Not Found"),
        ({"download_links": []}, "the answer that links to a report"),
        ({"day": "2026-11-01"}, "is not a list of Copilot seats"),
        (5, "is not a list of Copilot seats"),
        ({"seats": {}}, "field seats: an object is not a list"),
    ],
)
def test_another_answer_is_named(document: Any, what: str, tmp_path: Path) -> None:
    with pytest.raises(NotUnderstood, match=what):
        read_seats(saved(tmp_path, document), ORG)


def fetch(today: GitHubToday, converse: Callable[..., Conversation], scope: Scope = ORG, jobs: int = 4) -> Any:
    return fetch_seats(converse(today.url, jobs=jobs).client, scope, jobs)


def test_pages_are_fetched_side_by_side_where_the_first_tells_the_last(
    today: GitHubToday, converse: Callable[..., Conversation]
) -> None:
    today.answers[BILLING] = {"seat_breakdown": {"pending_invitation": 3}}
    today.list(LIST, "seats", [seat(n) for n in range(1, 1051)], total_seats=1050)
    today.slow = 0.05
    found = fetch(today, converse)
    assert [each.user for each in found.people] == list(range(1, 1051))
    assert (found.objects, found.total, found.invited) == (1050, 1050, 3)
    assert len(today.arrivals) == 12
    assert 1 < today.most_at_once <= 4


def test_pages_are_followed_one_by_one_where_nothing_tells_the_last(
    today: GitHubToday, converse: Callable[..., Conversation]
) -> None:
    today.list(LIST, "seats", [seat(n) for n in range(1, 351)], total_seats=350)
    today.has_last = False
    found = fetch(today, converse)
    assert len(found.people) == 350
    assert today.most_at_once == 1


def test_a_page_that_is_added_meanwhile_is_fetched_too(
    today: GitHubToday, converse: Callable[..., Conversation]
) -> None:
    seats = [seat(n) for n in range(1, 201)]
    today.list(LIST, "seats", seats, total_seats=200)
    today.after_page = lambda number: seats.extend([seat(n) for n in range(201, 302)] if number == 1 else [])
    assert len(fetch(today, converse).people) == 301


@pytest.mark.parametrize("status", [404, 422])
def test_an_organization_without_a_summary_still_has_its_list(
    status: int, today: GitHubToday, converse: Callable[..., Conversation]
) -> None:
    today.answers[BILLING] = (status, {"message": "There is a problem with your account's associated payment method."})
    today.answers[LIST] = {"total_seats": 1, "seats": [seat()]}
    found = fetch(today, converse)
    assert (len(found.people), found.invited) == (1, None)
    (warning,) = found.warnings
    assert warning == (
        f"GitHub has no summary of these seats: {status} (There is a problem with your account's associated payment "
        "method.); invitations are unknown"
    )


def test_an_enterprise_has_no_summary_and_none_is_asked_for(
    today: GitHubToday, converse: Callable[..., Conversation]
) -> None:
    today.answers["/enterprises/mega/copilot/billing/seats"] = {"total_seats": 1, "seats": [seat()]}
    assert fetch(today, converse, ENTERPRISE).people[0].user == 1
    assert today.arrivals == ["/enterprises/mega/copilot/billing/seats?per_page=100"]


@pytest.mark.parametrize(
    ("status", "kind", "scope", "words"),
    [
        (401, NotAllowed, ORG, "it may have expired"),
        (403, NotAllowed, ORG, "an organization owner, with a classic token that has manage_billing:copilot"),
        (403, NotAllowed, ENTERPRISE, "an enterprise owner or billing manager, with a classic token"),
        (404, NotFound, ENTERPRISE, "there is no Copilot in it"),
        (422, UsageError, ENTERPRISE, "its message may say why"),
    ],
)
def test_a_refusal_says_who_may_read_seats(
    status: int,
    kind: type[CopilotUsageError],
    scope: Scope,
    words: str,
    today: GitHubToday,
    converse: Callable[..., Conversation],
) -> None:
    for path in (BILLING, LIST, "/enterprises/mega/copilot/billing/seats"):
        today.answers[path] = (status, {"message": "No"})
    with pytest.raises(kind) as refused:
        fetch(today, converse, scope)
    assert str(scope) in refused.value.message
    assert words in refused.value.hint


def test_too_many_pages_are_refused(
    today: GitHubToday, converse: Callable[..., Conversation], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "_MOST_PAGES", 3)
    today.list(LIST, "seats", [seat(n) for n in range(1, 450)])
    for has_last in (True, False):
        today.has_last = has_last
        with pytest.raises(NotUnderstood, match="more than 3 pages"):
            fetch(today, converse)


def test_more_seats_than_there_is_room_for_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seats, "_MOST_SEATS", 3)
    assert len(people(tmp_path, seat(1), seat(2), seat(2))) == 2
    with pytest.raises(NotUnderstood, match="more than 3 seats"):
        people(tmp_path, seat(1), seat(2), seat(2), seat(2))
    with pytest.raises(NotUnderstood, match="more than 3 seats"):
        read_seats(saved(tmp_path, *[seat(n) for n in range(1, 5)]), ORG)


def test_pages_of_nothing_without_an_end_are_refused(
    today: GitHubToday, converse: Callable[..., Conversation], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "_MOST_PAGES", 3)
    today.list(LIST, "seats", [seat(n) for n in range(1, 450)])
    today.has_last, today.is_blank = False, True
    with pytest.raises(NotUnderstood, match="more than 3 pages"):
        fetch(today, converse)


def test_a_name_that_is_longer_than_any_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotUnderstood, match=r"field login: .* has 501 characters, and no name has so many"):
        people(tmp_path, {**seat(), "assignee": {"id": 1, "login": "x" * 501}})
    assert people(tmp_path, {**seat(), "assignee": {"id": 1, "login": "x" * 500}})
