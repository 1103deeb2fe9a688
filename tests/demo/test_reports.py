"""The made-up reports have the shapes that real ones have."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from support.program import Run


def test_a_team_of_the_business_is_another_than_the_enterprises(call: Run) -> None:
    def people(team: str) -> int:
        done = call("team", team, "--enterprise", "megacorp", "--demo", "--source", "user-reports", "--json", "-q")
        return max(int(each["user_days"]["all"]) for each in json.loads(done.out))

    assert people("mobile") <= 5 < people("ent:mobile")


def test_some_user_days_have_no_details_and_some_people_two_ides(call: Run) -> None:
    days = json.loads(call("org", "acme", "--demo", "--source", "user-reports", "--json", "-q").out)
    assert sum(day["user_days"]["without_details"] for day in days) > 0
    assert any(row["editor"] == "multiple" for day in days for row in day["breakdown"])
    assert all(type(day["total_suggestions_count"]) is int for day in days)
