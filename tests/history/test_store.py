import sqlite3
import stat
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from support.strategies import LONG, aggregates, built

from copilot_usage_cli.cli.paths import history_file
from copilot_usage_cli.errors import NotWritten
from copilot_usage_cli.history.store import History
from copilot_usage_cli.model.activity import ACTIVITY_COUNTS, NO_ACTIVITY, Activity, ActivityRow
from copilot_usage_cli.model.aggregates import NO_AGGREGATES
from copilot_usage_cli.model.coverage import Coverage
from copilot_usage_cli.model.records import TOTALS, BreakdownRow, DailyRecord, keeping_engagement
from copilot_usage_cli.model.scope import Scope

HOST = "github.com"
ORG = Scope("org", "acme")
TEAM = Scope("org", "acme", "core")
DAY = date(2026, 11, 2)
NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
ROW_COUNTS = ("suggestions_count", "acceptances_count", "lines_suggested", "lines_accepted")
NUMBERED: dict[str, Any] = {name: n for n, name in enumerate(TOTALS)}
FULL: dict[str, Any] = {"breakdown": (BreakdownRow("go"),), "totals_by_ide": (ActivityRow(("vim",)),)}


def days_after(day: date, n: int, hour: int = 12) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC) + timedelta(days=n)


def plain(
    day: date = DAY, count: int | None = 1, scope: Scope = ORG, source: str = "usage", **fields: Any
) -> DailyRecord:
    return DailyRecord(scope, source, day, total_suggestions_count=count, **fields)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history.sqlite3"


@pytest.fixture
def history(path: Path) -> Iterator[History]:
    with History(path) as opened:
        yield opened


def load(history: History, *sources: str, scope: Scope = ORG) -> list[DailyRecord]:
    return history.load(HOST, scope, sources or ("usage",), None, None)


def seen(path: Path) -> tuple[bytes, int]:
    """The file's bytes and when it was written."""
    return path.read_bytes(), path.stat().st_mtime_ns


def added(values: Sequence[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def comes_back(record: DailyRecord) -> DailyRecord:
    """What is to come back of a record: one cell for each language and editor, in any order."""
    record = record._replace(user_bits=None)
    if record.breakdown is None:
        return record
    cells = []
    for key in {(row.language, row.editor) for row in record.breakdown}:
        same = [row for row in record.breakdown if (row.language, row.editor) == key]
        counts: dict[str, Any] = {name: added([getattr(row, name) for row in same]) for name in ROW_COUNTS}
        users = max((row.active_users for row in same if row.active_users is not None), default=None)
        cells.append(BreakdownRow(*key, **counts, active_users=users))
    return in_order(record._replace(breakdown=tuple(cells)))


def in_order(record: DailyRecord) -> DailyRecord:
    if record.breakdown is None:
        return record
    return record._replace(breakdown=tuple(sorted(record.breakdown, key=repr)))


COUNTS = st.none() | st.integers(0, 3) | st.integers(0, 2**53)
NAMES = st.sampled_from([None, "", "python", "Python", "c#", "\ud800", "\x00", "a\x00b", "\U0001f600"]) | st.text(
    st.characters(), max_size=5
)
CELLS = built(BreakdownRow, NAMES, NAMES, COUNTS, COUNTS, COUNTS, COUNTS, COUNTS)
IDES = built(ActivityRow, st.tuples(NAMES), *[COUNTS] * len(ACTIVITY_COUNTS))
PAIRS = built(ActivityRow, st.tuples(NAMES) | st.tuples(NAMES, NAMES), *[COUNTS] * len(ACTIVITY_COUNTS))
TABLES = st.none() | st.lists(PAIRS, max_size=3).map(tuple)
RECORDS = built(
    DailyRecord,
    scope=st.sampled_from([ORG, TEAM]),
    source=st.sampled_from(["usage", "reports"]),
    day=st.dates(date(2026, 10, 30), date(2026, 11, 4)) | st.sampled_from([date.min, date.max, date(1970, 1, 1)]),
    breakdown=st.none() | st.lists(CELLS, max_size=6).map(tuple),
    totals_by_ide=st.none() | st.lists(IDES, max_size=3).map(tuple),
    activity=st.just(NO_ACTIVITY) | st.builds(Activity, st.none() | st.tuples(*[COUNTS] * 7), *[TABLES] * 4),
    aggregates=st.just(NO_AGGREGATES) | aggregates(NAMES, COUNTS),
    **dict.fromkeys(TOTALS, COUNTS),
)


@settings(max_examples=1000 if LONG else 60)
@given(records=st.lists(RECORDS, max_size=5))
def test_what_comes_back_is_what_was_stored(
    records: list[DailyRecord], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """In the weekly search: 1,000 examples."""
    path = tmp_path_factory.mktemp("trip") / "h"
    last: dict[tuple[Scope, str, date], DailyRecord] = {}
    for record in records:
        if not record.is_blank:
            key = (record.scope, record.source, record.day)
            last[key] = keeping_engagement(record, last.get(key, record))
    with History(path) as history:
        assert history.store(HOST, records, NOON).changed == len(last)
    with History(path, read_only=True) as history:
        for scope in (ORG, TEAM):
            for source in ("usage", "reports"):
                expected = [comes_back(record) for key, record in last.items() if key[:2] == (scope, source)]
                found = history.load(HOST, scope, [source], None, None)
                assert [in_order(record) for record in found] == sorted(expected, key=lambda record: record.day)
        assert history.check() == []
    before = seen(path)
    with History(path) as history:
        assert history.store(HOST, list(reversed(last.values())), NOON).changed == 0
    assert seen(path) == before


@pytest.mark.parametrize(
    "record",
    [
        plain(count=0),
        plain(breakdown=()),
        plain(breakdown=None),
        plain(totals_by_ide=()),
        plain(breakdown=(BreakdownRow(),), totals_by_ide=(ActivityRow((None,)),)),
        plain(count=None, breakdown=(BreakdownRow(active_users=0),)),
        plain(count=None, totals_by_ide=(ActivityRow((None,), 0),)),
        plain(breakdown=(BreakdownRow(None, ""), BreakdownRow("", None), BreakdownRow("", ""), BreakdownRow())),
        plain(breakdown=(BreakdownRow("go", "vim", 0, None, 2**53, 1, 0),)),
        plain(
            totals_by_ide=(
                ActivityRow(("vscode",), 1),
                ActivityRow(("vscode",), 1),
                ActivityRow(("",), 0),
                ActivityRow((None,), None, 0),
            )
        ),
        DailyRecord(ORG, "usage", DAY, **NUMBERED),
    ],
)
def test_unknown_and_zero_and_nothing_stay_apart(history: History, record: DailyRecord) -> None:
    history.store(HOST, [record], NOON)
    assert [in_order(found) for found in load(history)] == [in_order(record)]


def test_cells_of_one_language_and_editor_become_one(history: History) -> None:
    rows = (
        BreakdownRow("go", "vim", 1, None, None, 4, 5),
        BreakdownRow("go", "vim", 2, None, 3, None, 7),
        BreakdownRow("go", "vim", None, None, None, None, None),
        BreakdownRow("Go", "vim", 1),
    )
    history.store(HOST, [plain(breakdown=rows)], NOON)
    (found,) = load(history)
    assert found.breakdown is not None
    assert set(found.breakdown) == {BreakdownRow("go", "vim", 3, None, 3, 4, 7), BreakdownRow("Go", "vim", 1)}


def test_no_set_of_users_is_ever_stored(path: Path, history: History) -> None:
    who = 0x5EC2E7_5EC2E7
    history.store(HOST, [plain(user_bits=who, breakdown=(BreakdownRow("go", "vim", 1, user_bits=who),))], NOON)
    (found,) = load(history)
    assert found.user_bits is None
    assert found.breakdown is not None
    assert found.breakdown[0].user_bits is None
    data = path.read_bytes()
    assert not any(text in data for text in (who.to_bytes(6, "big"), str(who).encode(), f"{who:x}".encode()))


def test_the_newest_fetch_of_a_day_wins(path: Path, history: History) -> None:
    assert history.store(HOST, [plain(count=1)], NOON).changed == 1
    assert (
        history.store(HOST, [plain(count=2, breakdown=(BreakdownRow("go"),))], NOON + timedelta(hours=1)).changed == 1
    )
    before = seen(path)
    assert history.store(HOST, [plain(count=3)], NOON).changed == 0  # an answer that came late
    assert seen(path) == before
    assert load(history) == [plain(count=2, breakdown=(BreakdownRow("go"),))]
    assert history.store(HOST, [plain(count=4)], NOON + timedelta(hours=1)).changed == 1
    assert load(history) == [plain(count=4)]
    assert history.check() == []


def test_of_two_records_of_a_day_the_last_wins(history: History) -> None:
    other_case = plain(count=2)._replace(scope=Scope("org", "ACME"))
    assert history.store(HOST, [plain(count=1), other_case], NOON).changed == 1
    assert load(history) == [plain(count=2)]


def test_a_shorter_answer_deletes_no_day(history: History) -> None:
    days = [plain(DAY + timedelta(days=n)) for n in range(3)]
    history.store(HOST, days, NOON)
    history.store(HOST, days[:1], NOON + timedelta(days=1))
    history.store(HOST, [], NOON + timedelta(days=2))
    assert load(history) == days


def test_an_import_never_replaces_a_fetched_day(history: History) -> None:
    history.store(HOST, [plain(count=1)], NOON)
    assert history.store(HOST, [plain(count=2)], NOON + timedelta(days=9), imported=True).changed == 0
    assert load(history) == [plain(count=1)]


def test_an_import_replaces_an_import_and_a_fetch_replaces_both(history: History) -> None:
    assert history.store(HOST, [plain(count=1)], NOON, imported=True).changed == 1
    assert history.store(HOST, [plain(count=2)], NOON + timedelta(days=1), imported=True).changed == 1
    assert load(history) == [plain(count=2)]
    assert history.store(HOST, [plain(count=3)], NOON - timedelta(days=1)).changed == 1
    assert load(history) == [plain(count=3)]


def test_an_import_fills_a_day_of_another_source(history: History) -> None:
    history.store(HOST, [plain(count=1)], NOON)
    assert history.store(HOST, [plain(count=2, source="metrics")], NOON, imported=True).changed == 1
    assert load(history, "usage", "metrics") == [plain(count=1)]
    assert load(history, "metrics", "usage") == [plain(count=2, source="metrics")]


def test_identical_numbers_leave_the_file_as_it_is(path: Path, history: History) -> None:
    record = plain(
        breakdown=(BreakdownRow("go", "vim", 1), BreakdownRow("c", "vim", 2)), totals_by_ide=(ActivityRow(("vim",), 1),)
    )
    history.store(HOST, [record], NOON)
    history.store(HOST, [plain(DAY + timedelta(days=1))], NOON, imported=True)
    history.store_days_without_data(HOST, ORG, "usage", [date(2026, 1, 1)], NOON)
    before = seen(path)
    turned = record._replace(breakdown=tuple(reversed(record.breakdown or ())))
    assert history.store(HOST, [turned], NOON + timedelta(days=30)).changed == 0
    assert (
        history.store("GitHub.com", [record._replace(scope=Scope("org", "ACME"))], NOON + timedelta(days=30)).changed
        == 0
    )
    assert history.store(HOST, [plain(DAY + timedelta(days=1))], NOON + timedelta(days=3), imported=True).changed == 0
    history.store_days_without_data(HOST, ORG, "usage", [date(2026, 1, 1)], NOON + timedelta(days=1))
    assert history.store(HOST, [], NOON).changed == 0
    history.store_days_without_data(HOST, TEAM, "usage", [], NOON)
    assert seen(path) == before


def test_an_identical_fetch_of_an_import_makes_it_fetched(history: History) -> None:
    history.store(HOST, [plain()], NOON, imported=True)
    assert history.settled_days(HOST, ORG, "usage", 3) == frozenset()
    assert history.store(HOST, [plain()], NOON).changed == 0
    assert history.settled_days(HOST, ORG, "usage", 3) == {DAY}
    assert history.store(HOST, [plain(count=2)], NOON + timedelta(days=1), imported=True).changed == 0
    assert history.check() == []


@pytest.mark.parametrize(("hours", "settled"), [(0, False), (71, False), (72, True), (95, True)])
def test_a_day_is_settled_so_many_utc_days_later(history: History, hours: int, settled: bool) -> None:
    history.store(HOST, [plain()], datetime(2026, 11, 2, tzinfo=UTC) + timedelta(hours=hours))
    assert history.settled_days(HOST, ORG, "usage", 3) == ({DAY} if settled else set())
    assert history.settled_days(HOST, ORG, "usage", 0) == {DAY}
    assert history.settled_days(HOST, ORG, "reports", 0) == frozenset()


def test_an_identical_fetch_settles_a_day_once(path: Path, history: History) -> None:
    history.store(HOST, [plain()], days_after(DAY, 1))
    before = seen(path)
    assert history.store(HOST, [plain()], days_after(DAY, 2)).changed == 0
    assert seen(path) == before
    assert history.store(HOST, [plain()], days_after(DAY, 3)).changed == 0
    assert history.settled_days(HOST, ORG, "usage", 3) == {DAY}
    before = seen(path)
    assert history.store(HOST, [plain()], days_after(DAY, 4)).changed == 0
    assert seen(path) == before
    assert history.store(HOST, [plain(DAY + timedelta(days=1))], days_after(DAY, 2), settles_in=9).changed == 1
    assert history.store(HOST, [plain(DAY + timedelta(days=1))], days_after(DAY, 9), settles_in=9).changed == 0
    assert history.settled_days(HOST, ORG, "usage", 8) == frozenset()


def test_moments_in_other_zones_are_the_same_moments(history: History) -> None:
    east = datetime.fromisoformat("2026-11-05T01:00:00+09:00")  # the 4th, in UTC
    history.store(HOST, [plain()], east)
    assert history.settled_days(HOST, ORG, "usage", 2) == {DAY}
    assert history.settled_days(HOST, ORG, "usage", 3) == frozenset()


def test_a_moment_without_a_zone_is_refused(history: History) -> None:
    with pytest.raises(ValueError, match="without a time zone"):
        history.store(HOST, [plain()], datetime(2026, 11, 10))  # noqa: DTZ001
    with pytest.raises(ValueError, match="without a time zone"):
        history.store_days_without_data(HOST, ORG, "usage", [DAY], datetime(2026, 11, 10))  # noqa: DTZ001


def test_days_without_data_are_remembered_until_they_have_some(history: History) -> None:
    days = [DAY, DAY + timedelta(days=1), DAY + timedelta(days=2)]
    history.store_days_without_data(HOST, ORG, "usage", days, NOON)
    assert history.days_without_data(HOST, ORG, "usage") == set(days)
    assert (
        history.days_without_data(HOST, ORG, "reports") == history.days_without_data(HOST, TEAM, "usage") == frozenset()
    )
    assert load(history) == []
    history.store(HOST, [plain(days[0])], NOON + timedelta(days=1))
    history.store(HOST, [plain(days[1])], NOON + timedelta(days=1), imported=True)  # GitHub's answer stays its answer
    assert history.days_without_data(HOST, ORG, "usage") == set(days[1:])


def test_an_answer_of_nothing_deletes_no_day(history: History) -> None:
    history.store(HOST, [plain()], NOON)
    history.store_days_without_data(HOST, ORG, "usage", [DAY], NOON - timedelta(days=1))
    assert history.days_without_data(HOST, ORG, "usage") == frozenset()
    history.store_days_without_data(HOST, ORG, "usage", [DAY], NOON + timedelta(days=1))
    assert history.days_without_data(HOST, ORG, "usage") == {DAY}
    assert load(history) == [plain()]


def test_a_day_comes_from_the_first_source_that_has_it(history: History) -> None:
    both, old, new = DAY, DAY - timedelta(days=1), DAY + timedelta(days=1)
    history.store(HOST, [plain(day) for day in (both, old)], NOON)
    history.store(HOST, [plain(day, source="reports") for day in (new, both)], NOON)
    found = load(history, "usage", "reports")
    assert [(record.day, record.source) for record in found] == [(old, "usage"), (both, "usage"), (new, "reports")]
    found = load(history, "reports", "usage", "never")
    assert [(record.day, record.source) for record in found] == [(old, "usage"), (both, "reports"), (new, "reports")]
    assert history.load(HOST, ORG, [], None, None) == []


def test_both_ends_of_a_period_are_inclusive(history: History) -> None:
    days = [DAY + timedelta(days=n) for n in range(5)]
    history.store(HOST, [plain(day, breakdown=(BreakdownRow("go"),)) for day in days], NOON)

    def loaded(since: date | None, until: date | None) -> list[date]:
        return [record.day for record in history.load(HOST, ORG, ["usage"], since, until)]

    assert loaded(days[1], days[3]) == days[1:4]
    assert loaded(None, days[1]) == days[:2]
    assert loaded(days[3], None) == days[3:]
    assert loaded(days[2], days[2]) == days[2:3]
    assert loaded(days[3], days[2]) == []


def test_hosts_and_scopes_are_kept_apart_and_compared_without_case(history: History) -> None:
    scopes = [ORG, TEAM, Scope("enterprise", "acme"), Scope("enterprise", "acme", "core")]
    for n, scope in enumerate(scopes):
        history.store(HOST, [plain(count=n, scope=scope)], NOON)
    history.store("ghe.example.com", [plain(count=9)], NOON)
    for n, scope in enumerate(scopes):
        shouted = Scope(scope.kind, scope.owner.upper(), scope.team and scope.team.upper())
        (found,) = history.load("GITHUB.com", shouted, ["usage"], None, None)
        assert (found.total_suggestions_count, found.scope) == (n, scope)
    assert history.store("Ghe.Example.COM", [plain(count=8)], NOON).changed == 1
    assert len(history.coverage()) == 5


def test_what_is_held_is_listed(history: History) -> None:
    assert history.coverage() == []
    days = [DAY, DAY + timedelta(days=1), DAY + timedelta(days=5)]
    history.store(HOST, [plain(day) for day in days[1:]], NOON)
    history.store(HOST, [plain(day, source="reports") for day in days[:2]], NOON)
    history.store_days_without_data(HOST, ORG, "usage", [DAY + timedelta(days=n) for n in (3, 5, 90)], NOON)
    history.store_days_without_data(HOST, TEAM, "usage", [DAY], NOON)
    history.store("ghe.example.com", [plain(scope=TEAM)], NOON, imported=True)
    gaps = tuple(DAY + timedelta(days=n) for n in (2, 3, 4))
    assert history.coverage() == [
        Coverage("ghe.example.com", TEAM, ("usage",), DAY, DAY, 1, ()),
        Coverage(HOST, ORG, ("reports", "usage"), DAY, days[2], 3, gaps),
    ]


def test_days_are_removed_by_scope_and_by_date(history: History) -> None:
    days = [DAY + timedelta(days=n) for n in range(4)]
    for host in (HOST, "ghe.example.com"):
        history.store(host, [plain(day, scope=scope, **FULL) for day in days for scope in (ORG, TEAM)], NOON)
    history.store(HOST, [plain(days[0], source="reports")], NOON)
    history.store_days_without_data(HOST, ORG, "usage", [DAY - timedelta(days=9), DAY + timedelta(days=9)], NOON)
    assert history.remove("GitHub.com", Scope("org", "Acme"), until=days[1]) == 2
    assert [record.day for record in load(history, "usage", "reports")] == days[2:]
    assert history.days_without_data(HOST, ORG, "usage") == {DAY + timedelta(days=9)}
    assert history.remove(HOST, ORG, until=days[1]) == 0
    assert history.remove(None, ORG) == 6  # two here and four on the other host
    assert {(held.host, held.scope) for held in history.coverage()} == {(HOST, TEAM), ("ghe.example.com", TEAM)}
    assert history.days_without_data(HOST, ORG, "usage") == frozenset()
    assert history.remove(None, Scope("org", "nobody")) == 0
    assert history.check() == []


def test_what_was_removed_can_be_stored_again(history: History) -> None:
    history.store(HOST, [plain(breakdown=(BreakdownRow("go"),))], NOON)
    history.remove(None, ORG)
    assert history.store(HOST, [plain(breakdown=(BreakdownRow("go"),))], NOON - timedelta(days=1)).changed == 1
    assert history.check() == []


def test_records_are_stored_all_or_none(path: Path, history: History) -> None:
    history.store(HOST, [plain()], NOON)
    before = path.read_bytes()
    good = [plain(scope=Scope("org", f"o{n}"), breakdown=(BreakdownRow(f"new {n}"),)) for n in range(9)]
    with pytest.raises(NotWritten) as caught:
        history.store(HOST, [*good, plain(count=2**63)], NOON)
    assert caught.value.message == f"the history {path} can't hold a count of 2^63 or more"
    assert path.read_bytes() == before
    assert load(history) == [plain()]
    assert history.store(HOST, good, NOON).changed == 9
    duplicates = tuple(BreakdownRow("go", "vim", 2**53) for _ in range(1024))
    with pytest.raises(NotWritten, match="can't hold a count"):
        history.store(HOST, [plain(breakdown=duplicates)], NOON)


def test_a_history_on_which_nothing_may_be_written(path: Path) -> None:
    with History(path) as history:
        assert history.created
        history.store(HOST, [plain()], NOON)
    before = seen(path)
    with History(path, read_only=True) as history:
        assert not history.created
        assert load(history) == [plain()]
        with pytest.raises(NotWritten) as caught:
            history.store(HOST, [plain(count=2)], NOON)
        assert caught.value.message == f"the history {path} can't be written: attempt to write a readonly database"
        assert history.size == len(before[0])
    assert seen(path) == before


def test_people_can_ask_the_file_with_sqlite(path: Path, history: History) -> None:
    rows = (BreakdownRow("go", None, 1, 2, 3, 4, 5),)
    history.store(HOST, [DailyRecord(TEAM, "usage", DAY, **NUMBERED, breakdown=rows)], NOON)
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        (day,) = map(
            dict, connection.execute("SELECT * FROM days WHERE scope = 'team:ACME/core' AND day >= '2026-11-01'")
        )
        (cell,) = map(dict, connection.execute("SELECT * FROM breakdown"))
    where = {"host": HOST, "scope": "team:acme/core", "source": "usage", "day": "2026-11-02"}
    assert day == {**where, **NUMBERED, "fetched_at": "2026-11-10 12:00:00", "imported": 0, "stated_at": None}
    counts = {"suggestions_count": 1, "acceptances_count": 2, "lines_suggested": 3, "lines_accepted": 4}
    assert cell == {**where, "language": "go", "editor": None, **counts, "active_users": 5}


def test_the_file_is_written_with_care(path: Path, history: History) -> None:
    def pragma(name: str) -> Any:
        return history._file.connection.execute(f"PRAGMA {name}").fetchone()[0]

    names = ("journal_mode", "synchronous", "foreign_keys", "application_id", "user_version")
    assert [pragma(name) for name in names] == ["delete", 2, 1, 0x436F7055, 4]
    strict = history._file.connection.execute(
        "SELECT name, strict FROM pragma_table_list WHERE type = 'table'"
    ).fetchall()
    assert {name for name, is_strict in strict if not is_strict} <= {"sqlite_schema", "sqlite_temp_schema"}


def test_where_the_history_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr("sys.platform", "linux")
    assert history_file({}) == history_file({"COPILOT_USAGE_HISTORY": ""})
    assert str(history_file({})).endswith("copilot-usage/history.sqlite3")
    assert history_file({"COPILOT_USAGE_HISTORY": "off"}) is None
    assert history_file({"COPILOT_USAGE_HISTORY": "OFF"}) is None
    assert history_file({"COPILOT_USAGE_HISTORY": "/srv/off"}) == Path("/srv/off")


@pytest.mark.parametrize("name", ["a b", "per%cent", "q?mode=ro", "ha#sh", "ünï", "-dash", "a'b\"c"])
def test_any_name_will_do(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with History(Path(name) / name) as history:
        history.store(HOST, [plain()], NOON)
    assert [entry.name for entry in (tmp_path / name).iterdir()] == [name]


class Steps(RuleBasedStateMachine):
    """Any sequence of what can be done to a history does the same to two dicts and a set."""

    SOURCES = ("usage", "reports")
    SCOPES = (ORG, TEAM)
    HOSTS = (HOST, "ghe.example.com")
    DAYS = tuple(DAY + timedelta(days=n) for n in range(4))

    hosts = st.sampled_from(HOSTS)
    scopes = st.sampled_from(SCOPES)
    sources = st.sampled_from(SOURCES)
    days = st.sampled_from(DAYS)
    moments = st.integers(0, 9).map(lambda n: days_after(DAY, n))
    records = st.lists(
        st.builds(
            plain,
            days,
            st.sampled_from([None, 0, 1]),
            scopes,
            sources,
            breakdown=st.sampled_from(
                [None, (), (BreakdownRow("go", "vim", 1),), (BreakdownRow("c"), BreakdownRow("go"))]
            ),
            totals_by_ide=st.sampled_from([None, (), (ActivityRow(("vim",), 1), ActivityRow(("vim",), 1))]),
        ),
        max_size=4,
    )

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, Scope, str, date], tuple[DailyRecord, datetime, bool]] = {}
        self.none: dict[tuple[str, Scope, str, date], datetime] = {}

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "h"
        self.history = History(self.path)

    @rule()
    def open_again(self) -> None:
        self.history.close()
        self.history = History(self.path)

    @rule(host=hosts, records=records, at=moments, imported=st.booleans())
    def store(self, host: str, records: list[DailyRecord], at: datetime, imported: bool) -> None:
        changed = 0
        with_numbers = [record for record in records if not record.is_blank]
        for record in {(record.scope, record.source, record.day): record for record in with_numbers}.values():
            key = (host, record.scope, record.source, record.day)
            known, known_at, was_imported = self.kept.get(key, (None, at, True))
            if not imported and key in self.none and self.none[key] <= at:
                del self.none[key]
            if known and ((imported and not was_imported) or (imported == was_imported and at < known_at)):
                continue
            changed += known != record
            settles = (known_at.date() - record.day).days < 3 <= (at.date() - record.day).days
            if known != record or (not imported and (was_imported or settles)):
                self.kept[key] = (record, at, imported)
        assert self.history.store(host, records, at, imported=imported).changed == changed

    @rule(host=hosts, scope=scopes, source=sources, days=st.lists(days), at=moments)
    def store_nothing(self, host: str, scope: Scope, source: str, days: list[date], at: datetime) -> None:
        for day in days:
            key = (host, scope, source, day)
            _, fetched_at, imported = self.kept.get(key, (None, at, True))
            if imported or fetched_at <= at:
                self.none.setdefault(key, at)
        self.history.store_days_without_data(host, scope, source, days, at)

    @rule(
        host=st.none() | hosts, scope=scopes, since=st.none() | days, until=st.none() | days, source=st.none() | sources
    )
    def remove(
        self, host: str | None, scope: Scope, since: date | None, until: date | None, source: str | None
    ) -> None:
        def goes(key: tuple[str, Scope, str, date]) -> bool:
            within = (since or date.min) <= key[3] <= (until or date.max)
            return host in {None, key[0]} and scope == key[1] and source in {None, key[2]} and within

        gone = {(key[0], key[3]) for key in self.kept if goes(key)}
        self.kept = {key: value for key, value in self.kept.items() if not goes(key)}
        self.none = {key: value for key, value in self.none.items() if not goes(key)}
        assert self.history.remove(host, scope, since, until, source) == len(gone)

    @invariant()
    def holds_what_the_dicts_hold(self) -> None:
        if not hasattr(self, "history"):
            return
        for host in self.HOSTS:
            for scope in self.SCOPES:
                for source in self.SOURCES:
                    self._holds(host, scope, source)
        held = {(held.host, held.scope): (held.days, held.sources) for held in self.history.coverage()}
        where = {key[:2] for key in self.kept}
        assert held == {
            (host, scope): (
                len({key[3] for key in self.kept if key[:2] == (host, scope)}),
                tuple(sorted({key[2] for key in self.kept if key[:2] == (host, scope)})),
            )
            for host, scope in where
        }
        assert self.history.check() == []

    def _holds(self, host: str, scope: Scope, source: str) -> None:
        of = (host, scope, source)
        mine = {key[3]: value for key, value in self.kept.items() if key[:3] == of}
        found = self.history.load(host, scope, [source], None, None)
        assert [in_order(record) for record in found] == [in_order(mine[day][0]) for day in sorted(mine)]
        settled = {day for day, (_, at, imported) in mine.items() if not imported and (at.date() - day).days >= 3}
        assert self.history.settled_days(*of, 3) == settled
        assert self.history.days_without_data(*of) == {key[3] for key in self.none if key[:3] == of}

    def teardown(self) -> None:
        if hasattr(self, "history"):
            self.history.close()
            self.folder.cleanup()


TestSteps = Steps.TestCase
TestSteps.__doc__ = "In the weekly search: 1,000 sequences of 30 steps."
TestSteps.settings = settings(max_examples=1000 if LONG else 30, stateful_step_count=30 if LONG else 15)


def test_what_is_stored_together_is_there_whole_or_not_at_all(history: History) -> None:
    def store(*records: DailyRecord) -> None:
        with history.together():
            for record in records:
                history.store(HOST, [record], NOON)
            history.store_days_without_data(HOST, TEAM, "usage", [DAY], NOON)

    with pytest.raises(NotWritten, match="can't hold a count"):
        store(plain(count=1), plain(DAY + timedelta(days=1), count=2**63))
    assert load(history) == []
    assert history.days_without_data(HOST, TEAM, "usage") == frozenset()
    store(plain(count=1))
    assert load(history) == [plain(count=1)]
    assert history.days_without_data(HOST, TEAM, "usage") == {DAY}


def test_a_history_in_too_many_folders_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    try:
        with pytest.raises(NotWritten, match="can't be opened"):
            History(Path("/".join(["d"] * 1200), "h"))
        assert stat.S_IMODE(Path("d/d/d").stat().st_mode) == 0o700
    finally:  # too many for Python to remove them, which goes down one by one, too
        subprocess.run(["rm", "-r", "d"], check=True)
