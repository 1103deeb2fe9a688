"""`copilot-usage seats`, from the command line to its output."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from support.expected import check

from copilot_usage_cli.report.seats import BY

if TYPE_CHECKING:
    from pathlib import Path

    from support.openapi import GitHubToday
    from support.program import Run, RunInTerminal

ORG = ["seats", "org", "acme", "--demo"]
MEGA = ["seats", "enterprise", "mega", "--demo"]
OUTPUTS = {
    "seats-org": ORG,
    "seats-org-csv": [*ORG, "-f", "csv"],
    "seats-org-json": [*ORG, "--json"],
    "seats-org-ndjson": [*ORG, "-f", "ndjson"],
    "seats-org-idle-after": [*ORG, "--idle-after", "2w"],
    "seats-org-users": [*ORG, "--users"],
    "seats-org-users-csv": [*ORG, "--users", "-f", "csv"],
    "seats-enterprise": MEGA,
    **{f"seats-enterprise-by-{by}": [*MEGA, "--by", by] for by in BY},
    "seats-enterprise-by-team-json": [*MEGA, "--by", "team", "--json"],
    "seats-orgs": ["seats", "org", "acme", "globex", "--demo"],
    "seats-orgs-by-team-tsv": ["seats", "org", "acme", "globex", "--demo", "--by", "team", "-f", "tsv"],
}


@pytest.mark.parametrize("name", OUTPUTS)
def test_the_seats_of_the_demo(name: str, call: Run) -> None:
    done = call(*OUTPUTS[name])
    assert done.code == 0
    check(name, done.out)


@pytest.mark.parametrize("columns", [40, 80, 160])
@pytest.mark.parametrize("name", ["seats-org", "seats-org-users", "seats-enterprise-by-team"])
def test_at_the_width_of_a_terminal(name: str, columns: int, call: Run) -> None:
    done = call(*OUTPUTS[name], "--width", str(columns))
    assert done.code == 0
    check(f"{name}-{columns}", done.out)


def test_in_a_terminal(run_in_terminal: RunInTerminal) -> None:
    done = run_in_terminal(80, *OUTPUTS["seats-org"])
    assert done.code == 0
    check("seats-org-terminal", done.out)


def test_all_formats_have_the_same_numbers(call: Run) -> None:
    args = ["seats", "org", "acme", "globex", "--demo", "--by", "team", "-q"]
    found = json.loads(call(*args, "--json").out)
    lines = [json.loads(line) for line in call(*args, "-f", "ndjson").out.splitlines()]
    table = list(csv.DictReader(io.StringIO(call(*args, "-f", "csv").out)))
    assert found == lines
    assert table == [{name: str(value) for name, value in row.items()} for row in found]


def test_no_name_is_shown_that_wasnt_asked_for(call: Run) -> None:
    for name, args in OUTPUTS.items():
        assert ("user-1" in call(*args).out) == ("users" in name)


def test_a_scope_that_fails_takes_no_other_with_it(call: Run, tmp_path: Path) -> None:
    done = call("seats", "org", "acme", "missing", "--demo", "-f", "csv", "-q")
    assert done.code == 5
    assert [line.partition(",")[0] for line in done.out.splitlines()] == ["scope", "org:acme"]
    assert done.err.startswith("copilot-usage: error: org:missing: api.github.com answered 404 (Not Found)\n")
    target = tmp_path / "seats.csv"
    target.write_text("as it was", "utf-8")
    args = ["seats", "org", "acme", "missing", "--demo", "-q", "-o", str(target)]
    assert call(*args).code == 5
    assert target.read_text("utf-8") == "as it was"
    assert call(*args, "--partial").code == 5
    assert target.read_text("utf-8").count("\n") == 2


def test_a_scope_alone_that_fails_is_an_error_and_no_output(call: Run) -> None:
    done = call("seats", "org", "missing", "--demo")
    assert (done.code, done.out) == (5, "")
    assert done.err.startswith("copilot-usage: error: org:missing: api.github.com answered 404 (Not Found)\n")
    assert "hint: this requires an organization owner" in done.err


SEAT: dict[str, Any] = {"created_at": "2026-11-01T00:00:00Z", "assignee": {"id": 1, "login": "=cmd()\x1b[31m"}}


def test_a_hostile_login_is_text_everywhere(call: Run, tmp_path: Path) -> None:
    saved = tmp_path / "seats.json"
    saved.write_text(json.dumps({"seats": [SEAT]}), "utf-8")
    args = ["seats", "org", "acme", "--input", str(saved), "--users", "-q"]
    assert "=cmd()\\x1b[31m" in call(*args).out
    assert "'=cmd()" in call(*args, "-f", "csv").out
    assert json.loads(call(*args, "--json").out)[0]["user"] == "=cmd()\x1b[31m"


def test_saved_seats_are_read_from_stdin(run: Run) -> None:
    done = run("seats", "org", "acme", "--input", "-", "--json", "-q", stdin=json.dumps({"seats": [SEAT]}))
    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out)[0]["seats"] == 1


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["org"], "missing argument 'ORG'"),
        (["org", "acme", "--users", "--by", "team"], "--users and --by exclude each other"),
        (["org", "acme", "--by", "user"], "'user' is not one of team, org, plan, editor, last-active"),
        (["org", "acme", "--idle-after", "91d"], "'91d' is not a number of days: write 1d to 90d"),
        (["org", "acme", "--idle-after", "2w", "--by", "last-active"], "--by last-active and --idle-after exclude"),
        (["org", "acme", "--idle-after", "0d"], "'0d' is not a number of days"),
        (["org", "acme", "--idle-after", "30"], "'30' is not a number of days"),
        (["org", "acme", "--demo", "--input", "x"], "--input and --demo exclude each other"),
        (["org", "acme", "--demo", "--hostname", "x.ghe.com"], "--demo and --hostname exclude each other"),
        (["org", "acme", "globex", "--input", "x"], "--input takes one scope"),
        (["org", "acme", "--input", "nowhere.json"], "can't read nowhere.json"),
        (["org", "acme", "--demo", "--partial"], "--partial needs --output FILE"),
        (["org", "acme", "--demo", "--json", "-f", "csv"], "--json and --format csv exclude each other"),
        (["org", "team:acme/core", "--demo"], "'team:acme/core' is a team, not an organization"),
        (["enterprise", "org:acme", "--demo"], "'org:acme' is an organization, not an enterprise"),
        (["acme"], "'acme' is not a command of copilot-usage seats"),
    ],
)
def test_wrong_usage(args: list[str], words: str, call: Run) -> None:
    done = call("seats", *args)
    assert (done.code, done.out) == (2, "")
    assert words in done.err


def test_without_a_form_it_shows_its_help(call: Run) -> None:
    done = call("seats")
    assert done.code == 2
    assert done.out.startswith("Usage: copilot-usage seats")


def test_requests_are_as_github_describes_them(today: GitHubToday) -> None:
    today.answers["/orgs/acme/copilot/billing"] = {"seat_breakdown": {"pending_invitation": 1}}
    today.list("/orgs/acme/copilot/billing/seats", "seats", [SEAT] * 250, total_seats=1)
    done = today.run("seats", "org", "acme", "--json", "-q")
    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out)[0]["seats"] == 1
    assert sorted(today.arrivals) == [
        "/orgs/acme/copilot/billing",
        "/orgs/acme/copilot/billing/seats?per_page=100",
        "/orgs/acme/copilot/billing/seats?per_page=100&page=2",
        "/orgs/acme/copilot/billing/seats?per_page=100&page=3",
    ]
