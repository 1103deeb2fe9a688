"""A command that has a form for each kind of owner: `seats org ORG`, `seats enterprise ENTERPRISE`."""

from typing import Annotated

import typer

from copilot_usage_cli.cli import output
from copilot_usage_cli.cli.lazy_group import Command, lazy_group
from copilot_usage_cli.cli.options import NetworkOptions, ScopesFile
from copilot_usage_cli.cli.table_options import AnswerOptions, DaysOptions, OutputOptions
from copilot_usage_cli.errors import UsageError

Organizations = Annotated[
    list[str] | None,
    typer.Argument(metavar="ORG...", help="The organization's slug, or several.", show_default=False),
]
Enterprises = Annotated[
    list[str] | None,
    typer.Argument(metavar="ENTERPRISE...", help="The enterprise's slug, or several.", show_default=False),
]


class ViewOptions(OutputOptions, AnswerOptions, NetworkOptions):
    """What each of these commands takes besides the names of its scopes."""

    scopes_file: ScopesFile = None


class DailyViewOptions(DaysOptions, ViewOptions):
    """What those of them take that show daily records."""


def scoped_app(module: str, what: str, description: str) -> typer.Typer:
    """Return the command whose forms are the functions `org` and `enterprise` of a module.

    `what` completes "of organizations", `description` is its help.
    """
    commands = (
        Command("enterprise", f"{what} of enterprises.", f"{module}:enterprise"),
        Command("org", f"{what} of organizations.", f"{module}:org"),
        Command("help", "Show the help of a command, or of all.", "copilot_usage_cli.cli.about:help_"),
    )
    app = typer.Typer(cls=lazy_group(commands), rich_markup_mode=None, add_completion=False)

    def root(context: typer.Context) -> None:
        if context.invoked_subcommand is None:
            output.write_stdout(f"{context.get_help()}\n")
            raise typer.Exit(UsageError.exit_code)

    root.__doc__ = description
    app.callback(invoke_without_command=True)(root)
    return app
