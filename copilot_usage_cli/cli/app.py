"""The command line: its commands, of which only the one that is asked for is imported and built."""

import os
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from copilot_usage_cli import PROGRAM, __version__
from copilot_usage_cli.cli import output
from copilot_usage_cli.cli.invocation import Invocation
from copilot_usage_cli.cli.lazy_group import Command, lazy_group
from copilot_usage_cli.errors import NotWritten, UsageError

COMMANDS = (
    Command("enterprise", "Report the usage of enterprises.", "copilot_usage_cli.cli.scopes:enterprise"),
    Command("org", "Report the usage of organizations.", "copilot_usage_cli.cli.scopes:org"),
    Command("team", "Report the usage of teams.", "copilot_usage_cli.cli.scopes:team"),
    Command("seats", "Count Copilot seats: used, idle, ending.", "copilot_usage_cli.cli.seats:app"),
    Command("credits", "Show AI credits: used, included in the plan, charged.", "copilot_usage_cli.cli.credits:app"),
    Command("active", "Show who is active, on which surface.", "copilot_usage_cli.cli.active:app"),
    Command("prs", "Show pull requests, and Copilot's part in them.", "copilot_usage_cli.cli.prs:app"),
    Command("adoption", "Show how people take Copilot up.", "copilot_usage_cli.cli.adoption:app"),
    Command("report", "Report the usage of scopes of any kind.", "copilot_usage_cli.cli.scopes:report"),
    Command("doctor", "Check what a report needs.", "copilot_usage_cli.cli.doctor:doctor"),
    Command("completion", "Print the completion script of a shell.", "copilot_usage_cli.cli.completion:completion"),
    Command("history", "Keep more than GitHub keeps.", "copilot_usage_cli.cli.history:app"),
    Command("help", "Show the help of a command, or of all.", "copilot_usage_cli.cli.about:help_"),
    Command("version", "Show the version.", "copilot_usage_cli.cli.about:version"),
)

_NO_SCOPE = "say whose usage: `copilot-usage org ORG`, or set COPILOT_USAGE_SCOPE=org:ORG for good"
_ROOT_OPTIONS = ("--version", "-V", "--help", "-h")

app = typer.Typer(
    name=PROGRAM,
    cls=lazy_group(COMMANDS),
    add_completion=False,  # ours are static files: they start no process, and nothing edits a person's shell files
    rich_markup_mode=None,  # Typer's rich help eats brackets and costs a tenth of a second
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def utc_now() -> datetime:
    """Read this machine's clock."""
    return datetime.now(UTC)


def run(arguments: Sequence[str], now: Callable[[], datetime]) -> int:
    """Run the command line and return the exit code; raises the errors of errors.py.

    `now` is the run's one clock; commands have both as their context's object.
    """
    usage_error: type[Exception] = typer.BadParameter.__mro__[1]  # Typer's own Click keeps it private
    given = _with_default_scope(arguments)
    if sys.stdout is None and {"-h", "--help"} & set(given):
        raise NotWritten("stdout is closed, so the help went nowhere")
    try:
        return app(args=given, prog_name=PROGRAM, standalone_mode=False, obj=Invocation(given, now)) or 0
    except usage_error as error:
        raise _usage_error(error, arguments, given) from None
    except SystemExit as ended:  # Typer's answer to a closed pipe, while it prints help
        if isinstance(ended.__context__, OSError):
            output.raise_not_written(ended.__context__)
        raise
    except OSError as error:
        output.raise_not_written(error)


def _usage_error(error: Any, arguments: Sequence[str], given: Sequence[str]) -> UsageError:
    """Put an error of Typer's in this tool's form, with what may have been meant.

    `given` are the arguments with the default scope in them.
    """
    context = getattr(error, "ctx", None)
    hint = getattr(error, "hint", "")
    message: str = error.format_message()
    if hasattr(error, "possibilities"):  # an option that there isn't
        from copilot_usage_cli.cli.suggestions import hint_for_option

        name: str = error.option_name
        message = f"no such option: {name}"
        parameters = context.command.get_params(context) if context else ()
        options = [each for parameter in parameters for each in parameter.opts]
        hint = hint_for_option(name, arguments, options) or (_NO_SCOPE if arguments[0].startswith("-") else "")
    elif message.startswith("Got unexpected extra argument"):
        from copilot_usage_cli.cli.suggestions import hint_for_extra_argument

        message = f"too many arguments: {message.partition(' (')[2].removesuffix(')')}"
        hint = hint_for_extra_argument(arguments)
    help_of = context.command_path if context else _command_path(given)
    return UsageError(message[:1].lower() + message[1:].rstrip("."), hint or f"see `{help_of} --help`")


def _command_path(arguments: Sequence[str]) -> str:
    """Return the command that arguments call, where an error doesn't tell: that an option lacks its value, say."""
    command: Any = typer.main.get_command(app)
    path = [PROGRAM]
    for word in arguments:
        command = command.get_command(None, word) if hasattr(command, "list_commands") else None
        if command is None:
            break
        path.append(word)
    return " ".join(path)


def _with_default_scope(arguments: Sequence[str]) -> list[str]:
    """Put the command of the scope that is settled before options that follow none."""
    if arguments and (not arguments[0].startswith("-") or arguments[0] in _ROOT_OPTIONS):
        return list(arguments)
    from copilot_usage_cli.cli.scope_names import arguments_of
    from copilot_usage_cli.cli.settings import default_scope

    default = default_scope(os.environ)
    return [*(arguments_of(default.scope).split() if default else ()), *arguments]


def _version(*, asked: bool) -> None:
    if asked:
        output.write_stdout(f"{PROGRAM} {__version__}\n")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    *,
    _version: Annotated[
        bool,
        typer.Option(
            "--version", "-V", callback=lambda asked: _version(asked=asked), is_eager=True, help="Show the version."
        ),
    ] = False,
) -> None:
    """Report how GitHub Copilot is used in an enterprise, an organization or a team.

    Options alone, without a command, report the scope that COPILOT_USAGE_SCOPE or config.toml names.

    \b
    Examples:
      copilot-usage org acme --since 7d
      copilot-usage team core --org acme --by week,language --top 5
      copilot-usage enterprise megacorp --json | jq '.[].total_active_users'
      copilot-usage org acme --demo
      COPILOT_USAGE_SCOPE=org:acme copilot-usage --since last-week
    """  # noqa: D301 - \b keeps Typer from joining the lines
    if context.invoked_subcommand is None:
        output.write_stdout(f"{context.get_help()}\n")
        raise typer.Exit(UsageError.exit_code)
