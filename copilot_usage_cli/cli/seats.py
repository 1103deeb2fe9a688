"""The command that counts Copilot seats."""

import re
from typing import Annotated

import typer

from copilot_usage_cli.cli.help_pages import ROWS
from copilot_usage_cli.cli.option_values import one_of, option_parser
from copilot_usage_cli.cli.options import with_options
from copilot_usage_cli.cli.scoped_app import Enterprises, Organizations, ViewOptions, scoped_app
from copilot_usage_cli.errors import UsageError
from copilot_usage_cli.report.seats import BY, IDLE_AFTER, REMEMBERED, SeatsQuery

app = scoped_app(
    __name__,
    "Count the Copilot seats",
    """Count Copilot seats: used, idle, ending.

    Counts alone, unless --users asks for names. A seat is active if its person used any feature of Copilot within
    --idle-after; GitHub forgets that after 90 days.

    \b
    Examples:
      copilot-usage seats org acme
      copilot-usage seats enterprise megacorp --by org
    """,
)


def _days(text: str) -> int:
    found = re.fullmatch(r"(\d{1,3})([dw])", text.lower(), re.ASCII)
    days = int(found[1]) * (7 if found[2] == "w" else 1) if found else 0
    if not 1 <= days <= REMEMBERED:
        hint = f"write 1d to {REMEMBERED}d, after which GitHub forgets an activity"
        raise ValueError(f"{text!r} is not a number of days: {hint}")
    return days


class SeatsOptions(ViewOptions):
    """What `seats` takes besides the names of its scopes."""

    by: Annotated[
        str | None,
        typer.Option(
            "--by",
            rich_help_panel=ROWS,
            parser=option_parser(one_of(BY)),
            metavar="|".join(BY),
            help="Count by who granted the seat, its plan, the last editor, or how long ago the last activity was.",
        ),
    ] = None
    idle_after: Annotated[
        int | None,
        typer.Option(
            "--idle-after",
            rich_help_panel=ROWS,
            parser=option_parser(_days),
            metavar="DAYS",
            show_default=False,
            help="From when on a seat counts as idle, such as 14d or 4w, at most 90d. [default: 30d]",
        ),
    ] = None
    users: Annotated[
        bool, typer.Option("--users", rich_help_panel=ROWS, help="List people by name, the longest idle first.")
    ] = False


@with_options(SeatsOptions)
def enterprise(context: typer.Context, options: SeatsOptions, enterprises: Enterprises = None) -> None:
    """Count the Copilot seats of enterprises.

    \b
    Examples:
      copilot-usage seats enterprise megacorp
      copilot-usage seats enterprise megacorp --by org -f csv
      copilot-usage seats enterprise megacorp --by last-active
    """  # noqa: D301
    _show(context, enterprises, options)


@with_options(SeatsOptions)
def org(context: typer.Context, options: SeatsOptions, orgs: Organizations = None) -> None:
    """Count the Copilot seats of organizations.

    \b
    Examples:
      copilot-usage seats org acme
      copilot-usage seats org acme --idle-after 14d --by team
      copilot-usage seats org acme --users -f csv -o seats.csv
    """  # noqa: D301
    _show(context, orgs, options)


def _show(context: typer.Context, names: list[str] | None, options: SeatsOptions) -> None:
    from copilot_usage_cli.cli.views import Source, scopes_of, write_view
    from copilot_usage_cli.report.seats import seats_view
    from copilot_usage_cli.sources.seats import fetch_seats, read_seats

    if options.users and options.by:
        raise UsageError("--users and --by exclude each other", "--users lists people, --by counts them")
    if options.by == "last-active" and options.idle_after is not None:
        raise UsageError("--by last-active and --idle-after exclude each other", "its rows are numbers of days already")
    query = SeatsQuery(options.idle_after or IDLE_AFTER, options.by, options.users)
    source = Source(lambda client, scope, bar: fetch_seats(client, scope, options.jobs, bar), read_seats)
    write_view(
        scopes_of(context, names, options),
        options,
        context.obj,
        source,
        lambda found, circumstances: seats_view(found, query, circumstances),
    )
