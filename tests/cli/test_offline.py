"""--offline: everything from the history, nobody is asked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from support.expected import check

from copilot_usage_cli.history.store import History

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.github import GitHub
    from support.program import Run


@pytest.fixture
def filled(history: Path, call: Run, tmp_path: Path, record: Callable[..., dict[str, Any]]) -> Path:
    """A history of four days of github.com's acme, with one missing between."""
    saved = tmp_path / "saved.json"
    saved.write_text(json.dumps([record(f"2024-06-0{n}") for n in (3, 4, 6, 7)]), "utf-8")
    assert call("history", "import", str(saved), "--scope", "org:acme").code == 0
    return history


def test_nobody_is_asked_and_no_token_is_needed(
    filled: Path, call: Run, github: GitHub, record: Callable[..., dict[str, Any]]
) -> None:
    github.serve([record("2024-06-05")])
    done = call("org", "acme", "--offline", "--json", env={"GH_HOST": ""})
    assert done.code == 0
    assert [each["day"] for each in json.loads(done.out)] == ["2024-06-03", "2024-06-04", "2024-06-06", "2024-06-07"]
    assert done.err == (
        "copilot-usage: note: no data for 1 day: 2024-06-05\n"
        "copilot-usage: note: from the history alone (imported on 2026-11-20), nothing was asked of GitHub\n"
    )
    other = call("org", "acme", "--offline", "--api-url", github.url, "--json", "-q")
    assert (other.code, other.out) == (0, "[]\n")
    assert github.arrivals == []


def test_what_was_stored_comes_back(filled: Path, call: Run, tmp_path: Path) -> None:
    for by in ((), ("--by", "week,language"), ("--by", "total", "--language", "python")):
        args = ("--json", "-q", *by)
        saved = call("org", "acme", "--input", str(tmp_path / "saved.json"), *args)
        assert call("org", "acme", "--offline", *args) == saved


def test_a_period(filled: Path, call: Run) -> None:
    done = call("org", "acme", "--offline", "--since", "2024-06-04", "--until", "2024-06-06", "--by", "total")
    assert done.code == 0
    check("offline-period", done.out)


def test_missing_days_fail_on_demand(filled: Path, call: Run) -> None:
    assert call("org", "acme", "--offline", "--fail-on-missing", "--json", "-q").code == 3
    args = ("--offline", "--fail-on-missing", "--json", "-q", "--since", "2024-06-03", "--until", "2024-06-04")
    assert call("org", "acme", *args).code == 0


def test_compare(filled: Path, call: Run) -> None:
    args = ("--offline", "--since", "2024-06-06", "--until", "2024-06-07", "--compare", "2024-06-03..2024-06-04")
    (row,) = json.loads(call("org", "acme", *args, "--by", "total", "--json", "-q").out)
    assert (row["total_suggestions_count"], row["previous_total_suggestions_count"]) == (200, 200)


@pytest.mark.parametrize(
    ("option", "message"),
    [
        (option, "--offline excludes --no-history, --demo, --page and --per-page\nhint: it reports from the history\n")
        for option in ("--no-history", "--demo", "--page=1", "--per-page=28")
    ]
    + [("--input=saved.json", "--input and --offline exclude each other\nhint: --input reads files and asks nobody\n")],
)
def test_conflicts(filled: Path, call: Run, option: str, message: str) -> None:
    done = call("org", "acme", "--offline", option)
    assert (done.code, done.out, done.err) == (2, "", f"copilot-usage: error: {message}")


def test_off(call: Run) -> None:
    done = call("org", "acme", "--offline", env={"COPILOT_USAGE_HISTORY": "off"})
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "copilot-usage: error: --offline needs the history, which is off\n"
        "hint: set COPILOT_USAGE_HISTORY to a file, or unset it\n"
    )


def test_no_history_yet(history: Path, call: Run) -> None:
    done = call("org", "acme", "--offline")
    assert (done.code, done.out) == (8, "")
    assert done.err == (
        f"copilot-usage: error: there is no history at {history}\n"
        "hint: a report from GitHub or copilot-usage history sync begins one\n"
    )
    assert not history.exists()


def test_an_empty_history(history: Path, call: Run) -> None:
    with History(history):
        pass
    done = call("org", "acme", "--offline")
    assert (done.code, done.err) == (0, "")
    assert done.out == (
        "org:acme | no days | history\n"
        "\n"
        "note: there is no day of this period in the history\n"
        "note: from the history alone, nothing was asked of GitHub\n"
    )


def test_a_file_that_is_no_history(history: Path, call: Run) -> None:
    history.parent.mkdir()
    history.write_text("words\n", "utf-8")
    done = call("org", "acme", "--offline")
    assert (done.code, done.out) == (8, "")
    assert done.err.startswith(f"copilot-usage: error: {history} is not a history")
    assert history.read_text("utf-8") == "words\n"
