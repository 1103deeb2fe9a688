"""Measure the export of 3 years x 300 teams x 40 breakdown rows a day, and what engines make of it.

    python tests/benchmarks/dataset.py [--history FILE] [--runs N] [--teams N] [--years N] [--folder DIR]

It fills a history as history_scale.py does (or takes FILE, made so, as it is), and runs whole processes in turn:
medians of their CPU time, and of the ratios of pairs.
"""

import argparse
import os
import shutil
import statistics
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from random import Random

import history_scale as scale

from copilot_usage_cli.history.store import History

PROGRAM = str(Path(sysconfig.get_path("scripts")) / "copilot-usage")
FETCHALL = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
every = [each for each, in connection.execute("SELECT id FROM series")]
first, last = connection.execute("SELECT min(day), max(day) FROM day").fetchone()
for day in range(first, last + 1, 30):  # a month at a time: all at once takes gigabytes
    for series in every:
        span = (series, day, day + 29)
        connection.execute("SELECT * FROM cell WHERE series = ? AND day BETWEEN ? AND ?", span).fetchall()
"""
IN_SQLITE = """
import sqlite3, sys
print(sqlite3.connect(sys.argv[1]).execute(
    "SELECT language, sum(suggestions_count), sum(acceptances_count) FROM breakdown WHERE scope LIKE 'team:%'"
    " GROUP BY 1 ORDER BY 2 DESC LIMIT 10").fetchall())
"""
IN_DUCKDB = """
import duckdb, sys
print(duckdb.sql(
    f"SELECT language, sum(suggestions_count), sum(acceptances_count) FROM '{sys.argv[1]}/breakdown/*/*.parquet'"
    " WHERE kind = 'team' GROUP BY 1 ORDER BY 2 DESC LIMIT 10").fetchall())
"""


Process = Callable[[], tuple[float, float]]


def run(*command: str) -> tuple[float, float]:
    """Run a process; give its CPU time in seconds and its peak in MiB."""
    nothing = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    _, status, used = os.wait4(os.posix_spawn(command[0], command, os.environ, file_actions=nothing), 0)
    if status:
        raise SystemExit(f"{command} failed")
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def python(text: str, *arguments: str) -> Process:
    """Return what runs a Python program."""
    return lambda: run(sys.executable, "-c", text, *arguments)


def compare(what: str, ours: Process, against: str, theirs: Process, runs: int) -> float:
    """Run two processes in turn, say what they took, and return our median."""
    pairs = [(ours(), theirs()) for _ in range(runs)]
    median = statistics.median(each[0][0] for each in pairs)
    ratio = statistics.median(each[0][0] / each[1][0] for each in pairs)
    other = statistics.median(each[1][0] for each in pairs)
    peak = max(each[0][1] for each in pairs)
    scale.say(what, f"{median:8.2f} s of CPU, {peak:.0f} MiB; {ratio:.2f} x {against} ({other:.2f} s)")
    return median


def change(path: Path, teams: int, n: int) -> None:
    """Give a day of all teams other numbers, in one of twelve months."""
    chance = Random(n)
    day = scale.FIRST + timedelta(days=31 * (n % 12) + 5)
    with History(path) as history:
        records = [scale.record(scale.team(number), day, chance) for number in range(1, teams + 1)]
        history.store(scale.HOST, records, scale.noon(date(2027, 6, 1) + timedelta(n)))


def size_of(folder: str) -> str:
    """Say how large the files of a folder are."""
    sizes = [each.stat().st_size for each in Path(folder).rglob("*") if each.is_file()]
    return f"{sum(sizes) / 1e6:8.1f} MB in {len(sizes)} files"


def measure(path: Path, teams: int, data: str, runs: int) -> None:
    """Export all, a month, and nothing, in turn; then ask for the top languages."""
    whole, fetched, again, one = [], [], [], []
    for n in range(runs):
        shutil.rmtree(data, ignore_errors=True)
        whole.append(run(PROGRAM, "history", "export", data))
        fetched.append(python(FETCHALL, str(path))())
        for k in range(3):
            change(path, teams, 3 * n + k)
            one.append((run(PROGRAM, "history", "export", data)[0], whole[-1][0]))
            again.append(run(PROGRAM, "history", "export", data)[0])
    months = len(list(Path(data).glob("days/*")))
    median = statistics.median
    ratio = median(ours[0] / theirs[0] for ours, theirs in zip(whole, fetched, strict=True))
    seconds, bare = median(each[0] for each in whole), median(each[0] for each in fetched)
    peak = max(each[1] for each in whole)
    scale.say("full export", f"{seconds:8.2f} s of CPU, {peak:.0f} MiB; {ratio:.2f} x fetchall ({bare:.2f} s)")
    scale.say("the files", size_of(data))
    share = median(took * months / full for took, full in one)
    took = median(each[0] for each in one)
    scale.say("a month changed", f"{took:8.2f} s of CPU; {share:.2f} x a {months}th of the full export")
    scale.say("nothing changed", f"{median(again):8.2f} s of CPU")
    compare("top languages, DuckDB", python(IN_DUCKDB, data), "sqlite3", python(IN_SQLITE, str(path)), runs)


def main(arguments: Sequence[str] | None = None) -> None:
    """Fill, measure, print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--history", type=Path)
    options.add_argument("--teams", type=int, default=300)
    options.add_argument("--years", type=int, default=3)
    options.add_argument("--runs", type=int, default=11)
    options.add_argument("--folder", help="where to make the temporary folder")
    asked = options.parse_args(arguments)
    with tempfile.TemporaryDirectory(dir=asked.folder) as name:
        path = Path(name) / "history.sqlite3"
        if asked.history is not None:
            shutil.copyfile(asked.history, path)
        else:
            with History(path) as history:
                scale.fill(history, asked.teams, asked.years * 365)
        os.environ["COPILOT_USAGE_HISTORY"] = str(path)
        measure(path, asked.teams, str(Path(name) / "data"), asked.runs)


if __name__ == "__main__":
    main()
