from __future__ import annotations

import json
import tracemalloc
from time import process_time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.packing import compress

from copilot_usage_cli.errors import NotUnderstood
from copilot_usage_cli.github.body import BodyCutShort
from copilot_usage_cli.github.documents import documents

if TYPE_CHECKING:
    from collections.abc import Iterator

DAYS: list[Any] = [{"day": "2026-11-02"}, {"day": "2026-11-01", "note": "a\u2028b\u0085c"}, {"day": "2026-11-03"}]
LINES = "\n".join(json.dumps(day, ensure_ascii=False) for day in DAYS).encode()


def read(*chunks: bytes) -> list[Any]:
    return list(documents(chunks, "it"))


@pytest.mark.parametrize(
    "text",
    [
        LINES,
        LINES + b"\n",
        LINES.replace(b"\n", b"\r\n"),
        b"\n \n" + LINES.replace(b"\n", b"\n\n\t\n") + b"\n\n",
        b"\xef\xbb\xbf" + LINES,
        b"\xef\xbb\xbf\n" + LINES,
    ],
    ids=["lines", "last line ended", "crlf", "blank lines", "bom", "bom alone on a line"],
)
@pytest.mark.parametrize("pack", [bytes, compress, lambda text: compress(text[:9]) + compress(text[9:])])
@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_lines_are_documents_however_they_are_packed_and_cut(text: bytes, pack: Any, size: int) -> None:
    packed = pack(text)
    assert read(*(packed[n : n + size] for n in range(0, len(packed), size))) == DAYS


@pytest.mark.parametrize("whole", [{"report_start_day": "2026-11-01", "day_totals": DAYS}, [], "No report available"])
@pytest.mark.parametrize("indent", [None, 2])
def test_one_document_is_given_out_as_it_is(whole: Any, indent: int | None) -> None:
    assert read(json.dumps(whole, indent=indent).encode()) == [whole]


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("items", [DAYS, [DAYS, DAYS], [1.5, -12e5, True, None, "a\U0001f600"], ["x" * 100_000] * 3])
def test_items_of_an_array_are_documents(items: list[Any], indent: int | None) -> None:
    text = json.dumps(items, indent=indent, ensure_ascii=False).encode()
    for size in (1, 2, 3, 7) if len(text) < 1000 else (70_000,):
        assert read(*(text[n : n + size] for n in range(0, len(text), size))) == items


def test_an_item_is_given_out_before_the_next_has_come() -> None:
    def chunks() -> Iterator[bytes]:
        yield b'[{"a": 1},' + b" " * 70_000
        raise AssertionError("asked for more than the first item needs")

    assert next(documents(chunks(), "it")) == {"a": 1}


def test_arrays_and_objects_that_follow_one_another_are_read_each() -> None:
    assert read(b'[{"a": 1}][{"a": 2}]\n{"a": 3}') == [{"a": 1}, {"a": 2}, {"a": 3}]
    assert read(b"[]\n[1][[]]") == [[], 1, []]
    assert read(b'{"a": 1}\n{"a":\n2}\n{"a": 3}{"a": 4}') == [{"a": n} for n in (1, 2, 3, 4)]


@pytest.mark.parametrize("empty", [b"", b"\n", b" \r\n\n", b"\xef\xbb\xbf", compress(b"")])
def test_an_empty_file_has_no_documents(empty: bytes) -> None:
    assert read(empty) == []


@pytest.mark.parametrize("text", [LINES, json.dumps(DAYS).encode()])
def test_gzip_without_its_end_is_cut_short(text: bytes) -> None:
    packed = compress(text)
    for end in (len(packed) - 1, len(packed) - 8, len(packed) // 2):
        with pytest.raises(BodyCutShort):
            read(packed[:end])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (LINES[:-4], "it is not JSON, or was cut short (line 1, column 9)"),
        (b"[1, 2", "it is not JSON, or was cut short (line 1, column 6)"),
        (b'{"a": NaN}', "it is not JSON, or was cut short"),
        (b"<?xml version='1.0'?><Error/>", "it is a web page, not JSON"),
        (b'{"a": "\xff"}', "it is not UTF-8 text, so not JSON"),
        (compress(LINES)[:20] + b"\0" * 40, "it can't be read: its compression is broken"),
        (b"[" * 100_000, "it is not JSON, or was cut short"),
        (b"[1,]", "it is not JSON, or was cut short (line 1, column 4)"),
        (b"[1 2]", "it is not JSON, or was cut short (line 1, column 4)"),
        (b"[1]]", "it is not JSON, or was cut short (line 1, column 4)"),
        (b'[{"a": 1}\n,\n {"a": x}]', "it is not JSON, or was cut short (line 3, column 8)"),
        (b"[" + b"1,\n" * 100_000 + b"x]", "it holds over 1,000 values that are not records"),
        (b"[" + b"{},\n" * 100_000 + b" x]", "it is not JSON, or was cut short (line 100001, column 2)"),
        (b'"No report available"\n' * 1001, "it holds over 1,000 values that are not records"),
        (b"[" + b"[]," * 1001 + b"{}]", "it holds over 1,000 values that are not records"),
        (b"[]\n" * 1001, "it holds over 1,000 values that are not records"),
    ],
)
def test_what_is_no_json_says_whose_it_is_and_why(content: bytes, words: str) -> None:
    with pytest.raises(NotUnderstood) as caught:
        read(content)
    assert caught.value.message.startswith(words)


def test_what_came_before_a_broken_line_is_given_out() -> None:
    found = documents([LINES + b"\n{"], "it")
    assert [next(found) for _ in DAYS] == DAYS
    with pytest.raises(NotUnderstood):
        next(found)


def test_a_line_is_given_out_before_the_next_has_come() -> None:
    def chunks() -> Iterator[bytes]:
        yield b'{"a": 1}\n{"a"'
        raise AssertionError("asked for more than the first document needs")

    assert next(documents(chunks(), "it")) == {"a": 1}


def test_lines_and_items_are_limited_and_their_number_is_not() -> None:
    piece = b"x" * (1 << 20)
    large = [b'{"a": "', *[piece] * 11, b'"}']
    assert len(read(*[*large, b"\n"] * 3)) == 3
    assert len(read(b"[", *[*large, b","] * 3, b"1]")) == 4
    with pytest.raises(NotUnderstood, match=r"^it can't be read: a line of it is longer than 12 MiB$"):
        read(b'{"a": "', *[piece] * 17)
    with pytest.raises(NotUnderstood, match=r"^it can't be read: one document of it is longer than 12 MiB$"):
        read(b'["', *[piece] * 40)


@pytest.mark.parametrize(
    ("start", "many"),
    [
        (b'{"a": [', b"{},"),
        (b'[{"a": [', b"[],"),
        (b'{"a":\n[', b'{"":""},'),
        (b'[{"a": [', b'"",'),
        (b'{"a": [', b"1234,"),
        (b'{"a": [', b'"\xf0\x9f\x98\x80",'),
    ],
)
def test_what_would_fill_the_memory_is_refused_before(many: bytes, start: bytes) -> None:
    text = start + many * ((8 << 20) // len(many)) + b"1]}" + b"]" * (start[:1] == b"[")
    tracemalloc.start()
    try:
        with pytest.raises(NotUnderstood, match=r"memory$"):
            read(*(text[n : n + 65536] for n in range(0, len(text), 65536)))
        assert tracemalloc.get_traced_memory()[1] < 100 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "before",
    [b"", b'{"a": 1}\n', pytest.param(b"[1]", marks=pytest.mark.slow)],
    ids=["alone", "after a line", "after an array"],
)
@pytest.mark.parametrize("blank", [b"\n", b"\r\n", b" \n", b" ", b"\t\n \r\n"])
def test_blank_text_costs_nothing(blank: bytes, before: bytes) -> None:
    text = blank * ((64 << 20) // len(blank))
    begun = process_time()
    found = read(before, *(text[n : n + 65536] for n in range(0, len(text), 65536)))
    assert found == (json.loads(b"[" + before.strip(b"[]") + b"]") if before else [])
    assert process_time() - begun < 2  # 3 to 30 s where each line is looked at


def test_the_peak_of_memory_is_the_same_for_few_lines_and_many() -> None:
    line = json.dumps({"user_id": 1, "rows": [{"n": n} for n in range(60)]}).encode() + b"\n"

    def peak(lines: int) -> int:
        packed = compress(line * lines)
        tracemalloc.start()
        try:
            assert sum(1 for _ in documents((packed[n : n + 4096] for n in range(0, len(packed), 4096)), "it")) == lines
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(10)  # what is made once
    assert peak(6000) < 2 * peak(2000)  # 2 and 6 MB of lines


@given(
    st.lists(st.dictionaries(st.text(max_size=3), st.none() | st.integers() | st.text(max_size=9))), st.integers(1, 9)
)
def test_any_objects_come_back_from_lines_arrays_and_indented_text(rows: list[dict[str, Any]], size: int) -> None:
    def cut(text: str) -> list[Any]:
        data = text.encode()
        return read(*(data[n : n + size] for n in range(0, len(data), size)))

    assert cut("\n".join(map(json.dumps, rows))) == rows
    assert cut("\n".join(json.dumps(row, indent=1) for row in rows)) == rows
    items: list[Any] = [*rows] or [[]]
    assert cut(json.dumps(rows)) == items
    assert cut(json.dumps([rows], indent=1)) == [rows]


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("more", [1, 2, 500])
def test_gzip_is_taken_off_so_often_and_no_deeper(layers: int, more: int) -> None:
    packed = b'{"a": 1}'
    for _ in range(layers):
        packed = compress(packed)
    assert list(documents([packed], "it", layers=layers)) == [{"a": 1}]
    for _ in range(more):
        packed = compress(packed)
    with pytest.raises(NotUnderstood, match=r"^it can't be read: it is gzip within gzip$"):
        list(documents([packed], "it", layers=layers))


def test_no_report_is_compressed_to_a_thousandth() -> None:
    lines = b'{"user_id": 1, "day": "2026-11-01"}\n' * 600_000
    packed = compress(lines)
    assert len(packed) * 200 < len(lines)
    with pytest.raises(NotUnderstood, match="it can't be read: it is compressed to less than a 200th of its size"):
        list(documents([packed], "it"))
