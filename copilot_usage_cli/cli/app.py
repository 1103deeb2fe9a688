"""The command line: one command per scope, which parses and delegates to run.py."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer

from copilot_usage_cli import __version__
from copilot_usage_cli.cli import history, output
from copilot_usage_cli.cli.options import ReportOptions, with_options
from copilot_usage_cli.errors import WrongUsage
from copilot_usage_cli.model.scope import Scope

PROGRAM = output.PROGRAM

app = typer.Typer(
    name=PROGRAM,
    add_completion=False,  # ours are static files: they start no process, and nothing edits a person's shell files
    rich_markup_mode=None,  # Typer's rich help eats brackets and costs a tenth of a second
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def utc_now() -> datetime:
    """Read this machine's clock."""
    return datetime.now(UTC)


def run(arguments: Sequence[str], now: Callable[[], datetime]) -> int:
    """Run the command line and return the exit code; raises the errors of errors.py."""
    usage_error: type[Exception] = typer.BadParameter.__mro__[1]  # Typer's own Click keeps it private
    try:
        return app(args=list(arguments), prog_name=PROGRAM, standalone_mode=False, obj=now) or 0
    except usage_error as error:
        message: str = error.format_message()  # type: ignore[attr-defined]
        command = getattr(getattr(error, "ctx", None), "command_path", PROGRAM)
        raise WrongUsage(message[:1].lower() + message[1:].rstrip("."), f"see `{command} --help`") from None
    except SystemExit as ended:  # Typer's answer to a closed pipe, while it prints help
        if isinstance(ended.__context__, OSError):
            raise output.not_written(ended.__context__) from None
        raise
    except OSError as error:
        raise output.not_written(error) from None


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

    \b
    Examples:
      copilot-usage org acme --since 7d
      copilot-usage team core --org acme --by week,language --top 5
      copilot-usage enterprise megacorp --json | jq '.[].total_active_users'
      copilot-usage org acme --demo

    \b
    Exit codes: 0 a report was written, 1 a fault in the tool, 2 wrong usage,
    3 --fail-on-missing and days are missing, 4 not allowed, 5 not found,
    6 GitHub or the network failed, 7 an answer or file was not understood,
    8 could not write, 128+N ended by signal N.
    """  # noqa: D301 - \b keeps Typer from joining the lines
    if context.invoked_subcommand is None:
        output.write_stdout(f"{context.get_help()}\n")
        raise typer.Exit(WrongUsage.exit_code)


@app.command()
@with_options(ReportOptions)
def enterprise(
    context: typer.Context,
    enterprise: Annotated[str, typer.Argument(metavar="ENTERPRISE", help="The enterprise's slug.", show_default=False)],
    options: ReportOptions,
) -> None:
    """Report the usage of an enterprise.

    \b
    Examples:
      copilot-usage enterprise megacorp
      copilot-usage enterprise megacorp --since 4w --by week,editor
      copilot-usage enterprise megacorp -f csv -o usage.csv
    """  # noqa: D301
    _report(Scope("enterprise", enterprise), options, context.obj)


@app.command()
@with_options(ReportOptions)
def org(
    context: typer.Context,
    org: Annotated[str, typer.Argument(metavar="ORG", help="The organization's slug.", show_default=False)],
    options: ReportOptions,
) -> None:
    """Report the usage of an organization.

    \b
    Examples:
      copilot-usage org acme --since 7d
      copilot-usage org acme --by language --top 10
      copilot-usage org acme --since 2024-06-01 --until 2024-06-14 --json
      gh api /orgs/acme/copilot/usage | copilot-usage org acme --input -
    """  # noqa: D301
    _report(Scope("org", org), options, context.obj)


@app.command()
@with_options(ReportOptions)
def team(
    context: typer.Context,
    team: Annotated[
        str,
        typer.Argument(metavar="TEAM", help="The team's slug; an enterprise team's is ent:NAME.", show_default=False),
    ],
    options: ReportOptions,
    org: Annotated[str | None, typer.Option(metavar="ORG", help="The organization that the team is in.")] = None,
    enterprise: Annotated[
        str | None, typer.Option(metavar="ENTERPRISE", help="The enterprise that the team is in.")
    ] = None,
) -> None:
    """Report the usage of a team.

    \b
    Examples:
      copilot-usage team core --org acme
      copilot-usage team ent:core --enterprise megacorp --since 14d
    """  # noqa: D301
    if (org is None) == (enterprise is None):
        raise WrongUsage("a team needs exactly one of --org and --enterprise", "say whose team it is")
    scope = Scope("org", org, team) if org is not None else Scope("enterprise", enterprise or "", team)
    _report(scope, options, context.obj)


@app.command()
def completion(
    shell: Annotated[str, typer.Argument(metavar="SHELL", help="bash, zsh, fish or powershell.", show_default=False)],
) -> None:
    """Print the completion script of a shell.

    \b
    Examples:
      copilot-usage completion bash > ~/.local/share/bash-completion/completions/copilot-usage
      copilot-usage completion zsh > ~/.zfunc/_copilot-usage
      copilot-usage completion fish > ~/.config/fish/completions/copilot-usage.fish
      copilot-usage completion powershell >> $PROFILE
    """  # noqa: D301
    from copilot_usage_cli.cli.completion import script

    output.write_stdout(script(shell))


app.add_typer(history.app, name="history")


def _report(scope: Scope, options: ReportOptions, now: Callable[[], datetime]) -> None:
    from copilot_usage_cli.cli.report import report

    if code := report(scope, options, now):
        raise typer.Exit(code)
