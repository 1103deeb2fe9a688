"""Read JSON documents: one at once, or from chunks of bytes as they arrive, whatever their shape.

GitHub's report files are called NDJSON, but are a line a record, or one object, or an array; people save all of
these, gzipped or not, and `gh api --paginate` prints arrays without anything between them. A line that is a document
by itself is delivered at once and forgotten; from the first that isn't, the rest is read whole.
"""

import json
import re
import zlib
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from copilot_usage_cli.errors import NotUnderstood
from copilot_usage_cli.github.body import LIMIT, BodyTooLarge, UndecodableBody, inflate

_GZIP = b"\x1f\x8b"
_BOM = b"\xef\xbb\xbf"
_LONGEST_LINE = LIMIT
_CSV = r"[^\[{\n]*[A-Za-z][^\[{\n]*([,;\t][^\[{\n]*)+(\n|$)"  # a line of names
_OWN_TABLE = r"(org|enterprise|team):\S+ \| "
_SAVED_PAGE = r"(From: <Saved by |MIME-Version: )"
_ARCHIVES = {b"PK\x03\x04": "a zip archive or a workbook", b"%PDF": "a PDF", b"SQLite format 3": "a SQLite database"}
_MOST_LAYERS = 2  # of gzip
_WHITESPACE = " \t\r\n"


class DocumentsChanged(Exception):
    """A file that is read again does not begin as it did before."""


class Delivered:
    """How many documents of a file were delivered, and their checksum: another reading goes on behind them."""

    def __init__(self) -> None:
        self.count = 0
        self.checksum = 0


def decode(body: bytes, label: str) -> Any:
    """Decode one JSON document; raises NotUnderstood, in which `label` says what it is."""
    text = _text(body, label)
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise not_json(text, label, error) from None


def decode_each(body: bytes, label: str) -> Iterator[Any]:
    """Decode JSON documents that follow one another: one, a line each, or as `gh api --paginate` prints them."""
    text = _text(body, label)
    decoder = json.JSONDecoder(parse_constant=_refuse_constant)
    at = _skip_whitespace(text, 0)
    if at == len(text):
        raise not_json(text, label)
    while at < len(text):
        try:
            document, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            raise not_json(text, label, error) from None
        yield document
        at = _skip_whitespace(text, at)


def documents(chunks: Iterable[bytes], label: str, delivered: Delivered | None = None) -> Iterator[Any]:
    """Yield each JSON document; nothing for an empty stream.

    Those `delivered` by an earlier reading are left out. Raises NotUnderstood, in which `label` says what it is,
    BodyCutShort for gzip without its end, and DocumentsChanged.
    """
    try:
        yield from _documents(_lines(_plain(chunks)), label, delivered or Delivered())
    except (BodyTooLarge, UndecodableBody) as error:
        raise NotUnderstood(f"{label} can't be read: {error}", "fetch it again") from None


def not_json(text: str, label: str, error: Exception | None = None) -> NotUnderstood:
    """Return an error that says in what way a text is not JSON."""
    start = text[:2000].lstrip()
    if not start:
        return NotUnderstood(f"{label} is empty, not JSON", "an answer with no days would be []")
    if start.startswith("<"):
        return NotUnderstood(f"{label} is a web page, not JSON", "a proxy or a login page may have answered instead")
    if re.match(_SAVED_PAGE, start):
        return NotUnderstood(f"{label} is a saved web page, not JSON", "save the answer of the API itself")
    if re.match(_OWN_TABLE, start):
        return NotUnderstood(f"{label} is this tool's table, which can't be read back", "keep JSON: --json writes it")
    if re.match(_CSV, start):
        return NotUnderstood(f"{label} is CSV, which can't be read back", "keep JSON: --json writes what --input reads")
    where = f" (line {error.lineno}, column {error.colno})" if isinstance(error, json.JSONDecodeError) else ""
    return NotUnderstood(f"{label} is not JSON, or was cut short{where}", "fetch it again, or look at it with jq")


def _documents(lines: Iterator[bytes], label: str, delivered: Delivered) -> Iterator[Any]:
    load = json.JSONDecoder(parse_constant=_refuse_constant).decode
    _skip(lines, delivered)
    for line in lines:
        try:
            document = load(line.decode("utf-8"))
        except (ValueError, RecursionError):
            if not line.strip():
                continue
            yield from decode_each(_join(chain([line], lines)), label)
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


def _text(body: bytes, label: str) -> str:
    """Decode UTF-8, with or without a byte order mark."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        for start, what in _ARCHIVES.items():
            if body.startswith(start):
                raise NotUnderstood(f"{label} is {what}, not JSON", "give it the JSON of the API") from None
        raise NotUnderstood(
            f"{label} is not UTF-8 text, so not JSON", "save it as UTF-8: an older PowerShell's > does not"
        ) from None


def _skip_whitespace(text: str, at: int) -> int:
    """Return where a text goes on after the white space that JSON allows."""
    while at < len(text) and text[at] in _WHITESPACE:
        at += 1
    return at


def _refuse_constant(name: str) -> float:
    """Refuse NaN and Infinity, which Python reads and JSON doesn't have."""
    raise ValueError(f"{name} is not JSON")
