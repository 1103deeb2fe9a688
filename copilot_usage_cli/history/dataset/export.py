"""Bring a dataset up to date with a history: what changed is written, what is gone is removed, the rest stays."""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from copilot_usage_cli.errors import NotWritten
from copilot_usage_cli.history.dataset.layout import LAYOUT, MANIFEST, TABLES, is_month, month_of, path_of
from copilot_usage_cli.history.dataset.months import Month, fingerprints
from copilot_usage_cli.history.dataset.target import Target, broken_extra
from copilot_usage_cli.history.store import History

_DATASET = "copilot-usage history"
_ELSEWHERE = "name a new or an empty folder"


class Whole(NamedTuple):
    """The fingerprint of a month that is there whole, and the size of its files together in bytes."""

    fingerprint: str
    size: int


_NOT_WHOLE = Whole("", 0)


class Exported(NamedTuple):
    """How many months a dataset has, how many of them were written, and how many were removed."""

    months: int
    written: int
    removed: int


def open_dataset(target: Target) -> dict[str, Whole] | None:
    """Return the months that a dataset is known to have; None where there is none yet.

    Raises NotWritten for a folder that has other files, and for a dataset of another layout.
    """
    data = target.read(MANIFEST)
    if data is None:
        if not target.is_empty():
            raise NotWritten(f"{target.name} has files and is not a dataset of copilot-usage", _ELSEWHERE)
        return None
    try:
        found = json.loads(data)
        layout, months = found["layout"], {name: Whole(*each) for name, each in found["months"].items()}
        ours = found["dataset"] == _DATASET and type(layout) is int
        ours &= all(is_month(name) and list(map(type, each)) == [str, int] for name, each in months.items())
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        ours = False
    if not ours:
        raise NotWritten(f"{target.name} is not a dataset of copilot-usage: {MANIFEST} says something else", _ELSEWHERE)
    if layout != LAYOUT:
        older = "an older" if layout < LAYOUT else "a newer"
        raise NotWritten(f"{target.name} was written by {older} copilot-usage, in another layout", _ELSEWHERE)
    return months


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
        self._known = self._said = open_dataset(target)
        self._sizes = target.sizes()

    def run(self, expect: Callable[[int], None], step: Callable[[], None]) -> Exported:
        with self._history.reading() as connection, self._history.calendar():
            held = fingerprints(connection)
        names = {month.name for month in held}
        known = self._known or {}
        changed = [month for month, seal in held.items() if not self._is_whole(month.name, seal)]
        gone = ({name for path in self._sizes if (name := month_of(path))} | set(known)) - names
        # What is about to be written or removed is not whole, until it is.
        months = {name: each for name, each in known.items() if name in names}
        months |= dict.fromkeys([*gone, *(month.name for month in changed)], _NOT_WHOLE)
        if changed:
            files_of = _load_content()
            expect(len(changed))
        self._say(months)
        for name in gone:
            self._remove(name, months)
        written = 0
        for month in changed:
            seal, made = files_of(self._history, month)
            if not seal:  # another run has removed it meanwhile
                self._remove(month.name, months)
                continue
            for path, data in made.items():
                self._target.write(path, data)
            months[month.name] = Whole(seal, sum(map(len, made.values())))
            self._say(months)
            written += 1
            step()
        self._say(months)
        return Exported(len(months), written, len(gone))

    def _is_whole(self, month: str, seal: str) -> bool:
        """Return whether a month stands there as it is in the history, as far as fingerprints and sizes tell."""
        sizes = [self._sizes.get(path_of(table, month), -1) for table in TABLES]
        return min(sizes) >= 0 and (self._known or {}).get(month) == Whole(seal, sum(sizes))

    def _remove(self, month: str, months: dict[str, Whole]) -> None:
        for table in TABLES:
            self._target.remove(path_of(table, month))
        del months[month]

    def _say(self, months: dict[str, Whole]) -> None:
        """Write the manifest, unless it says so already."""
        if months != self._said:
            found: dict[str, Any] = {"dataset": _DATASET, "layout": LAYOUT, "months": dict(sorted(months.items()))}
            self._target.write(MANIFEST, f"{json.dumps(found)}\n".encode())
            self._said = dict(months)


def _load_content() -> Callable[[History, Month], tuple[str, dict[str, bytes]]]:
    """Load what makes the files of a month, which needs pyarrow."""
    try:
        from copilot_usage_cli.history.dataset.content import files_of
    except ImportError as error:
        raise broken_extra(error) from None
    return files_of
