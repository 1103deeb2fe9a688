"""The options that the report commands share, declared once, and the values that people write in them."""

import inspect
from collections.abc import Callable
from dataclasses import MISSING, dataclass, field, fields
from typing import Annotated, Any

import typer

from copilot_usage_cli.model.period import FORMS, Against, When
from copilot_usage_cli.model.vocabulary import FORMATS, IDE, NAMES, SOURCES, TIMES

DIMENSIONS = (*TIMES, *NAMES, IDE)


class By(tuple[str, ...]):
    """Dimensions to group by, in the order of the columns."""

    __slots__ = ()

    def __str__(self) -> str:
        return ",".join(self)


def parse_by(text: str | By) -> By:
    """Read comma-separated dimensions: at most one of time, and any that name breakdown rows."""
    if isinstance(text, By):
        return text
    names = tuple(name.strip() for name in text.split(","))
    for name in names:
        if name not in DIMENSIONS:
            raise typer.BadParameter(f"{name!r} is none of {', '.join(DIMENSIONS)}")
    if len(set(names)) < len(names):
        raise typer.BadParameter(f"{text!r} names a dimension twice")
    if len([name for name in names if name in TIMES]) > 1:
        raise typer.BadParameter(f"{text!r} has more than one of {', '.join(TIMES)}")
    if IDE in names and set(NAMES) & set(names):
        raise typer.BadParameter(f"{IDE!r} counts all features together, so it goes with a dimension of time only")
    return By(names)


def parse_when(text: str | When) -> When:
    """Read an end of the period."""
    if isinstance(text, When):
        return text
    try:
        return When.parse(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def parse_against(text: str | Against) -> Against:
    """Read what to compare with."""
    if isinstance(text, Against):
        return text
    try:
        return Against.parse(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def parse_format(text: str) -> str:
    """Read the name of a format."""
    if text not in FORMATS:
        raise typer.BadParameter(f"{text!r} is none of {', '.join(FORMATS)}")
    return text


def parse_source(text: str) -> str:
    """Read the name of a source."""
    if text not in SOURCES:
        raise typer.BadParameter(f"{text!r} is none of {', '.join(SOURCES)}")
    return text


def parse_seconds(text: str | float) -> float:
    """Read a number of seconds, 0 or more."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1
    if not 0 <= seconds <= 1e9:
        raise typer.BadParameter(f"{text!r} is no number of seconds")
    return seconds


def whole(least: int, most: int | None = None) -> Callable[[str | int], int]:
    """Make a reader of whole numbers; Typer's own words for them change with its version."""
    span = f"{least}<=x<={most}" if most is not None else f"x>={least}"

    def parse_whole(text: str | int) -> int:
        try:
            number = int(text)
        except ValueError:
            raise typer.BadParameter(f"{text!r} is not a valid integer.") from None
        if number < least or (most is not None and number > most):
            raise typer.BadParameter(f"{number} is not in the range {span}.")
        return number

    return parse_whole


def parse_timeout(text: str | float) -> float:
    """Read a time limit in seconds, more than 0."""
    seconds = parse_seconds(text)
    if not seconds:
        raise typer.BadParameter("a time limit of 0 seconds leaves no time")
    return seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkOptions:
    """How to talk to GitHub, and how much to say about it."""

    source: Annotated[
        str,
        typer.Option(
            parser=parse_source,
            metavar="|".join(SOURCES),
            help="The generation of GitHub's API: the classic usage API, today's reports, or reports added up user by "
            "user.",
        ),
    ] = "auto"
    jobs: Annotated[
        int,
        typer.Option(parser=whole(1, 16), metavar="N", help="Reports to fetch at a time."),
    ] = 4
    api_url: Annotated[
        str | None, typer.Option(metavar="URL", help="The API's address, such as https://api.github.com.")
    ] = None
    hostname: Annotated[
        str | None, typer.Option(metavar="HOST", help="GitHub's host, such as github.com or octo.ghe.com.")
    ] = None
    timeout: Annotated[float, typer.Option(parser=parse_timeout, metavar="SECONDS", help="Limit of one answer.")] = 30.0
    max_wait: Annotated[
        float,
        typer.Option(parser=parse_seconds, metavar="SECONDS", help="Limit of all waiting before asking again."),
    ] = 120.0
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No notes and no progress on stderr.")] = False
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="A line on stderr for each request.")] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportOptions(NetworkOptions):
    """What the report commands take besides the name of their scope."""

    since: Annotated[
        When | None, typer.Option(parser=parse_when, metavar="WHEN", help=f"First day (UTC): {FORMS}.")
    ] = None
    until: Annotated[
        When | None,
        typer.Option(parser=parse_when, metavar="WHEN", help="Last day (UTC), inclusive. [default: yesterday]"),
    ] = None
    by: Annotated[
        By | None,
        typer.Option(
            parser=parse_by,
            metavar="DIMENSIONS",
            help="Group by at most one of day, week, month, total, and any of editor, language, or ide; with commas.",
        ),
    ] = None
    editor: Annotated[
        list[str], typer.Option(metavar="NAME", help="Only breakdown rows of this editor, in any case. Repeatable.")
    ] = field(default_factory=list)
    language: Annotated[
        list[str], typer.Option(metavar="NAME", help="Only breakdown rows of this language, in any case. Repeatable.")
    ] = field(default_factory=list)
    compare: Annotated[
        Against | None,
        typer.Option(
            parser=parse_against,
            metavar="PERIOD",
            help="Compare with the period just before (previous), or with DATE..DATE of the same length.",
        ),
    ] = None
    top: Annotated[
        int | None,
        typer.Option(
            parser=whole(1),
            metavar="N",
            help="With --by language or editor: the N largest, the others folded into one row.",
        ),
    ] = None
    format: Annotated[
        str | None,
        typer.Option(
            "--format", "-f", parser=parse_format, metavar="|".join(FORMATS), help="How to print. [default: table]"
        ),
    ] = None
    json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False
    output: Annotated[
        str | None, typer.Option("--output", "-o", metavar="FILE", help="Write to FILE, whole or not at all.")
    ] = None
    input: Annotated[
        list[str],
        typer.Option(metavar="FILE", help="Read a saved response instead of asking GitHub; - is stdin. Repeatable."),
    ] = field(default_factory=list)
    demo: Annotated[bool, typer.Option("--demo", help="Ask a made-up GitHub: no token, no network.")] = False
    offline: Annotated[bool, typer.Option("--offline", help="Ask nobody: report what the history has.")] = False
    no_history: Annotated[bool, typer.Option("--no-history", help="Neither keep the answer nor use the history.")] = (
        False
    )
    page: Annotated[
        int | None, typer.Option(parser=whole(1), metavar="N", help="Fetch this page only. [default: all pages]")
    ] = None
    per_page: Annotated[int | None, typer.Option(parser=whole(1, 28), metavar="N", help="Days a page, 1 to 28.")] = None
    fail_on_missing: Annotated[
        bool, typer.Option("--fail-on-missing", help="Exit with 3 if days of the period are missing.")
    ] = False


def with_options(declared: type[NetworkOptions]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Let Typer see the fields of a class as options of a command that takes them as `options`."""

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        signature = inspect.signature(command)
        own = [parameter for name, parameter in signature.parameters.items() if name != "options"]
        shared = [
            inspect.Parameter(each.name, inspect.Parameter.KEYWORD_ONLY, default=_default(each), annotation=each.type)
            for each in fields(declared)
        ]

        def called(**values: Any) -> None:
            options = declared(**{each.name: values.pop(each.name) for each in fields(declared)})
            command(**values, options=options)

        parameters = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own] + shared
        called.__name__ = command.__name__
        called.__doc__ = command.__doc__
        called.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        called.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
        return called

    return decorate


def _default(declared: Any) -> Any:
    return declared.default if declared.default is not MISSING else declared.default_factory()
