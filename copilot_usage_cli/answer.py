"""A whole answer of an HTTP server."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from copilot_usage_cli.text import one_line


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer: status, headers with lower-case names, and the inflated body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def message(self) -> str:
        """GitHub's own words in an error answer, or nothing."""
        try:
            payload = json.loads(self.body)
        except (ValueError, RecursionError):
            return ""
        message = payload.get("message") if isinstance(payload, dict) else None
        return one_line(message) if isinstance(message, str) else ""
