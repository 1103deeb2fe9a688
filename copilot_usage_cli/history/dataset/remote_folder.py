"""A dataset in an object store, by pyarrow's file systems."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TypeVar

from copilot_usage_cli.errors import NotWritten
from copilot_usage_cli.history.dataset.layout import month_of
from copilot_usage_cli.history.dataset.target import COMPLETED, LONGEST, broken_extra, not_valid, shown
from copilot_usage_cli.text import one_line

T = TypeVar("T")

_OPTIONS = {
    "s3": "allow_delayed_open=true",  # one request for each file that isn't large, where an upload in parts takes three
    "gs": "retry_limit_seconds=30",  # as patient as with others; its own patience is a quarter of an hour
}


class RemoteFolder:
    """A folder of an object store, whose address pyarrow understands; its options may be in the address."""

    def __init__(self, address: str, form: str) -> None:
        try:
            from pyarrow import ArrowException
            from pyarrow.fs import FileSystem
        except ImportError as error:
            raise broken_extra(error) from None
        self.name = shown(address)
        self._address = address
        self._errors = (OSError, ArrowException)
        option = _OPTIONS.get(address.partition(":")[0], "")
        if option and option.partition("=")[0] not in address:
            address += f"{'&' if '?' in address else '?'}{option}"
        try:
            self._system, base = _waited_for(lambda: FileSystem.from_uri(address))
        except ValueError as error:
            raise not_valid(self._address, form, str(error).replace(address, self.name)) from None
        except self._errors as error:
            raise self._failure(error) from None
        self._base = base.strip("/")
        if not self._base:
            raise not_valid(self._address, form)

    def begin(self) -> None:
        """Do nothing: a folder of an object store is its files' names."""

    def is_empty(self) -> bool:
        """Return whether there is no file."""
        return not self._list(self._base)

    def sizes(self) -> dict[str, int]:
        """List the paths of the files of months that there are, with their sizes in bytes."""
        return {path: size for path, size in self._list(self._base).items() if month_of(path)}

    def read(self, path: str) -> bytes | None:
        """Return a file's data, None if it isn't there."""
        from pyarrow.fs import FileType

        def read() -> bytes | None:
            # Asked first: where there are no keys for it, Azure's client ends the process if it opens a file.
            if self._system.get_file_info(self._full(path)).type == FileType.NotFound:
                return None
            with self._system.open_input_stream(self._full(path)) as stream:
                data: bytes = stream.read(LONGEST)
                return data

        with self._failures():
            return _waited_for(read)

    def write(self, path: str, data: bytes) -> None:
        """Upload a file; it is there when all of it is."""

        def write() -> None:
            stream = self._system.open_output_stream(self._full(path))
            stream.write(data)
            stream.close()

        with self._failures():
            _waited_for(write)

    def remove(self, path: str) -> None:
        """Remove a file, if it is there, and what stands for its folder if nothing else is in it."""
        folder = self._full(path).rpartition("/")[0]
        with self._failures(), suppress(FileNotFoundError):
            _waited_for(lambda: self._system.delete_file(self._full(path)))
        if not self._list(folder):
            with self._failures(), suppress(FileNotFoundError):
                _waited_for(lambda: self._system.delete_dir(folder))

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Do nothing: object stores have no locks."""
        yield

    def _full(self, path: str) -> str:
        return f"{self._base}/{path}"

    def _list(self, folder: str) -> dict[str, int]:
        from pyarrow.fs import FileSelector, FileType

        selector = FileSelector(folder, recursive=True, allow_not_found=True)
        with self._failures():
            found = _waited_for(lambda: self._system.get_file_info(selector))
        return {each.path.removeprefix(f"{self._base}/"): each.size for each in found if each.type == FileType.File}

    @contextmanager
    def _failures(self) -> Iterator[None]:
        try:
            yield
        except self._errors as error:
            raise self._failure(error) from None

    def _failure(self, error: BaseException) -> NotWritten:
        said = one_line(str(error).replace(self._address, self.name))
        return NotWritten(
            f"{self.name}: {said}", f"are the address, its region and your keys right? If so, {COMPLETED}"
        )


def _waited_for(action: Callable[[], T]) -> T:
    """Do in a thread what may take long in pyarrow, which doesn't let Python see a signal meanwhile."""
    results: list[T] = []
    errors: list[BaseException] = []

    def act() -> None:
        try:
            results.append(action())
        except BaseException as error:  # noqa: BLE001 - raised below
            errors.append(error)

    thread = threading.Thread(target=act, name="object store", daemon=True)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return results[0]
