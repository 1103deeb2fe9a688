"""What a document says of where it comes from."""

import re
import shlex
from collections.abc import Iterator, Sequence
from datetime import date

from copilot_usage_cli import PROGRAM, __version__
from copilot_usage_cli.cli.invocation import Invocation
from copilot_usage_cli.render.documents.document import About
from copilot_usage_cli.text import one_line, shorten, visible

_LONGEST = 300  # characters
_SECRET = "***"  # noqa: S105 - what stands for one
# How it is written, and where: the option with its value, or the option alone, whose value is the next argument.
_WHOLE = re.compile(r"--(output|format)=|-[qv]*[of].")
_ALONE = re.compile(r"--(output|format)|-([qv]*)[of]")


def about_of(invocation: Invocation, today: date) -> About:
    """Tell the command, but for what it writes and where, without secrets; the version; and the day, in UTC."""
    asked = map(_without_secret, _what_is_asked(invocation.arguments))
    return About(shorten(shlex.join([PROGRAM, *asked]), _LONGEST), __version__, today)


def _without_secret(argument: str) -> str:
    """Write an argument as it was given, or nothing of it if anything in it may be secret."""
    return _SECRET if _SECRET in one_line(argument, _LONGEST) else visible(argument)


def _what_is_asked(arguments: Sequence[str]) -> Iterator[str]:
    rest = iter(arguments)
    for argument in rest:
        if found := _ALONE.fullmatch(argument):
            next(rest, None)
            if found[2]:
                yield f"-{found[2]}"
        elif not _WHOLE.match(argument):
            yield argument
