"""What failed of many scopes: a line a scope, or one for those that failed alike."""

from collections.abc import Sequence

from copilot_usage_cli.cli import output
from copilot_usage_cli.errors import CopilotUsageError
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.text import listed, plural


def say_failures(failed: Sequence[tuple[Scope, CopilotUsageError]]) -> None:
    """Say what failed, in the order given, each advice once."""
    alike: dict[tuple[str, str], list[Scope]] = {}
    for scope, error in failed:
        alike.setdefault((error.message, error.hint), []).append(scope)
    hints: set[str] = set()
    for (message, hint), scopes in alike.items():
        named = listed([str(scope) for scope in scopes])
        whose = named if len(scopes) == 1 else f"{plural(len(scopes), 'scope')} ({named})"
        about = message if len(scopes) == 1 and message.startswith(str(scopes[0])) else f"{whose}: {message}"
        output.say(f"error: {about}", *(f"hint: {line}" for line in hint.splitlines() if line not in hints))
        hints.update(hint.splitlines())
