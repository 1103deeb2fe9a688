"""A whole answer of an HTTP server."""

import json
from collections.abc import Mapping
from typing import NamedTuple


class Answer(NamedTuple):
    """A whole answer: status, headers with lower-case names, and the inflated body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def message(self) -> str:
        """GitHub's own words in an error answer, as they came, or nothing."""
        try:
            payload = json.loads(self.body)
        except (ValueError, RecursionError):
            return ""
        message = payload.get("message") if isinstance(payload, dict) else None
        return message if isinstance(message, str) else ""
