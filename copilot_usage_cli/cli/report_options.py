"""The options that the report commands share."""

from typing import Annotated

import typer

from copilot_usage_cli.cli.help_pages import OUTPUT, ROWS, SOURCE
from copilot_usage_cli.cli.option_values import (
    Dimensions,
    parse_condition,
    parse_dimensions,
    whole_number,
)
from copilot_usage_cli.cli.options import ScopesFile, Source
from copilot_usage_cli.cli.table_options import DaysOptions, OutputOptions
from copilot_usage_cli.model.condition import Condition
from copilot_usage_cli.model.vocabulary import AUTO


class ReportOptions(OutputOptions, DaysOptions):
    """What the report commands take besides the names of their scopes."""

    scopes_file: ScopesFile = None
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
    chart: Annotated[
        str | None,
        typer.Option(
            "--chart",
            rich_help_panel=ROWS,
            metavar="COLUMN",
            help="Draw a column of --by day over the period, with the period before, instead of tables.",
        ),
    ] = None
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
    source: Source = AUTO
