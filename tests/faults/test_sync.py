"""Syncs that are killed, and many at once: the real program against a server on loopback.

COPILOT_USAGE_LONG=1 kills a thousand of them.
"""

from __future__ import annotations

import os
import random
import subprocess
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from copilot_usage_cli.history import History
from copilot_usage_cli.scopes import Scope

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Behaviours, Faulty

KILLS = 1000 if os.environ.get("COPILOT_USAGE_LONG") else 50
DAYS = 28
SCOPE = Scope("org", "acme")


@pytest.fixture
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, token: str) -> Path:
    path = tmp_path / "history.sqlite3"
    monkeypatch.setenv("COPILOT_USAGE_HISTORY", str(path))
    monkeypatch.setenv("GH_TOKEN", token)
    return path


def answer(record: Callable[..., dict[str, Any]], run: int) -> str:
    """Make four weeks, each of whose numbers names the run that fetched it."""
    import json

    today = datetime.now(UTC).date()
    rows = [
        {"language": f"l{n}", "editor": "vscode", "suggestions_count": run, "acceptances_count": 0}
        | {"lines_suggested": 0, "lines_accepted": 0, "active_users": 1}
        for n in range(10)
    ]
    return json.dumps(
        [
            record(today - timedelta(days=n), total_suggestions_count=10 * run, total_chat_turns=run, breakdown=rows)
            for n in range(1, DAYS + 1)
        ]
    )


def start(script: Path, server: Faulty) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [script, "history", "sync", "org:acme", "--api-url", server.url, "--max-wait", "0"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def look(path: Path) -> set[int | None]:
    """Check the file and its days, and give the runs that these are of."""
    if not path.exists() or not path.stat().st_size:  # killed before there was anything in it
        return set()
    with History(path, create=False) as opened:
        assert opened.check() == []
        days = opened.load("127.0.0.1", SCOPE, ("usage",), None, None)
    assert len(days) in {0, DAYS}, "a part of an answer"
    for day in days:
        assert day.breakdown is not None
        assert [row.suggestions_count for row in day.breakdown] == [day.total_chat_turns] * 10, "half a day"
        assert day.total_suggestions_count == 10 * (day.total_chat_turns or 0)
    return {day.total_chat_turns for day in days}


def test_kill_at_random_moments_loses_nothing(
    script: Path,
    faulty: Callable[..., Faulty],
    behaviours: type[Behaviours],
    record: Callable[..., dict[str, Any]],
    history: Path,
) -> None:
    chance = random.Random(4)
    answered = threading.Event()
    current = 0

    def serve(connection: Any) -> None:
        connection.sendall(behaviours.reply(body=answer(record, current)))
        answered.set()

    server = faulty(*[serve] * (KILLS + 1))
    ended = {"before the answer": 0, "after it": 0, "by itself": 0}
    reported = 0
    for current in range(1, KILLS + 1):
        answered.clear()
        process = start(script, server)
        if chance.random() < 0.2:
            answered.wait(chance.uniform(0, 0.4))
        else:  # the disk is written within some 30 ms of the answer
            assert answered.wait(30)
            threading.Event().wait(chance.uniform(0, 0.06))
        process.kill()
        out, err = process.communicate()
        assert (
            err.replace(f"copilot-usage: daily records are kept in {history} from now on (--no-history doesn't)\n", "")
            == ""
        )
        ended["by itself" if process.returncode == 0 else "after it" if answered.is_set() else "before the answer"] += 1
        runs = look(history)
        assert len(runs) <= 1, "days of two answers"
        stored = max((run or 0 for run in runs), default=0)
        if out:
            assert out == f"org:acme: stored {DAYS} days\n"
            reported = current
        assert stored >= reported, "a day that was printed as stored is lost"
    print(ended)
    assert ended["after it"] > KILLS / 10
    process = start(script, server)
    current += 1
    out, _ = process.communicate()
    assert (process.returncode, out) == (0, f"org:acme: stored {DAYS} days\n")
    assert look(history) == {current}


def test_twenty_at_once(
    script: Path,
    faulty: Callable[..., Faulty],
    behaviours: type[Behaviours],
    record: Callable[..., dict[str, Any]],
    history: Path,
) -> None:
    server = faulty(behaviours.reply(body=answer(record, 7)))
    processes = [start(script, server) for _ in range(20)]
    outs = []
    for process in processes:
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
        assert "locked" not in err
        assert "warning" not in err
        outs.append(out)
    assert sorted(outs) == ["org:acme: stored 0 days\n"] * 19 + [f"org:acme: stored {DAYS} days\n"]
    assert look(history) == {7}
