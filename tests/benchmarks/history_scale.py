"""Measure the history at 3 years x 300 teams x 40 breakdown rows a day, and other tables for the same rows.

    python tests/benchmarks/history_scale.py [--teams N] [--organizations N] [--years N] [--folder DIR]

It fills a history (about 450 MB, and as much again for the other tables) in a temporary folder through the same code
as the program, a year of a team at a time, and prints the size of the file and medians of at least 10 runs. The
numbers are made up, and the same on every run.
"""

import argparse
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from copilot_usage_cli.demo.reports import aggregate
from copilot_usage_cli.history.store import History
from copilot_usage_cli.model.fetch_result import FetchResult
from copilot_usage_cli.model.period import Period
from copilot_usage_cli.model.query import Query
from copilot_usage_cli.model.records import COUNTS, BreakdownRow, DailyRecord
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.report import grouping, rows
from copilot_usage_cli.report.daily_view import DayFound
from copilot_usage_cli.report.days import select_days
from copilot_usage_cli.report.pull_requests import pull_requests_view
from copilot_usage_cli.report.view import Circumstances
from copilot_usage_cli.sources.reports.aggregated import parse_aggregated

RUNS = 15
HOST = "github.com"
FIRST = date(2024, 1, 1)
LANGUAGES = ("python", "typescript", "go", "javascript", "java", "yaml", "c#", "shell", "sql", "markdown")
EDITORS = ("vscode", "jetbrains", "neovim", "visual_studio")
OTHERS = {
    "packed keys": """
CREATE TABLE other (
  series_day INTEGER NOT NULL, language_editor INTEGER NOT NULL, a INTEGER, b INTEGER, c INTEGER, d INTEGER, e INTEGER,
  PRIMARY KEY (series_day, language_editor)
) STRICT, WITHOUT ROWID;
INSERT INTO other SELECT (series << 20) + day, (language << 20) + editor, suggestions_count, acceptances_count,
  lines_suggested, lines_accepted, active_users FROM ours.cell ORDER BY series, day, language, editor;
""",
    "rowid and unique index": """
CREATE TABLE other (
  series INTEGER NOT NULL, day INTEGER NOT NULL, language INTEGER NOT NULL, editor INTEGER NOT NULL,
  a INTEGER, b INTEGER, c INTEGER, d INTEGER, e INTEGER, UNIQUE (series, day, language, editor)
) STRICT;
INSERT INTO other SELECT * FROM ours.cell ORDER BY day, series;
""",
    "days first": """
CREATE TABLE other (
  series INTEGER NOT NULL, day INTEGER NOT NULL, language INTEGER NOT NULL, editor INTEGER NOT NULL,
  a INTEGER, b INTEGER, c INTEGER, d INTEGER, e INTEGER, PRIMARY KEY (day, series, language, editor)
) STRICT, WITHOUT ROWID;
INSERT INTO other SELECT * FROM ours.cell ORDER BY day, series, language, editor;
""",
}
WEEKS = "SELECT (day + 3) / 7, sum(suggestions_count), sum(acceptances_count) FROM cell WHERE {} GROUP BY 1"
ONE_YEAR = {
    "ours": WEEKS.format("series = ? AND day BETWEEN ? AND ?"),
    "packed keys": (
        "SELECT ((series_day & 1048575) + 3) / 7, sum(a), sum(b) FROM other"
        " WHERE series_day BETWEEN (?1 << 20) + ?2 AND (?1 << 20) + ?3 GROUP BY 1"
    ),
    "rowid and unique index": (
        "SELECT (day + 3) / 7, sum(a), sum(b) FROM other WHERE series = ? AND day BETWEEN ? AND ? GROUP BY 1"
    ),
    "days first": (
        "SELECT (day + 3) / 7, sum(a), sum(b) FROM other WHERE series = ? AND day BETWEEN ? AND ? GROUP BY 1"
    ),
}


def team(number: int) -> Scope:
    """Name a team."""
    return Scope("org", "acme", f"team-{number}")


def record(scope: Scope, day: date, chance: Random) -> DailyRecord:
    """Make a day of 40 rows whose counts are of every size from 0 to 400."""
    cells = []
    for language in LANGUAGES:
        for editor in EDITORS:
            suggested = int(chance.random() ** 2 * 400)
            accepted, lines = int(suggested * chance.random()), int(suggested * 2 * chance.random())
            users = int(chance.random() * 20)
            cells.append(BreakdownRow(language, editor, suggested, accepted, lines, int(lines * 0.3), users))
    totals: dict[str, Any] = {f"total_{name}": sum(getattr(cell, name) for cell in cells) for name in COUNTS}
    for name, most in (("active_users", 20), ("chat_acceptances", 90), ("chat_turns", 500), ("active_chat_users", 15)):
        totals[f"total_{name}"] = int(chance.random() * most)
    return DailyRecord(scope, "usage", day, **totals, breakdown=tuple(cells))


def fill_reports(history: History, organizations: int, days: int) -> None:
    """Store the reports of organizations: all tables of activity, people, pull requests, phases; 60 days in turn."""
    made = [
        parse_aggregated(aggregate("enterprises", "mega", date(2026, 9, 1) + timedelta(days=n)), organization(1))
        for n in range(60)
    ]
    for number in range(1, organizations + 1):
        records = [
            made[n % 60]._replace(scope=organization(number), day=FIRST + timedelta(days=n), stated_at=None)
            for n in range(days)
        ]
        history.store(HOST, records, noon(FIRST + timedelta(days=days)))


def organization(number: int) -> Scope:
    """Name an organization."""
    return Scope("org", f"org-{number}")


def noon(day: date) -> datetime:
    """Give the noon three days after a day, when it is fetched."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC) + timedelta(days=3)


def fill(history: History, teams: int, days: int) -> None:
    """Store all days, a year of a team in a transaction."""
    for number in range(1, teams + 1):
        chance = Random(number)
        records = [record(team(number), FIRST + timedelta(days=n), chance) for n in range(days)]
        for start in range(0, days, 365):
            history.store(HOST, records[start : start + 365], noon(FIRST + timedelta(days=days)))


def median(action: Callable[..., Any], arguments: Iterator[Any] | None = None, runs: int = RUNS) -> str:
    """Run an action so many times, with the next argument each time, and say what it took, by the clock and of CPU."""
    walls, cpus = [], []
    for _ in range(runs):
        given = [] if arguments is None else [next(arguments)]
        wall, cpu = time.perf_counter(), time.process_time()
        action(*given)
        walls.append((time.perf_counter() - wall) * 1000)
        cpus.append((time.process_time() - cpu) * 1000)
    return f"{statistics.median(walls):9.1f} ms (at best {min(walls):.1f}; CPU {statistics.median(cpus):.1f})"


def say(what: str, figure: str) -> None:
    """Print a figure."""
    sys.stdout.write(f"{what:62} {figure}\n")
    sys.stdout.flush()


def measure_reading(path: Path, teams: int, last: date) -> None:
    """Load and group a team's year, opening the file each time."""
    some = team(max(1, teams // 2))
    since = last - timedelta(days=364)

    def load() -> list[DailyRecord]:
        with History(path, read_only=True) as history:
            return history.load(HOST, some, ["usage"], since, last)

    def weekly(*by: str) -> None:
        rows.group(load(), grouping.Grouping(("week", *by)), "year", cells=bool(by))

    say("a team's year: open and load", median(load))
    say("a team's year by week: open, load, group", median(weekly))
    say("a team's year by week and language: open, load, group", median(lambda: weekly("language")))
    with History(path, read_only=True) as history:
        say("which days are settled", median(lambda: history.settled_days(HOST, some, "usage", 3)))
        say("what is held, all teams", median(history.coverage, runs=10))


def measure_reports(path: Path, last: date) -> None:
    """Load an organization's year of reports, and show its pull requests by month."""
    query = Query(organization(1), Period(last - timedelta(days=364), last), last, "reports", answerer="history")

    def show() -> None:
        with History(path, read_only=True) as history:
            found = history.load(HOST, query.scope, ["reports"], query.period.since, query.period.until)
        days = select_days(query, FetchResult(found))
        pull_requests_view([DayFound(days)], "month", Circumstances(noon(last)))

    say("an organization's year of pull requests by month", median(show))


def measure_writing(path: Path, teams: int, last: date) -> None:
    """Store new days, changed days, the same days and one team's page."""
    chance = Random(0)

    def days(start: int, scopes: int) -> Iterator[list[DailyRecord]]:
        for n in range(start, start + 100):
            day = last + timedelta(days=n)
            yield [record(team(number), day, chance) for number in range(1, scopes + 1)]

    with History(path) as history:

        def store(records: list[DailyRecord]) -> None:
            history.store(HOST, records, noon(records[-1].day))

        def store_each(records: list[DailyRecord]) -> None:
            for each in records:
                history.store(HOST, [each], noon(each.day))

        pages = [[record(team(1), last - timedelta(days=n), chance) for n in range(28)] for _ in range(RUNS)]
        same = next(days(1, teams))
        later = last + timedelta(days=100)
        say(f"a new day for {teams} teams, one transaction", median(store, days(1, teams)))
        say("the same days with other numbers", median(store, days(1, teams)))
        store(same)
        say("a day as it is", median(lambda: store(same)))
        say("28 changed days of one team", median(lambda page: history.store(HOST, page, noon(later)), iter(pages)))
        say(f"a new day for {teams} teams, a transaction each", median(store_each, days(101, teams), runs=10))


def measure_tables(folder: Path, ours: Path, teams: int, last: int) -> None:
    """Compare one query over other tables of the same cells."""
    for name, query in ONE_YEAR.items():
        path = ours if name == "ours" else folder / "other.sqlite3"
        connection = sqlite3.connect(path, isolation_level=None)
        if name != "ours":
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute("ATTACH ? AS ours", (str(ours),))
            connection.executescript(f"BEGIN; {OTHERS[name]} COMMIT;")
            connection.execute("DETACH ours")
        table = "cell" if name == "ours" else "other"
        (cells,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
        size = "" if name == "ours" else f", {path.stat().st_size / 1e6:.0f} MB"
        numbers = (max(1, teams // 2), last - 364, last)
        say(
            f"SQL alone, a team's year by week: {name} ({cells:,} rows{size})",
            median(lambda run=connection.execute, text=query, given=numbers: run(text, given).fetchall()),
        )
        connection.close()
        if name != "ours":
            path.unlink()


def main() -> None:
    """Fill, measure, print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--teams", type=int, default=300)
    options.add_argument("--organizations", type=int, default=10)
    options.add_argument("--years", type=int, default=3)
    options.add_argument("--folder", help="where to make the temporary folder")
    asked = options.parse_args()
    days = asked.years * 365
    last = FIRST + timedelta(days=days - 1)
    with tempfile.TemporaryDirectory(dir=asked.folder) as name:
        path = Path(name) / "history.sqlite3"
        start = time.perf_counter()
        with History(path) as history:
            fill(history, asked.teams, days)
        say(f"{asked.teams} teams x {days} days x 40 rows, stored in", f"{time.perf_counter() - start:9.0f} s")
        before = path.stat().st_size
        say("size of the file", f"{before / 1e6:9.0f} MB")
        with History(path) as history:
            fill_reports(history, asked.organizations, days)
        more = path.stat().st_size - before
        say(f"reports of {asked.organizations} organizations x {days} days besides", f"{more / 1e6:9.0f} MB")
        say("a day of such reports", f"{more / asked.organizations / days:9.0f} bytes")
        measure_reports(path, last)
        measure_reading(path, asked.teams, last)
        measure_tables(Path(name), path, asked.teams, (last - date(1970, 1, 1)).days)
        measure_writing(path, asked.teams, last)
        start = time.perf_counter()
        with History(path, read_only=True) as history:
            problems = history.check()
        say(f"the whole file checked: {problems or 'sound'}", f"{time.perf_counter() - start:9.0f} s")


if __name__ == "__main__":
    main()
