"""Bring a dataset up to date with a history: what changed is written, what is gone is removed, the rest stays."""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from copilot_usage_cli.errors import NotWritten
from copilot_usage_cli.history.dataset.layout import LAYOUT, MANIFEST, TABLES, month_of, path_of
from copilot_usage_cli.history.dataset.months import fingerprints
from copilot_usage_cli.history.dataset.target import Target
from copilot_usage_cli.history.store import History

_DATASET = "copilot-usage history"
_ELSEWHERE = "name a new or an empty folder"


class Exported(NamedTuple):
    """How many months a dataset has, how many of them were written, and how many were removed."""

    months: int
    written: int
    removed: int


def open_dataset(target: Target) -> dict[str, str] | None:
    """Return the months that a dataset is known to have whole, with their fingerprints; None where there is none yet.

    Raises NotWritten for a folder that has other files, and for a dataset of another layout.
    """
    data = target.read(MANIFEST)
    if data is None:
        if not target.is_empty():
            raise NotWritten(f"{target.name} has files and is not a dataset of copilot-usage", _ELSEWHERE)
        return None
    try:
        found = json.loads(data)
        layout, months = found["layout"], found["months"]
        ours = found["dataset"] == _DATASET and isinstance(layout, int)
        ours &= all(isinstance(each, str) for item in months.items() for each in item)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        ours = False
    if not ours:
        raise NotWritten(f"{target.name} is not a dataset of copilot-usage: {MANIFEST} says something else", _ELSEWHERE)
    if layout != LAYOUT:
        older = "an older" if layout < LAYOUT else "a newer"
        raise NotWritten(f"{target.name} was written by {older} copilot-usage, in another layout", _ELSEWHERE)
    return dict(months)


def export(history: History, target: Target, expect: Callable[[int], None], step: Callable[[], None]) -> Exported:
    """Write the months that changed since the last export, and remove those that are gone.

    `expect` is told how many months are to be written, and `step` is called after each. The history is read a month at
    a time, so that other runs can write to it meanwhile. Raises NotWritten; a later export completes what one that
    failed has begun.
    """
    target.begin()
    with target.locked():
        return _Export(history, target).run(expect, step)


class _Export:
    def __init__(self, history: History, target: Target) -> None:
        self._history = history
        self._target = target
        self._whole = open_dataset(target)
        self._there = target.files()

    def run(self, expect: Callable[[int], None], step: Callable[[], None]) -> Exported:
        with self._history.reading() as connection, self._history.calendar():
            held = fingerprints(connection)
        names = {month.name for month in held}
        whole = self._whole or {}
        changed = [month for month, seal in held.items() if whole.get(month.name) != seal or not self._has(month.name)]
        gone = ({name for path in self._there if (name := month_of(path))} | set(whole)) - names
        kept = {name: seal for name, seal in whole.items() if name not in gone | {month.name for month in changed}}
        if kept != self._whole:
            self._write_manifest(kept)
        for name in sorted(gone):
            self._remove(name)
        if changed:
            expect(len(changed))
            from copilot_usage_cli.history.dataset.content import files_of
        written = 0
        for month in changed:
            seal, made = files_of(self._history, month)
            if not seal:
                self._remove(month.name)  # by another run, meanwhile
                continue
            for path, data in made.items():
                self._target.write(path, data)
            kept[month.name] = seal
            self._write_manifest(kept)
            written += 1
            step()
        return Exported(len(kept), written, len(gone))

    def _has(self, month: str) -> bool:
        return all(path_of(table, month) in self._there for table in TABLES)

    def _remove(self, month: str) -> None:
        for table in TABLES:
            if (path := path_of(table, month)) in self._there:
                self._target.remove(path)

    def _write_manifest(self, months: dict[str, str]) -> None:
        found: dict[str, Any] = {"dataset": _DATASET, "layout": LAYOUT, "months": dict(sorted(months.items()))}
        self._target.write(MANIFEST, f"{json.dumps(found, indent=1)}\n".encode())
