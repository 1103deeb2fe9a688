"""The command that shows how people take Copilot up."""

from typing import Annotated

import typer

from copilot_usage_cli.cli.help_pages import ROWS
from copilot_usage_cli.cli.option_values import one_of, option_parser
from copilot_usage_cli.cli.options import with_options
from copilot_usage_cli.cli.scoped_app import DailyViewOptions, Enterprises, Organizations, scoped_app
from copilot_usage_cli.report.adoption import BY

app = scoped_app(
    __name__,
    "Show the adoption",
    """Show how people take Copilot up.

    GitHub's phases of adoption, merged pull requests a person, and how many use which feature. From today's reports,
    which have no teams.

    \b
    Examples:
      copilot-usage adoption org acme
      copilot-usage adoption enterprise megacorp --by day -f csv
    """,
)


class AdoptionOptions(DailyViewOptions):
    """What `adoption` takes besides the names of its scopes."""

    by: Annotated[
        str | None,
        typer.Option(
            "--by",
            rich_help_panel=ROWS,
            parser=option_parser(one_of(BY)),
            metavar="|".join(BY),
            help="A row for each phase or feature on the last day, or for each phase on each day. [default: phase and "
            "feature; phase for machines]",
        ),
    ] = None


@with_options(AdoptionOptions)
def enterprise(context: typer.Context, options: AdoptionOptions, enterprises: Enterprises = None) -> None:
    """Show the adoption of enterprises.

    \b
    Examples:
      copilot-usage adoption enterprise megacorp
      copilot-usage adoption enterprise megacorp --compare previous
    """  # noqa: D301
    _show(context, enterprises, options)


@with_options(AdoptionOptions)
def org(context: typer.Context, options: AdoptionOptions, orgs: Organizations = None) -> None:
    """Show the adoption of organizations.

    \b
    Examples:
      copilot-usage adoption org acme
      copilot-usage adoption org acme --by feature
      copilot-usage adoption org acme --by day --json | jq 'map(.share)'
    """  # noqa: D301
    _show(context, orgs, options)


def _show(context: typer.Context, names: list[str] | None, options: AdoptionOptions) -> None:
    from copilot_usage_cli.cli.daily_views import write_daily_view
    from copilot_usage_cli.cli.views import scopes_of
    from copilot_usage_cli.report.adoption import adoption_view

    scopes = scopes_of(context, names, options)
    write_daily_view(scopes, options, context.obj, lambda found, where: adoption_view(found, options.by, where))
