"""The examples for other engines: each answers the same questions as copilot-usage itself, from an exported history."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, date, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from support.limits import HANG
from support.processes import finish, started

from copilot_usage_cli.history.store import History
from copilot_usage_cli.model.records import BreakdownRow, DailyRecord
from copilot_usage_cli.model.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from support.program import Run

    Own = Callable[..., list[dict[str, Any]]]

pytest.importorskip("pyarrow")

EXAMPLES = Path(__file__).parents[1] / "examples" / "engines"
FIRST, LAST = date(2025, 11, 3), date(2026, 11, 14)
FETCHED = datetime(2026, 11, 20, 12, tzinfo=UTC)
ORGS = [Scope("org", name) for name in ("acme", "Globex")]
TEAMS = [
    Scope("org", "acme", "core"),
    Scope("org", "acme", "web"),
    Scope("org", "Globex", "core"),
    Scope("enterprise", "mega", "ent:all"),
]
SPARK = "--master local[2] --conf spark.ui.enabled=false --conf spark.driver.bindAddress=127.0.0.1 pyspark-shell"

Rows = list[dict[str, str]]


def day_of(scope: Scope, n: int, source: str = "usage") -> DailyRecord:
    """A day that only its number and its scope decide; now and then something is unknown, or zero."""
    k = n + 7 * sum(map(ord, str(scope)))
    suggestions = None if k % 11 == 0 else k % 13 * 10
    acceptances = None if k % 17 == 0 else (suggestions or 0) // 3
    users = None if k % 19 == 0 else k % 23
    languages = ["python", 'a "quoted", name', None, "zig\\\n"][: k % 5]
    cells = tuple(
        BreakdownRow(language, "vscode", k % (9 + at), None if k % 3 == at else k % 4, 5, 2, None)
        for at, language in enumerate(languages)
    )
    breakdown = None if k % 29 == 0 else cells
    return DailyRecord(scope, source, FIRST + timedelta(n), suggestions, acceptances, 9, 3, users, breakdown=breakdown)


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A year of organizations, teams and an enterprise; some days of them from two sources."""
    path = tmp_path_factory.mktemp("kept") / "history.sqlite3"
    days = (LAST - FIRST).days + 1
    with History(path) as held:
        for scope in (*ORGS, *TEAMS, Scope("enterprise", "mega")):
            held.store("github.com", [day_of(scope, n) for n in range(days) if n % 31], FETCHED)
            again = "reports" if scope.team is None else "user-reports"
            held.store("github.com", [day_of(scope, n, again) for n in range(100, 170)], FETCHED)
    return path


@pytest.fixture
def own(history: Path, monkeypatch: pytest.MonkeyPatch, call: Run) -> Own:
    """Ask copilot-usage itself."""
    monkeypatch.setenv("COPILOT_USAGE_HISTORY", str(history))

    def ask(scopes: list[Scope], since: date, *options: str) -> list[dict[str, Any]]:
        period = ("--since", str(since), "--until", str(LAST))
        done = call("report", *map(str, scopes), "--offline", *period, *options, "--json")
        assert done.code == 0, done.err
        rows: list[dict[str, Any]] = json.loads(done.out)
        return rows

    return ask


@pytest.fixture
def dataset(history: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: Run) -> Path:
    monkeypatch.setenv("COPILOT_USAGE_HISTORY", str(history))
    folder = tmp_path / "data"
    assert call("history", "export", str(folder)).code == 0
    return folder


def run_script(engine: str, folder: Path, question: str) -> Rows:
    command = [sys.executable, EXAMPLES / f"with_{engine}.py", folder, question]
    done = finish(command, env={"PYSPARK_SUBMIT_ARGS": SPARK, "SPARK_LOCAL_IP": "127.0.0.1"}, limit=4 * HANG)
    assert done.returncode == 0, done.stderr.decode()
    return list(csv.DictReader(io.StringIO(done.stdout.decode(), newline="")))


@pytest.fixture
def postgres() -> Iterator[Callable[[str], str]]:
    """Run SQL in a PostgreSQL of its own, which listens to a socket alone."""
    programs = [Path(each).parent for each in map(shutil.which, ("initdb",)) if each]
    programs += sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    found = next((each for each in programs if (each / "postgres").exists()), None)
    if found is None or shutil.which("psql") is None:
        pytest.skip("there is no PostgreSQL")
    with tempfile.TemporaryDirectory() as name:
        folder, user = Path(name), None
        if os.geteuid() == 0:  # whom PostgreSQL refuses
            user = "nobody"
            shutil.chown(folder, user)
        options: dict[str, Any] = {"user": user, "cwd": name, "env": {"HOME": name}}
        data = folder / "data"
        made = finish([found / "initdb", "-D", data, "-U", "us", "-A", "trust", "-N", "--locale=C.UTF-8"], **options)
        assert made.returncode == 0, made.stderr.decode()
        server = [found / "postgres", "-D", data, "-k", name, "-c", "listen_addresses=", "-c", "fsync=off"]

        def run(text: str) -> str:
            asked = ["psql", "-q", "-A", "-v", "ON_ERROR_STOP=1", "-h", name, "-U", "us", "--csv", "postgres"]
            done = finish(asked, stdin=text)
            assert done.returncode == 0, done.stderr.decode()
            return done.stdout.decode()

        with started(server, stdout=subprocess.DEVNULL, **options) as process:
            assert process.stderr is not None
            for line in process.stderr:
                if b"ready to accept connections" in line:
                    break
            yield run


def compare(found: Rows, expected: list[dict[str, Any]]) -> None:
    """Compare rows by the columns of ours, numbers to the last digits that a double has."""
    assert len(found) == len(expected)
    for theirs, ours in zip(found, expected, strict=True):
        for name, value in ours.items():
            text = theirs[name]
            if isinstance(value, int | float):
                assert float(text) == pytest.approx(value, rel=1e-12), name
            else:
                assert text == (value or ""), name


def of_days(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "days": row["days"],
        "suggestions": row["total_suggestions_count"],
        "acceptances": row["total_acceptances_count"],
        "acceptance_rate": row["acceptance_rate"],
        "active_users_mean": row["active_users_mean"],
        "active_users_peak": row["active_users_peak"],
    }


def named(text: str) -> dict[str, str]:
    scope = Scope.parse(text.lower())
    of_enterprise = scope.kind == "enterprise"
    owners = {"enterprise": scope.owner, "organization": ""} if of_enterprise else {"organization": scope.owner}
    return {"host": "github.com", "enterprise": "", **owners, "team": scope.team or ""}


def expected_weekly(own: Own) -> list[dict[str, Any]]:
    rows = own(ORGS, FIRST, "--by", "week")
    made = [
        {
            "organization": named(row["scope"])["organization"],
            "week": str(date.fromisoformat(f"{row['week']}-1")),
            **of_days(row),
        }
        for row in rows
    ]
    return sorted(made, key=lambda row: (row["organization"], row["week"]))


def expected_languages(own: Own) -> list[dict[str, Any]]:
    sums: dict[str, list[tuple[int | None, int | None]]] = {}
    for record in own(TEAMS, FIRST, "--by", "day"):
        for cell in record["breakdown"] or ():
            counts = (cell["suggestions_count"], cell["acceptances_count"])
            sums.setdefault(cell["language"], []).append(counts)
    made = []
    for language, pairs in sums.items():
        both = [each for each in pairs if None not in each]
        made.append(
            {
                "language": language,
                "suggestions": sum(suggested or 0 for suggested, _ in pairs),
                "acceptances": sum(accepted or 0 for _, accepted in pairs),
                "acceptance_rate": sum(a or 0 for _, a in both) / sum(s or 0 for s, _ in both),
            }
        )
    return sorted(made, key=lambda row: (-row["suggestions"], row["language"]))


def expected_teams(own: Own) -> list[dict[str, Any]]:
    rows = own(TEAMS, LAST - timedelta(364), "--by", "total")
    made = [{**named(row["scope"]), **of_days(row)} for row in rows]
    return sorted(made, key=lambda row: (row["enterprise"] or "~", row["organization"] or "~", row["team"]))


QUESTIONS = {"weekly": expected_weekly, "languages": expected_languages, "teams": expected_teams}


@pytest.mark.parametrize("engine", ["duckdb", "polars", "spark"])
@pytest.mark.parametrize("question", QUESTIONS)
def test_an_engine_answers_as_copilot_usage_does(engine: str, question: str, dataset: Path, own: Own) -> None:
    if find_spec("pyspark" if engine == "spark" else engine) is None:
        pytest.skip(f"{engine} is not installed: it is in the extra engines")
    if engine == "spark" and shutil.which("java") is None:
        pytest.skip("there is no Java")
    compare(run_script(engine, dataset, question), QUESTIONS[question](own))


def test_postgres_answers_as_copilot_usage_does(dataset: Path, postgres: Callable[[str], str], own: Own) -> None:
    def load() -> None:
        done = finish([sys.executable, EXAMPLES / "to_postgres.py", dataset])
        assert (done.returncode, done.stderr) == (0, b"")
        assert postgres(done.stdout.decode()) == ""

    load()
    load()  # which takes the place of what was there
    for question, expected in QUESTIONS.items():
        text = (EXAMPLES / f"{question}.sql").read_text("utf-8")
        answer = postgres(f"SET search_path TO copilot_usage;\n{text};")
        compare(list(csv.DictReader(io.StringIO(answer, newline=""))), expected(own))
    types = postgres("SELECT DISTINCT data_type FROM information_schema.columns WHERE table_schema = 'copilot_usage'")
    assert set(types.split("\n")[1:-1]) == {
        "text", "date", "bigint", "double precision", "boolean", "timestamp with time zone",
    }  # fmt: skip
