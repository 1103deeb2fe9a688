"""Read JSON documents from chunks of bytes as they arrive, whatever their shape.

GitHub's report files are called NDJSON, but are a line a record, or one object, or an array; people save all of
these, gzipped or not, and `gh api --paginate` prints arrays without anything between them. A line that is a document
by itself is given out at once and forgotten; from the first that isn't, the rest is read whole.
"""

import json
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from copilot_usage_cli.body import LIMIT, TooLarge, Unreadable, inflate
from copilot_usage_cli.errors import NotUnderstood
from copilot_usage_cli.payload import decode_each, refuse_constant

_GZIP = b"\x1f\x8b"
_BOM = b"\xef\xbb\xbf"
_LONGEST_LINE = LIMIT


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
