from __future__ import annotations

from datetime import date
from itertools import permutations
from typing import Any

import pytest

from copilot_usage_cli.errors import UsageError
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.sources.payload import InvalidPayload
from copilot_usage_cli.sources.reports.teams import TeamLists

TEAM = Scope("org", "acme", "core")
ENTERPRISE = Scope("enterprise", "mega", "core")
SECOND, THIRD = date(2026, 11, 2), date(2026, 11, 3)


def member(user: Any, day: date = SECOND, slug: Any = "core", team_id: Any = 3, **fields: Any) -> dict[str, Any]:
    ids = {"organization_id": "4711", "enterprise_id": "12"}
    return {"user_id": user, "day": str(day), **ids, "team_id": team_id, "slug": slug, **fields}


def users(*lines: dict[str, Any], scope: Scope = TEAM) -> dict[int, list[int]]:
    lists = TeamLists(scope.kind, [scope.team or ""])
    for line in lines:
        lists.add(line)
    return {day.day: sorted(found) for day, found in lists.members(scope).items()}


def test_members_are_of_a_day_with_the_id_of_their_owner() -> None:
    lists = TeamLists("org", ["core"])
    for line in (member(1), member("2"), member(3, THIRD, organization_id=None)):
        lists.add(line)
    assert lists.members(TEAM) == {SECOND: {1: "4711", 2: "4711"}, THIRD: {3: ""}}
    lists = TeamLists("enterprise", ["core"])
    lists.add(member(1))
    assert lists.members(ENTERPRISE) == {SECOND: {1: "12"}}


def test_other_teams_are_left_out_and_slugs_compare_without_case() -> None:
    lines = [member(1), member(2, slug="CORE"), member(3, slug="cores"), member(4, slug=None), member(5, slug="web")]
    assert users(*lines) == {2: [1, 2]}
    assert users(*lines, scope=Scope("org", "acme", "Core")) == {2: [1, 2]}
    assert users(*lines, scope=Scope("org", "acme", "nobody")) == {}


def test_the_exact_slug_goes_before_the_one_with_another_prefix() -> None:
    lines = [
        member(1, slug="ent:core", team_id=7),
        member(2, slug="core", team_id=8),
        member(3, slug="ent:web", team_id=9),
    ]
    for order in permutations(lines):
        assert users(*order, scope=ENTERPRISE) == {2: [2]}
        assert users(*order, scope=Scope("enterprise", "mega", "ENT:Core")) == {2: [1]}
        assert users(*order, scope=Scope("enterprise", "mega", "ent:web")) == {2: [3]}
        assert users(*order, scope=Scope("enterprise", "mega", "web")) == {2: [3]}


def test_a_team_that_is_spelled_both_ways_has_one_id() -> None:
    lines = [member(1, slug="ent:core"), member(2, THIRD, slug="core")]
    for name in ("core", "ent:core"):
        assert users(*lines, scope=Scope("enterprise", "mega", name)) == {2: [1], 3: [2]}


def test_a_team_can_be_named_by_its_id() -> None:
    assert users(member(1, team_id=77), member(2, team_id=78), scope=Scope("org", "acme", "78")) == {2: [2]}
    lines = [member(1, slug="78", team_id=1), member(2, slug="web", team_id=78)]
    assert users(*lines, scope=Scope("org", "acme", "78")) == {2: [1]}


@pytest.mark.parametrize(
    ("lines", "scope", "both"),
    [
        ([member(1, team_id=7), member(2, team_id=8)], TEAM, "core (team_id 7) and core (team_id 8)"),
        (
            [member(1, slug="ent:core", team_id=7), member(2, THIRD, slug="ent:core", team_id=8)],
            ENTERPRISE,
            "ent:core (team_id 7) and ent:core (team_id 8)",
        ),
    ],
)
def test_two_teams_that_answer_to_a_name_are_both_listed(lines: list[Any], scope: Scope, both: str) -> None:
    for order in permutations(lines):
        with pytest.raises(UsageError) as caught:
            users(*order, scope=scope)
        assert caught.value.message == f"{scope}: {both} answer to this name"
        assert caught.value.hint == "name one by its team_id"


def test_teams_without_ids_are_told_apart_by_their_slugs() -> None:
    lines = [member(1, team_id=None), member(2, slug="ent:core", team_id=None)]
    assert users(*lines, scope=ENTERPRISE) == {2: [1]}


@pytest.mark.parametrize("user", [None, "", "x7", "٣", 7.5, True, [7], "-7", "9" * 5000])
def test_a_line_without_the_number_of_a_user_is_refused(user: Any) -> None:
    with pytest.raises(InvalidPayload, match=r"is not a line of a user-teams report: user_id is not a number$"):
        users(member(user))


@pytest.mark.parametrize("payload", [5, "text", None, [member(1)]])
def test_what_is_no_object_is_refused(payload: Any) -> None:
    with pytest.raises(InvalidPayload):
        users(payload)


def test_a_slug_that_is_no_name_is_refused() -> None:
    with pytest.raises(InvalidPayload, match="field slug: 5 is not a name"):
        users(member(2, slug=5))
