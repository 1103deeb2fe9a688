"""A made-up GitHub of the classic API."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from werkzeug import Request, Response

from support.environment import TOKEN

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date, datetime

    from pytest_httpserver import HTTPServer

    from support.program import Finished, Run


@dataclass
class GitHub:
    """The classic usage endpoints of a GitHub on loopback, with pages by `Link`."""

    server: HTTPServer
    finish: Run
    arrivals: list[Request] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://{self.server.host}:{self.server.port}"

    @property
    def netloc(self) -> str:
        return f"{self.server.host}:{self.server.port}"

    def serve(self, records: Sequence[Any], path: str = "/orgs/acme/copilot/usage", most: int = 28) -> None:
        """Serve daily records, at most `most` a page, within `since` and `until` where they are given."""

        def answer(request: Request) -> Response:
            self.arrivals.append(request)
            query = request.args.to_dict()
            first, last = query.get("since", "0001")[:10], query.get("until", "9999")[:10]
            chosen = [record for record in records if first <= str(record.get("day", "")) <= last]
            page, size = int(query.get("page", 1)), min(int(query.get("per_page", most)), most)
            response = Response(json.dumps(chosen[(page - 1) * size : page * size]), 200, mimetype="application/json")
            if page * size < len(chosen):
                following = urlencode({**query, "page": page + 1, "per_page": size})
                response.headers["Link"] = f'<{self.url}{request.path}?{following}>; rel="next"'
            return response

        self.server.expect_request(path).respond_with_handler(answer)

    def answer(self, status: int, body: str | bytes = b"", **headers: str) -> None:
        """Give every request the same answer; `headers` are written with underscores."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}

        def handle(request: Request) -> Response:
            self.arrivals.append(request)
            return Response(body, status, headers={"Content-Type": "application/json", **named})

        self.server.expect_request(re.compile(".*")).respond_with_handler(handle)

    def run(self, *args: str, env: Mapping[str, str] | None = None, now: datetime | None = None) -> Finished:
        """Run the program against this GitHub, with a token and without patience."""
        given = {"GH_TOKEN": TOKEN, **(env or {})}
        return self.finish(*args, "--api-url", self.url, "--max-wait", "0", env=given, now=now)


@pytest.fixture
def github(httpserver_ipv4: HTTPServer, run: Run) -> GitHub:
    return GitHub(httpserver_ipv4, run)


@pytest.fixture
def record() -> Callable[..., dict[str, Any]]:
    """Make a whole daily record in GitHub's shape, fields replaced at will."""

    def make(day: str | date = "2024-06-03", **fields: Any) -> dict[str, Any]:
        return {
            "day": str(day),
            "total_suggestions_count": 100,
            "total_acceptances_count": 30,
            "total_lines_suggested": 200,
            "total_lines_accepted": 50,
            "total_active_users": 7,
            "total_chat_acceptances": 4,
            "total_chat_turns": 9,
            "total_active_chat_users": 3,
            "breakdown": [
                {
                    "language": "python",
                    "editor": "vscode",
                    "suggestions_count": 100,
                    "acceptances_count": 30,
                    "lines_suggested": 200,
                    "lines_accepted": 50,
                    "active_users": 7,
                }
            ],
            **fields,
        }

    return make
