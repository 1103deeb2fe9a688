"""F10 to F13: processes that are killed, that crowd, and that race for a new file."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import time
from contextlib import ExitStack
from threading import Event
from typing import TYPE_CHECKING, NamedTuple

from faults.figures.ground import Figure, classic_days, each, run, until
from support.clock import ago
from support.environment import TOKEN
from support.faulty import Behaviours, Faulty
from support.limits import HANG
from support.processes import started
from support.program import SCRIPT

from copilot_usage_cli.history.store import History
from copilot_usage_cli.model.scope import Scope

if TYPE_CHECKING:
    import socket
    from pathlib import Path

    from faults.figures.ground import Ground

    from copilot_usage_cli.model.records import DailyRecord

_DAYS = 20
_ROWS = 10
_SCOPES = ("org:acme-0", "org:acme-1", "org:acme-2")
_LANES = 3
_LEFTOVER = "*.copilot-usage.tmp"


class Toll(NamedTuple):
    """What kills did."""

    kills: int = 0
    in_time: int = 0
    faults: tuple[str, ...] = ()

    def __add__(self, other: object) -> Toll:
        assert isinstance(other, Toll)
        return Toll(self.kills + other.kills, self.in_time + other.in_time, self.faults + other.faults)


def held(path: Path, scope: str) -> list[DailyRecord]:
    """Read the days of a scope from a history."""
    with History(path, read_only=True) as history:
        return history.load("127.0.0.1", Scope("org", scope.removeprefix("org:")), ("usage",), None, None)


def is_one_run(days: list[DailyRecord]) -> bool:
    """Return whether days are whole, and all of one answer."""
    runs = {day.total_suggestions_count for day in days}
    counts = {row.suggestions_count for day in days for row in day.breakdown or ()}
    return len(runs) <= 1 and runs == counts and all(len(day.breakdown or ()) == _ROWS for day in days)


class _Syncs:
    """Syncs of three scopes, each of whose numbers names the sync that fetched it."""

    def __init__(self, folder: Path, chance: random.Random) -> None:
        self._path = folder / "kept" / "h.sqlite3"
        self._chance = chance
        self._number = 0
        self._answered = Event()
        self._acknowledged = dict.fromkeys(_SCOPES, 0)
        self._server = Faulty([self._answer])

    def _answer(self, connection: socket.socket) -> None:
        days = classic_days(_DAYS, _ROWS, self._number)
        for n, day in enumerate(days, 1):
            day["day"] = str(ago(n))
        connection.sendall(Behaviours.reply(body=json.dumps(days)))
        self._answered.set()

    def close(self) -> None:
        self._server.close()

    def kill(self) -> Toll:
        """Kill a sync, and look at what it left."""
        self._number += 1
        self._server.connections = 0  # it ends after a number of them
        self._answered.clear()
        env = {"GH_TOKEN": TOKEN, "COPILOT_USAGE_HISTORY": str(self._path)}
        options = ["--api-url", self._server.url, "--max-wait", "0", "--jobs", "1"]
        options += ["--refresh", "--since", str(ago(25))]
        with started((SCRIPT, "history", "sync", *_SCOPES, *options), env=env) as process:
            if self._chance.random() < 0.15:
                time.sleep(self._chance.uniform(0, 0.3))
            else:
                until(lambda: self._answered.is_set() or process.poll() is not None)
                time.sleep(self._chance.uniform(0, 0.08))
            process.kill()
            out, err = process.communicate()
        killed = process.returncode == -signal.SIGKILL
        ended_well = process.returncode in {0, -signal.SIGKILL} and b"Traceback" not in err
        faults = [] if ended_well else [f"sync {self._number} ended with {process.returncode}: {err.decode()}"]
        for line in out.decode().splitlines(keepends=True):
            if line.endswith("\n"):
                self._acknowledged[line.partition(": ")[0]] = self._number
        return Toll(killed, killed and self._answered.is_set(), (*faults, *self._look()))

    def _look(self) -> list[str]:
        if not self._path.exists() or not self._path.stat().st_size:  # killed before there was anything in it
            return ["the history is gone"] if any(self._acknowledged.values()) else []
        faults = []
        if self._number % 10 == 0:
            checked = run("history", "check", env={"COPILOT_USAGE_HISTORY": str(self._path)})
            faults += [f"check after sync {self._number}: {checked.out or checked.err}"] if checked.code else []
        with History(self._path, read_only=True) as history:  # the same, without a process of its own
            faults += history.check()
        for scope, number in self._acknowledged.items():
            days = held(self._path, scope)
            if len(days) not in {0, _DAYS} or not is_one_run(days):
                faults.append(f"torn days of {scope} after sync {self._number}")
            if max((day.total_suggestions_count or 0 for day in days), default=0) < number:
                faults.append(f"days of {scope} are lost after sync {self._number}")
        return faults


def killed_syncs(ground: Ground) -> Figure:
    """Kill `history sync` at random moments; what it printed as stored must be there, and nothing halved."""
    kills = ground.pick(6, 1000)

    def lane(number: int) -> Toll:
        toll = Toll()
        syncs = _Syncs(ground.folder / f"lane {number}", ground.chance(f"F10 {number}"))
        try:
            while toll.kills < kills / _LANES:
                toll += syncs.kill()
        finally:
            syncs.close()
        return toll

    toll = sum(each(lane, range(_LANES)), Toll())
    words = f"{toll.kills} syncs killed, {toll.in_time} of them after the first answer: {len(toll.faults)} faults"
    return Figure("F10", "; ".join([words, *toll.faults[:3]]), not toll.faults and toll.in_time > toll.kills / 3)


def killed_writers(ground: Ground) -> Figure:
    """Kill runs that write a large --output; the file is the old or the new one, and the next run cleans up."""
    kills = ground.pick(6, 1000)
    big = ground.folder / "big.json"
    big.write_text(json.dumps(classic_days(60, 40)), "utf-8")
    whole = [run(*_written(big, by)).out for by in ("day,language", "language")]

    def lane(number: int) -> tuple[Toll, int]:
        folder = ground.folder_named(f"writers {number}")
        chance = ground.chance(f"F11 {number}")
        target = folder / "usage.json"
        target.write_text(whole[1], "utf-8")
        toll, littered = Toll(), 0
        command = (SCRIPT, *_written(big, "day,language"), "-o", target)
        while toll.kills < kills / _LANES:
            is_there = False
            with started(command, stdin=subprocess.DEVNULL) as process:
                end = time.monotonic() + (chance.uniform(0, 0.6) if chance.random() < 0.1 else HANG)
                while not is_there and time.monotonic() < end and process.poll() is None:
                    time.sleep(0.0002)
                    is_there = any(name.endswith(".tmp") for name in os.listdir(folder))  # noqa: PTH208 - a race
                time.sleep(chance.uniform(0, 0.003) if is_there else 0)
                process.kill()
                process.communicate()
            torn = () if target.read_text("utf-8") in whole else (f"torn after {toll.kills} kills",)
            toll += Toll(process.returncode == -signal.SIGKILL, is_there, torn)
            littered += any(folder.glob(_LEFTOVER))
            if chance.random() < ground.pick(0.3, 0.1) or toll.kills >= kills / _LANES:
                toll += Toll(faults=_cleaned(folder, big, whole[1]))
        return toll, littered

    lanes = each(lane, range(_LANES))
    toll, littered = sum((toll for toll, _ in lanes), Toll()), sum(littered for _, littered in lanes)
    words = (
        f"{toll.kills} writers killed, {toll.in_time} of them while they wrote: {len(toll.faults)} files torn or left "
        f"after the next run; {littered} kills left one until then"
    )
    return Figure("F11", "; ".join([words, *toll.faults[:3]]), not toll.faults and toll.in_time > 0)


def _written(big: Path, by: str) -> tuple[object, ...]:
    return "org", "acme", "--input", big, "-q", "--by", by, "-f", "json"


def _cleaned(folder: Path, big: Path, due: str) -> tuple[str, ...]:
    """Run to the end, and return what is wrong then."""
    target = folder / "usage.json"
    ended = run(*_written(big, "language"), "-o", target)
    left = sorted(path.name for path in folder.iterdir() if path != target)
    if ended.code or target.read_text("utf-8") != due:
        return (f"the next run ended with {ended.code}: {ended.err}",)
    return tuple(f"{name} is left after the next run" for name in left)


def crowded_history(ground: Ground) -> Figure:
    """Let processes import into one history at the same time, again and again, each its own days."""
    processes, times = ground.pick((8, 2), (20, 25))
    path = ground.folder / "h.sqlite3"
    env = {"COPILOT_USAGE_HISTORY": str(path)}

    def imports(number: int) -> list[str]:
        failed = []
        for n in range(times):
            days = json.dumps(classic_days(1, _ROWS, number + 1)).replace("2026-01-01", f"2025-03-{n + 1:02}").encode()
            ended = run("history", "import", "-", "--scope", f"org:acme-{number}", env=env, stdin=days)
            if (ended.code, ended.out) != (0, f"org:acme-{number}: stored 1 of 1 day\n"):
                failed.append(f"exit {ended.code}: {ended.err}")
        return failed

    failed = [fault for faults in each(imports, range(processes), processes) for fault in faults]
    count = processes * times
    checked = run("history", "check", env=env)
    listed = json.loads(run("history", "list", "--json", env=env).out)
    whole = sum(scope["days"] for scope in listed["scopes"]) == count
    words = f"{count - len(failed)} of {count} imports by {processes} processes at a time succeed"
    return Figure("F12", "; ".join([words, *failed[:3]]), not failed and whole and checked.code == 0)


def first_runs(ground: Ground) -> Figure:
    """Let processes race for a history that isn't there yet."""
    processes, files = ground.pick((8, 1), (16, 20))
    failed = []
    for n in range(files):
        path = ground.folder / f"new {n}" / "h.sqlite3"
        env = {"COPILOT_USAGE_HISTORY": str(path)}
        with ExitStack() as stack:
            command = ("history", "import", "-", "--scope")
            running = [
                stack.enter_context(started((SCRIPT, *command, f"org:acme-{number}"), env=env, stdin=subprocess.PIPE))
                for number in range(processes)
            ]
            time.sleep(0.1 * processes / 2)  # until most of them wait for stdin
            for process in running:
                assert process.stdin is not None
                process.stdin.write(json.dumps(classic_days(1, _ROWS)).encode())
                process.stdin.close()
                process.stdin = None
            for process in running:
                _, err = process.communicate(timeout=HANG)
                if process.returncode:
                    failed.append(f"exit {process.returncode}: {err.decode()}")
        checked = run("history", "check", env=env)
        with History(path, read_only=True) as history:
            scopes = {each.scope for each in history.coverage()}
        if checked.code or len(scopes) != processes:
            failed.append(f"{len(scopes)} of {processes} scopes are in file {n}; check: {checked.out}")
    count = processes * files
    words = f"{count - len(failed)} of {count} first runs, {processes} at a time for each of {files} new files, succeed"
    return Figure("F13", "; ".join([words, *failed[:3]]), not failed)
