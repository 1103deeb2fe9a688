"""The command that shows who is active, on which surface."""

from typing import Annotated

import typer

from copilot_usage_cli.cli.help_pages import ROWS
from copilot_usage_cli.cli.option_values import one_of, option_parser
from copilot_usage_cli.cli.options import with_options
from copilot_usage_cli.cli.scoped_app import DailyViewOptions, Enterprises, Organizations, scoped_app
from copilot_usage_cli.report.active import BY

app = scoped_app(
    __name__,
    "Show the active people",
    """Show who is active, on which surface.

    People on a day, and in GitHub's own 7 and 28 days up to it: all of them, and those of chat, agents, code review,
    the CLI and the app. From today's reports, which have no teams.

    \b
    Examples:
      copilot-usage active org acme
      copilot-usage active enterprise megacorp --by day -f csv
    """,
)


class ActiveOptions(DailyViewOptions):
    """What `active` takes besides the names of its scopes."""

    by: Annotated[
        str | None,
        typer.Option(
            "--by",
            rich_help_panel=ROWS,
            parser=option_parser(one_of(BY)),
            metavar="|".join(BY),
            help="A row for each surface, on the last day, or for each day. [default: surface; day for machines]",
        ),
    ] = None


@with_options(ActiveOptions)
def enterprise(context: typer.Context, options: ActiveOptions, enterprises: Enterprises = None) -> None:
    """Show the active people of enterprises.

    \b
    Examples:
      copilot-usage active enterprise megacorp
      copilot-usage active enterprise megacorp --period last-month --by day
    """  # noqa: D301
    _show(context, enterprises, options)


@with_options(ActiveOptions)
def org(context: typer.Context, options: ActiveOptions, orgs: Organizations = None) -> None:
    """Show the active people of organizations.

    \b
    Examples:
      copilot-usage active org acme
      copilot-usage active org acme --compare previous
      copilot-usage active org acme --json | jq '.[-1].monthly_active_agent_users'
    """  # noqa: D301
    _show(context, orgs, options)


def _show(context: typer.Context, names: list[str] | None, options: ActiveOptions) -> None:
    from copilot_usage_cli.cli.daily_views import write_daily_view
    from copilot_usage_cli.cli.views import scopes_of
    from copilot_usage_cli.report.active import active_view

    scopes = scopes_of(context, names, options)
    write_daily_view(scopes, options, context.obj, lambda found, where: active_view(found, options.by, where))
