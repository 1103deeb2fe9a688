"""What makes a run fail although its report was written."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot_usage_cli.model.condition import Condition

if TYPE_CHECKING:
    from pathlib import Path

    from support.program import Run

DEMO = ("org", "acme", "--demo", "--by", "total", "-f", "csv", "-q")


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("acceptance_rate<0.25", None),
        ("acceptance_rate<30%", "acceptance_rate<30%: it is 0.28168"),
        (" acceptance_rate >= .28 ", "acceptance_rate >= .28: it is 0.28168"),
        ("days!=28", "days!=28: it is 27"),
        ("days==27", "days==27: it is 27"),
        ("days<27", None),
        ("total_suggestions_count>1e5", "total_suggestions_count>1e5: it is 148992"),
        ("total_suggestions_count_days<=27", "total_suggestions_count_days<=27: it is 27"),
    ],
)
def test_a_condition_that_holds_is_one_line_and_exit_9_after_the_report(
    condition: str, said: str | None, call: Run
) -> None:
    done = call(*DEMO, "--fail-if", condition)
    assert done.out == call(*DEMO).out
    assert (done.code, done.err) == ((0, "") if said is None else (9, f"copilot-usage: failed: {said}\n"))


def test_each_of_several_conditions_counts(call: Run) -> None:
    holds, other, fine = ("--fail-if", "days==27"), ("--fail-if", "acceptance_rate<.3"), ("--fail-if", "days<1")
    first = "copilot-usage: failed: days==27: it is 27\n"
    second = "copilot-usage: failed: acceptance_rate<.3: it is 0.28168\n"
    for options, said in {(*holds, *fine): first, (*fine, *holds): first, (*holds, *other): first + second}.items():
        done = call(*DEMO, *options)
        assert (done.code, done.err) == (9, said)
    assert call(*DEMO, *fine, "--fail-if", "days<2").code == 0
    assert call(*DEMO, *holds, "--fail-if", "dys<2").code == 2


def test_an_unknown_value_fails_saying_so(call: Run, tmp_path: Path) -> None:
    saved = tmp_path / "usage.json"
    saved.write_text(json.dumps([{"day": "2024-06-03", "total_active_users": 5, "breakdown": []}]))
    done = call("org", "acme", "--input", str(saved), "-q", "--json", "--fail-if", "acceptance_rate<0.1")
    said = "acceptance_rate<0.1 can't be judged: acceptance_rate is unknown, which counts as failed"
    assert (done.code, done.err) == (9, f"copilot-usage: failed: {said}\n")
    assert json.loads(done.out)[0]["total_active_users"] == 5
    saved.write_text("[]")
    assert (
        "failed: days<1: it is 0" in call("org", "acme", "--input", str(saved), "-q", "--fail-if", "DAYS<1").err.lower()
    )


def test_columns_are_those_that_the_other_options_give(call: Run) -> None:
    distinct = ("org", "acme", "--demo", "-q", "--source", "user-reports", "--fail-if", "distinct_users<1")
    assert call(*distinct).code == 0
    assert call("org", "acme", "--demo", "-q", "--language", "go", "--fail-if", "suggestions_count<1").code == 0
    wrong = call("org", "acme", "--demo", "-q", "--fail-if", "suggestions_count<1")
    hint = "did you mean total_suggestions_count?"
    error = "--fail-if: 'suggestions_count' is not a column of --by total"
    assert (wrong.code, wrong.out, wrong.err) == (2, "", f"copilot-usage: error: {error}\nhint: {hint}\n")
    assert "hint: the columns of --by total are days, total_suggestions_count, " in call(*DEMO, "--fail-if", "q<1").err


@pytest.mark.parametrize("text", ["", "days", "days<", "<3", "days<x", "days=3", "days<3<4", "days<nan", "3<days"])
def test_what_is_not_a_condition_is_refused(text: str, call: Run) -> None:
    done = call(*DEMO, "--fail-if", text)
    error = f"invalid value for '--fail-if': {text!r} is not a condition; write a column, <, <=, >, >=, == or != and a "
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"copilot-usage: error: {error}number\n")


@given(st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), st.integers(-999, 999), st.integers(-999, 999))
def test_operators_are_those_of_numbers(operator: str, value: int, number: int) -> None:
    condition = Condition.parse(f"days {operator} {number}")
    assert condition.holds(value) is eval(f"{value} {operator} {number}")


def test_missing_days_are_named_even_to_the_quiet(call: Run) -> None:
    for form in ("table", "csv"):
        done = call("org", "acme", "--demo", "-q", "-f", form, "--fail-on-missing", "--fail-if", "days<99")
        assert done.code == 3
        assert done.err == (
            "copilot-usage: failed: days<99: it is 27\ncopilot-usage: failed: 1 day missing: 2026-10-27\n"
        )


def test_where_nothing_came_it_is_not_said_that_all_but_one_day_came(call: Run) -> None:
    for options, day in {(): "2026-11-15", ("--until", "2026-11-10"): "2026-11-10"}.items():
        done = call("team", "acme/small", "--demo", "-q", *options, "--fail-on-missing")
        assert (done.code, done.out.splitlines()[0]) == (3, "team:acme/small | no days | demo")
        assert done.out.count("note: no data: ") == 1  # which is said to the quiet, too
        assert done.err == f"copilot-usage: failed: no day has data; at least this one is missing: {day}\n"
    done = call("team", "acme/small", "--demo", "-q", "--since", "2026-11-10", "--fail-on-missing")
    assert done.err == "copilot-usage: failed: 6 days missing: 2026-11-10 to 2026-11-15\n"


@pytest.mark.parametrize(
    ("suffix", "form"),
    [
        ("csv", "csv"), ("TSV", "tsv"), ("json", "json"), ("ndjson", "ndjson"), ("txt", "table"), ("log", "table"),
        ("md", "markdown"), ("Markdown", "markdown"), ("html", "html"), ("HTM", "html"),
    ],
)  # fmt: skip
def test_the_suffix_of_a_file_is_its_format(suffix: str, form: str, call: Run, tmp_path: Path) -> None:
    target = tmp_path / f"report.{suffix}"
    assert call("org", "acme", "--demo", "-o", str(target)).code == 0
    assert target.read_text() == call("org", "acme", "--demo", "-f", form).out
    assert call("org", "acme", "--demo", "-o", str(target), "-f", "tsv").code == 0
    assert target.read_text() == call("org", "acme", "--demo", "-f", "tsv").out


def test_json_by_day_has_the_rates_at_the_end_of_each_record(call: Run) -> None:
    for options in ((), ("--language", "go")):
        records = json.loads(call("org", "acme", "--demo", "-q", "--json", *options).out)
        for record in records:
            assert list(record)[-2:] == ["acceptance_rate", "lines_acceptance_rate"]
    (first, *_) = json.loads(call("org", "acme", "--demo", "-q", "--json").out)
    assert first["acceptance_rate"] == first["total_acceptances_count"] / first["total_suggestions_count"]
