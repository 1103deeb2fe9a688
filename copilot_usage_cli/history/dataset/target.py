"""Where a dataset's files go: a folder of this machine, or one of an object store.

Each file appears whole: here by a rename, there by its final key. Whatever fails is a NotWritten.
"""

from typing import Any, Protocol

from copilot_usage_cli.errors import UsageError
from copilot_usage_cli.text import one_line

LONGEST = 16 << 20
"""The most bytes of a file that are read; a month takes a hundred of the manifest."""

COMPLETED = "the next export completes what is there"


class Target(Protocol):
    """A folder of files, named by their paths in it."""

    name: str

    def begin(self) -> None:
        """Make the folder, if it isn't there."""

    def is_empty(self) -> bool:
        """Return whether there is no file, or only what a killed run has left over."""

    def sizes(self) -> dict[str, int]:
        """List the paths of the files of months that there are, with their sizes in bytes."""

    def read(self, path: str) -> bytes | None:
        """Return a file's data, None if it isn't there."""

    def write(self, path: str, data: bytes) -> None:
        """Write a file, whole or not at all."""

    def remove(self, path: str) -> None:
        """Remove a file, if it is there, what a killed run has left of it, and its folder if nothing else is in it."""

    def locked(self) -> Any:
        """Return a context that no other run enters at the same time, where that can be had."""


def shown(address: str) -> str:
    """Write an address without its keys and options."""
    scheme, _, rest = address.partition(":")
    keys, _, place = rest.removeprefix("//").rpartition("@")
    return f"{scheme}://{'***@' if keys else ''}{place.partition('?')[0]}"


def not_valid(address: str, form: str, reason: str = "") -> UsageError:
    """Return an error that says how an address is written."""
    keys = "\nkeys belong into the environment, or percent-encoded into the address" if "@" in address else ""
    said = f": {one_line(reason)}" if reason else ""
    return UsageError(f"{shown(address)} is not a valid address{said}", f"write {form}{keys}")


def broken_extra(error: ImportError) -> UsageError:
    """Return an error that says why pyarrow, which is there, can't be loaded."""
    return UsageError(f"pyarrow can't be loaded: {one_line(str(error))}", "install it anew: the extra parquet has it")
