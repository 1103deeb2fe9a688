from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot_usage_cli.errors import UsageError
from copilot_usage_cli.model.credits import AMOUNTS, Answer, Item, Slice, UserCredits
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.render.csv import rows as csv_rows
from copilot_usage_cli.render.json import json_items, ndjson_items, only_columns
from copilot_usage_cli.report.credits import (
    CreditsFound,
    CreditsLook,
    credits_view,
    fields_of,
    look_of_files,
    user_credits_view,
)
from copilot_usage_cli.report.view import Circumstances, View

ORG = Scope("org", "acme")
HERE = Circumstances(datetime(2026, 11, 20, tzinfo=UTC))
NOVEMBER = Slice(2026, 11)


def item(
    used: str | Decimal = "1", model: str | None = "GPT-5.4", unit: str | None = "ai-credits", sku: str = "S"
) -> Item:
    numbers = [Decimal(used) * n for n in range(1, 7)]
    return Item("Copilot", sku, model, unit, *numbers)


def view(*answers: Answer, by: str = "model", before: list[Answer] | None = None) -> View:
    look = CreditsLook(by, answers[0].of.era if answers else "credits", "2026-11", "2026-10" if before else "")
    return credits_view([(ORG, CreditsFound(answers, before))], look, HERE)


def used(found: View, name: str = "credits_used") -> dict[str, object]:
    dimension = found.data.columns[1]
    return {str(row[dimension]): row[name] for row in found.data.rows}


def test_amounts_are_those_of_gross_discount_and_net() -> None:
    (row,) = view(Answer(NOVEMBER, (item("1"),))).data.rows
    assert {name: row[name] for name in row if name not in {"scope", "model"}} == {
        "credits_used": Decimal(1),
        "usd_used": Decimal(2),
        "credits_included": Decimal(3),
        "usd_included": Decimal(4),
        "credits_charged": Decimal(5),
        "usd_charged": Decimal(6),
    }


def test_models_keep_githubs_names_and_the_largest_is_first() -> None:
    names = ["Claude Haiku 4.5", "Auto: Claude Haiku 4.5", "claude haiku 4.5", None]
    items = tuple(item(str(n), name) for n, name in enumerate(names, 1))
    assert list(used(view(Answer(NOVEMBER, items)))) == ["(no model)", *reversed(names[:3])]


def test_by_sku_and_by_day() -> None:
    answers = [Answer(Slice(2026, 11, day), (item("2", sku=f"S{day}"), item("1"))) for day in (3, 1)]
    assert used(view(*answers, by="day")) == {"2026-11-01": 3, "2026-11-03": 3}
    assert used(view(*answers, by="sku")) == {"S1": 2, "S3": 2, "S": 2}


@pytest.mark.parametrize("unit", ["ai-credits", "ai-units", "credits", "AI-Credits"])
def test_units_of_credits(unit: str) -> None:
    assert used(view(Answer(NOVEMBER, (item("1", unit=unit),)))) == {"GPT-5.4": 1}


@pytest.mark.parametrize("unit", ["requests", "user-months", None])
def test_other_units_are_left_out_and_that_is_said(unit: str | None) -> None:
    found = view(Answer(NOVEMBER, (item("1"), item("9", unit=unit))))
    assert used(found) == {"GPT-5.4": 1}
    assert f"1 row of other units left out: {unit or 'none'}" in found.notes


def test_credits_and_premium_requests_are_never_in_one_column() -> None:
    may = view(Answer(Slice(2026, 5), (item("7", unit="requests"),)))
    assert used(may, "requests_used") == {"GPT-5.4": 7}
    assert not set(may.data.columns) & {"credits_used", "credits_included", "credits_charged"}
    assert any(note.startswith("premium requests, not credits") for note in may.notes)
    with pytest.raises(UsageError, match="credits and premium requests"):
        look_of_files(
            [(ORG, CreditsFound([Answer(NOVEMBER, ()), Answer(Slice(2026, 5), ())]))],
            CreditsLook("model", "credits", ""),
        )


def test_parts_never_count_besides_the_whole_and_the_rest_is_said() -> None:
    whole = Answer(NOVEMBER, (item("10"),))
    parts = [Answer(NOVEMBER, (item(n),), cost_center=name) for n, name in (("4", "A"), ("5", "B"))]
    found = view(whole, *parts, by="cost-center")
    assert used(found) == {"B": 5, "A": 4}
    assert found.data.footer is not None
    assert found.data.footer["credits_used"] == 10
    assert "these cost centers have 9.0 of 10.0 credits used: the rest is of none of them" in found.notes
    assert used(view(whole, *parts)) == {"GPT-5.4": 10}


def test_nothing_billed_here_is_said() -> None:
    found = view(Answer(NOVEMBER, ()))
    assert found.shown == ()
    assert found.notes[0].startswith("no AI credits are billed here in this period")


def test_a_month_that_isnt_over_is_said_also_of_what_it_is_compared_with() -> None:
    found = view(Answer(NOVEMBER, (item("1"),)), before=[Answer(Slice(2026, 10), (item("2"),))])
    assert (used(found), used(found, "previous_credits_used")) == ({"GPT-5.4": 1}, {"GPT-5.4": 2})
    assert found.notes[-1] == (
        "2026-11 isn't over, and its latest numbers still move, and 2026-10 is whole: the changes are of unlike days"
    )


amounts = st.decimals(-1000, 1_000_000, allow_nan=False, places=9)
items = st.builds(
    Item, st.none(), st.sampled_from(["S", "T"]), st.sampled_from(["A", "B", None]), st.just("credits"), *[amounts] * 6
)


@given(st.lists(items, max_size=6), st.sampled_from(["model", "sku"]))
def test_rows_add_up_to_the_whole_exactly(drawn: list[Item], by: str) -> None:
    found = view(Answer(NOVEMBER, tuple(drawn)), by=by)
    for place, field in enumerate(fields_of("credits")):
        exact = sum((each.amounts[place] for each in drawn), Decimal(0))
        assert sum((Decimal(str(row[field.name])) for row in found.data.rows), Decimal(0)) == exact
        if found.data.footer is not None:
            assert found.data.footer[field.name] == exact
    assert len(fields_of("credits")) == len(AMOUNTS)


@given(st.lists(items, min_size=1, max_size=3))
def test_machine_formats_have_all_digits(drawn: list[Item]) -> None:
    import csv
    import io
    import json

    data = view(Answer(NOVEMBER, tuple(drawn))).data
    documents = only_columns(data)
    read = json.loads(f"[{json_items(documents)}]", parse_float=Decimal, parse_int=Decimal)
    lines = [json.loads(line, parse_float=Decimal, parse_int=Decimal) for line in ndjson_items(documents).splitlines()]
    table = [
        {
            name: Decimal(cell) if name not in {"scope", "model"} else cell
            for name, cell in zip(data.columns, row, strict=True)
        }
        for row in csv.reader(io.StringIO(csv_rows(data, "csv")))
    ]
    assert read == lines == table == documents


def test_sums_have_all_digits_however_many() -> None:
    some, other = (
        Item("Copilot", "S", "GPT-5.4", "ai-credits", *[Decimal(number)] * 6)
        for number in ("123456789012345.1234567890123456", "0.0000000000000000000000000001")
    )
    (row,) = view(Answer(NOVEMBER, (some, other))).data.rows
    assert str(row["credits_used"]) == "123456789012345.1234567890123456000000000001"


def test_a_month_has_no_days_and_an_input_without_parts_no_parts() -> None:
    found = [(ORG, CreditsFound([Answer(NOVEMBER, ())]))]
    for by in ("day", "org", "cost-center"):
        with pytest.raises(UsageError, match=f"--by {by}: "):
            look_of_files(found, CreditsLook(by, "credits", ""))


def test_users_are_listed_with_what_they_used_and_that_it_is_no_invoice() -> None:
    found = user_credits_view(
        [(ORG, UserCredits({"a": Decimal("0.1"), "b": Decimal("0.2"), "c": None}, 3, 2))],
        CreditsLook("user", "credits", "2026-11"),
        HERE,
    )
    assert list(used(found).items()) == [("b", Decimal("0.2")), ("a", Decimal("0.1")), ("c", None)]
    assert found.notes[0].startswith("credits are known for 2 of 3 user-days: ")
    assert found.data.footer == {"scope": None, "user": "total", "credits_used": Decimal("0.3")}
    assert "from GitHub's users reports, for analysis: it is not what is charged" in found.notes


def test_days_between_saved_answers_that_nobody_gave_are_named() -> None:
    found = view(Answer(Slice(2026, 7), (item(),)), Answer(Slice(2026, 10), (item(),)))
    assert "no answer for 61 days: 2026-08-01 to 2026-09-30" in found.notes
    assert not any("no answer" in note for note in view(Answer(Slice(2026, 10), ()), Answer(NOVEMBER, ())).notes)


def test_a_model_that_was_asked_for_alone_is_named_and_not_that_nothing_is_billed() -> None:
    look = CreditsLook("model", "credits", "2026-11", model="gpt\n5")
    notes = credits_view([(ORG, CreditsFound([Answer(NOVEMBER, ())]))], look, HERE).notes
    assert notes[0] == "of the model gpt 5 alone, as GitHub spells it"
    assert not any("billed here" in note for note in notes)


def test_a_long_name_of_a_unit_is_cut() -> None:
    (note,) = (note for note in view(Answer(NOVEMBER, (item(unit="u" * 400),))).notes if "other units" in note)
    assert len(note) < 120


def test_what_parts_have_more_than_the_whole_is_said() -> None:
    parts = [Answer(NOVEMBER, (item("3"),), name) for name in ("a", "b")]
    notes = view(Answer(NOVEMBER, (item("4"),)), *parts, by="org").notes
    assert "these organizations have 6.0 of 4.0 credits used: what is more counts in several of them" in notes
