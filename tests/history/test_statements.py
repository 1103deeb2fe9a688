"""The later statement about a day counts whole, whichever way it comes in and in any order."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from copilot_usage_cli.errors import NotUnderstood
from copilot_usage_cli.history.days import Series, StoredDay
from copilot_usage_cli.history.store import History, Stored
from copilot_usage_cli.model.activity import NO_ACTIVITY, Activity, ActivityRow
from copilot_usage_cli.model.aggregates import NO_AGGREGATES, PULL_REQUESTS, Aggregates, Engagement, PullRequests
from copilot_usage_cli.model.records import COUNTED, DailyRecord, UserDayCounts, merge
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.sources.saved_files import read_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from support.program import Finished, Run

ORG = Scope("org", "acme")
HOST = "github.com"
FIRST = date(2026, 10, 1)
NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[History]:
    with History(tmp_path / "h") as history:
        yield history


def record(count: int | None, day: int = 0, stated: int | None = None, source: str = "reports") -> DailyRecord:
    at = None if stated is None else datetime(2026, 11, stated, tzinfo=UTC)
    return DailyRecord(ORG, source, FIRST + timedelta(days=day), count, stated_at=at)


def load(store: History, *sources: str) -> list[tuple[int | None, int | None]]:
    found = store.load(HOST, ORG, sources or ("reports",), None, None)
    return [(each.total_suggestions_count, each.stated_at.day if each.stated_at else None) for each in found]


def imported(store: History, *records: DailyRecord, summed: bool = False) -> Stored:
    days = {each.day for each in records} if summed else set()
    return store.store(HOST, list(records), NOON, imported=True, summed=days)


def test_the_order_of_imports_makes_no_difference(tmp_path: Path) -> None:
    statements = [record(1), record(2, stated=5), record(3, stated=7), record(3, stated=9), record(4, stated=8)]
    for number, order in enumerate(permutations(statements)):
        with History(tmp_path / str(number)) as store:
            for each in order:
                imported(store, each)
            assert load(store) == [(3, 9)]
            assert store.check() == []


def test_a_fetch_replaces_and_only_a_later_statement_replaces_it(store: History) -> None:
    store.store(HOST, [record(1, stated=5)], NOON)
    assert imported(store, record(2)) == Stored(0, (), (FIRST,))
    assert imported(store, record(2, stated=4)) == Stored(0, (), (FIRST,))
    assert imported(store, record(2, stated=6)) == Stored(1)
    assert store.store(HOST, [record(3, stated=1)], NOON) == Stored(1)
    assert load(store) == [(3, 1)]


def test_a_fetch_that_says_no_moment_is_of_its_day(store: History) -> None:
    store.store(HOST, [record(1)], NOON)  # on the 10th
    assert imported(store, record(2, stated=9)).outranked == (FIRST,)
    assert imported(store, record(2, stated=10)) == Stored(1, (FIRST,))
    assert load(store) == [(2, 10)]


def test_of_equal_statements_the_last_counts_and_is_told(store: History) -> None:
    for stated in (None, 5):
        imported(store, record(1, stated=stated))
        assert imported(store, record(1, stated=stated)) == Stored(0)
        assert imported(store, record(2, stated=stated)) == Stored(1, (FIRST,))
    assert load(store) == [(2, 5)]


def test_parts_of_a_users_report_are_refused_and_nothing_is_stored(store: History) -> None:
    def users(count: int, day: int = 0, stated: int = 5) -> DailyRecord:
        return record(count, day, stated, "user-reports")

    imported(store, users(1), users(1, 1), summed=True)
    with pytest.raises(NotUnderstood) as caught:
        imported(store, users(2), users(9, 2), summed=True)
    assert caught.value.message == "the history holds other numbers of the same users report: 2026-10-01"
    assert caught.value.hint.endswith("or add --replace to keep these alone")
    assert load(store, "user-reports") == [(1, 5), (1, 5)]
    assert imported(store, users(1), users(2, 1, 6), summed=True) == Stored(1)
    assert imported(store, users(2, stated=4), summed=True) == Stored(0, (), (FIRST,))
    classic = record(5, source="usage")
    assert imported(store, classic, summed=True) == Stored(1)
    assert imported(store, record(6, source="usage"), summed=True).changed == 1  # only users reports have parts


def test_what_some_organizations_of_an_enterprise_stated_replaces_nothing(store: History) -> None:
    def part(count: int, stated: int) -> DailyRecord:
        return record(count, 0, stated, "user-reports")

    days = {FIRST}
    store.store(HOST, [part(1, 5)], NOON, imported=True, organizations=days)
    with pytest.raises(NotUnderstood):
        store.store(HOST, [part(2, 9)], NOON, imported=True, organizations=days)
    assert store.store(HOST, [part(1, 9)], NOON, imported=True, organizations=days) == Stored(0)
    assert store.store(HOST, [part(2, 10)], NOON, imported=True) == Stored(1)


def test_a_fetch_between_imports_of_the_same_numbers_is_of_its_day(tmp_path: Path) -> None:
    steps: list[tuple[DailyRecord, bool]] = [
        (record(1, stated=1), True),
        (record(1), False),
        (record(7, stated=5), True),
    ]
    for number, order in enumerate(permutations(steps)):
        with History(tmp_path / str(number)) as store:
            for each, is_import in order:
                store.store(HOST, [each], NOON, imported=is_import)
            assert [count for count, _ in load(store)] == [1], order
            assert store.check() == []


def test_days_of_an_earlier_version_are_the_same_without_user_days(store: History) -> None:
    counted = record(3, source="user-reports")._replace(user_days=UserDayCounts(1, 0, (1,) * 17))
    imported(store, counted._replace(user_days=None), summed=True)
    assert imported(store, counted, summed=True) == Stored(0)
    assert store.load(HOST, ORG, ["user-reports"], None, None) == [counted]
    assert store.check() == []


def test_a_day_without_numbers_is_not_kept_and_hides_nothing(store: History) -> None:
    assert store.store(HOST, [record(None, stated=9)], NOON) == imported(store, record(None)) == Stored(0)
    imported(store, record(1, stated=5))
    assert store.store(HOST, [record(None, stated=9)], NOON) == imported(store, record(None, stated=9)) == Stored(0)
    assert load(store) == [(1, 5)]


def put_blank(store: History, source: str = "usage", *, fetched_at: datetime | None = None) -> None:
    """Leave a day without any number in a history, as an earlier version did."""
    is_import, at = fetched_at is None, fetched_at or NOON
    store.store(HOST, [record(5, source=source)], at, imported=is_import)
    number = (FIRST - date(1970, 1, 1)).days
    blank = StoredDay((None,) * 8, None, None)
    seal = Series(HOST, ORG, source).checksum(number, int(at.timestamp()), blank, imported=is_import)
    with store._file.writing() as connection:
        connection.execute("UPDATE day SET total_suggestions_count = NULL, checksum = ?", (seal,))


@pytest.mark.parametrize("summed", [False, True])
def test_a_day_of_an_older_version_is_completed_by_the_same_statement(summed: bool, store: History) -> None:
    """Earlier versions kept neither the activity nor as many counts of user-days."""
    counts = UserDayCounts(3, 1, (2,) * len(COUNTED), (2,) * 4, (2,) * 4)
    rows = (ActivityRow(("code_completion",), 0, 12, 3),)
    activity = Activity((1, 12, 3, 4, 5, 6, 7), rows, (), None, ())
    whole = record(12, stated=5, source="user-reports")._replace(user_days=counts, activity=activity)
    olds = [
        whole._replace(activity=NO_ACTIVITY, user_days=each)
        for each in (None, counts._replace(rated=(), tables=()), counts._replace(tables=()))
    ]
    for old in olds:
        imported(store, old, summed=summed)
        done = imported(store, whole, summed=summed)
        assert (done.changed, done.replaced, done.outranked) == (1, (), ())
        assert store.load(HOST, ORG, ["user-reports"], None, None) == [whole]
        assert store.check() == []
        assert imported(store, whole, summed=summed) == Stored(0)
        store.remove(HOST, ORG)


ENGAGED = Aggregates(engagement=Engagement(12, (("agent_edit", 3),)))
PULLS = Aggregates(pull_requests=PullRequests((4,) * len(PULL_REQUESTS)))


def test_a_day_that_was_kept_without_pull_requests_is_completed_by_the_same_statement(store: History) -> None:
    activity = Activity((1, 12, 3, 4, 5, 6, 7), (), (), (), ())
    whole = record(12, stated=5, source="reports")._replace(activity=activity, aggregates=PULLS)
    for old in (
        whole._replace(aggregates=NO_AGGREGATES),
        whole._replace(aggregates=NO_AGGREGATES, activity=NO_ACTIVITY),
    ):
        imported(store, old)
        assert imported(store, whole) == Stored(1)
        assert store.load(HOST, ORG, ["reports"], None, None) == [whole]
        assert store.check() == []
        assert imported(store, whole) == Stored(0)
        store.remove(HOST, ORG)


@pytest.mark.parametrize("later", [NO_AGGREGATES, PULLS])
def test_a_later_report_takes_no_engagement_of_a_day_back(later: Aggregates, store: History) -> None:
    first = record(12, stated=5, source="reports")._replace(aggregates=ENGAGED)
    store.store(HOST, [first], NOON)
    then = record(13, stated=6, source="reports")._replace(aggregates=later)
    assert store.store(HOST, [then], NOON + timedelta(days=1)).changed == 1
    kept = then._replace(aggregates=later._replace(engagement=ENGAGED.engagement))
    assert store.load(HOST, ORG, ["reports"], None, None) == [kept]
    assert store.store(HOST, [then], NOON + timedelta(days=2)).changed == 0
    assert store.check() == []
    newer = Aggregates(engagement=Engagement(13))
    assert store.store(HOST, [then._replace(aggregates=newer)], NOON + timedelta(days=3)).changed == 1
    assert store.load(HOST, ORG, ["reports"], None, None)[0].aggregates == newer


def test_a_blank_day_of_an_older_version_stands_behind_all_others(store: History) -> None:
    put_blank(store)
    imported(store, record(7, source="reports"))
    assert load(store, "usage", "reports") == [(7, None)]
    assert load(store, "usage") == [(None, None)]
    assert store.check() == ["org:acme on 2026-10-01 (usage, github.com) has no number"]
    assert store.remove(None, ORG, FIRST, FIRST, "usage") == 1
    assert store.check() == []
    assert load(store, "usage", "reports") == [(7, None)]


def test_a_blank_day_gives_way_to_any_number_and_is_asked_for_again(store: History) -> None:
    put_blank(store, fetched_at=NOON - timedelta(hours=1))
    assert store.settled_days(HOST, ORG, "usage", 3) == frozenset()
    assert imported(store, record(1, source="usage")) == Stored(1)
    assert load(store, "usage") == [(1, None)]


def test_the_moment_and_the_counts_of_user_days_come_back(store: History) -> None:
    given = record(3, stated=5)._replace(user_days=UserDayCounts(4, 1, (3, 3, 2, 2, 0, 0, *[3] * 11)))
    imported(store, given)
    assert store.load(HOST, ORG, ["reports"], None, None) == [given]
    assert store.check() == []


RECORDS = st.lists(
    st.builds(
        record,
        st.integers(1, 3),
        st.integers(0, 2),
        st.none() | st.integers(1, 4),
        st.sampled_from(["usage", "reports"]),
    ),
    max_size=6,
    unique_by=lambda each: (each.day, each.source, each.stated_at),
)


@given(RECORDS, st.randoms(use_true_random=False), st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_order_and_any_number_of_imports_keep_the_same_days(
    tmp_path_factory: pytest.TempPathFactory, records: Sequence[DailyRecord], random: Any, data: Any
) -> None:
    expected = {}
    for source in ("usage", "reports"):
        expected[source] = list(merge(each for each in records if each.source == source)[0])
    shuffled = list(records)
    random.shuffle(shuffled)
    cut = data.draw(st.integers(0, len(shuffled)))
    with History(tmp_path_factory.mktemp("any") / "h") as store:
        for part in (shuffled[:cut], shuffled[cut:]):
            imported(store, *part)
        for source in ("usage", "reports"):
            assert store.load(HOST, ORG, [source], None, None) == expected[source]
        assert store.check() == []


# Users reports, as files


def users_file(path: Path, end: str, people: dict[int, int], days: Sequence[str] = ("2026-10-05",)) -> str:
    """Write a users report: who was shown how many completions on each of its days."""
    path.write_text(
        "".join(
            json.dumps(
                {
                    "report_start_day": "2026-10-01",
                    "report_end_day": end,
                    "user_id": user,
                    "day": day,
                    "totals_by_feature": [{"feature": "code_completion", "code_generation_activity_count": shown}],
                }
            )
            + "\n"
            for user, shown in people.items()
            for day in days
        ),
        "utf-8",
    )
    return str(path)


@pytest.fixture
def take_in(call: Run, history: Path) -> Callable[..., Finished]:
    def run(*files: str) -> Finished:
        return call("history", "import", *files, "--scope", "org:acme")

    return run


def suggestions(call: Run, *args: str) -> dict[str, int]:
    done = (
        call("org", "acme", *args, "--json", "-q", "--source", "user-reports")
        if "--offline" in args
        else call("org", "acme", *args, "--json", "-q")
    )
    assert done.code == 0
    return {each["day"]: each["total_suggestions_count"] for each in json.loads(done.out)}


def test_a_newer_users_report_counts_whole_by_whichever_way(
    take_in: Callable[..., Finished], call: Run, history: Path, tmp_path: Path
) -> None:
    old = users_file(tmp_path / "old.ndjson", "2026-10-28", {1: 10, 2: 20}, ["2026-10-05", "2026-10-06"])
    new = users_file(tmp_path / "new.ndjson", "2026-10-29", {1: 1, 3: 5})
    expected = {"2026-10-05": 6, "2026-10-06": 30}  # who is gone from the newer report is gone from that day
    for order in permutations([old, new]):
        assert suggestions(call, *(f"--input={name}" for name in order)) == expected
        assert take_in(*order).code == 0
        assert suggestions(call, "--offline") == expected
        history.unlink()
        for name in order:
            assert take_in(name).code == 0
        assert suggestions(call, "--offline") == expected
        history.unlink()


def test_the_parts_of_a_users_report_go_into_one_import(
    take_in: Callable[..., Finished], call: Run, history: Path, tmp_path: Path
) -> None:
    parts = [users_file(tmp_path / f"{n}.ndjson", "2026-10-28", {n: 10 * n}) for n in (1, 2)]
    assert take_in(parts[0]).code == 0
    done = take_in(parts[1])
    assert (done.code, done.out) == (7, "")
    assert done.err == (
        "copilot-usage: error: the history holds other numbers of the same users report: 2026-10-05\n"
        "hint: give all files of a users report to one history import, or add --replace to keep these alone\n"
    )
    assert suggestions(call, "--offline") == {"2026-10-05": 10}
    done = take_in(*parts, "--replace")
    assert (done.code, done.out) == (0, "org:acme: stored 1 of 1 day\n")
    assert done.err == (
        "copilot-usage: note: 1 day had other numbers of the same statement, the last read counts: 2026-10-05\n"
    )
    assert suggestions(call, "--offline") == {"2026-10-05": 30}


def aggregated(path: Path, created: str | None, count: int) -> str:
    day: dict[str, Any] = {"day": "2026-10-05", "daily_active_users": 1}
    day["totals_by_feature"] = [{"feature": "code_completion", "code_generation_activity_count": count}]
    span = {"report_start_day": "2026-10-05", "report_end_day": "2026-10-05"}
    path.write_text(json.dumps(day if created is None else {**span, "created_at": created, "day_totals": [day]}))
    return str(path)


def test_aggregated_days_are_ordered_too_and_a_day_by_itself_goes_behind(
    take_in: Callable[..., Finished], call: Run, history: Path, tmp_path: Path
) -> None:
    files = [
        aggregated(tmp_path / "alone.json", None, 1),
        aggregated(tmp_path / "old.json", "2026-10-07T03:00:00Z", 2),
        aggregated(tmp_path / "new.json", "2026-10-07T05:00:00+01:00", 3),
    ]
    for order in permutations(files):
        assert suggestions(call, *(f"--input={name}" for name in order)) == {"2026-10-05": 3}


def test_of_our_own_json_the_last_file_counts(call: Run, tmp_path: Path, history: Path) -> None:
    names = []
    for count in (1, 2):
        path = tmp_path / f"{count}.json"
        path.write_text(json.dumps([{"scope": "org:acme", "source": "usage", "day": "2026-10-05", "breakdown": [],
                                     "total_suggestions_count": count}]))  # fmt: skip
        names.append(str(path))
    for order in permutations(names):
        done = call("org", "acme", *(f"--input={name}" for name in order), "--json")
        assert json.loads(done.out)[0]["total_suggestions_count"] == int(Path(order[-1]).stem)
        assert done.err.splitlines()[0] == (
            "copilot-usage: note: 1 day came more than once with different numbers, the last read counts: 2026-10-05"
        )


@pytest.mark.parametrize("content", ["[]", '{"day": "2026-10-05", "breakdown": null}', '"No report available"'])
def test_an_import_of_nothing_is_an_error(
    content: str, take_in: Callable[..., Finished], tmp_path: Path, history: Path
) -> None:
    (tmp_path / "x.json").write_text(content)
    done = take_in(str(tmp_path / "x.json"))
    assert (done.code, done.out) == (7, "")
    assert done.err == (
        f"copilot-usage: error: there is nothing to keep in {tmp_path / 'x.json'}\nhint: no day of it has a number\n"
    )
    assert not history.exists()


def test_our_json_of_an_unknown_day_reads_back(call: Run, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('[{"day": "2026-10-05", "breakdown": null}]')
    ours = call("org", "acme", "--input", str(tmp_path / "x.json"), "--json", "-q").out
    (tmp_path / "ours.json").write_text(ours)
    assert call("org", "acme", "--input", str(tmp_path / "ours.json"), "--json", "-q").out == ours
    (found,) = read_files([str(tmp_path / "ours.json")], ORG).records
    assert found.is_blank
