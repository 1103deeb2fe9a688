"""Read an answer's body whole, or not at all.

HTTP clients accept a gzip stream that was cut short as if it were complete, and inflate without a limit; a report
must be neither short nor a bomb. So the raw bytes are inflated here, and the stream's end is checked.
"""

import zlib
from binascii import b2a_base64
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import hashlib

MOST_BYTES = 12 << 20  # of an answer, inflated; 28 days of a large organization are a few hundred thousand
_STEP = 1 << 20
_PIECE = 1 << 16
_SMALL = 16 << 20  # bytes that may come of any few
_MOST_TIMES = 200  # that gzip may have made larger streams smaller; real reports become 15 to 30 times smaller
_MANY_MEMBERS = 1_000  # of a gzip stream, which appended files have
_LEAST_OF_A_MEMBER = 100  # bytes that each of very many makes on average
GZIP = b"\x1f\x8b"  # how it begins
_FORMAT = zlib.MAX_WBITS | 16


class BodyCutShort(Exception):
    """The body did not come as it was sent; the text says in what way."""

    def __init__(self, problem: str = "was cut short") -> None:
        super().__init__(problem)


class BodyTooLarge(Exception):
    """The body is larger than any report."""


class UndecodableBody(Exception):
    """The body is not what its header says."""


def read_body(chunks: Iterable[bytes], encoding: str, limit: int = MOST_BYTES) -> bytes:
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


def whole(chunks: Iterable[bytes], headers: Mapping[str, str]) -> Iterator[bytes]:
    """Pass the raw chunks of a body on, and make sure that they are all of it, and as they were sent.

    The server says where a body ends: by its length, in chunks, by gzip's own end, or by a checksum of the whole; else
    one that was cut at the end of a line looks complete. Raises BodyCutShort.
    """
    checksum = headers.get("content-md5", "").strip()
    ends = checksum or "content-length" in headers or "chunked" in headers.get("transfer-encoding", "").lower()
    digest, head = _md5() if checksum else None, b""
    for chunk in chunks:
        if digest:
            digest.update(chunk)
        elif not ends and len(head) < len(GZIP):
            head += chunk
            if len(head) < len(GZIP):
                continue
            if not head.startswith(GZIP):
                break
            yield head
            continue
        yield chunk
    if not ends and not head.startswith(GZIP):
        raise BodyCutShort("doesn't say where it ends")
    if digest and checksum != b2a_base64(digest.digest(), newline=False).decode():
        raise BodyCutShort("doesn't match its checksum (Content-MD5)")


def _md5() -> "hashlib._Hash":
    import hashlib

    return hashlib.md5(usedforsecurity=False)


def inflate(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Inflate a gzip stream of one or more members, at most 1 MiB at a time, and check that it has its end.

    Raises BodyCutShort, UndecodableBody, and BodyTooLarge for what no report is compressed to.
    """
    member = zlib.decompressobj(wbits=_FORMAT)
    has_ended = False
    came = made = members = 0
    try:
        # In pieces, since what is left of one after each member is copied.
        for piece in (chunk[at : at + _PIECE] for chunk in chunks for at in range(0, len(chunk), _PIECE)):
            came += len(piece)
            data = piece
            while data:
                if has_ended:
                    member = zlib.decompressobj(wbits=_FORMAT)
                    members += 1
                    if members > _MANY_MEMBERS and made < members * _LEAST_OF_A_MEMBER:
                        raise BodyTooLarge("it is compressed in pieces of next to nothing")
                part = member.decompress(data, _STEP)
                made += len(part)
                if made > _SMALL and made > came * _MOST_TIMES:
                    raise BodyTooLarge(f"it is compressed to less than a {_MOST_TIMES}th of its size")
                if part:
                    yield part
                data = member.unconsumed_tail or member.unused_data
                has_ended = member.eof
    except zlib.error as error:
        raise UndecodableBody(f"its compression is broken ({error})") from None
    if not has_ended:
        raise BodyCutShort
