"""A dataset in a folder of this machine."""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from copilot_usage_cli import files
from copilot_usage_cli.errors import NotWritten
from copilot_usage_cli.history.dataset.layout import TABLES, month_of
from copilot_usage_cli.history.dataset.target import COMPLETED, LONGEST

_CURES = {
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), "is the folder yours to write? If not, name another"),
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), f"make room: {COMPLETED}"),
}


class LocalFolder:
    """A folder of this machine; it is made if its parent is there."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._folder = Path(name)
        with self._failures():
            if self._folder.exists() and not self._folder.is_dir():
                raise NotWritten(f"{name}: it is not a directory", "name a new or an empty one")
            parent = self._folder.resolve().parent
            if not parent.is_dir():
                raise NotWritten(f"{name}: there is no directory {parent}", "make it first")

    def begin(self) -> None:
        """Make the folder, if it isn't there."""
        with self._failures():
            self._folder.mkdir(exist_ok=True)

    def is_empty(self) -> bool:
        """Return whether there is no file, or only what a killed run has left over."""
        with self._failures():
            try:
                return all(files.is_temporary(each.name) for each in self._folder.iterdir())
            except FileNotFoundError:
                return True

    def sizes(self) -> dict[str, int]:
        """List the paths of the files of months that there are, with their sizes in bytes."""
        found = {}
        with self._failures():
            for table in TABLES:
                with suppress(FileNotFoundError):
                    for folder in (self._folder / table).iterdir():
                        path = f"{table}/{folder.name}/data.parquet"
                        if month_of(path) is not None:
                            with suppress(FileNotFoundError):
                                found[path] = _size((self._folder / path).stat())
        return found

    def read(self, path: str) -> bytes | None:
        """Return a file's data, None if it isn't there."""
        with self._failures():
            try:
                descriptor = os.open(self._folder / path, os.O_RDONLY | os.O_NONBLOCK)  # a named pipe would wait
            except FileNotFoundError:
                return None
            with os.fdopen(descriptor, "rb") as file:
                return file.read(LONGEST) if _size(os.fstat(descriptor)) >= 0 else b""

    def write(self, path: str, data: bytes) -> None:
        """Write a file beside, and rename it."""
        target = self._folder / path
        with self._failures():
            target.parent.mkdir(parents=True, exist_ok=True)
            files.replace_file(target, [data])

    def remove(self, path: str) -> None:
        """Remove a file, if it is there, what a killed run has left of it, and its folder if nothing else is in it."""
        target = self._folder / path
        with self._failures():
            target.unlink(missing_ok=True)
            files.remove_leftovers(target)
            with suppress(OSError):
                target.parent.rmdir()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Let no other run write to the folder meanwhile."""
        with self._failures():
            descriptor = os.open(self._folder, os.O_RDONLY)
        try:
            if files.lock(descriptor) is False:
                raise NotWritten(f"{self.name} is being written by another run", "try again later")
            yield
        finally:
            os.close(descriptor)

    @contextmanager
    def _failures(self) -> Iterator[None]:
        try:
            yield
        except (OSError, RuntimeError) as error:
            cure = _CURES.get(getattr(error, "errno", None) or 0, COMPLETED)
            raise NotWritten(f"{self.name}: {getattr(error, 'strerror', None) or error}", cure) from None


def _size(found: os.stat_result) -> int:
    """Return the size of a regular file, -1 for anything else."""
    return found.st_size if stat.S_ISREG(found.st_mode) else -1
