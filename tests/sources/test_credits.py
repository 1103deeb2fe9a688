"""GitHub's billing of AI credits and premium requests: each field, exactly, and a call for each slice and part."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot_usage_cli.errors import CopilotUsageError, NotAllowed, NotFound, NotUnderstood, UsageError
from copilot_usage_cli.github.decoding import decode
from copilot_usage_cli.model.credits import Answer, Slice, UserCredits, days_of, slices_of
from copilot_usage_cli.model.period import Period
from copilot_usage_cli.model.query import Query
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.sources import credits as source
from copilot_usage_cli.sources.credits import CreditsQuery, fetch_credits, read_credits
from copilot_usage_cli.sources.reports.user_credits import fetch_user_credits, read_user_credits

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.conversation import Conversation
    from support.openapi import GitHubToday

ORG, MEGA = Scope("org", "acme"), Scope("enterprise", "mega")
BILLING = "/organizations/acme/settings/billing"
OF_MEGA = "/enterprises/mega/settings/billing"
TODAY = date(2026, 11, 20)
NOVEMBER = Slice(2026, 11)


def item(gross: float | str = 10, **fields: Any) -> dict[str, Any]:
    numbers = dict.fromkeys(("discountQuantity", "discountAmount", "netQuantity", "netAmount", "grossAmount"), 0)
    return {
        "product": "Copilot",
        "sku": "Copilot AI Credits",
        "model": "Claude Haiku 4.5",
        "unitType": "ai-credits",
        "pricePerUnit": 0.01,
        "grossQuantity": gross,
        **numbers,
        **fields,
    }


def answer(*items: dict[str, Any], year: int = 2026, month: int = 11, day: int | None = None, **more: Any) -> Any:
    period = {"year": year, "month": month} | ({} if day is None else {"day": day})
    return {"timePeriod": period, "organization": "acme", "usageItems": list(items), **more}


def saved(tmp_path: Path, *documents: Any) -> list[str]:
    path = tmp_path / "credits.json"
    path.write_text("\n".join(each if isinstance(each, str) else json.dumps(each) for each in documents), "utf-8")
    return [str(path)]


def read_one(tmp_path: Path, *documents: Any) -> Answer:
    (found,) = read_credits(saved(tmp_path, *documents), ORG)
    return found


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ("grossQuantity", "gross_quantity"),
        ("grossAmount", "gross_amount"),
        ("discountQuantity", "discount_quantity"),
        ("discountAmount", "discount_amount"),
        ("netQuantity", "net_quantity"),
        ("netAmount", "net_amount"),
    ],
)
def test_each_amount_by_its_own_name_and_exactly(field: str, name: str, tmp_path: Path) -> None:
    text = json.dumps(answer(item(0))).replace(f'"{field}": 0', f'"{field}": 3956.17995450000000000000001')
    (found,) = read_one(tmp_path, text).items
    assert getattr(found, name) == Decimal("3956.17995450000000000000001")
    assert sum(amount != 0 for amount in found.amounts) == 1


def test_names_of_an_item(tmp_path: Path) -> None:
    (found,) = read_one(tmp_path, answer(item(sku="Copilot Cloud Agent", model="Auto: Claude Haiku 4.5"))).items
    assert found[:4] == ("Copilot", "Copilot Cloud Agent", "Auto: Claude Haiku 4.5", "ai-credits")


def test_an_answer_without_items_is_nothing_billed_here(tmp_path: Path) -> None:
    assert read_one(tmp_path, answer()).items == ()


def test_what_an_answer_is_of(tmp_path: Path) -> None:
    assert read_one(tmp_path, answer(day=3)).of == Slice(2026, 11, 3)
    (center,) = read_credits(
        saved(tmp_path, answer(costCenter={"id": "cc-1", "name": "Platform"}, organization=None)), MEGA
    )
    assert center.cost_center == "Platform"


def test_the_answer_read_last_counts(tmp_path: Path) -> None:
    assert read_one(tmp_path, answer(item(1)), answer(item(2))).items[0].gross_quantity == 2


def test_a_month_and_a_day_of_it_are_refused(tmp_path: Path) -> None:
    with pytest.raises(NotUnderstood, match="an answer of 2026-11 and one of 2026-11-03, a day of it"):
        read_credits(saved(tmp_path, answer(), answer(day=3)), ORG)
    assert len(read_credits(saved(tmp_path, answer(day=4), answer(day=3), answer(month=10)), ORG)) == 3


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (answer(item("5")), 'item 1, field grossQuantity: "5" is not an amount'),
        (answer(item(), item(netAmount=None)), "item 2, field netAmount: null is not an amount"),
        (answer(item(True)), "item 1, field grossQuantity: true is not an amount"),
        (json.dumps(answer(item(0))).replace('"grossAmount": 0', '"grossAmount": 1e999999'), "is not an amount"),
        (json.dumps(answer(item(0))).replace('"grossAmount": 0', '"grossAmount": 1e9999999'), "is not an amount"),
        (json.dumps(answer(item(0))).replace('"grossAmount": 0', '"grossAmount": -1e9999999'), "is not an amount"),
        (json.dumps(answer(item(0))).replace('"grossAmount": 0', '"grossAmount": 1e-999999'), "is not an amount"),
        (answer(item(model=5)), "item 1, field model: 5 is not a name"),
        (answer(5), "item 1 is 5, not an object"),  # type: ignore[arg-type]
        (answer(year=10**400), "field year: "),
        (answer(day=0), "field timePeriod: year 2026, month 11, day 0 is not a month or a day"),
        (answer(year=2020), "field timePeriod: year 2020, month 11 is not a month or a day with Copilot in it"),
        (answer(year=9999), "field timePeriod: year 9999, month 11 is not a month or a day with Copilot in it"),
        (answer(month=True), "field month: true is not a count"),
        (answer(timePeriod={"year": 2026.5, "month": 11}), "field year: 2026.5 is not a count"),
        (answer(item(model="m" * 501)), "has 501 characters, and no name has so many"),
        (json.dumps(answer(month=7)).replace(": 7", ": 1e4000000"), "field month: 1E+4000000 is not a count"),
        (
            json.dumps(answer(item(0))).replace('"grossAmount": 0', '"grossAmount": 1e9999999999999999999'),
            "is not JSON",
        ),
        (json.dumps(answer(item(model=0))).replace('"model": 0', '"model": 0.5'), "field model: 0.5 is not a name"),
        (answer(month=13), "field timePeriod: year 2026, month 13 is not a month or a day"),
        (answer(timePeriod={"year": 2026}), "field timePeriod: it is of a whole year"),
        ({"seats": []}, "this is a list of Copilot seats, not an answer about credits"),
        ({"usageItems": {}}, "field usageItems: an object is not a list"),
        ({"timePeriod": {}}, "field usageItems: null is not a list"),
        ([5], "is not an answer about credits or premium requests"),
        ([], "there is no answer about credits or premium requests"),
    ],
)
def test_what_is_something_else_is_named(document: Any, words: str, tmp_path: Path) -> None:
    with pytest.raises(NotUnderstood) as refused:
        read_credits(saved(tmp_path, document), ORG)
    assert words in refused.value.message


@pytest.mark.parametrize(
    ("others", "words"),
    [
        ([answer(user="ann")], "answers of all and of one user"),
        ([answer(model="GPT")], "answers of all and of one model"),
        ([answer(user="ann"), answer(model="GPT")], "answers of all and of one model and of one user"),
    ],
)
def test_answers_that_overlap_are_refused(others: list[Any], words: str, tmp_path: Path) -> None:
    with pytest.raises(NotUnderstood) as refused:
        read_credits(saved(tmp_path, answer(), *others), ORG)
    assert words in refused.value.message


def test_answers_of_one_kind_add_up_and_say_what_they_are_of(tmp_path: Path) -> None:
    found = read_credits(saved(tmp_path, answer(model="A"), answer(model="B"), answer(model="A")), ORG)
    assert [each.alone for each in found] == [("model A",), ("model B",)]


def test_cost_centers_of_one_name_are_told_apart_by_their_ids(tmp_path: Path) -> None:
    centers = [answer(costCenter={"id": number, "name": "X"}, organization=None) for number in ("a", "b")]
    found = read_credits(saved(tmp_path, *centers), MEGA)
    assert [each.cost_center for each in found] == ["X (a)", "X (b)"]


def test_an_organizations_answer_beside_a_cost_centers_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotUnderstood, match="answers of one cost center and of one organization"):
        read_credits(saved(tmp_path, answer(costCenter={"id": "a", "name": "X"}, organization=None), answer()), MEGA)


def test_an_answer_of_another_owner_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r'belongs to "acme", not to org:other'):
        read_credits(saved(tmp_path, answer()), Scope("org", "other"))
    assert read_credits(saved(tmp_path, answer()), Scope("org", "ACME"))


def test_an_answer_that_doesnt_say_what_it_is_of_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotUnderstood, match="doesn't say of which month or day it is"):
        read_credits(saved(tmp_path, {"usageItems": []}), ORG)


def fetch(
    today: GitHubToday, converse: Callable[..., Conversation], query: CreditsQuery, scope: Scope = ORG
) -> tuple[list[Answer], list[str]]:
    talk = converse(today.url)
    return fetch_credits(talk.client, scope, query, 4), talk.said


def test_a_month_is_one_call(today: GitHubToday, converse: Callable[..., Conversation]) -> None:
    today.answers[f"{BILLING}/ai_credit/usage"] = answer(item(3))
    found, said = fetch(today, converse, CreditsQuery((NOVEMBER,)))
    assert today.arrivals == [f"{BILLING}/ai_credit/usage?year=2026&month=11"]
    assert (found[0].of, int(found[0].items[0].gross_quantity), said) == (NOVEMBER, 3, [])


def test_months_before_june_2026_are_premium_requests(
    today: GitHubToday, converse: Callable[..., Conversation]
) -> None:
    today.answers[f"{BILLING}/premium_request/usage"] = answer(month=5)
    fetch(today, converse, CreditsQuery((Slice(2026, 5),)))
    assert today.arrivals == [f"{BILLING}/premium_request/usage?year=2026&month=5"]
    assert [Slice(2026, month).era for month in (5, 6)] == ["requests", "credits"]


def test_each_day_is_a_call_and_their_number_is_said_before(
    today: GitHubToday, converse: Callable[..., Conversation]
) -> None:
    for day in (1, 2, 3):
        today.answers[f"{BILLING}/ai_credit/usage?year=2026&month=11&day={day}"] = answer(item(day), day=day)
    found, said = fetch(today, converse, CreditsQuery(tuple(days_of(date(2026, 11, 1), date(2026, 11, 3)))))
    assert [(each.of.day, int(each.items[0].gross_quantity)) for each in found] == [(1, 1), (2, 2), (3, 3)]
    assert said == ["org:acme: 3 calls, one for each day"]


def test_an_answer_of_another_period_is_refused(today: GitHubToday, converse: Callable[..., Conversation]) -> None:
    """Else each day would count the whole month."""
    today.answers[f"{BILLING}/ai_credit/usage"] = answer(item(3))
    with pytest.raises(NotUnderstood, match="is of 2026-11, and 2026-11-03 was asked for"):
        fetch(today, converse, CreditsQuery((Slice(2026, 11, 3),)))


def test_a_model_is_asked_for_by_githubs_name(today: GitHubToday, converse: Callable[..., Conversation]) -> None:
    today.answers[f"{BILLING}/ai_credit/usage"] = answer()
    fetch(today, converse, CreditsQuery((NOVEMBER,), model="Auto: Claude Haiku 4.5"))
    assert today.arrivals[0].endswith("model=Auto%3A+Claude+Haiku+4.5")


def test_each_organization_is_a_call_besides_the_whole(
    today: GitHubToday, converse: Callable[..., Conversation]
) -> None:
    seats: list[dict[str, Any]] = [
        {"created_at": "x", "organization": {"login": name}} for name in ("acme", "globex", "acme")
    ]
    seats += [{"created_at": "x"}, {"created_at": "x", "organization": None}]  # which name none
    today.list("/enterprises/mega/copilot/billing/seats", "seats", seats)
    usage = f"{OF_MEGA}/ai_credit/usage?year=2026&month=11"
    today.answers |= {usage: answer(item(9)), f"{usage}&organization=acme": answer(item(5))}
    today.answers[f"{usage}&organization=globex"] = answer(item(4))
    found, said = fetch(today, converse, CreditsQuery((NOVEMBER,), "org"), MEGA)
    assert [(each.organization, int(each.items[0].gross_quantity)) for each in found] == [
        (None, 9),
        ("acme", 5),
        ("globex", 4),
    ]
    assert said == ["enterprise:mega: 3 calls, of the whole and of each organization, besides their list"]


def test_each_cost_center_is_a_call_by_its_id(today: GitHubToday, converse: Callable[..., Conversation]) -> None:
    centers = [{"id": "cc-1", "name": "Platform"}, {"id": "cc-2", "name": None}]
    today.answers[f"{OF_MEGA}/cost-centers"] = {"costCenters": centers}
    today.answers[f"{OF_MEGA}/ai_credit/usage"] = answer()
    found, _ = fetch(today, converse, CreditsQuery((NOVEMBER,), "cost-center"), MEGA)
    assert [each.cost_center for each in found] == [None, "Platform", "cc-2"]
    assert sorted(today.arrivals)[1:] == [
        f"{OF_MEGA}/ai_credit/usage?year=2026&month=11&cost_center_id=cc-1",
        f"{OF_MEGA}/ai_credit/usage?year=2026&month=11&cost_center_id=cc-2",
        f"{OF_MEGA}/cost-centers?state=active",
    ]
    for wrong in ({}, {"costCenters": [{"name": "x"}]}):
        today.answers[f"{OF_MEGA}/cost-centers"] = wrong
        with pytest.raises(NotUnderstood):
            fetch(today, converse, CreditsQuery((NOVEMBER,), "cost-center"), MEGA)


def test_a_cost_center_that_is_listed_twice_counts_once(
    today: GitHubToday, converse: Callable[..., Conversation]
) -> None:
    today.answers[f"{OF_MEGA}/cost-centers"] = {"costCenters": [{"id": "cc-1", "name": "Platform"}] * 2}
    today.answers[f"{OF_MEGA}/ai_credit/usage"] = answer()
    found, _ = fetch(today, converse, CreditsQuery((NOVEMBER,), "cost-center"), MEGA)
    assert [each.cost_center for each in found] == [None, "Platform"]


def test_more_items_than_there_is_room_for_are_refused(
    today: GitHubToday, converse: Callable[..., Conversation], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "_MOST_OF_ALL", 3)
    two = [item(), item()]
    with pytest.raises(NotUnderstood, match="too many answers and items"):
        read_credits(saved(tmp_path, answer(*two), answer(*two, month=10)), ORG)
    assert read_credits(saved(tmp_path, answer(*two), answer(*two)), ORG)
    for day in (1, 2):
        today.answers[f"{BILLING}/ai_credit/usage?year=2026&month=11&day={day}"] = answer(*two, day=day)
    with pytest.raises(NotUnderstood, match="too many items"):
        fetch(today, converse, CreditsQuery(tuple(days_of(date(2026, 11, 1), date(2026, 11, 2)))))


def test_too_many_calls_are_refused_before_the_first(today: GitHubToday, converse: Callable[..., Conversation]) -> None:
    days = days_of(date(2025, 1, 1), date(2026, 11, 1))
    with pytest.raises(UsageError, match="this would take 670 calls, and 500 are the most"):
        fetch(today, converse, CreditsQuery(tuple(days)))
    assert today.arrivals == []


@pytest.mark.parametrize(
    ("status", "kind", "scope", "words"),
    [
        (403, NotAllowed, ORG, "an administrator of the organization, with a classic token, or a fine-grained"),
        (403, NotAllowed, MEGA, "an enterprise owner, a billing manager, or a custom role that may read its billing"),
        (404, NotFound, ORG, "its plan has no such billing"),
        (400, UsageError, ORG, "its message may say why"),
    ],
)
def test_a_refusal_says_who_may_read_billing(
    status: int,
    kind: type[CopilotUsageError],
    scope: Scope,
    words: str,
    today: GitHubToday,
    converse: Callable[..., Conversation],
) -> None:
    for path in (BILLING, OF_MEGA):
        today.answers[f"{path}/ai_credit/usage"] = (status, {"message": "No"})
    with pytest.raises(kind) as refused:
        fetch(today, converse, CreditsQuery((NOVEMBER,)), scope)
    assert words in refused.value.hint


@given(st.dates(date(2024, 1, 1), date(2026, 11, 20)), st.integers(0, 100))
def test_slices_cover_each_day_once(first: date, length: int) -> None:
    last = min(first + timedelta(days=length), TODAY)
    covered: list[date] = []
    for each in slices_of(first, last, TODAY):
        covered += [each.first + timedelta(days=n) for n in range((each.last - each.first).days + 1)]
    assert len(covered) == len(set(covered))
    assert set(covered) >= {first + timedelta(days=n) for n in range((last - first).days + 1)}
    assert all(first <= day and (day <= last or day >= TODAY) for day in covered)


def test_a_month_that_isnt_over_is_whole_up_to_today_which_its_answer_has() -> None:
    assert slices_of(date(2026, 11, 1), date(2026, 11, 20), TODAY) == [NOVEMBER]
    assert slices_of(date(2026, 11, 1), date(2026, 11, 19), TODAY) == days_of(date(2026, 11, 1), date(2026, 11, 19))
    assert slices_of(date(2026, 10, 1), date(2026, 11, 1), TODAY) == [Slice(2026, 10), Slice(2026, 11, 1)]


def test_fractions_are_exact_only_where_that_is_asked_for() -> None:
    assert decode(b"[0.1]", "it", exact=True) == [Decimal("0.1")]
    assert type(decode(b"[0.1]", "it")[0]) is float


# By user


def line(user: int, day: str, used: float | None, **more: Any) -> dict[str, Any]:
    return {"user_id": user, "user_login": f"user-{user}", "day": day, "ai_credits_used": used, **more}


def test_credits_of_users_are_added_up_day_by_day(today: GitHubToday, converse: Callable[..., Conversation]) -> None:
    reports = "/orgs/acme/copilot/metrics/reports/users-1-day?day="
    days = [date(2026, 11, 1), date(2026, 11, 2), date(2026, 11, 3)]
    today.report(f"{reports}{days[0]}", line(1, "2026-11-01", 0.1), line(2, "2026-11-01", None))
    today.report(
        f"{reports}{days[1]}", line(1, "2026-11-02", 0.2), line(1, "2026-11-02", 0.2), line(2, "2026-11-02", 3)
    )
    today.answers[f"{reports}{days[2]}"] = (204, None)
    talk = converse(today.url)
    found = fetch_user_credits(talk.client, Query(ORG, Period(days[0], days[2]), TODAY), days, 4)
    assert found.by_user == {"user-1": Decimal("0.3"), "user-2": Decimal(3)}
    assert (found.user_days, found.known, found.without_data) == (4, 3, (days[2],))
    assert talk.said == ["org:acme: 3 reports of per-user data to fetch, one for each day"]


def test_a_person_keeps_the_latest_login(tmp_path: Path) -> None:
    lines = [line(1, "2026-11-02", 1, user_login="new"), line(1, "2026-11-01", 1, user_login="old")]
    names = saved(tmp_path, *lines, line(2, "2026-11-01", 2, user_login=None), line(3, "2026-10-01", 5))
    found = read_user_credits(names, Query(ORG, Period(date(2026, 11, 1), None), TODAY))
    assert found.by_user == {"new": Decimal(2), "2": Decimal(2)}


def test_a_person_whose_credits_are_unknown_is_listed_and_not_zero(tmp_path: Path) -> None:
    lines = [
        line(1, "2026-11-01", None),
        line(2, "2026-11-01", None),
        line(2, "2026-11-02", 2),
        line(3, "2026-11-02", 0),
    ]
    found = read_user_credits(saved(tmp_path, *lines), Query(ORG, Period(), TODAY))
    assert found == UserCredits({"user-1": None, "user-2": Decimal(2), "user-3": Decimal(0)}, 4, 2)


@pytest.mark.parametrize("used", ["5", -1, True, float("nan")])
def test_credits_of_a_user_that_are_something_else_are_named(used: Any, tmp_path: Path) -> None:
    with pytest.raises(NotUnderstood):
        read_user_credits(saved(tmp_path, line(1, "2026-11-02", used)), Query(ORG, Period(), TODAY))


def test_there_are_no_more_calls_than_the_most() -> None:
    assert source._MOST_CALLS == 500


def test_people_of_one_login_are_told_apart_by_their_ids(tmp_path: Path) -> None:
    names = saved(tmp_path, *(line(user, "2026-11-02", used, user_login="a") for user, used in ((1, 5), (2, 7))))
    assert read_user_credits(names, Query(ORG, Period(), TODAY)).by_user == {"a (1)": Decimal(5), "a (2)": Decimal(7)}


def test_a_users_report_with_lines_of_another_day_is_refused(
    today: GitHubToday, converse: Callable[..., Conversation]
) -> None:
    day = date(2026, 11, 1)
    today.report(f"/orgs/acme/copilot/metrics/reports/users-1-day?day={day}", line(1, "2026-10-31", 1))
    with pytest.raises(NotUnderstood, match="line 1 is of 2026-10-31, which is not a day of this report"):
        fetch_user_credits(converse(today.url).client, Query(ORG, Period(day, day), TODAY), [day], 4)


def test_a_users_report_of_a_whole_period_is_read_and_not_beside_days(tmp_path: Path) -> None:
    whole = {"user_id": 1, "user_login": "a", "ai_credits_used": 2.5, "totals_by_feature": []}
    whole |= {"report_start_day": "2026-10-20", "report_end_day": "2026-11-16"}
    assert read_user_credits(saved(tmp_path, whole), Query(ORG, Period(), TODAY)).by_user == {"a": Decimal("2.5")}
    with pytest.raises(NotUnderstood, match="line 2 is of a whole period, or the lines before it were"):
        read_user_credits(saved(tmp_path, whole, line(1, "2026-11-02", 1)), Query(ORG, Period(), TODAY))
