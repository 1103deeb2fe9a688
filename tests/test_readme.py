"""The README's and the examples' commands are run, and what they print is compared with what stands there."""

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Collection
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
DOCUMENTS = (README, *sorted((ROOT / "docs").glob("*.md")))
BLOCK = re.compile(
    r"(?:<!-- terminal (?P<columns>\d+) -->\n)?```console\n\$ (?P<command>[^\n]*)\n(?P<output>.*?)```\n", re.DOTALL
)
SGR = re.compile(r"\x1b\[[\d;]*m")


def blocks() -> list[tuple[Path, int]]:
    """List the blocks of a command and its output: the document, and the place in it."""
    return [(path, n) for path in DOCUMENTS for n, _ in enumerate(BLOCK.finditer(path.read_text("utf-8")))]


def shell(command: str, expected: Collection[int] = (0,)) -> str:
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
    assert ran.returncode in expected, ran.stdout
    return ran.stdout


def test_the_documents_show_outputs() -> None:
    assert len(blocks()) >= 8


@pytest.mark.parametrize(("path", "number"), blocks(), ids=str)
def test_an_output_is_what_the_command_prints(path: Path, number: int, run_in_terminal: Callable[..., Any]) -> None:
    block = list(BLOCK.finditer(path.read_text("utf-8")))[number]
    if block["columns"]:
        printed = SGR.sub("", run_in_terminal(int(block["columns"]), *block["command"].split()[1:]).out)
    else:
        printed = shell(block["command"], (0, 2))
        assert "bash: " not in printed
    printed = re.sub(r" +$", "", printed, flags=re.MULTILINE)
    if os.environ.get("UPDATE_EXPECTED"):
        text = path.read_text("utf-8")
        path.write_text(text[: block.start("output")] + printed + text[block.end("output") :], "utf-8")
    else:
        assert printed == block["output"]


def test_every_option_is_in_the_documents() -> None:
    text = "".join(path.read_text("utf-8") for path in DOCUMENTS)
    commands = ["org", "enterprise", "team", "report", "completion", "doctor"]
    commands += [f"history {name}" for name in ("sync", "list", "import", "export", "remove", "check", "path")]
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
    found = re.search(r'history path\)" "\n(.*?)"\n```', (ROOT / "docs" / "history.md").read_text("utf-8"), re.DOTALL)
    assert found is not None
    with closing(sqlite3.connect(file)) as connection:
        rows = connection.execute(found[1]).fetchall()
    assert [row[:3] for row in rows[:1]] == [("org:acme", "2026-11-15", "usage")]
    assert len(rows) == 7


@pytest.mark.parametrize("shell_name", ["bash", "zsh", "fish"])
def test_the_lines_that_install_completions_work_in_a_fresh_home(shell_name: str, tmp_path: Path) -> None:
    commands = re.findall(r"```sh\n(mkdir .*?)```", README.read_text("utf-8"), re.DOTALL)
    command = next(each for each in commands if f"completion {shell_name} " in each)
    assert shell(f"export HOME={tmp_path}\n{command}") == ""
    (written,) = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert written.read_text("utf-8") == shell(f"copilot-usage completion {shell_name}")


def test_the_picture_is_of_the_report_as_it_is() -> None:
    script = str(ROOT / "scripts" / "picture.py")
    done = subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    picture = (ROOT / "docs" / "report.svg").read_text("utf-8")
    assert "@font-face" not in picture
    assert "src:" not in picture


def test_the_slack_command_makes_json_in_which_no_mention_fires() -> None:
    (command,) = re.findall(r"(jq -Rs .*?) \| curl", README.read_text("utf-8"))
    said = json.loads(shell(f"printf '<!here> a & b\\n  c' | {command}"))
    assert said == {"text": "``` !here  a   b\n  c```"}
