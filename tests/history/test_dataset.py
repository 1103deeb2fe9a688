"""The history as a dataset: what its tables hold, which files are written, and which folders are left alone."""

from __future__ import annotations

import json
import os
import sqlite3
from collections import Counter
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.disks import ordinary_user
from support.expected import TESTS, check
from support.strategies import LONG, aggregates, built

pytest.importorskip("pyarrow")

from pyarrow import parquet
from support.dataset import MANIFEST, contents, months, rows, touched

from copilot_usage_cli.errors import NotWritten
from copilot_usage_cli.history.dataset import encoding, layout
from copilot_usage_cli.history.dataset import months as dataset_months
from copilot_usage_cli.history.dataset.export import Exported, export
from copilot_usage_cli.history.dataset.open_target import open_target
from copilot_usage_cli.history.store import History
from copilot_usage_cli.model.activity import ACTIVITY_COUNTS, NO_ACTIVITY, Activity, ActivityRow
from copilot_usage_cli.model.aggregates import (
    ACTIVE_USERS,
    MEDIANS,
    NO_AGGREGATES,
    PULL_REQUESTS,
    SESSIONS,
    Aggregates,
    Engagement,
    Phase,
    PullRequests,
)
from copilot_usage_cli.model.records import CELL_FIELDS, COUNTED, TOTALS, BreakdownRow, DailyRecord, UserDayCounts
from copilot_usage_cli.model.scope import Scope

if TYPE_CHECKING:
    from pathlib import Path

HOST = "GitHub.com"
ENTERPRISE, ORG = Scope("enterprise", "Mega"), Scope("org", "Acme")
TEAM, OF_ENTERPRISE = Scope("org", "Acme", "core"), Scope("enterprise", "mega", "ent:Core")
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
STATED = datetime(2026, 11, 19, 8, tzinfo=UTC)
DAY = date(2026, 10, 31)
SOURCES = ("usage", "reports", "user-reports", "metrics")
ACTIVITY = ("ide", "feature", "model_feature", "language_feature", "language_model")
NOT_OURS = "has files and is not a dataset of copilot-usage"


def record(scope: Scope, n: int, users: int, source: str = "usage", **more: Any) -> DailyRecord:
    cells = tuple(BreakdownRow(name, "vim", users, 1, 2, 1, users) for name in ("python", "go"))
    return DailyRecord(
        scope, source, DAY + timedelta(n), users * 3, total_active_users=users, **{"breakdown": cells, **more}
    )


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path / "history.sqlite3")


def export_to(history: History, folder: Path) -> Exported:
    return export(history, open_target(str(folder)), lambda _: None, lambda: None)


def values(found: list[dict[str, Any]], *names: str) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in names) for row in found]


def test_the_tables_have_their_columns_and_types(history: History, tmp_path: Path) -> None:
    history.store(HOST, [record(ORG, 0, 1)], NOON)
    export_to(history, tmp_path / "data")
    lines = []
    for path in sorted((tmp_path / "data").glob("*/month=2026-10/data.parquet")):
        lines.append(path.parent.parent.name)
        schema = parquet.read_schema(path)
        assert schema.metadata is None
        assert all(field.nullable for field in schema)
        lines += [f"  {field.name} {field.type}" for field in schema]
    check("dataset-schema", "".join(f"{line}\n" for line in lines))


def test_the_document_names_every_table_and_column() -> None:
    text = (TESTS.parent / "docs" / "dataset.md").read_text("utf-8")
    elsewhere = {*TOTALS, *ACTIVE_USERS, *PULL_REQUESTS, *MEDIANS}
    for table, columns in layout.TABLES.items():
        names = {name for name, _ in columns if name not in elsewhere and not name.endswith("_user_days")}
        for name in (table, *layout.SERIES, layout.DAY, *names):
            assert f"`{name}`" in text, name


def test_a_scope_is_split_and_in_lower_case(history: History, tmp_path: Path) -> None:
    scopes = [ENTERPRISE, ORG, TEAM, OF_ENTERPRISE]
    history.store(HOST, [record(scope, 0, 1) for scope in scopes], NOON)
    history.store("octo.ghe.com", [record(ORG, 0, 2)], NOON, imported=True)
    history.store("octo.ghe.com", [record(ORG, 1, 3, stated_at=STATED)], NOON)
    export_to(history, tmp_path / "data")
    names = ("host", "kind", "enterprise", "organization", "team", "source")
    found = rows(tmp_path / "data", "days")
    assert values(found, *names, "day") == [
        ("github.com", "enterprise", "mega", None, None, "usage", DAY),
        ("github.com", "org", None, "acme", None, "usage", DAY),
        ("github.com", "team", None, "acme", "core", "usage", DAY),
        ("github.com", "team", "mega", None, "ent:core", "usage", DAY),
        ("octo.ghe.com", "org", None, "acme", None, "usage", DAY),
        ("octo.ghe.com", "org", None, "acme", None, "usage", DAY + timedelta(1)),
    ]
    assert values(found[-3:], "fetched_at", "imported", "stated_at") == [
        (NOON, False, None), (NOON, True, None), (NOON, False, STATED),
    ]  # fmt: skip
    assert values(rows(tmp_path / "data", "breakdown")[:2], *names, *CELL_FIELDS) == [
        ("github.com", "enterprise", "mega", None, None, "usage", language, "vim", 1, 1, 2, 1, 1)
        for language in ("python", "go")
    ]


def test_no_sum_counts_a_day_from_two_sources(history: History, tmp_path: Path) -> None:
    """As in reports: usage goes first, then the reports of the scope's kind, then metrics; others are beside."""
    for scope, source, days in (
        (ORG, "metrics", range(5)),
        (ORG, "user-reports", range(7)),
        (ORG, "reports", (1, 2, 4)),
        (ORG, "usage", (2,)),
        (TEAM, "reports", (0,)),
        (TEAM, "user-reports", (0, 1)),
    ):
        history.store(HOST, [record(scope, n, 1 + n, source) for n in days], NOON)
    folder = tmp_path / "data"
    export_to(history, folder)
    found = values(rows(folder, "days"), "kind", "day", "source", "total_active_users")
    of_org = ["metrics", "reports", "usage", "metrics", "reports"]
    assert found == sorted(
        [("org", DAY + timedelta(n), source, 1 + n) for n, source in enumerate(of_org)]
        + [("team", DAY + timedelta(n), "user-reports", 1 + n) for n in (0, 1)],
        key=lambda row: (row[1] > DAY, row),
    )
    cells = values(rows(folder, "breakdown"), "kind", "day", "source", "active_users")
    assert cells == [row for row in found for _ in range(2)]
    others = Counter(values(rows(folder, "days_other"), "kind", "source"))
    assert others == {("org", "metrics"): 3, ("org", "user-reports"): 7, ("org", "reports"): 1, ("team", "reports"): 1}
    loaded = history.load(HOST, ORG, ["usage", "reports", "metrics"], None, None)
    assert [(each.day, each.source) for each in loaded] == [row[1:3] for row in found if row[0] == "org"]


def test_a_day_without_a_number_gives_way(history: History, tmp_path: Path) -> None:
    """As only earlier versions kept them."""
    history.store(HOST, [record(ORG, 0, 1), record(ORG, 0, 2, "reports")], NOON)
    with history._file.writing() as connection:
        for table, names in (("day", TOTALS), ("cell", CELL_FIELDS[2:])):
            connection.execute(f"UPDATE {table} SET {' = NULL, '.join(names)} = NULL WHERE series = 1")
    export_to(history, tmp_path / "data")
    assert values(rows(tmp_path / "data", "days"), "source", "total_active_users") == [("reports", 2)]
    assert values(rows(tmp_path / "data", "days_other"), "source", "total_active_users") == [("usage", None)]


def test_the_tables_of_the_newer_commands(history: History, tmp_path: Path) -> None:
    counts = tuple(range(1, 8))
    activity = Activity(
        counts,
        (ActivityRow(("agent_edit",), *counts),),
        (ActivityRow(("gpt", "agent_edit"), *counts), ActivityRow((None, "code_completion"), None, 0)),
        (ActivityRow(("python", "chat"), None, *counts[1:]),),
        (ActivityRow(("python", "gpt"), None, *counts[1:]),),
    )
    pulls = tuple(range(10, 10 + len(PULL_REQUESTS)))
    people = tuple(None if n == 1 else n for n in range(len(ACTIVE_USERS)))
    besides = Aggregates(
        people,
        PullRequests(pulls, (1.5, None, 3.25)),
        (Phase("explorer", 1, 5, 9, 2), Phase(None)),
        Engagement(40, (("chat", 30), (None, None))),
        (1, 2, None, 4, 5),
        (6, 7, 8, 9, 10),
    )
    ides = (ActivityRow(("vscode",), *counts), ActivityRow(("vscode",), 1))
    full = {"activity": activity, "aggregates": besides, "totals_by_ide": ides}
    history.store(HOST, [record(ORG, 0, 1)], NOON)  # usage goes first, and has no activity
    history.store(HOST, [record(ORG, 0, 2, "reports", **full)], NOON)
    history.store(HOST, [record(ORG, 1, 2, "reports", aggregates=Aggregates(engagement=Engagement(7)))], NOON)
    known = UserDayCounts(9, 2, tuple(range(len(COUNTED))), (1, 2, 3, 4))
    history.store(HOST, [record(TEAM, 0, 3, "user-reports", activity=activity, user_days=known)], NOON)
    folder = tmp_path / "data"
    export_to(history, folder)
    of_org = [DAY, "org", "reports"]

    def has(table: str, names: tuple[str, ...], *expected: tuple[Any, ...]) -> None:
        found = [row for row in rows(folder, table) if row["kind"] == "org"]
        assert values(found, "day", "kind", "source", *names) == [(*of_org, *row) for row in expected], table
        of_team = [row for row in rows(folder, table) if row["kind"] == "team"]
        assert len(of_team) == (len(expected) if table in {"activity", "model_feature", "language_model"} else 0) or (
            table in {"feature", "language_feature"}
        )

    has("activity", ACTIVITY_COUNTS, counts)
    has("ide", ("ide", *ACTIVITY_COUNTS), ("vscode", *counts), ("vscode", 1, *[None] * 6))
    has("feature", ("feature", *ACTIVITY_COUNTS), ("agent_edit", *counts))
    has(
        "model_feature",
        ("model", "feature", *ACTIVITY_COUNTS),
        ("gpt", "agent_edit", *counts),
        (None, "code_completion", None, 0, *[None] * 5),
    )
    has("language_feature", ("language", "feature", *ACTIVITY_COUNTS[1:]), ("python", "chat", *counts[1:]))
    has("language_model", ("language", "model", *ACTIVITY_COUNTS[1:]), ("python", "gpt", *counts[1:]))
    has("active_users", ACTIVE_USERS, people)
    has("pull_requests", (*PULL_REQUESTS, *MEDIANS), (*pulls, 1.5, None, 3.25))
    has("adoption_phase", Phase._fields, ("explorer", 1, 5, 9, 2), (None,) * 5)
    has("cli", SESSIONS, (1, 2, None, 4, 5))
    has("app", SESSIONS, (6, 7, 8, 9, 10))
    engagement = values(rows(folder, "feature_engagement"), "day", "feature", "engaged_users", "active_users")
    assert engagement == [(DAY, "chat", 30, 40), (DAY, None, None, 40), (DAY + timedelta(1), None, None, 7)]
    (of_users,) = rows(folder, "user_days")
    assert (of_users["team"], of_users["user_days"]) == ("core", 7)
    assert [of_users[f"{name}_user_days"] for name in COUNTED] == list(range(len(COUNTED)))


COUNTS = st.none() | st.integers(0, 3) | st.integers(0, 2**63 - 1)
NAMES = st.sampled_from([None, "", "python", "n0", "n1", "a,b", 'a"b', "\n", "\ud800", "\x00", "\U0001f600"]) | st.text(
    max_size=5
)
CELLS = st.lists(built(BreakdownRow, NAMES, NAMES, *[COUNTS] * 5), max_size=5, unique_by=lambda cell: cell[:2])


def tables(names: int) -> st.SearchStrategy[Any]:
    row = built(ActivityRow, st.tuples(*[NAMES] * names), *[COUNTS] * len(ACTIVITY_COUNTS))
    return st.none() | st.lists(row, max_size=3).map(tuple)


RECORDS = built(
    DailyRecord,
    scope=st.sampled_from([ORG, TEAM]),
    source=st.sampled_from(SOURCES),
    day=st.dates(date(2026, 10, 30), date(2026, 11, 2)) | st.sampled_from([date.min, date.max, date(1969, 12, 31)]),
    breakdown=st.none() | CELLS.map(tuple),
    totals_by_ide=tables(1),
    activity=st.just(NO_ACTIVITY)
    | st.builds(Activity, st.none() | st.tuples(*[COUNTS] * 7), tables(1), tables(2), tables(2), tables(2)),
    aggregates=st.just(NO_AGGREGATES) | aggregates(NAMES, COUNTS),
    **dict.fromkeys(TOTALS, COUNTS),
)


def valid(name: str | None) -> str | None:
    return None if name is None else name.encode("utf-8", "backslashreplace").decode()


@settings(max_examples=1000 if LONG else 25)
@given(records=st.lists(RECORDS, max_size=6))
def test_the_numbers_are_those_that_the_history_loads(
    records: list[DailyRecord], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """In the weekly search: 1,000 examples."""
    folder = tmp_path_factory.mktemp("any")
    with History(folder / "h") as history:
        for source in SOURCES:
            history.store(HOST, [each for each in records if each.source == source], NOON)
        export_to(history, folder / "data")
        days: list[Any] = []
        others: list[Any] = []
        cells: list[Any] = []
        activity: dict[str, list[Any]] = {}
        for scope, preferred in ((ORG, ["usage", "reports", "metrics"]), (TEAM, ["usage", "user-reports", "metrics"])):
            chosen = history.load(HOST, scope, preferred, None, None)
            days += [(each.day, each.source, *each[3:11]) for each in chosen]
            cells += [
                (each.day, valid(row.language), valid(row.editor), *row[2:7])
                for each in chosen
                for row in each.breakdown or ()
            ]
            for source in SOURCES:
                held = history.load(HOST, scope, [source], None, None)
                others += [(each.day, each.source, *each[3:11]) for each in held if each not in chosen]
                for each in held if source == preferred[1] else ():
                    for name, table in zip(ACTIVITY, (each.totals_by_ide, *each.activity.tables), strict=True):
                        activity.setdefault(name, []).extend(
                            (each.day, *map(valid, row.names), *row.counts[name.startswith("language") :])
                            for row in table or ()
                        )
    same = {
        "days": (days, ("day", "source", *TOTALS)),
        "days_other": (others, ("day", "source", *TOTALS)),
        "breakdown": (cells, ("day", *CELL_FIELDS)),
        **{
            name: (found, ("day", *name.split("_"), *ACTIVITY_COUNTS[name.startswith("language") :]))
            for name, found in activity.items()
        },
    }
    for name, (expected, names) in same.items():
        assert Counter(values(rows(folder / "data", name), *names)) == Counter(expected), name


def test_large_months_come_in_several_row_groups(
    history: History, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    history.store(HOST, [record(scope, n, n) for scope in (ORG, TEAM) for n in range(1, 29)], NOON)
    export_to(history, tmp_path / "whole")
    monkeypatch.setattr(encoding, "_ROWS_AT_ONCE", 5)
    monkeypatch.setattr(encoding, "_TEXT_AT_ONCE", 300)
    export_to(history, tmp_path / "parts")
    for table, groups in (("days", 2), ("breakdown", 2), ("days_other", 1)):
        path = tmp_path / "parts" / table / "month=2026-11" / "data.parquet"
        assert parquet.ParquetFile(path).metadata.num_row_groups == groups
        assert rows(tmp_path / "parts", table) == rows(tmp_path / "whole", table)


# Which files are written


def test_only_months_that_changed_are_written(history: History, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    history.store(HOST, [record(ORG, n, 5 + n % 7) for n in range(-60, 10)], NOON)
    assert export_to(history, folder) == (3, 3, 0)
    first = touched(folder)
    assert export_to(history, folder) == (3, 0, 0)
    assert touched(folder) == first
    history.store(HOST, [record(ORG, 0, 99)], NOON + timedelta(1))
    history.store(HOST, [record(TEAM, -70, 1)], NOON)
    assert export_to(history, folder) == (4, 2, 0)
    second = touched(folder)
    kept = [path for path in first if path.endswith(".parquet") and "2026-10" not in path]
    assert kept
    assert all(second[path] == first[path] for path in kept)
    assert all(second[path] != first[path] for path in first if path.endswith("month=2026-10/data.parquet"))
    export_to(history, tmp_path / "anew")
    assert contents(folder) == contents(tmp_path / "anew")


def test_what_was_removed_is_gone(history: History, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    history.store(HOST, [record(scope, n, 5) for n in range(-60, 10) for scope in (ORG, TEAM)], NOON)
    export_to(history, folder)
    history.remove(None, TEAM)
    history.remove(None, ORG, DAY - timedelta(30), DAY)
    assert export_to(history, folder) == (2, 2, 1)
    assert months(folder) == {"2026-09", "2026-11"}
    assert {row["kind"] for row in rows(folder, "days")} == {"org"}
    export_to(history, tmp_path / "anew")
    assert contents(folder) == contents(tmp_path / "anew")
    history.remove(None, ORG)
    assert export_to(history, folder)[:2] == (0, 0)
    assert list(contents(folder)) == [MANIFEST]


def test_a_file_that_is_gone_is_written_again(history: History, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    history.store(HOST, [record(ORG, n, 5) for n in range(10)], NOON)
    export_to(history, folder)
    before = contents(folder)
    (folder / "ide" / "month=2026-11" / "data.parquet").unlink()
    assert export_to(history, folder) == (2, 1, 0)
    assert contents(folder) == before


def test_a_month_of_a_run_that_was_killed_is_removed(history: History, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    history.store(HOST, [record(ORG, n, 5) for n in (0, 1)], NOON)
    export_to(history, folder)
    manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    manifest["months"]["2026-11"] = ["", 0]  # as while it is being written
    (folder / MANIFEST).write_text(json.dumps(manifest))
    history.remove(None, ORG, DAY + timedelta(1))
    for path in folder.glob("*/month=2026-11/data.parquet"):
        path.rename(path.with_name(".data.parquet.0123456789abcdef.copilot-usage.tmp"))
    assert export_to(history, folder) == (1, 0, 1)
    assert not list(folder.glob("*/month=2026-11"))


def make_odd(kind: str, path: Path) -> None:
    """Make what is no sound file."""
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "directory":
        path.mkdir()
    elif kind == "empty":
        path.touch()
    else:
        path.symlink_to({"endless": "/dev/zero", "link": "nowhere"}[kind])


@pytest.mark.parametrize("kind", ["empty", "other", "pipe", "link"])
def test_a_file_that_became_another_is_written_again(history: History, tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "data"
    history.store(HOST, [record(ORG, n, 5) for n in range(10)], NOON)
    export_to(history, folder)
    before = contents(folder)
    path = folder / "days" / "month=2026-11" / "data.parquet"
    if kind == "other":
        path.write_bytes(b"garbage")
    else:
        path.unlink()
        make_odd(kind, path)
    assert export_to(history, folder) == (2, 1, 0)
    assert contents(folder) == before
    assert export_to(history, folder) == (2, 0, 0)


def test_another_content_is_written_anew(history: History, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As of a version with more columns: no dataset has files with and without them."""
    folder = tmp_path / "data"
    history.store(HOST, [record(ORG, n, 5) for n in range(10)], NOON)
    export_to(history, folder)
    monkeypatch.setattr(dataset_months, "CONTENT", 2)
    dataset_months._made_of.cache_clear()
    assert export_to(history, folder) == (2, 2, 0)
    assert export_to(history, folder) == (2, 0, 0)
    monkeypatch.undo()
    dataset_months._made_of.cache_clear()
    assert export_to(history, folder) == (2, 2, 0)


def test_files_have_the_mode_that_the_umask_gives(history: History, tmp_path: Path) -> None:
    history.store(HOST, [record(ORG, 0, 5)], NOON)
    before = os.umask(0o027)
    try:
        export_to(history, tmp_path / "data")
    finally:
        os.umask(before)
    files = [path for path in (tmp_path / "data").rglob("*") if path.is_file()]
    assert {path.stat().st_mode & 0o777 for path in files} == {0o640}


def test_files_of_others_in_a_dataset_stay(history: History, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    history.store(HOST, [record(ORG, 0, 5)], NOON)
    export_to(history, folder)
    theirs = [folder / "days" / "month=hello" / "data.parquet", folder / "days" / "month=2026-10" / "notes.txt"]
    for path in theirs:
        path.parent.mkdir(exist_ok=True)
        path.write_text("mine")
    assert export_to(history, folder) == (1, 0, 0)
    history.remove(None, ORG)
    assert export_to(history, folder) == (0, 0, 1)
    assert set(contents(folder)) == {MANIFEST, *(path.relative_to(folder).as_posix() for path in theirs)}


def test_names_that_are_written_alike_are_one(history: History, tmp_path: Path) -> None:
    """Half a character is written as its escape, which may be a name itself."""
    cells = tuple(BreakdownRow(name, "vim", n) for n, name in enumerate(["\ud800", "go", "\\ud800"]))
    history.store(HOST, [record(ORG, 0, 5, breakdown=cells)], NOON)
    export_to(history, tmp_path / "data")
    found = rows(tmp_path / "data", "breakdown")
    assert Counter(values(found, "language", "suggestions_count")) == {
        ("\\ud800", 0): 1,
        ("go", 1): 1,
        ("\\ud800", 2): 1,
    }
    path = tmp_path / "data" / "breakdown" / "month=2026-10" / "data.parquet"
    coded = parquet.read_table(path, read_dictionary=["language"], partitioning=None).column("language").chunk(0)
    assert len(coded.dictionary) == 2


def test_an_empty_history_is_an_empty_dataset(history: History, tmp_path: Path) -> None:
    assert export_to(history, tmp_path / "data") == (0, 0, 0)
    assert list(contents(tmp_path / "data")) == [MANIFEST]


@settings(max_examples=200 if LONG else 12, deadline=None)
@given(data=st.data())
def test_however_it_came_about_the_dataset_is_that_of_the_history(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """In the weekly search: 200 examples."""
    folder = tmp_path_factory.mktemp("steps")
    days = st.integers(-35, 35)
    with History(folder / "h") as history:
        for step in range(data.draw(st.integers(1, 5))):
            scope = data.draw(st.sampled_from([ORG, TEAM]))
            if data.draw(st.booleans()):
                source = data.draw(st.sampled_from(["usage", "reports", "metrics"]))
                found = [record(scope, n, step, source) for n in data.draw(st.sets(days, max_size=5))]
                history.store(HOST, found, NOON + timedelta(step))
            else:
                first = DAY + timedelta(data.draw(days))
                history.remove(None, scope, first, first + timedelta(20))
            export_to(history, folder / "data")
        export_to(history, folder / "anew")
    assert contents(folder / "data") == contents(folder / "anew")


# Which folders are left alone


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is not a dataset of copilot-usage: _copilot_usage.json says something else"),
        ("{}", "is not a dataset of copilot-usage: _copilot_usage.json says something else"),
        ("[" * 100_000, "is not a dataset of copilot-usage: _copilot_usage.json says something else"),
        ('{"dataset": "another", "layout": 1, "months": {}}', "says something else"),
        ('{"dataset": "copilot-usage history", "layout": 1, "months": {"2026-11": 5}}', "says something else"),
        ('{"dataset": "copilot-usage history", "layout": 1, "months": {"2026-11": ["a"]}}', "says something else"),
        ('{"dataset": "copilot-usage history", "layout": 1, "months": {"2026-11": "ab"}}', "says something else"),
        ('{"dataset": "copilot-usage history", "layout": 1, "months": {"../x": ["a", 1]}}', "says something else"),
        ('{"dataset": "copilot-usage history", "layout": true, "months": {}}', "says something else"),
        ('{"dataset": "copilot-usage history", "layout": 1, "months": []}', "says something else"),
        ('{"dataset": "copilot-usage history", "layout": 0, "months": {}}', "written by an older copilot-usage"),
        ('{"dataset": "copilot-usage history", "layout": 2, "months": {}}', "written by a newer copilot-usage"),
    ],
)
def test_a_folder_of_others_is_left_alone(history: History, tmp_path: Path, text: str, said: str) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / MANIFEST).write_text(text)
    before = touched(folder)
    with pytest.raises(NotWritten, match=said) as caught:
        export_to(history, folder)
    assert caught.value.hint == "name a new or an empty folder"
    assert touched(folder) == before


@pytest.mark.parametrize("kind", ["pipe", "endless", "directory"])
def test_a_manifest_that_is_no_file(history: History, tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    path = folder / MANIFEST
    make_odd(kind, path)
    with pytest.raises(NotWritten):
        export_to(history, folder)
    assert [each.name for each in folder.iterdir()] == [MANIFEST]


def test_a_folder_that_cannot_be_read_is_an_error(history: History, open_folder: Path, tmp_path: Path) -> None:
    history.store(HOST, [record(ORG, 0, 5)], NOON)
    folder = open_folder / "data"
    export_to(history, folder)
    history.remove(None, ORG)
    (folder / "days").chmod(0)
    with ordinary_user(), pytest.raises(NotWritten, match="Permission denied"):
        open_target(str(folder)).sizes()
    (folder / "days").chmod(0o755)


def test_a_folder_with_files_is_left_alone(history: History, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / ".x.0123.copilot-usage.tmp").touch()  # what a killed run left is nothing
    assert export_to(history, folder).months == 0
    (folder / MANIFEST).unlink()
    (folder / "notes.txt").touch()
    before = touched(folder)
    with pytest.raises(NotWritten, match=NOT_OURS):
        export_to(history, folder)
    assert touched(folder) == before


def test_a_dataset_that_another_run_writes_is_left_alone(history: History, tmp_path: Path) -> None:
    target = open_target(str(tmp_path / "data"))
    target.begin()
    with target.locked(), pytest.raises(NotWritten, match="is being written by another run") as caught:
        export_to(history, tmp_path / "data")
    assert caught.value.hint == "try again later"
    assert export_to(history, tmp_path / "data").months == 0


# Damage


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM cell WHERE day = (SELECT max(day) FROM cell)",
        "UPDATE day SET cells = 7 WHERE day = (SELECT max(day) FROM cell)",
        "UPDATE day SET activity = x'00' WHERE day = (SELECT max(day) FROM cell)",
        "UPDATE day SET user_days = '[1' WHERE day = (SELECT max(day) FROM cell)",
        "UPDATE ide SET ide = 999 WHERE day = (SELECT max(day) FROM cell)",
        "UPDATE day SET stated_at = 9223372036854775807 WHERE day = (SELECT max(day) FROM cell)",
        "UPDATE cell SET language = language + 999 WHERE day = (SELECT max(day) FROM cell)",
    ],
)
def test_damage_that_shows_is_named(history: History, tmp_path: Path, statement: str) -> None:
    ides = (ActivityRow(("vim",), 1),)
    days = [record(TEAM, n, 5, "user-reports", totals_by_ide=ides) for n in range(3)]
    history.store(HOST, days, NOON)
    with closing(sqlite3.connect(tmp_path / "history.sqlite3")) as connection, connection:
        connection.execute(statement)
    with pytest.raises(NotWritten) as caught:
        export_to(history, tmp_path / "data")
    assert f"team:Acme/core on {DAY + timedelta(2)} (user-reports, GitHub.com) is not what was stored" in str(
        caught.value
    )
    assert not list((tmp_path / "data").glob("*/month=2026-11/*"))
