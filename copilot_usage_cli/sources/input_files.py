"""Files that are read instead of asking GitHub, as they come: no more than a part of one is held at a time."""

import sys
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from copilot_usage_cli.errors import NotUnderstood, NotWritten, UsageError
from copilot_usage_cli.github.body import BodyCutShort
from copilot_usage_cli.github.decoding import empty
from copilot_usage_cli.github.documents import documents, limited

STDIN = "-"
_CHUNK = 1 << 16
_LARGEST = 1 << 30  # bytes of a file, as it comes and inflated


def open_files(names: Sequence[str], *, again: bool = False) -> "list[InputFile]":
    """Return the files of some names, of which `-` is stdin; raises UsageError if that is among them twice."""
    if names.count(STDIN) > 1:
        raise UsageError("--input - is given twice", "stdin can be read once")
    return [InputFile(name, again=again) for name in names]


class InputFile:
    """A file of JSON documents; a stream that is read `again` is kept on the disk meanwhile."""

    def __init__(self, name: str, *, again: bool) -> None:
        self._name = name
        self.label = "stdin" if name == STDIN else name
        self._again = again
        self._kept: IO[bytes] | None = None

    def close(self) -> None:
        """Forget what was kept."""
        if self._kept is not None:
            self._kept.close()

    def documents(self, *, exact: bool = False) -> Iterator[Any]:
        """Yield the documents of the file, one at least; if `exact`, fractions are Decimals.

        Raises UsageError if it can't be read, NotUnderstood if it isn't JSON, is cut short, or is empty.
        """
        is_empty = True
        try:
            chunks = limited(self._chunks(), _LARGEST)
            for document in documents(chunks, self.label, most_bytes=_LARGEST, exact=exact):
                is_empty = False
                yield document
        except BodyCutShort:
            raise NotUnderstood(f"{self.label} is a gzip file that was cut short", "fetch it again") from None
        if is_empty:
            raise empty(self.label)

    def _chunks(self) -> Iterator[bytes]:
        if self._kept is not None:
            self._kept.seek(0)
            yield from _read(self._kept)
        elif self._name == STDIN:
            yield from self._stream(sys.stdin.buffer if sys.stdin else BytesIO())
        else:
            path = Path(self._name)
            try:
                is_stream = path.exists() and not path.is_file() and not path.is_dir()
                with path.open("rb") as file:
                    yield from self._stream(file) if is_stream else _read(file)
            except OSError as error:
                hint = "give the name of a saved response, or - for stdin"
                raise UsageError(f"can't read {self._name}: {error.strerror}", hint) from None

    def _stream(self, file: IO[bytes]) -> Iterator[bytes]:
        """Read what can be read once."""
        if not self._again:
            yield from _read(file)
            return
        from tempfile import TemporaryFile

        self._kept = TemporaryFile()  # noqa: SIM115 - it is closed with the program, and has no name
        for chunk in _read(file):
            try:
                self._kept.write(chunk)
            except OSError as error:
                raise NotWritten(f"can't keep {self.label} to read it twice: {error.strerror}") from None
            yield chunk


def _read(file: IO[bytes]) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK):
        yield chunk
