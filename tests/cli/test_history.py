"""The history commands, as people and cron run them: whole stdout and stderr."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from support.clock import ago
from support.expected import check
from support.limits import HANG
from support.processes import shown_in_terminal, started, terminal
from werkzeug import Request, Response

from copilot_usage_cli.history.store import History
from copilot_usage_cli.model.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.github import GitHub
    from support.program import Finished, Run, RunInTerminal

OFF = "the history is off\nhint: unset COPILOT_USAGE_HISTORY, or let it name a file\n"


@pytest.fixture
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Switch the history on, in the working directory."""
    monkeypatch.chdir(tmp_path)  # so that expected texts hold no path of a machine
    monkeypatch.setenv("COPILOT_USAGE_HISTORY", "history.sqlite3")
    return tmp_path / "history.sqlite3"


@pytest.fixture
def sync(call: Run, github: GitHub, token: str) -> Callable[..., Finished]:
    def finish(*args: str, **env: str) -> Finished:
        return call(
            "history", "sync", *args, "--api-url", github.url, "--max-wait", "0", env={"GH_TOKEN": token, **env}
        )

    return finish


@pytest.fixture
def save(history: Path, record: Callable[..., Any]) -> Callable[..., str]:
    """Save days of the classic API to a file, and give its name."""

    def write(*days: str, name: str = "saved.json", **fields: Any) -> str:
        Path(name).write_text(json.dumps([record(day, **fields) for day in days]), "utf-8")
        return name

    return write


def days(scope: str, source: str, host: str = "github.com") -> dict[str, int | None]:
    """Give what is held of a scope and source: the suggestions of each day."""
    with History(Path("history.sqlite3"), create=False) as opened:
        records = opened.load(host, Scope.parse(scope), (source,), None, None)
    return {str(each.day): each.total_suggestions_count for each in records}


def error(done: Finished, code: int, message: str) -> None:
    assert (done.code, done.out, done.err) == (code, "", f"copilot-usage: error: {message}")


# The group


def test_alone_it_prints_its_help(call: Run, history: Path) -> None:
    done = call("history")
    assert (done.code, done.err) == (2, "")
    check("history-help", done.out)
    assert call("history", "--help").out == done.out
    assert not history.exists()


@pytest.mark.parametrize(
    "command",
    [
        ("sync", "org:acme"),
        ("list",),
        ("import", "saved.json", "--scope", "org:acme"),
        ("remove", "org:acme", "--yes"),
        ("check",),
        ("path",),
    ],
)
def test_switched_off(call: Run, save: Callable[..., str], token: str, command: tuple[str, ...]) -> None:
    save("2024-06-03")
    done = call("history", *command, env={"COPILOT_USAGE_HISTORY": "off", "GH_TOKEN": token})
    error(done, 2, OFF)


@pytest.mark.parametrize("command", ["sync", "import --scope org:acme", "remove --yes"])
@pytest.mark.parametrize("name", ["ent:core", "org:", "team:core", "org:a/b/c", "repo:acme"])
def test_scopes_that_are_none(call: Run, save: Callable[..., str], token: str, command: str, name: str) -> None:
    command = command.replace("org:acme", name)
    rest = [] if "--scope" in command else [name]
    rest = [save("2024-06-03")] if "--scope" in command else rest
    done = call("history", *command.split(), *rest, env={"GH_TOKEN": token})
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("copilot-usage: error: ")


def test_path(call: Run, run: Run, history: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = call("history", "path")
    assert (done.code, done.out, done.err) == (0, "history.sqlite3\n", "")
    monkeypatch.delenv("COPILOT_USAGE_HISTORY")
    elsewhere = run("history", "path")
    assert elsewhere.out == f"{os.environ['XDG_DATA_HOME']}/copilot-usage/history.sqlite3\n".replace("/./", "/")
    assert not history.exists()


def test_path_shows_a_terminal_no_controls(script: Path, tmp_path: Path) -> None:
    """In a pipe it is what the variable says, byte for byte."""
    env = {"COPILOT_USAGE_HISTORY": "a\x1b]0;title\x07b"}
    done = subprocess.run(
        [script, "history", "path"], env={**os.environ, **env}, cwd=tmp_path, capture_output=True, check=True
    )
    assert done.stdout == b"a\x1b]0;title\x07b\n"
    code, sent = shown_in_terminal(80, [script, "history", "path"], env=env)
    assert (code, sent) == (0, "a\\x1b]0;title\\x07b\n")


# sync


def test_sync_of_several_scopes(
    sync: Callable[..., Finished], github: GitHub, record: Callable[..., Any], history: Path
) -> None:
    github.serve([record(ago(n)) for n in (3, 2, 1)])
    github.serve([record(ago(1))], "/enterprises/mega/team/core/copilot/usage")
    first = sync("org:acme", "team:enterprise:mega/core")
    assert (first.code, first.out) == (0, "org:acme: stored 3 days\nteam:enterprise:mega/core: stored 1 day\n")
    assert first.err == (
        "copilot-usage: daily records are kept in history.sqlite3 from now on (--no-history turns this off)\n"
    )
    again = sync("org:acme", "team:enterprise:mega/core")
    assert (again.code, again.out, again.err) == (
        0,
        "org:acme: stored 0 days\nteam:enterprise:mega/core: stored 0 days\n",
        "",
    )
    assert github.arrivals[0].args["since"] == f"{ago(28)}T00:00:00Z"
    assert len(days("org:acme", "usage", "127.0.0.1")) == 3


def test_sync_since(sync: Callable[..., Finished], github: GitHub, record: Callable[..., Any], history: Path) -> None:
    github.serve([record(ago(n)) for n in (9, 3, 2, 1)])
    done = sync("org:acme", "--since", "3d", "-q")
    assert (done.code, done.out, done.err) == (0, "org:acme: stored 3 days\n", "")
    assert github.arrivals[0].args["since"] == f"{ago(3)}T00:00:00Z"


def test_sync_ends_in_the_first_failures_code_after_all_were_tried(
    sync: Callable[..., Finished], github: GitHub, record: Callable[..., Any], history: Path
) -> None:
    def refuse(status: int) -> Callable[[Request], Response]:
        return lambda _: Response('{"message": "no"}', status, mimetype="application/json")

    for path, status in {"/orgs/gone/.*": 404, "/orgs/shut/.*": 403, "/orgs/down/.*": 500}.items():
        github.server.expect_request(re.compile(path)).respond_with_handler(refuse(status))
    github.serve([record(ago(1))])
    done = sync("org:down", "org:gone", "org:shut", "org:acme", "-q")
    assert (done.code, done.out) == (6, "org:acme: stored 1 day\n")
    errors = [line for line in done.err.splitlines() if line.startswith("copilot-usage: error: ")]
    assert len(errors) == 3
    assert sync("org:gone", "org:down", "-q").code == 5
    assert sync("org:shut", "org:gone", "org:acme", "-q").code == 4


@pytest.mark.parametrize("what", ["directory", "text", "foreign"])
def test_sync_that_cannot_store(
    sync: Callable[..., Finished], github: GitHub, record: Callable[..., Any], history: Path, what: str
) -> None:
    github.serve([record(ago(1))])
    if what == "directory":
        history.mkdir()
    elif what == "text":
        history.write_text("words\n", "utf-8")
    else:
        with sqlite3.connect(history) as connection:
            connection.execute("CREATE TABLE theirs (x)")
        connection.close()
    before = history.read_bytes() if history.is_file() else b""
    done = sync("org:acme", "-q")
    assert (done.code, done.out) == (8, "")
    assert done.err.startswith("copilot-usage: error: ")
    assert "history.sqlite3" in done.err
    assert len(done.err.splitlines()) == 2  # what happened, and a hint
    assert (history.read_bytes() if history.is_file() else b"") == before


def test_sync_without_a_token(call: Run, history: Path) -> None:
    done = call("history", "sync", "org:acme", "--hostname", "git.example.com", env={"PATH": ""})
    assert (done.code, done.out) == (4, "")
    assert not history.exists()


def test_sync_needs_a_scope(call: Run, history: Path) -> None:
    error(call("history", "sync"), 2, "missing argument 'SCOPE'\nhint: see `copilot-usage history sync --help`\n")


# list


@pytest.fixture
def several(call: Run, save: Callable[..., str]) -> None:
    """Import three scopes, two sources, gaps, and a second host."""
    for args in (
        (save("2024-06-03", "2024-06-04", "2024-06-07"), "--scope", "org:acme"),
        (save("2024-06-05", name="team.json"), "--scope", "team:enterprise:megacorp/ent:a-team-with-a-long-name"),
        (save("2024-06-03", name="ghe.json"), "--scope", "org:acme", "--hostname", "octo.ghe.com"),
    ):
        assert call("history", "import", *args).code == 0
    Path("metrics.json").write_text('[{"date": "2024-06-09", "total_active_users": 1}]', "utf-8")
    assert call("history", "import", "metrics.json", "--scope", "org:acme").code == 0


def sized(text: str) -> str:
    """Leave out the size of a file, which is SQLite's matter."""
    return re.sub(r": [\d,]+ bytes", ": N bytes", text)


def test_list_in_a_pipe_and_in_a_terminal(several: None, call: Run, run_in_terminal: RunInTerminal) -> None:
    done = call("history", "list")
    assert (done.code, done.err) == (0, "")
    assert f": {Path('history.sqlite3').stat().st_size:,} bytes" in done.out
    check("history-list", sized(done.out))
    shown = run_in_terminal(80, "history", "list")
    assert shown.code == 0
    plain = re.sub(r" +$", "", re.sub(r"\x1b\[[0-9;]*m", "", shown.out), flags=re.MULTILINE)
    assert max(map(len, plain.splitlines())) <= 80
    check("history-list-80", sized(plain))


def test_list_as_json(several: None, call: Run) -> None:
    done = call("history", "list", "--json")
    assert (done.code, done.err) == (0, "")
    check("history-list-json", re.sub(r'"size": \d+', '"size": "N"', done.out))


def test_list_of_nothing(call: Run, history: Path) -> None:
    done = call("history", "list")
    assert (done.code, done.out, done.err) == (0, "there is no history yet at history.sqlite3\n", "")
    document = json.loads(call("history", "list", "--json").out)
    assert document == {"path": "history.sqlite3", "size": 0, "scopes": []}
    assert not history.exists()


def test_list_of_another_file(call: Run, history: Path) -> None:
    history.write_text("words\n", "utf-8")
    done = call("history", "list")
    assert (done.code, done.out) == (8, "")


# import


def test_import_of_all_three_generations(call: Run, save: Callable[..., str]) -> None:
    save("2024-06-03", name="classic.json")
    Path("metrics.json").write_text(json.dumps([{"date": "2025-06-03", "total_active_users": 5}]), "utf-8")
    counts = {"code_generation_activity_count": 9, "code_acceptance_activity_count": 4}
    feature = {"feature": "code_completion", **counts}
    aggregate = {"day_totals": [{"day": "2026-06-03", "daily_active_users": 3, "totals_by_feature": [feature]}]}
    Path("report.json").write_text(json.dumps(aggregate), "utf-8")
    users = [
        {"user_id": n, "user_login": f"someone-{n}", "day": "2026-06-04", "totals_by_feature": [feature]}
        for n in (1, 2)
    ]
    Path("users.ndjson").write_text("\n".join(map(json.dumps, users)), "utf-8")
    files = ("classic.json", "metrics.json", "report.json", "users.ndjson")
    done = call("history", "import", *files, "--scope", "org:acme")
    assert (done.code, done.out, done.err) == (0, "org:acme: stored 4 of 4 days\n", "")
    assert days("org:acme", "usage") == {"2024-06-03": 100}
    assert days("org:acme", "metrics") == {"2025-06-03": None}
    assert days("org:acme", "reports") == {"2026-06-03": 9}
    assert days("org:acme", "user-reports") == {"2026-06-04": 18}
    assert b"someone" not in Path("history.sqlite3").read_bytes()
    series = json.loads(call("org", "acme", "--offline", "--json", "-q").out)
    assert [each["source"] for each in series] == ["usage", "metrics", "reports"]
    again = call("history", "import", *files, "--scope", "org:acme")
    assert (again.code, again.out) == (0, "org:acme: stored 0 of 4 days\n")


def test_import_from_stdin(run: Run, history: Path, record: Callable[..., Any]) -> None:
    text = json.dumps([record("2024-06-03")])
    done = run("history", "import", "-", "--scope", "org:acme", stdin=text)
    assert (done.code, done.out, done.err) == (0, "org:acme: stored 1 of 1 day\n", "")


def test_import_never_replaces_a_fetched_day(
    call: Run, sync: Callable[..., Finished], github: GitHub, record: Callable[..., Any], save: Callable[..., str]
) -> None:
    github.serve([record(ago(2)), record(ago(1))])
    assert sync("org:acme", "-q").code == 0
    args = ("--scope", "org:acme", "--hostname", "127.0.0.1")
    done = call("history", "import", save(str(ago(3)), str(ago(2)), total_suggestions_count=1), *args)
    assert (done.code, done.out) == (0, "org:acme: stored 1 of 2 days\n")
    assert done.err == f"copilot-usage: note: 1 day not stored, since a later statement is held: {ago(2)}\n"
    assert days("org:acme", "usage", "127.0.0.1") == {str(ago(3)): 1, str(ago(2)): 100, str(ago(1)): 100}
    done = call("history", "import", save(str(ago(3)), total_suggestions_count=2), *args)
    assert done.out == "org:acme: stored 1 of 1 day\n"  # an import replaces an import
    github.server.clear()
    github.serve([record(ago(3))])
    assert sync("org:acme", "-q").out == "org:acme: stored 1 day\n"  # and a fetch replaces it
    assert days("org:acme", "usage", "127.0.0.1")[str(ago(3))] == 100


def test_import_of_a_day_twice_says_so(call: Run, save: Callable[..., str]) -> None:
    one = save("2024-06-03", "2024-06-04", name="one.json")
    two = save("2024-06-03", name="two.json", total_suggestions_count=5)
    done = call("history", "import", one, two, "--scope", "org:acme")
    assert (done.code, done.out) == (0, "org:acme: stored 2 of 2 days\n")
    assert done.err == (
        "copilot-usage: note: 1 day came more than once with different numbers, the last read counts: 2024-06-03\n"
    )
    assert days("org:acme", "usage") == {"2024-06-03": 5, "2024-06-04": 100}
    same = call("history", "import", two, two, "--scope", "org:acme")
    assert (same.code, same.err) == (0, "")


def test_import_of_what_is_not_there_or_is_nothing(call: Run, history: Path) -> None:
    done = call("history", "import", "nosuch.json", "--scope", "org:acme")
    assert (done.code, done.out) == (2, "")
    assert "nosuch.json: No such file or directory" in done.err
    Path("words").write_text("words", "utf-8")
    done = call("history", "import", "words", "--scope", "org:acme")
    assert (done.code, done.out) == (7, "")
    assert not history.exists()


def test_import_is_all_or_nothing(call: Run, save: Callable[..., str], history: Path) -> None:
    good = save("2024-06-03", name="good.json")
    Path("bad.json").write_text('[{"day": "2024-06-04", "total_suggestions_count": "many"}]', "utf-8")
    assert call("history", "import", good, "bad.json", "--scope", "org:acme").code == 7
    assert not history.exists()


def test_import_of_another_scopes_file(call: Run, save: Callable[..., str]) -> None:
    name = save("2024-06-03", scope="org:other", source="usage")
    done = call("history", "import", name, "--scope", "org:acme")
    assert (done.code, done.out) == (2, "")
    assert "belongs to 'org:other', not to 'org:acme'" in done.err


# remove


@pytest.mark.parametrize(("answer", "removed"), [("y", 3), ("YES", 3), ("n", 0), ("", 0), ("yep", 0)])
def test_remove_asks_on_a_terminal(
    several: None, script: Path, answer: str, removed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = [script, "history", "remove", "org:acme", "--hostname", "github.com", "--before", "2024-06-08"]
    with terminal() as (ours, theirs), started(command, stdin=theirs) as process:
        os.write(ours, f"{answer}\n".encode())
        out, err = (each.decode() for each in process.communicate(timeout=HANG))
    question = "Remove all days before 2024-06-08 of org:acme from history.sqlite3? [y/N] "
    if removed:
        assert (process.returncode, out, err) == (0, "org:acme: removed 3 days\n", question)
        assert days("org:acme", "usage") == {}
    else:
        assert (process.returncode, out) == (2, "")
        assert err == f"{question}copilot-usage: error: nothing was removed\nhint: answer y, or add --yes\n"
        assert len(days("org:acme", "usage")) == 3
    assert len(days("org:acme", "usage", "octo.ghe.com")) == 1
    assert len(days("org:acme", "metrics")) == 1


def test_remove_without_a_terminal(several: None, run: Run) -> None:
    done = run("history", "remove", "org:acme", stdin="y\n")
    error(done, 2, "nobody is there to ask whether to remove days\nhint: add --yes\n")
    assert len(days("org:acme", "usage")) == 3


def test_remove_with_yes(several: None, call: Run) -> None:
    done = call("history", "remove", "org:ACME", "--before", "2024-06-07", "--yes")
    assert (done.code, done.out, done.err) == (0, "org:ACME: removed 3 days\n", "")
    assert days("org:acme", "usage") == {"2024-06-07": 100}
    assert days("org:acme", "usage", "octo.ghe.com") == {}
    done = call("history", "remove", "org:acme", "-y")
    assert (done.code, done.out) == (0, "org:acme: removed 2 days\n")
    assert len(days("team:enterprise:megacorp/ent:a-team-with-a-long-name", "usage")) == 1
    assert call("history", "remove", "org:acme", "-y").out == "org:acme: removed 0 days\n"


def test_remove_from_nothing(call: Run, history: Path) -> None:
    done = call("history", "remove", "org:acme", "--yes")
    error(done, 2, "there is no history at history.sqlite3\nhint: nothing was removed\n")
    assert not history.exists()


# check


def test_check_of_a_sound_history(several: None, call: Run) -> None:
    done = call("history", "check")
    assert (done.code, done.out, done.err) == (0, "history.sqlite3 is sound\n", "")


def test_check_of_a_changed_day(several: None, call: Run) -> None:
    with sqlite3.connect("history.sqlite3") as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(day)")]
        name = next(column for column in columns if "suggestions" in column)
        connection.execute(f"UPDATE day SET {name} = {name} + 1 WHERE {name} IS NOT NULL")
    connection.close()
    done = call("history", "check")
    assert (done.code, done.err) == (8, "")
    assert "org:acme on 2024-06-03 (usage, github.com) is not what was stored\n" in done.out
    offline = call("org", "acme", "--offline")
    assert (offline.code, offline.out) == (8, "")


def test_check_of_a_damaged_file(several: None, call: Run, history: Path) -> None:
    content = bytearray(history.read_bytes())
    content[4096:] = b"\xa5" * (len(content) - 4096)
    history.write_bytes(content)
    done = call("history", "check")
    assert done.code == 8
    assert done.out + done.err
    assert "Traceback" not in done.err


def test_check_of_nothing(call: Run, history: Path) -> None:
    error(
        call("history", "check"),
        2,
        "there is no history at history.sqlite3\nhint: it is made when a report is fetched\n",
    )
