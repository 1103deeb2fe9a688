"""F5: what a small or a large answer, report file or saved file may cost."""

from __future__ import annotations

import os
import random
import zlib
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from faults.figures.ground import QUERY, Figure, each, envelope, head, meter, served
from support.environment import TOKEN
from support.faulty import Behaviours
from support.packing import compress

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from faults.figures.ground import Ground, Metered

_MIB = 1 << 20
_MOST = 150.0  # MB for one
_MOST_OF_FOUR = 300.0
_SECONDS = 10.0  # for each MiB that comes
_PLAIN = "plain"
_PACKED = "Content-Encoding: gzip"
_FAILED = "failed"
_FAILED_PACKED = "failed, packed"


class Bomb(NamedTuple):
    """What is sent, and how."""

    body: bytes
    kind: str


def repeated(block: bytes, times: int, begin: bytes = b"", end: bytes = b"") -> bytes:
    """Compress a block many times over as one member, which takes neither memory nor time."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    first, once = (packer.compress(each) + packer.flush(zlib.Z_FULL_FLUSH) for each in (begin, block))
    last = packer.compress(end) + packer.flush()
    checksum = zlib.crc32(begin)
    for _ in range(times):
        checksum = zlib.crc32(block, checksum)
    size = (len(begin) + len(block) * times + len(end)) % (1 << 32)
    trailer = zlib.crc32(end, checksum).to_bytes(4, "little") + size.to_bytes(4, "little")
    return b"\x1f\x8b\x08\0\0\0\0\0\2\xff" + first + once * times + last + trailer


def layered(layers: int) -> bytes:
    """Compress an array again and again."""
    body = b"[]"
    for _ in range(layers):
        body = compress(body, 1)
    return body


def nested(opening: bytes, middle: bytes, closing: bytes, depth: int) -> bytes:
    """Nest arrays or objects in one another."""
    return opening * depth + middle + closing * depth


def listed(item: bytes, size: int) -> bytes:
    """Make an array of the same item."""
    return b"[" + b",".join([item] * (size // (len(item) + 1))) + b"]"


def noisy(items: bytes, times: int) -> bytes:
    """Compress items to about a 190th of their size, with noise between them: more is refused by that alone."""
    chance = random.Random(1)
    noise = ("".join(chance.choices(" \t\r\n", k=16_000)).encode() for _ in range(times))
    return compress(b"[" + b"".join(items + b"[" + each + b"]," for each in noise) + b"[]]")


def sound(records: int, rows: int, *, users: bool = False) -> bytes:
    """Pack lines that are sound records of one day: each with so many rows, or of a user of its own."""
    packer = zlib.compressobj(6, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    counts = ",".join(['{"language":"go","editor":"vim","suggestions_count":1}'] * rows)
    ides = ",".join(['{"ide":"vim","loc_added_sum":1}'] * rows)
    day = f'"total_active_users":1,"daily_active_users":%d,"breakdown":[{counts}],"totals_by_ide":[{ides}]'
    line = '"user_id":%d,"used_chat":true' if users else day
    lines = (f'{{"day":"2026-11-12",{line % n}}}\n'.encode() for n in range(records))
    return b"".join([*map(packer.compress, lines), packer.flush()])


BOMBS: dict[str, Callable[[], Bomb]] = {
    "600,000 records of a day": lambda: Bomb(sound(600_000, 0), _PACKED),
    "15 records of 300,000 rows": lambda: Bomb(sound(15, 150_000), _PACKED),
    "2,000 records of 400 rows": lambda: Bomb(sound(2_000, 200), _PACKED),
    "500,000 users": lambda: Bomb(sound(500_000, 0, users=True), _PACKED),
    "1 GiB of zeros": lambda: Bomb(repeated(bytes(_MIB), 1024), _PACKED),
    "1 GiB of newlines": lambda: Bomb(repeated(b"\n" * _MIB, 1024), _PACKED),
    "63 MB of {}": lambda: Bomb(repeated(b"{}," * 350_000, 60, b"[", b"{}]"), _PACKED),
    "15 MB of {}": lambda: Bomb(compress(listed(b"{}", 15_000_000)), _PACKED),
    "63 MB of []": lambda: Bomb(repeated(b"[]," * 350_000, 60, b"[", b"[]]"), _PACKED),
    "40 MB of [] with noise": lambda: Bomb(noisy(b"[]," * 300_000, 45), _PACKED),
    "15 MB of 0": lambda: Bomb(listed(b"0", 15_000_000), _PLAIN),
    "15 MB of names": lambda: Bomb(listed(b'"a"', 15_000_000), _PLAIN),
    "15 MB of lines of {}": lambda: Bomb(b"{}\n" * 5_000_000, _PLAIN),
    "arrays 5 million deep": lambda: Bomb(nested(b"[", b"", b"]", 5_000_000), _PLAIN),
    "objects a million deep": lambda: Bomb(nested(b'{"a":', b"1", b"}", 1_000_000), _PLAIN),
    "a string of 12 MiB": lambda: Bomb(b'["' + b"x" * (12 * _MIB - 4) + b'"]', _PLAIN),
    "a wide string of 12 MB": lambda: Bomb(b'["' + "\U0001f600".encode() * 3_100_000 + b'"]', _PLAIN),
    "a name of 12 MiB": lambda: Bomb(b'[{"' + b"x" * (12 * _MIB - 8) + b'":1}]', _PLAIN),
    "a number of 12 MiB": lambda: Bomb(b"[" + b"9" * (12 * _MIB - 2) + b"]", _PLAIN),
    "16 MiB of newlines": lambda: Bomb(b"\n" * (16 * _MIB), _PLAIN),
    "16 MiB of blanks": lambda: Bomb(b" " * (16 * _MIB), _PLAIN),
    "an error of 60 MiB": lambda: Bomb(b'{"message": "' + b"x" * (60 * _MIB) + b'"}', _FAILED),
    "an error of 60 MiB, packed": lambda: Bomb(repeated(b"x" * _MIB, 60, b'{"message": "', b'"}'), _FAILED_PACKED),
    "500 layers of gzip": lambda: Bomb(layered(500), _PACKED),
}
_IN_SHORT = (
    *("63 MB of {}", "63 MB of []", "1 GiB of newlines", "500 layers of gzip", "an error of 60 MiB, packed"),
    *("15 records of 300,000 rows", "2,000 records of 400 rows"),
)
_WAYS = ("answer", "file", "--input", "stdin")


class Cost(NamedTuple):
    """What one run cost, of how many MiB that came."""

    what: str
    mib: float
    metered: Metered
    most: float

    @property
    def holds(self) -> bool:
        """Whether it stayed within the limits, and ended as it should."""
        quick = self.metered.seconds <= _SECONDS * max(1.0, self.mib)
        whole = self.metered.ended.code in {0, 3, 4, 5, 6, 7} and not self.metered.ended.has_traceback
        return self.metered.peak < self.most and quick and whole

    @property
    def words(self) -> str:
        """What it was, in short."""
        return f"{self.what}: {self.metered.peak:.0f} MB, {self.metered.seconds:.1f} s, exit {self.metered.ended.code}"


def memory_and_time(ground: Ground) -> Figure:
    """Meter a process for each bomb and way in, one scope and four at once."""
    names = ground.pick(_IN_SHORT, tuple(BOMBS))
    costs: list[Cost] = []
    for number, name in enumerate(names):
        bomb = BOMBS[name]()
        ways = ground.pick((_WAYS[number % 4],), _WAYS)
        crowds = ground.pick((_WAYS[number % 2],), _WAYS[:2])
        cases = [(way, 1) for way in ways] + [(way, 4) for way in crowds]
        costs += each(partial(_cost, ground.folder, name, bomb), cases, 2)
    beyond = [cost.words for cost in costs if not cost.holds]
    largest = {most: max(cost.metered.peak for cost in costs if cost.most == most) for most in (_MOST, _MOST_OF_FOUR)}
    pace = max(cost.metered.seconds / max(1.0, cost.mib) for cost in costs)
    words = (
        f"{len(costs) - len(beyond)} of {len(costs)} bombs end in time: {largest[_MOST]:.0f} MB at most for one, "
        f"{largest[_MOST_OF_FOUR]:.0f} MB for four at once, {pace:.1f} s for each MiB that came"
    )
    return Figure("F5", "; ".join([words, *beyond]), not beyond)


def _cost(folder: Path, name: str, bomb: Bomb, case: tuple[str, int]) -> Cost:
    way, scopes = case
    what = f"{name} as {way}" + (f", {scopes} at once" if scopes > 1 else "")
    args: list[object] = ["org", *(f"acme-{n}" for n in range(scopes)), "--no-history", "-f", "csv"]
    most = _MOST if scopes == 1 else _MOST_OF_FOUR
    with ExitStack() as stack:
        if way in {"--input", "stdin"}:
            path = folder / f"bomb-{os.urandom(8).hex()}"
            path.write_bytes(bomb.body)
            stdin = bomb.body if way == "stdin" else b""
            metered = meter(folder, *args, "--input", "-" if stdin else path, stdin=stdin)
            path.unlink()
            return Cost(what, len(bomb.body) / _MIB, metered, most)
        answer = _answer(bomb)
        if way == "file":
            storage = stack.enter_context(served(answer))
            answer = envelope(f"{storage.url}/part-0.json?{QUERY}")
            args += ["--source", "user-reports" if "users" in name else "reports"]
        else:
            args += ["--source", "usage"]
        api = stack.enter_context(served(answer))
        args += ["--api-url", api.url, "--max-wait", "0", "--jobs", "4"]
        metered = meter(folder, *args, env={"GH_TOKEN": TOKEN})
    return Cost(what, len(bomb.body) * scopes / _MIB, metered, most)


def _answer(bomb: Bomb) -> bytes:
    if bomb.kind == _FAILED:
        return Behaviours.reply(500, bomb.body)
    if bomb.kind == _FAILED_PACKED:
        return Behaviours.reply(500, bomb.body, **{"Content-Encoding": "gzip"})
    return head(f"Content-Length: {len(bomb.body)}", *([_PACKED] if bomb.kind == _PACKED else [])) + bomb.body
