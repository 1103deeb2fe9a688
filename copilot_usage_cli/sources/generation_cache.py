"""Remember for a week which generation of GitHub's API answered for an owner, so as not to ask in vain.

A cache: what can't be read is forgotten, and what can't be written does no harm.
"""

import json
import os
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Any

_DAYS = 7


class GenerationCache:
    """The source that worked, by host and owner, in a small JSON file."""

    def __init__(self, path: Path, today: date) -> None:
        self._path = path
        self._today = today

    def get(self, host: str, owner: str) -> str | None:
        """Return the source that worked within a week, if any."""
        entry = self._entries().get(_key(host, owner))
        if isinstance(entry, list) and len(entry) == 2:
            with suppress(TypeError, ValueError):
                age = self._today - date.fromisoformat(entry[1])
                if timedelta(0) <= age <= timedelta(days=_DAYS):
                    return str(entry[0])
        return None

    def put(self, host: str, owner: str, source: str) -> None:
        """Remember that a source worked today."""
        if self.get(host, owner) == source:
            return
        entries = self._entries() | {_key(host, owner): [source, self._today.isoformat()]}
        with suppress(OSError):
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            temporary = self._path.with_name(f"{self._path.name}.{os.getpid()}")
            try:
                temporary.write_text(json.dumps(entries), "utf-8")
                temporary.replace(self._path)
            finally:
                temporary.unlink(missing_ok=True)

    def _entries(self) -> dict[str, Any]:
        with suppress(OSError, ValueError, RecursionError):
            entries = json.loads(self._path.read_bytes())
            if isinstance(entries, dict):
                return entries
        return {}


def _key(host: str, owner: str) -> str:
    return f"{host} {owner}".lower()
