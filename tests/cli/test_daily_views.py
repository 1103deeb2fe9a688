"""`active`, `prs` and `adoption`, from the command line to their output."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from support.expected import check

from copilot_usage_cli.history.store import History
from copilot_usage_cli.model.activity import NO_ACTIVITY
from copilot_usage_cli.model.aggregates import NO_AGGREGATES
from copilot_usage_cli.model.scope import Scope

if TYPE_CHECKING:
    from pathlib import Path

    from support.openapi import GitHubToday
    from support.program import Run, RunInTerminal

ORG = Scope("org", "acme")
NOW = datetime(2026, 11, 16, tzinfo=UTC)
DEMO = ["org", "acme", "--demo"]
WEEK = ["--since", "7d"]
OUTPUTS = {
    "active": ["active", *DEMO],
    "active-csv": ["active", *DEMO, *WEEK, "-f", "csv"],
    "active-json": ["active", *DEMO, "--since", "2d", "--json"],
    "active-by-surface-csv": ["active", *DEMO, "--by", "surface", "-f", "csv"],
    "active-by-day": ["active", *DEMO, "--by", "day", *WEEK],
    "active-compare": ["active", *DEMO, *WEEK, "--compare", "previous", "--width", "120"],
    "active-compare-csv": ["active", *DEMO, *WEEK, "--compare", "previous", "-f", "csv"],
    "active-orgs": ["active", "org", "acme", "globex", "--demo"],
    "prs": ["prs", *DEMO],
    "prs-enterprise": ["prs", "enterprise", "mega", "--demo"],
    "prs-csv": ["prs", *DEMO, *WEEK, "-f", "csv"],
    "prs-orgs": ["prs", "org", "acme", "globex", "--demo", *WEEK, "--compare", "previous", "--width", "120"],
    "prs-by-week": ["prs", *DEMO, "--by", "week"],
    "prs-by-month-json": ["prs", *DEMO, "--by", "month", "--json"],
    "prs-by-total-csv": ["prs", *DEMO, "--by", "total", "-f", "csv"],
    "prs-compare": ["prs", *DEMO, *WEEK, "--compare", "previous"],
    "prs-by-week-compare-csv": ["prs", *DEMO, "--by", "week", "--since", "14d", "--compare", "previous", "-f", "csv"],
    "prs-by-repo": ["prs", *DEMO, "--by", "repo"],
    "prs-by-repo-top": ["prs", *DEMO, "--by", "repo", "--top", "2", *WEEK],
    "prs-by-repo-compare-csv": ["prs", *DEMO, "--by", "repo", *WEEK, "--compare", "previous", "-f", "csv"],
    "prs-by-day-repo-csv": ["prs", *DEMO, "--by", "day,repo", *WEEK, "-f", "csv"],
    "adoption": ["adoption", *DEMO],
    "adoption-json": ["adoption", *DEMO, "--json"],
    "adoption-by-feature-csv": ["adoption", *DEMO, "--by", "feature", "-f", "csv"],
    "adoption-by-day-csv": ["adoption", *DEMO, "--by", "day", *WEEK, "-f", "csv"],
    "adoption-compare": ["adoption", *DEMO, "--compare", "previous", "--width", "120"],
    "adoption-orgs": ["adoption", "org", "acme", "globex", "--demo"],
}


@pytest.mark.parametrize("name", OUTPUTS)
def test_the_views_of_the_demo(name: str, call: Run) -> None:
    done = call(*OUTPUTS[name])
    assert done.code == 0
    check(f"view-{name}", done.out)


@pytest.mark.parametrize("columns", [40, 80, 160])
@pytest.mark.parametrize("name", ["active", "prs", "prs-by-repo", "prs-compare", "adoption"])
def test_at_the_width_of_a_terminal(name: str, columns: int, call: Run) -> None:
    done = call(*OUTPUTS[name], "--width", str(columns))
    assert done.code == 0
    check(f"view-{name}-{columns}", done.out)


def test_in_a_terminal(run_in_terminal: RunInTerminal) -> None:
    done = run_in_terminal(80, *OUTPUTS["active"])
    assert done.code == 0
    check("view-active-terminal", done.out)


@pytest.mark.parametrize("command", ["active", "prs", "adoption"])
@pytest.mark.parametrize("more", [[], ["--compare", "previous"]], ids=["alone", "compared"])
def test_all_formats_have_the_same_numbers(command: str, more: list[str], call: Run) -> None:
    args = [command, "org", "acme", "globex", "--demo", "-q", *WEEK, *more]
    found = json.loads(call(*args, "--json").out)
    lines = [json.loads(line) for line in call(*args, "-f", "ndjson").out.splitlines()]
    table = list(csv.DictReader(io.StringIO(call(*args, "-f", "csv").out)))
    tabbed = list(csv.DictReader(io.StringIO(call(*args, "-f", "tsv").out), delimiter="\t"))
    assert found == lines
    assert table == tabbed == [{name: "" if v is None else str(v) for name, v in row.items()} for row in found]


REPORTS = "/orgs/acme/copilot/metrics/reports"


def day(number: int) -> str:
    return str((NOW - timedelta(days=number)).date())


def aggregate(number: int, created: int) -> dict[str, Any]:
    return {
        "day": day(number),
        "daily_active_users": 5,
        "weekly_active_users": 9,
        "pull_requests": {"total_created": created, "total_merged": 1},
        "totals_by_feature": [],
    }


def latest(github: GitHubToday, *days: dict[str, Any]) -> None:
    ends = {"report_start_day": day(30), "report_end_day": day(3)}
    github.report(f"{REPORTS}/organization-28-day/latest", {**ends, "day_totals": list(days)}, **ends)


def test_requests_are_as_github_describes_them(today: GitHubToday) -> None:
    latest(today, aggregate(4, 3), aggregate(3, 4))
    for command in ("active", "prs", "adoption"):
        assert today.run(command, "org", "acme", "-q", now=NOW).code == 0
    assert set(today.arrivals) == {f"{REPORTS}/organization-28-day/latest"}


def test_days_that_github_forgot_come_from_the_history(today: GitHubToday, call: Run, tmp_path: Path) -> None:
    env = {"COPILOT_USAGE_HISTORY": str(tmp_path / "history.sqlite3")}
    latest(today, aggregate(4, 3), aggregate(3, 4))
    assert today.run("prs", "org", "acme", "-q", env=env, now=NOW).code == 0
    done = call(
        "prs", "org", "acme", "--offline", "--by", "total", "--json", "--hostname", "127.0.0.1", "-q", env=env, now=NOW
    )
    assert json.loads(done.out)[0]["created"] == 7
    args = ["prs", "org", "acme", "--since", day(4), "--until", day(3), "--json", "-q"]
    latest(today)
    later = NOW + timedelta(days=400)
    today.answers[f"{REPORTS}/organization-1-day"] = (204, None)
    done = today.run(*args, env=env, now=later)
    assert [row["created"] for row in json.loads(done.out)] == [3, 4]


def test_the_history_is_filled_by_reports_too_and_compares(today: GitHubToday, tmp_path: Path) -> None:
    env = {"COPILOT_USAGE_HISTORY": str(tmp_path / "history.sqlite3")}
    latest(today, *(aggregate(number, number) for number in range(4, 8)), aggregate(3, 9))
    assert today.run("org", "acme", "--source", "reports", "-q", env=env, now=NOW).code == 0
    args = ["prs", "org", "acme", "--by", "total", "--json", "-q", "--since", day(4), "--until", day(3)]
    (row,) = json.loads(today.run(*args, "--compare", f"{day(6)}..{day(5)}", env=env, now=NOW).out)
    assert (row["created"], row["previous_created"]) == (13, 11)


def test_saved_reports_and_our_own_json_are_read(run: Run, call: Run, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    report.write_text(json.dumps({"day_totals": [aggregate(4, 3), aggregate(3, 4)]}), "utf-8")
    expected = call("prs", "org", "acme", "--input", str(report), "--json", "-q").out
    assert [row["created"] for row in json.loads(expected)] == [3, 4]
    own = call("org", "acme", "--input", str(report), "--json", "-q").out
    assert run("prs", "org", "acme", "--input", "-", "--json", "-q", stdin=own).out == expected


def test_a_source_without_it_is_said_and_shown_as_nothing(call: Run, tmp_path: Path) -> None:
    saved = tmp_path / "classic.json"
    saved.write_text('[{"day": "2026-11-02", "total_active_users": 3}]', "utf-8")
    done = call("active", "org", "acme", "--input", str(saved))
    assert done.code == 0
    assert "note: there is nothing to show: these days (source: usage) have no active people by surface" in done.out
    assert call("active", "org", "acme", "--input", str(saved), "--json", "-q").out == "[]\n"


def test_a_scope_that_fails_takes_no_other_with_it(call: Run) -> None:
    done = call("prs", "org", "acme", "missing", "--demo", "-f", "csv", "-q", "--by", "total")
    assert done.code == 5
    assert [row["scope"] for row in csv.DictReader(io.StringIO(done.out))] == ["org:acme"]
    assert "error: org:missing" in done.err


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["active", "org"], "missing argument 'ORG'"),
        (["active", "org", "acme", "--by", "week"], "'week' is not one of surface, day"),
        (["adoption", "org", "acme", "--by", "total"], "'total' is not one of phase, feature, day"),
        (
            ["prs", "org", "acme", "--by", "repository"],
            "'repository' is not one of day, week, month, total, repo, day,repo",
        ),
        (["prs", "org", "acme", "--top", "3"], "--top needs --by repo"),
        (["prs", "org", "acme", "--by", "repo", "--offline"], "--by repo and --offline exclude each other"),
        (["prs", "org", "acme", "--by", "repo", "--refresh"], "--by repo and --refresh exclude each other"),
        (["prs", "org", "acme", "--by", "day,repo", "--compare", "previous"], "--by day,repo and --compare exclude"),
        (["active", "org", "acme", "--offline", "--demo"], "--offline excludes --no-history and --demo"),
        (["active", "org", "acme", "--input", "x", "--offline"], "--input and --offline exclude each other"),
        (["active", "org", "acme", "globex", "--input", "x"], "--input takes one scope"),
        (
            ["active", "org", "acme", "--since", "7d", "--period", "last-week"],
            "--period and --since exclude each other",
        ),
        (["active", "org", "acme", "--refresh", "--no-history"], "--refresh and --no-history exclude each other"),
    ],
)
def test_wrong_usage(args: list[str], words: str, call: Run) -> None:
    done = call(*args)
    assert (done.code, done.out) == (2, "")
    assert words in done.err


def forget_activity(path: Path, of: str) -> None:
    """Make the history keep its only host's days as versions before activity did, of the one day."""
    with History(path) as history:
        (host,) = {each.host for each in history.coverage()}
        kept = history.load(host, ORG, ["reports"], None, None)
        history.remove(host, ORG)
        days = [
            each._replace(activity=NO_ACTIVITY, aggregates=NO_AGGREGATES) if str(each.day) == of else each
            for each in kept
        ]
        history.store(host, days, NOW)


def test_days_that_an_earlier_version_kept_without_activity_are_asked_for_again(
    today: GitHubToday, tmp_path: Path
) -> None:
    path = tmp_path / "history.sqlite3"
    env = {"COPILOT_USAGE_HISTORY": str(path)}
    latest(today)
    today.answers[f"{REPORTS}/organization-1-day"] = (204, None)
    for number in (40, 41):
        today.report(f"{REPORTS}/organization-1-day?day={day(number)}", aggregate(number, number))
    args = ["org", "acme", "--since", day(41), "--until", day(40), "-q"]
    assert today.run("prs", *args, env=env, now=NOW).code == 0
    for again in (["prs", *args], ["history", "sync", "org:acme", "--source", "reports", "--since", day(41), "-q"]):
        forget_activity(path, day(40))
        today.arrivals.clear()
        assert today.run(*again, env=env, now=NOW).code == 0
        assert f"{REPORTS}/organization-1-day?day={day(40)}" in today.arrivals
        assert f"{REPORTS}/organization-1-day?day={day(41)}" not in today.arrivals
        today.arrivals.clear()
        assert today.run(*again, env=env, now=NOW).code == 0
        assert f"{REPORTS}/organization-1-day?day={day(40)}" not in today.arrivals


def test_a_report_of_usage_asks_for_no_day_again(today: GitHubToday, tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite3"
    env = {"COPILOT_USAGE_HISTORY": str(path)}
    latest(today)
    today.report(f"{REPORTS}/organization-1-day?day={day(40)}", aggregate(40, 1))
    args = ["org", "acme", "--source", "reports", "--since", day(40), "--until", day(40), "-q"]
    assert today.run(*args, env=env, now=NOW).code == 0
    forget_activity(path, day(40))
    today.arrivals.clear()
    assert today.run(*args, env=env, now=NOW).code == 0
    assert not any("1-day" in arrival for arrival in today.arrivals)


def test_one_named_row_keeps_its_name_however_narrow(call: Run) -> None:
    done = call("prs", *DEMO, "--period", "2026-10", "--by", "month", "--width", "40", "-q")
    assert "2026-10 " in done.out
