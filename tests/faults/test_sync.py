"""Syncs that are killed, and many at once: the real program against a server on loopback."""

from __future__ import annotations

import json
import random
import subprocess
import threading
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from support.clock import NOW, ago
from support.limits import HANG
from support.processes import started
from support.program import command

from copilot_usage_cli.history.store import History
from copilot_usage_cli.model.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from support.faulty import Behaviours, Faulty

DAYS = 28
SCOPE = Scope("org", "acme")


@pytest.fixture(autouse=True)
def _with_a_token(monkeypatch: pytest.MonkeyPatch, token: str) -> None:
    monkeypatch.setenv("GH_TOKEN", token)


def answer(record: Callable[..., dict[str, Any]], run: int) -> str:
    """Make four weeks, each of whose numbers names the run that fetched it."""
    rows = [
        {"language": f"l{n}", "editor": "vscode", "suggestions_count": run, "acceptances_count": 0}
        | {"lines_suggested": 0, "lines_accepted": 0, "active_users": 1}
        for n in range(10)
    ]
    return json.dumps(
        [
            record(ago(n), total_suggestions_count=10 * run, total_chat_turns=run, breakdown=rows)
            for n in range(1, DAYS + 1)
        ]
    )


@contextmanager
def syncing(server: Faulty) -> Iterator[subprocess.Popen[bytes]]:
    arguments = ("history", "sync", "org:acme", "--api-url", server.url, "--max-wait", "0")
    with started(command(*arguments, now=NOW), stdin=subprocess.DEVNULL) as process:
        yield process


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


def kill_syncs(enough: int, faulty: Callable[..., Faulty], answer: Callable[[int], bytes], history: Path) -> None:
    """Kill syncs at random moments until enough of them fell between the answer and the end; nothing may be lost."""
    chance = random.Random(4)
    answered = threading.Event()
    current = 0

    def serve(connection: Any) -> None:
        connection.sendall(answer(current))
        answered.set()

    server = faulty(serve)
    kept = f"copilot-usage: daily records are kept in {history} from now on (--no-history turns this off)\n"
    killed_after = reported = 0
    while killed_after < enough:
        current += 1
        assert current < 40 * enough, "the kills come at harmless moments"
        answered.clear()
        with syncing(server) as process:
            if chance.random() < 0.2:
                answered.wait(chance.uniform(0, 0.4))
            else:  # the disk is written within some 30 ms of the answer
                assert answered.wait(HANG)
                threading.Event().wait(chance.uniform(0, 0.06))
            process.kill()
            out, err = (each.decode() for each in process.communicate())
        assert err.replace(kept, "") == ""
        killed_after += process.returncode != 0 and answered.is_set()
        runs = look(history)
        assert len(runs) <= 1, "days of two answers"
        stored = max((run or 0 for run in runs), default=0)
        if out:
            assert out == f"org:acme: stored {DAYS} days\n"
            reported = current
        assert stored >= reported, "a day that was printed as stored is lost"
    current += 1
    with syncing(server) as process:
        out = process.communicate()[0].decode()
    assert (process.returncode, out) == (0, f"org:acme: stored {DAYS} days\n")
    assert look(history) == {current}


@pytest.fixture
def four_weeks(behaviours: type[Behaviours], record: Callable[..., dict[str, Any]]) -> Callable[[int], bytes]:
    return lambda run: behaviours.reply(body=answer(record, run))


@pytest.mark.slow  # in short it is F10 of the figures
def test_kill_at_random_moments_loses_nothing(
    faulty: Callable[..., Faulty], four_weeks: Callable[[int], bytes], history: Path
) -> None:
    kill_syncs(12, faulty, four_weeks, history)


@pytest.mark.slow
def test_hundreds_of_kills_lose_nothing(
    faulty: Callable[..., Faulty], four_weeks: Callable[[int], bytes], history: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("support.faulty.MANY", 100_000)
    kill_syncs(500, faulty, four_weeks, history)


@pytest.mark.slow  # in short it is F12 of the figures
def test_twenty_at_once(faulty: Callable[..., Faulty], four_weeks: Callable[[int], bytes], history: Path) -> None:
    server = faulty(four_weeks(7))
    outs = []
    with ExitStack() as all_of_them:
        for process in [all_of_them.enter_context(syncing(server)) for _ in range(20)]:
            out, err = (each.decode() for each in process.communicate(timeout=HANG))
            assert process.returncode == 0, err
            assert "locked" not in err
            assert "warning" not in err
            outs.append(out)
    assert sorted(outs) == ["org:acme: stored 0 days\n"] * 19 + [f"org:acme: stored {DAYS} days\n"]
    assert look(history) == {7}
