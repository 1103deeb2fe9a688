from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.expected import DATA
from support.strategies import built

from copilot_usage_cli.errors import CopilotUsageError, NotUnderstood, UsageError
from copilot_usage_cli.model.fetch_result import FetchResult
from copilot_usage_cli.model.period import Period
from copilot_usage_cli.model.query import Filter, Query
from copilot_usage_cli.model.records import COUNTS, TOTALS, BreakdownRow, DailyRecord, merge
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.model.vocabulary import FORMATS
from copilot_usage_cli.render import render
from copilot_usage_cli.render.screen import Screen
from copilot_usage_cli.report.build import build
from copilot_usage_cli.sources import saved_files

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.program import Run

TODAY = date(2026, 11, 16)
ORG = Scope("org", "acme")
ASKED = Query(ORG, Period(), TODAY, answerer="files")

COUNT = st.none() | st.integers(0, 2**53)
NAME = st.none() | st.text(max_size=6) | st.sampled_from(["c#", "=cmd", "[red]", "\x1b[31m", "\ud800", "日本"])
CELLS = built(BreakdownRow, language=NAME, editor=NAME, active_users=COUNT, **dict.fromkeys(COUNTS, COUNT))
RECORDS = st.lists(
    built(
        DailyRecord,
        scope=st.just(ORG),
        source=st.sampled_from(["usage", "reports", "user-reports", "metrics"]),
        day=st.dates(date(2024, 1, 1), date(2026, 11, 20)),
        breakdown=st.none() | st.lists(CELLS, max_size=3).map(tuple),
        **dict.fromkeys(TOTALS, COUNT),
    ),
    max_size=5,
)


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("saved") / "usage.json"


def read(path: Path, content: str | bytes, scope: Scope = ORG) -> list[DailyRecord]:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return list(saved_files.read_files([str(path)], scope).records)


@pytest.mark.parametrize(
    "write",
    [
        json.dumps,
        lambda days: json.dumps(days, indent=2).replace("\n", "\r\n"),
        lambda days: "\n".join(json.dumps(day) for day in days),
        lambda days: "".join(json.dumps([day]) for day in days),
        lambda days: json.dumps([[days[0]], days[1:]]),
        lambda days: f"{json.dumps(days[:2])}\n[]\n{json.dumps(days[2])}\n",
        lambda days: "\N{BOM}" + json.dumps(days),
        lambda days: json.dumps(days, ensure_ascii=False),
    ],
    ids=["array", "indented", "lines", "arrays", "slurped", "mixed", "bom", "utf-8"],
)
def test_every_form_of_saved_response_is_read(
    write: Callable[[list[Any]], str], record: Callable[..., Any], tmp_path: Path
) -> None:
    days = [record(f"2024-06-0{n}", message="grün") for n in (3, 1, 2)]
    found = read(tmp_path / "usage.json", write(days))
    assert [each.day.day for each in found] == [3, 1, 2]
    assert found == read(tmp_path / "usage.json", json.dumps(days))


def test_several_files_are_read_one_after_the_other(record: Callable[..., Any], tmp_path: Path) -> None:
    names = []
    for number in (2, 1):
        (tmp_path / f"{number}.json").write_text(json.dumps([record(f"2024-06-0{number}")]))
        names.append(str(tmp_path / f"{number}.json"))
    assert [each.day.day for each in saved_files.read_files(names, ORG).records] == [2, 1]


def test_a_record_of_ours_keeps_its_source(record: Callable[..., Any], tmp_path: Path) -> None:
    days = [record(scope="ORG:Acme", source="reports"), record(), record("2024-06-04", source=None, scope=7)]
    assert [each.source for each in read(tmp_path / "a", json.dumps(days))] == ["reports", "usage", "usage"]


@pytest.mark.parametrize("scope", ["org:other", "enterprise:acme", "team:acme/core", ""])
def test_a_record_of_another_scope_is_wrong_usage(scope: str, record: Callable[..., Any], tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        read(tmp_path / "a", json.dumps([record(), record(scope=scope)]))
    assert caught.value.message == f"{tmp_path / 'a'}: record 2 belongs to {scope!r}, not to 'org:acme'"


def test_records_are_numbered_through_a_file(record: Callable[..., Any], tmp_path: Path) -> None:
    with pytest.raises(NotUnderstood, match=r"a: record 4 is 5, not a daily record"):
        read(tmp_path / "a", json.dumps([record(), record()]) + json.dumps([[record(), 5]]))
    with pytest.raises(NotUnderstood, match=r"a: record 1 is a list, not a daily record"):
        read(tmp_path / "a", "[[[]]]")


@pytest.mark.parametrize("day", ["0001-01-01", "2020-12-31", "9999-12-31", "2100-01-01"])
def test_days_that_copilot_never_had_are_refused(day: str, record: Callable[..., Any], tmp_path: Path) -> None:
    with pytest.raises(NotUnderstood) as refused:
        read(tmp_path / "a", json.dumps([record(day)]))
    assert refused.value.message == f"{tmp_path / 'a'}: record 1, field day: no day of Copilot's is {day}"
    read(tmp_path / "a", json.dumps([record("2021-01-01"), record(str(datetime.now(UTC).date()))]))


@pytest.mark.parametrize("span", [("0001-01-01", "0001-01-28"), ("2026-11-01", "9999-12-31")])
def test_reports_of_days_that_copilot_never_had_are_refused(span: tuple[str, str], tmp_path: Path) -> None:
    report = {"report_start_day": span[0], "report_end_day": span[1], "day_totals": []}
    with pytest.raises(NotUnderstood, match=r"is of a report that covers .*, of which Copilot has no data"):
        read(tmp_path / "a", json.dumps(report))


@pytest.mark.parametrize("source", ["\\ud800", "made-up", "mixed", "", "https://a.example/?sig=secret"])
def test_a_source_is_one_of_the_known(
    source: str, record: Callable[..., Any], tmp_path: Path, call: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a").write_text(json.dumps(record()).replace("{", f'{{"source": "{source}", ', 1))
    for command in (("org", "acme", "--input", "a"), ("history", "import", "--scope", "org:acme", "a")):
        done = call(*command, env={"COPILOT_USAGE_HISTORY": "history.sqlite3"})
        assert (done.code, done.out) == (7, "")
        assert done.err.startswith("copilot-usage: error: a: record 1, field source: ")
        assert "secret" not in done.err
        assert done.err.isascii()


def test_no_days_are_a_report_and_no_bytes_are_none(tmp_path: Path) -> None:
    assert read(tmp_path / "a", "[]") == read(tmp_path / "a", "[[], []]\n[]") == []
    with pytest.raises(NotUnderstood, match="is empty, not JSON"):
        read(tmp_path / "a", "")


def test_stdin_is_read_once(run: Run) -> None:
    refused = run("org", "acme", "--input", "-", "--input", "-", stdin="[]")
    assert (refused.code, refused.out) == (2, "")
    assert refused.err == "copilot-usage: error: --input - is given twice\nhint: stdin can be read once\n"


def test_stdin_and_files_merge_by_day(run: Run, record: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "old.json").write_text(json.dumps([record("2024-06-04"), record("2024-06-03")]))
    newer = json.dumps(record("2024-06-04", total_active_users=8)) + json.dumps(record("2024-06-05"))
    done = run("org", "acme", "--input", "old.json", "--input", "-", "--json", stdin=newer, cwd=tmp_path)
    assert done.code == 0
    assert [(day["day"], day["total_active_users"]) for day in json.loads(done.out)] == [
        ("2024-06-03", 7),
        ("2024-06-04", 8),
        ("2024-06-05", 7),
    ]
    assert done.err == (
        "copilot-usage: note: 1 day came more than once with different numbers, the last read counts: 2024-06-04\n"
    )


@pytest.mark.parametrize(
    ("arguments", "stdin", "code", "error"),
    [
        (
            ["gone.json"],
            "",
            2,
            "can't read gone.json: No such file or directory\nhint: give the name of a saved response, or - for stdin",
        ),
        (["."], "", 2, "can't read .: Is a directory\nhint: give the name of a saved response, or - for stdin"),
        (
            ["-"],
            "",
            7,
            "stdin is empty, not JSON\nhint: an answer with no days would be []",
        ),
        (
            ["not-found.json"],
            "",
            7,
            ("not-found.json: record 1 is an error answer of GitHub's: Not Found\nhint: fetch it again"),
        ),
        (
            ["-"],
            "<html>Log in</html>",
            7,
            "stdin is a web page, not JSON\nhint: a proxy or a login page may have answered instead",
        ),
        (
            ["traps.json", "--input", "-"],
            '[{"day": "2024-06-03", "scope": "team:acme/core"}]',
            2,
            (
                "stdin: record 1 belongs to 'team:acme/core', not to 'org:acme'\n"
                "hint: name the scope that the file belongs to"
            ),
        ),
        (
            ["-"],
            '[{"day": "2024-06-03", "total_chat_turns": "12"}]',
            7,
            (
                "stdin: record 1 (2024-06-03), field total_chat_turns: "
                '"12" is not a count (a whole number, 0 or more)\n'
                "hint: look at the record as it was fetched or saved"
            ),
        ),
    ],
)
def test_a_file_that_says_no_report_is_one_error_and_nothing_on_stdout(
    arguments: list[str], stdin: str, code: int, error: str, run: Run
) -> None:
    for form in ("table", "json"):
        done = run("org", "acme", "-f", form, "--input", *arguments, stdin=stdin, cwd=DATA)
        assert (done.code, done.out) == (code, "")
        assert done.err == f"copilot-usage: error: {error}\n"


@settings(max_examples=60)
@given(records=RECORDS, form=st.sampled_from(["json", "ndjson"]))
def test_our_json_read_back_gives_the_same_records_and_reports(
    records: list[DailyRecord], form: Any, saved: Path
) -> None:
    unique, _ = merge(records)
    first = build(ASKED, FetchResult(records))
    text = render(first, form, Screen())
    if form == "ndjson" and not text:
        return  # no line is no JSON; an empty report as an array is []
    again = read(saved, text)
    assert tuple(again) == unique == first.records
    second = build(ASKED, FetchResult(again))
    assert second.table == first.table
    assert second.whole() == first.whole()
    assert render(second, form, Screen()) == text


@given(records=RECORDS)
def test_filtered_json_read_back_gives_the_same_rows(records: list[DailyRecord], saved: Path) -> None:
    asked = ASKED._replace(filter=Filter(("c#", "日本"), ("=cmd",)))
    first = build(asked, FetchResult(records))
    again = build(asked, FetchResult(read(saved, render(first, "json", Screen()))))
    assert again.table == first.table
    assert again.whole() == first.whole()


@pytest.mark.parametrize("options", [[], ["--since", "2025-12-29", "--until", "2026-01-05"], ["--editor", "vscode"]])
def test_our_json_through_the_program_gives_the_same_figures(options: list[str], run: Run) -> None:
    once = run("org", "acme", "--input", "traps.json", "--json", *options, cwd=DATA)
    twice = run("org", "ACME", "--input", "-", "--json", *options, stdin=once.out, cwd=DATA)
    assert twice.out == once.out.replace("org:acme", "org:ACME")
    tables = [
        run("org", "acme", "--input", name, "-f", "csv", "--by", "week,language", *options, stdin=once.out, cwd=DATA)
        for name in ("traps.json", "-")
    ]
    assert tables[0].out == tables[1].out
    assert [table.code for table in tables] == [0, 0]


MUTATIONS = st.lists(st.tuples(st.integers(0, 10**6), st.binary(max_size=3)), max_size=4)
WHOLE = (DATA / "traps.json").read_bytes()
FRAGMENTS = st.lists(
    st.sampled_from([
        b"[", b"]", b"{", b"}", b",", b":", b'"day"', b'"2024-06-03"', b'"2024-02-30"', b'"breakdown"', b"null", b"-1",
        b"true", b"1e999", b'"total_active_users"', b"12", b" ", b"\n", b'"\\ud800"', b'"scope"', b'"org:acme"',
        b"\xff",
        b'{"day":"2024-06-03","breakdown":[{"language":"\\u001b[31m","suggestions_count":3}]}', b"\xef\xbb\xbf", b"NaN",
        b'{"day":"0001-01-01"}', b'{"day":"9999-12-31","total_active_users":1}', b'"source"', b'"\\u0000"',
    ]),
    max_size=12,
).map(b"".join)  # fmt: skip


def report_every_way(path: Path, content: bytes) -> None:
    """Read bytes as a saved response and draw all that can be drawn; other scopes are the only wrong usage."""
    error, records = None, []
    try:
        records = read(path, content)
    except CopilotUsageError as caught:
        error = caught
    if error:
        assert error.exit_code == (2 if " belongs to " in error.message else 7)
        assert error.message
        assert error.hint
        assert "\n" not in error.message + error.hint
        return
    for asked in (
        ASKED,
        ASKED._replace(by=("week", "language", "editor"), top=2),
        ASKED._replace(by=("total",), period=Period(date(2025, 12, 30))),
        ASKED._replace(by=("month", "editor"), filter=Filter(("python",), ("vscode",))),
    ):
        report = build(asked, FetchResult(records))
        for form in FORMATS:
            assert "\x1b" not in render(report, form, Screen()) or form in {"csv", "tsv"}
        assert "\x1b" not in render(report, "table", Screen(70))


@settings(max_examples=200)
@given(content=st.binary(max_size=40) | FRAGMENTS)
@example(content=b"\xff\xfe[\x00]\x00")
@example(content=b'[{"day":"0001-01-01"},{"day":"9999-12-31"}]')
@example(content=b"[" * 100_000)
def test_no_bytes_make_a_traceback(content: bytes, saved: Path) -> None:
    report_every_way(saved, content)


@settings(max_examples=50)
@given(mutations=MUTATIONS)
def test_no_damage_to_a_good_file_makes_a_traceback(mutations: list[tuple[int, bytes]], saved: Path) -> None:
    content = WHOLE
    for place, damage in mutations:
        at = place % len(content)
        content = content[:at] + damage + content[at + len(damage) :]
    report_every_way(saved, content)


@pytest.mark.parametrize(
    "content", [b"\x00", b"[[[[", b'{"day": "2024-06-03", "day": null}', b"\xff\xfe[\x00]\x00", b"1 2"]
)
def test_no_bytes_make_the_program_print_a_traceback(content: bytes, run: Run) -> None:
    done = run("org", "acme", "--input", "-", stdin=content)
    assert (done.code, done.out) == (7, "")
    assert done.err.startswith("copilot-usage: error: stdin")
    assert "\nhint: " in done.err
    assert "Traceback" not in done.err
