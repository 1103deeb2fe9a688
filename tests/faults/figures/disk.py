"""F14 and F15: calls of the system that fail, and disks that are full."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from faults.figures.durability import is_one_run
from faults.figures.ground import COMMANDS, FORMATS, Figure, UnmeasuredFigure, classic_days, each, run
from support.program import SCRIPT

from copilot_usage_cli.errors import NotWritten
from copilot_usage_cli.history.store import History
from copilot_usage_cli.model.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Iterator

    from faults.figures.ground import Ended, Ground

_DAYS = 12
_ROWS = 10
_CALLS = (
    *("openat", "read", "pread64", "lseek", "write", "pwrite64", "fsync", "fdatasync", "ftruncate", "rename", "unlink"),
    *("newfstatat", "fstat", "fcntl", "mkdir", "fchmod", "fchown", "getcwd", "readlink", "close"),
)
_ERRORS = {
    **dict.fromkeys(("write", "pwrite64", "mkdir", "ftruncate", "fdatasync", "fsync"), ("EIO", "ENOSPC")),
    "openat": ("EIO", "EMFILE", "ENOSPC"),
    "fcntl": ("EIO", "ENOLCK"),
}
_IMPORT = ("history", "import", "-", "--scope", "org:acme")
_QUOTED = '"$0" "$@"'
_SMALL = 128  # KiB of the disk that is full
_FULL = Path("/dev/full")


class Point(NamedTuple):
    """The call to fail: its name, which of them, with what, and with a file of an earlier import or none."""

    call: str
    number: int
    error: str
    is_new: bool


def failing_calls(ground: Ground) -> Figure:
    """Fail calls on the history's files, one a run, while days are imported."""
    strace = shutil.which("strace")
    if strace is None:
        raise UnmeasuredFigure("there is no strace")
    template, numbers = ground.folder / "old.sqlite3", (7, 8)
    days = {number: json.dumps(classic_days(_DAYS, _ROWS, number)).encode() for number in numbers}
    old = run(*_IMPORT, env={"COPILOT_USAGE_HISTORY": str(template)}, stdin=days[7])
    if old.code:
        raise UnmeasuredFigure(f"the import before the faults failed: {old.err}")
    trace = _Trace(Path(strace), ground.folder, template, days[8])
    points = [
        Point(call, n, error, is_new)
        for is_new in (False, True)
        for call, count in trace.count(is_new=is_new).items()
        for n in range(1, count + 1)
        for error in _ERRORS.get(call, ("EIO",))
    ]
    if not points:
        raise UnmeasuredFigure("strace may not trace here")
    points = ground.chance("F14").sample(points, min(len(points), ground.pick(8, 1000)))
    ended = each(trace.fail, points, 3)
    hit = [fault for was_hit, fault in ended if was_hit]
    faults = [
        f"{point.call} {point.number} {point.error}{' (new file)' * point.is_new}: {fault}"
        for point, (_, fault) in zip(points, ended, strict=True)
        if fault
    ]
    words = f"{len(hit) - len(faults)} of {len(hit)} failed calls leave the old days or all new ones"
    return Figure("F14", "; ".join([words, *faults[:6]]), not faults and len(hit) >= ground.pick(6, 200))


class _Trace:
    """Imports under strace, which fails one call on the history, its journal or their folder."""

    def __init__(self, strace: Path, folder: Path, template: Path, days: bytes) -> None:
        self._strace = strace
        self._folder = folder
        self._template = template
        self._days = days

    def count(self, *, is_new: bool) -> Counter[str]:
        """Count the calls of an import in which none fails."""
        _, log, _ = self._import((), is_new=is_new)
        return Counter(name for name in re.findall(r"^\d+ +(\w+)\(", log, re.MULTILINE) if name in _CALLS)

    def fail(self, point: Point) -> tuple[bool, str]:
        """Fail a call; return whether it came to that, and what is wrong afterwards."""
        inject = ("-e", f"inject={point.call}:error={point.error}:when={point.number}")
        ended, log, path = self._import(inject, is_new=point.is_new)
        return "(INJECTED)" in log, self._look(ended, path, is_new=point.is_new)

    def _import(self, inject: tuple[str, ...], *, is_new: bool) -> tuple[Ended, str, Path]:
        folder = self._folder / os.urandom(8).hex()
        path, log = folder / "kept" / "h.sqlite3", folder / "log"
        folder.mkdir()
        if not is_new:
            path.parent.mkdir()
            shutil.copy(self._template, path)
        paths = [f"-P{path}{end}" for end in ("", "-journal", "-wal")] + [f"-P{path.parent}"]
        command = (self._strace, "-f", "-qq", "-o", log, *paths, *inject, SCRIPT, *_IMPORT)
        ended = run(*command, env={"COPILOT_USAGE_HISTORY": str(path)}, stdin=self._days)
        return ended, log.read_text("utf-8", "replace"), path

    def _look(self, ended: Ended, path: Path, *, is_new: bool) -> str:
        lines = len(ended.err.splitlines())
        if ended.has_traceback or ended.code not in {0, 8} or lines > 3 or (ended.code and not lines):
            return f"exit {ended.code}: {ended.err.strip().splitlines()[-1:]}"
        acknowledged = "stored 12 of 12 days" in ended.out
        try:
            found = self._days_of(path)
        except NotWritten as error:
            return f"can't be read afterwards: {error.message}"
        expected = [{8}] if acknowledged else [{8}, set() if is_new else {7}]
        if found not in expected:
            return f"exit {ended.code}, and the numbers {found} are there, which should be {expected}"
        if ended.code == 0 and not acknowledged:
            return f"it ended with 0, but without having stored all: {ended.out}"
        return ""

    @staticmethod
    def _days_of(path: Path) -> set[int | None]:
        """Return the numbers that the days have, or {-1} for days that are torn."""
        if not path.exists() or not path.stat().st_size:
            return set()
        with History(path, create=False) as history:
            if history.check():
                return {-1}
            days = history.load("github.com", Scope("org", "acme"), ("usage",), None, None)
        return {day.total_suggestions_count for day in days} if is_one_run(days) and len(days) in {0, _DAYS} else {-1}


@contextmanager
def full_disk(folder: Path) -> Iterator[bool]:
    """Mount a small disk on a folder if that is allowed; tell whether it is."""
    mount, umount = shutil.which("mount"), shutil.which("umount")
    options = ("-t", "tmpfs", "-o", f"size={_SMALL}k", "tmpfs", folder)
    mounted = bool(mount and umount) and run(Path(mount or ""), *options).code == 0
    try:
        yield mounted
    finally:
        if mounted:
            run(Path(umount or ""), folder)


def full_disks(ground: Ground) -> Figure:
    """Write each format to a stdout and to a file on a disk that has no room for it."""
    source = ground.folder / "big.json"
    source.write_text(json.dumps(classic_days(40, 34, name="language " * 20)), "utf-8")
    report = ("org", "acme", "--input", source, "-q", "--by", "day,language", "-f")
    small = ground.folder_named("small")
    done: dict[str, bool] = {}
    with full_disk(small) as mounted:
        limit = "" if mounted else f"ulimit -f {_SMALL}; "
        for form in ground.pick(("csv", "json"), FORMATS):
            for unbuffered in ("", "1"):
                env = {"PYTHONUNBUFFERED": unbuffered}
                if _FULL.exists():
                    ended = _shell(f"{_QUOTED} > {_FULL}", *report, form, env=env)
                    done[f"{form} to stdout {unbuffered}"] = _refused(ended)
                target = small / f"usage.{form}"
                target.write_text("old", "utf-8")
                ended = _shell(limit + _QUOTED, *report, form, "-o", target, env=env)
                intact = target.read_text("utf-8") == "old" and [path.name for path in small.iterdir()] == [target.name]
                done[f"{form} to a file {unbuffered}"] = _refused(ended) and intact
                target.unlink()
        held = {"COPILOT_USAGE_HISTORY": str(ground.folder / "held.sqlite3")}
        run(*_IMPORT, env=held, stdin=json.dumps(classic_days(3, 3)).encode())
        for command in COMMANDS if _FULL.exists() else ():
            ended = _shell(f"{_QUOTED} > {_FULL}", *command, env=held)
            done[" ".join(command)] = _refused(ended)
        done["history"] = _keeps_its_days(small / "h.sqlite3", limit)
    failed = [name for name, ok in done.items() if not ok]
    words = f"{len(done) - len(failed)} of {len(done)} writes to a full {'disk' if mounted else 'file (RLIMIT_FSIZE)'}"
    words += " are refused, and what was there stays"
    return Figure("F15", "; ".join([words, *failed]), not failed)


def _shell(line: str, *args: object, env: dict[str, str], stdin: bytes = b"") -> Ended:
    return run(Path("/bin/sh"), "-c", line, SCRIPT, *args, env=env, stdin=stdin)


def _refused(ended: Ended) -> bool:
    return ended.code == NotWritten.exit_code and not ended.has_traceback and 0 < len(ended.err.splitlines()) <= 3


def _keeps_its_days(path: Path, limit: str) -> bool:
    """Fill a history until the disk is full; what it said that it stored must be there."""
    env = {"COPILOT_USAGE_HISTORY": str(path)}
    stored = 0
    for n in range(1, 29):
        day = classic_days(1, 400, n)[0] | {"day": f"2026-02-{n:02}"}
        ended = _shell(limit + _QUOTED, *_IMPORT, env=env, stdin=json.dumps([day]).encode())
        if ended.code:
            break
        stored += 1
    with History(path, create=False, read_only=True) as history:
        kept = history.load("github.com", Scope("org", "acme"), ("usage",), None, None)
        return _refused(ended) and stored > 0 and len(kept) == stored and history.check() == []
