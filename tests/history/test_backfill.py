"""What a report keeps of GitHub's answers, and what it takes from the history: the real program, made-up GitHubs."""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from support.clock import TODAY, ago
from werkzeug import Request, Response

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from support.github import GitHub
    from support.program import Finished, Run

NAMES = ("octo-secret-login", "7654321987")


@pytest.fixture
def ask(call: Run, github: GitHub, token: str) -> Callable[..., Finished]:
    """Run the program in this process against the made-up GitHub."""

    def finish(*args: str, **env: str) -> Finished:
        return call(*args, "--api-url", github.url, "--max-wait", "0", env={"GH_TOKEN": token, **env})

    return finish


def held(path: Path) -> list[tuple[str, str, str]]:
    """List what a history holds, as the sqlite3 shell would: scope, source and day."""
    with sqlite3.connect(path) as connection:
        rows = connection.execute(
            "SELECT scope, source, date(day * 86400, 'unixepoch') FROM day JOIN series ON series.id = day.series"
            " ORDER BY 1, 2, 3"
        ).fetchall()
    connection.close()
    return rows


def days_of(done: Finished) -> dict[str, tuple[str, int]]:
    """Give each day's source and chat turns out of a report in JSON."""
    return {each["day"]: (each["source"], each["total_chat_turns"]) for each in json.loads(done.out)}


class ReportsGitHub:
    """A GitHub of today: aggregated, users' and teams' reports of made-up days, and no classic API."""

    def __init__(self, github: GitHub, days: Iterable[int]) -> None:
        self.github = github
        self.days = {ago(n) for n in days}
        self.asked: list[str] = []
        self.has_latest = True
        self.restated = 0
        self.failing = "nothing"
        self.team = 1
        self.latest = [ago(n) for n in range(28, 0, -1)]
        github.server.expect_request(re.compile(".*/copilot/usage")).respond_with_data("{}", 404)
        github.server.expect_request(re.compile(".*/reports/.*")).respond_with_handler(self.envelope)
        github.server.expect_request(re.compile("/files/.*")).respond_with_handler(self.file)

    def envelope(self, request: Request) -> Response:
        report = request.path.rpartition("/reports/")[2]
        day = request.args.get("day", "")
        self.asked.append(f"{report} {day}".strip())
        if self.asked[-1].endswith(self.failing) and "teams" not in report:
            return Response("{}", 500)
        if date.fromisoformat(day) not in self.days if day else not self.has_latest:
            return Response(status=204)
        links = [f"{self.github.url}/files/{report.replace('/', '-')}/{day or 'latest'}"]
        span = {"report_start_day": str(self.latest[0]), "report_end_day": str(self.latest[-1])}
        body = {"download_links": links, **({"report_day": day} if day else span)}
        return Response(json.dumps(body), 200, mimetype="application/json")

    def file(self, request: Request) -> Response:
        _, _, report, which = request.path.split("/")
        days = sorted(self.days.intersection(self.latest)) if which == "latest" else [date.fromisoformat(which)]
        if report.startswith("user-teams"):
            lines = [
                {
                    "user_id": int(NAMES[1]),
                    "user_login": NAMES[0],
                    "day": str(day),
                    "slug": "core",
                    "team_id": self.team,
                }
                for day in days
            ]
        elif report.startswith("users"):
            lines = [
                {"user_id": int(NAMES[1]), "user_login": NAMES[0], "day": str(day), **self.counters(day)}
                for day in days
            ]
        else:
            return Response(
                json.dumps({"day_totals": [self.counters(day) | {"daily_active_users": 7} for day in days]})
            )
        return Response("\n".join(map(json.dumps, lines)))

    def counters(self, day: date) -> dict[str, Any]:
        counts = {
            "user_initiated_interaction_count": 0,
            "code_generation_activity_count": day.day + self.restated,
            "code_acceptance_activity_count": 1,
            "loc_suggested_to_add_sum": 2,
            "loc_suggested_to_delete_sum": 0,
            "loc_added_sum": 1,
            "loc_deleted_sum": 0,
        }
        feature = {"feature": "code_completion", **counts}
        return {"day": str(day), **counts, "totals_by_feature": [feature], "totals_by_language_feature": []}


# Keeping


def test_every_fetched_report_adds_its_records(
    ask: Callable[..., Finished], github: GitHub, record: Callable[..., Any], history: Path
) -> None:
    github.serve([record(ago(2)), record(ago(1))])
    github.serve([record(ago(1))], "/enterprises/mega/team/core/copilot/usage")
    assert ask("org", "acme").code == 0
    assert ask("team", "core", "--enterprise", "mega", "--json").code == 0
    assert held(history) == [
        ("org:acme", "usage", str(ago(2))),
        ("org:acme", "usage", str(ago(1))),
        ("team:enterprise:mega/core", "usage", str(ago(1))),
    ]
    assert history.stat().st_mode & 0o777 == 0o600
    assert history.parent.stat().st_mode & 0o777 == 0o700


def test_the_first_time_one_line_says_where(
    ask: Callable[..., Finished], github: GitHub, record: Callable[..., Any], history: Path
) -> None:
    github.serve([record(ago(1))])
    first, second = ask("org", "acme", "-f", "csv"), ask("org", "acme", "-f", "csv")
    assert first.err == (
        f"copilot-usage: daily records are kept in {history} from now on (--no-history turns this off)\n"
    )
    assert (second.code, second.err, second.out) == (0, "", first.out)


def test_unset_the_history_is_in_the_users_data_folder(
    run: Run, github: GitHub, record: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COPILOT_USAGE_HISTORY")
    github.serve([record(ago(1))])
    done = github.run("org", "acme")
    path = run("history", "path").out.rstrip("\n")
    assert path.endswith("/.local/share/copilot-usage/history.sqlite3")
    assert path in done.err
    assert held(Path(path)) == [("org:acme", "usage", str(ago(1)))]


@pytest.mark.parametrize("how", ["--no-history", "off", "OFF", "--demo", "--input", "--page"])
def test_never_touched(
    call: Run, ask: Callable[..., Finished], github: GitHub, record: Callable[..., Any], history: Path, how: str
) -> None:
    github.serve([record(ago(1))])
    assert ask("org", "acme", "-q").code == 0
    github.server.clear()
    github.serve([record(ago(1), total_chat_turns=99)])  # a keeper would write this
    before = history.read_bytes(), history.stat().st_mtime_ns
    history.parent.chmod(0o500)
    history.chmod(0)  # who opened it would fail, or warn
    try:
        saved = history.parent.parent / "saved.json"
        saved.write_text(json.dumps([record("2024-01-01")]), "utf-8")
        if how in {"--demo", "--input"}:
            args = ("--demo",) if how == "--demo" else ("--input", str(saved))
            done = call("org", "acme", *args, "-f", "csv", "--since", "7d")
        elif how.lower() == "off":
            done = ask("org", "acme", "-f", "csv", "--since", "40d", COPILOT_USAGE_HISTORY=how)
        else:
            done = ask("org", "acme", "-f", "csv", how, *(("1",) if how == "--page" else ()))
    finally:
        history.parent.chmod(0o700)
        history.chmod(0o600)
    assert done.code == 0
    assert "kept" not in done.err
    assert "warning" not in done.err
    assert "history" not in done.err
    assert (history.read_bytes(), history.stat().st_mtime_ns) == before
    assert [path.name for path in history.parent.iterdir()] == [history.name]


@pytest.mark.parametrize("what", ["directory", "text", "foreign", "in-a-file"])
@pytest.mark.parametrize("period", [(), ("--since", "40d")])
def test_a_history_that_cannot_be_written_is_a_warning(
    ask: Callable[..., Finished],
    github: GitHub,
    record: Callable[..., Any],
    tmp_path: Path,
    what: str,
    period: tuple[str, ...],
) -> None:
    github.serve([record(ago(1))])
    path = tmp_path / "odd"
    if what == "directory":
        path.mkdir()
    elif what == "text":
        path.write_text("not a database\n")
    elif what == "foreign":
        with sqlite3.connect(path) as connection:
            connection.execute("CREATE TABLE theirs (x)")
        connection.close()
    else:
        path.write_text("")
        path = path / "history.sqlite3"
    before = path.read_bytes() if path.is_file() else b""
    plain = ask("org", "acme", *period, "--json", "--no-history")
    done = ask("org", "acme", *period, "--json", COPILOT_USAGE_HISTORY=str(path))
    assert (done.code, done.out) == (0, plain.out)
    warnings = [line for line in done.err.splitlines() if "warning" in line]
    assert len(warnings) == 1, done.err
    assert warnings[0].startswith("copilot-usage: warning: ")
    assert str(path) in warnings[0]
    assert warnings[0].endswith("; the history is left out, and this report is not kept")
    assert (path.read_bytes() if path.is_file() else b"") == before


@pytest.mark.parametrize("args", [("org", "acme", "--source", "user-reports"), ("team", "core", "--org", "acme")])
def test_nothing_of_users_is_in_the_file(
    ask: Callable[..., Finished], github: GitHub, history: Path, args: tuple[str, ...]
) -> None:
    ReportsGitHub(github, range(1, 40))
    assert ask(*args, "--since", "32d").code == 0
    assert len(held(history)) == 32
    content = b"".join(path.read_bytes() for path in history.parent.iterdir())
    for name in NAMES:
        assert name.encode() not in content
    number = int(NAMES[1])
    for size in (5, 6, 8):
        assert number.to_bytes(size, "big") not in content
        assert number.to_bytes(size, "little") not in content


def test_a_shorter_later_answer_deletes_nothing(
    ask: Callable[..., Finished], github: GitHub, record: Callable[..., Any], history: Path
) -> None:
    github.serve([record(ago(n)) for n in (5, 4, 3, 2)])
    ask("org", "acme", "-q")
    github.server.clear()
    github.serve([record(ago(2), total_chat_turns=999)])
    ask("org", "acme", "-q")
    assert [day for _, _, day in held(history)] == [str(ago(n)) for n in (5, 4, 3, 2)]
    done = ask("org", "acme", "--since", "5d", "--json", "-q")
    assert days_of(done) == {
        **{str(ago(n)): ("usage", 9) for n in (5, 4, 3)},
        str(ago(2)): ("usage", 999),
    }


# Answering


def test_the_default_report_is_the_same_with_and_without_a_history(
    ask: Callable[..., Finished], github: GitHub, record: Callable[..., Any], history: Path
) -> None:
    github.serve([record(ago(n)) for n in range(60, 30, -1)])
    ask("org", "acme", "-q")
    assert len(held(history)) == 30
    github.server.clear()
    github.serve([record(ago(n), total_suggestions_count=n) for n in (3, 1)])
    for form in ("table", "json", "csv"):
        without = ask("org", "acme", "-f", form, "--no-history")
        assert ask("org", "acme", "-f", form) == without
        assert ask("org", "acme", "-f", form, COPILOT_USAGE_HISTORY="off") == without


def test_the_classic_request_is_narrowed_and_the_rest_is_from_the_history(
    ask: Callable[..., Finished], call: Run, github: GitHub, record: Callable[..., Any], history: Path, tmp_path: Path
) -> None:
    saved = tmp_path / "saved.json"
    saved.write_text(json.dumps([record(ago(n), total_chat_turns=1) for n in (40, 39, 28, 20)]), "utf-8")
    assert call("history", "import", str(saved), "--scope", "org:acme", "--hostname", "127.0.0.1").code == 0
    github.serve([record(ago(n)) for n in (28, 20, 1)])
    done = ask("org", "acme", "--since", "40d", "--json")
    assert github.arrivals[0].args["since"] == f"{ago(28)}T00:00:00Z"
    assert github.arrivals[0].args["until"] == f"{ago(1)}T23:59:59Z"
    assert days_of(done) == {
        str(ago(40)): ("usage", 1),
        str(ago(39)): ("usage", 1),
        str(ago(28)): ("usage", 9),  # GitHub's answer is the report
        str(ago(20)): ("usage", 9),
        str(ago(1)): ("usage", 9),
    }
    assert done.err == (
        f"copilot-usage: note: no data for 10 days: {ago(38)} to {ago(29)} (GitHub keeps 28 days)\n"
        f"copilot-usage: note: no data for 25 days: {ago(27)} to {ago(21)}, {ago(19)} to {ago(2)}\n"
        f"copilot-usage: note: from the history: {ago(40)} to {ago(39)} (imported on {TODAY}); from GitHub: {ago(28)}, "
        f"{ago(20)}, {ago(1)}\n"
    )


def test_a_wholly_older_period_asks_the_classic_api_nothing(
    ask: Callable[..., Finished], call: Run, github: GitHub, record: Callable[..., Any], history: Path, tmp_path: Path
) -> None:
    saved = tmp_path / "saved.json"
    saved.write_text(json.dumps([record("2024-01-01", total_chat_turns=1)]), "utf-8")
    assert call("history", "import", str(saved), "--scope", "org:acme", "--hostname", "127.0.0.1").code == 0
    github.serve([record(ago(1))])
    for source in ((), ("--source", "usage")):
        done = ask("org", "acme", "--since", "2024-01-01", "--until", "2024-01-31", "--json", "-q", *source)
        assert days_of(done) == {"2024-01-01": ("usage", 1)}
    assert github.arrivals == []


def test_an_older_period_teaches_nothing_about_what_github_speaks(
    ask: Callable[..., Finished], github: GitHub, record: Callable[..., Any], history: Path
) -> None:
    github.serve([record(ago(1))])
    reports: list[str] = []

    def refuse(request: Request) -> Response:
        reports.append(request.path)
        return Response('{"message": "policy"}', 403, mimetype="application/json")

    github.server.expect_request(re.compile(".*/reports/.*")).respond_with_handler(refuse)
    assert ask("org", "acme", "--since", "2024-01-01", "--until", "2024-01-31", "-q").code == 0
    assert ask("org", "acme", "-q").code == 0
    assert (len(github.arrivals), reports) == (1, [])


def test_one_source_per_day(
    ask: Callable[..., Finished], call: Run, github: GitHub, record: Callable[..., Any], history: Path, tmp_path: Path
) -> None:
    sources = {"metrics": (50, 49, 48, 47), "reports": (49, 48), "usage": (48,), "user-reports": (50, 46)}
    for source, days in sources.items():
        saved = tmp_path / f"{source}.json"
        saved.write_text(json.dumps([record(ago(n)) | {"source": source} for n in days]), "utf-8")
        for scope in ("org:acme", "team:acme/core"):
            done = call("history", "import", str(saved), "--scope", scope, "--hostname", "127.0.0.1")
            assert (done.code, done.err) == (0, "")
    github.serve([])
    github.serve([], "/orgs/acme/team/core/copilot/usage")

    def found(*args: str) -> list[str]:
        done = ask(*args, "--since", "50d", "--json", "-q")
        return [f"{TODAY - date.fromisoformat(each['day'])}"[:2] + each["source"] for each in json.loads(done.out)]

    assert found("org", "acme") == ["50metrics", "49reports", "48usage", "47metrics"]
    assert found("team", "core", "--org", "acme") == [
        "50user-reports",
        "49metrics",
        "48usage",
        "47metrics",
        "46user-reports",
    ]
    assert found("org", "acme", "--offline") == ["50metrics", "49reports", "48usage", "47metrics"]
    assert found("org", "acme", "--offline", "--source", "reports") == ["49reports", "48reports"]
    assert found("org", "acme", "--offline", "--source", "user-reports") == ["50user-reports", "46user-reports"]


def test_the_report_says_where_the_source_changes(
    call: Run, history: Path, record: Callable[..., Any], tmp_path: Path
) -> None:
    for source, days in {"usage": (1, 2, 4), "metrics": (3,)}.items():
        saved = tmp_path / f"{source}.json"
        saved.write_text(json.dumps([record(f"2024-11-0{n}") | {"source": source} for n in days]), "utf-8")
        assert call("history", "import", str(saved), "--scope", "org:acme").code == 0
    done = call("org", "acme", "--offline", "--json")
    assert done.err == (
        "copilot-usage: note: the source changes, so the numbers before and after don't compare: usage from 2024-11-01 "
        "to 2024-11-02, metrics from 2024-11-03 to 2024-11-03, usage from 2024-11-04 to 2024-11-04\n"
        "copilot-usage: note: from the history alone (imported on 2026-11-20), nothing was asked of GitHub\n"
    )


def test_settled_and_empty_days_are_not_asked_again(
    ask: Callable[..., Finished], github: GitHub, history: Path
) -> None:
    there = [*range(1, 33), 35, 36]
    server = ReportsGitHub(github, there)
    first = ask("org", "acme", "--since", "36d", "--json", "-q")
    assert first.code == 0
    one_by_one = sorted(each for each in server.asked if "1-day" in each)
    assert one_by_one == [f"organization-1-day {ago(n)}" for n in range(36, 28, -1)]
    server.asked.clear()
    again = ask("org", "acme", "--since", "36d", "--json", "-q")
    assert server.asked == ["organization-28-day/latest"]
    assert again.out == first.out
    assert len(json.loads(again.out)) == len(there)
    why = "GitHub had nothing when it was last asked; --refresh asks again"
    said = ask("org", "acme", "--since", "36d", "--json").err
    assert f"no data for 2 days: {ago(34)} to {ago(33)} ({why})\n" in said


def test_settled_days_of_a_team_are_not_asked_again(
    ask: Callable[..., Finished], github: GitHub, history: Path
) -> None:
    """The next day takes the latest report, and the lists of the days that aren't settled yet."""
    server = ReportsGitHub(github, [n for n in range(1, 29) if n != 20])
    args = ("team", "core", "--org", "acme", "--json")
    first = days_of(ask(*args))
    assert len(server.asked) == 29
    server.asked.clear()
    again = ask(*args)
    assert days_of(again) == first
    unsettled = [f"user-teams-1-day {ago(n)}" for n in (2, 1)]
    assert sorted(server.asked) == sorted(["users-28-day/latest", *unsettled])
    held = f"{ago(28)} to {ago(21)}, {ago(19)} to {ago(3)}"
    assert f"note: from the history: {held} (fetched on {TODAY}); from GitHub: {ago(2)} to {ago(1)}\n" in again.err
    for more in ("--refresh", "--no-history", "--source=user-reports"):
        server.asked.clear()
        assert days_of(ask(*args, more)) == first
        assert len(server.asked) == 29


def test_a_team_on_no_list_makes_nobody_ask_again(ask: Callable[..., Finished], github: GitHub, history: Path) -> None:
    """That it was not listed on settled days is kept; it is an error each time, as if it were new."""
    server = ReportsGitHub(github, range(1, 29))
    for names in (["core", "gone"], ["gone"]):
        args = ("team", *names, "--org", "acme", "--json", "-q")
        first = ask(*args)
        assert first.code == 5
        assert "team:acme/gone is on no list of team members" in first.err
        server.asked.clear()
        again = ask(*args)
        assert (again.code, again.out) == (first.code, first.out)
        assert "team:acme/gone is on no list of team members" in again.err
        unsettled = [f"user-teams-1-day {ago(n)}" for n in (3, 2, 1)]
        assert sorted(server.asked) == sorted(["users-28-day/latest", *unsettled])
    assert {scope for scope, _, _ in held(history)} == {"team:acme/core"}


def test_a_slug_that_moves_to_another_team_takes_no_days_along(
    ask: Callable[..., Finished], call: Run, github: GitHub, history: Path
) -> None:
    """What is held of the first is of another team; it is kept, by that one's id."""
    server = ReportsGitHub(github, range(1, 29))
    first = days_of(ask("team", "core", "--org", "acme", "--json"))
    server.team, server.restated, server.asked = 2, 100, []
    second = ask("team", "core", "--org", "acme", "--json")
    assert len([request for request in server.asked if "teams" in request]) >= 28
    fresh = days_of(ask("team", "core", "--org", "acme", "--json", "--no-history"))
    assert days_of(second) == fresh
    assert "team:acme/core is another team now (team_id 2); the days of the former are team:acme/1\n" in second.err
    sizes = Counter(scope for scope, _, _ in held(history))
    assert sizes == {"team:acme/core": 28, "team:acme/1": 28}
    offline = call("team", "1", "--org", "acme", "--offline", "--json", "--api-url", github.url, "--since", "28d")
    assert (offline.code, set(days_of(offline))) == (0, set(first)), offline.err
    assert call("history", "check").code == 0
    server.asked.clear()
    assert days_of(ask("team", "core", "--org", "acme", "--json")) == fresh
    assert len(server.asked) == 3


@pytest.mark.parametrize("args", [("team", "core", "web", "--org", "acme"), ("org", "acme")])
def test_what_came_before_a_failure_is_kept(
    args: tuple[str, ...], ask: Callable[..., Finished], github: GitHub, history: Path
) -> None:
    """The next run asks for the rest."""
    server = ReportsGitHub(github, range(1, 61))
    server.failing = f"-1-day {ago(40)}"
    command = (*args, "--since", "60d", "--json", "-q", "--jobs", "1")
    failed = ask(*command)
    assert failed.code == 6
    before = [request for request in server.asked if "teams" not in request]
    assert len(held(history)) >= 28
    server.failing, server.asked = "nothing", []
    after = ask(*command)
    assert after.code == (5 if "web" in args else 0)  # which is on no list
    asked = [request for request in server.asked if "teams" not in request]
    assert len(before) == 22  # the latest report, and days from the oldest to the one that fails
    assert len(asked) == 1 + 60 - 28 - 20
    assert len(json.loads(after.out)) == 60


def test_a_team_by_another_name_is_kept_by_its_own(ask: Callable[..., Finished], github: GitHub, history: Path) -> None:
    """So that a team that gets that name later has no days of this one."""
    server = ReportsGitHub(github, range(1, 29))
    first = days_of(ask("team", "1", "--org", "acme", "--json"))
    assert {scope for scope, _, _ in held(history)} == {"team:acme/core"}
    server.asked.clear()
    again = ask("team", "core", "--org", "acme", "--json")
    assert days_of(again) == first
    assert len(server.asked) == 3
    server.latest = server.latest[7:]  # what GitHub no longer has comes from the history, by either name
    server.days = set(server.latest)
    for name in ("1", "core"):
        found = ask("team", name, "--org", "acme", "--json", "--since", "28d")
        assert days_of(found) == first
        assert {each["scope"] for each in json.loads(found.out)} == {f"team:acme/{name}"}


def test_refresh_asks_for_what_is_held_and_updates_it(
    ask: Callable[..., Finished], github: GitHub, history: Path
) -> None:
    server = ReportsGitHub(github, range(1, 37))
    args = ("org", "acme", "--since", "36d", "--json", "-q")
    first = json.loads(ask(*args).out)
    server.restated = 1000
    server.asked.clear()
    known = {each["day"]: each["total_suggestions_count"] for each in json.loads(ask(*args).out)}
    assert server.asked == ["organization-28-day/latest"]
    old = {each["day"]: each["total_suggestions_count"] for each in first}
    assert known == {day: count + (1000 if day >= str(ago(28)) else 0) for day, count in old.items()}
    note = ask(*args[:-1]).err.splitlines()[0]
    held = f"from the history: {ago(36)} to {ago(29)} (fetched on {TODAY})"
    assert note == f"copilot-usage: note: {held}; from GitHub: {ago(28)} to {ago(1)}"
    refreshed = json.loads(ask(*args, "--refresh").out)
    assert {each["day"]: each["total_suggestions_count"] - 1000 for each in refreshed} == old
    assert json.loads(ask(*args).out) == refreshed
    server.restated = 2000
    server.asked.clear()
    done = ask("history", "sync", "org:acme", "--since", "36d", "--refresh")
    assert done.out == "org:acme: stored 36 days\n"
    assert len(server.asked) == 9


@pytest.mark.parametrize(
    ("other", "message"),
    [(["--offline"], "--offline"), (["--input", "x"], "--input"), (["--demo"], "--demo")],
)
def test_refresh_needs_a_github(call: Run, other: list[str], message: str) -> None:
    done = call("org", "acme", "--refresh", *other)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"copilot-usage: error: --refresh and {message} exclude each other\n")


def test_a_young_day_without_data_is_asked_again(ask: Callable[..., Finished], github: GitHub, history: Path) -> None:
    server = ReportsGitHub(github, [4, 1])
    server.has_latest = False  # as on the first days after the policy was enabled
    args = ("org", "acme", "--since", "6d", "--json", "-q")
    assert len(json.loads(ask(*args).out)) == 2
    assert sorted(server.asked)[:-1] == [f"organization-1-day {ago(n)}" for n in range(6, 0, -1)]
    server.asked.clear()
    assert len(json.loads(ask(*args).out)) == 2
    assert sorted(server.asked)[:-1] == [f"organization-1-day {ago(n)}" for n in (3, 2, 1)]


def test_nothing_is_asked_beyond_a_year(ask: Callable[..., Finished], github: GitHub, history: Path) -> None:
    server = ReportsGitHub(github, range(1, 400))
    done = ask("org", "acme", "--since", "2024-01-01", "--json", "-q")
    assert done.code == 0
    asked = sorted(each.split()[1] for each in server.asked if "1-day" in each)
    assert date.fromisoformat(asked[0]) == max(ago(365), date(2025, 12, 12))
    assert len(asked) == len(set(asked))


def test_another_host_is_another_history(
    ask: Callable[..., Finished], call: Run, github: GitHub, record: Callable[..., Any], history: Path
) -> None:
    github.serve([record(ago(1))])
    ask("org", "acme", "-q")
    assert json.loads(call("org", "acme", "--offline", "--json", "-q").out) == []
    assert len(json.loads(call("org", "acme", "--offline", "--json", "-q", "--hostname", "127.0.0.1").out)) == 1
    assert len(json.loads(call("org", "ACME", "--offline", "--json", "-q", "--hostname", "127.0.0.1").out)) == 1


@pytest.mark.parametrize("args", [("org", "acme"), ("history", "sync", "org:acme")])
def test_an_empty_file_that_a_killed_run_left_is_filled(
    args: tuple[str, ...], ask: Callable[..., Finished], github: GitHub, history: Path
) -> None:
    ReportsGitHub(github, range(1, 29))
    history.parent.mkdir(parents=True, exist_ok=True)
    history.touch()
    done = ask(*args, "-q")
    assert (done.code, done.err) == (0, "")
    assert history.stat().st_size


def test_days_that_were_not_asked_for_come_from_the_source_that_was_asked(
    ask: Callable[..., Finished],
    call: Run,
    github: GitHub,
    history: Path,
    tmp_path: Path,
    record: Callable[..., Any],
) -> None:
    """A day that the history has from another source, too, is the same in the next run."""
    ReportsGitHub(github, range(1, 29))
    args = ("team", "core", "--org", "acme", "--json", "-q")
    first = ask(*args).out
    saved = tmp_path / "usage.json"
    saved.write_text(json.dumps([record(ago(10))]))
    assert call("history", "import", str(saved), "--scope", "team:acme/core", "--hostname", "127.0.0.1").code == 0
    assert days_of(ask(*args)) == {
        each["day"]: (each["source"], each["total_chat_turns"]) for each in json.loads(first)
    }
