"""What aggregated reports say besides activity: where each number comes from, and what may be missing."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from itertools import permutations
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.strategies import aggregates

from copilot_usage_cli.errors import NotUnderstood
from copilot_usage_cli.model.aggregates import (
    ACTIVE_USERS,
    MEDIANS,
    NO_AGGREGATES,
    PULL_REQUESTS,
    Aggregates,
    Engagement,
    Phase,
)
from copilot_usage_cli.model.fetch_result import FetchResult
from copilot_usage_cli.model.period import Period
from copilot_usage_cli.model.query import Query
from copilot_usage_cli.model.records import DailyRecord, merge
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.render.json import documents
from copilot_usage_cli.report.build import build
from copilot_usage_cli.sources.own_json import read_own
from copilot_usage_cli.sources.payload import InvalidPayload
from copilot_usage_cli.sources.reports.read_aggregates import ENGAGEMENT, PHASES, read_aggregates
from copilot_usage_cli.sources.saved_files import read_files

if TYPE_CHECKING:
    from pathlib import Path

ORG = Scope("org", "acme")
DAY = date(2026, 11, 10)
PHASE = {"phase": "Phase 1", "phase_number": 1, "total_engaged_users": 4, "users_in_phase_28d": 9}
ENGAGED = {"active_user_count": 12, "totals_by_feature": [{"feature": "github_app", "engaged_user_count": 3}]}


@pytest.mark.parametrize("name", ACTIVE_USERS)
def test_active_users_by_their_own_names(name: str) -> None:
    users = read_aggregates({name: 5}).active_users
    assert users is not None
    assert dict(zip(ACTIVE_USERS, users, strict=True)) == dict.fromkeys(ACTIVE_USERS) | {name: 5}


@pytest.mark.parametrize("name", PULL_REQUESTS)
def test_counts_of_pull_requests_by_their_own_names(name: str) -> None:
    pulls = read_aggregates({"pull_requests": {name: 7}}).pull_requests
    assert pulls is not None
    assert dict(zip(PULL_REQUESTS, pulls.counts, strict=True)) == dict.fromkeys(PULL_REQUESTS) | {name: 7}
    assert pulls.medians == (None, None, None)


@pytest.mark.parametrize("name", MEDIANS)
@pytest.mark.parametrize("minutes", [0, 12, 12.75, None])
def test_medians_of_minutes_may_be_fractions_or_null(name: str, minutes: float | None) -> None:
    pulls = read_aggregates({"pull_requests": {name: minutes, "copilot_suggestions_by_comment_type": []}}).pull_requests
    assert pulls is not None
    assert dict(zip(MEDIANS, pulls.medians, strict=True)) == dict.fromkeys(MEDIANS) | {name: minutes}


def test_phases_of_adoption() -> None:
    merged = {**PHASE, "total_pull_requests_merged": 2, "avg_loc_added": 1.5, "avg_pull_requests_review_cycles": None}
    rows = read_aggregates({PHASES: [merged, {"phase": "No Cohort", "phase_number": 0}]})
    assert rows.phases == (Phase("Phase 1", 1, 4, 9, 2), Phase("No Cohort", 0))
    assert read_aggregates({PHASES: []}).phases == ()


def test_feature_engagement() -> None:
    assert read_aggregates({ENGAGEMENT: ENGAGED}).engagement == Engagement(12, (("github_app", 3),))
    for nothing in ({}, {ENGAGEMENT: None}):
        assert read_aggregates(nothing).engagement is None
    assert read_aggregates({ENGAGEMENT: {}}).engagement == Engagement(None)


@pytest.mark.parametrize(("field", "at"), [("totals_by_cli", "cli"), ("totals_by_copilot_app", "app")])
def test_sessions_of_the_cli_and_the_app_with_their_tokens(field: str, at: str) -> None:
    tokens = {"output_tokens_sum": 100, "prompt_tokens_sum": 900, "avg_tokens_per_request": 12.5}
    given = {"session_count": 2, "request_count": 9, "prompt_count": 3, "token_usage": tokens}
    assert getattr(read_aggregates({field: given}), at) == (2, 9, 3, 100, 900)
    assert getattr(read_aggregates({field: {"session_count": 2, "token_usage": None}}), at) == (
        2,
        None,
        None,
        None,
        None,
    )
    assert getattr(read_aggregates({field: None}), at) is None


def test_what_isnt_there_is_unknown() -> None:
    assert read_aggregates({"daily_active_users": 5}) == NO_AGGREGATES
    assert NO_AGGREGATES.is_blank
    assert not read_aggregates({"pull_requests": {"total_created": 0}}).is_blank


@pytest.mark.parametrize(
    ("payload", "named"),
    [
        ({"monthly_active_users": "5"}, 'field monthly_active_users: "5" is not a count'),
        ({"pull_requests": [1]}, "field pull_requests: a list is not an object"),
        ({"pull_requests": {"total_merged": -1}}, ", pull_requests, field total_merged: -1 is not a count"),
        ({"pull_requests": {MEDIANS[0]: True}}, f", pull_requests, field {MEDIANS[0]}: true is not a number"),
        ({"pull_requests": {MEDIANS[0]: -1}}, f", pull_requests, field {MEDIANS[0]}: -1 is not a number of minutes"),
        ({PHASES: [5]}, f"field {PHASES}: a row of it is not an object"),
        (
            {PHASES: [{"phase": 1}]},
            f", {PHASES}, field phase: 1 is not a name",
        ),
        (
            {PHASES: [PHASE] * 101},
            f"field {PHASES}: it has more than 100 rows",
        ),
        ({ENGAGEMENT: 5}, f"field {ENGAGEMENT}: 5 is not an object"),
        (
            {ENGAGEMENT: {"totals_by_feature": {}}},
            "field totals_by_feature: it is not a list of rows",
        ),
        ({"pull_requests": {MEDIANS[0]: 10**400}}, f", pull_requests, field {MEDIANS[0]}: 1000"),
        ({"totals_by_cli": {"token_usage": 5}}, ", totals_by_cli, field token_usage: 5 is not an object"),
        ({"totals_by_cli": {"session_count": 1.5}}, ", totals_by_cli, field session_count: 1.5 is not a count"),
    ],
)
def test_what_is_something_else_is_named(payload: dict[str, Any], named: str) -> None:
    with pytest.raises(InvalidPayload) as refused:
        read_aggregates(payload)
    assert named in refused.value.problem


def wrapper(last: date, *days: date, created: str = "2026-11-12T00:00:00Z", **others: Any) -> dict[str, Any]:
    totals = [{"day": str(day), "daily_active_users": 5} for day in days]
    ends = {"report_start_day": str(days[0]), "report_end_day": str(last), "created_at": created}
    return {**ends, "day_totals": totals, ENGAGEMENT: ENGAGED, **others}


def read(tmp_path: Path, *documents: Any) -> tuple[DailyRecord, ...]:
    names = []
    for number, document in enumerate(documents):
        path = tmp_path / f"{number}.json"
        path.write_text(json.dumps(document), "utf-8")
        names.append(str(path))
    return merge(read_files(names, ORG).records)[0]


def test_engagement_is_of_the_last_day_of_its_report(tmp_path: Path) -> None:
    before, last = read(tmp_path, wrapper(DAY, date(2026, 11, 9), DAY))
    assert before.aggregates.engagement is None
    assert last.aggregates.engagement == Engagement(12, (("github_app", 3),))
    (alone,) = read(tmp_path, wrapper(DAY, date(2026, 11, 9)))
    assert alone.aggregates.engagement is None


def test_a_later_report_takes_no_engagement_back_in_any_order(tmp_path: Path) -> None:
    days = [date(2026, 11, day) for day in (9, 10, 11)]
    reports = [
        wrapper(days[0], *days[:1], created="2026-11-11T00:00:00Z"),
        wrapper(days[1], *days[:2], created="2026-11-12T00:00:00Z"),
        wrapper(days[2], *days, created="2026-11-13T00:00:00Z"),
    ]
    for order in permutations(reports):
        found = read(tmp_path, *order)
        assert [record.aggregates.engagement is not None for record in found] == [True, True, True]
        assert {record.stated_at for record in found} == {datetime(2026, 11, 13, tzinfo=UTC)}


def test_a_day_with_and_without_engagement_is_no_contradiction(tmp_path: Path) -> None:
    report = wrapper(DAY, DAY)
    day = {**report["day_totals"][0], "created_at": report["created_at"]}
    for order in ([report, day], [day, report]):
        (tmp_path / "both.json").write_text(json.dumps(order), "utf-8")
        records, conflicts = merge(read_files([str(tmp_path / "both.json")], ORG).records)
        assert conflicts == ()
        assert records[0].aggregates.engagement is not None


def test_a_day_of_pull_requests_alone_is_a_day(tmp_path: Path) -> None:
    (record,) = read(tmp_path, {"day": str(DAY), "daily_active_users": None, "pull_requests": {"total_created": 1}})
    assert not record.is_blank
    with pytest.raises(NotUnderstood):
        read(tmp_path, {"day": str(DAY), "daily_active_users": None})


@given(aggregates(st.none() | st.text(max_size=5), st.none() | st.integers(0, 2**53)))
def test_what_is_written_as_json_is_read_back(drawn: Aggregates) -> None:
    record = DailyRecord(ORG, "reports", DAY, total_active_users=5, aggregates=drawn)
    report = build(Query(ORG, Period(DAY, DAY), DAY), FetchResult([record]))
    (document,) = json.loads(json.dumps(documents(report)))
    assert read_own(document, ORG) == record
