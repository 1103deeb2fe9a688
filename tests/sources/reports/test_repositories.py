"""Repository reports: each line, a call for each day, and saved files."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from support.clock import NOW
from support.reports import ORG, REPORTS, TODAY

from copilot_usage_cli.errors import NotUnderstood
from copilot_usage_cli.model.aggregates import PULL_REQUESTS
from copilot_usage_cli.model.period import Period
from copilot_usage_cli.model.query import Query
from copilot_usage_cli.model.repositories import TIMES_OF_REVIEW, RepositoryDays, ReviewTimes
from copilot_usage_cli.report.repositories import RepositoriesFound, repositories_view
from copilot_usage_cli.report.view import Circumstances
from copilot_usage_cli.sources.payload import InvalidPayload
from copilot_usage_cli.sources.reports import repositories
from copilot_usage_cli.sources.reports.repositories import fetch_repositories, parse_line, read_repositories

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.conversation import Conversation
    from support.openapi import GitHubToday

DAY = date(2026, 11, 10)
HERE = Circumstances(NOW)


def line(number: int = 7, day: date = DAY, name: str = "web", **counted: Any) -> dict[str, Any]:
    return {
        "day": str(day),
        "organization_id": "1",
        "enterprise_id": "",
        "repo_id": number,
        "repo_owner_name": "acme",
        "repo_name": name,
        "repo_visibility": "PRIVATE",
        "pull_requests": {"total_created": 1, "total_merged": 1, **counted},
        "pull_request_review_times": [],
    }


def query(first: date | None = None, last: date | None = None) -> Query:
    return Query(ORG, Period(first, last), TODAY, "reports")


def test_a_line_of_a_repository() -> None:
    minutes = {name: n + 0.25 for n, name in enumerate(TIMES_OF_REVIEW)}
    times = {"authored_by": "human", "reviewed_by": "human", "total_merged": 3, **minutes}
    found = parse_line({**line(total_reviewed=9), "pull_request_review_times": [times]})
    assert (found.day, found.number, found.name, found.visibility) == (DAY, 7, "acme/web", "PRIVATE")
    assert dict(zip(PULL_REQUESTS, found.pull_requests.counts, strict=True)) == dict.fromkeys(PULL_REQUESTS) | {
        "total_created": 1,
        "total_merged": 1,
        "total_reviewed": 9,
    }
    assert found.review_times == (ReviewTimes("human", "human", 3, tuple(minutes.values())),)


def test_no_review_times_are_unknown_and_not_zero_minutes() -> None:
    unknown: list[list[Any] | None] = [[], None]
    for times in unknown:
        assert parse_line({**line(), "pull_request_review_times": times}).review_times == ()
    found = RepositoriesFound(RepositoryDays(DAY, DAY, (parse_line(line()),), 1))
    (row,) = repositories_view([(ORG, found)], "day,repo", None, HERE).data.rows
    assert [row[name] for name in (*TIMES_OF_REVIEW, "review_times_of")] == [None] * 7


def test_a_repository_without_a_name_has_its_number() -> None:
    assert parse_line({"day": str(DAY), "repo_id": 7, "pull_requests": {}}).name == "repository 7"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"repo_id": None}, " has no repo_id"),
        ({"pull_requests": None}, " has no pull_requests"),
        ({"pull_requests": {"total_created": -1}}, "field total_created: -1 is not a count"),
        ({"repo_name": 5}, "field repo_name: 5 is not a name"),
        ({"pull_request_review_times": [{"total_merged": "1"}]}, 'pull_request_review_times, field total_merged: "1"'),
        ({"day": "soon"}, "is not a date"),
    ],
)
def test_what_is_something_else_is_named(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidPayload) as refused:
        parse_line({**line(), **fields})
    assert words in refused.value.problem


def fetch(today: GitHubToday, converse: Callable[..., Conversation], query: Query) -> tuple[Any, list[str]]:
    talk = converse(today.url)
    return fetch_repositories(talk.client, query, 4), talk.said


def test_there_is_a_call_for_each_day_and_their_number_is_said_before(
    today: GitHubToday, converse: Callable[..., Conversation]
) -> None:
    days = [DAY, DAY + timedelta(days=1), DAY + timedelta(days=2)]
    today.report(f"{REPORTS}/repos-1-day?day={days[0]}", line(), line(8, name="api"))
    today.answers[f"{REPORTS}/repos-1-day?day={days[1]}"] = (204, None)
    today.answers[f"{REPORTS}/repos-1-day?day={days[2]}"] = {"download_links": [], "report_day": str(days[2])}
    found, said = fetch(today, converse, query(days[0], days[2]))
    assert said == ["org:acme: 3 reports to fetch, one for each day"]
    assert sorted(today.arrivals) == [f"{REPORTS}/repos-1-day?day={day}" for day in days]
    assert [each.name for each in found.lines] == ["acme/api", "acme/web"]
    assert found.without_data == (days[1], days[2])
    assert found.days == 1


def test_without_a_period_it_is_the_28_days_that_are_ready(
    today: GitHubToday, converse: Callable[..., Conversation]
) -> None:
    today.answers[f"{REPORTS}/repos-1-day"] = (204, None)
    found, _ = fetch(today, converse, query())
    assert len(today.arrivals) == 28
    assert (found.since, found.until) == (date(2026, 10, 17), date(2026, 11, 13))


def test_saved_files_hold_each_repository_once_a_day(tmp_path: Path) -> None:
    path = tmp_path / "repos.ndjson"
    lines = [line(), line(total_created=5), line(day=DAY + timedelta(days=1)), line(8, DAY - timedelta(days=9))]
    path.write_text("".join(f"{json.dumps(each)}\n" for each in lines), "utf-8")
    found = read_repositories([str(path)], query(DAY, None))
    assert [(each.day, each.pull_requests.counts[0]) for each in found.lines] == [
        (DAY, 5),
        (DAY + timedelta(days=1), 1),
    ]


def test_another_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "day.json"
    path.write_text(json.dumps({"day": str(DAY), "daily_active_users": 5}), "utf-8")
    with pytest.raises(NotUnderstood, match=r"day\.json: line 1 has no repo_id"):
        read_repositories([str(path)], query())


def test_more_lines_than_there_is_room_for_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(repositories, "_MOST_LINES", 2)
    path = tmp_path / "repos.json"
    path.write_text(json.dumps([line(1), line(1), line(2)]), "utf-8")
    assert len(read_repositories([str(path)], query()).lines) == 2
    path.write_text(json.dumps([line(1), line(2), line(3)]), "utf-8")
    with pytest.raises(NotUnderstood, match="line 3 is one of more than 2"):
        read_repositories([str(path)], query())


def view(*lines: dict[str, Any], top: int | None = None) -> Any:
    parsed = tuple(parse_line(each) for each in lines)
    return repositories_view([(ORG, RepositoriesFound(RepositoryDays(DAY, DAY, parsed, 1)))], "repo", top, HERE)


def test_a_repository_is_added_up_by_its_number_whatever_it_is_called() -> None:
    later = DAY + timedelta(days=1)
    rows = view(line(), line(7, later, "website", total_created=3), line(8, total_created=2)).data.rows
    assert [(row["repo"], row["created"], row["merged"]) for row in rows] == [
        ("acme/website", 4, 2),
        ("acme/web", 2, 1),
    ]


def test_what_top_leaves_out_is_said() -> None:
    found = view(line(1, total_created=1), line(2, total_created=2), line(3, total_created=3), top=2)
    assert [row["created"] for row in found.data.rows] == [3, 2]
    assert found.notes[0] == "left out by --top: 1 more row"


def test_a_report_with_lines_of_another_day_is_refused(
    today: GitHubToday, converse: Callable[..., Conversation]
) -> None:
    today.report(f"{REPORTS}/repos-1-day?day={DAY}", line(day=DAY - timedelta(days=1)))
    with pytest.raises(NotUnderstood, match="line 1 is of 2026-11-09, which is not a day of this report"):
        fetch_repositories(converse(today.url).client, query(DAY, DAY), 4)
