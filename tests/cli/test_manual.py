"""The manual page: up to date, whole, and clean roff."""

import re
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from support.program import Run

ROOT = Path(__file__).parents[2]
MANUAL = ROOT / "docs" / "copilot-usage.1"


@pytest.mark.skipif(not version("typer").startswith("0.28."), reason="usage lines change with Typer's version")
def test_it_is_what_the_script_makes() -> None:
    script = str(ROOT / "scripts" / "manpage.py")
    done = subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(
    "command", ["org", "team", "doctor", "completion", "history sync", "history remove", "seats org"]
)
def test_every_option_of_the_help_is_in_it(command: str, call: Run) -> None:
    text = MANUAL.read_text("utf-8").replace("\\-", "-")
    found = set(re.findall(r"^  (?:-\w, )?(--[\w-]+)", call(*command.split(), "--help").out, re.MULTILINE))
    for option in found - {"--help"}:
        assert re.search(rf"^\.B (-\w, )?{option}\b", text, re.MULTILINE), option


def test_it_has_the_sections_of_a_manual_page() -> None:
    text = MANUAL.read_text("utf-8").replace("\\-", "-")
    sections = dict(re.findall(r'^\.SH "?([A-Z ]+?)"?\n((?:(?!\.SH).*\n)*)', text, re.MULTILINE))
    expected = "NAME SYNOPSIS DESCRIPTION COMMANDS|OPTIONS OF REPORTS|ENVIRONMENT FILES|EXIT STATUS|EXAMPLES"
    assert list(sections) == re.split(r"\|| (?=SYN|DESC|COMM|FILES)", expected)
    assert "config.toml" in sections["DESCRIPTION"]
    for name in ("config.toml", "scope", "hostname", "history.sqlite3"):
        assert name in sections["FILES"]
    assert re.findall(r"^\.SS (.+)", sections["EXAMPLES"], re.MULTILINE)[:4] == ["enterprise", "org", "team", "seats"]
    assert sections["EXAMPLES"].count("copilot-usage help org\n") == 1


def test_it_is_ascii_and_nothing_in_it_is_taken_for_a_macro() -> None:
    text = MANUAL.read_text("utf-8")
    assert text.isascii()
    macros = {line.split()[0] for line in text.splitlines() if line.startswith((".", "'"))}
    assert macros <= {'.\\"', ".TH", ".SH", ".SS", ".PP", ".TP", ".B", ".br", ".EX", ".EE"}


@pytest.mark.skipif(not shutil.which("groff"), reason="groff is not installed")
def test_groff_has_nothing_to_complain_of() -> None:
    done = subprocess.run(
        ["groff", "-man", "-Tascii", "-ww", "-z", str(MANUAL)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
