"""The commands that keep, show and mend the history; what they do is in history_run.py."""

from typing import Annotated

import typer

from copilot_usage_cli.cli.options import NetworkOptions, parse_when, with_options
from copilot_usage_cli.model.period import When

app = typer.Typer()

_SCOPE = "org:acme, enterprise:megacorp, team:acme/core or team:enterprise:megacorp/ent:core."
_Scope = Annotated[str, typer.Argument(metavar="SCOPE", help=_SCOPE, show_default=False)]
_Host = Annotated[
    str | None, typer.Option(metavar="HOST", help="GitHub's host. [default: that of GH_HOST, else github.com]")
]


@app.callback(invoke_without_command=True)
def root(context: typer.Context) -> None:
    """Keep more than GitHub keeps.

    Daily records, in one SQLite file on this machine: aggregates only, no user's name or id.
    COPILOT_USAGE_HISTORY=PATH names another file, COPILOT_USAGE_HISTORY=off switches it off.

    \b
    Examples:
      copilot-usage history sync org:acme team:acme/core
      copilot-usage history list
      copilot-usage history import saved/*.json --scope org:acme
      copilot-usage org acme --since 2025-01-01 --by month
    """  # noqa: D301
    if context.invoked_subcommand is None:
        from copilot_usage_cli.cli import output
        from copilot_usage_cli.errors import WrongUsage

        output.write_stdout(f"{context.get_help()}\n")
        raise typer.Exit(WrongUsage.exit_code)


@app.command()
@with_options(NetworkOptions)
def sync(
    context: typer.Context,
    scopes: Annotated[list[str], typer.Argument(metavar="SCOPE...", help=_SCOPE, show_default=False)],
    options: NetworkOptions,
    since: Annotated[
        When | None,
        typer.Option(parser=parse_when, metavar="WHEN", help="Ask for no day before. [default: all that GitHub keeps]"),
    ] = None,
) -> None:
    """Fetch what is missing and can be had, for cron.

    \b
    Examples:
      copilot-usage history sync org:acme
      copilot-usage history sync enterprise:megacorp team:acme/core --since 30d -q
    """  # noqa: D301
    from copilot_usage_cli.cli import history_actions

    if code := history_actions.sync(scopes, since, options, context.obj):
        raise typer.Exit(code)


@app.command("list")
def list_(*, json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False) -> None:
    """List what is held.

    Scopes with their first and last day, days held, gaps and sources, and the file's size.
    """
    from copilot_usage_cli.cli import history_actions

    history_actions.show(as_json=json)


@app.command("import")
def import_(
    context: typer.Context,
    files: Annotated[
        list[str], typer.Argument(metavar="FILE...", help="Saved responses; - is stdin.", show_default=False)
    ],
    scope: Annotated[str, typer.Option(metavar="SCOPE", help=_SCOPE)],
    hostname: _Host = None,
) -> None:
    """Take in saved responses.

    They may be of any generation of GitHub's API. A day that was fetched from the same source is never replaced.

    \b
    Examples:
      copilot-usage history import usage-2024.json --scope org:acme
      copilot-usage history import metrics/*.json --scope enterprise:megacorp
    """  # noqa: D301
    from copilot_usage_cli.cli import history_actions

    history_actions.take_in(files, scope, hostname, context.obj())


@app.command()
def remove(
    context: typer.Context,
    scope: _Scope,
    before: Annotated[
        When | None, typer.Option(parser=parse_when, metavar="WHEN", help="Only the days before.")
    ] = None,
    hostname: Annotated[str | None, typer.Option(metavar="HOST", help="Only of this host. [default: all]")] = None,
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")] = False,
) -> None:
    """Remove a scope's days, all or those before a day."""
    from copilot_usage_cli.cli import history_actions

    history_actions.remove(scope, before, hostname, context.obj().date(), yes=yes)


@app.command()
def check() -> None:
    """Check the file and each day in it.

    Exits with 8 if something is wrong.
    """
    from copilot_usage_cli.cli import history_actions

    if code := history_actions.check():
        raise typer.Exit(code)


@app.command()
def path() -> None:
    """Print where the history is."""
    from copilot_usage_cli.cli import history_actions

    history_actions.show_path()
