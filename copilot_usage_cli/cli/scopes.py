"""The report commands, one per kind of scope, and one for any."""

from typing import Annotated

import typer

from copilot_usage_cli.cli.help_pages import SCOPES
from copilot_usage_cli.cli.options import with_options
from copilot_usage_cli.cli.report_options import ReportOptions
from copilot_usage_cli.cli.scope_names import FORMS
from copilot_usage_cli.cli.selection import ScopeArguments, select
from copilot_usage_cli.cli.settings import host_of
from copilot_usage_cli.model.vocabulary import Owned

_All = Annotated[bool, typer.Option("--all", rich_help_panel=SCOPES, help="All that the owner has.")]


@with_options(ReportOptions)
def enterprise(
    context: typer.Context,
    options: ReportOptions,
    enterprises: Annotated[
        list[str] | None,
        typer.Argument(metavar="ENTERPRISE...", help="The enterprise's slug, or several.", show_default=False),
    ] = None,
) -> None:
    """Report the usage of enterprises.

    \b
    Examples:
      copilot-usage enterprise megacorp
      copilot-usage enterprise megacorp --since 4w --by week,editor
      copilot-usage enterprise megacorp -f csv -o usage.csv
    """  # noqa: D301
    _report(context, ScopeArguments(context.command_path, "enterprise", "ENTERPRISE", enterprises or ()), options)


@with_options(ReportOptions)
def org(
    context: typer.Context,
    options: ReportOptions,
    orgs: Annotated[
        list[str] | None,
        typer.Argument(metavar="ORG...", help="The organization's slug, or several.", show_default=False),
    ] = None,
    enterprise: Annotated[
        str | None,
        typer.Option(
            "--enterprise", rich_help_panel=SCOPES, metavar="ENTERPRISE", help="With --all: whose organizations."
        ),
    ] = None,
    *,
    all: _All = False,  # noqa: A002 - as the option
) -> None:
    """Report the usage of organizations.

    \b
    Examples:
      copilot-usage org acme --since 7d
      copilot-usage org acme globex --sort acceptance_rate
      copilot-usage org --all --enterprise megacorp -f csv
      copilot-usage org acme --since 2024-06-01 --until 2024-06-14 --json
      gh api /orgs/acme/copilot/usage | copilot-usage org acme --input -
    """  # noqa: D301
    all_of: Owned | None = "organizations" if all else None
    given = ScopeArguments(context.command_path, "org", "ORG", orgs or (), enterprise=enterprise, all_of=all_of)
    _report(context, given, options)


@with_options(ReportOptions)
def team(  # noqa: PLR0913 - an option each
    context: typer.Context,
    options: ReportOptions,
    teams: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="TEAM...",
            help="ORG/TEAM, or the team's slug; an enterprise team's is ent:NAME. Or several.",
            show_default=False,
        ),
    ] = None,
    org: Annotated[
        str | None,
        typer.Option("--org", rich_help_panel=SCOPES, metavar="ORG", help="The organization that the team is in."),
    ] = None,
    enterprise: Annotated[
        str | None,
        typer.Option(
            "--enterprise", rich_help_panel=SCOPES, metavar="ENTERPRISE", help="The enterprise that the team is in."
        ),
    ] = None,
    *,
    all: _All = False,  # noqa: A002 - as the option
) -> None:
    """Report the usage of teams.

    \b
    Examples:
      copilot-usage team acme/core
      copilot-usage team core web --org acme --by week
      copilot-usage team --all --org acme --top 10
      copilot-usage team ent:core --enterprise megacorp --since 14d
    """  # noqa: D301
    all_of: Owned | None = "teams" if all else None
    given = ScopeArguments(context.command_path, "team", "TEAM", teams or (), org, enterprise, all_of)
    _report(context, given, options)


@with_options(ReportOptions)
def report(
    context: typer.Context,
    options: ReportOptions,
    scopes: Annotated[
        list[str] | None,
        typer.Argument(metavar="SCOPE...", help=f"{FORMS}, or several; acme alone is org:acme.", show_default=False),
    ] = None,
) -> None:
    """Report the usage of scopes of any kind.

    \b
    Examples:
      copilot-usage report org:acme team:acme/core enterprise:megacorp
      copilot-usage report --scopes scopes.txt -f csv -o usage.csv
      copilot-usage report --input saved.json
    """  # noqa: D301
    in_files = bool(options.input)
    given = ScopeArguments(context.command_path, None, "SCOPE", scopes or (), may_be_in_files=in_files)
    _report(context, given, options)


def _report(context: typer.Context, given: ScopeArguments, options: ReportOptions) -> None:
    from copilot_usage_cli.cli.report import write_report  # what --help doesn't need stays out of start-up

    selection = select(given._replace(file=options.scopes_file), host_of(options.api_url, options.hostname))
    if code := write_report(selection, options, context.obj):
        raise typer.Exit(code)
