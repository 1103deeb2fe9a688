"""Read JSON documents from chunks of bytes as they arrive, whatever their shape, one at a time.

GitHub's report files are called NDJSON, but are a line a record, or one object, or an array; people save all of
these, gzipped or not, and `gh api --paginate` prints arrays without anything between them. A line that is a document
by itself is delivered at once and forgotten; so is each item of an array.
"""

import json
import re
import zlib
from codecs import getincrementaldecoder
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from copilot_usage_cli.github.body import GZIP, MOST_BYTES, BodyTooLarge, UndecodableBody, inflate
from copilot_usage_cli.github.decoding import InvalidDocument, load, load_at, named, not_json, not_text, weigh

_BOM = b"\xef\xbb\xbf"
_WHITESPACE = " \t\r\n"
_BETWEEN = f"{_WHITESPACE}[{{"  # what may follow a document, or nothing
_AFTER = f"{_BETWEEN},]"  # or an item of an array
_PIECE = 1 << 16  # characters that are decoded at first, to find a document in them
_LONGEST_WORD = 16  # characters of a literal, an escape or the like, which a chunk may end in
_MOST_TEXTS = 1000  # documents that can't be records, such as "No report available"


class DocumentsChanged(Exception):
    """A file that is read again does not begin as it did before."""


class Delivered:
    """How many documents of a file were delivered, and their checksum: another reading goes on behind them."""

    def __init__(self) -> None:
        self.count = 0
        self.checksum = 0


def documents(  # noqa: PLR0913 - how a file may be read
    chunks: Iterable[bytes],
    label: str,
    delivered: Delivered | None = None,
    *,
    layers: int = 1,
    most_bytes: int | None = None,
    exact: bool = False,
) -> Iterator[Any]:
    """Yield each JSON document, or each item of one that is an array with items; nothing for an empty stream.

    Those `delivered` by an earlier reading are left out. At most so many `layers` of gzip are taken off, and so many
    bytes read, inflated. If `exact`, fractions are Decimals. Raises NotUnderstood, in which `label` says what it is,
    BodyCutShort for gzip without its end, and DocumentsChanged.
    """
    delivered = delivered or Delivered()
    before, read, checksum, texts = delivered.count, 0, 0, 0
    with named(label):
        for document, raw in _documents(limited(_plain(chunks, layers), most_bytes), exact=exact):
            checksum = zlib.crc32(raw, checksum)
            read += 1
            texts += document == [] or not isinstance(document, dict | list)
            if texts > _MOST_TEXTS:
                raise InvalidDocument(f"holds over {_MOST_TEXTS:,} values that are not records", "look at it with jq")
            if read > before:
                delivered.count, delivered.checksum = read, checksum
                yield document
            elif read == before and checksum != delivered.checksum:
                raise DocumentsChanged
    if read < before:
        raise DocumentsChanged


def limited(chunks: Iterable[bytes], most_bytes: int | None) -> Iterator[bytes]:
    """Pass chunks on; raises BodyTooLarge for more than so many bytes."""
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if most_bytes is not None and size > most_bytes:
            raise BodyTooLarge(f"it is larger than {most_bytes >> 20} MiB")
        yield chunk


def _documents(chunks: Iterator[bytes], *, exact: bool) -> Iterator[tuple[Any, bytes]]:
    """Read lines as long as each is a document and no array, and from there on one text; a document with its bytes."""
    first = next((chunk for chunk in chunks if chunk and not chunk.isspace()), b"")
    chunks = chain([first], chunks)
    if not _is_array(first):  # which may be one line of any length
        lines = _lines(chunks)
        for line in lines:
            try:
                document = None if _is_array(line) else load(line.decode("utf-8"), exact=exact)
            except (ValueError, RecursionError):
                document = None
            if document is None:
                chunks = chain([line], (b"\n" + line for line in lines))
                break
            yield document, line
        else:
            return
    yield from _items(_Text(chunks, exact=exact))


def _is_array(start: bytes) -> bool:
    return start.lstrip().startswith(b"[")


def _items(text: "_Text") -> Iterator[tuple[Any, bytes]]:
    """Read documents that follow one another, and the items of arrays."""
    while text.skip_blank():
        if text.take("["):
            text.skip_blank()
            if text.take("]"):
                yield [], b"[]"
            else:
                yield text.document()
                while text.skip_blank() == ",":
                    text.take(",")
                    text.skip_blank()
                    yield text.document()
                text.expect("]")
            text.expect_end()
        else:
            found = text.document()
            text.expect_end()
            yield found


class _Text:
    """A text that comes in chunks; what has been read of it is forgotten."""

    def __init__(self, chunks: Iterable[bytes], *, exact: bool) -> None:
        self._chunks = iter(chunks)
        self._exact = exact
        self._to_text = getincrementaldecoder("utf-8")().decode
        self._blank = re.compile(f"[{_WHITESPACE}]*").match
        self._start = b""
        self._text = ""
        self._at = 0
        self._ended = False
        self._before = 0, 0  # line feeds, and characters after the last of them, that are forgotten

    def character(self) -> str:
        """Return the next character, or nothing at the end."""
        if self._at == len(self._text):
            self._read_on(1)
        return self._text[self._at : self._at + 1]

    def take(self, character: str) -> bool:
        """Pass the next character if it is this one."""
        if self.character() != character:
            return False
        self._at += 1
        return True

    def expect(self, character: str) -> None:
        """Pass a character; raises InvalidDocument if another comes."""
        if not self.take(character):
            raise self._invalid(self._at)

    def expect_end(self) -> None:
        """Raise InvalidDocument if what comes can't follow a whole document."""
        if self.character() not in _BETWEEN:
            raise self._invalid(self._at)

    def skip_blank(self) -> str:
        """Pass white space, and return the character after it, or nothing at the end."""
        while (character := self.character()) and character in _WHITESPACE:
            blank = self._blank(self._text, self._at)
            self._at = blank.end() if blank else self._at
        return character

    def document(self) -> tuple[Any, bytes]:
        """Read the document that begins here; raises InvalidDocument or BodyTooLarge."""
        while True:
            try:
                document, end = load_at(self._text, self._at, exact=self._exact)
                followed = end < len(self._text)
                if self._text[end : end + 1] in _AFTER if followed else self._ended:
                    raw = self._text[self._at : end].encode("utf-8", "surrogatepass")
                    self._at = end
                    return document, raw
            except json.JSONDecodeError as error:
                near_end = error.pos + _LONGEST_WORD >= len(self._text)
                if self._ended or not (near_end or error.msg.startswith("Unterminated string")):
                    raise self._invalid(error.pos) from None
            except (ValueError, RecursionError):
                raise self._invalid(None) from None
            else:
                if self._ended or end + _LONGEST_WORD < len(self._text):
                    raise self._invalid(end)
            size = len(self._text) - self._at
            if size > MOST_BYTES:
                raise BodyTooLarge(f"one document of it is longer than {MOST_BYTES >> 20} MiB")
            self._read_on(min(2 * size, MOST_BYTES + 1))

    def _invalid(self, at: int | None) -> InvalidDocument:
        """Return an error that what stands at a place is not JSON; None is a place that isn't known."""
        start = self._text if self._text and not any(self._before) else "["
        if at is None:
            return not_json(start)
        feeds, characters = self._before
        last = self._text.rfind("\n", 0, at)
        column = at - last if last >= 0 else characters + at + 1
        return not_json(start, (feeds + self._text.count("\n", 0, at) + 1, column))

    def _read_on(self, wanted: int) -> None:
        """Forget what has been read, and read until so many characters are there, or all; raises BodyTooLarge."""
        last = self._text.rfind("\n", 0, self._at)
        feeds, characters = self._before
        self._before = (
            feeds + self._text.count("\n", 0, self._at),
            self._at - last - 1 if last >= 0 else characters + self._at,
        )
        parts, size = [self._text[self._at :]], len(self._text) - self._at
        while size < max(wanted, _PIECE) and not self._ended:
            chunk = next(self._chunks, None)
            self._ended = chunk is None
            self._start = self._start or (chunk or b"")[:_PIECE]
            try:
                parts.append(self._to_text(chunk or b"", self._ended))
            except UnicodeDecodeError:
                raise not_text(self._start) from None
            size += len(parts[-1])
        self._text, self._at = "".join(parts), 0
        weigh(self._text)


def _plain(chunks: Iterable[bytes], layers: int) -> Iterator[bytes]:
    """Inflate a stream that is gzip by its first bytes, and drop a byte order mark."""
    stream = iter(chunks)
    head = b""
    for chunk in stream:
        head += chunk
        if len(head) >= len(_BOM):
            break
    whole = chain([head], stream)
    if head.startswith(GZIP):
        if not layers:
            raise UndecodableBody("it is gzip within gzip")
        yield from _plain(inflate(whole), layers - 1)
    elif head.startswith(_BOM):
        yield head.removeprefix(_BOM)
        yield from stream
    else:
        yield from whole


def _lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Split into lines at line feeds, and only there; blank ones are left out."""
    begun: list[bytes] = []
    size = 0
    for chunk in chunks:
        if not begun and chunk.isspace():
            continue
        *ended, rest = chunk.split(b"\n")
        for line in ended:
            whole = b"".join([*begun, line]) if begun else line
            begun, size = [], 0
            if whole and not whole.isspace():
                yield whole
        if rest:
            begun.append(rest)
            size += len(rest)
            if size > MOST_BYTES:
                raise BodyTooLarge(f"a line of it is longer than {MOST_BYTES >> 20} MiB")
    if begun and not (whole := b"".join(begun)).isspace():
        yield whole
