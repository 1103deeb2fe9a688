"""The report commands, one per kind of scope."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

import typer

from copilot_usage_cli.cli.options import ReportOptions, with_options
from copilot_usage_cli.cli.scope_names import read_scope, read_team
from copilot_usage_cli.cli.settings import host_of
from copilot_usage_cli.model.scope import Scope


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
    _report(read_scope(enterprise, "enterprise", host_of(options.api_url, options.hostname)), options, context.obj)


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
    _report(read_scope(org, "org", host_of(options.api_url, options.hostname)), options, context.obj)


@with_options(ReportOptions)
def team(
    context: typer.Context,
    team: Annotated[
        str,
        typer.Argument(
            metavar="TEAM", help="ORG/TEAM, or the team's slug; an enterprise team's is ent:NAME.", show_default=False
        ),
    ],
    options: ReportOptions,
    org: Annotated[
        str | None, typer.Option("--org", metavar="ORG", help="The organization that the team is in.")
    ] = None,
    enterprise: Annotated[
        str | None, typer.Option("--enterprise", metavar="ENTERPRISE", help="The enterprise that the team is in.")
    ] = None,
) -> None:
    """Report the usage of a team.

    \b
    Examples:
      copilot-usage team acme/core
      copilot-usage team core --org acme --by week
      copilot-usage team ent:core --enterprise megacorp --since 14d
    """  # noqa: D301
    _report(read_team(team, org, enterprise, host_of(options.api_url, options.hostname)), options, context.obj)


def _report(scope: Scope, options: ReportOptions, now: Callable[[], datetime]) -> None:
    from copilot_usage_cli.cli.report import write_report  # what --help doesn't need stays out of start-up

    if code := write_report(scope, options, now):
        raise typer.Exit(code)
