from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from support.clock import ago
from werkzeug import Request, Response

from copilot_usage_cli.errors import CopilotUsageError, NotAllowed, NotFound, Unavailable
from copilot_usage_cli.model.period import Period
from copilot_usage_cli.model.query import Query
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.sources.fetch import Fetcher
from copilot_usage_cli.sources.generation_cache import GenerationCache

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_httpserver import HTTPServer
    from support.conversation import Conversation
    from support.program import Finished, Run

    from copilot_usage_cli.model.fetch_result import FetchResult

TODAY = date(2026, 11, 16)
ORG = Scope("org", "acme")
TEAM = Scope("org", "acme", "core")
ENTERPRISE = Scope("enterprise", "mega")
CLASSIC = "/orgs/acme/copilot/usage"
LATEST = "/orgs/acme/copilot/metrics/reports/organization-28-day/latest"
USERS = "/orgs/acme/copilot/metrics/reports/users-28-day/latest"
TEAMS = "/orgs/acme/copilot/metrics/reports/user-teams-1-day"
COMPLETIONS = {"feature": "code_completion", "code_generation_activity_count": 7}


@dataclass
class GitHub:
    """A GitHub with the paths of one generation or of both; a path that isn't there is a 404."""

    server: HTTPServer
    finish: Run
    folder: Path
    calls: list[str] = field(default_factory=list)
    answers: dict[str, tuple[int, Any]] = field(default_factory=dict)
    listed: str = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.port}"

    def answer(self, request: Request) -> Response:
        if request.path.startswith("/files/"):
            return Response(json.dumps(self.answers[request.path][1]))
        self.calls.append(request.path)
        if request.path == TEAMS and request.args["day"] != self.listed:
            return Response('{"download_links": []}', mimetype="application/json")
        status, payload = self.answers.get(request.path, (404, {"message": "Not Found", "status": "404"}))
        return Response(json.dumps(payload), status, mimetype="application/json")

    def classic(self, path: str = CLASSIC, status: int = 200, message: str = "") -> None:
        day = {"day": str(ago(2)), "total_suggestions_count": 5}
        self.answers[path] = (status, [day] if status == 200 else {"message": message})

    def report(self, path: str = LATEST, file: Any = None, end: date | None = None) -> None:
        end = end or ago(2)
        file = file or {"day_totals": [{"day": str(end), "totals_by_feature": [COMPLETIONS]}]}
        self.answers[f"/files{path}"] = (200, file)
        envelope = {"report_start_day": str(end - timedelta(days=27)), "report_end_day": str(end)}
        self.answers[path] = (200, {"download_links": [f"{self.url}/files{path}?sig=x"], **envelope})

    def team(self, *, slug: str = "core", end: date | None = None) -> None:
        end = end or ago(2)
        who = {"user_id": 1, "day": str(end)}
        self.listed = str(end)
        self.report(USERS, {**who, "totals_by_feature": [COMPLETIONS]}, end)
        self.report(TEAMS, {**who, "slug": slug, "team_id": 1}, end)

    def asked(self) -> list[str]:
        """Give the paths that were asked for since the last time."""
        calls, self.calls = self.calls, []
        return calls

    def run(self, *args: str, **env: str) -> Finished:
        given = {"GH_TOKEN": "made-up", "XDG_CACHE_HOME": str(self.folder), "COPILOT_USAGE_HISTORY": "off", **env}
        return self.finish(*args, "--api-url", self.url, "--max-wait", "0", env=given)

    def source(self, *args: str, **env: str) -> str:
        """Run for JSON, and give the source of the one day."""
        done = self.run(*args, "--json", "-q", **env)
        assert (done.code, done.err) == (0, "")
        (record,) = json.loads(done.out)
        return str(record["source"])


@pytest.fixture
def github(httpserver_ipv4: HTTPServer, call: Run, tmp_path: Path) -> GitHub:
    github = GitHub(httpserver_ipv4, call, tmp_path / "cache")
    httpserver_ipv4.expect_request(re.compile(".*")).respond_with_handler(github.answer)
    return github


def test_the_classic_api_is_asked_first_and_alone_where_it_answers(github: GitHub) -> None:
    github.classic()
    github.report()
    assert [github.source("org", "acme") for _ in range(2)] == ["usage"] * 2
    assert github.asked() == [CLASSIC] * 2


@pytest.mark.parametrize("status", [404, 410])
def test_where_it_is_gone_the_reports_answer_and_the_next_run_asks_them_only(status: int, github: GitHub) -> None:
    github.classic(status=status)
    github.report()
    assert github.source("org", "acme") == "reports"
    assert github.asked() == [CLASSIC, LATEST]
    assert github.source("org", "acme") == "reports"
    assert github.asked() == [LATEST]
    (file,) = [path for path in github.folder.rglob("*") if path.is_file()]
    assert "sig" not in file.read_text("utf-8")


def test_an_enterprise_has_its_own_memory(github: GitHub) -> None:
    latest = "/enterprises/mega/copilot/metrics/reports/enterprise-28-day/latest"
    github.report(latest)
    github.report()
    for _ in range(2):
        assert github.source("enterprise", "mega") == "reports"
    assert github.asked() == ["/enterprises/mega/copilot/usage", latest, latest]
    assert github.source("org", "acme") == "reports"
    assert github.asked() == [CLASSIC, LATEST]


def test_a_team_falls_back_to_user_reports_and_shares_its_owners_memory(github: GitHub) -> None:
    github.team()
    github.report()
    assert github.source("team", "core", "--org", "acme") == "user-reports"
    asked = github.asked()
    assert (asked[:2], asked.count(TEAMS), len(asked)) == (["/orgs/acme/team/core/copilot/usage", USERS], 28, 30)
    assert github.source("org", "acme") == "reports"
    assert github.asked() == [LATEST]
    assert github.source("team", "core", "--org", "acme") == "user-reports"
    assert len(github.asked()) == 29


def a_file(folder: Path) -> None:
    folder.write_text("")


def no_permission(folder: Path) -> None:
    (folder / "copilot-usage").mkdir(parents=True)
    (folder / "copilot-usage" / "sources.json").mkdir()


@pytest.mark.parametrize("prepare", [a_file, no_permission])
def test_a_cache_that_cannot_be_written_is_no_error(prepare: Callable[[Path], None], github: GitHub) -> None:
    prepare(github.folder)
    github.report()
    assert [github.source("org", "acme") for _ in range(2)] == ["reports"] * 2
    assert github.asked() == [CLASSIC, LATEST] * 2


@pytest.mark.parametrize("content", ["", "{", "[]", '{"127.0.0.1 org:acme": 7}', "\0"])
def test_a_corrupt_cache_is_no_error_and_mended(content: str, github: GitHub) -> None:
    (github.folder / "copilot-usage").mkdir(parents=True)
    (github.folder / "copilot-usage" / "sources.json").write_text(content)
    github.report()
    assert [github.source("org", "acme") for _ in range(2)] == ["reports"] * 2
    assert github.asked() == [CLASSIC, LATEST, LATEST]


def test_both_gone_is_one_error_with_all_cures(github: GitHub) -> None:
    for scope, name in (
        (["org", "acme"], "org:acme"),
        (["enterprise", "mega"], "enterprise:mega"),
        (["team", "core", "--org", "acme"], "team:acme/core"),
    ):
        done = github.run(*scope)
        assert (done.code, done.out) == (5, "")
        first, *hints = done.err.replace("copilot-usage: ", "").splitlines()
        what = "answered 404 to both generations of its API, the usage API and the reports"
        assert first == f"error: {name}: 127.0.0.1:{github.server.port} {what}"
        assert all(line.startswith("hint: ") for line in hints)
        cures = " ".join(hints)
        for cure in ("may be wrong", "may lack permission", "no reports API", "this requires an ", "read:"):
            assert cure in cures
    assert len(github.asked()) == 6
    assert not list(github.folder.rglob("*.json"))


def fetch(
    github: GitHub, converse: Callable[..., Conversation], scope: Scope = ORG, days: int = 0, **question: Any
) -> FetchResult:
    memory = GenerationCache(github.folder / "sources.json", TODAY + timedelta(days=days))
    asked = Query(scope, Period(), TODAY + timedelta(days=days), **question)
    return Fetcher(converse(github.url).client, memory).fetch(asked)


def test_it_is_forgotten_after_a_week(github: GitHub, converse: Callable[..., Conversation]) -> None:
    github.report(end=TODAY)
    for days, expected in ((0, [CLASSIC, LATEST]), (7, [LATEST]), (8, [CLASSIC, LATEST]), (9, [LATEST])):
        fetch(github, converse, days=days)
        assert github.asked() == expected


def test_a_remembered_source_that_is_gone_falls_back(github: GitHub, converse: Callable[..., Conversation]) -> None:
    github.report(end=TODAY)
    fetch(github, converse)
    del github.answers[LATEST]
    github.classic()
    github.asked()
    assert {record.source for record in fetch(github, converse).records} == {"usage"}
    assert github.asked() == [LATEST, CLASSIC]
    fetch(github, converse)
    assert github.asked() == [CLASSIC]


@pytest.mark.parametrize(("status", "kind"), [(401, NotAllowed), (403, NotAllowed), (500, Unavailable)])
def test_another_refusal_asks_no_other_generation(
    status: int, kind: type[CopilotUsageError], github: GitHub, converse: Callable[..., Conversation]
) -> None:
    github.classic(status=status, message="No")
    github.report()
    with pytest.raises(kind):
        fetch(github, converse)
    assert set(github.asked()) == {CLASSIC}


def test_a_source_that_was_named_is_the_only_one(github: GitHub, converse: Callable[..., Conversation]) -> None:
    for source, path in (("usage", CLASSIC), ("reports", LATEST), ("user-reports", USERS)):
        with pytest.raises(NotFound) as caught:
            fetch(github, converse, source=source)
        assert "both" not in caught.value.message
        assert github.asked() == [path]
    github.report(end=TODAY)
    github.team(end=TODAY)
    fetch(github, converse, source="reports")
    fetch(github, converse, source="user-reports")
    assert not github.folder.exists()  # what a person names needn't be remembered
    assert github.asked() == [LATEST, USERS]


def test_a_team_that_is_listed_nowhere_is_that_error(github: GitHub, converse: Callable[..., Conversation]) -> None:
    github.team(slug="web", end=TODAY)
    for _ in range(2):
        with pytest.raises(NotFound, match="is on no list of team members"):
            fetch(github, converse, TEAM)


def test_hosts_have_a_memory_each(github: GitHub, converse: Callable[..., Conversation]) -> None:
    github.report(end=TODAY)
    fetch(github, converse)
    memory = GenerationCache(github.folder / "sources.json", TODAY)
    assert (memory.get("127.0.0.1", "org:acme"), memory.get("github.com", "org:acme")) == ("reports", None)


@pytest.mark.parametrize("option", ["--page", "--per-page"])
@pytest.mark.parametrize("source", ["reports", "user-reports"])
def test_reports_have_no_pages(option: str, source: str, github: GitHub) -> None:
    done = github.run("org", "acme", "--source", source, option, "1")
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        f"copilot-usage: error: --source {source} has no pages\nhint: --page and --per-page belong to the classic API\n"
    )
    assert github.asked() == []


@pytest.mark.parametrize("option", ["--page", "--per-page"])
def test_a_page_is_asked_of_the_classic_api_only(option: str, github: GitHub) -> None:
    github.report()
    assert github.run("org", "acme", option, "1").code == 5
    assert github.asked() == [CLASSIC]
    github.classic()
    assert github.source("org", "acme", option, "1", "--source", "usage") == "usage"


def test_reports_of_a_team_are_wrong_usage_that_names_user_reports(github: GitHub) -> None:
    done = github.run("team", "core", "--org", "acme", "--source", "reports")
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "copilot-usage: error: team:acme/core: the aggregated reports have no teams\n"
        "hint: use --source user-reports, which adds up the team's members day by day\n"
    )
    assert github.asked() == []


EDITORS = [["--by", "editor"], ["--by", "language,editor"], ["--by", "week,editor"], ["--editor", "vscode"]]


@pytest.mark.parametrize("options", EDITORS)
@pytest.mark.parametrize(("source", "asked"), [("reports", []), ("auto", [CLASSIC, LATEST])])
def test_reports_have_no_editors_and_name_both_ways_out(
    source: str, asked: list[str], options: list[str], github: GitHub
) -> None:
    github.report()
    done = github.run("org", "acme", "--source", source, *options)
    assert (done.code, done.out) == (2, "")
    error, hint = done.err.splitlines()
    assert error.endswith(": GitHub's aggregated reports have no completions by editor")
    assert "--by ide" in hint
    assert "--source user-reports" in hint
    assert github.asked() == asked


def test_user_reports_and_the_classic_api_have_editors(github: GitHub) -> None:
    github.classic()
    github.team()
    for options in EDITORS:
        for source in ("usage", "user-reports"):
            assert github.run("org", "acme", "--source", source, *options).code == 0


def test_the_demo_leaves_no_memory(github: GitHub, call: Run) -> None:
    for source in ("auto", "reports"):
        done = call("org", "acme", "--demo", "--source", source, env={"XDG_CACHE_HOME": str(github.folder)})
        assert done.code == 0
    assert not github.folder.exists()


def test_an_unknown_source_is_wrong_usage(call: Run) -> None:
    done = call("org", "acme", "--source", "metrics")
    assert (done.code, done.out) == (2, "")
    assert "'metrics' is not one of auto, usage, reports, user-reports" in done.err
