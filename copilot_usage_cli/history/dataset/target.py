"""Where a dataset's files go: a folder of this machine, or one of an object store, by pyarrow's file systems.

Each file appears whole: here by a rename, there by its final key. Whatever fails is a NotWritten.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

from copilot_usage_cli import files
from copilot_usage_cli.errors import NotWritten, UsageError
from copilot_usage_cli.history.dataset.layout import month_of, path_of
from copilot_usage_cli.text import one_line, without_secrets

_REMOTE = ("s3", "gs", "abfs", "abfss")
_ONE_REQUEST = "allow_delayed_open"  # for each file that isn't large, where an upload in parts takes three
_COMPLETED = "the next export completes what is there"


class Target(Protocol):
    """A folder of files, named by their paths in it."""

    name: str

    def begin(self) -> None:
        """Make the folder, if it isn't there."""

    def is_empty(self) -> bool:
        """Return whether there is no file, or only what a killed run has left over."""

    def files(self) -> set[str]:
        """List the paths of the files of months that there are."""

    def read(self, path: str) -> bytes | None:
        """Return a file's data, None if it isn't there."""

    def write(self, path: str, data: bytes) -> None:
        """Write a file, whole or not at all."""

    def remove(self, path: str) -> None:
        """Remove a file."""

    def locked(self) -> Any:
        """Return a context that no other run enters at the same time, where that can be had."""


def open_target(address: str) -> Target:
    """Return the target of a folder's name or an address; raises UsageError for an address of another kind."""
    scheme = re.match(r"([A-Za-z][A-Za-z0-9+.-]+)://", address)
    if scheme is None:
        return LocalFolder(address)
    if scheme[1] not in _REMOTE:
        raise UsageError(
            f"{without_secrets(address)}: {scheme[1]}:// is not a kind of address that an export can write to",
            f"name a folder, or an address that begins with {', '.join(f'{each}://' for each in _REMOTE)}",
        )
    return RemoteFolder(address)


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

    def files(self) -> set[str]:
        """List the paths of the files of months that there are."""
        with self._failures():
            return {found.relative_to(self._folder).as_posix() for found in self._folder.glob(path_of("*", "*"))}

    def read(self, path: str) -> bytes | None:
        """Return a file's data, None if it isn't there."""
        with self._failures():
            try:
                return (self._folder / path).read_bytes()
            except FileNotFoundError:
                return None

    def write(self, path: str, data: bytes) -> None:
        """Write a file beside, and rename it."""
        target = self._folder / path
        with self._failures():
            target.parent.mkdir(parents=True, exist_ok=True)
            files.replace_file(target, [data])

    def remove(self, path: str) -> None:
        """Remove a file, and its folder if nothing else is in it."""
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
            raise NotWritten(f"{self.name}: {getattr(error, 'strerror', None) or error}", _COMPLETED) from None


class RemoteFolder:
    """A folder of an object store, whose address pyarrow understands; its options may be in the address."""

    def __init__(self, address: str) -> None:
        from pyarrow import ArrowException
        from pyarrow.fs import FileSystem

        self.name = without_secrets(address.partition("?")[0])
        self._errors = (OSError, ArrowException)
        if address.startswith("s3:") and _ONE_REQUEST not in address:
            address += f"{'&' if '?' in address else '?'}{_ONE_REQUEST}=true"
        try:
            self._system, base = FileSystem.from_uri(address)
        except ValueError:
            base = ""
        except self._errors as error:
            raise self._failure(error) from None
        self._base = base.rstrip("/")
        if not self._base:
            scheme = address.partition(":")[0]
            raise UsageError(f"{self.name} is not a valid address", f"write {scheme}://BUCKET/FOLDER")

    def begin(self) -> None:
        """Do nothing: a folder of an object store is its files' names."""

    def is_empty(self) -> bool:
        """Return whether there is no file."""
        return not self._list()

    def files(self) -> set[str]:
        """List the paths of the files of months that there are."""
        return {path for path in self._list() if month_of(path)}

    def read(self, path: str) -> bytes | None:
        """Return a file's data, None if it isn't there."""
        with self._failures():
            try:
                with self._system.open_input_stream(f"{self._base}/{path}") as stream:
                    data: bytes = stream.read()
                    return data
            except FileNotFoundError:
                return None

    def write(self, path: str, data: bytes) -> None:
        """Upload a file; it is there when all of it is."""
        with self._failures():
            stream = self._system.open_output_stream(f"{self._base}/{path}")
            stream.write(data)
            stream.close()

    def remove(self, path: str) -> None:
        """Remove a file."""
        with self._failures():
            self._system.delete_file(f"{self._base}/{path}")

    def _list(self) -> list[str]:
        from pyarrow.fs import FileSelector, FileType

        selector = FileSelector(self._base, recursive=True, allow_not_found=True)
        with self._failures():
            found = self._system.get_file_info(selector)
        return [each.path.removeprefix(f"{self._base}/") for each in found if each.type == FileType.File]

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Do nothing: object stores have no locks."""
        yield

    @contextmanager
    def _failures(self) -> Iterator[None]:
        try:
            yield
        except self._errors as error:
            raise self._failure(error) from None

    def _failure(self, error: BaseException) -> NotWritten:
        return NotWritten(f"{self.name}: {one_line(str(error))}", _COMPLETED)
