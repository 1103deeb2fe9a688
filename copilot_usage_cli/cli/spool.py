"""What waits for its turn, in a file without a name: thousands of reports take no memory."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

from copilot_usage_cli.errors import NotWritten

_IN_MEMORY = 1 << 20  # bytes; more goes to the disk


@contextmanager
def temporary_files() -> Iterator[None]:
    """Say where the fault is if a temporary file can't be written; raises NotWritten."""
    try:
        yield
    except OSError as error:
        raise NotWritten(
            f"the temporary file can't be written: {error.strerror or error}", "TMPDIR names its folder"
        ) from None


class Spool:
    """Keeps texts, or what is packed, by number, to be read in any order.

    A context manager; raises NotWritten where the disk is full.
    """

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - __exit__ closes it
        self._places: dict[int, tuple[int, int]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def put(self, number: int, text: str) -> None:
        """Keep a text."""
        self.put_packed(number, text.encode("utf-8", "surrogatepass"))

    def put_packed(self, number: int, data: bytes) -> None:
        """Keep what is packed."""
        with temporary_files():
            at = self._file.seek(0, 2)
            self._file.write(data)
        self._places[number] = (at, len(data))

    def get(self, number: int) -> str:
        """Return a text that was kept."""
        return self.get_packed(number).decode("utf-8", "surrogatepass")

    def get_packed(self, number: int) -> bytes:
        """Return what was kept, packed as it was."""
        at, size = self._places[number]
        self._file.seek(at)
        return self._file.read(size)
