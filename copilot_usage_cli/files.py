"""Files that a reader sees whole or not at all: written beside, and renamed. Leftovers of killed runs are removed."""

import glob
import os
import stat
import time
import zlib
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

_TEMPORARY_END = ".copilot-usage.tmp"
_LONGEST_START = 200  # bytes of a name, of which a file system takes 255
_LEFT_OVER = 3600  # seconds


def replace_file(target: Path, data: Iterable[bytes], mode: int | None = None) -> None:
    """Write a file beside `target`, and rename it; what runs that were killed left there goes. Raises OSError.

    `mode` is that of the file that is replaced, None for a new one's.
    """
    remove_leftovers(target)
    while not _replaced(target, data, mode):
        pass  # another run took the temporary file for a leftover, before anything was written


def _replaced(target: Path, data: Iterable[bytes], mode: int | None) -> bool:
    """Replace a file, unless another run removes the temporary one before it is locked; returns whether it did."""
    temporary = target.with_name(f"{_temporary_start(target)}{os.urandom(8).hex()}{_TEMPORARY_END}")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        try:
            lock(descriptor)  # so that others see that it is being written
            if not _is_there(temporary, descriptor):
                return False
            if mode is not None:
                os.fchmod(descriptor, stat.S_IMODE(mode))
            write_all(descriptor, data)
            os.fsync(descriptor)
            temporary.replace(target)  # while it is locked, or another run might take it for a leftover
        finally:
            os.close(descriptor)
    except FileExistsError:  # somebody else's
        raise
    except BaseException:  # a signal, too, wherever it comes
        with suppress(OSError):
            temporary.unlink()
        raise
    return True


def _is_there(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def write_all(descriptor: int, data: Iterable[bytes]) -> None:
    """Write all parts of a file's data to a descriptor, without a buffer."""
    for part in data:
        rest = memoryview(part)
        while rest:
            rest = rest[os.write(descriptor, rest) :]


def remove_leftovers(target: Path) -> None:
    """Remove temporary files of runs that were killed while they wrote this file.

    The lock of a run that is gone is gone as well, whichever container it ran in. Where there are no locks, a file is
    left over when it has not been written to for an hour.
    """
    for leftover in target.parent.glob(f"{glob.escape(_temporary_start(target))}*{_TEMPORARY_END}"):
        with suppress(OSError):  # somebody else's, in a shared folder, or just renamed
            descriptor = os.open(leftover, os.O_RDONLY | os.O_NONBLOCK)  # a named pipe would wait
            try:
                locked = lock(descriptor)
                if locked or (locked is None and time.time() - os.fstat(descriptor).st_mtime > _LEFT_OVER):
                    leftover.unlink()
            finally:
                os.close(descriptor)


def is_temporary(name: str) -> bool:
    """Return whether a file's name is that of one that is being written, or left over."""
    return name.startswith(".") and name.endswith(_TEMPORARY_END)


def _temporary_start(target: Path) -> str:
    """Begin the name of a temporary file with the target's, as far as a name may be long."""
    name = target.name
    if len(os.fsencode(name)) > _LONGEST_START:
        name = f"{zlib.crc32(os.fsencode(name)):08x}"
    return f".{name}."


def lock(descriptor: int) -> bool | None:
    """Lock a file; returns whether that was possible, None where there are no locks."""
    try:
        import fcntl
    except ImportError:  # Windows
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        return None
    return True
