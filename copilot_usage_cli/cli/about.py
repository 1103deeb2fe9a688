"""The help and version commands: what other tools have as words, too, beside the options."""

from typing import Annotated, Any

import typer

from copilot_usage_cli import PROGRAM, __version__
from copilot_usage_cli.cli import output


def help_(
    context: typer.Context,
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[COMMAND]...", help="The command, as it would be called.", show_default=False),
    ] = None,
) -> None:
    """Show the help of a command, or of all.

    \b
    Examples:
      copilot-usage help org
      copilot-usage help history sync
    """  # noqa: D301
    found = context.parent or context
    for word in words or ():
        if not isinstance(found.command, typer.core.TyperGroup):
            break
        command: Any = found.command.resolve_command(found, [word, "--help"])[1]
        found = typer.Context(command, parent=found, info_name=word, **command.context_settings)
    output.write_stdout(f"{found.get_help()}\n")


def version() -> None:
    """Show the version.

    \b
    Examples:
      copilot-usage version
    """  # noqa: D301
    output.write_stdout(f"{PROGRAM} {__version__}\n")
