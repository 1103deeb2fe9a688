"""What failed of many scopes: a line each, but one for all that a rate limit leaves without an answer."""

from collections.abc import Mapping, Sequence

from copilot_usage_cli.cli import output
from copilot_usage_cli.errors import CopilotUsageError
from copilot_usage_cli.github.retry import LimitOutlasted
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.text import plural


def say_failures(scopes: Sequence[Scope], failed: Mapping[int, CopilotUsageError]) -> None:
    """Say which of the scopes failed, by their places in the order given, and each advice once."""
    hints: set[str] = set()
    limited = [number for number in sorted(failed) if isinstance(failed[number], LimitOutlasted)]
    for number in sorted(failed):
        scope, error = str(scopes[number]), failed[number]
        is_limited = isinstance(error, LimitOutlasted)
        if is_limited and number != limited[0]:
            continue
        whose = scope
        if is_limited and len(limited) > 1:
            names = ", ".join(output.ranges([str(each) for each in scopes], limited))
            whose = f"{plural(len(limited), 'scope')} ({names})"
        about = error.message if error.message.startswith(scope) else f"{whose}: {error.message}"
        new = [line for line in error.hint.splitlines() if line not in hints]
        output.say(f"error: {about}", *(f"hint: {line}" for line in new))
        hints.update(new)
