"""The options that commands share which write tables: their period, their form, and where their records come from."""

from typing import Annotated

import typer

from copilot_usage_cli.cli.help_pages import OUTPUT, PERIOD, SOURCE
from copilot_usage_cli.cli.option_values import (
    parse_comparison,
    parse_date,
    parse_format,
    parse_period,
    whole_number,
)
from copilot_usage_cli.cli.options import NetworkOptions
from copilot_usage_cli.model.dates import FORMS, DateExpression
from copilot_usage_cli.model.period import ComparisonPeriod, PeriodExpression
from copilot_usage_cli.model.vocabulary import FORMATS


class PeriodOptions:
    """Which days."""

    since: Annotated[
        DateExpression | None,
        typer.Option(
            "--since", rich_help_panel=PERIOD, parser=parse_date, metavar="WHEN", help=f"First day (UTC): {FORMS}."
        ),
    ] = None
    until: Annotated[
        DateExpression | None,
        typer.Option(
            "--until",
            rich_help_panel=PERIOD,
            parser=parse_date,
            metavar="WHEN",
            help="Last day (UTC), inclusive. [default: yesterday]",
        ),
    ] = None
    period: Annotated[
        PeriodExpression | None,
        typer.Option(
            "--period",
            rich_help_panel=PERIOD,
            parser=parse_period,
            metavar="PERIOD",
            help="Both ends at once: last-month, 2024-W23, 90d, A..B.",
        ),
    ] = None
    compare: Annotated[
        ComparisonPeriod | None,
        typer.Option(
            "--compare",
            rich_help_panel=PERIOD,
            parser=parse_comparison,
            metavar="EARLIER",
            help="Set another period beside: previous, last-month, last-year, or any PERIOD.",
        ),
    ] = None


class OutputOptions:
    """How to write it, and where."""

    format: Annotated[
        str | None,
        typer.Option(
            "--format",
            "-f",
            rich_help_panel=OUTPUT,
            parser=parse_format,
            metavar="|".join(FORMATS),
            help="How to print. [default: table]",
        ),
    ] = None
    json: Annotated[bool, typer.Option("--json", rich_help_panel=OUTPUT, help="The same as --format json.")] = False
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            rich_help_panel=OUTPUT,
            metavar="FILE",
            help="Write to FILE, whole or not at all, in the format of its suffix.",
        ),
    ] = None
    partial: Annotated[
        bool,
        typer.Option("--partial", rich_help_panel=OUTPUT, help="Replace FILE also if some of several scopes failed."),
    ] = False
    width: Annotated[
        int | None,
        typer.Option(
            "--width",
            rich_help_panel=OUTPUT,
            parser=whole_number(20, 1000),
            metavar="N",
            help="Columns of a table. [default: the terminal's; what it takes in a pipe]",
        ),
    ] = None


class AnswerOptions:
    """Who is asked instead of GitHub."""

    input: Annotated[
        list[str],
        typer.Option(
            "--input",
            rich_help_panel=SOURCE,
            metavar="FILE",
            help="Read a saved response instead of asking GitHub; - is stdin. Repeatable.",
        ),
    ] = []  # noqa: RUF012 - Typer's default
    demo: Annotated[
        bool, typer.Option("--demo", rich_help_panel=SOURCE, help="Ask a made-up GitHub: no token, no network.")
    ] = False


class HistoryOptions:
    """What the history has to do with it."""

    offline: Annotated[
        bool, typer.Option("--offline", rich_help_panel=SOURCE, help="Ask nobody: report what the history has.")
    ] = False
    refresh: Annotated[
        bool,
        typer.Option(
            "--refresh",
            rich_help_panel=SOURCE,
            help="Ask GitHub for the days that the history has, too, and update them.",
        ),
    ] = False
    no_history: Annotated[
        bool, typer.Option("--no-history", rich_help_panel=SOURCE, help="Neither keep the answer nor use the history.")
    ] = False


class DaysOptions(PeriodOptions, AnswerOptions, HistoryOptions, NetworkOptions):
    """Which daily records, and where they come from."""
