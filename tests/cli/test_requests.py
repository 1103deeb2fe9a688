"""How many requests a run of many teams takes, over both generations of the API, and the run of the next day."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from support.environment import TOKEN
from support.reports import FIRST, LAST, LATEST, REPORTS, TODAY, Hub, member, user
from werkzeug import Response

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from support.program import Finished, Run

TEAMS = 40
MORNING = datetime(TODAY.year, TODAY.month, TODAY.day, 6, tzinfo=UTC)


@pytest.fixture
def github(reports_api: Hub) -> Hub:
    reports_api.otherwise = 404
    return reports_api


def serve_reports(github: Hub, teams: int, days: Sequence[date]) -> None:
    for of in days:
        github.day("user-teams", of, [member(n, of, f"team-{n}", team_id=n) for n in range(teams)])
    for later in (1, 2, 3):
        path = f"{REPORTS}/user-teams-1-day?day={days[-1] + timedelta(days=later)}"
        github.answers[path] = Response("", 204)
    lines = [user(n, of, n + of.day) for of in days for n in range(teams)]
    span = {"report_start_day": str(days[0]), "report_end_day": str(days[-1])}
    github.report(f"{REPORTS}/users-28-day/latest", lines, **span)


def run(call: Run, github: Hub, *args: str, now: datetime = MORNING) -> tuple[Finished, int]:
    """Report scopes, and count the requests, downloads too."""
    github.reports()
    github.calls.clear()
    github.downloads.clear()
    options = (
        "--api-url",
        f"http://127.0.0.1:{github.api.port}",
        "--max-wait",
        "0",
        "-q",
        "-f",
        "csv",
        "--by",
        "total",
    )
    done = call(*args, *options, env={"GH_TOKEN": TOKEN}, now=now)
    return done, len(github.calls) + len(github.downloads)


def scopes(done: Finished) -> list[str]:
    assert (done.code, done.err) == (0, "")
    return [row["scope"] for row in csv.DictReader(io.StringIO(done.out))]


@pytest.mark.parametrize("teams", [1, 5, 50])
def test_teams_of_todays_api_take_as_many_requests_as_one(teams: int, call: Run, github: Hub) -> None:
    serve_reports(github, teams, LATEST)
    names = [f"team-{n}" for n in range(teams)]
    done, count = run(call, github, "team", *names, "--org", "acme")
    assert scopes(done) == [f"team:acme/{name}" for name in names]
    assert count == 1 + 2 + 2 * 28  # a classic 404, the latest report, and the lists


@pytest.mark.parametrize("teams", [1, 5, 50])
def test_teams_of_the_classic_api_take_one_request_each(teams: int, call: Run, github: Hub) -> None:
    for n in range(teams):
        body = json.dumps([{"day": str(LAST), "total_suggestions_count": n}])
        github.answers[f"/orgs/acme/team/team-{n}/copilot/usage"] = Response(body, 200)
    names = [f"team-{n}" for n in range(teams)]
    done, count = run(call, github, "team", *names, "--org", "acme")
    assert scopes(done) == [f"team:acme/{name}" for name in names]
    assert count == teams


def test_all_teams_take_two_more_and_the_next_day_a_dozen(call: Run, github: Hub, history: Path) -> None:
    serve_reports(github, TEAMS, LATEST)
    done, count = run(call, github, "team", "--all", "--org", "acme")
    assert len(scopes(done)) == TEAMS
    assert count <= 1.05 * (1 + 2 + 2 * 28)
    day_after = LATEST[-1] + timedelta(days=1)
    serve_reports(github, TEAMS, [*LATEST[1:], day_after])
    later, again = run(call, github, "team", "--all", "--org", "acme", now=MORNING + timedelta(days=1))
    assert len(scopes(later)) == TEAMS
    assert again <= 12
    totals = {row["scope"]: row for row in csv.DictReader(io.StringIO(later.out))}
    first = sum(3 + of.day for of in LATEST)
    assert int(totals["team:acme/team-3"]["total_suggestions_count"]) == first - (3 + FIRST.day) + (3 + day_after.day)
    _, refreshed = run(call, github, "team", "--all", "--org", "acme", "--refresh", now=MORNING + timedelta(days=1))
    assert refreshed > 50
