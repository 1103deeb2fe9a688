"""Remember for a week which generation of GitHub's API answered for an owner, so as not to ask in vain.

A cache: what can't be read is forgotten, and what can't be written is no error.
"""

import json
import os
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Any

_DAYS = 7


class Memory:
    """What worked, by host and owner, in a small JSON file; `None` as its path remembers nothing."""

    def __init__(self, path: Path | None, today: date) -> None:
        self._path = path
        self._today = today

    def recall(self, host: str, owner: str) -> str | None:
        """Give the source that worked within a week, if any."""
        entry = self._read().get(_key(host, owner))
        if isinstance(entry, list) and len(entry) == 2:
            with suppress(TypeError, ValueError):
                age = self._today - date.fromisoformat(entry[1])
                if timedelta(0) <= age <= timedelta(days=_DAYS):
                    return str(entry[0])
        return None

    def keep(self, host: str, owner: str, source: str) -> None:
        """Remember that a source worked today."""
        if self._path is None or self.recall(host, owner) == source:
            return
        entries = self._read() | {_key(host, owner): [source, self._today.isoformat()]}
        with suppress(OSError):
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            temporary = self._path.with_name(f"{self._path.name}.{os.getpid()}")
            try:
                temporary.write_text(json.dumps(entries), "utf-8")
                temporary.replace(self._path)
            finally:
                temporary.unlink(missing_ok=True)

    def _read(self) -> dict[str, Any]:
        if self._path is not None:
            with suppress(OSError, ValueError, RecursionError):
                entries = json.loads(self._path.read_bytes())
                if isinstance(entries, dict):
                    return entries
        return {}


def _key(host: str, owner: str) -> str:
    return f"{host} {owner}".lower()
