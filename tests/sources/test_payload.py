from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from copilot_usage_cli.errors import NotUnderstood
from copilot_usage_cli.github.decoding import decode
from copilot_usage_cli.github.documents import documents
from copilot_usage_cli.model.records import COUNTS, TOTALS, BreakdownRow, DailyRecord
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.sources.payload import parse_each, parse_record

ORG = Scope("org", "acme")


def parse(payload: Any) -> DailyRecord:
    (record,) = parse_each([payload], lambda each: parse_record(each, ORG, "usage"), "usage.json: record", 3)
    return record


def refusal(payload: Any) -> str:
    with pytest.raises(NotUnderstood) as caught:
        parse(payload)
    assert caught.value.exit_code == 7
    assert caught.value.hint
    return caught.value.message


def test_a_whole_record_is_read_as_it_is(record: Any) -> None:
    assert parse(record("2024-06-03")) == DailyRecord(
        ORG, "usage", parse({"day": "2024-06-03", "breakdown": None}).day, 100, 30, 200, 50, 7, 4, 9, 3,
        (BreakdownRow("python", "vscode", 100, 30, 200, 50, 7),),
    )  # fmt: skip


def test_absent_and_null_fields_are_unknown_and_not_zero() -> None:
    bare = parse({"day": "2024-06-03", "breakdown": None})
    assert parse({"day": "2024-06-03", **dict.fromkeys((*TOTALS, "breakdown"))}) == bare
    assert {getattr(bare, name) for name in (*TOTALS, "breakdown")} == {None}
    assert parse({"day": "2024-06-03", "breakdown": [{}, {"language": None}]}).breakdown == (BreakdownRow(),) * 2


def test_an_empty_breakdown_is_no_missing_one() -> None:
    assert parse({"day": "2024-06-03", "breakdown": []}).breakdown == ()


def test_repeated_cells_stay_as_they_came() -> None:
    cell = {"language": "go", "editor": "vim", "suggestions_count": 2}
    assert parse({"day": "2024-06-03", "breakdown": [cell, cell]}).breakdown == (BreakdownRow("go", "vim", 2),) * 2


def test_what_the_api_does_not_define_is_ignored(record: Any) -> None:
    strange = record("2024-06-03", total_chat_copies=-1, message="hello", extra=[{"day": 1}])
    strange["breakdown"][0]["rank"] = "1st"
    assert parse(strange) == parse(record("2024-06-03"))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("12", '"12"'), (True, "true"), (False, "false"), (-5, "-5"), (-1.0, "-1.0"), (1.5, "1.5"), ([], "a list"),
        (math.nan, "NaN"), (2.0**54, "1.8014398509481984e+16"),
        ({}, "an object"), (2**53 + 1, "9007199254740993"), (math.inf, "Infinity"), ("\x1b[31m", r'"\u001b[31m"'),
        ("x" * 99, f'"{"x" * 36}...'),
    ],
)  # fmt: skip
def test_what_is_no_count_is_refused_with_the_record_and_the_field(value: object, shown: str) -> None:
    words = f"{shown} is not a count (a whole number, 0 or more)"
    for name in TOTALS:
        place = f"usage.json: record 3 (2024-06-03), field {name}"
        assert refusal({"day": "2024-06-03", name: value}) == f"{place}: {words}"
    for name in (*COUNTS, "active_users"):
        place = f"usage.json: record 3 (2024-06-03), breakdown[1], field {name}"
        assert refusal({"day": "2024-06-03", "breakdown": [{}, {name: value}]}) == f"{place}: {words}"


@pytest.mark.parametrize("value", [0.0, 1.0, 40.0, 2.0**53])
def test_integers_of_json_schema_are_counts(value: float) -> None:
    found = parse({"day": "2024-06-03", "total_active_users": value, "breakdown": [{"lines_accepted": value}]})
    assert found.breakdown is not None
    for count in (found.total_active_users, found.breakdown[0].lines_accepted):
        assert (type(count), count) == (int, value)


@pytest.mark.parametrize("value", [0, 1, 2**53])
def test_counts_that_every_json_reader_keeps_exact(value: int) -> None:
    assert parse({"day": "2024-06-03", "total_active_users": value}).total_active_users == value


@pytest.mark.parametrize(
    ("day", "shown"),
    [
        ("2024-02-30", '"2024-02-30"'), ("2024-6-3", '"2024-6-3"'), ("20240603", '"20240603"'), ("", '""'),
        ("2024-06-03T00:00:00Z", '"2024-06-03T00:00:00Z"'), (20240603, "20240603"), (True, "true"), ([], "a list"),
        ("2024-06-03\n", r'"2024-06-03\n"'),
        ("\u0662\u0660\u0662\u0664-\u0660\u0666-\u0660\u0663", r'"\u0662\u0660\u0662\u0664-\u0660\u066...'),
    ],
)  # fmt: skip
def test_what_is_no_day_is_refused(day: object, shown: str) -> None:
    assert refusal({"day": day}) == f"usage.json: record 3, field day: {shown} is not a date (YYYY-MM-DD)"


def test_a_record_without_a_day_is_refused_with_what_it_has_or_is() -> None:
    start = "usage.json: record 3 has no day, so it is not a usage record: it has"
    assert refusal({}) == f"{start} no field"
    assert refusal({"day": None, "message": 5}) == f"{start} day, message"
    assert refusal({"x" * 99: 1}) == f"{start} {'x' * 77}..."
    assert refusal({"message": "Not\n\tFound \x1b[31m"}) == (
        "usage.json: record 3 is an error answer of GitHub's: Not Found \\x1b[31m"
    )


@pytest.mark.parametrize(
    ("payload", "shown"),
    [(None, "null"), (5, "5"), ("day", '"day"'), ([], "a list"), (True, "true"), (math.nan, "NaN")],
)
def test_what_is_no_record_is_refused(payload: object, shown: str) -> None:
    assert refusal(payload) == f"usage.json: record 3 is {shown}, not a daily record"


def test_what_is_no_breakdown_is_refused() -> None:
    place = "usage.json: record 3 (2024-06-03)"
    assert (
        refusal({"day": "2024-06-03", "breakdown": {}}) == f"{place}, field breakdown: an object is not a list of rows"
    )
    assert (
        refusal({"day": "2024-06-03", "breakdown": "none"}) == f'{place}, field breakdown: "none" is not a list of rows'
    )
    assert refusal({"day": "2024-06-03", "breakdown": [None]}) == f"{place}, breakdown[0] is null, not a row"
    assert refusal({"day": "2024-06-03", "breakdown": [{"editor": 1}]}) == (
        f"{place}, breakdown[0], field editor: 1 is not a name"
    )


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "it is empty, not JSON"),
        (b" \n\t ", "it is empty, not JSON"),
        (b"\xef\xbb\xbf", "it is empty, not JSON"),
        (b"<html></html>", "it is a web page, not JSON"),
        (b"\n <!doctype html>", "it is a web page, not JSON"),
        (b'[{"day": "2024-06-03"}', "it is not JSON, or was cut short (line 1, column 23)"),
        (b"[1,\n 2,\n", "it is not JSON, or was cut short (line 3, column 1)"),
        (b"[NaN]", "it is not JSON, or was cut short"),
        (b"[-Infinity]", "it is not JSON, or was cut short"),
        (b"\xff\xfe[\x00]\x00", "it is not UTF-8 text, so not JSON"),
        (b"[" * 200_000, "it is not JSON, or was cut short"),
        (b"9" * 5000, "it is not JSON, or was cut short"),
    ],
)
def test_what_is_no_json_is_refused_and_says_in_what_way(body: bytes, message: str) -> None:
    with pytest.raises(NotUnderstood) as caught:
        decode(body, "it")
    assert caught.value.message == message
    assert caught.value.hint
    if message.endswith("is empty, not JSON"):
        assert list(documents([body], "it")) == []
        return
    with pytest.raises(NotUnderstood) as caught:
        list(documents([body], "it"))
    assert caught.value.message.partition(" (")[0] == message.partition(" (")[0]


def test_one_document_may_not_be_followed_by_another_in_an_answer() -> None:
    with pytest.raises(NotUnderstood, match=r"line 2, column 1"):
        decode(b"[]\n[]", "it")


@given(
    st.lists(st.recursive(st.none() | st.integers() | st.text(), st.lists), min_size=1), st.sampled_from(["\n", " "])
)
def test_documents_one_after_the_other_are_all_read(given: list[Any], between: str) -> None:
    text = between.join(json.dumps(document) for document in given)
    for mark in ("", "\N{BOM}"):
        arrays = [document if isinstance(document, list) and document else [document] for document in given]
        items = [item for array in arrays for item in array]
        assert list(documents([(mark + text).encode()], "it")) == items


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
FIELDS = st.sampled_from(
    ["day", *TOTALS, "breakdown", *COUNTS, "active_users", "language", "editor", "scope", "source"]
)


@given(st.dictionaries(FIELDS, ANYTHING | st.lists(st.dictionaries(FIELDS, ANYTHING)), min_size=1), st.booleans())
@example({"day": "2024-06-03", "breakdown": [{"language": "\ud800"}]}, False)
def test_a_record_is_read_or_refused_and_nothing_else(payload: dict[str, Any], with_day: bool) -> None:
    if with_day:
        payload["day"] = "2024-06-03"
    read, message = None, ""
    try:
        read = parse(payload)
    except NotUnderstood as error:
        message = error.message
    if not read:
        assert message.startswith("usage.json: record 3")
        assert message.isprintable()
    else:
        numbers = [getattr(read, name) for name in TOTALS]
        assert all(number is None or (type(number) is int and number >= 0) for number in numbers)
