"""GitHub's answers on loopback, where each request is held against what GitHub's OpenAPI description says of it.

PATHS has the parameters of the paths that this tool asks, from the descriptions of api.github.com and of GitHub
Enterprise Cloud of September 2026. A request that isn't described is answered with 400, and kept in `violations`.
"""

from __future__ import annotations

import json
import re
import threading
import time
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from werkzeug import Request, Response

from support.environment import TOKEN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from pytest_httpserver import HTTPServer

    from support.program import Finished, Run

_PAGES = {"page": "integer", "per_page": "integer<=100"}
_BILLING = {
    "year": "integer",
    "month": "integer",
    "day": "integer",
    "user": "string",
    "model": "string",
    "product": "string",
}
_OF_ENTERPRISES = {"organization": "string", "cost_center_id": "string"}
PATHS: dict[str, dict[str, str]] = {
    "/orgs/{org}/copilot/billing": {},
    "/orgs/{org}/copilot/billing/seats": _PAGES,
    "/enterprises/{enterprise}/copilot/billing/seats": _PAGES,
    "/organizations/{org}/settings/billing/ai_credit/usage": _BILLING,
    "/organizations/{org}/settings/billing/premium_request/usage": _BILLING,
    "/enterprises/{enterprise}/settings/billing/ai_credit/usage": _BILLING | _OF_ENTERPRISES,
    "/enterprises/{enterprise}/settings/billing/premium_request/usage": _BILLING | _OF_ENTERPRISES,
    "/enterprises/{enterprise}/settings/billing/cost-centers": {"state": "active|deleted"},
    **{
        f"/{owners}/copilot/metrics/reports/{report}": {"day": "date!"} if report.endswith("-1-day") else {}
        for owners, kind in (("orgs/{org}", "organization"), ("enterprises/{enterprise}", "enterprise"))
        for report in (
            f"{kind}-1-day",
            f"{kind}-28-day/latest",
            "users-1-day",
            "users-28-day/latest",
            "user-teams-1-day",
            "repos-1-day",
        )
    },
}
"""The query parameters of each path by their types; `!` marks one that is required."""


@dataclass
class GitHubToday:
    """The API of a GitHub on loopback: `answers` are by path, each a payload, or a status with a payload."""

    server: HTTPServer
    storage: HTTPServer
    call: Run
    answers: dict[str, Any] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    lists: dict[str, tuple[str, Sequence[Any], dict[str, Any]]] = field(default_factory=dict)
    arrivals: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    has_last: bool = True
    is_blank: bool = False
    slow: float = 0.0
    after_page: Callable[[int], None] = lambda _: None
    most_at_once: int = 0
    _at_once: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"http://{self.server.host}:{self.server.port}"

    def list(self, path: str, inside: str, items: Sequence[Any], **others: Any) -> None:
        """Serve a list of items in pages, within a field of an object that has `others`, too."""
        self.lists[path] = (inside, items, others)

    def report(self, target: str, *lines: Any, **envelope: Any) -> None:
        """Serve a report whose one file, on another origin, has these lines of JSON."""
        path = f"/file-{len(self.files)}"
        self.files[path] = "".join(f"{json.dumps(line)}\n" for line in lines)
        link = f"http://{self.storage.host}:{self.storage.port}{path}?sig=made-up"
        self.answers[target] = {"download_links": [link], **envelope}

    def download(self, request: Request) -> Response:
        if "Authorization" in request.headers:
            self.violations.append(f"{request.path} was asked for with the token")
        return Response(self.files[request.path])

    def handle(self, request: Request) -> Response:
        with self._lock:
            query = request.query_string.decode()
            self.arrivals.append(request.path + (f"?{query}" if query else ""))
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
            found = violation(request)
            if found:
                self.violations.append(found)
        time.sleep(self.slow)
        with self._lock:
            self._at_once -= 1
        if found:
            return Response(json.dumps({"message": found}), 400, mimetype="application/json")
        if request.path in self.lists:
            return self._page(request)
        answer = self.answers.get(f"{request.path}?{query}" if query else request.path)
        if answer is None:
            answer = self.answers.get(request.path, (404, {"message": "Not Found"}))
        status, payload = answer if isinstance(answer, tuple) else (200, answer)
        return Response("" if payload is None else json.dumps(payload), status, mimetype="application/json")

    def _page(self, request: Request) -> Response:
        inside, items, others = self.lists[request.path]
        number, size = int(request.args.get("page", 1)), int(request.args.get("per_page", 50))
        last = max(-(-len(items) // size), 1)
        links = {"next": number + 1, "last": last} if number < last else {}
        if not self.has_last:
            links.pop("last", None)
        response = Response(
            json.dumps({**others, inside: items[(number - 1) * size : number * size]}), mimetype="application/json"
        )
        response.headers["Link"] = ", ".join(
            f'<{self.url}{request.path}?{urlencode({**request.args, "page": page})}>; rel="{rel}"'
            for rel, page in links.items()
        )
        self.after_page(number)
        if self.is_blank:
            response.status_code, response.data = 204, b""
        return response

    def run(self, *args: str, env: Mapping[str, str] | None = None, now: datetime | None = None) -> Finished:
        """Run the program in this process against this GitHub, with a token and without patience."""
        return self.call(
            *args, "--api-url", self.url, "--max-wait", "0", env={"GH_TOKEN": TOKEN, **(env or {})}, now=now
        )


def violation(request: Request) -> str:
    """Say what GitHub's description doesn't know about a request, or nothing."""
    template = next((each for each in PATHS if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", each), request.path)), None)
    if template is None:
        return f"{request.method} {request.path} is not described"
    headers = {
        "Accept": "application/vnd.github+json",
        "X-GitHub-Api-Version": "2022-11-28",
        "Authorization": f"Bearer {TOKEN}",
    }
    wrong = [name for name, value in headers.items() if request.headers.getlist(name) != [value]]
    parameters = PATHS[template]
    required = [name for name, kind in parameters.items() if kind.endswith("!")]
    wrong += [f"{name}: missing" for name in required if name not in request.args]
    for name, values in request.args.lists():
        if name not in parameters:
            wrong.append(f"{name}: unknown")
        elif len(values) != 1 or not _is_of(values[0], parameters[name].rstrip("!")):
            wrong.append(f"{name}: not of the type {parameters[name]}")
    if request.method != "GET" or not request.headers.get("User-Agent"):
        wrong.append("the method, or no User-Agent")
    return f"{template}: {', '.join(wrong)}" if wrong else ""


def _is_of(value: str, kind: str) -> bool:
    if kind.startswith("integer"):
        most = int(kind.partition("<=")[2] or 9999)
        return value.isdecimal() and 1 <= int(value) <= most
    if kind == "date":
        return str(date.fromisoformat(value)) == value
    return bool(value) if kind == "string" else value in kind.split("|")


@pytest.fixture
def today(origins: tuple[HTTPServer, HTTPServer], call: Run) -> Iterator[GitHubToday]:
    """A GitHub whose requests are all as its description has them, or the test fails."""
    github = GitHubToday(*origins, call)
    for server, answer in zip(origins, (github.handle, github.download), strict=True):
        server.clear()
        server.expect_request(re.compile(".*")).respond_with_handler(answer)
    yield github
    assert not github.violations
