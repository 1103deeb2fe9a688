"""The made-up reports have the shapes that real ones have."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from copilot_usage_cli.report.grouping import ACTIVITY_COLUMNS

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


@pytest.mark.parametrize("by", ["feature", "model", "language,model", "model,feature"])
def test_the_aggregate_and_the_users_agree_on_activity(by: str, call: Run) -> None:
    def rows(source: str) -> set[tuple[str, ...]]:
        done = call("org", "acme", "--demo", "--source", source, "--by", by, "--json", "-q")
        names = (*by.split(","), *ACTIVITY_COLUMNS)
        return {tuple(str(each[name]) for name in names) for each in json.loads(done.out)}

    assert len(rows("reports")) > 1 or by == "model,feature"
    assert rows("reports") == rows("user-reports")


def test_the_demo_says_where_its_languages_do_not_add_up(call: Run) -> None:
    out = call("org", "acme", "--demo", "--source", "reports", "--by", "language,feature").out
    assert "the rows by language and feature don't add up to the activity of all features on 2" in out
    assert "add up" not in call("org", "acme", "--demo", "--source", "user-reports", "--by", "language,feature").out


def test_what_the_demo_says_of_people_and_the_cli_agrees_with_itself(call: Run) -> None:
    days = json.loads(call("org", "acme", "--demo", "--source", "reports", "--json", "-q").out)
    for day in days:
        users = [day[f"{unit}_active_users"] for unit in ("weekly", "monthly")]
        assert day["total_active_users"] <= users[0] <= users[1]
        assert sum(phase["users_in_phase_28d"] for phase in day["totals_by_ai_adoption_phase"]) == users[1]
        rows = {row["feature"]: row for row in day["totals_by_feature"]}
        if "totals_by_cli" in day:
            prompts = rows["copilot_cli"]["user_initiated_interaction_count"]
            assert day["totals_by_cli"]["prompt_count"] == prompts > 0
        pulls = day["pull_requests"]
        assert pulls["total_merged_created_by_copilot"] <= pulls["total_created_by_copilot"] <= pulls["total_created"]
    engaged = [day["copilot_feature_engagement"] for day in days if "copilot_feature_engagement" in day]
    assert [each["active_user_count"] for each in engaged] == [days[-1]["monthly_active_users"]]
    assert len(engaged[0]["totals_by_feature"]) == 7


@pytest.mark.parametrize("by", ["ide", "feature", "model"])
def test_the_activity_of_the_demo_adds_up(by: str, call: Run) -> None:
    assert "add up" not in call("org", "acme", "--demo", "--source", "reports", "--by", by).out
