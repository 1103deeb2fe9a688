"""Read JSON documents from chunks of bytes as they arrive, whatever their shape.

GitHub's report files are called NDJSON, but are a line a record, or one object, or an array; people save all of
these, gzipped or not, and `gh api --paginate` prints arrays without anything between them. A line that is a document
by itself is given out at once and forgotten; from the first that isn't, the rest is read whole.
"""

import json
import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from copilot_usage_cli.errors import NotUnderstood
from copilot_usage_cli.github.body import LIMIT, TooLarge, Unreadable, inflate

_GZIP = b"\x1f\x8b"
_BOM = b"\xef\xbb\xbf"
_LONGEST_LINE = LIMIT
_BLANK = re.compile(r"[ \t\r\n]*")


def documents(chunks: Iterable[bytes], whose: str) -> Iterator[Any]:
    """Yield each JSON document; nothing for an empty stream.

    Raises NotUnderstood, naming whose stream it is, and CutShort for gzip without its end.
    """
    try:
        yield from _documents(_lines(_plain(chunks)), whose)
    except (TooLarge, Unreadable) as error:
        raise NotUnderstood(f"{whose} can't be read: {error}", "fetch it again") from None


def _documents(lines: Iterator[bytes], whose: str) -> Iterator[Any]:
    load = json.JSONDecoder(parse_constant=refuse_constant).decode
    for line in lines:
        try:
            document = load(line.decode("utf-8"))
        except (ValueError, RecursionError):
            if not line.strip():
                continue
            yield from decode_each(_join(chain([line], lines)), whose)
            return
        yield document


def _plain(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Inflate a stream that is gzip by its first bytes, and drop a byte order mark."""
    stream = iter(chunks)
    head = b""
    for chunk in stream:
        head += chunk
        if len(head) >= len(_BOM):
            break
    whole = chain([head], stream)
    if head.startswith(_GZIP):
        yield from _plain(inflate(whole))
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
                raise TooLarge(f"a line of it is longer than {_LONGEST_LINE >> 20} MiB")
    if begun:
        yield b"".join(begun)


def _join(lines: Iterable[bytes]) -> bytes:
    parts: list[bytes] = []
    size = 0
    for line in lines:
        parts.append(line)
        size += len(line) + 1
        if size > LIMIT:
            raise TooLarge(f"it is larger than {LIMIT >> 20} MiB and has no line for each record")
    return b"\n".join(parts)


def decode(body: bytes, whose: str) -> Any:
    """Decode one JSON document; raises NotUnderstood, naming whose answer it is."""
    text = to_text(body, whose)
    try:
        return json.loads(text, parse_constant=refuse_constant)
    except (ValueError, RecursionError) as error:
        raise not_json(text, whose, error) from None


def decode_each(body: bytes, whose: str) -> Iterator[Any]:
    """Decode JSON documents that follow one another: one, a line each, or as `gh api --paginate` prints them."""
    text = to_text(body, whose)
    decoder = json.JSONDecoder(parse_constant=refuse_constant)
    at = _blank(text, 0)
    if at == len(text):
        raise not_json(text, whose)
    while at < len(text):
        try:
            document, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            raise not_json(text, whose, error) from None
        yield document
        at = _blank(text, at)


def to_text(body: bytes, whose: str) -> str:
    """Decode UTF-8, with or without a byte order mark."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NotUnderstood(
            f"{whose} is no UTF-8 text, so no JSON", "save it as UTF-8: an older PowerShell's > does not"
        ) from None


def not_json(text: str, whose: str, error: Exception | None = None) -> NotUnderstood:
    """Say in what way a text is no JSON."""
    start = text[:200].lstrip()
    if not start:
        return NotUnderstood(f"{whose} is empty, not JSON", "an answer without any day would be []")
    if start.startswith("<"):
        return NotUnderstood(f"{whose} is no JSON but a web page", "a proxy or a login page may have answered instead")
    where = f" (line {error.lineno}, column {error.colno})" if isinstance(error, json.JSONDecodeError) else ""
    return NotUnderstood(f"{whose} is no JSON, or was cut short{where}", "fetch it again, or look at it with jq")


def _blank(text: str, at: int) -> int:
    match = _BLANK.match(text, at)
    return match.end() if match else at


def refuse_constant(name: str) -> float:
    """Refuse NaN and Infinity, which Python reads and JSON hasn't."""
    raise ValueError(f"{name} is not JSON")
