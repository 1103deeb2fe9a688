from __future__ import annotations

import subprocess
import sys
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.packing import compress

from copilot_usage_cli.github.body import MOST_BYTES, BodyCutShort, BodyTooLarge, UndecodableBody, inflate, read_body

SMALL = b'[{"day": "2024-06-03", "breakdown": [{"language": "python"}]}]'
PIECES = st.lists(st.integers(1, 50), max_size=30)


def split(data: bytes, sizes: list[int]) -> list[bytes]:
    """Cut data into chunks of these sizes, and a rest."""
    chunks, at = [], 0
    for size in sizes:
        chunks.append(data[at : at + size])
        at += size
    return [*chunks, data[at:]]


@given(st.binary(max_size=200), PIECES)
def test_a_plain_body_is_its_chunks(data: bytes, sizes: list[int]) -> None:
    for encoding in ("", "identity"):
        assert read_body(split(data, sizes), encoding) == data


@given(st.lists(st.binary(max_size=100), min_size=1, max_size=4), PIECES, st.integers(0, 9))
def test_a_gzip_body_is_all_its_members(members: list[bytes], sizes: list[int], level: int) -> None:
    sent = b"".join(compress(member, level) for member in members)
    for encoding in ("gzip", "x-gzip"):
        assert read_body(split(sent, sizes), encoding) == b"".join(members)


@pytest.mark.parametrize("size", [1, 1000, 65536, 10**9])
def test_a_large_gzip_body_is_read_in_steps(size: int) -> None:
    data = b"".join(b"%d," % n for n in range(500_000)) + bytes(3_000_000)
    sent = compress(data, 1)
    if size == 1:
        chunks = [bytes([byte]) for byte in sent[:500]] + [sent[500:]]
    else:
        chunks = [sent[at : at + size] for at in range(0, len(sent), size)]
    steps = list(inflate(chunks))
    assert b"".join(steps) == data
    assert max(map(len, steps)) <= 1024 * 1024


def test_a_cut_is_found_at_each_point() -> None:
    sent = compress(SMALL)
    for at in range(len(sent)):
        with pytest.raises(BodyCutShort):
            read_body([sent[:at]], "gzip")
    assert read_body([sent], "gzip") == SMALL


@given(st.binary(max_size=300), st.data())
def test_a_cut_second_member_is_found(data: bytes, choice: st.DataObject) -> None:
    first, second = compress(SMALL), compress(data)
    at = choice.draw(st.integers(1, len(second) - 1))
    with pytest.raises(BodyCutShort):
        read_body([first, second[:at]], "gzip")


def test_a_member_at_the_end_of_a_chunk_ends_nothing() -> None:
    first, second = compress(b"a" * 10), compress(b"b" * 10)
    assert read_body([first, b"", second, b""], "gzip") == b"a" * 10 + b"b" * 10


@given(st.integers(0, len(compress(SMALL)) - 1), st.integers(1, 255))
def test_a_changed_byte_never_gives_another_body(at: int, change: int) -> None:
    sent = bytearray(compress(SMALL))
    sent[at] ^= change
    try:
        body = read_body([bytes(sent)], "gzip")
    except (BodyCutShort, UndecodableBody):
        return
    assert body == SMALL


@pytest.mark.parametrize(
    "sent",
    [b"not gzip at all", compress(SMALL) + b"trailing", zlib.compress(SMALL), compress(SMALL)[1:]],
    ids=["text", "with a tail", "zlib", "without its start"],
)
def test_what_is_no_gzip_is_unreadable(sent: bytes) -> None:
    with pytest.raises(UndecodableBody, match=r"^its compression is broken \(Error -3 .*\)$"):
        read_body([sent], "gzip")


@pytest.mark.parametrize("encoding", ["br", "deflate", "zstd", "gzip, gzip", "gzip,br", "x" * 100])
def test_other_encodings_are_unreadable(encoding: str) -> None:
    with pytest.raises(UndecodableBody) as refused:
        read_body([b"[]"], encoding)
    assert str(refused.value) == f"it is encoded as {encoding[:40]!r}, which was not asked for"


def test_the_limit_is_exact() -> None:
    for encoding, sent in {"": [b"x" * 99, b"y"], "gzip": [compress(b"x" * 100)]}.items():
        assert len(read_body(sent, encoding, limit=100)) == 100
        with pytest.raises(BodyTooLarge):
            read_body(sent, encoding, limit=99)
    with pytest.raises(BodyTooLarge, match=r"^it is larger than 12 MiB$"):
        read_body([b"x" * MOST_BYTES, b"x"], "")


BOMB = """
import resource, sys, zlib
from copilot_usage_cli.github.body import BodyTooLarge, read_body
packer = zlib.compressobj(9, wbits=31)
bomb = b"".join(packer.compress(bytes(1024 * 1024)) for _ in range(256)) + packer.flush()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    read_body([bomb], "gzip")
except BodyTooLarge as error:
    print(error)
unit = 1 if sys.platform == "darwin" else 1024  # bytes there, KiB elsewhere
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * unit // 2**20)
"""


def test_a_bomb_is_refused_in_little_memory() -> None:
    done = subprocess.run([sys.executable, "-c", BOMB], capture_output=True, text=True, check=True)
    said, mebibytes = done.stdout.splitlines()
    assert said == "it is larger than 12 MiB"
    assert int(mebibytes) < 40
