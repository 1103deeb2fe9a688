"""The command that shows pull requests, and Copilot's part in them."""

from typing import Annotated

import typer

from copilot_usage_cli.cli.help_pages import ROWS
from copilot_usage_cli.cli.option_values import one_of, option_parser
from copilot_usage_cli.cli.options import with_options
from copilot_usage_cli.cli.scoped_app import DailyViewOptions, Enterprises, Organizations, scoped_app
from copilot_usage_cli.report.pull_requests import BY

app = scoped_app(
    __name__,
    "Show the pull requests",
    """Show pull requests, and Copilot's part in them.

    Created, merged and reviewed, by Copilot's cloud agent and code review among them; suggestions, and how long merging
    took. From today's reports, which have no teams.

    \\b
    Examples:
      copilot-usage prs org acme
      copilot-usage prs enterprise megacorp --by month -f csv
    """,
)


class PullRequestsOptions(DailyViewOptions):
    """What `prs` takes besides the names of its scopes."""

    by: Annotated[
        str | None,
        typer.Option(
            "--by",
            rich_help_panel=ROWS,
            parser=option_parser(one_of(BY)),
            metavar="|".join(BY),
            help="A row for each of these. [default: total; day for machines]",
        ),
    ] = None


@with_options(PullRequestsOptions)
def enterprise(context: typer.Context, options: PullRequestsOptions, enterprises: Enterprises = None) -> None:
    """Show the pull requests of enterprises.

    \b
    Examples:
      copilot-usage prs enterprise megacorp
      copilot-usage prs enterprise megacorp --period last-month --compare previous
    """  # noqa: D301
    _show(context, enterprises, options)


@with_options(PullRequestsOptions)
def org(context: typer.Context, options: PullRequestsOptions, orgs: Organizations = None) -> None:
    """Show the pull requests of organizations.

    \b
    Examples:
      copilot-usage prs org acme
      copilot-usage prs org acme --by week
      copilot-usage prs org acme --json | jq 'map(.created_by_copilot) | add'
    """  # noqa: D301
    _show(context, orgs, options)


def _show(context: typer.Context, names: list[str] | None, options: PullRequestsOptions) -> None:
    from copilot_usage_cli.cli.daily_views import write_daily_view
    from copilot_usage_cli.cli.views import scopes_of
    from copilot_usage_cli.report.pull_requests import pull_requests_view

    scopes = scopes_of(context, names, options)
    write_daily_view(scopes, options, context.obj, lambda found, where: pull_requests_view(found, options.by, where))
