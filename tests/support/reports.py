"""The reports API on loopback, in two servers: GitHub's, and another origin that holds the files."""

from __future__ import annotations

import json
import re
import threading
import time
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from copilot_usage_cli.errors import CopilotUsageError
from copilot_usage_cli.github.client import Client
from copilot_usage_cli.model.fetch_result import FetchResult, FinalDays
from copilot_usage_cli.model.period import Period, days_between
from copilot_usage_cli.model.query import Query
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.sources.reports.api import ReportsApi
from copilot_usage_cli.sources.reports.fetch_aggregated import fetch_aggregated
from copilot_usage_cli.sources.reports.fetch_users import UsersPass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from support.conversation import Conversation

TODAY = date(2026, 11, 16)
FIRST, LAST = date(2026, 10, 17), date(2026, 11, 13)  # of the latest 28 days
LATEST = days_between(FIRST, LAST)
ORG = Scope("org", "acme")
ENTERPRISE = Scope("enterprise", "mega")
TEAM = Scope("org", "acme", "core")
SENTINEL = "c2VudGluZWw"
REPORTS = "/orgs/acme/copilot/metrics/reports"
GITHUBS_OWN = {"authorization", "x-github-api-version"}
ALWAYS = Period()


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def period(since: date | None = None, until: date | None = None) -> Period:
    return Period(since, until)


@dataclass
class Hub:
    """An API that answers calls with envelopes, and a storage on another origin with their files.

    `answers` are by path and query: the files of a report, or a whole answer, or a list of these, the last of which
    holds for all that follow. What isn't there is `otherwise`.
    """

    api: HTTPServer
    storage: HTTPServer
    converse: Callable[..., Conversation]
    answers: dict[str, Any] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    downloads: list[str] = field(default_factory=list)
    files: dict[str, Any] = field(default_factory=dict)
    otherwise: int = 204
    at_once: int = 0
    most_at_once: int = 0
    slow: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)
    talks: list[Conversation] = field(default_factory=list)

    def report(self, path: str, *files: Any, **envelope: Any) -> None:
        """Serve a report: a file for each argument, bytes or lines of JSON or a whole response."""
        self.answers[path] = (files, envelope)

    def day(self, report: str, day: date, *files: Any, base: str = REPORTS) -> None:
        self.report(f"{base}/{report}-1-day?day={day}", *files, report_day=str(day))

    def latest(self, report: str, *files: Any, base: str = REPORTS) -> None:
        self.report(f"{base}/{report}-28-day/latest", *files, report_start_day=str(FIRST), report_end_day=str(LAST))

    def answer(self, request: Request) -> Response:
        target = request.path + (f"?{request.query_string.decode()}" if request.query_string else "")
        with self.lock:
            self.calls.append(target)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        time.sleep(self.slow)
        with self.lock:
            self.at_once -= 1
            if GITHUBS_OWN - {name.lower() for name, _ in request.headers}:
                return Response("", 401)
            found = self.answers.get(target)
            if isinstance(found, list):
                found = found.pop(0) if len(found) > 1 else found[0]
            if found is None:
                return Response(b"" if self.otherwise == 204 else b'{"message": "Not Found"}', self.otherwise)
            if isinstance(found, Response):
                return Response(found.get_data(), found.status_code, found.headers)
            links = [self._link(target, number, file) for number, file in enumerate(found[0])]
            return Response(json.dumps({"download_links": links, **found[1]}), 200, mimetype="application/json")

    def _link(self, target: str, number: int, file: Any) -> str:
        path = f"/{re.sub(r'[^a-z0-9-]+', '-', target)}/part-{len(self.calls)}-{number}.json"
        self.files[path] = file
        return f"http://127.0.0.1:{self.storage.port}{path}?se=2026&sig={SENTINEL}"

    def download(self, request: Request) -> Response:
        with self.lock:
            self.downloads.append(request.path)
            names = {name.lower() for name, _ in request.headers}
            if names & GITHUBS_OWN or "github" in request.headers.get("Accept", "") or request.args["sig"] != SENTINEL:
                return Response("a stray header", 400)
            file = self.files[request.path]
        if isinstance(file, Response):
            return Response(file.get_data(), file.status_code, file.headers)
        if isinstance(file, bytes):
            return Response(file)
        return Response(
            json.dumps(file) if isinstance(file, dict) else "".join(json.dumps(each) + "\n" for each in file)
        )

    @property
    def talk(self) -> Conversation:
        return self.talks[-1]

    def reports(
        self,
        scope: Scope = ORG,
        today: date = TODAY,
        jobs: int = 4,
        known: frozenset[date] = frozenset(),
    ) -> Reports:
        self.talks.append(self.converse(f"http://127.0.0.1:{self.api.port}"))
        return Reports(self.talk.client, scope, today, jobs, known)


class Reports(NamedTuple):
    """The reports of a scope, to be asked for a period."""

    client: Client
    scope: Scope
    today: date
    jobs: int
    known: frozenset[date]

    def aggregated(self, period: Period) -> FetchResult:
        query = Query(self.scope, period, self.today)
        return fetch_aggregated(
            ReportsApi(self.client, self.scope), query, FinalDays(self.known, frozenset()), self.jobs
        )

    def of_users(self, period: Period) -> FetchResult:
        (found,) = self.of_each([self.scope], period)
        if isinstance(found, CopilotUsageError):
            raise found
        return found

    def of_each(self, scopes: Sequence[Scope], period: Period) -> list[FetchResult | CopilotUsageError]:
        queries = [Query(scope, period, self.today) for scope in scopes]
        api = ReportsApi(self.client, self.scope)
        return UsersPass(api, queries, dict.fromkeys(scopes, FinalDays(self.known, frozenset())), self.jobs).results()


@pytest.fixture(scope="session")
def origins() -> Iterator[tuple[HTTPServer, HTTPServer]]:
    """Two servers for all tests: stopping one takes half a second."""
    with HTTPServer("127.0.0.1", 0, threaded=True) as api, HTTPServer("127.0.0.1", 0, threaded=True) as storage:
        yield api, storage


@pytest.fixture
def reports_api(origins: tuple[HTTPServer, HTTPServer], converse: Callable[..., Conversation]) -> Iterator[Hub]:
    github = Hub(*origins, converse)
    for server, answer in zip(origins, (github.answer, github.download), strict=True):
        server.clear()
        server.expect_request(re.compile(".*")).respond_with_handler(answer)
    yield github
    for left_behind in [each for each in threading.enumerate() if each.name == "fetching"]:
        left_behind.join(10)  # or its request would arrive in the next test
    said = [line for talk in github.talks for line in (*talk.said, *talk.traced)]
    assert not [line for line in said if SENTINEL in line or "sig=" in line or "?" in line]


def day(of: date, suggestions: int = 10, **fields: Any) -> dict[str, Any]:
    counters = {"code_generation_activity_count": suggestions, "code_acceptance_activity_count": 1}
    return {
        "day": str(of),
        "daily_active_users": 5,
        "totals_by_feature": [{"feature": "code_completion", **counters}],
        "totals_by_language_feature": [{"language": "go", "feature": "code_completion", **counters}],
        **fields,
    }


def whole(*days: dict[str, Any]) -> dict[str, Any]:
    return {"report_start_day": str(FIRST), "report_end_day": str(LAST), "day_totals": list(days)}


def user(number: Any, of: date | None, suggestions: int = 10, **fields: Any) -> dict[str, Any]:
    found = {
        **day(FIRST, suggestions),
        "user_id": number,
        "organization_id": "4711",
        "enterprise_id": "12",
        "used_chat": True,
    }
    found |= {"totals_by_ide": [{"ide": "vscode"}], "day": str(of)}
    if of is None:
        del found["day"]
    return {**found, **fields}


def member(number: Any, of: date, slug: str = "core", **fields: Any) -> dict[str, Any]:
    return {"user_id": number, "day": str(of), "organization_id": "4711", "team_id": 3, "slug": slug, **fields}


def suggestions(fetched: FetchResult) -> dict[date, int | None]:
    return {record.day: record.total_suggestions_count for record in fetched.records}


def one_day(report: str, days: Sequence[date], base: str = REPORTS) -> set[str]:
    return {f"{base}/{report}-1-day?day={of}" for of in days}


def once(calls: list[str]) -> set[str]:
    assert len(calls) == len(set(calls)), "a call was made twice"
    return set(calls)
