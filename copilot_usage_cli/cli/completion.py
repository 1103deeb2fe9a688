"""The completion command: it prints static scripts that start no process, made by completions/generate.py."""

from pathlib import Path
from typing import Annotated

import typer

from copilot_usage_cli.cli import output
from copilot_usage_cli.errors import UsageError
from copilot_usage_cli.text import nearest

FILES = {"bash": "copilot-usage.bash", "zsh": "_copilot-usage", "fish": "copilot-usage.fish"}


def completion(
    shell: Annotated[str, typer.Argument(metavar="SHELL", help="bash, zsh or fish.", show_default=False)],
) -> None:
    """Print the completion script of a shell.

    \b
    Examples:
      copilot-usage completion zsh > ~/.zfunc/_copilot-usage
      copilot-usage completion fish > ~/.config/fish/completions/copilot-usage.fish
      source <(copilot-usage completion bash)
    """  # noqa: D301
    output.write_stdout(script(shell))


def script(shell: str) -> str:
    """Return the completion script of a shell; raises UsageError for a shell that has none."""
    if shell not in FILES:
        meant = nearest(shell, FILES)
        hint = f"did you mean {meant}?" if meant else f"there is one for {', '.join(FILES)}"
        raise UsageError(f"there is no completion for {shell!r}", hint)
    return (folder() / FILES[shell]).read_text("utf-8")


def folder() -> Path:
    """Return the folder of the scripts: inside the package, or beside it in a checkout."""
    package = Path(__file__).parent.parent
    inside = package / "completions"
    return inside if inside.is_dir() else package.parent / "completions"
