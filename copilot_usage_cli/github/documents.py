"""Read JSON documents: one at once, or from chunks of bytes as they arrive, whatever their shape.

GitHub's report files are called NDJSON, but are a line a record, or one object, or an array; people save all of
these, gzipped or not, and `gh api --paginate` prints arrays without anything between them. A line that is a document
by itself is delivered at once and forgotten; from the first that isn't, the rest is read whole.
"""

import json
import re
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Any

from copilot_usage_cli.errors import NotUnderstood
from copilot_usage_cli.github.body import LIMIT, BodyTooLarge, UndecodableBody, inflate

_GZIP = b"\x1f\x8b"
_BOM = b"\xef\xbb\xbf"
_LONGEST_LINE = LIMIT
_KEEP_JSON = "keep JSON: --json writes what --input reads"
_COLUMN = r"\"?[^\W\d][\w .()%/-]*\"?"  # what a header names one
_OTHER_TEXTS = (
    (r"<", "a web page, not JSON", "a proxy or a login page may have answered instead"),
    (r"HTTP/\d", "an answer with its headers, as curl -i writes it", "save the body alone: leave out -i"),
    (r"From: <Saved by |MIME-Version: ", "a saved web page, not JSON", "save the answer of the API itself"),
    (r"(org|enterprise|team):\S+ \| ", "this tool's table, which can't be read back", _KEEP_JSON),
    (rf"{_COLUMN}([,;\t]{_COLUMN})+\r?(\n|$)", "CSV, which can't be read back", _KEEP_JSON),
)
_ARCHIVES = {b"PK\x03\x04": "a zip archive or a workbook", b"%PDF": "a PDF", b"SQLite format 3": "a SQLite database"}
_MOST_LAYERS = 2  # of gzip
_WHITESPACE = " \t\r\n"
_BETWEEN = f"{_WHITESPACE}[{{"  # what may follow a document, or nothing


class DocumentsChanged(Exception):
    """A file that is read again does not begin as it did before."""


class Delivered:
    """How many documents of a file were delivered, and their checksum: another reading goes on behind them."""

    def __init__(self) -> None:
        self.count = 0
        self.checksum = 0


def decode(body: bytes, label: str) -> Any:
    """Decode one JSON document; raises NotUnderstood, in which `label` says what it is."""
    with _named(label):
        text = _text(body)
        try:
            return json.loads(text, parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            raise _not_json(text, error) from None


def documents(chunks: Iterable[bytes], label: str, delivered: Delivered | None = None) -> Iterator[Any]:
    """Yield each JSON document; nothing for an empty stream.

    Those `delivered` by an earlier reading are left out. Raises NotUnderstood, in which `label` says what it is,
    BodyCutShort for gzip without its end, and DocumentsChanged.
    """
    with _named(label):
        yield from _documents(_lines(_plain(chunks)), delivered or Delivered())


def empty(label: str) -> NotUnderstood:
    """Return an error that something is empty where JSON is due."""
    return _not_json("").located(label)


class _InvalidDocument(Exception):
    """What is wrong with a text; who knows what it is puts its name before the problem."""

    def __init__(self, problem: str, hint: str) -> None:
        super().__init__(problem)
        self._problem = problem
        self._hint = hint

    def located(self, label: str) -> NotUnderstood:
        return NotUnderstood(f"{label} {self._problem}", self._hint)


@contextmanager
def _named(label: str) -> Iterator[None]:
    try:
        yield
    except _InvalidDocument as error:
        raise error.located(label) from None
    except (BodyTooLarge, UndecodableBody) as error:
        raise NotUnderstood(f"{label} can't be read: {error}", "fetch it again") from None


def _not_json(text: str, error: Exception | None = None) -> _InvalidDocument:
    """Return an error that says in what way a text is not JSON."""
    start = text[:2000].lstrip()
    if not start:
        return _InvalidDocument("is empty, not JSON", "an answer with no days would be []")
    for pattern, what, hint in _OTHER_TEXTS:
        if re.match(pattern, start):
            return _InvalidDocument(f"is {what}", hint)
    where = f" (line {error.lineno}, column {error.colno})" if isinstance(error, json.JSONDecodeError) else ""
    return _InvalidDocument(f"is not JSON, or was cut short{where}", "fetch it again, or look at it with jq")


def _decode_each(body: bytes) -> Iterator[Any]:
    text = _text(body)
    decoder = json.JSONDecoder(parse_constant=_refuse_constant)
    at = _skip_whitespace(text, 0)
    if at == len(text):
        raise _not_json(text)
    while at < len(text):
        try:
            document, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            raise _not_json(text, error) from None
        if text[at : at + 1] not in _BETWEEN:
            raise _not_json(text)
        yield document
        at = _skip_whitespace(text, at)


def _documents(lines: Iterator[bytes], delivered: Delivered) -> Iterator[Any]:
    load = json.JSONDecoder(parse_constant=_refuse_constant).decode
    _skip(lines, delivered)
    for line in lines:
        try:
            document = load(line.decode("utf-8"))
        except (ValueError, RecursionError):
            if not line.strip():
                continue
            yield from _decode_each(_join(chain([line], lines)))
            return
        delivered.count += 1
        delivered.checksum = zlib.crc32(line, delivered.checksum)
        yield document


def _skip(lines: Iterator[bytes], delivered: Delivered) -> None:
    """Pass the lines that were delivered before, and make sure that they are the same."""
    checksum = 0
    for _ in range(delivered.count):
        line = next((line for line in lines if line.strip()), b"")
        checksum = zlib.crc32(line, checksum)
    if checksum != delivered.checksum:
        raise DocumentsChanged


def _plain(chunks: Iterable[bytes], depth: int = 0) -> Iterator[bytes]:
    """Inflate a stream that is gzip by its first bytes, and drop a byte order mark."""
    if depth > _MOST_LAYERS:
        raise UndecodableBody("it is gzip within gzip within gzip")
    stream = iter(chunks)
    head = b""
    for chunk in stream:
        head += chunk
        if len(head) >= len(_BOM):
            break
    whole = chain([head], stream)
    if head.startswith(_GZIP):
        yield from _plain(inflate(whole), depth + 1)
    elif head.startswith(_BOM):
        yield head.removeprefix(_BOM)
        yield from stream
    else:
        yield from whole


def _lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Split into lines at line feeds, and only there."""
    begun: list[bytes] = []
    size = 0
    for chunk in chunks:
        *ended, rest = chunk.split(b"\n")
        for line in ended:
            yield b"".join([*begun, line]) if begun else line
            begun, size = [], 0
        if rest:
            begun.append(rest)
            size += len(rest)
            if size > _LONGEST_LINE:
                raise BodyTooLarge(f"a line of it is longer than {_LONGEST_LINE >> 20} MiB")
    if begun:
        yield b"".join(begun)


def _join(lines: Iterable[bytes]) -> bytes:
    parts: list[bytes] = []
    size = 0
    for line in lines:
        parts.append(line)
        size += len(line) + 1
        if size > LIMIT:
            raise BodyTooLarge(f"it is larger than {LIMIT >> 20} MiB and has no line for each record")
    return b"\n".join(parts)


def _text(body: bytes) -> str:
    """Decode UTF-8, with or without a byte order mark."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        for start, what in _ARCHIVES.items():
            if body.startswith(start):
                raise _InvalidDocument(f"is {what}, not JSON", "give it the JSON of the API") from None
        hint = "save it as UTF-8: an older PowerShell's > does not"
        raise _InvalidDocument("is not UTF-8 text, so not JSON", hint) from None


def _skip_whitespace(text: str, at: int) -> int:
    """Return where a text goes on after the white space that JSON allows."""
    while at < len(text) and text[at] in _WHITESPACE:
        at += 1
    return at


def _refuse_constant(name: str) -> float:
    """Refuse NaN and Infinity, which Python reads and JSON doesn't have."""
    raise ValueError(f"{name} is not JSON")
