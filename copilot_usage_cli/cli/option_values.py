"""What people write in options: words, numbers, dates and dimensions, read or refused with words for them."""

from collections.abc import Callable
from typing import TypeVar

import typer

from copilot_usage_cli.model.activity import table_of
from copilot_usage_cli.model.condition import Condition
from copilot_usage_cli.model.dates import DateExpression
from copilot_usage_cli.model.period import ComparisonPeriod, PeriodExpression
from copilot_usage_cli.model.vocabulary import DIMENSIONS, FORMATS, HELD_SOURCES, OWNED, SCOPE, SOURCES, TIMES
from copilot_usage_cli.text import Mistyped, nearest

Value = TypeVar("Value")


class Dimensions(tuple[str, ...]):
    """Dimensions to group by, in the order of the columns."""

    __slots__ = ()

    def __str__(self) -> str:
        return ",".join(self)

    @classmethod
    def parse(cls, text: str) -> "Dimensions":
        """Read comma-separated dimensions: at most one of time, and any that name breakdown rows."""
        names = tuple(one_of((*DIMENSIONS, SCOPE))(name.strip()) for name in text.split(","))
        names = tuple(name for name in names if name != SCOPE) or ("total",)  # each row says its scope in any case
        if len(set(names)) < len(names):
            raise ValueError(f"{text!r} names a dimension twice")
        if len([name for name in names if name in TIMES]) > 1:
            raise ValueError(f"{text!r} has more than one of {', '.join(TIMES)}")
        table_of(names)  # raises ValueError for what GitHub doesn't count together
        return cls(names)


def option_parser(parse: Callable[[str], Value]) -> Callable[[str | Value], Value]:
    """Return what Typer calls to read an option: `parse`, whose ValueError tells the person what is wrong."""

    def read(text: str | Value) -> Value:
        if not isinstance(text, str):  # Typer reads defaults, too
            return text
        try:
            return parse(text)
        except ValueError as error:
            wrong = typer.BadParameter(str(error))
            if isinstance(error, Mistyped) and error.meant:
                wrong.hint = f"did you mean {error.meant}?"  # type: ignore[attr-defined]
            raise wrong from None

    return read


def whole_number(least: int, most: int | None = None) -> Callable[[str | int], int]:
    """Return a reader of whole numbers; Typer's own words for them change with its version."""
    span = f"from {least} to {most}" if most is not None else f"of at least {least}"

    def parse(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            raise ValueError(f"{text!r} is not a whole number {span}") from None
        if number < least or (most is not None and number > most):
            raise ValueError(f"{number} is not a whole number {span}")
        return number

    return option_parser(parse)


def one_of(words: tuple[str, ...]) -> Callable[[str], str]:
    """Return a reader of one of some words, in any case."""

    def parse(text: str) -> str:
        if text.startswith("-"):  # the next option was taken for the value that is missing
            raise Mistyped(f"it needs a value before {text}", " or ".join(words))
        if text.lower() not in words:
            raise Mistyped(f"{text!r} is not one of {', '.join(words)}", nearest(text, words))
        return text.lower()

    return parse


_OTHER_NAMES = {"md": "markdown", "htm": "html", "excel": "xlsx", "xls": "xlsx", "jsonl": "ndjson", "text": "table"}


def _format(text: str) -> str:
    """Read a format; what others call it is a mistake with a cure."""
    if meant := _OTHER_NAMES.get(text.lower()):
        raise Mistyped(f"{text!r} is not one of {', '.join(FORMATS)}", meant)
    return one_of(FORMATS)(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1
    if not 0 <= seconds <= 1e9:
        raise ValueError(f"{text!r} is not a number of seconds")
    return seconds


def _timeout(text: str) -> float:
    seconds = _seconds(text)
    if not seconds:
        raise ValueError("a time limit of 0 seconds leaves no time")
    return seconds


parse_date = option_parser(DateExpression.parse)
parse_period = option_parser(PeriodExpression.parse)
parse_dimensions = option_parser(Dimensions.parse)
parse_comparison = option_parser(ComparisonPeriod.parse)
parse_condition = option_parser(Condition.parse)
parse_format = option_parser(_format)
parse_source = option_parser(one_of(SOURCES))
parse_owned = option_parser(one_of(OWNED))
parse_held_source = option_parser(one_of(HELD_SOURCES))
parse_seconds = option_parser(_seconds)
parse_timeout = option_parser(_timeout)
