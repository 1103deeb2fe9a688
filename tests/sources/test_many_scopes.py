"""Many queries in one run: which requests they take, what each gets, and that one that fails fails alone."""

from __future__ import annotations

import json
import threading
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from support.reports import FIRST, LAST, LATEST, REPORTS, TODAY, Hub, member, one_day, user
from werkzeug import Response

from copilot_usage_cli.errors import CopilotUsageError, NotAllowed, NotFound, Unavailable
from copilot_usage_cli.model.fetch_result import FetchResult, FinalDays, NotListed
from copilot_usage_cli.model.period import Period
from copilot_usage_cli.model.query import Query
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.sources.fetch import Fetcher
from copilot_usage_cli.sources.generation_cache import GenerationCache

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

CORE, WEB, DATA = (Scope("org", "acme", name) for name in ("core", "web", "data"))
USERS = f"{REPORTS}/users-28-day/latest"


@pytest.fixture
def github(reports_api: Hub) -> Hub:
    reports_api.otherwise = 404
    return reports_api


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sources.json"


def classic(scope: Scope) -> str:
    owners = "enterprises" if scope.kind == "enterprise" else "orgs"
    team = f"/team/{scope.team}" if scope.team else ""
    return f"/{owners}/{scope.owner}{team}/copilot/usage"


def serve_classic(github: Hub, *scopes: Scope) -> None:
    for number, scope in enumerate(scopes):
        body = json.dumps([{"day": str(LAST), "total_suggestions_count": number}])
        github.answers[classic(scope)] = Response(body, 200)


def serve_reports(github: Hub, *teams: str) -> None:
    for of in LATEST:
        github.day("user-teams", of, [member(number, of, slug, team_id=number) for number, slug in enumerate(teams)])
    github.latest("users", [user(number, of, number) for of in LATEST for number in range(len(teams))])


def fetch(
    github: Hub, path: Path, scopes: Sequence[Scope], held: Any = None, jobs: int = 4, **question: Any
) -> list[FetchResult | CopilotUsageError]:
    github.reports()
    github.calls.clear()
    queries = [Query(scope, Period(), TODAY, **question) for scope in scopes]
    cache = GenerationCache(path, TODAY)
    found = dict(Fetcher(github.talk.client, cache, jobs=jobs).fetch_each(queries, held))
    assert sorted(found) == list(range(len(scopes)))
    return [found[number] for number in range(len(scopes))]


def sources(results: Sequence[FetchResult | CopilotUsageError]) -> list[Any]:
    """Give the source of each, or the kind of its error."""
    return [result.facts.source if isinstance(result, FetchResult) else type(result) for result in results]


def remembered(path: Path, *owners: str) -> list[str | None]:
    return [GenerationCache(path, TODAY).get("127.0.0.1", owner) for owner in owners]


def test_other_scopes_are_asked_each_for_itself(github: Hub, path: Path) -> None:
    scopes = [Scope("org", f"org-{n}") for n in range(30)] + [Scope("enterprise", "mega")]
    serve_classic(github, *scopes)
    results = fetch(github, path, scopes)
    assert sources(results) == ["usage"] * 31
    sums = [result.records[0].total_suggestions_count for result in results if isinstance(result, FetchResult)]
    assert sums == list(range(31))
    assert Counter(github.calls) == Counter(map(classic, scopes))
    assert remembered(path, "org:org-7", "enterprise:mega") == ["usage", "usage"]


def test_one_that_fails_fails_alone(github: Hub, path: Path) -> None:
    scopes = [Scope("org", name) for name in ("a", "missing", "b", "secret")]
    serve_classic(github, *scopes)
    del github.answers[classic(scopes[1])]
    github.answers[classic(scopes[3])] = Response('{"message": "No"}', 403)
    results = fetch(github, path, scopes)
    assert sources(results) == ["usage", NotFound, "usage", NotAllowed]
    assert str(results[1]).startswith("org:missing: 127.0.0.1:")
    assert "both generations" in str(results[1])
    assert str(results[3]).startswith("org:secret: 127.0.0.1:")


@pytest.mark.parametrize("jobs", [1, 8])
def test_teams_of_todays_api_cost_one_classic_404_in_all(jobs: int, github: Hub, path: Path) -> None:
    serve_reports(github, "core", "web")
    once = [USERS, *one_day("user-teams", LATEST)]
    results = fetch(github, path, [CORE, WEB, DATA], jobs=jobs)
    assert sources(results) == ["user-reports", "user-reports", NotListed]
    assert Counter(github.calls) == Counter([classic(CORE), *once])
    assert sources(fetch(github, path, [CORE, WEB, DATA])) == ["user-reports", "user-reports", NotListed]
    assert Counter(github.calls) == Counter(once)  # the owner's generation is remembered


def test_teams_of_the_classic_api_are_asked_each(github: Hub, path: Path) -> None:
    serve_classic(github, CORE, WEB, DATA)
    assert sources(fetch(github, path, [CORE, WEB, DATA])) == ["usage"] * 3
    assert Counter(github.calls) == Counter(map(classic, [CORE, WEB, DATA]))


def test_classic_teams_that_are_missing_ask_todays_api_once(github: Hub, path: Path) -> None:
    serve_classic(github, CORE)
    names = ["core", "web", "data", "lost", "gone"]
    results = fetch(github, path, [Scope("org", "acme", name) for name in names])
    assert sources(results) == ["usage", *[NotFound] * 4]
    assert Counter(github.calls) == Counter([*(classic(Scope("org", "acme", name)) for name in names), USERS])
    assert [str(each).partition(":")[0] for each in results[1:]] == ["team"] * 4
    assert ["team:acme/lost" in str(each) for each in results] == [False, False, False, True, False]


def test_classic_teams_after_a_first_that_is_missing_are_found(github: Hub, path: Path) -> None:
    """The first asks for all; today's API isn't there, so the others are asked of the classic one."""
    serve_classic(github, WEB, DATA)
    assert sources(fetch(github, path, [CORE, WEB, DATA])) == [NotFound, "usage", "usage"]
    assert Counter(github.calls) == Counter([*map(classic, [CORE, WEB, DATA]), USERS])
    assert remembered(path, "org:acme") == ["usage"]


def test_a_remembered_generation_that_is_gone_falls_back(github: Hub, path: Path) -> None:
    cache = GenerationCache(path, TODAY)
    cache.put("127.0.0.1", "org:acme", "reports")
    cache.save()
    serve_classic(github, CORE, WEB)
    assert sources(fetch(github, path, [CORE, WEB, DATA])) == ["usage", "usage", NotFound]
    assert Counter(github.calls) == Counter([USERS, *map(classic, [CORE, WEB, DATA])])


def test_teams_that_are_on_no_list_may_be_the_classic_apis(github: Hub, path: Path) -> None:
    serve_reports(github, "others")
    cache = GenerationCache(path, TODAY)
    cache.put("127.0.0.1", "org:acme", "reports")
    cache.save()
    assert sources(fetch(github, path, [CORE, WEB])) == [NotListed, NotListed]
    assert Counter(call for call in github.calls if "usage" in call) == Counter([classic(CORE)])
    serve_classic(github, CORE, WEB)
    assert sources(fetch(github, path, [CORE, WEB])) == ["usage", "usage"]


def test_what_fails_all_of_an_owner_fails_no_other(github: Hub, path: Path) -> None:
    serve_reports(github, "core", "web")
    github.answers[USERS] = Response('{"message": "Must have admin rights"}', 403)
    other = Scope("org", "other")
    serve_classic(github, other)
    results = fetch(github, path, [CORE, other, WEB])
    assert sources(results) == [NotAllowed, "usage", NotAllowed]


def test_teams_of_two_owners_and_cases_are_kept_apart(github: Hub, path: Path) -> None:
    serve_reports(github, "core")
    mega, upper = Scope("enterprise", "mega", "core"), Scope("org", "ACME", "web")
    serve_classic(github, mega)
    github.answers |= {call.replace("/acme/", "/ACME/"): github.answers[call] for call in [*github.answers]}
    results = fetch(github, path, [CORE, mega, upper])
    assert sources(results) == ["user-reports", "usage", NotListed]
    assert github.calls.count(USERS) == 1


@pytest.mark.parametrize("source", ["usage", "reports", "user-reports"])
def test_a_source_that_was_named_is_the_only_one(source: str, github: Hub, path: Path) -> None:
    serve_reports(github, "core", "web")
    serve_classic(github, CORE)
    results = fetch(github, path, [CORE, WEB], source=source)
    if source == "usage":
        assert sources(results) == ["usage", NotFound]
        assert Counter(github.calls) == Counter(map(classic, [CORE, WEB]))
    elif source == "user-reports":
        assert sources(results) == ["user-reports", "user-reports"]
        assert classic(CORE) not in github.calls
    else:
        assert all("the aggregated reports have no teams" in str(each) for each in results)
        assert github.calls == []


def test_what_is_held_is_looked_up_in_the_callers_thread(github: Hub, path: Path) -> None:
    serve_reports(github, "core", "web")
    asked: list[tuple[str, Scope, str]] = []

    class Held:
        def final_days(self, scope: Scope, source: str, *, complete: bool = False) -> FinalDays:
            asked.append((threading.current_thread().name, scope, source))
            return FinalDays(frozenset(LATEST if scope == CORE else LATEST[1:]), frozenset())

    results = fetch(github, path, [CORE, WEB, Scope("org", "acme")], Held())
    here = threading.current_thread().name
    assert asked == [
        (here, CORE, "user-reports"),
        (here, WEB, "user-reports"),
        (here, Scope("org", "acme"), "reports"),
    ]
    assert sources(results[:2]) == ["user-reports"] * 2
    assert {call for call in github.calls if "teams" in call} == one_day("user-teams", [FIRST])


@pytest.mark.parametrize("status", [403, 422, 501])
def test_the_first_teams_error_is_its_own(status: int, github: Hub, path: Path) -> None:
    serve_classic(github, WEB, DATA)
    github.answers[classic(CORE)] = Response('{"message": "only core"}', status)
    for _ in range(2):
        first, *others = fetch(github, path, [CORE, WEB, DATA])
        assert isinstance(first, CopilotUsageError)
        assert "only core" in first.message
        assert sources(others) == ["usage", "usage"]
        assert Counter(github.calls) == Counter(map(classic, [CORE, WEB, DATA]))


def test_a_first_team_that_fails_does_not_make_each_other_ask_the_classic_api(github: Hub, path: Path) -> None:
    serve_reports(github, "web", "data")
    github.answers[classic(CORE)] = Response("{}", 500)
    results = fetch(github, path, [CORE, WEB, DATA])
    assert sources(results) == [Unavailable, "user-reports", "user-reports"]
    asked = [call for call in github.calls if call.startswith("/orgs/acme/team/")]
    assert set(asked) == {classic(CORE), classic(WEB)}


def test_an_error_of_the_classic_api_after_the_lists_is_the_first_teams(github: Hub, path: Path) -> None:
    serve_reports(github, "others")
    cache = GenerationCache(path, TODAY)
    cache.put("127.0.0.1", "org:acme", "reports")
    cache.save()
    github.answers[classic(CORE)] = Response('{"message": "No"}', 403)
    assert sources(fetch(github, path, [CORE, WEB])) == [NotAllowed, NotListed]


@pytest.mark.parametrize("status", [403, 501])
def test_an_error_of_the_reports_at_the_end_is_that_of_the_missing_alone(status: int, github: Hub, path: Path) -> None:
    serve_classic(github, CORE, WEB)
    github.answers[USERS] = Response('{"message": "Not for you"}', status)
    other = Scope("org", "other")
    serve_classic(github, other)
    results = fetch(github, path, [CORE, DATA, WEB, other], jobs=1)
    assert sources([results[0], *results[2:]]) == ["usage"] * 3
    assert "Not for you" in str(results[1])
