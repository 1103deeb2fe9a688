from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot_usage_cli.model.activity import Activity, ActivityRow
from copilot_usage_cli.model.aggregates import ACTIVE_USERS, Aggregates
from copilot_usage_cli.model.fetch_result import FetchResult
from copilot_usage_cli.model.period import Period
from copilot_usage_cli.model.query import Filter, Query
from copilot_usage_cli.model.records import BreakdownRow, DailyRecord
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.render.beyond import beyond_lines
from copilot_usage_cli.render.lines import text_width
from copilot_usage_cli.report.beyond import Beyond, beyond, sessions_sheet
from copilot_usage_cli.report.build import Report, build

ORG = Scope("org", "acme")
FIRST = date(2026, 11, 2)


def row(*names: str, prompts: int = 0, added: int = 0) -> ActivityRow:
    return ActivityRow(names, prompts, 1, 0, 0, 0, added, 0)


def report(*activities: Activity, query: dict[str, Any] | None = None, aggregates: Aggregates | None = None) -> Report:
    records = [
        DailyRecord(
            ORG,
            "reports",
            FIRST + timedelta(days=n),
            total_active_users=1,
            breakdown=(BreakdownRow("go", None, 1, 1, 1, 1),),
            activity=activity,
            aggregates=aggregates or Aggregates(),
        )
        for n, activity in enumerate(activities)
    ]
    asked = Query(ORG, Period(FIRST, FIRST + timedelta(days=len(activities) - 1)), date(2026, 11, 20), "reports")
    return build(asked._replace(**(query or {})), FetchResult(records))


ACTIVITY = Activity(
    None,
    (
        row("code_completion", added=30),
        row("chat_panel_ask_mode", prompts=3),
        row("copilot_cli", prompts=1),
        row("agent_edit", added=70),
    ),
    (row("claude-sonnet-5", "chat_panel_ask_mode", prompts=3), row("auto", "copilot_cli", prompts=1)),
)


def test_features_are_told_by_their_share_of_prompts_and_of_lines_added() -> None:
    found = beyond(report(ACTIVITY, ACTIVITY))
    assert found is not None
    assert found.prompts == (("chat_panel_ask_mode", 0.75), ("copilot_cli", 0.25))
    assert found.lines_added == (("agent_edit", 0.7), ("code_completion", 0.3))
    assert found.models == (("claude-sonnet-5", 0.75), ("auto", 0.25))


def test_people_are_those_of_the_last_day_and_the_cli_is_added_up() -> None:
    users = {
        "monthly_active_agent_users": 20,
        "monthly_active_copilot_cloud_agent_users": 0,
        "daily_active_cli_users": 3,
    }
    given = Aggregates(tuple(users.get(name) for name in ACTIVE_USERS), cli=(2, 9, 5, 1000, None))
    found = beyond(report(ACTIVITY, ACTIVITY, aggregates=given))
    assert found is not None
    assert found.facts == (
        ("20 people with agents in 28 days",),
        ("CLI: 3.0 people a day", "4 sessions", "10 prompts", "2,000 tokens written"),
    )


def test_there_is_nothing_beyond_where_only_completions_are() -> None:
    assert beyond(report(Activity(None, (row("code_completion", added=30),), ()))) is None
    assert beyond(report(Activity())) is None
    assert beyond(report(ACTIVITY, query={"filter": Filter(("go",))})) is None


LINES = Beyond(
    (("chat_panel_agent_mode", 0.9), ("a_feature_of_tomorrow", 0.0999), ("others", 0.0001)),
    (("agent_edit", 1.0),),
    (("gpt-5.4", 0.6), ("auto", 0.4)),
    (("20 people with agents in 28 days", "6 with the cloud agent"), ("CLI: 3.0 people a day", "4 sessions")),
)


def test_there_are_three_lines_in_words_for_people() -> None:
    assert beyond_lines(LINES, None) == [
        "beyond completions: agent mode 90% of prompts, a_feature_of_tomorrow 10%; agent edits 100% of lines added",
        "models: gpt-5.4 60% of prompts, auto 40%",
        "agents and CLI: 20 people with agents in 28 days, 6 with the cloud agent; CLI: 3.0 people a day, 4 sessions",
    ]


def test_what_has_no_room_goes_and_the_first_of_each_stays() -> None:
    assert beyond_lines(LINES, 80) == [
        "beyond completions: agent mode 90% of prompts; agent edits 100% of lines added",
        "models: gpt-5.4 60% of prompts, auto 40%",
        "agents and CLI: 20 people with agents in 28 days; CLI: 3.0 people a day",
    ]
    assert beyond_lines(LINES, 40) == [
        "features: agent mode 90% of prompts",
        "models: gpt-5.4 60% of prompts, auto 40%",
        "20 people with agents in 28 days",
    ]


shares = st.lists(st.tuples(st.text(min_size=1, max_size=40), st.floats(0.001, 1)), max_size=6).map(tuple)


@given(st.builds(Beyond, shares, shares, shares, st.just(()) | st.just(LINES.facts)), st.integers(20, 200))
def test_each_line_fits_and_there_are_three_at_most(found: Beyond, width: int) -> None:
    lines = beyond_lines(found, width)
    assert len(lines) <= 3
    assert all(text_width(line) <= width for line in lines)


@pytest.mark.parametrize("source", ["reports", "user-reports"])
def test_the_default_report_has_them_and_the_full_one_the_tables(source: str, call: Any) -> None:
    args = ["org", "acme", "--demo", "--source", source, "--since", "2w"]
    done = call(*args)
    assert "\nbeyond completions: " in done.out
    assert "\nmodels: " in done.out
    assert "\nagents and CLI: " in done.out
    full = call(*args, "--full").out
    for title in (
        "features: prompts are what people sent",
        "models: of chat, agents and the CLI",
        "people by surface: ",
    ):
        assert (f"\n{title}" in full) == (title != "people by surface: " or source == "reports")


def test_the_classic_report_has_none(call: Any) -> None:
    assert "beyond completions" not in call("org", "acme", "--demo").out


def test_sessions_say_over_how_many_days_they_are_known() -> None:
    one = Aggregates(cli=(1, 9, 1, 1, None))
    days = report(ACTIVITY, ACTIVITY, ACTIVITY)
    known = days._replace(records=(days.records[0]._replace(aggregates=one), *days.records[1:]))
    found = beyond(known)
    assert found is not None
    assert found.facts == (("CLI: 1 session (on 1 of 3 d)", "1 prompt", "1 token written"),)


def test_sessions_of_the_cli_and_of_the_app_are_added_up_by_themselves() -> None:
    given = Aggregates(cli=(2, 9, 5, 1000, None), app=(1, 2, 3, 4, 5))
    sheet = sessions_sheet(report(ACTIVITY, ACTIVITY, aggregates=given).records)
    assert [tuple(row.values()) for row in sheet.rows] == [
        ("CLI", 2, 4, 18, 10, 2000, None),
        ("Copilot app", 2, 2, 4, 6, 8, 10),
    ]
    assert sessions_sheet(report(ACTIVITY).records).rows == []
