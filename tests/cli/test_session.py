"""One run has one of each: a clock, a client, a token look-up and a history, however many scopes and periods."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from support.clock import NOW, ago

from copilot_usage_cli.__main__ import main
from copilot_usage_cli.cli import output, session
from copilot_usage_cli.github.client import Client
from copilot_usage_cli.github.http import HttpTransport
from copilot_usage_cli.history.file import HistoryFile

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from support.github import GitHub

    Count = Callable[..., Counter[str]]

PERIOD = ("--since", str(ago(6)), "--until", str(ago(4)))
REPORT = ("org", "acme", *PERIOD, "-f", "json", "-q")
WITHOUT_HISTORY = {"clock": 1, "token": 1, "client": 1, "connections": 1}
ONE_OF_EACH = {**WITHOUT_HISTORY, "history": 1}


@pytest.fixture
def count(monkeypatch: pytest.MonkeyPatch, github: GitHub, token: str, record: Callable[..., Any]) -> Count:
    """Run a command in this process and count what it makes."""
    counted: Counter[str] = Counter()

    def counting(what: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def called(*args: Any, **named: Any) -> Any:
            counted[what] += 1
            return function(*args, **named)

        return called

    for owner, name, what in (
        (session, "find_token", "token"),
        (Client, "__init__", "client"),
        (HttpTransport, "__init__", "connections"),
        (HistoryFile, "__init__", "history"),
    ):
        monkeypatch.setattr(owner, name, counting(what, getattr(owner, name)))
    monkeypatch.setattr(output, "write_stdout", lambda _: None)
    monkeypatch.setenv("GH_TOKEN", token)
    for slug in ("acme", "beta", "gamma"):
        github.serve([record(ago(n)) for n in range(1, 10)], f"/orgs/{slug}/copilot/usage")

    def now() -> datetime:
        counted["clock"] += 1
        return NOW

    def run(*args: str) -> Counter[str]:
        counted.clear()
        address = [] if "--demo" in args else ["--api-url", github.url]
        assert main([*args, *address], now) == 0
        return counted

    return run


def test_a_report(count: Count) -> None:
    assert count(*REPORT) == WITHOUT_HISTORY


def test_a_report_with_a_history(count: Count, history: Path) -> None:
    for _ in range(2):
        assert count(*REPORT) == ONE_OF_EACH


def test_a_comparison(count: Count, history: Path) -> None:
    for _ in range(2):
        assert count(*REPORT, "--compare", "previous") == ONE_OF_EACH


def test_a_sync_of_three_scopes(count: Count, history: Path) -> None:
    for _ in range(2):
        assert count("history", "sync", "org:acme", "org:beta", "org:gamma", "-q") == ONE_OF_EACH


def test_an_offline_comparison(count: Count, history: Path) -> None:
    count(*REPORT, "--compare", "previous")
    assert count(*REPORT, "--compare", "previous", "--offline") == {"clock": 1, "history": 1}


def test_the_demo(count: Count) -> None:
    assert count("org", "acme", "--demo", "-q", "--compare", "previous", "--since", "7d")["client"] == 1
