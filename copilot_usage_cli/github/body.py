"""Read an answer's body whole, or not at all.

HTTP clients accept a gzip stream that was cut short as if it were complete, and inflate without a limit; a report
must be neither short nor a bomb. So the raw bytes are inflated here, and the stream's end is checked.
"""

import zlib
from collections.abc import Iterable, Iterator

LIMIT = 64 * 1024 * 1024  # bytes, inflated; 28 days of a large organization are a few hundred thousand
_STEP = 1024 * 1024
_GZIP = zlib.MAX_WBITS | 16


class BodyCutShort(Exception):
    """The stream ended before its end."""


class BodyTooLarge(Exception):
    """The body is larger than any report."""


class UndecodableBody(Exception):
    """The body is not what its header says."""


def read_body(chunks: Iterable[bytes], encoding: str, limit: int = LIMIT) -> bytes:
    """Join the raw chunks of a body, inflated if `encoding` is gzip.

    Raises BodyCutShort, BodyTooLarge or UndecodableBody.
    """
    if encoding not in {"", "identity", "gzip", "x-gzip"}:
        raise UndecodableBody(f"it is encoded as {encoding[:40]!r}, which was not asked for")
    parts: list[bytes] = []
    size = 0
    for part in inflate(chunks) if encoding.endswith("gzip") else chunks:
        size += len(part)
        if size > limit:
            raise BodyTooLarge(f"it is larger than {limit // _STEP} MiB")
        parts.append(part)
    return b"".join(parts)


def inflate(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Inflate a gzip stream of one or more members, at most 1 MiB at a time, and check that it has its end."""
    member = zlib.decompressobj(wbits=_GZIP)
    whole = False
    try:
        for chunk in chunks:
            data = chunk
            while data:
                if whole:
                    member = zlib.decompressobj(wbits=_GZIP)
                yield member.decompress(data, _STEP)
                data = member.unconsumed_tail or member.unused_data
                whole = member.eof
    except zlib.error as error:
        raise UndecodableBody(f"its compression is broken ({error})") from None
    if not whole:
        raise BodyCutShort
