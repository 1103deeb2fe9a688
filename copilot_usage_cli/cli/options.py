"""The options that commands share, declared once."""

import inspect
from collections.abc import Callable
from typing import Annotated, Any

import typer

from copilot_usage_cli.cli.help_pages import NETWORK, OUTPUT, PERIOD, SCOPES, SOURCE
from copilot_usage_cli.cli.option_values import (
    parse_date,
    parse_owned,
    parse_seconds,
    parse_source,
    parse_timeout,
    whole_number,
)
from copilot_usage_cli.model.dates import DateExpression
from copilot_usage_cli.model.vocabulary import AUTO, OWNED, SOURCES, Owned

ScopesFile = Annotated[
    str | None,
    typer.Option(
        "--scopes",
        rich_help_panel=SCOPES,
        metavar="FILE",
        help="Scopes, one a line, # for comments; - is stdin. Besides those named.",
    ),
]


Source = Annotated[
    str,
    typer.Option(
        "--source",
        rich_help_panel=SOURCE,
        parser=parse_source,
        metavar="|".join(SOURCES),
        help="The generation of GitHub's API: the classic usage API, today's reports, or reports added up by user.",
    ),
]


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
    """How much to ask GitHub for at a time."""

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


class SyncOptions(NetworkOptions):
    """What `history sync` takes besides the names of its scopes."""

    scopes_file: ScopesFile = None
    all_of: Annotated[
        Owned | None,
        typer.Option(
            "--all",
            rich_help_panel=SCOPES,
            parser=parse_owned,
            metavar="|".join(OWNED),
            help="All that --org or --enterprise has.",
        ),
    ] = None
    org: Annotated[
        str | None, typer.Option("--org", rich_help_panel=SCOPES, metavar="ORG", help="With --all: whose teams.")
    ] = None
    enterprise: Annotated[
        str | None,
        typer.Option(
            "--enterprise",
            rich_help_panel=SCOPES,
            metavar="ENTERPRISE",
            help="With --all: whose teams or organizations.",
        ),
    ] = None
    since: Annotated[
        DateExpression | None,
        typer.Option(
            "--since",
            rich_help_panel=PERIOD,
            parser=parse_date,
            metavar="WHEN",
            help="Ask for no day before. [default: all that GitHub keeps]",
        ),
    ] = None
    refresh: Annotated[
        bool,
        typer.Option("--refresh", rich_help_panel=SOURCE, help="Ask for the days that are held, too, and update them."),
    ] = False
    source: Source = AUTO
    export: Annotated[
        str | None,
        typer.Option(
            "--export",
            rich_help_panel=OUTPUT,
            metavar="DIR",
            help="Bring a dataset up to date afterwards, as history export does.",
        ),
    ] = None


def with_options(declared: type[ConnectionOptions]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Let Typer see the attributes of a class as options of a command that takes them as `options`."""
    annotations: dict[str, Any] = {}
    for base in sorted(declared.__mro__, key=lambda base: issubclass(base, ConnectionOptions)):
        annotations |= inspect.get_annotations(base)  # what all commands have stands last

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
