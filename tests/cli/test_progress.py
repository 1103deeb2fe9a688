from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from support.clock import NOW, ago
from support.limits import HANG
from support.processes import shown_in_terminal

from copilot_usage_cli.cli import progress
from copilot_usage_cli.cli.progress import ProgressBar

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.faulty import Faulty
    from support.program import Run, RunInTerminal

CLEARED = "\x1b[2K"
HIDDEN, SHOWN = "\x1b[?25l", "\x1b[?25h"

DRAW = """
import sys, time
from copilot_usage_cli.cli import output, progress
progress._DELAY = float(sys.argv[1])
with progress.ProgressBar(shown=sys.argv[2] == "shown") as bar:
    bar.name("fetching [red]org:acme")
    while bar._shown and sys.argv[1] == "0" and bar._drawn is None:  # its libraries take their time
        time.sleep(0.01)
    time.sleep(0.15)
    with bar.away():
        print("org:acme: stored 3 days", flush=True)
    bar.expect(5)
    for n in range(5):
        time.sleep(0.03)
        if n == 2:
            output.say("waiting 1 s for a fault")
        bar.step()
    if sys.argv[2:] == ["shown", "fails"]:
        raise SystemExit(3)
print("the report")
"""


NARROW = """
import time
from copilot_usage_cli.cli import progress
progress._DELAY = 0
with progress.ProgressBar(shown=True) as bar:
    bar.name("fetching team:acme/platform-engineering from api.github.com")
    bar.expect(200, "scopes")
    bar.expect(400)
    for _ in range(37):
        bar.step("scopes")
    while bar._drawn is None or not bar._drawn.live.is_started:  # its libraries take their time
        time.sleep(0.01)
    bar._drawn.refresh()
"""


def draw(*args: str, env: dict[str, str] | None = None, stderr_is_terminal: bool = True) -> str:
    """Draw a bar in a process of its own, and give what its terminal was sent."""
    options = {} if stderr_is_terminal else {"stderr": subprocess.DEVNULL}
    _, sent = shown_in_terminal(80, [sys.executable, "-c", DRAW, *args], env=env, **options)
    return sent


def left(sent: str) -> list[str]:
    """Play what a terminal was sent, and give the lines that are left on the screen."""
    lines, row = [""], 0
    for part in re.split(r"(\x1b\[[\d;?]*[A-Za-z]|\r|\n)", sent):
        if part == "\n":
            row += 1
            lines += [""] * (row + 1 - len(lines))
        elif part == CLEARED:
            lines[row] = ""
        elif up := re.fullmatch(r"\x1b\[(\d+)A", part):
            row -= int(up[1])
        elif part and part != "\r" and not part.startswith("\x1b"):
            lines[row] = part if not lines[row] else lines[row] + part
    return [line for line in lines if line.strip()]


def test_a_long_fetch_shows_a_bar_and_leaves_nothing_of_it() -> None:
    sent = draw("0", "shown")
    assert "fetching [red]org:acme" in sent
    assert "5 of 5 reports" in sent
    assert left(sent) == ["org:acme: stored 3 days", "copilot-usage: waiting 1 s for a fault", "the report"]
    assert sent.rfind(SHOWN) > sent.rfind(HIDDEN) >= 0


@pytest.mark.parametrize(
    ("columns", "name", "bar"),
    [
        (40, "fetching team:acm... 37 of 200 scopes", False),
        (60, "fetching team:acme/platform-engineeri... 37 of 200 scopes", False),
        (80, "fetching team:acme/platform-... ", True),
        (160, "fetching team:acme/platform-engineering from api.github.com", True),
    ],
)
def test_a_bar_fits_on_one_line_and_keeps_its_numbers(columns: int, name: str, bar: bool) -> None:
    _, sent = shown_in_terminal(columns, [sys.executable, "-c", NARROW])
    drawn = next(line for line in re.split(r"[\r\n]+", re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", sent)) if "37 of" in line)
    assert name in drawn
    assert "37 of 200 scopes" in drawn
    assert ("━" in drawn) is bar
    assert len(drawn) <= columns


def test_a_fetch_that_fails_leaves_nothing_of_the_bar_either() -> None:
    sent = draw("0", "shown", "fails")
    assert "fetching" in sent
    assert left(sent) == ["org:acme: stored 3 days", "copilot-usage: waiting 1 s for a fault"]
    assert sent.rfind(SHOWN) > sent.rfind(HIDDEN) >= 0


@pytest.mark.parametrize(
    ("args", "options"),
    [
        ([str(HANG), "shown"], {}),
        (["0", "hidden"], {}),
        (["0", "shown"], {"stderr_is_terminal": False}),
        (["0", "shown"], {"stderr_is_terminal": False, "env": {"FORCE_COLOR": "1", "TTY_COMPATIBLE": "1"}}),
        (["0", "shown"], {"env": {"TERM": "dumb"}}),
    ],
    ids=["a short fetch", "quiet", "no terminal", "forced colours", "a dumb terminal"],
)
def test_there_is_no_bar(args: list[str], options: dict[str, Any]) -> None:
    sent = draw(*args, **options)
    assert "fetching" not in sent
    assert "\x1b" not in sent


def test_the_bar_comes_past_half_a_second() -> None:
    assert progress._DELAY == 0.5


def test_one_answer_that_takes_long_is_named(
    faulty: Callable[..., Faulty], behaviours: Any, run_in_terminal: RunInTerminal
) -> None:
    def late(connection: Any) -> None:
        server.ended.wait(1.2)
        connection.sendall(behaviours.reply(200, b"[]"))

    server = faulty(late)
    args = ("org", "acme", "--source", "usage", "--api-url", server.url)
    shown = run_in_terminal(80, *args, env=ENV, now=NOW)
    assert shown.code == 0
    netloc = server.url.removeprefix("http://")
    assert f"fetching org:acme from {netloc}" in shown.out
    assert " of " not in shown.out.partition("org:acme | ")[0]
    assert left(shown.out)[0].startswith("org:acme | no days")


def test_a_bar_may_be_told_of_more_to_come(monkeypatch: pytest.MonkeyPatch) -> None:
    bar = ProgressBar(shown=False)
    bar.name("reading")
    bar.expect(2)
    bar.expect(3)
    for _ in range(5):
        bar.step()
    bar.expect(3, "scopes")
    assert (bar._counts, bar._drawn) == ({"reports": [5, 5], "scopes": [0, 3]}, None)
    monkeypatch.setattr(sys, "stderr", None)
    assert not ProgressBar(shown=True)._shown


def slow_server(faulty: Callable[..., Faulty], behaviours: Any) -> Faulty:
    def absent(connection: Any) -> None:
        faulty_ended.wait(0.12)
        connection.sendall(behaviours.reply(204, b"", Content_Length=""))

    server = faulty(absent)
    faulty_ended = server.ended
    return server


def arguments(server: Faulty) -> list[str]:
    since, until = ago(60), ago(49)
    return [
        *("org", "acme", "--source", "reports", "--api-url", server.url, "--jobs", "2"),
        *("--since", str(since), "--until", str(until), "-f", "csv"),
    ]


ENV = {"GH_TOKEN": "made-up", "COPILOT_USAGE_HISTORY": "off"}


def test_the_program_shows_the_bar_in_a_terminal_only(
    faulty: Callable[..., Faulty], behaviours: Any, run_in_terminal: RunInTerminal, run: Run
) -> None:
    server = slow_server(faulty, behaviours)
    shown = run_in_terminal(80, *arguments(server), env=ENV, now=NOW)
    assert shown.code == 0
    assert "fetching" in shown.out
    assert len(server.requests) == 12
    rows = left(shown.out)
    assert rows[0].startswith("scope,source,day,")
    assert rows[1].startswith("copilot-usage: note: no data")
    assert len(rows) == 2
    assert "fetching" not in run_in_terminal(80, *arguments(server), "-q", env=ENV, now=NOW).out
    piped = run(*arguments(server), env=ENV, now=NOW)
    assert "fetching" not in piped.out + piped.err
