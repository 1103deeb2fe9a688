"""Whole reports from today's API, from the command line to the output: the demo's, saved ones and those of a server.

Expected reports are files in tests/expected. After a change that is meant to alter them, run the tests once with
UPDATE_EXPECTED=1 and read the difference.
"""

from __future__ import annotations

import csv
import json
import os
import re
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from support import clock
from support.expected import DATA, check
from werkzeug import Request, Response

from copilot_usage_cli.model.activity import ActivityRow
from copilot_usage_cli.model.fetch_result import FetchResult, SourceFacts
from copilot_usage_cli.model.period import Period, format_ranges
from copilot_usage_cli.model.query import Query
from copilot_usage_cli.model.records import DailyRecord
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.report.breaks import BREAKS, describe_breaks
from copilot_usage_cli.report.build import Report, build

if TYPE_CHECKING:
    from pytest_httpserver import HTTPServer
    from support.program import Run, RunInTerminal

ORG = Scope("org", "acme")
SGR = re.compile(r"\x1b\[[\d;]*m")
SAVED = ["org", "acme", "--input", "reports-28-day.json"]
USERS = ["org", "acme", "--input", "reports-users-1.ndjson", "--input", "reports-users-2.ndjson"]
DEMO = ["org", "acme", "--demo", "--source"]
TEAM = ["team", "core", "--enterprise", "mega", "--demo", "--source", "user-reports"]
OUTPUTS = {
    "reports-saved": SAVED,
    "reports-saved-by-ide": [*SAVED, "--by", "week,ide"],
    "reports-saved-by-ide-csv": [*SAVED, "--by", "ide", "-f", "csv"],
    "reports-saved-json": [*SAVED, "--since", "2026-11-02", "--until", "2026-11-03", "--json"],
    "reports-users": USERS,
    "reports-users-json": [*USERS, "--since", "2026-11-03", "--until", "2026-11-04", "--json"],
    "reports-metrics": ["org", "acme", "--input", "reports-metrics.json"],
    "reports-demo": [*DEMO, "reports"],
    "reports-demo-by-language": [*DEMO, "reports", "--by", "language", "--top", "4"],
    "reports-demo-by-day-ide-csv": [*DEMO, "reports", "--since", "2026-11-10", "--by", "day,ide", "-f", "csv"],
    "reports-demo-users-by-week-csv": [*DEMO, "user-reports", "--by", "week", "-f", "csv"],
    "reports-demo-users-by-editor": [*DEMO, "user-reports", "--by", "editor"],
    "reports-demo-users-by-language-editor-csv": [*DEMO, "user-reports", "--by", "language,editor", "-f", "csv"],
    "reports-demo-team": TEAM,
}


@pytest.fixture(autouse=True)
def _among_the_data(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run where the data is, and without a history: a title names a file as it was given."""
    monkeypatch.chdir(DATA)
    monkeypatch.setenv("COPILOT_USAGE_HISTORY", "off")


@pytest.mark.parametrize("name", OUTPUTS)
def test_a_whole_report(name: str, call: Run) -> None:
    done = call(*OUTPUTS[name])
    assert done.code == 0
    check(name, done.out)


@pytest.mark.parametrize("columns", [50, 80])
def test_a_report_in_a_terminal(columns: int, run_in_terminal: RunInTerminal) -> None:
    shown = run_in_terminal(columns, *SAVED)
    plain = re.sub(r" +$", "", SGR.sub("", shown.out), flags=re.MULTILINE)
    assert max(map(len, plain.splitlines())) <= columns
    check(f"reports-saved-{columns}", plain)


def test_the_demo_says_beforehand_what_it_asks_for(call: Run) -> None:
    assert call(*TEAM).err == (
        "copilot-usage: team:enterprise:mega/core: 29 reports of per-user data to add up; no user is kept\n"
    )
    assert call(*DEMO, "user-reports").err == (
        "copilot-usage: org:acme: 1 report of per-user data to add up; no user is kept\n"
    )
    assert call(*TEAM, "-q").err == call(*DEMO, "reports").err == ""


def test_the_demos_aggregate_and_users_agree(call: Run) -> None:
    by_source = {source: json.loads(call(*DEMO, source, "--json", "-q").out) for source in ("reports", "user-reports")}
    same = ["day", "total_suggestions_count", "total_lines_accepted", "total_chat_turns", "total_chat_acceptances"]
    whole, added = ([[record[name] for name in same] for record in records] for records in by_source.values())
    assert whole == added
    assert len(whole) == 28


def test_the_demo_knows_what_github_would_refuse(call: Run) -> None:
    assert call("team", "core", "--org", "acme", "--demo", "--source", "reports").code == 2
    assert call("org", "missing", "--demo", "--source", "reports").code == 5
    assert call("team", "nobody", "--org", "acme", "--demo", "--source", "user-reports").code == 5
    older = call(
        "org", "acme", "--demo", "--source", "reports", "--since", "2026-09-01", "--until", "2026-09-03", "--json"
    )
    assert [record["day"] for record in json.loads(older.out)] == ["2026-09-01", "2026-09-02", "2026-09-03"]


def test_distinct_users_are_a_column_of_user_reports_only(call: Run) -> None:
    for by in ("week", "month", "total", "language", "editor", "week,language"):
        header = call(*DEMO, "user-reports", "--by", by, "-f", "csv", "-q").out.splitlines()[0].split(",")
        assert "distinct_users" in header
    for source in ("auto", "usage", "reports"):
        for by in ("week", "total", "language"):
            assert "distinct_users" not in call(*DEMO, source, "--by", by, "-f", "csv", "-q").out.splitlines()[0]
    assert "distinct_users" not in call(*DEMO, "user-reports", "-f", "csv", "-q").out.splitlines()[0]


def test_distinct_users_are_people_not_sums(call: Run) -> None:
    (whole,) = csv.DictReader(call(*DEMO, "user-reports", "--by", "total", "-f", "csv", "-q").out.splitlines())
    assert float(whole["active_users_peak"]) <= int(whole["distinct_users"]) <= 60
    languages = list(
        csv.DictReader(call(*DEMO, "user-reports", "--by", "language", "-f", "csv", "-q").out.splitlines())
    )
    assert all(int(row["active_users_at_least"]) <= int(row["distinct_users"]) for row in languages)
    assert sum(int(row["distinct_users"]) for row in languages) > 60


TODAY = date(2026, 11, 16)


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def record(days: int, source: str = "reports", **fields: Any) -> DailyRecord:
    return DailyRecord(ORG, source, ago(days), 10, breakdown=(), **fields)


def report(records: list[DailyRecord], asked: Period | None = None, **facts: Any) -> Report:
    return build(Query(ORG, asked or Period(), TODAY), FetchResult(records, SourceFacts(**{"settles_in": 3, **facts})))


def test_days_younger_than_the_latest_report_are_not_missing_until_they_are_three_days_old() -> None:
    last_week = Period(ago(7), ago(1))
    for end, pending, missing in ((2, [1], []), (3, [2, 1], []), (4, [2, 1], [3]), (6, [2, 1], [5, 4, 3])):
        found = report([record(n) for n in range(7, end - 1, -1)], last_week, reported_until=ago(end))
        assert found.missing == tuple(ago(n) for n in missing)
        said = f"not yet available: {format_ranges([ago(n) for n in pending])}"
        assert len([note for note in found.notes if note.startswith(said)]) == 1


def test_a_day_that_the_latest_report_covers_is_missing_however_young() -> None:
    found = report([record(n) for n in (7, 6, 5, 4, 3)], Period(ago(7), ago(1)), reported_until=ago(2))
    assert found.missing == (ago(2),)
    assert found.notes[:2] == (
        f"no data for 1 day: {ago(2)}",
        f"not yet available: {ago(1)} (GitHub finishes a day within 3 days)",
    )


def test_without_a_period_the_report_ends_with_the_latest_day_reported() -> None:
    found = report([record(n) for n in (9, 8, 7, 5, 4)], reported_until=ago(2))
    assert (found.since, found.until) == (ago(9), ago(2))
    assert found.missing == (ago(6), ago(3), ago(2))
    assert [note for note in found.notes if "the newest day" in note] == []


def test_a_latest_report_that_is_too_old_is_noted() -> None:
    found = report([record(n) for n in (9, 8, 7)], reported_until=ago(6))
    assert found.missing == (ago(6), *(ago(n) for n in range(5, 0, -1)))[:4]
    assert [note for note in found.notes if note.startswith(f"the newest day is {ago(6)}, 6 days ago")] != []


def test_young_days_may_still_change_and_old_ones_not() -> None:
    said = "may still change"
    notes = report([record(n) for n in (4, 3, 2, 1)]).notes
    assert f"{said}: {ago(2)} to {ago(1)} (GitHub finishes a day within 3 days)" in notes
    for records in ([record(4), record(3)], [record(2, "usage")]):
        assert said not in str(report(records).notes)
    assert said not in str(report([record(2)], settles_in=0).notes)


def test_both_are_said_in_one_note() -> None:
    notes = report([record(3), record(2)], Period(ago(3), ago(1)), reported_until=ago(2)).notes
    together = f"not yet available: {ago(1)}; may still change: {ago(2)} (GitHub finishes a day within 3 days)"
    assert together in notes


def test_a_report_of_two_sources_says_where_the_series_breaks() -> None:
    records = [record(6, "usage"), record(5, "usage"), record(4), record(3), record(2, "usage")]
    found = report(records)
    assert found.source == "mixed"
    changes = f"usage from {ago(6)} to {ago(5)}, reports from {ago(4)} to {ago(3)}, usage from {ago(2)} to {ago(2)}"
    said = [note for note in found.notes if note.startswith("the source changes")]
    assert said[0].startswith(f"the source changes, so the numbers before and after don't compare: {changes}")
    assert "the source changes" not in str(report(records[:2]).notes)


def test_the_known_breaks_of_githubs_series_are_noted_when_crossed() -> None:
    april = [DailyRecord(ORG, "reports", date(2026, 4, day), 1) for day in (9, 10)]
    said = "GitHub's series changed in this period: 2026-04-10: the Copilot CLI counts"
    assert said in report(april).notes
    assert said not in report(april[1:]).notes
    classic = [DailyRecord(ORG, "usage", date(2026, 4, day), 1) for day in (9, 10)]
    assert "series changed" not in str(report(classic).notes)


def test_the_breaks_are_those_of_the_reference() -> None:
    known = [
        *("2025-10-10", "2025-12-12", "2026-02-11", "2026-02-27", "2026-04-10", "2026-05-29", "2026-06-15"),
        *("2026-06-19", "2026-07-17", "2026-07-28", "2026-08-07", "2026-09-11", "2026-09-17", "2026-09-25"),
        "2026-10-06",
    ]
    assert [str(day) for day, _ in BREAKS] == known
    for day in map(date.fromisoformat, known):
        assert describe_breaks(day - timedelta(days=1), day).startswith(f"{day}: ")
        assert describe_breaks(day, day) == describe_breaks(day - timedelta(days=2), day - timedelta(days=1)) == ""
    assert describe_breaks(date(2025, 1, 1), TODAY).count("; ") == len(known) - 1


def test_days_older_than_github_keeps_are_missing_and_say_why() -> None:
    found = report([record(3)], Period(ago(5), ago(3)), kept_since=ago(3), retention="a year")
    assert found.notes[0] == f"no data for 2 days: {format_ranges([ago(5), ago(4)])} (GitHub keeps a year)"


def test_missing_days_have_their_reasons() -> None:
    reasons = {ago(5): "the team is on no list", ago(4): "the team is on no list"}
    found = report([record(3)], Period(ago(6), ago(3)), missing_reasons=reasons)
    assert found.missing == (ago(6), ago(5), ago(4))
    assert found.notes[:2] == (
        f"no data for 1 day: {ago(6)}",
        f"no data for 2 days: {format_ranges([ago(5), ago(4)])} (the team is on no list)",
    )


def test_ide_rows_are_added_up_and_unknown_ones_stay_unknown() -> None:
    days = [
        record(2, totals_by_ide=(ActivityRow(("vscode",), 1, 2, None), ActivityRow(("zed",)))),
        record(1, totals_by_ide=(ActivityRow(("vscode",), 10, 20, None),)),
        record(3, totals_by_ide=None),
    ]
    table = build(Query(ORG, Period(), TODAY, by=("ide",)), FetchResult(days)).table
    assert table.columns[:4] == ("scope", "source", "ide", "user_initiated_interaction_count")
    rows = [
        (row["ide"], row["code_generation_activity_count"], row["code_acceptance_activity_count"]) for row in table.rows
    ]
    assert rows == [("vscode", 22, None), ("zed", None, None)]


SENTINEL = "c2VudGluZWw"


class GitHub:
    """A server with the latest 28 days up to two days ago."""

    def __init__(self, server: HTTPServer) -> None:
        self.url = f"http://127.0.0.1:{server.port}"
        self.today = clock.TODAY
        self.end = self.today - timedelta(days=2)
        self.gone = {self.end - timedelta(days=4)}
        self.links = [f"{self.url}/part-0.json?sig={SENTINEL}&se=1"]
        server.expect_request(re.compile(".*")).respond_with_handler(self.answer)

    def answer(self, request: Request) -> Response:
        first = self.end - timedelta(days=27)
        if request.path == "/part-0.json":
            assert "Authorization" not in request.headers
            days = [first + timedelta(days=n) for n in range(28)]
            totals = [{"day": str(day), "daily_active_users": 3} for day in reversed(days) if day not in self.gone]
            return Response(json.dumps({"day_totals": totals}))
        if not request.path.endswith("28-day/latest"):
            return Response('{"message": "Not Found"}', 404)
        envelope = {"download_links": self.links, "report_start_day": str(first), "report_end_day": str(self.end)}
        return Response(json.dumps(envelope), 200)


@pytest.fixture
def github(httpserver_ipv4: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> GitHub:
    monkeypatch.setenv("GH_TOKEN", "made-up")
    return GitHub(httpserver_ipv4)


def test_todays_github_alone_serves_the_same_command(github: GitHub, call: Run) -> None:
    done = call("org", "acme", "--api-url", github.url, "--since", "7d", "-f", "csv")
    rows = list(csv.DictReader(done.out.splitlines()))
    days = [github.today - timedelta(days=n) for n in (7, 5, 4, 3, 2)]
    assert [row["day"] for row in rows] == [str(day) for day in days]
    assert {(row["source"], row["total_active_users"], row["total_active_chat_users"]) for row in rows} == {
        ("reports", "3", "")
    }
    assert done.code == 0


def test_fail_on_missing_agrees_with_the_notes(github: GitHub, call: Run) -> None:
    ask = ["org", "acme", "--api-url", github.url, "--since", "5d", "--fail-on-missing", "--json"]
    done = call(*ask)
    assert done.code == 0
    yesterday = github.today - timedelta(days=1)
    assert f"note: not yet available: {yesterday}; may still change: {github.end} (" in done.err
    github.gone = {github.end}
    done = call(*ask)
    assert done.code == 3
    assert f"note: no data for 1 day: {github.end}\n" in done.err
    github.gone = set()
    github.end -= timedelta(days=1)
    assert call(*ask).code == 0
    github.end -= timedelta(days=1)
    assert call(*ask).code == 3


def test_the_signed_query_is_in_no_output_at_any_verbosity(github: GitHub, call: Run, tmp_path: Path) -> None:
    options = ["--api-url", github.url, "-v", "--max-wait", "0"]
    done = call("org", "acme", *options)
    assert done.code == 0
    assert done.err.count("/part-0.json 200 ") == 1
    github.links = [f"http://storage.example/x?sig={SENTINEL}"]
    refused = call("org", "acme", "--source", "reports", *options)
    assert refused.code == 7
    said = done.out + done.err + refused.out + refused.err
    assert SENTINEL not in said
    assert "sig=" not in said
    home = Path(os.environ["HOME"])
    stored = [path for path in home.rglob("*") if path.is_file()]
    assert stored
    assert not [path for path in stored if SENTINEL.encode() in path.read_bytes()]


@pytest.mark.parametrize("ends", [["--period", "this-week"], ["--since", "this-week"], ["--period", "2026-W47"]])
def test_of_a_week_that_began_today_nothing_is_asked(ends: list[str], call: Run) -> None:
    done = call("org", "acme", "--demo", "-v", *ends)
    assert (done.code, done.err) == (0, "")
    assert "note: no day of this week is over yet: it began today, in UTC; --period last-week is" in done.out
    assert call("org", "acme", "--demo", "-f", "json", "-q", *ends).out == "[]\n"


def test_a_period_names_both_ends(call: Run) -> None:
    for ends in (["--since", "2026-11-09", "--until", "2026-11-15"], ["--since", "last-week", "--until", "last-week"]):
        expected = call("org", "acme", "--demo", *ends)
        for period in ("last-week", "7d", "2026-W46", "monday..yesterday"):
            assert call("org", "acme", "--demo", "--period", period) == expected
    done = call("org", "acme", "--demo", "--period", "7d", "--until", "yesterday")
    error = "--period and --until exclude each other\nhint: --period names both ends\n"
    assert (done.code, done.out, done.err) == (2, "", f"copilot-usage: error: {error}")
