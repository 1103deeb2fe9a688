"""Many scopes in one run: one report, what fails, and what a run that is ended leaves."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import signal
import sqlite3
import subprocess
import threading
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from pytest_httpserver import HTTPServer
from support.clock import NOW, ago
from support.expected import check
from support.limits import HANG
from support.processes import shown_in_terminal
from support.program import command
from werkzeug import Request, Response

from copilot_usage_cli.history.file import HistoryFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from support.program import Finished, Run

DEMO = ("org", "acme", "globex", "missing", "initech", "--demo")
NOT_FOUND = "answered 404 to both generations of its API, the usage API and the reports"


class GitHub:
    """A classic GitHub with a thread a request: an answer for each path, 404 for all others."""

    def __init__(self, server: HTTPServer, finish: Run) -> None:
        self.url = f"http://{server.host}:{server.port}"
        self.netloc = f"{server.host}:{server.port}"
        self.answers: dict[str, Any] = {}
        self.arrivals: list[str] = []
        self._finish = finish
        server.clear()
        server.expect_request(re.compile(".*")).respond_with_handler(self._answer)

    def _answer(self, request: Request) -> Response:
        self.arrivals.append(request.path)
        answer = self.answers.get(request.path, Response('{"message": "Not Found"}', 404))
        if isinstance(answer, Response):
            return Response(answer.get_data(), answer.status_code, answer.headers)
        if callable(answer):
            return answer(request)  # type: ignore[no-any-return]
        since, until = request.args.get("since", "0")[:10], request.args.get("until", "9")[:10]
        return Response(json.dumps([day for day in answer if since <= day.get("day", since) <= until]), 200)

    def run(self, *args: str, env: dict[str, str] | None = None) -> Finished:
        given = {"GH_TOKEN": "made-up", **(env or {})}
        return self._finish(*args, "--api-url", self.url, "--max-wait", "0", env=given, now=NOW)


@pytest.fixture(scope="module")
def server() -> Iterator[HTTPServer]:
    with HTTPServer("127.0.0.1", 0, threaded=True) as server:
        yield server


@pytest.fixture
def orgs(server: HTTPServer, call: Run, record: Callable[..., Any]) -> GitHub:
    """Serve three organizations, of which each has one user more than the one before."""
    github = GitHub(server, call)
    for number, name in enumerate(("acme", "globex", "initech")):
        days = [record(ago(n), total_active_users=7 + number) for n in range(5, 0, -1)]
        github.answers[f"/orgs/{name}/copilot/usage"] = days
    return github


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


# One report


@pytest.mark.parametrize("width", [40, 80, 100, 120, 160])
def test_a_league_table_at_each_width(width: int, call: Run) -> None:
    done = call("org", "acme", "globex", "initech", "--demo", "--width", str(width))
    check(f"league-{width}", done.out)
    assert (done.code, done.err) == (0, "")


OUTPUTS = {
    "with-failure": DEMO,
    "by-week": (*DEMO, "--by", "week", "--width", "100"),
    "by-language": ("org", "acme", "globex", "--demo", "--by", "language", "--top", "2", "--width", "100"),
    "compare": ("org", "acme", "globex", "--demo", "--period", "2026-W46", "--compare", "previous", "--width", "100"),
    "compare-by-week": (
        *("org", "acme", "globex", "--demo", "--period", "2026-W46", "--compare", "previous"),
        *("--by", "week", "--width", "100"),
    ),
    "teams": ("team", "--all", "--org", "acme", "--demo", "--width", "100"),
    "filtered": ("org", "acme", "globex", "--demo", "--language", "python", "--width", "100"),
    "sorted-top": ("org", "acme", "globex", "initech", "--demo", "--sort", "acceptance_rate", "--top", "2"),
    "one-day": ("org", "acme", "globex", "--demo", "--since", "yesterday"),
    "full": ("org", "acme", "globex", "--demo", "--full", "--since", "3d", "--width", "80"),
    "chart": (
        "org",
        "acme",
        "globex",
        "--demo",
        "--chart",
        "total_suggestions_count",
        "--since",
        "2w",
        "--width",
        "60",
    ),
    "empty": ("org", "acme", "globex", "--demo", "--since", "2026-01-01", "--until", "2026-01-31"),
}


@pytest.mark.parametrize("name", OUTPUTS)
def test_whole_outputs(name: str, call: Run) -> None:
    done = call(*OUTPUTS[name])
    check(f"league-{name}", done.out)
    assert done.code == (5 if "missing" in OUTPUTS[name] else 0)


def test_scopes_of_all_kinds_are_one_csv(call: Run) -> None:
    done = call(
        "report", "org:acme", "team:acme/core", "enterprise:mega", "acme", "--demo", "-f", "csv", "--by", "total"
    )
    found = rows(done.out)
    assert [row["scope"] for row in found] == ["org:acme", "team:acme/core", "enterprise:mega"]
    alone = [
        rows(call(*args, "--demo", "-f", "csv", "--by", "total").out)[0]
        for args in (("org", "acme"), ("team", "acme/core"), ("enterprise", "mega"))
    ]
    assert found == alone


def test_json_is_one_array_and_reads_back(call: Run, tmp_path: Path) -> None:
    done = call("org", "acme", "globex", "--demo", "--json", "-q")
    both = json.loads(done.out)
    assert both == [
        day for name in ("acme", "globex") for day in json.loads(call("org", name, "--demo", "--json", "-q").out)
    ]
    saved = tmp_path / "both.json"
    saved.write_text(done.out)
    for scopes in (["org", "acme", "globex"], ["report"]):
        again = call(*scopes, "--input", str(saved), "--json", "-q")
        assert (again.code, again.out) == (0, done.out)
    lines = call("org", "acme", "globex", "--demo", "-f", "ndjson", "-q").out.splitlines()
    assert list(map(json.loads, lines)) == both


def test_nothing_at_all_is_an_empty_array(call: Run) -> None:
    old = ("--since", "2026-01-01", "--until", "2026-01-31")
    assert call("org", "acme", "globex", "--demo", "--json", "-q", *old).out == "[]\n"
    header = call("org", "acme", "--demo", "-f", "csv", "-q", *old).out
    assert call("org", "acme", "globex", "--demo", "-f", "csv", "-q", *old).out == header
    assert len(header.splitlines()) == 1


@pytest.mark.parametrize("form", ["csv", "json", "table"])
def test_output_is_in_the_order_given_never_in_that_of_arrival(form: str, orgs: GitHub) -> None:
    slow = threading.Event()

    def late(_request: Request) -> Response:
        slow.wait(HANG)
        time.sleep(0.2)  # for the other answer to arrive
        return Response("[]", 200)

    orgs.answers["/orgs/first/copilot/usage"] = late

    def quick(_request: Request) -> Response:
        slow.set()
        return Response("[]", 200)

    orgs.answers["/orgs/second/copilot/usage"] = quick
    done = orgs.run("org", "first", "second", "-f", form, "--by", "total", "-v", env={"COPILOT_USAGE_HISTORY": "off"})
    arrived = re.findall(r"/orgs/(\w+)/", done.err)
    assert arrived == ["second", "first"]
    assert done.code == 0


def test_sorting_and_top_count_for_machines_when_they_are_asked_for(orgs: GitHub) -> None:
    args = ("org", "acme", "globex", "initech", "-f", "csv", "--by", "total", "-q")
    assert [row["scope"] for row in rows(orgs.run(*args).out)] == ["org:acme", "org:globex", "org:initech"]
    done = orgs.run(*args, "--sort", "active_users_mean", "--top", "2")
    assert [row["scope"] for row in rows(done.out)] == ["org:initech", "org:globex"]
    done = orgs.run(*args[:-1], "--top", "1")
    assert [row["scope"] for row in rows(done.out)] == ["org:initech"]  # as in a table
    assert done.err.startswith("copilot-usage: note: left out by --top: 2 more scopes\n")
    done = orgs.run(*args, "--sort", "scope", "--top", "1")
    assert [row["scope"] for row in rows(done.out)] == ["org:acme"]
    done = orgs.run(*args, "--sort", "active_users")
    assert (done.code, done.err.splitlines()[1]) == (2, "hint: did you mean active_users_mean?")


def test_a_league_is_sorted_by_its_change(orgs: GitHub, history: Path, record: Callable[..., Any]) -> None:
    for name, users in (("acme", (4, 5)), ("globex", (4, 8)), ("initech", (9, 3))):
        before, after = users
        orgs.answers[f"/orgs/{name}/copilot/usage"] = [
            record(ago(n), total_active_users=before if n > 5 else after) for n in range(1, 11)
        ]
    orgs.run("org", "acme", "globex", "initech", "--since", "10d", "-q")
    done = orgs.run("org", "acme", "globex", "initech", "--since", "5d", "--sort", "change", "--width", "120")
    found = [line.split()[0] for line in done.out.splitlines() if line.startswith("org:")]
    assert found == ["org:globex", "org:acme", "org:initech"]
    assert "▲ 100.0%" in done.out


def test_a_change_comes_from_the_history_without_another_request(orgs: GitHub, history: Path) -> None:
    args = ("org", "acme", "globex", "--since", "2d", "--width", "100")
    done = orgs.run("org", "acme", "globex", "--since", "5d", "-q")
    assert done.code == 0
    before = len(orgs.arrivals)
    done = orgs.run(*args)
    assert len(orgs.arrivals) == before + 2
    assert re.search(r"^org:globex +8\.0 +\S+ 0\.0% ", done.out, re.MULTILINE)


# What is named


def test_a_file_lists_scopes(call: Run, tmp_path: Path) -> None:
    listed = tmp_path / "scopes.txt"
    listed.write_text("\ufeff# ours\n\nacme   # the first\r\n team:acme/core\norg:ACME\nhttps://github.com/globex\n")
    args = ("--demo", "-f", "csv", "--by", "total", "-q")
    expected = ["org:globex", "org:acme", "team:acme/core"]
    done = call("report", "globex", "--scopes", str(listed), *args)
    assert [row["scope"] for row in rows(done.out)] == expected


def test_a_file_of_teams_or_of_stdin(run: Run) -> None:
    done = run(
        *("team", "--scopes", "-", "--org", "acme", "--demo", "-f", "csv", "--by", "total", "-q"), stdin="core\nweb\n"
    )
    assert [row["scope"] for row in rows(done.out)] == ["team:acme/core", "team:acme/web"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"acme\nbad slug\n", ", line 2: 'bad slug' is not a valid organization slug"),
        (b"# nobody\n\n", " names no scope"),
        (b"\xff\xfe", " is not UTF-8 text"),
        (None, "No such file or directory"),
    ],
)
def test_a_file_that_is_none(content: bytes | None, message: str, call: Run, tmp_path: Path) -> None:
    path = tmp_path / "scopes.txt"
    if content is not None:
        path.write_bytes(content)
    done = call("org", "--scopes", str(path), "--demo")
    assert (done.code, done.out) == (2, "")
    assert message in done.err.splitlines()[0]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("org", "acme", "--all", "--enterprise", "mega"), "--all and ORG exclude each other"),
        (("org", "--all", "--scopes", "x", "--enterprise", "mega"), "--all and --scopes exclude each other"),
        (("org", "--all"), "--all needs --enterprise"),
        (("team", "--all"), "--all needs exactly one of --org and --enterprise"),
        (("team", "--all", "--org", "a", "--enterprise", "b"), "--all needs exactly one of --org and --enterprise"),
        (("team", "--all", "--org", "a", "--input", "x"), "--all and --input exclude each other"),
        (("org", "acme", "globex", "--page", "2"), "--page takes one scope"),
        (("org", "acme", "globex", "--partial"), "--partial needs --output FILE"),
        (("org", "acme", "--enterprise", "mega"), "--enterprise needs --all"),
        (("history", "sync", "core", "--org", "acme"), "--org needs --all"),
        (
            ("team", "core", "web", "--org", "a", "--source", "reports"),
            "--source reports: GitHub's aggregated reports have no teams",
        ),
        (
            ("team", "--all", "--org", "a", "--source", "reports", "--demo"),
            "--source reports: GitHub's aggregated reports have no teams",
        ),
        (("report",), "missing argument 'SCOPE'"),
        (("report", "--scopes", ""), "--scopes names no file"),
        (("org", "acme", "globex", "--sort", "change", "--by", "week"), "--sort change is of the league table alone"),
        (("org", "acme", "globex", "--sort", "change", "--json"), "--sort change is of the league table alone"),
        (("history", "sync", "--all", "--org", "acme"), "invalid value for '--all': it needs a value before --org"),
        (("team", "core", "web"), "a team needs exactly one of --org and --enterprise"),
    ],
)
def test_what_does_not_go_together(args: tuple[str, ...], message: str, call: Run) -> None:
    done = call(*args)
    assert (done.code, done.out, done.err.splitlines()[0]) == (2, "", f"copilot-usage: error: {message}")


def test_files_must_say_whose_each_record_is(call: Run, tmp_path: Path, record: Callable[..., Any]) -> None:
    path = tmp_path / "saved.json"
    path.write_text(json.dumps([record(ago(1))]))
    done = call("org", "acme", "globex", "--input", str(path))
    assert (done.code, done.out) == (2, "")
    assert "record 1 doesn't say whose it is" in done.err
    path.write_text(json.dumps([{"scope": "org:other", "source": "usage", **record(ago(1))}]))
    done = call("org", "acme", "globex", "--input", str(path))
    assert (done.code, done.out) == (2, "")
    assert "record 1 belongs to 'org:other', which isn't asked for" in done.err


def test_files_that_name_no_scope(call: Run, tmp_path: Path) -> None:
    path = tmp_path / "saved.json"
    path.write_text("[]")
    done = call("report", "--input", str(path))
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "copilot-usage: error: no record of the input says whose it is\nhint: name the scope that it belongs to\n"
    )


@pytest.mark.parametrize("form", ["csv", "table"])
def test_a_file_of_one_scope_is_a_list_as_well(form: str, call: Run, tmp_path: Path) -> None:
    path = tmp_path / "scopes.txt"
    outs = []
    for text in ("acme\n", "acme\nglobex\n"):
        path.write_text(text)
        done = call("report", "--scopes", str(path), "--demo", "--top", "10", "--by", "total", "-f", form)
        assert done.code == 0
        outs.append(done.out.splitlines())
    if form == "csv":
        assert outs[0][0] == outs[1][0]
        assert outs[0][1] in outs[1]
    else:
        assert re.sub(r"─+", "", "".join(outs[0][2:4])).split() == re.sub(r"─+", "", "".join(outs[1][2:4])).split()


# What fails


def test_one_that_fails_does_not_take_the_others_with_it(orgs: GitHub) -> None:
    orgs.answers["/orgs/secret/copilot/usage"] = Response('{"message": "No"}', 403)
    done = orgs.run("org", "acme", "secret", "gone", "globex", "-f", "csv", "--by", "total", "-q")
    assert [row["scope"] for row in rows(done.out)] == ["org:acme", "org:globex"]
    assert done.code == 4  # of the first that failed
    errors = [line for line in done.err.splitlines() if "error: " in line]
    assert errors == [
        f"copilot-usage: error: org:secret: {orgs.netloc} answered 403 (No): the token from GH_TOKEN may not read this",
        f"copilot-usage: error: org:gone: {orgs.netloc} {NOT_FOUND}",
    ]
    hints = [line for line in done.err.splitlines() if line.startswith("hint: ")]
    assert len(hints) == len(set(hints))


def test_sync_says_that_days_without_data_are_left_out(orgs: GitHub, history: Path) -> None:
    done = orgs.run("history", "sync", "org:acme", "--since", "2000-01-01")
    assert done.code == 0
    assert "note: days before 2021-01-01 and after tomorrow can have no data, so they are left out\n" in done.err


def test_each_scope_that_fails_is_named(orgs: GitHub) -> None:
    names = [f"lost-{n}" for n in range(30)]
    orgs.answers |= {f"/orgs/{name}/copilot/usage": Response("{}", 500) for name in names}
    done = orgs.run("org", "acme", *names, "-f", "csv", "-q")
    assert [line for line in done.err.splitlines() if "error: " in line] == [
        f"copilot-usage: error: org:{name}: {orgs.netloc} answered 500" for name in names
    ]
    assert done.code == 6


def test_where_all_fail_nothing_is_printed(orgs: GitHub) -> None:
    done = orgs.run("org", "gone", "lost", "--json")
    assert (done.code, done.out) == (5, "")


@pytest.mark.parametrize("name", ["-", "/dev/stdout", "/dev/fd/1"])
def test_stdout_by_any_name_gets_what_there_is(name: str, orgs: GitHub) -> None:
    done = orgs.run("org", "acme", "gone", "-f", "csv", "--by", "total", "-q", "-o", name)
    assert [row["scope"] for row in rows(done.out)] == ["org:acme"]
    assert done.code == 5
    assert "was not written" not in done.err


def test_a_file_is_not_replaced_by_a_part_unless_it_is_asked_for(orgs: GitHub, tmp_path: Path) -> None:
    target = tmp_path / "usage.csv"
    target.write_text("old")
    done = orgs.run("org", "acme", "gone", "--by", "total", "-o", str(target))
    assert (done.code, done.out, target.read_text()) == (5, "", "old")
    assert done.err.endswith(f"{target} was not written; --partial writes it with the scopes that didn't fail\n")
    done = orgs.run("org", "acme", "gone", "--by", "total", "-o", str(target), "--partial")
    assert (done.code, done.out) == (5, "")
    assert [row["scope"] for row in rows(target.read_text())] == ["org:acme"]
    done = orgs.run("org", "acme", "globex", "--by", "total", "-o", str(target))
    assert (done.code, len(rows(target.read_text()))) == (0, 2)


def test_conditions_name_the_scope_and_count_only_if_nothing_failed(orgs: GitHub) -> None:
    args = ("org", "initech", "acme", "globex", "-q", "--fail-if", "active_users_mean<8.5", "-f", "csv")
    done = orgs.run(*args)
    assert done.code == 9
    assert done.err == (
        "copilot-usage: failed: org:acme: active_users_mean<8.5: it is 7\n"
        "copilot-usage: failed: org:globex: active_users_mean<8.5: it is 8\n"
    )
    missing = orgs.run(*args, "--since", "6d", "--fail-on-missing")
    assert (missing.code, missing.err.count(f"1 day missing: {ago(6)}")) == (3, 3)
    assert orgs.run(*args[:2], "gone", *args[2:]).code == 5


@pytest.mark.parametrize("what", [("org", "-f", "csv", "--by", "total", "--no-history"), ("history", "sync")])
def test_an_exhausted_limit_is_one_message(what: tuple[str, ...], orgs: GitHub, history: Path) -> None:
    """After it at most as many requests are answered as run already."""
    served = 0
    lock = threading.Lock()

    def answer(_request: Request) -> Response:
        nonlocal served
        with lock:
            served += 1
            number = served
        if number <= 10:
            return Response("[]", 200)
        headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(NOW.timestamp()) + 3600)}
        return Response('{"message": "API rate limit exceeded"}', 403, headers)

    names = [f"org-{n}" for n in range(60)]
    orgs.answers |= {f"/orgs/{name}/copilot/usage": answer for name in names}
    done = orgs.run(*what, *names, "-q", "--jobs", "4")
    assert served <= 10 + 4
    (error, hint) = done.err.splitlines()
    assert re.fullmatch(
        r"copilot-usage: error: 50 scopes \(.*org:org-\d+ to org:org-59 \(\d+\)\): 127\.0\.0\.1:\d+ "
        r"answered 403: API rate limit exceeded",
        error,
    )
    assert "--max-wait" in hint
    assert done.code == 6


# All that an owner has


def test_teams_come_from_the_latest_list_and_cost_what_one_costs(call: Run) -> None:
    def requests(*args: str) -> int:
        done = call(*args, "--demo", "--source", "user-reports", "--by", "total", "-f", "csv", "-v")
        assert done.code == 0
        return done.err.count("copilot-usage: GET ")

    one, every = requests("team", "core", "--org", "acme"), requests("team", "--all", "--org", "acme")
    assert one == 58
    assert every <= one * 1.06  # the list besides; of two hundred teams no more


def test_teams_of_the_classic_api_come_from_githubs_list(orgs: GitHub, record: Callable[..., Any]) -> None:
    pages = {"": ["core", "web"], "2": ["data"]}

    def teams(request: Request) -> Response:
        page = request.args.get("page", "")
        link = {} if page else {"Link": f'<{orgs.url}/orgs/acme/teams?page=2>; rel="next"'}
        return Response(json.dumps([{"slug": slug, "id": 1} for slug in pages[page]]), 200, link)

    orgs.answers["/orgs/acme/teams"] = teams
    for slug in ("core", "data"):
        orgs.answers[f"/orgs/acme/team/{slug}/copilot/usage"] = [record(ago(1))]
    done = orgs.run("team", "--all", "--org", "acme", "-f", "csv", "--by", "total", "-q")
    assert [row["scope"] for row in rows(done.out)] == ["team:acme/core", "team:acme/data"]
    assert done.code == 5
    assert f"error: team:acme/web: {orgs.netloc} {NOT_FOUND}" in done.err


def test_what_is_missing_to_list_teams_is_said(orgs: GitHub) -> None:
    orgs.answers["/orgs/acme/teams"] = Response('{"message": "Must be a member"}', 403)
    done = orgs.run("team", "--all", "--org", "acme")
    assert (done.code, done.out) == (4, "")
    assert "requires a member of the organization, with a token that has read:org" in done.err


def test_organizations_come_from_the_seats_of_an_enterprise(orgs: GitHub) -> None:
    names = ["globex", None, "acme", "globex"]
    seats = [{"organization": name and {"login": name}, "assignee": {"login": "octocat"}} for name in names]
    path = "/enterprises/mega/copilot/billing/seats"
    orgs.answers[path] = Response(json.dumps({"total_seats": 4, "seats": seats}))
    args = ("org", "--all", "--enterprise", "mega", "-f", "csv", "--by", "total", "-q")
    done = orgs.run(*args)
    assert [row["scope"] for row in rows(done.out)] == ["org:globex", "org:acme"]
    assert "octocat" not in done.out + done.err
    orgs.answers[path] = Response('{"message": "No"}', 403)
    done = orgs.run(*args)
    assert (done.code, done.out) == (4, "")
    assert "manage_billing:copilot or read:enterprise" in done.err


def test_offline_all_are_the_teams_of_the_history(orgs: GitHub, history: Path, record: Callable[..., Any]) -> None:
    for slug in ("core", "web"):
        orgs.answers[f"/orgs/acme/team/{slug}/copilot/usage"] = [record(ago(1))]
    assert orgs.run("team", "core", "web", "--org", "acme", "-q").code == 0
    done = orgs.run("team", "--all", "--org", "acme", "--offline", "-f", "csv", "--by", "total", "-q")
    assert [row["scope"] for row in rows(done.out)] == ["team:acme/core", "team:acme/web"]
    done = orgs.run("team", "--all", "--org", "globex", "--offline")
    assert (done.code, done.err.splitlines()[0]) == (5, "copilot-usage: error: the history has no team of org:globex")


def test_a_name_that_is_not_a_slug_is_left_out(orgs: GitHub) -> None:
    names = ["acme", "a/../b", "globex"]
    seats = [{"organization": {"login": name}} for name in names]
    orgs.answers["/enterprises/mega/copilot/billing/seats"] = Response(json.dumps({"total_seats": 3, "seats": seats}))
    done = orgs.run("org", "--all", "--enterprise", "mega", "-f", "csv", "--by", "total")
    assert [row["scope"] for row in rows(done.out)] == ["org:acme", "org:globex"]
    assert "enterprise:mega: the list names 'a/../b', which is not a slug; it is left out" in done.err
    assert done.code == 0


def test_scopes_of_other_days_are_set_into_the_days_of_all(orgs: GitHub, record: Callable[..., Any]) -> None:
    orgs.answers["/orgs/late/copilot/usage"] = [record(ago(n), total_active_users=50) for n in (2, 1)]
    done = orgs.run("org", "acme", "late", "--width", "110")
    title, *lines = done.out.splitlines()
    assert title == f"2 scopes | {ago(5)} to {ago(1)} | source: usage"
    found = {line.split()[0]: line for line in lines if line.startswith("org:")}
    assert found["org:late"].index("2 of 5") == found["org:acme"].index("5 of 5")
    assert found["org:late"].rstrip().endswith("   ▇▇")  # under the last days of the others
    assert "note: the periods of the scopes differ: each one's numbers are of its own days" in lines


# History


@pytest.mark.parametrize("source", ["reports", "user-reports"])
@pytest.mark.parametrize(
    "wrong", [{"day": 3, "user_id": 1}, 7, {"day": "2026-11-12", "user_id": 1, "totals_by_ide": 3}]
)
def test_a_file_that_is_left_in_the_middle_makes_room_for_others(
    source: str, wrong: Any, orgs: GitHub, run: Run
) -> None:
    """Six scopes, of which two are asked for at a time: errors that are kept must not keep their requests."""
    names = [f"org-{n}" for n in range(6)]
    report = "users-28-day/latest" if source == "user-reports" else "organization-28-day/latest"
    links = Response(json.dumps({"download_links": [f"{orgs.url}/file?sig=x"]}), 200)
    orgs.answers |= {f"/orgs/{name}/copilot/metrics/reports/{report}": links for name in names}
    orgs.answers["/file"] = Response("".join(json.dumps(each) + "\n" for each in [wrong] * 9), 200)
    env = {"GH_TOKEN": "made-up"}
    args = ("org", *names, "--source", source, "--api-url", orgs.url, "--jobs", "2", "--no-history", "-q")
    done = run(*args, env=env, now=NOW)
    assert (done.code, done.out) == (7, "")
    assert len(re.findall(r"error: org:org-\d", done.err)) == 6, done.err


def test_a_list_of_scopes_has_an_end(call: Run, tmp_path: Path) -> None:
    (tmp_path / "list").write_bytes(b"org:acme\n" * 500_000)
    for name in (str(tmp_path / "list"), "/dev/zero"):
        done = call("report", "--scopes", name, "--demo")
        assert (done.code, done.out) == (2, "")
        assert done.err == (
            f"copilot-usage: error: --scopes {name} is longer than 4 MiB\nhint: it takes a scope a line\n"
        )


def test_a_history_that_another_run_holds_is_waited_for_once(
    orgs: GitHub, history: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert orgs.run("history", "sync", "acme", "-q").code == 0
    names = [f"org-{n}" for n in range(60)]
    orgs.answers |= {f"/orgs/{name}/copilot/usage": orgs.answers["/orgs/acme/copilot/usage"] for name in names}
    retry = HistoryFile._retry_while_locked
    waits = 0

    def impatient(self: HistoryFile, action: Callable[[], Any]) -> Any:
        nonlocal waits
        self._wait = 0.2
        try:
            return retry(self, action)
        except Exception:
            waits += 1
            raise

    monkeypatch.setattr(HistoryFile, "_retry_while_locked", impatient)
    with closing(sqlite3.connect(history, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        done = orgs.run("org", *names, "-f", "csv", "--by", "total")
    assert (done.code, len(rows(done.out))) == (0, 60)
    assert done.err.count("is in use by another run") == 1
    assert waits == 1


def test_sync_takes_the_same(orgs: GitHub, history: Path, tmp_path: Path) -> None:
    listed = tmp_path / "scopes.txt"
    listed.write_text("globex\nacme\n")
    done = orgs.run("history", "sync", "initech", "--scopes", str(listed), "-q")
    assert (done.code, done.out) == (
        0,
        "org:initech: stored 5 days\norg:globex: stored 5 days\norg:acme: stored 5 days\n",
    )
    orgs.answers["/orgs/acme/teams"] = Response(json.dumps([{"slug": "core"}]))
    orgs.answers["/orgs/acme/team/core/copilot/usage"] = []
    done = orgs.run("history", "sync", "--all", "teams", "--org", "acme", "-q")
    assert (done.code, done.out) == (0, "team:acme/core: stored 0 days\n")


def ended_while_waiting(orgs: GitHub, signum: signal.Signals, *args: str) -> tuple[int, bytes, bytes]:
    """Run a command, one request at a time, and end it while the organization `slow` keeps it waiting."""
    hang, reached = threading.Event(), threading.Event()

    def wait(_request: Request) -> Response:
        reached.set()
        hang.wait(HANG)
        return Response("[]", 200)

    orgs.answers["/orgs/slow/copilot/usage"] = wait
    process = subprocess.Popen(
        list(map(str, command(*args, "--api-url", orgs.url, "--jobs", "1", now=NOW))),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "GH_TOKEN": "made-up"},
        start_new_session=True,
    )
    try:
        assert reached.wait(HANG)
        time.sleep(1)  # for what was answered before to be taken
        process.send_signal(signum)
        out, err = process.communicate(timeout=HANG)
    finally:
        hang.set()
        process.kill()
    return process.returncode, out, err


def held(run: Run) -> list[str]:
    return [each["scope"] for each in json.loads(run("history", "list", "--json").out)["scopes"]]


@pytest.mark.parametrize("args", [("history", "sync"), ("report", "-f", "csv", "-q")])
def test_a_run_that_is_ended_keeps_what_is_there_and_says_what_is_left(
    args: tuple[str, ...], orgs: GitHub, history: Path, run: Run
) -> None:
    code, out, err = ended_while_waiting(orgs, signal.SIGTERM, *args, "acme", "slow", "globex", "initech")
    assert code == 143
    assert b"ended after 1 of 4 scopes; left: org:slow, org:globex, org:initech\n" in err
    assert out == (b"org:acme: stored 5 days\n" if args[0] == "history" else b"")
    assert held(run) == ["org:acme"]


def test_what_is_left_of_many_is_all_named(orgs: GitHub, history: Path, run: Run) -> None:
    names = [f"org-{n:02}" for n in range(40)]
    orgs.answers |= {f"/orgs/{name}/copilot/usage": [] for name in names}
    code, _, err = ended_while_waiting(orgs, signal.SIGINT, "history", "sync", *names[:2], "slow", *names[2:])
    assert code == 130
    assert b"ended after 2 of 41 scopes; left: org:slow to org:org-39 (39)\n" in err


def test_an_ended_run_keeps_the_days_of_teams_that_were_read(orgs: GitHub, history: Path, run: Run) -> None:
    """They are fetched together, so that none of the teams has ended; the next run asks for the days that are left."""

    def envelope(request: Request) -> Response:
        day, report = request.args.get("day", ""), request.path.rpartition("/")[2]
        links = [f"{orgs.url}/files/{report}/{day}"]
        return Response(json.dumps({"download_links": links if day else []}), 200)

    def serve(request: Request) -> Response:
        _, _, report, day = request.path.split("/")
        one: dict[str, Any] = {"user_id": 1, "day": day}
        counts = {"code_generation_activity_count": 5, "feature": "code_completion"}
        line = one | ({"slug": "core", "team_id": 1} if "teams" in report else {"totals_by_feature": [counts]})
        return Response(json.dumps(line) + "\n", 200)

    reports = "/orgs/slow/copilot/metrics/reports/"
    orgs.answers |= {f"{reports}{name}": envelope for name in ("users-1-day", "user-teams-1-day")}
    days = [ago(n) for n in range(60, 40, -1)]
    orgs.answers |= {f"/files/{report}/{day}": serve for report in ("users-1-day", "user-teams-1-day") for day in days}
    hang, reached = threading.Event(), threading.Event()

    def wait(request: Request) -> Response:
        reached.set()
        hang.wait(HANG)
        return serve(request)

    orgs.answers[f"/files/users-1-day/{days[10]}"] = wait
    process = subprocess.Popen(
        list(
            map(
                str,
                command(
                    "team",
                    "core",
                    "web",
                    "--org",
                    "slow",
                    "--since",
                    str(days[0]),
                    "--until",
                    str(days[-1]),
                    "--source",
                    "user-reports",
                    "--api-url",
                    orgs.url,
                    "--jobs",
                    "1",
                    "-q",
                    now=NOW,
                ),
            )
        ),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "GH_TOKEN": "made-up"},
    )
    try:
        assert reached.wait(HANG)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=HANG)
    finally:
        hang.set()
        process.kill()
    assert process.returncode == 130
    assert b"stored 10 days of 1 scope, of which others are still to be fetched\n" in err
    assert b"ended after 0 of 2 scopes; left: team:slow/core, team:slow/web\n" in err
    (listed,) = json.loads(run("history", "list", "--json").out)["scopes"]
    assert (listed["scope"], listed["days"]) == ("team:slow/core", 10)


def test_a_run_that_is_killed_keeps_whole_batches(
    orgs: GitHub, history: Path, run: Run, record: Callable[..., Any]
) -> None:
    names = [f"org-{n:02}" for n in range(40)]
    orgs.answers |= {f"/orgs/{name}/copilot/usage": [record(ago(1))] for name in names}
    code, out, err = ended_while_waiting(orgs, signal.SIGKILL, "history", "sync", *names, "slow", "-q")
    assert (code, err) == (-9, b"")
    assert out.decode().splitlines() == [f"org:{name}: stored 1 day" for name in names[:25]]
    assert held(run) == [f"org:{name}" for name in names[:25]]
    assert run("history", "check").code == 0


def test_a_bar_counts_the_scopes(orgs: GitHub) -> None:
    def slow(_request: Request) -> Response:
        time.sleep(2)  # past the half second, and what it takes to draw
        return Response("[]", 200)

    orgs.answers["/orgs/slow/copilot/usage"] = slow
    args = ("org", "acme", "slow", "globex", "--api-url", orgs.url, "--no-history")
    env = {"GH_TOKEN": "made-up", "TERM": "xterm-256color"}
    code, shown = shown_in_terminal(100, command(*args, now=NOW), env=env)
    assert code == 0
    assert re.search(r"fetching 3 scopes from 127\.0\.0\.1:\d+ .*[012] of 3 scopes", shown)
