from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import typer
from support.expected import check
from support.limits import HANG

from copilot_usage_cli.history.store import History
from copilot_usage_cli.model.records import DailyRecord
from copilot_usage_cli.model.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Mapping

    from support.github import GitHub

LOADED = """
import json, sys
sys.argv = ["copilot-usage", *sys.argv[1:]]
from copilot_usage_cli.__main__ import main
code = main()
print("\\n" + json.dumps([code, sorted(name for name, module in sys.modules.items() if module is not None)]))
"""
LATE = {"pyarrow", "httpx", "rich.table", "sqlite3", "platformdirs", "click", "rich.console"}
if tuple(map(int, typer.__version__.split(".")[:2])) < (0, 29):  # newer ones load it: that is why they aren't ours
    LATE.add("pydantic")


def loaded(*args: str, code: int = 0, env: Mapping[str, str] | None = None) -> set[str]:
    """Run the program and return the names of the modules that it has loaded at its end."""
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *args],
        env={name: value for name, value in {**os.environ, **(env or {})}.items() if not name.startswith("COVERAGE_")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
        timeout=HANG,
    )
    ended, names = json.loads(done.stdout.splitlines()[-1])
    assert ended == code
    return set(names)


LIBRARIES = ("httpx", "platformdirs", "pyarrow", "rich", "sqlite3", "typer")
KINDS = {
    "csv": ["org", "acme", "-f", "csv"],
    "json": ["org", "acme", "--json"],
    "table": ["org", "acme"],
    "compare": ["org", "acme", "--since", "7d", "--compare", "previous"],
    "reports": ["org", "acme", "--source", "reports", "--json"],
    "history": ["org", "acme", "--json"],
    "offline": ["org", "acme", "--offline", "--by", "week"],
    "input": ["org", "acme", "--input", "saved.json", "--json"],
    "demo": ["org", "acme", "--demo", "--json"],
    "history-list": ["history", "list"],
    "history-import": ["history", "import", "day.json", "--scope", "org:acme"],
    "history-export": ["history", "export", "data"],
    "history-export-metrics": ["history", "export", "x.prom"],
    "sync": ["history", "sync", "org:acme"],
    "user-reports": ["org", "acme", "--source", "user-reports", "--json"],
    "help": ["--help"],
    "org-help": ["org", "--help"],
    "completion": ["completion", "bash"],
    "version": ["--version"],
}
NETWORKED = {"csv", "json", "table", "compare", "reports", "user-reports", "history", "sync"}


@pytest.mark.parametrize("kind", KINDS)
def test_the_modules_that_each_kind_of_run_loads(
    kind: str, github: GitHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("saved.json").write_text("[]", "utf-8")
    env = {"GH_TOKEN": "made-up"}
    Path("day.json").write_text('[{"day": "2026-10-05", "total_chat_turns": 1}]', "utf-8")
    if kind.startswith("history") or kind in {"offline", "sync"}:
        env["COPILOT_USAGE_HISTORY"] = "history.sqlite3"
        with History(Path("history.sqlite3")) as history:
            if "export" in kind:
                day = DailyRecord(Scope("org", "acme"), "usage", date(2026, 10, 5), 1)
                history.store("github.com", [day], datetime(2026, 11, 1, tzinfo=UTC))
    github.answer(*(204,) if kind in {"reports", "user-reports"} else (200, "[]"))
    names = loaded(*KINDS[kind], *(["--api-url", github.url] if kind in NETWORKED else []), env=env)
    ours = sorted(name for name in names if name.startswith("copilot_usage_cli."))
    libraries = [name for name in LIBRARIES if name in names]
    check(f"modules-{kind}", "".join(f"{name}\n" for name in (*libraries, *ours)))


@pytest.mark.parametrize("option", ["--version", "-V"])
def test_the_version_loads_next_to_nothing(option: str) -> None:
    names = loaded(option)
    assert not names & (LATE | {"typer", "rich", "typing", "dataclasses"})
    assert {name for name in names if name.startswith("copilot_usage_cli.")} == {
        "copilot_usage_cli.__main__",
    }


@pytest.mark.parametrize(
    "args",
    [["--help"], ["org", "--help"], ["enterprise", "-h"], ["team", "--help"], ["completion", "bash"]],
    ids=" ".join,
)
def test_help_loads_nothing_slow(args: list[str]) -> None:
    names = loaded(*args)
    assert "typer" in names
    assert not names & LATE
    assert not names & {"copilot_usage_cli.github.client", "copilot_usage_cli.demo.responder", "ssl"}


@pytest.mark.parametrize("form", ["csv", "tsv", "json", "ndjson", "table"])
def test_a_report_in_a_pipe_loads_no_rich(github: GitHub, form: str) -> None:
    github.answer(200, '[{"day": "2024-06-03", "breakdown": [{"language": "go"}]}]')
    names = loaded("org", "acme", "--api-url", github.url, "-f", form, env={"GH_TOKEN": "made-up"})
    assert "httpx" in names
    # platformdirs knows where it is remembered which generation of the API worked.
    late = LATE - {"httpx", "platformdirs"}
    assert not names & (late | {"rich", "httpx._main", "pygments", "copilot_usage_cli.demo.responder"})


WRITERS = {"jinja2", "markupsafe", "xlsxwriter"}


@pytest.mark.parametrize(
    ("form", "needed"),
    [
        *((form, set()) for form in ("csv", "tsv", "json", "ndjson", "table", "markdown", "summary")),
        ("html", {"jinja2", "markupsafe"}),
        ("xlsx", {"xlsxwriter"}),
    ],
)
def test_only_the_format_that_needs_a_library_loads_it(form: str, needed: set[str], tmp_path: Path) -> None:
    names = loaded("org", "acme", "--demo", "-f", form, "-o", str(tmp_path / "report"))
    assert names & WRITERS == needed
    documents = {name for name in names if name.startswith("copilot_usage_cli.render.documents")}
    assert bool(documents) == (form in {"markdown", "summary", "html", "xlsx"})


def test_a_report_leaves_out_the_command_line_of_httpx(github: GitHub, tmp_path: Path) -> None:
    (tmp_path / "click.py").touch()  # where it is installed, httpx loads it, and rich and pygments
    github.answer(200, "[]")
    args = ("org", "acme", "--api-url", github.url, "--json", "-q")
    assert "click" not in loaded(*args, env={"GH_TOKEN": "made-up", "PYTHONPATH": str(tmp_path)})


def test_a_saved_file_loads_no_network(tmp_path: Path) -> None:
    saved = tmp_path / "saved.json"
    saved.write_text("[]")
    names = loaded("org", "acme", "--input", str(saved), "--json")
    assert not names & LATE
    assert not names & {"ssl", "copilot_usage_cli.demo.responder"}


def test_a_usage_error_loads_no_network() -> None:
    names = loaded("org", "a/b", "--json", code=2)
    assert not names & (LATE | {"ssl"})
