"""The commands that keep, show and mend the history; what they do is in history_actions.py."""

from typing import Annotated

import typer

from copilot_usage_cli.cli import output
from copilot_usage_cli.cli.help_pages import OUTPUT
from copilot_usage_cli.cli.lazy_group import Command, lazy_group
from copilot_usage_cli.cli.option_values import one_of, option_parser, parse_date, parse_held_source
from copilot_usage_cli.cli.options import SyncOptions, with_options
from copilot_usage_cli.cli.scope_names import FORMS
from copilot_usage_cli.errors import CopilotUsageError, UsageError
from copilot_usage_cli.model.dates import DateExpression
from copilot_usage_cli.model.vocabulary import EXPORTS, HELD_SOURCES

COMMANDS = (
    Command("sync", "Fetch what is missing and can be had, for cron.", f"{__name__}:sync"),
    Command("list", "List what is held.", f"{__name__}:list_"),
    Command("import", "Import saved responses.", f"{__name__}:import_"),
    Command("export", "Export a dataset for other engines, or metrics.", f"{__name__}:export"),
    Command(
        "remove",
        "Remove a scope's days: all of them, or some.",
        f"{__name__}:remove",
    ),
    Command("check", "Check the file and each day in it.", f"{__name__}:check"),
    Command("path", "Print where the history is.", f"{__name__}:path"),
    Command("help", "Show the help of a command, or of all.", "copilot_usage_cli.cli.about:help_"),
)

app = typer.Typer(cls=lazy_group(COMMANDS), rich_markup_mode=None, add_completion=False)

_SCOPE = f"{FORMS}; acme alone is org:acme."
_Scope = Annotated[str, typer.Argument(metavar="SCOPE", help=_SCOPE, show_default=False)]
_Host = Annotated[
    str | None,
    typer.Option("--hostname", metavar="HOST", help="GitHub's host. [default: that of GH_HOST, else github.com]"),
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
        output.write_stdout(f"{context.get_help()}\n")
        raise typer.Exit(UsageError.exit_code)


@with_options(SyncOptions)
def sync(
    context: typer.Context,
    options: SyncOptions,
    scopes: Annotated[list[str] | None, typer.Argument(metavar="SCOPE...", help=_SCOPE, show_default=False)] = None,
) -> None:
    """Fetch what is missing and can be had, for cron.

    \b
    Examples:
      copilot-usage history sync org:acme
      copilot-usage history sync enterprise:megacorp team:acme/core --since 30d -q
      copilot-usage history sync --all teams --org acme -q --export data
    """  # noqa: D301
    from copilot_usage_cli.cli.selection import ScopeArguments, select
    from copilot_usage_cli.cli.settings import host_of
    from copilot_usage_cli.cli.sync import sync_scopes

    asked = ("SCOPE", scopes or (), options.org, options.enterprise, options.all_of, options.scopes_file)
    selection = select(ScopeArguments(context.command_path, None, *asked), host_of(options.api_url, options.hostname))
    try:
        code = sync_scopes(selection, options, context.obj)
    except CopilotUsageError as error:
        from copilot_usage_cli.cli.suggestions import without_demo

        error.hint = without_demo(error.hint)
        raise
    if code:
        raise typer.Exit(code)


def list_(
    *,
    json: Annotated[
        bool, typer.Option("--json", rich_help_panel=OUTPUT, help="Print JSON instead of a table.")
    ] = False,
) -> None:
    """List what is held.

    Scopes with their first and last day, days held, gaps and sources, and the file's size.

    \b
    Examples:
      copilot-usage history list
      copilot-usage history list --json | jq -r '.scopes[] | [.scope, .days] | @tsv'
    """  # noqa: D301
    from copilot_usage_cli.cli import history_actions

    history_actions.show_coverage(as_json=json)


def import_(
    context: typer.Context,
    files: Annotated[
        list[str], typer.Argument(metavar="FILE...", help="Saved responses; - is stdin.", show_default=False)
    ],
    scope: Annotated[str, typer.Option("--scope", metavar="SCOPE", help=_SCOPE)],
    hostname: _Host = None,
    *,
    replace: Annotated[
        bool, typer.Option("--replace", help="Let these files of a users report take the place of others of it.")
    ] = False,
) -> None:
    """Import saved responses.

    They may be of any generation of GitHub's API. Of a day the latest statement is kept: what says when it was made
    counts from then, else a day that was fetched goes before. All files of a users report go into one import.

    \b
    Examples:
      copilot-usage history import usage-2024.json --scope org:acme
      copilot-usage history import metrics/*.json --scope enterprise:megacorp
    """  # noqa: D301
    from copilot_usage_cli.cli import history_actions

    history_actions.import_files(files, scope, hostname, context.obj(), replace=replace)


def export(
    target: Annotated[
        str,
        typer.Argument(
            metavar="TARGET",
            help="A folder, or an s3://, gs:// or abfs:// address; for metrics a file, - is stdout.",
            show_default=False,
        ),
    ],
    form: Annotated[
        str | None,
        typer.Option(
            "--format",
            "-f",
            parser=option_parser(one_of(EXPORTS)),
            metavar="|".join(EXPORTS),
            help="A dataset of Parquet files, or metrics. [default: parquet; for FILE.prom prometheus]",
        ),
    ] = None,
) -> None:
    """Export a dataset for other engines, or metrics.

    A dataset has all days, in Parquet files by month: only months that changed since the last export are written. It
    needs the extra parquet. Metrics for Prometheus are of the latest day of each scope that GitHub had finished.

    \b
    Examples:
      copilot-usage history export copilot-usage-data
      copilot-usage history export s3://BUCKET/copilot-usage
      copilot-usage history export /var/lib/node_exporter/copilot.prom
    """  # noqa: D301
    from copilot_usage_cli.cli import exports

    exports.export_history(target, form)


def remove(  # noqa: PLR0913, PLR0917 - an option each
    context: typer.Context,
    scope: _Scope,
    before: Annotated[
        DateExpression | None, typer.Option("--before", parser=parse_date, metavar="WHEN", help="Only the days before.")
    ] = None,
    day: Annotated[
        DateExpression | None,
        typer.Option("--day", parser=parse_date, metavar="WHEN", help="Only this day, month or week."),
    ] = None,
    source: Annotated[
        str | None,
        typer.Option("--source", parser=parse_held_source, metavar="|".join(HELD_SOURCES), help="Only of this source."),
    ] = None,
    hostname: Annotated[
        str | None, typer.Option("--hostname", metavar="HOST", help="Only of this host. [default: all]")
    ] = None,
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")] = False,
) -> None:
    """Remove a scope's days: all of them, or some.

    \b
    Examples:
      copilot-usage history remove org:acme --before 2024-01-01
      copilot-usage history remove org:acme --source usage --day 2026-09-08
    """  # noqa: D301
    from copilot_usage_cli.cli import history_actions

    today = context.obj().date()
    history_actions.remove(scope, history_actions.Days(before, day, source, hostname), today, yes=yes)


def check() -> None:
    """Check the file and each day in it.

    Exits with 8 if something is wrong.

    \b
    Examples:
      copilot-usage history check
    """  # noqa: D301
    from copilot_usage_cli.cli import history_actions

    if code := history_actions.check():
        raise typer.Exit(code)


def path() -> None:
    """Print where the history is.

    \b
    Examples:
      copilot-usage history path
      sqlite3 "$(copilot-usage history path)" .tables
    """  # noqa: D301
    from copilot_usage_cli.cli import history_actions

    history_actions.show_path()
