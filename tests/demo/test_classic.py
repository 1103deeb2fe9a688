from __future__ import annotations

import json
import re
import socket
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from copilot_usage_cli.demo import responder as demo
from copilot_usage_cli.model.arithmetic import breakdown_differs
from copilot_usage_cli.model.period import days_between
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.sources.payload import parse_record

if TYPE_CHECKING:
    from support.program import Run

AUTHORIZED = {"authorization": "Bearer made-up"}
NEWEST = demo.TODAY - timedelta(days=1)
OLDEST = demo.TODAY - timedelta(days=28)
TEAM_NOTE = (
    "note: no data: GitHub has a day for a team only if five or more of its members had an active Copilot license at "
    "the end of it, and data runs until yesterday (UTC)\n"
)


def get(target: str, headers: dict[str, str] | None = None) -> tuple[int, dict[str, str], Any]:
    return demo.answer(target, AUTHORIZED if headers is None else headers)


def days(target: str) -> list[str]:
    status, _, payload = get(target)
    assert status == 200
    return [record["day"] for record in payload]


@pytest.mark.parametrize(
    "path",
    [
        "/orgs/acme/copilot/usage",
        "/orgs/acme/team/core/copilot/usage",
        "/enterprises/megacorp/copilot/usage",
        "/enterprises/megacorp/team/ent%3Acore/copilot/usage",
    ],
)
def test_each_endpoint_answers_28_days_but_for_one_lost(path: str) -> None:
    status, headers, payload = get(path)
    assert status == 200
    assert headers["Content-Type"].startswith("application/json")
    found = [date.fromisoformat(record["day"]) for record in payload]
    lost = set(days_between(OLDEST, NEWEST)) - set(found)
    assert found == sorted(found)
    assert len(found) == 27
    assert [day.isoweekday() <= 5 for day in lost] == [True]
    records = [parse_record(record, Scope("org", "acme"), "usage") for record in payload]
    assert all(record.total_active_users and record.breakdown for record in records)


def test_real_traps_are_in_it() -> None:
    _, _, payload = get("/orgs/acme/copilot/usage")
    records = [parse_record(record, Scope("org", "acme"), "usage") for record in payload]
    pairs = [[(cell.language, cell.editor) for cell in record.breakdown or ()] for record in records]
    assert any(len(set(found)) < len(found) for found in pairs)
    assert any(breakdown_differs(record) for record in records)
    assert {language for found in pairs for language, _ in found} >= {"c#", "others"}


@pytest.mark.parametrize("path", ["/orgs/missing", "/orgs/acme/team/Missing", "/enterprises/MISSING/team/core"])
def test_missing_is_a_404(path: str) -> None:
    status, _, payload = get(f"{path}/copilot/usage")
    assert (status, payload["message"]) == (404, "Not Found")


@pytest.mark.parametrize("path", ["/", "/orgs/acme/copilot/metrics", "/orgs/acme/teams/core/copilot/usage", "/user"])
def test_other_paths_are_a_404(path: str) -> None:
    assert get(path)[0] == 404


@pytest.mark.parametrize("path", ["/orgs/acme/copilot/usage", "/orgs/missing/copilot/usage", "/"])
def test_without_authorization_all_is_a_401(path: str) -> None:
    status, _, payload = get(path, {})
    assert (status, payload["message"]) == (401, "Requires authentication")


def test_the_small_team_has_no_days() -> None:
    assert days("/orgs/acme/team/small/copilot/usage") == []
    assert days("/enterprises/megacorp/team/Small/copilot/usage") == []
    assert days("/orgs/small/copilot/usage") != []


def test_older_days_than_28_are_not_kept() -> None:
    whole = days("/orgs/acme/copilot/usage")
    assert days("/orgs/acme/copilot/usage?since=2020-01-01T00:00:00Z&until=2030-01-01T00:00:00Z") == whole
    assert days("/orgs/acme/copilot/usage?since=2020-01-01T00:00:00Z&until=2020-01-31T00:00:00Z") == []
    assert days("/orgs/acme/copilot/usage?since=2026-11-16T00:00:00Z&until=2026-11-16T23:59:59Z") == []


def test_since_and_until_are_both_inclusive() -> None:
    query = "since=2026-11-09T00:00:00Z&until=2026-11-11T23%3A59%3A59Z"
    assert days(f"/orgs/acme/copilot/usage?{query}") == ["2026-11-09", "2026-11-10", "2026-11-11"]


@pytest.mark.parametrize(
    "query",
    [
        "since=2026-11-09",
        "until=soon",
        "since=2026-11-10T00:00:00Z&until=2026-11-09T00:00:00Z",
        "page=one",
        "per_page=x",
    ],
)
def test_what_github_cannot_read_is_a_422(query: str) -> None:
    assert get(f"/orgs/acme/copilot/usage?{query}")[0] == 422


def test_pages_lead_to_all_days_by_link_and_keep_the_query() -> None:
    path = "/orgs/acme/copilot/usage"
    target, found, pages = f"{path}?since=2026-10-25T00:00:00Z&per_page=5", [], 0
    while target:
        _, headers, payload = get(target)
        found += payload
        pages += 1
        link = re.fullmatch(r'<https://api\.github\.com(/[^>]*)>; rel="next"', headers.get("Link", ""))
        target = link[1] if link else ""
        assert not link or "since=2026-10-25T00%3A00%3A00Z" in target
    assert found == get(f"{path}?since=2026-10-25T00:00:00Z")[2]
    assert pages == -(-len(found) // 5)
    assert days(f"{path}?per_page=100&page=2") == []


@pytest.mark.parametrize("scope", [["org", "acme"], ["team", "ent:core", "--enterprise", "megacorp"]])
def test_a_small_page_gives_the_same_report(scope: list[str], call: Run) -> None:
    whole = call(*scope, "--demo")
    paged = call(*scope, "--demo", "--per-page", "5")
    assert (paged.code, paged.out, paged.err) == (whole.code, whole.out, whole.err) == (0, whole.out, "")


def test_slugs_of_the_demo_compare_without_case(call: Run) -> None:
    lower, upper = call("org", "acme", "--demo"), call("org", "ACME", "--demo")
    assert upper.out == lower.out.replace("org:acme", "org:ACME")


def test_each_scope_has_its_own_numbers(call: Run) -> None:
    scopes = [
        ["org", "acme"], ["org", "other"], ["enterprise", "acme"], ["team", "core", "--org", "acme"],
        ["team", "core", "--enterprise", "acme"], ["team", "web", "--org", "acme"],
    ]  # fmt: skip
    outs = [json.loads(call(*scope, "--demo", "--json").out)[0] for scope in scopes]
    assert len({json.dumps({**record, "scope": ""}) for record in outs}) == len(scopes)


@pytest.mark.parametrize("env", [{"PYTHONHASHSEED": "0"}, {"PYTHONHASHSEED": "7"}, {"TZ": "Pacific/Kiritimati"}])
def test_the_demo_is_the_same_whatever_the_day_the_seed_and_the_time_zone(env: dict[str, str], run: Run) -> None:
    done = run("org", "acme", "--demo", "--since", "7d", "-f", "csv", env=env)
    lines = done.out.splitlines()
    assert [line.split(",")[2] for line in lines[1:]] == [f"2026-11-{day:02}" for day in range(9, 16)]
    assert lines[-1] == (
        "org:acme,usage,2026-11-15,2124,582,3892,934,24,8,46,10,0.2740112994350282,0.23997944501541624"
    )


def test_a_missing_slug_is_an_error_of_its_own(call: Run) -> None:
    done = call("org", "missing", "--demo")
    assert (done.code, done.out) == (5, "")
    assert done.err.startswith("copilot-usage: error: org:missing: ")


def test_the_small_team_is_an_empty_report_that_says_why(call: Run) -> None:
    done = call("team", "small", "--org", "acme", "--demo")
    assert (done.code, done.err) == (0, "")
    assert done.out == (
        f"team:acme/small | no days | demo\n\n{TEAM_NOTE}"
        "note: this is the demo, as of 2026-11-16: the numbers are made up\n"
    )
    assert call("team", "small", "--org", "acme", "--demo", "--fail-on-missing").code == 3
    machine = call("team", "small", "--org", "acme", "--demo", "--json")
    assert (machine.code, machine.out) == (0, "[]\n")
    assert machine.err == (
        f"copilot-usage: {TEAM_NOTE}copilot-usage: note: this is the demo, as of 2026-11-16: the numbers are made up\n"
    )


def test_the_demo_asks_nobody(call: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the demo touched the network")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert call("org", "acme", "--demo", env={"HTTPS_PROXY": "http://127.0.0.1:9"}).code == 0


def test_the_seats_of_an_enterprise_name_its_organizations() -> None:
    status, _, payload = demo.answer("/enterprises/mega/copilot/billing/seats?per_page=100", AUTHORIZED)
    assert status == 200
    assert {seat["organization"]["login"] for seat in payload["seats"]} == {"acme", "globex", "initech", "umbrella"}
    assert demo.answer("/enterprises/missing/copilot/billing/seats", AUTHORIZED)[0] == 404
