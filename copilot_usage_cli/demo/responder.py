"""The demo: what answers in place of GitHub, and of the host that its signed links lead to.

The real client talks to it, so that pages, errors and reports can be seen without a token or a network. Its clock
stands still.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from copilot_usage_cli.demo import billing, classic, reports, seats
from copilot_usage_cli.github.address import Address
from copilot_usage_cli.github.auth import Token

NOW = datetime(2026, 11, 16, tzinfo=UTC)  # a Monday: the 28 days before it are four whole weeks
TODAY = NOW.date()
ADDRESS = Address("https://api.github.com", "github.com", "github.com")
TOKEN = Token("made-up", "the demo")


def respond(host: str, target: str, headers: Mapping[str, str]) -> tuple[int, Mapping[str, str], bytes]:
    """Answer a request in GitHub's place, or in that of the storage on another host."""
    if host != "api.github.com":
        return 200, {}, reports.file(target, TODAY)
    status, named, payload = answer(target, headers)
    return status, named, b"" if payload is None else json.dumps(payload).encode()


def answer(target: str, headers: Mapping[str, str]) -> classic.Answer:
    """Answer a request for a path of the API, with its query."""
    if not headers.get("authorization"):
        return classic.refusal(401, "Requires authentication")
    path = target.partition("?")[0]
    if (page := seats.answer(target, ADDRESS.url, TODAY)) is not None:
        return classic.Answer(page.status, {"Content-Type": classic.JSON, **page.headers}, page.payload)
    if (billed := billing.answer(target, TODAY)) is not None:
        return classic.Answer(billed[0], {"Content-Type": classic.JSON}, billed[1])
    if "/copilot/metrics/reports/" in path:
        status, payload = reports.envelope(target, TODAY)
        return classic.Answer(status, {"Content-Type": classic.JSON}, payload)
    return classic.answer(target, ADDRESS.url, TODAY)
