"""The options that commands share, declared once."""

import inspect
from collections.abc import Callable
from typing import Annotated, Any

import typer

from copilot_usage_cli.cli.help_pages import NETWORK, OUTPUT, PERIOD, ROWS, SOURCE
from copilot_usage_cli.cli.option_values import (
    Dimensions,
    parse_comparison,
    parse_condition,
    parse_date,
    parse_dimensions,
    parse_format,
    parse_period,
    parse_seconds,
    parse_source,
    parse_timeout,
    whole_number,
)
from copilot_usage_cli.model.condition import Condition
from copilot_usage_cli.model.dates import FORMS, DateExpression
from copilot_usage_cli.model.period import ComparisonPeriod, PeriodExpression
from copilot_usage_cli.model.vocabulary import AUTO, FORMATS, SOURCES


class ConnectionOptions:
    """How to talk to GitHub, and how much to say about it.

    The annotations are what Typer reads; an instance holds the values of one command line. Each option says its name:
    Typer 0.27 takes the metavar for one that doesn't.
    """

    def __init__(self, **values: Any) -> None:
        self.__dict__.update(values)

    api_url: Annotated[
        str | None,
        typer.Option(
            "--api-url",
            rich_help_panel=NETWORK,
            metavar="URL",
            help="The API's address, such as https://api.github.com.",
        ),
    ] = None
    hostname: Annotated[
        str | None,
        typer.Option(
            "--hostname",
            rich_help_panel=NETWORK,
            metavar="HOST",
            help="GitHub's host, such as github.com or octo.ghe.com.",
        ),
    ] = None
    timeout: Annotated[
        float,
        typer.Option(
            "--timeout", rich_help_panel=NETWORK, parser=parse_timeout, metavar="SECONDS", help="Limit of one answer."
        ),
    ] = 30.0
    max_wait: Annotated[
        float,
        typer.Option(
            "--max-wait",
            rich_help_panel=NETWORK,
            parser=parse_seconds,
            metavar="SECONDS",
            help="Limit of all waiting before asking again.",
        ),
    ] = 120.0
    quiet: Annotated[bool, typer.Option("--quiet", "-q", rich_help_panel=OUTPUT, help="No notes, no progress.")] = False
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", rich_help_panel=NETWORK, help="A line on stderr for each request.")
    ] = False


class NetworkOptions(ConnectionOptions):
    """What to ask GitHub for, and how much of it at a time."""

    source: Annotated[
        str,
        typer.Option(
            "--source",
            rich_help_panel=SOURCE,
            parser=parse_source,
            metavar="|".join(SOURCES),
            help="The generation of GitHub's API: the classic usage API, today's reports, or reports added up user by "
            "user.",
        ),
    ] = AUTO
    jobs: Annotated[
        int,
        typer.Option(
            "--jobs",
            rich_help_panel=NETWORK,
            parser=whole_number(1, 16),
            metavar="N",
            help="Reports to fetch at a time.",
        ),
    ] = 4


class ReportOptions(NetworkOptions):
    """What the report commands take besides the name of their scope."""

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
            help="Group by at most one of day, week, month, total, and any of editor, language, or ide; with commas.",
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
            help="The N largest languages and editors; with --by, the others folded into one row.",
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


def with_options(declared: type[ConnectionOptions]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Let Typer see the attributes of a class as options of a command that takes them as `options`."""
    annotations: dict[str, Any] = {}
    for base in declared.__mro__:  # what is the command's own stands first
        annotations |= inspect.get_annotations(base)

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        signature = inspect.signature(command)
        own = [each for name, each in signature.parameters.items() if name != "options"]
        shared = [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=getattr(declared, name), annotation=hint)
            for name, hint in annotations.items()
        ]

        def called(**values: Any) -> None:
            options = declared(**{name: values.pop(name) for name in annotations})
            command(**values, options=options)

        parameters = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in own] + shared
        called.__name__ = command.__name__
        called.__doc__ = command.__doc__
        called.__annotations__ = {each.name: each.annotation for each in parameters}
        called.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
        return called

    return decorate
