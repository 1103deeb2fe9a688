"""What is written twice says the same: the version, the commands' first lines, the documents' paths."""

from __future__ import annotations

import re
import tomllib
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import typer

from copilot_usage_cli import __version__
from copilot_usage_cli.cli import app, history

if TYPE_CHECKING:
    from copilot_usage_cli.cli.lazy_group import Command

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "copilot_usage_cli"


def test_the_version_is_that_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert __version__ == project["version"] == version(project["name"])


@pytest.mark.parametrize("command", [*app.COMMANDS, *history.COMMANDS], ids=lambda command: command.location)
def test_a_commands_line_in_the_list_is_the_first_of_its_help(command: Command) -> None:
    module, _, name = command.location.partition(":")
    function: Any = getattr(import_module(module), name)
    if isinstance(function, typer.Typer):
        assert function.registered_callback is not None
        function = function.registered_callback.callback
    assert function.__doc__.splitlines()[0] == command.help


@pytest.mark.parametrize(
    "document",
    sorted([*(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")), "CONTRIBUTING.md", "README.md"]),
)
def test_the_paths_in_a_document_are_there(document: str) -> None:
    text = (ROOT / document).read_text("utf-8")
    paths = re.findall(r"`(?:python )?((?:\w+/)+(?:\w+\.\w+)?|__main__\.py)(?: \w+)?`", text)
    links = [link for link in re.findall(r"\]\(([^)#]+)", text) if "://" not in link]
    for path in paths:
        assert (ROOT / path).exists() or (PACKAGE / path).exists(), path
    for link in links:
        assert (ROOT / document).parent.joinpath(link).exists(), link


def test_the_architecture_names_every_room() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    table = text.partition("| line | room")[2].partition("\n\n")[0]
    rooms = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()}
    assert {name.rstrip("/") for name in re.findall(r"`(\w+/)`", table)} == rooms


def test_actions_are_pinned_by_commit() -> None:
    for workflow in (ROOT / ".github" / "workflows").iterdir():
        uses = re.findall(r"uses: (\S+)", workflow.read_text("utf-8"))
        assert uses
        assert [each for each in uses if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", each)] == []
