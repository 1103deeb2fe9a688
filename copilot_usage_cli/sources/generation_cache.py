"""Remember for a week which generation of GitHub's API answered for an owner, so as not to ask in vain.

A cache: what can't be read is forgotten, and what can't be written does no harm.
"""

import json
import os
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from threading import Lock
from typing import Any

_DAYS = 7


class GenerationCache:
    """The source that worked, by host and owner, in a small JSON file. Safe to share between threads.

    The file is read once; what a run learns is written by `save`.
    """

    def __init__(self, path: Path, today: date) -> None:
        self._path = path
        self._today = today
        self._lock = Lock()
        self._known: dict[str, Any] | None = None
        self._learnt: dict[str, list[str]] = {}

    def get(self, host: str, owner: str) -> str | None:
        """Return the source that worked within a week, if any."""
        with self._lock:
            if self._known is None:
                self._known = self._read()
            entry = self._learnt.get(_key(host, owner)) or self._known.get(_key(host, owner))
        if isinstance(entry, list) and len(entry) == 2:
            with suppress(TypeError, ValueError):
                age = self._today - date.fromisoformat(entry[1])
                if timedelta(0) <= age <= timedelta(days=_DAYS):
                    return str(entry[0])
        return None

    def put(self, host: str, owner: str, source: str) -> None:
        """Remember that a source worked today."""
        if self.get(host, owner) != source:
            with self._lock:
                self._learnt[_key(host, owner)] = [source, self._today.isoformat()]

    def save(self) -> None:
        """Write what was learnt, beside what other runs have written meanwhile."""
        with self._lock:
            if not self._learnt:
                return
            entries = self._read() | self._learnt
            self._known, self._learnt = entries, {}
        with suppress(OSError):
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            temporary = self._path.with_name(f"{self._path.name}.{os.getpid()}")
            try:
                temporary.write_text(json.dumps(entries), "utf-8")
                temporary.replace(self._path)
            finally:
                temporary.unlink(missing_ok=True)

    def _read(self) -> dict[str, Any]:
        with suppress(OSError, ValueError, RecursionError):
            entries = json.loads(self._path.read_bytes())
            if isinstance(entries, dict):
                return entries
        return {}


def _key(host: str, owner: str) -> str:
    return f"{host} {owner}".lower()
