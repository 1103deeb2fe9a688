"""What a person settles once: the scope of a bare run and the host, by a variable or in a file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.clock import ago

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.github import GitHub
    from support.program import Run

from copilot_usage_cli.cli.paths import config_file


@pytest.fixture
def settle() -> Callable[[str], Path]:
    """Write the file of settings."""

    def write(text: str | bytes) -> Path:
        path = config_file()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def test_without_a_scope_a_bare_run_is_the_help(call: Run) -> None:
    done, helped = call(), call("--help")
    assert (done.code, done.out) == (2, helped.out)


@pytest.mark.parametrize(
    ("scope", "title"),
    [
        ("org:acme", "org:acme | 2026-11-09"),
        ("acme", "org:acme | 2026-11-09"),
        ("team:acme/core", "team:acme/core | 2026-11-09"),
        ("enterprise:mega", "enterprise:mega | 2026-11-09"),
        ("https://github.com/enterprises/mega/teams/ent:core", "team:enterprise:mega/ent:core | 2026-11-09"),
    ],
)
def test_a_bare_run_reports_the_scope_that_is_settled(
    call: Run, settle: Callable[[str], Path], scope: str, title: str
) -> None:
    options = ("--demo", "--since", "7d", "--by", "total")
    done = call(*options, env={"COPILOT_USAGE_SCOPE": scope})
    assert done.code == 0
    assert done.out.startswith(title)
    settle(f'scope = "{scope}"\n')
    assert call(*options) == done


def test_a_variable_goes_before_the_file_and_a_command_before_both(call: Run, settle: Callable[[str], Path]) -> None:
    settle('scope = "org:beta"')
    assert call("--demo").out.startswith("org:beta | ")
    assert call("--demo", env={"COPILOT_USAGE_SCOPE": "org:acme"}).out.startswith("org:acme | ")
    assert call("--demo", env={"COPILOT_USAGE_SCOPE": ""}).out.startswith("org:beta | ")
    assert call("org", "gamma", "--demo").out.startswith("org:gamma | ")
    assert call("--help").out.startswith("Usage: copilot-usage [OPTIONS] COMMAND")
    assert call("--version").out.startswith("copilot-usage ")


def test_a_bare_run_asks_for_what_is_settled(github: GitHub, record: Callable[..., object]) -> None:
    github.serve([record(ago(1))])
    done = github.run(env={"COPILOT_USAGE_SCOPE": "acme"})
    assert (done.code, done.out.split(" | ")[0]) == (0, "org:acme")


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ('scope = "a b"', "scope in {path}: 'a b' is not a valid organization slug"),
        ('scop = "org:acme"', "{path}: scop is not a setting"),
        ("scope = 5", "{path}: scope is not a string"),
        ("[github]\nhostname = 'x'", "{path}: github is not a setting"),
        ("scope = org:acme", "{path} is not TOML: "),
        (b"scope = '\xff'", "{path} can't be read: it is not UTF-8 text"),
    ],
)
def test_a_file_that_is_wrong_is_an_error_that_names_it(
    call: Run, settle: Callable[[str | bytes], Path], text: str | bytes, error: str
) -> None:
    path = settle(text)
    done = call("--demo")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"copilot-usage: error: {error.format(path=path)}")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read every file")
def test_a_file_that_may_not_be_read_is_an_error(call: Run, settle: Callable[[str], Path]) -> None:
    path = settle('scope = "acme"')
    path.chmod(0)
    done = call("--demo")
    assert (done.code, done.err) == (2, f"copilot-usage: error: {path} can't be read: Permission denied\n")


def test_a_variable_that_is_wrong_is_an_error_that_names_it(call: Run) -> None:
    done = call(env={"COPILOT_USAGE_SCOPE": "ent:core"})
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("copilot-usage: error: COPILOT_USAGE_SCOPE: 'ent:core' is a team, but of which")


def test_the_host_of_the_file_goes_before_github_com_only(call: Run, settle: Callable[[str], Path], token: str) -> None:
    path = settle('hostname = "not a host"')
    wrong = f"copilot-usage: error: hostname in {path} is not a valid host name\n"
    assert call("org", "acme", "--no-history", env={"GH_TOKEN": token}).err.startswith(wrong)
    for given in ({"GH_HOST": "also not one"}, {"GITHUB_API_URL": "ftp://x"}):
        done = call("org", "acme", "--no-history", env={"GH_TOKEN": token, **given})
        assert done.err.startswith(f"copilot-usage: error: {next(iter(given))} ")
    done = call("org", "acme", "--no-history", "--hostname", "a b", env={"GH_TOKEN": token})
    assert done.err.startswith("copilot-usage: error: --hostname ")
