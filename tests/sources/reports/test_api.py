"""The reports API against two servers on loopback: GitHub's API, and another origin that holds the files."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from support.reports import (
    ALWAYS,
    ENTERPRISE,
    FIRST,
    LAST,
    LATEST,
    ORG,
    REPORTS,
    TEAM,
    TODAY,
    Hub,
    Reports,
    ago,
    day,
    member,
    once,
    one_day,
    period,
    suggestions,
    user,
    whole,
)
from werkzeug import Request, Response

from copilot_usage_cli.errors import CopilotUsageError, NotAllowed, NotFound, NotUnderstood, Unavailable, UsageError
from copilot_usage_cli.github.address import Address
from copilot_usage_cli.model.fetch_result import NotListed
from copilot_usage_cli.model.period import Period, days_between
from copilot_usage_cli.model.records import TOTALS
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.sources import saved_files
from copilot_usage_cli.sources.reports import teams, user_lines, users

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@pytest.fixture
def github(reports_api: Hub) -> Hub:
    return reports_api


@pytest.mark.parametrize(
    ("scope", "path"),
    [
        (ORG, "/orgs/acme/copilot/metrics/reports/organization-28-day/latest"),
        (ENTERPRISE, "/enterprises/mega/copilot/metrics/reports/enterprise-28-day/latest"),
    ],
)
def test_the_latest_28_days_are_one_call_and_all_its_links(scope: Scope, path: str, github: Hub) -> None:
    shards = [whole(day(LAST, 3), day(FIRST, 1)), whole(day(ago(10), 2))]
    github.report(path, *shards, report_start_day=str(FIRST), report_end_day=str(LAST))
    fetched = github.reports(scope).aggregated(ALWAYS)
    assert github.calls == [path]
    assert len(once(github.downloads)) == 2
    assert suggestions(fetched) == {LAST: 3, FIRST: 1, ago(10): 2}
    assert {(record.scope, record.source) for record in fetched.records} == {(scope, "reports")}
    assert github.talk.said == []


@pytest.mark.parametrize(
    ("since", "until"), [(ago(7), ago(1)), (FIRST, LAST), (ago(1), ago(1)), (None, ago(1)), (TODAY, TODAY)]
)
def test_a_period_inside_or_after_the_latest_report_asks_for_no_day(
    since: date | None, until: date, github: Hub
) -> None:
    github.latest("organization", whole(day(LAST)))
    github.reports().aggregated(period(since, until))
    assert github.calls == [f"{REPORTS}/organization-28-day/latest"]


def test_a_period_partly_older_asks_for_each_older_day_once(github: Hub) -> None:
    github.latest("organization", whole(day(LAST, 1)))
    github.day("organization", ago(33), day(ago(33), 33))
    github.day("organization", ago(32), [day(ago(32), 32)])
    fetched = github.reports().aggregated(period(ago(33), ago(1)))
    older = days_between(ago(33), FIRST - timedelta(days=1))
    assert once(github.calls) == {f"{REPORTS}/organization-28-day/latest"} | one_day("organization", older)
    assert suggestions(fetched) == {LAST: 1, ago(33): 33, ago(32): 32}


def test_a_period_wholly_older_asks_for_its_days_only(github: Hub) -> None:
    base = "/enterprises/mega/copilot/metrics/reports"
    github.day("enterprise", ago(49), day(ago(49)), base=base)
    fetched = github.reports(ENTERPRISE).aggregated(period(ago(50), ago(47)))
    assert once(github.calls) == one_day("enterprise", days_between(ago(50), ago(47)), base)
    assert suggestions(fetched) == {ago(49): 10}


@pytest.mark.parametrize(
    ("scope", "today", "oldest"),
    [
        (ENTERPRISE, TODAY, date(2025, 11, 16)),
        (ORG, TODAY, date(2025, 12, 12)),
        (ENTERPRISE, date(2026, 8, 1), date(2025, 10, 10)),
        (ORG, date(2027, 1, 1), date(2026, 1, 1)),
    ],
)
def test_no_day_is_asked_for_that_github_does_not_keep(scope: Scope, today: date, oldest: date, github: Hub) -> None:
    until = oldest + timedelta(days=2)
    fetched = github.reports(scope, today).aggregated(period(oldest - timedelta(days=100), until))
    assert sorted(call[-10:] for call in once(github.calls)) == [str(of) for of in days_between(oldest, until)]
    assert (fetched.facts.kept_since, fetched.records) == (oldest, [])
    github.calls.clear()
    for ask in (github.reports(scope, today).aggregated, github.reports(scope, today).of_users):
        ask(period(date(2024, 1, 1), oldest - timedelta(days=1)))
    assert github.calls == []


def test_a_last_day_alone_asks_for_the_four_weeks_that_end_with_it(github: Hub) -> None:
    until = FIRST - timedelta(days=40)
    github.reports().aggregated(period(None, until))
    days = days_between(until - timedelta(days=27), until)
    assert sorted(call[-10:] for call in once(github.calls)) == [str(of) for of in days]


def test_without_a_latest_report_each_day_of_the_period_is_asked_for(github: Hub) -> None:
    github.day("organization", ago(2), day(ago(2)))
    fetched = github.reports().aggregated(period(ago(4), ago(1)))
    expected = {f"{REPORTS}/organization-28-day/latest"} | one_day("organization", days_between(ago(4), ago(1)))
    assert once(github.calls) == expected
    assert suggestions(fetched) == {ago(2): 10}
    assert fetched.facts.reported_until is None


def test_days_that_are_known_are_not_asked_for(github: Hub) -> None:
    github.reports(known=frozenset([ago(50), ago(48)])).aggregated(period(ago(50), ago(47)))
    assert once(github.calls) == one_day("organization", [ago(49), ago(47)])


ABSENT = {
    "204": Response(b"", 204),
    "a json string": Response('"No report available"', 200),
    "no links": Response('{"download_links": [], "report_day": "2026-10-01"}', 200),
    "an empty file": ((b"",), {}),
    "a blank file": ((b"\n \n",), {}),
    "a file that says so": ((b'"No report available"\n',), {}),
    "an empty array": ((b"[]",), {}),
}


@pytest.mark.parametrize("absent", ABSENT.values(), ids=ABSENT)
def test_a_day_without_a_report_is_missing_and_no_error(absent: Any, github: Hub) -> None:
    for report in ("organization", "users"):
        github.day(report, ago(50), day(ago(50)) if report == "organization" else [user(1, ago(50))])
        github.answers[f"{REPORTS}/{report}-1-day?day={ago(49)}"] = absent
    for ask in (github.reports().aggregated, github.reports().of_users):
        assert suggestions(ask(period(ago(50), ago(49)))) == {ago(50): 10}


@pytest.mark.parametrize("absent", ABSENT.values(), ids=ABSENT)
@pytest.mark.parametrize("asked", [ALWAYS, period(ago(1), ago(1))])
def test_no_latest_report_is_no_data_and_no_error(absent: Any, asked: Period, github: Hub) -> None:
    github.answers[f"{REPORTS}/organization-28-day/latest"] = absent
    github.answers[f"{REPORTS}/users-28-day/latest"] = absent
    assert github.reports().aggregated(asked).records == []
    assert github.reports().of_users(asked).records == []


def test_a_team_without_any_report_is_no_data_and_no_fault(github: Hub) -> None:
    assert github.reports(TEAM).of_users(ALWAYS).records == []
    assert github.calls == [f"{REPORTS}/users-28-day/latest"]


def test_aggregated_reports_have_no_teams(github: Hub) -> None:
    with pytest.raises(UsageError) as caught:
        github.reports(TEAM).aggregated(ALWAYS)
    assert "--source user-reports" in caught.value.hint
    assert github.calls == []


def test_the_users_of_an_organization_are_one_call(github: Hub) -> None:
    github.latest("users", [user(1, LAST), user(2, LAST, 5)], [user(3, LAST, 7), user(1, FIRST, 2)])
    fetched = github.reports().of_users(ALWAYS)
    assert github.calls == [f"{REPORTS}/users-28-day/latest"]
    assert suggestions(fetched) == {FIRST: 2, LAST: 22}
    (last,) = [record for record in fetched.records if record.day == LAST]
    assert (last.total_active_users, last.total_active_chat_users, last.source) == (3, 3, "user-reports")
    assert github.talk.said == ["org:acme: 1 report of per-user data to add up; no user is kept"]


def test_the_users_of_older_days_are_a_call_a_day(github: Hub) -> None:
    github.latest("users", [user(1, FIRST, 1)])
    github.day("users", ago(31), [user(1, ago(31), 31)])
    fetched = github.reports().of_users(period(ago(32), FIRST))
    assert once(github.calls) == {f"{REPORTS}/users-28-day/latest"} | one_day("users", [ago(32), ago(31)])
    assert suggestions(fetched) == {FIRST: 1, ago(31): 31}
    assert github.talk.said == ["org:acme: 3 reports of per-user data to add up; no user is kept"]


def test_a_team_is_29_calls_with_the_members_of_each_same_day(github: Hub) -> None:
    # User 1 leaves the team after FIRST, user 2 comes on LAST, user 3 is always in another one.
    github.latest("users", [user(number, of, 10**number) for of in (FIRST, ago(10), LAST) for number in (1, 2, 3)])
    for of in LATEST:
        listed = [member(9, of), member(3, of, "web")]
        listed += [member(1, of)] if of == FIRST else []
        listed += [member(2, of), member(2, of, "web")] if of == LAST else []
        github.day("user-teams", of, listed)
    fetched = github.reports(TEAM).of_users(ALWAYS)
    assert len(github.calls) == 29
    assert once(github.calls) == {f"{REPORTS}/users-28-day/latest"} | one_day("user-teams", LATEST)
    assert suggestions(fetched) == {FIRST: 10, ago(10): 0, LAST: 100}
    assert github.talk.said == ["team:acme/core: 29 reports of per-user data to add up; no user is kept"]


def test_a_teams_period_asks_for_the_lists_of_its_days_only(github: Hub) -> None:
    github.latest("users", [user(1, FIRST), user(1, LAST), user(1, ago(30))])
    github.day("users", FIRST - timedelta(days=1), [user(1, FIRST - timedelta(days=1), 3)])
    for of in LATEST:
        github.day("user-teams", of, [member(1, of)])
    github.day("user-teams", FIRST - timedelta(days=1), [member(1, FIRST - timedelta(days=1))])
    fetched = github.reports(TEAM).of_users(period(FIRST - timedelta(days=1), FIRST))
    days = [FIRST - timedelta(days=1), FIRST]
    expected = {f"{REPORTS}/users-28-day/latest", *one_day("users", days[:1]), *one_day("user-teams", days)}
    assert once(github.calls) == expected
    assert suggestions(fetched) == {days[0]: 3, FIRST: 10}


def test_how_much_is_asked_for_is_said_before_any_of_it_is_read(github: Hub) -> None:
    said: list[list[str]] = []
    github.latest("users", [user(1, LAST)])
    for of in LATEST:
        github.day("user-teams", of, [member(1, of)])

    def download(request: Request) -> Response:
        said.append(list(github.talk.said))
        return github.download(request)

    github.storage.clear()
    github.storage.expect_request(re.compile(".*")).respond_with_handler(download)
    github.reports(TEAM).of_users(ALWAYS)
    assert len(said) == 29
    assert all("29 reports" in lines[0] for lines in said)


def test_members_are_joined_on_user_and_organization_whatever_type_they_have(github: Hub) -> None:
    lines = [user(1, LAST, 1), user("2", LAST, 2), user(3, LAST, 4, organization_id=4711), user(4, LAST, 8)]
    github.latest("users", [*lines, user(5, LAST, 16, organization_id="99")])
    listed = [member("1", LAST), member(2, LAST), member(3, LAST), member(5, LAST)]
    github.day("user-teams", LAST, [*listed, member(4, LAST, organization_id="99")])
    fetched = github.reports(TEAM).of_users(period(LAST, LAST))
    assert suggestions(fetched) == {LAST: 7}


def test_an_enterprises_team_is_joined_on_the_enterprise(github: Hub) -> None:
    base = "/enterprises/mega/copilot/metrics/reports"
    github.latest("users", [user(1, LAST, 1, organization_id="5"), user(2, LAST, 2, enterprise_id="13")], base=base)
    listed = [{**member(number, LAST, "ent:core"), "enterprise_id": "12", "organization_id": None} for number in (1, 2)]
    github.day("user-teams", LAST, listed, base=base)
    for slug in ("core", "ent:core"):
        fetched = github.reports(Scope("enterprise", "mega", slug)).of_users(period(LAST, LAST))
        assert suggestions(fetched) == {LAST: 1}


@pytest.mark.parametrize("other", [FIRST, LAST + timedelta(days=1), ago(90)])
def test_a_report_with_lines_of_another_day_is_refused(other: date, github: Hub) -> None:
    """Nothing is made of them: neither a day that wasn't asked for, nor a sum of a part of the day."""
    of = ago(50)
    github.latest("users", [user(1, LAST), user(2, other if other == ago(90) else LAST, 3)])
    github.day("user-teams", LAST, [member(1, LAST), member(2, other)])
    github.day("users", of, [user(1, of), user(2, other)])
    asked = [
        (ORG, period(of, of), f"org:acme: the report users-1-day of {of}, line 2"),
        (TEAM, period(LAST, LAST), f"team:acme/core: the report user-teams-1-day of {LAST}, line 2"),
    ]
    if other == ago(90):
        asked += [(ORG, Period(), "org:acme: the report users-28-day/latest, line 2")]
    for scope, days, where in asked:
        with pytest.raises(NotUnderstood) as refused:
            github.reports(scope).of_users(days)
        assert refused.value.message == f"{where} is of {other}, which is not a day of this report"


def test_a_latest_report_that_covers_no_days_has_those_of_its_lines(github: Hub) -> None:
    github.report(f"{REPORTS}/users-28-day/latest", [user(1, LAST), user(2, ago(90), 3)])
    found = suggestions(github.reports(ORG).of_users(Period()))
    assert found == {LAST: 10, ago(90): 3}


@pytest.mark.parametrize("scope", [ORG, TEAM])
def test_lines_without_a_day_are_replaced_by_reports_of_each_day(scope: Scope, github: Hub) -> None:
    github.latest("users", [user(1, LAST), user(1, None, 999)])
    for of in LATEST:
        github.day("user-teams", of, [member(1, of)])
        github.day("users", of, [user(1, of, of.day)])
    fetched = github.reports(scope).of_users(ALWAYS)
    teams = one_day("user-teams", LATEST) if scope.team else set()
    assert once(github.calls) == {f"{REPORTS}/users-28-day/latest"} | one_day("users", LATEST) | teams
    assert suggestions(fetched) == {of: of.day for of in LATEST}
    assert github.talk.said[1:] == [f"{scope}: the latest report has no days; asking for 28 days one by one"]


@pytest.mark.parametrize("scope", [ORG, TEAM])
def test_what_is_too_large_to_be_added_up_at_once_is_read_day_by_day(
    scope: Scope, github: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(user_lines, "_MOST_BYTES", 9 * (user_lines._BYTES_OF_A_LINE + 100))
    github.latest("users", [user(n, of, of.day) for of in LATEST for n in range(3)])
    for of in LATEST:
        github.day("user-teams", of, [member(n, of) for n in range(3)])
        github.day("users", of, [user(n, of, of.day) for n in range(3)])
    fetched = github.reports(scope, jobs=1).of_users(ALWAYS)
    assert suggestions(fetched) == {of: 3 * of.day for of in LATEST}
    assert github.talk.said[1:] == [
        f"{scope}: the latest report is too large to be added up at once; asking for 28 days one by one"
    ]


def test_a_day_that_is_too_large_is_refused(github: Hub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(user_lines, "_MOST_BYTES", 3000)
    lines = [user(n, ago(50)) for n in range(30)]
    github.day("users", ago(50), [*lines, *lines])
    with pytest.raises(
        NotUnderstood, match=rf"^org:acme: the report users-1-day of {ago(50)} is too large: all users'"
    ):
        github.reports().of_users(period(ago(50), ago(50)))
    saved = tmp_path / "saved"
    saved.write_text(json.dumps(lines))
    with pytest.raises(NotUnderstood, match=r"record \d+ is too much: all users' days") as refused:
        saved_files.read_files([str(saved)], ORG)
    assert refused.value.hint == "give fewer files at a time; history import keeps what came before"
    saved.write_text(json.dumps(lines[:3] * 30))  # the same again takes no room
    assert len(saved_files.read_files([str(saved)], ORG).records) == 1


def refused(github: Hub, monkeypatch: pytest.MonkeyPatch, limit: str, most: int, *lines: Any) -> str:
    monkeypatch.setattr(user_lines, limit, most)
    github.day("users", ago(50), lines)
    with pytest.raises(NotUnderstood) as error:
        github.reports().of_users(period(ago(50), ago(50)))
    return error.value.message


def test_names_and_statements_of_users_have_limits(github: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    of = ago(50)
    many = [user(n, of, totals_by_ide=[{"ide": f"ide-{n}"}]) for n in range(9)]
    assert "over 5 names of languages" in refused(github, monkeypatch, "_MOST_NAMES", 5, *many)
    long = user(1, of, totals_by_ide=[{"ide": "x" * 99}])
    assert "or very long ones" in refused(github, monkeypatch, "_LONGEST_NAMES", 50, long)


def test_statements_take_room_whoever_they_are_of(github: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    of = ago(50)
    others = [user(9, of, created_at=f"2026-10-{1 + n // 24:02}T{n % 24:02}:00:00Z") for n in range(200)]
    github.day("user-teams", of, [member(1, of)])
    github.day("users", of, [user(1, of), *others])
    assert len(github.reports(TEAM).of_users(period(of, of)).records) == 1
    monkeypatch.setattr(user_lines, "_MOST_BYTES", 100_000)
    with pytest.raises(NotUnderstood, match="is too large"):
        github.reports(TEAM).of_users(period(of, of))


def test_more_languages_than_users_can_be_counted_in_are_refused(github: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(users, "_MOST_BITS", 100)
    monkeypatch.setattr(users, "_LINES_BETWEEN", 10)
    of = ago(50)
    row = {"feature": "code_completion", "code_generation_activity_count": 1}
    lines = [user(n, of, totals_by_language_feature=[row | {"language": f"l{n}"}]) for n in range(20)]
    github.day("users", of, lines)
    with pytest.raises(NotUnderstood, match="too many languages and editors for so many users to be counted apart"):
        github.reports().of_users(period(of, of))


@pytest.mark.parametrize(("limit", "problem"), [("_MOST_MEMBERS", "members of teams"), ("_MOST_TEAMS", "teams")])
def test_lists_of_members_have_limits(limit: str, problem: str, github: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    of = ago(50)
    github.day("user-teams", of, [member(n, of, "core" if limit == "_MOST_MEMBERS" else f"t{n}") for n in range(9)])
    github.day("users", of, [user(1, of)])
    monkeypatch.setattr(teams, limit, 5)
    with pytest.raises(NotUnderstood, match=rf"line 6 is too much: there are over 5 {problem}"):
        github.reports(TEAM).of_users(period(of, of))


def test_a_line_of_a_day_without_a_day_is_refused(github: Hub) -> None:
    github.day("users", ago(50), [user(1, None)])
    with pytest.raises(NotUnderstood, match=r"^org:acme: the report users-1-day has lines without a day$"):
        github.reports().of_users(period(ago(50), ago(50)))


def test_a_team_on_no_list_is_not_found_with_both_reasons(github: Hub) -> None:
    github.latest("users", [user(1, LAST)])
    for of in LATEST:
        github.day("user-teams", of, [member(1, of, "web")])
    with pytest.raises(NotListed) as caught:
        github.reports(TEAM).of_users(ALWAYS)
    assert caught.value.exit_code == 5
    assert caught.value.message == f"team:acme/core is on no list of team members from {FIRST} to {LAST}"
    assert caught.value.hint == (
        "either there is no such team, or it never had five licensed members on these days: GitHub leaves smaller "
        "teams out"
    )
    assert f"{REPORTS}/users-1-day" not in str(github.calls)
    del github.answers[f"{REPORTS}/user-teams-1-day?day={LAST}"]
    with pytest.raises(NotListed) as caught:
        github.reports(TEAM).of_users(ALWAYS)
    assert caught.value.hint.endswith("; and for some of these days GitHub has no list of any team")


def test_without_any_list_of_teams_the_days_of_a_team_have_no_data(github: Hub) -> None:
    day = ago(40)
    fetched = github.reports(TEAM).of_users(period(day, day))
    assert not fetched.records
    assert fetched.facts.days_without_data == {day}
    assert "GitHub has no list" in fetched.facts.missing_reasons[day]


def test_a_team_on_some_lists_misses_the_other_days_with_the_reason(github: Hub) -> None:
    github.latest("users", [user(1, of) for of in LATEST])
    for of in LATEST[:-2]:
        github.day("user-teams", of, [member(1, of)])
    github.day("user-teams", LATEST[-2], [member(1, LATEST[-2], "web")])
    fetched = github.reports(TEAM).of_users(ALWAYS)
    assert list(suggestions(fetched)) == list(LATEST[:-2])
    reason = "the team is on no list of that day: it had fewer than five licensed members, or GitHub has no list"
    assert fetched.facts.missing_reasons == dict.fromkeys(LATEST[-2:], reason)


def test_shards_are_merged_identical_lines_once_and_conflicting_ones_named(github: Hub) -> None:
    older = FIRST + timedelta(days=1)
    shards = [user(1, LAST), user(2, LAST, 3), user(1, older)], [user(2, LAST, 3), user(1, LAST), user(3, LAST, 5)]
    github.latest("users", *shards)
    fetched = github.reports().of_users(ALWAYS)
    assert suggestions(fetched) == {older: 10, LAST: 18}
    assert fetched.facts.warnings == ()
    github.latest("users", *shards, [user(1, LAST, 11), user(1, older, 12)])
    fetched = github.reports().of_users(ALWAYS)
    assert suggestions(fetched) == {older: 12, LAST: 19}
    said = "lines of the same user and day differ, the last read counts: "
    assert fetched.facts.warnings == (f"{said}{older}, {LAST}",)
    assert github.reports().of_users(period(LAST, LAST)).facts.warnings == (f"{said}{LAST}",)
    assert github.reports().of_users(period(FIRST, FIRST)).facts.warnings == ()


def test_an_expired_link_is_replaced_once(github: Hub) -> None:
    path = f"{REPORTS}/users-28-day/latest"
    ends = {"report_start_day": str(FIRST), "report_end_day": str(LAST)}
    refused = Response("<Error><Code>AuthenticationFailed</Code></Error>", 403)
    shards = [user(1, LAST)], [user(2, LAST, 3)]
    github.answers[path] = [((shards[0], refused), ends), (shards, ends)]
    fetched = github.reports().of_users(ALWAYS)
    assert github.calls == [path, path]
    assert suggestions(fetched) == {LAST: 13}
    assert fetched.facts.warnings == ()


def test_a_renewed_report_of_other_files_is_refused(github: Hub) -> None:
    path = f"{REPORTS}/users-28-day/latest"
    shards = [user(1, LAST)], [user(2, LAST, 3)]
    github.answers[path] = [((shards[0], Response("", 403)), {}), ((*shards, [user(3, LAST)]), {})]
    with pytest.raises(Unavailable) as caught:
        github.reports().of_users(ALWAYS)
    assert caught.value.message == "org:acme: a file of the report users-28-day/latest changed while it was read"


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_links_that_are_refused_twice_are_unavailable(status: int, github: Hub) -> None:
    github.latest("organization", Response("", status))
    with pytest.raises(Unavailable) as caught:
        github.reports().aggregated(ALWAYS)
    assert len(github.calls) == len(github.downloads) == 2
    what = f"127.0.0.1:{github.storage.port} refuses the files of the report organization-28-day/latest ({status})"
    assert caught.value.message == f"org:acme: {what}"
    assert github.talk.slept == []


def test_a_renewed_envelope_without_a_report_is_no_data(github: Hub) -> None:
    path = f"{REPORTS}/organization-1-day?day={ago(50)}"
    github.answers[path] = [((Response("", 403),), {}), Response("", 204)]
    assert github.reports().aggregated(period(ago(50), ago(50))).records == []


def test_the_latest_day_reported_is_known(github: Hub) -> None:
    github.latest("organization", whole(day(ago(10))))
    github.latest("users", [user(1, ago(10))])
    for ask in (github.reports().aggregated, github.reports().of_users):
        facts = ask(ALWAYS).facts
        assert (facts.reported_until, facts.settles_in) == (LAST, 3)


@pytest.mark.parametrize("ends", [{}, {"report_start_day": 5, "report_end_day": None}, {"report_end_day": "soon"}])
def test_an_envelope_may_leave_its_days_out(ends: dict[str, Any], github: Hub) -> None:
    github.report(f"{REPORTS}/organization-28-day/latest", whole(day(LAST, 4)), **ends)
    assert suggestions(github.reports().aggregated(ALWAYS)) == {LAST: 4}


@pytest.mark.parametrize(
    ("payload", "problem"),
    [
        ({"download_links": ["https://a.example"] * 1001}, "has more than 1,000 links"),
        (
            {
                "download_links": ["https://a.example"],
                "report_start_day": "0001-01-01",
                "report_end_day": "9999-12-31",
            },
            "covers more than 400 days",
        ),
        (
            {
                "download_links": ["https://a.example"],
                "report_start_day": "0001-01-01",
                "report_end_day": "0001-01-03",
            },
            "covers 0001-01-01, of which Copilot has no data",
        ),
        (
            {
                "download_links": ["https://a.example"],
                "report_start_day": "2025-10-16",
                "report_end_day": "2026-11-20",
            },
            "covers more than 400 days",
        ),
    ],
)
def test_an_answer_asks_for_no_more_than_a_report_can_be(payload: dict[str, Any], problem: str, github: Hub) -> None:
    github.answers[f"{REPORTS}/organization-28-day/latest"] = Response(json.dumps(payload), 200)
    with pytest.raises(NotUnderstood) as refused:
        github.reports(ORG).aggregated(Period())
    assert refused.value.message.endswith(problem)
    assert len(github.calls) == 1


@pytest.mark.parametrize(
    "body", ["[]", "5", '{"download_links": "x"}', '{"download_links": [5]}', '{"message": "x"}', '"Something else"']
)
def test_what_is_no_envelope_is_not_understood(body: str, github: Hub) -> None:
    github.answers[f"{REPORTS}/organization-28-day/latest"] = Response(body, 200)
    with pytest.raises(NotUnderstood) as caught:
        github.reports().aggregated(ALWAYS)
    assert caught.value.message == (
        f"org:acme: the answer of 127.0.0.1:{github.api.port} is not a report: expected download_links"
    )


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (
            whole(day(FIRST), day(LAST, daily_active_users="5")),
            f'record 2 ({LAST}), field daily_active_users: "5" is no',
        ),
        ({"day_totals": {"a": 1}}, "field day_totals: it is not a list of days"),
        (whole({"totals_by_feature": []}), "record 1 has no day"),
        (b"[5]", "holds something that is not a day"),
        (b"7", "holds something that is not a day"),
    ],
)
def test_a_wrong_type_in_a_file_is_named(file: Any, words: str, github: Hub) -> None:
    github.latest("organization", file)
    with pytest.raises(NotUnderstood) as caught:
        github.reports().aggregated(ALWAYS)
    assert caught.value.message.startswith("org:acme: the report organization-28-day/latest")
    assert words in caught.value.message


def test_a_wrong_type_in_a_line_is_named(github: Hub) -> None:
    github.latest("users", [user(1, LAST), user(2, LAST, "3")])  # type: ignore[arg-type]
    with pytest.raises(NotUnderstood) as caught:
        github.reports().of_users(ALWAYS)
    assert caught.value.message == (
        "org:acme: the report users-28-day/latest, line 2, totals_by_feature, field code_generation_activity_count: "
        '"3" is not a count (a whole number, 0 or more)'
    )


def refusing(github: Hub, scope: Scope, status: int, message: str, **headers: str) -> CopilotUsageError:
    response = Response(json.dumps({"message": message, "status": str(status)}), status, headers=headers)
    for base, kind in ((REPORTS, "organization"), ("/enterprises/mega/copilot/metrics/reports", "enterprise")):
        github.answers[f"{base}/{kind}-28-day/latest"] = response
        github.answers[f"{base}/users-28-day/latest"] = response
    reports = github.reports(scope)
    with pytest.raises(CopilotUsageError) as caught:
        (reports.of_users if scope.team else reports.aggregated)(ALWAYS)
    assert caught.value.message.startswith(f"{scope}: 127.0.0.1:{github.api.port} answered {status} ({message})")
    return caught.value


POLICY = "The 'Copilot usage metrics' policy must be enabled to use this API"


@pytest.mark.parametrize(
    ("scope", "where"),
    [
        (ENTERPRISE, ["on GitHub under the enterprise's AI Controls, Copilot, Billing & usage; "]),
        (Scope("enterprise", "mega", "ent:core"), ["the enterprise's AI Controls, Copilot, Billing & usage; "]),
        (ORG, ["AI Controls, Copilot, Billing & usage, or, ", "the organization's Settings, Copilot, Policies; "]),
        (TEAM, ["AI Controls, Copilot, Billing & usage, or, ", "the organization's Settings, Copilot, Policies; "]),
    ],
)
def test_the_policy_is_named_with_where_it_is_switched_on(scope: Scope, where: list[str], github: Hub) -> None:
    error = refusing(github, scope, 403, POLICY)
    assert isinstance(error, NotAllowed)
    assert error.message.endswith(f"({POLICY})")
    assert error.hint.startswith('an owner sets the policy "Copilot usage metrics" to "Enabled everywhere"')
    assert [words for words in where if words not in error.hint] == []


OF_AN_ENTERPRISE = (
    "enterprise owner",
    "billing manager",
    "View Enterprise Copilot Metrics",
    "manage_billing:copilot or read:enterprise",
    '"Enterprise Copilot metrics"',
)
OF_AN_ORGANIZATION = (
    "organization owner",
    "View Organization Copilot Metrics",
    "read:org",
    '"Organization Copilot metrics"',
)


@pytest.mark.parametrize(
    ("scope", "needs"), [(ENTERPRISE, OF_AN_ENTERPRISE), (ORG, OF_AN_ORGANIZATION), (TEAM, OF_AN_ORGANIZATION)]
)
def test_another_403_names_what_the_report_takes(scope: Scope, needs: Sequence[str], github: Hub) -> None:
    error = refusing(github, scope, 403, "Resource not accessible by personal access token")
    assert isinstance(error, NotAllowed)
    assert "the token from GH_TOKEN may not read this" in error.message
    assert [words for words in needs if words not in error.hint] == []


@pytest.mark.parametrize(
    ("status", "kind"), [(401, NotAllowed), (404, NotFound), (410, NotFound), (422, UsageError), (501, Unavailable)]
)
def test_other_refusals_have_their_own_exit_codes(status: int, kind: type[CopilotUsageError], github: Hub) -> None:
    assert isinstance(refusing(github, ORG, status, "Words"), kind)
    assert "Words" in refusing(github, ENTERPRISE, status, "Words").message


def test_single_sign_on_is_told_from_a_lack_of_permission(github: Hub) -> None:
    error = refusing(github, ORG, 403, "SAML", **{"X-GitHub-SSO": "required; url=https://github.com/orgs/acme/sso"})
    assert error.hint.startswith("authorize the token for acme's single sign-on")


@pytest.mark.parametrize(("jobs", "most"), [(1, 1), (3, 3)])
def test_calls_run_so_many_at_a_time(jobs: int, most: int, github: Hub) -> None:
    github.slow = 0.02
    days = days_between(ago(60), ago(46))
    for of in days:
        github.day("organization", of, day(of))
    fetched = github.reports(jobs=jobs).aggregated(period(days[0], days[-1]))
    assert github.most_at_once <= most  # that it is as many is held in test_parallel.py, without a clock
    assert [record.day for record in fetched.records] == list(days)


def test_the_first_error_ends_the_others(github: Hub) -> None:
    days = days_between(ago(100), ago(40))
    for of in days:
        github.answers[f"{REPORTS}/organization-1-day?day={of}"] = Response('{"message": "No"}', 403)
    with pytest.raises(NotAllowed):
        github.reports(jobs=2).aggregated(period(days[0], days[-1]))
    assert len(github.calls) < 10


def test_slugs_are_quoted_and_the_base_path_of_the_api_is_kept(github: Hub) -> None:
    url = f"http://127.0.0.1:{github.api.port}/api/v3"
    talk = github.converse(url, address=Address(url, "127.0.0.1", "loopback"))
    Reports(talk.client, Scope("org", "a.b-c_d"), TODAY, 1, frozenset()).aggregated(ALWAYS)
    assert github.calls == ["/api/v3/orgs/a.b-c_d/copilot/metrics/reports/organization-28-day/latest"]


def test_links_lead_to_another_origin_and_stay_out_of_the_trace(github: Hub) -> None:
    github.latest("organization", whole(day(LAST)))
    github.reports().aggregated(ALWAYS)
    hosts = [urlsplit(f"//{line.split()[1]}").port for line in github.talk.traced]
    assert hosts == [github.api.port, github.storage.port]
    assert re.fullmatch(r"GET 127\.0\.0\.1:\d+ /[a-z0-9-]+/part-1-0\.json 200 \d+ ms", github.talk.traced[1])


def test_what_the_aggregate_cannot_give_is_null(github: Hub) -> None:
    github.latest("organization", whole(day(LAST)))
    (record,) = github.reports().aggregated(ALWAYS).records
    unknown = [name for name in TOTALS if getattr(record, name) is None]
    assert unknown == ["total_lines_suggested", "total_lines_accepted", "total_active_chat_users"]
