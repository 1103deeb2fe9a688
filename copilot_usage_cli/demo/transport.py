"""The demo: an httpx transport that answers in place of GitHub, and of the host that its signed links lead to.

The real client talks to it, so that pages, errors and reports can be seen without a token or a network. Its clock
stands still.
"""

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from copilot_usage_cli.demo import classic, reports
from copilot_usage_cli.github.address import Address
from copilot_usage_cli.github.auth import Token

if TYPE_CHECKING:
    import httpx

NOW = datetime(2026, 11, 16, tzinfo=UTC)  # a Monday: the 28 days before it are four whole weeks
TODAY = NOW.date()
ADDRESS = Address("https://api.github.com", "github.com", "github.com")
TOKEN = Token("made-up", "the demo")


def new_transport() -> "httpx.BaseTransport":
    """Return the transport that answers in GitHub's place."""
    import httpx

    class Demo(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            target = request.url.raw_path.decode("ascii")
            if request.url.host != "api.github.com":
                return httpx.Response(200, stream=httpx.ByteStream(reports.file(target, TODAY)))
            status, headers, payload = answer(target, request.headers)
            body = b"" if payload is None else json.dumps(payload).encode()
            return httpx.Response(status, headers=headers, stream=httpx.ByteStream(body))

    return Demo()


def answer(target: str, headers: Any) -> classic.Answer:
    """Answer a request for a path of the API, of either generation, with its query."""
    if not headers.get("authorization"):
        return classic.refusal(401, "Requires authentication")
    if "/copilot/metrics/reports/" in target.partition("?")[0]:
        status, payload = reports.envelope(target, TODAY)
        return classic.Answer(status, {"Content-Type": classic.JSON}, payload)
    return classic.answer(target, ADDRESS.url, TODAY)
