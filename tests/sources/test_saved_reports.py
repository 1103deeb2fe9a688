"""Saved answers of today's reports, of every shape in which they come, and of the metrics API."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from support.expected import DATA
from support.packing import compress
from support.processes import at_the_same_time, started

from copilot_usage_cli.errors import NotUnderstood, UsageError
from copilot_usage_cli.model.activity import Activity
from copilot_usage_cli.model.fetch_result import FetchResult
from copilot_usage_cli.model.period import Period
from copilot_usage_cli.model.query import Query
from copilot_usage_cli.model.records import BreakdownRow, DailyRecord
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.render import render
from copilot_usage_cli.render.screen import Screen
from copilot_usage_cli.report.build import build
from copilot_usage_cli.sources import saved_files

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.program import Run

ORG = Scope("org", "acme")
TEAM = Scope("org", "acme", "core")
WHOLE = json.loads((DATA / "reports-28-day.json").read_text("utf-8"))
USERS = ["reports-users-1.ndjson", "reports-users-2.ndjson"]
MEMBERS = "reports-user-teams.ndjson"


def read(*names: str | Path, scope: Scope = ORG) -> FetchResult:
    return saved_files.read_files([str(DATA / name) for name in names], scope)


def without_users(record: DailyRecord) -> DailyRecord:
    """A record without its sets of users, which are never written."""
    rows = record.breakdown
    cells = None if rows is None else tuple(row._replace(user_bits=None) for row in rows)
    tables = (
        None if table is None else tuple(row._replace(user_bits=None) for row in table)
        for table in record.activity.tables
    )
    return record._replace(user_bits=None, breakdown=cells, activity=Activity(record.activity.totals, *tables))


def numbers(fetched: FetchResult) -> list[DailyRecord]:
    """The records, whenever they were stated: a day by itself doesn't say, and not who was engaged up to it."""
    return [
        record._replace(stated_at=None, aggregates=record.aggregates._replace(engagement=None))
        for record in fetched.records
    ]


def days(fetched: FetchResult) -> dict[str, DailyRecord]:
    found = {str(record.day): record for record in fetched.records}
    assert len(found) == len(fetched.records)
    return found


@pytest.mark.parametrize(
    "shape",
    [
        lambda: WHOLE,
        lambda: [WHOLE],
        lambda: WHOLE["day_totals"],
        lambda: [[day] for day in WHOLE["day_totals"]],
        lambda: [{"day_totals": WHOLE["day_totals"][:3]}, {"day_totals": WHOLE["day_totals"][3:]}],
        lambda: [{"day_totals": WHOLE["day_totals"][:3]}, *WHOLE["day_totals"][3:]],
    ],
    ids=["28 days", "an array of it", "an array of days", "slurped", "two reports", "a report and days"],
)
@pytest.mark.parametrize("indent", [None, 1])
def test_every_shape_of_aggregated_reports_gives_the_same_days(
    shape: Callable[[], Any], indent: int | None, tmp_path: Path
) -> None:
    (tmp_path / "report.json").write_text(json.dumps(shape(), indent=indent), "utf-8")
    assert numbers(read(tmp_path / "report.json")) == numbers(read("reports-28-day.json"))


def test_days_a_line_each_are_read_too(tmp_path: Path) -> None:
    (tmp_path / "days.ndjson").write_text("\n\n".join(json.dumps(day) for day in WHOLE["day_totals"]), "utf-8")
    assert numbers(read(tmp_path / "days.ndjson")) == numbers(read("reports-28-day.json"))


def test_a_one_day_report_is_its_day() -> None:
    (record,) = numbers(read("reports-1-day.json"))
    assert record in numbers(read("reports-28-day.json"))
    assert record.source == "reports"


def test_no_report_is_no_day(tmp_path: Path) -> None:
    (tmp_path / "none.json").write_text('"No report available"\n')
    assert read(tmp_path / "none.json").records == []
    assert len(read(tmp_path / "none.json", "reports-1-day.json").records) == 1


def packed(folder: Path, name: str) -> Path:
    (folder / f"{name}.gz").write_bytes(compress((DATA / name).read_bytes()))
    return folder / f"{name}.gz"


def test_gzip_is_known_by_its_content(tmp_path: Path) -> None:
    for name in ("reports-28-day.json", USERS[0]):
        assert read(packed(tmp_path, name)).records == read(name).records
        shutil.copy(packed(tmp_path, name), tmp_path / "unnamed")
        assert read(tmp_path / "unnamed").records == read(name).records


def test_a_cut_gzip_is_not_half_a_report(tmp_path: Path) -> None:
    path = packed(tmp_path, USERS[0])
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(NotUnderstood, match=r"\.gz is a gzip file that was cut short$"):
        read(path)


def test_users_are_added_up_over_files_once() -> None:
    fetched = read(*USERS)
    found = days(fetched)
    assert {day: record.total_suggestions_count for day, record in found.items()} == {
        "2026-11-02": 8,
        "2026-11-03": 82,
        "2026-11-04": 12,
    }
    assert fetched.facts.warnings == ("lines of the same user and day differ, the last read counts: 2026-11-04",)
    assert days(read(*reversed(USERS)))["2026-11-04"].total_suggestions_count == 11
    assert read(USERS[0]).facts.warnings == ()


def test_a_team_is_its_members_of_each_same_day() -> None:
    # By hand: 101 on the 2nd; 102 and 104 on the 3rd; on the 4th 104 only, 105 is listed for another organization.
    for order in ([*USERS, MEMBERS], [MEMBERS, *USERS]):
        found = days(read(*order, scope=TEAM))
        assert {day: (record.total_suggestions_count, record.total_active_users) for day, record in found.items()} == {
            "2026-11-02": (8, 1),
            "2026-11-03": (52, 2),
            "2026-11-04": (6, 1),
        }
    assert [record.scope for record in found.values()] == [TEAM] * 3


def test_a_team_needs_to_know_its_members() -> None:
    with pytest.raises(UsageError) as caught:
        read(*USERS, scope=TEAM)
    assert caught.value.message.endswith("is from a users report, but no input says who is in team:acme/core")
    assert "user-teams reports" in caught.value.hint
    with pytest.raises(UsageError, match="is an aggregated report, which has no teams"):
        read("reports-28-day.json", scope=TEAM)


@pytest.mark.parametrize("scope", [ORG, TEAM], ids=str)
def test_lists_of_members_alone_are_refused(scope: Scope) -> None:
    with pytest.raises(NotUnderstood) as caught:
        read(MEMBERS, scope=scope)
    assert caught.value.message.endswith(
        "reports-user-teams.ndjson: this is a user-teams report, which says who is in which team"
    )
    assert caught.value.hint == "give the users report of the same days beside it"


def test_a_users_whole_period_makes_no_days() -> None:
    with pytest.raises(NotUnderstood) as caught:
        read("reports-period.ndjson")
    assert caught.value.message.endswith("record 1 covers a user's whole period, not one day")


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        ({"day_totals": {}}, "a.json, field day_totals: it is not a list of days"),
        ({"day_totals": [{"daily_active_users": 1}]}, "a.json: record 1 has no day"),
        ({"day_totals": [5]}, "a.json: record 1 is 5, not a daily record"),
        (
            {"day_totals": [WHOLE["day_totals"][0], {"day": "2026-11-02", "daily_active_users": "x"}]},
            'a.json: record 2 (2026-11-02), field daily_active_users: "x" is not a count',
        ),
        (
            {"user_id": "x", "day": "2026-11-02", "used_chat": True},
            "a.json: record 1 is not a line of a users report: user_id is not a number",
        ),
        ({"date": "2026-11-31", "total_engaged_users": 1}, 'a.json: record 1, field date: "2026-11-31" is not a date'),
        (
            {"date": "2026-11-02", "copilot_ide_chat": []},
            "a.json: record 1 (2026-11-02), field copilot_ide_chat: it is not an object",
        ),
    ],
)
def test_what_is_wrong_is_named_with_file_record_and_field(payload: Any, words: str, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(payload))
    with pytest.raises(NotUnderstood) as caught:
        read(tmp_path / "a.json")
    assert words in caught.value.message


@pytest.mark.parametrize("form", ["json", "ndjson"])
@pytest.mark.parametrize(
    ("names", "scope"),
    [
        (["reports-28-day.json"], ORG),
        (USERS, ORG),
        ([*USERS, MEMBERS], TEAM),
        (["reports-metrics.json"], ORG),
        (["reports-28-day.json", "reports-metrics.json", "traps.json"], ORG),
    ],
)
def test_our_own_json_gives_the_same_records(names: list[str], scope: Scope, form: Any, tmp_path: Path) -> None:
    asked = Query(scope, Period(), WHOLE_AND_LATER, answerer="files")
    first = build(asked, FetchResult(read(*names, scope=scope).records))
    (tmp_path / "ours.json").write_text(render(first, form, Screen()), "utf-8")
    again = build(asked, FetchResult(read(tmp_path / "ours.json", scope=scope).records))
    assert [without_users(record) for record in again.records] == [without_users(record) for record in first.records]
    assert {record.source for record in again.records} == {record.source for record in first.records}
    assert render(again, form, Screen()) == render(first, form, Screen())


WHOLE_AND_LATER = read("reports-1-day.json").records[0].day.replace(day=16)


def test_aggregated_json_has_no_editor_and_adds_up(call: Run) -> None:
    done = call("org", "acme", "--input", str(DATA / "reports-28-day.json"), "--json")
    records = {record["day"]: record for record in json.loads(done.out)}
    assert list(records) == sorted(records)
    for record in records.values():
        assert record["source"] == "reports"
        assert record["total_active_chat_users"] is None
        for row in record["breakdown"] or []:
            assert set(row) == {
                *("language", "suggestions_count", "acceptances_count", "lines_suggested", "lines_accepted"),
                "active_users",
            }
    third = records["2026-11-03"]
    for name in ("suggestions_count", "acceptances_count", "lines_suggested", "lines_accepted"):
        assert sum(row[name] for row in third["breakdown"]) == third[f"total_{name}"]
    assert [row["suggestions_count"] for row in third["breakdown"] if row["language"] == "others"] == [5]
    given = {day["day"]: day.get("totals_by_ide") for day in WHOLE["day_totals"]}
    assert {day: record.get("totals_by_ide") for day, record in records.items()} == given


def test_users_json_has_language_by_editor(call: Run) -> None:
    done = call("org", "acme", *(f"--input={DATA / name}" for name in USERS), "--json", "-q")
    rows = json.loads(done.out)[1]["breakdown"]
    assert [rows[2][name] for name in ("language", "editor", "suggestions_count")] == ["go", "multiple", 12]
    assert [row["ide"] for row in json.loads(done.out)[1]["totals_by_ide"]] == ["vscode", "intellij"]


def test_the_metrics_api_is_mapped_row_by_row() -> None:
    found = days(read("reports-metrics.json"))
    assert list(found) == ["2025-03-04", "2025-03-03", "2025-03-05", "2025-03-06"]
    whole = found["2025-03-04"]
    # By hand: JetBrains 40 + 9 + 10 and vscode 30; the chat of github.com counts nowhere.
    assert whole == DailyRecord(
        ORG,
        "metrics",
        whole.day,
        total_suggestions_count=89,
        total_acceptances_count=25,
        total_lines_suggested=170,
        total_lines_accepted=39,
        total_active_users=11,
        total_chat_acceptances=7,
        total_chat_turns=14,
        total_active_chat_users=5,
        breakdown=(
            BreakdownRow("python", "JetBrains", 50, 15, 100, 26, 3),  # of two models: the larger number of users
            BreakdownRow("c#", "JetBrains", 9, 1, 10, 1, 1),
            BreakdownRow("python", "vscode", 30, 9, 60, 12, 4),
        ),
    )
    null = DailyRecord(ORG, "metrics", whole.day)
    assert found["2025-03-03"] == null._replace(day=found["2025-03-03"].day, total_active_users=2)
    assert found["2025-03-05"] == null._replace(day=found["2025-03-05"].day, total_active_chat_users=0)
    assert found["2025-03-06"] == null._replace(day=found["2025-03-06"].day)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"copilot_ide_code_completions": {"editors": []}}, (0, 0, 0, 0, None, None)),
        ({"copilot_ide_chat": {"editors": []}}, (None, None, None, None, 0, 0)),
        ({"copilot_ide_code_completions": {"editors": [{"name": "vim"}]}}, (0, 0, 0, 0, None, None)),
        (
            {"copilot_ide_chat": {"editors": [{"models": [{"total_chats": 3}, {"total_chat_copy_events": 2}]}]}},
            (None, None, None, None, 2, 3),
        ),
    ],
)
def test_empty_lists_of_the_metrics_api_are_zero_and_absent_ones_unknown(
    fields: dict[str, Any], expected: tuple[int | None, ...], tmp_path: Path
) -> None:
    (tmp_path / "a.json").write_text(json.dumps([{"date": "2025-03-04", **fields}]))
    (record,) = read(tmp_path / "a.json").records
    assert (
        record.total_suggestions_count,
        record.total_acceptances_count,
        record.total_lines_suggested,
        record.total_lines_accepted,
        record.total_chat_acceptances,
        record.total_chat_turns,
    ) == expected


def test_generations_mix_in_one_report(call: Run) -> None:
    names = ["traps.json", "reports-metrics.json", "reports-28-day.json"]
    done = call("org", "acme", *(f"--input={DATA / name}" for name in names), "--by", "total", "-f", "csv")
    assert done.out.splitlines()[1].startswith("org:acme,mixed,2025-03-03..2026-11-10,20,")
    table = call("org", "acme", *(f"--input={DATA / name}" for name in names), "--full").out
    assert "metrics from 2025-03-03 to 2025-03-06, usage from 2025-12-26 to 2026-01-07, reports from" in table


def test_a_file_read_twice_is_no_conflict(call: Run) -> None:
    given = ["--input", str(DATA / "reports-28-day.json")] * 2
    assert "more than once" not in call("org", "acme", *given).out


def test_a_users_report_from_stdin_with_members_from_a_file(run: Run) -> None:
    lines = (DATA / USERS[0]).read_bytes()
    given = ["--input", "-", "--input", str(DATA / MEMBERS), "--json", "-q"]
    done = run("team", "core", "--org", "acme", *given, stdin=compress(lines))
    assert done.code == 0
    assert [record["total_suggestions_count"] for record in json.loads(done.out)] == [8, 12, 5]


@pytest.mark.parametrize("name", ["-", pytest.param("/dev/stdin", marks=pytest.mark.slow)])
def test_a_stream_is_not_held(name: str, script: Path, tmp_path: Path) -> None:
    line = (DATA / USERS[0]).read_bytes().splitlines(keepends=True)[0]
    text = line * ((16 << 20) // len(line))  # the same user's, so that no more than one line is kept
    peak = "import resource, sys, subprocess; code = subprocess.run(sys.argv[1:], stdout=2).returncode"
    peak += "; print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    args = ("org", "acme", "--input", name, "-q", "--no-history")
    command = (sys.executable, "-I", "-S", "-c", peak, script, *args)
    with started(command, stdin=subprocess.PIPE) as process:
        out, _ = process.communicate(text)
    code, size = map(int, out.split())
    assert code == 0
    assert size < 45_000 * (1 if sys.platform != "darwin" else 1024)


def test_a_pipe_is_read_once_and_used_twice(tmp_path: Path) -> None:
    pipe = tmp_path / "users"
    os.mkfifo(pipe)
    text = b"".join((DATA / name).read_bytes() for name in USERS)
    with at_the_same_time(lambda: pipe.write_bytes(text)):
        found = saved_files.read_files([str(pipe), str(DATA / MEMBERS)], TEAM)
    assert days(found) == days(read(*USERS, MEMBERS, scope=TEAM))
