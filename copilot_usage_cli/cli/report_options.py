"""The options that the report commands share."""

from typing import Annotated

import typer

from copilot_usage_cli.cli.help_pages import OUTPUT, PERIOD, ROWS, SOURCE
from copilot_usage_cli.cli.option_values import (
    Dimensions,
    parse_comparison,
    parse_condition,
    parse_date,
    parse_dimensions,
    parse_format,
    parse_period,
    whole_number,
)
from copilot_usage_cli.cli.options import NetworkOptions, ScopesFile
from copilot_usage_cli.model.condition import Condition
from copilot_usage_cli.model.dates import FORMS, DateExpression
from copilot_usage_cli.model.period import ComparisonPeriod, PeriodExpression
from copilot_usage_cli.model.vocabulary import FORMATS


class ReportOptions(NetworkOptions):
    """What the report commands take besides the names of their scopes."""

    scopes_file: ScopesFile = None

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
    by: Annotated[
        Dimensions | None,
        typer.Option(
            "--by",
            rich_help_panel=ROWS,
            parser=parse_dimensions,
            metavar="DIMENSIONS",
            help="At most one of day, week, month, total, and any of editor, language; or what all features did: ide, "
            "feature, model, or two of language, feature and model; with commas.",
        ),
    ] = None
    editor: Annotated[
        list[str],
        typer.Option(
            "--editor",
            rich_help_panel=ROWS,
            metavar="NAME",
            help="Only breakdown rows of this editor, in any case. Repeatable.",
        ),
    ] = []  # noqa: RUF012 - Typer's default
    language: Annotated[
        list[str],
        typer.Option(
            "--language",
            rich_help_panel=ROWS,
            metavar="NAME",
            help="Only breakdown rows of this language, in any case. Repeatable.",
        ),
    ] = []  # noqa: RUF012 - Typer's default
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
    top: Annotated[
        int | None,
        typer.Option(
            "--top",
            rich_help_panel=ROWS,
            parser=whole_number(1),
            metavar="N",
            help="The N largest languages and editors, with --by the others in one row; of several scopes the first.",
        ),
    ] = None
    sort: Annotated[
        str | None,
        typer.Option(
            "--sort",
            rich_help_panel=ROWS,
            metavar="COLUMN",
            help="Order several scopes by a column of --by total. [default: active users, in a table]",
        ),
    ] = None
    full: Annotated[
        bool,
        typer.Option(
            "--full", rich_help_panel=ROWS, help="Every day, ten languages and all notes, instead of one screen."
        ),
    ] = False
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
    page: Annotated[
        int | None,
        typer.Option(
            "--page",
            rich_help_panel=SOURCE,
            parser=whole_number(1),
            metavar="N",
            help="Fetch this page only. [default: all pages]",
        ),
    ] = None
    per_page: Annotated[
        int | None,
        typer.Option(
            "--per-page", rich_help_panel=SOURCE, parser=whole_number(1, 28), metavar="N", help="Days a page, 1 to 28."
        ),
    ] = None
    fail_on_missing: Annotated[
        bool,
        typer.Option(
            "--fail-on-missing",
            rich_help_panel=OUTPUT,
            help="Exit with 3, and name them, if days of the period are missing.",
        ),
    ] = False
    fail_if: Annotated[
        list[Condition],
        typer.Option(
            "--fail-if",
            rich_help_panel=OUTPUT,
            parser=parse_condition,
            metavar="CONDITION",
            help="Exit with 9 if a column of --by total is so: 'acceptance_rate<0.25'. Repeatable.",
        ),
    ] = []  # noqa: RUF012 - Typer's default
