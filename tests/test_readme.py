"""The README's and the examples' commands are run, and what they print is compared with what stands there."""

import os
import re
import shutil
import sqlite3
import subprocess
import sysconfig
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
BLOCK = re.compile(
    r"(?:<!-- terminal (?P<columns>\d+) -->\n)?```console\n\$ (?P<command>[^\n]*)\n(?P<output>.*?)```\n", re.DOTALL
)
SGR = re.compile(r"\x1b\[[\d;]*m")


def blocks() -> list[re.Match[str]]:
    return list(BLOCK.finditer(README.read_text("utf-8")))


def shell(command: str) -> str:
    if "| jq" in command and not shutil.which("jq"):
        pytest.skip("jq is not installed")
    path = os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]])
    ran = subprocess.run(
        ["bash", "-c", command],
        cwd=ROOT,
        env={**os.environ, "PATH": path},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return ran.stdout


def test_readme_shows_outputs() -> None:
    assert len(blocks()) >= 8


@pytest.mark.parametrize("number", range(len(blocks())))
def test_readme_output_is_what_the_command_prints(number: int, run_in_terminal: Callable[..., Any]) -> None:
    block = blocks()[number]
    if block["columns"]:
        printed = SGR.sub("", run_in_terminal(int(block["columns"]), *block["command"].split()[1:]).out)
    else:
        printed = shell(block["command"])
    printed = re.sub(r" +$", "", printed, flags=re.MULTILINE)
    if os.environ.get("UPDATE_EXPECTED"):
        text = README.read_text("utf-8")
        README.write_text(text[: block.start("output")] + printed + text[block.end("output") :], "utf-8")
    else:
        assert printed == block["output"]


def test_every_option_is_in_the_readme() -> None:
    text = README.read_text("utf-8")
    commands = ["org", "enterprise", "team", "completion", "doctor"]
    commands += [f"history {name}" for name in ("sync", "list", "import", "remove", "check", "path")]
    for command in commands:
        for option in re.findall(r"^  (?:-\w, )?(--[\w-]+)", shell(f"copilot-usage {command} --help"), re.MULTILINE):
            assert re.search(rf"`(\w+ )?{option}[` ]", text), option


@pytest.mark.parametrize("name", sorted(path.name for path in (ROOT / "examples" / "jq").iterdir()))
def test_example_filters_work_on_our_json_and_on_githubs(name: str) -> None:
    ours = shell(f"copilot-usage org acme --input examples/usage.json -q --json | jq -rf examples/jq/{name}")
    githubs = shell(f"jq -rf examples/jq/{name} examples/usage.json | cat")
    assert ours
    assert ours == githubs


def test_the_examples_readme_names_every_example() -> None:
    text = (ROOT / "examples" / "README.md").read_text("utf-8")
    for path in (ROOT / "examples").iterdir():
        assert path.name in text or path.name == "README.md"


def test_the_crontabs_commands_are_ones_that_work(tmp_path: Path) -> None:
    crontab = (ROOT / "examples" / "crontab").read_text("utf-8")
    lines = [line for line in crontab.splitlines() if "copilot-usage" in line and line[0].isdigit()]
    assert len(lines) == 3
    (tmp_path / ".copilot-usage-token").write_text("made-up")
    for line in lines[:2]:
        # cron's own reading: five fields, then the command, in which \% is %.
        command = line.split(None, 5)[5].replace("\\%", "%").replace("org acme", "org acme --demo")
        assert "%" not in line.replace("\\%", "")
        assert shell(f"HOME={tmp_path}; {command}").replace("copilot-usage ended with 3\n", "") == ""
    assert {path.suffix for path in tmp_path.iterdir() if path.name != ".copilot-usage-token"} == {".csv", ".txt"}


def test_the_query_of_the_history_is_one_that_works(run: Callable[..., Any], tmp_path: Path) -> None:
    file = tmp_path / "history.sqlite3"
    saved = str(ROOT / "examples" / "usage.json")
    done = run("history", "import", saved, "--scope", "org:acme", env={"COPILOT_USAGE_HISTORY": str(file)})
    assert (done.code, done.out) == (0, "org:acme: stored 7 of 7 days\n")
    found = re.search(r'history path\)" "\n(.*?)"\n```', README.read_text("utf-8"), re.DOTALL)
    assert found is not None
    with closing(sqlite3.connect(file)) as connection:
        rows = connection.execute(found[1]).fetchall()
    assert [row[:3] for row in rows[:1]] == [("org:acme", "2026-11-15", "usage")]
    assert len(rows) == 7
