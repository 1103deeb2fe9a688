"""`copilot-usage credits`, from the command line to its output."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from support.expected import check

if TYPE_CHECKING:
    from pathlib import Path

    from support.openapi import GitHubToday
    from support.program import Run, RunInTerminal

NOW = datetime(2026, 11, 16, tzinfo=UTC)
ORG = ["credits", "org", "acme", "--demo"]
MEGA = ["credits", "enterprise", "mega", "--demo"]
OUTPUTS = {
    "credits": ORG,
    "credits-csv": [*ORG, "-f", "csv"],
    "credits-json": [*ORG, "--json"],
    "credits-ndjson": [*ORG, "-f", "ndjson"],
    "credits-by-sku": [*ORG, "--by", "sku"],
    "credits-by-day-csv": [*ORG, "--by", "day", "--since", "7d", "-f", "csv"],
    "credits-by-org": [*MEGA, "--by", "org"],
    "credits-by-cost-center": [*MEGA, "--by", "cost-center"],
    "credits-by-user": [*ORG, "--by", "user", "--users", "--since", "2d"],
    "credits-requests": [*ORG, "--month", "2026-05"],
    "credits-requests-csv": [*ORG, "--month", "2026-05", "-f", "csv"],
    "credits-compare": [*ORG, "--month", "last-month", "--compare", "previous"],
    "credits-compare-csv": [*ORG, "--month", "last-month", "--compare", "previous", "-f", "csv"],
    "credits-of-a-model": [*ORG, "--filter-model", "GPT-5.4"],
    "credits-orgs": ["credits", "org", "acme", "globex", "--demo"],
    "credits-months": [*ORG, "--since", "2026-09-01"],
}


@pytest.mark.parametrize("name", OUTPUTS)
def test_the_credits_of_the_demo(name: str, call: Run) -> None:
    done = call(*OUTPUTS[name])
    assert done.code == 0
    check(f"view-{name}", done.out)


@pytest.mark.parametrize("columns", [40, 80, 160])
@pytest.mark.parametrize("name", ["credits", "credits-compare"])
def test_at_the_width_of_a_terminal(name: str, columns: int, call: Run) -> None:
    done = call(*OUTPUTS[name], "--width", str(columns))
    assert done.code == 0
    check(f"view-{name}-{columns}", done.out)


def test_in_a_terminal(run_in_terminal: RunInTerminal) -> None:
    done = run_in_terminal(80, *OUTPUTS["credits"])
    assert done.code == 0
    check("view-credits-terminal", done.out)


def test_no_name_is_shown_that_wasnt_asked_for(call: Run) -> None:
    for name, args in OUTPUTS.items():
        assert ("user-" in call(*args).out) == (name == "credits-by-user")


def test_days_add_up_to_their_month(call: Run) -> None:
    def total(*args: str) -> Decimal:
        rows = json.loads(call(*ORG, *args, "--json", "-q").out, parse_float=Decimal)
        return sum((Decimal(row["usd_charged"]) for row in rows), Decimal(0))

    month = total("--month", "2026-10")
    days = total("--by", "day", "--since", "2026-10-01", "--until", "2026-10-31")
    assert abs(month - days) < Decimal("0.000001")  # the demo rounds each answer
    assert total("--by", "sku", "--month", "2026-10") == month


ITEM = {
    **dict.fromkeys(("grossAmount", "discountQuantity", "discountAmount", "netQuantity", "netAmount"), 0),
    "product": "Copilot",
    "sku": "x",
    "model": "=A",
    "unitType": "credits",
    "pricePerUnit": 0.01,
    "grossQuantity": 0.1,
}


def answer(month: int, **more: object) -> dict[str, object]:
    return {"timePeriod": {"year": 2026, "month": month}, "usageItems": [ITEM], **more}


def test_requests_are_as_github_describes_them(today: GitHubToday) -> None:
    usage = "/organizations/acme/settings/billing/ai_credit/usage"
    today.answers[f"{usage}?year=2026&month=11"] = answer(11)
    today.answers[f"{usage}?year=2026&month=10"] = answer(10)
    done = today.run("credits", "org", "acme", "--compare", "previous", "--json", "-q", now=NOW)
    assert (done.code, done.err) == (0, "")
    (row,) = json.loads(done.out)
    assert (row["model"], row["credits_used"], row["previous_credits_used"]) == ("=A", 0.1, 0.1)
    assert sorted(today.arrivals) == [f"{usage}?year=2026&month=10", f"{usage}?year=2026&month=11"]


def test_saved_answers_are_read_as_what_they_are_of(call: Run, tmp_path: Path) -> None:
    path = tmp_path / "may.json"
    path.write_text(json.dumps(answer(5) | {"usageItems": [ITEM | {"unitType": "requests"}]}), "utf-8")
    args = ["credits", "org", "acme", "--input", str(path)]
    assert call(*args).out.startswith("org:acme | premium requests | 2026-05 | may.json\n")
    assert call(*args, "-f", "csv", "-q").out.splitlines()[1].startswith("org:acme,'=A,0.1,")
    assert "--input and --month exclude each other" in call(*args, "--month", "2026-05").err


def test_amounts_are_written_as_they_came(run: Run) -> None:
    text = json.dumps(answer(11)).replace("0.1,", "0.1000000000000000000000001,")
    text = text.replace('"grossQuantity": 0.1}', '"grossQuantity": 0.1000000000000000000000001}')
    done = run("credits", "org", "acme", "--input", "-", "--json", "-q", stdin=text)
    assert '"credits_used": 0.1000000000000000000000001,' in done.out


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["org"], "missing argument 'ORG'"),
        (["org", "acme", "--by", "user"], "--by user and --users go together"),
        (["org", "acme", "--users"], "--by user and --users go together"),
        (["org", "acme", "--by", "cost-center"], "--by cost-center is of enterprises alone"),
        (["org", "acme", "--by", "model,day"], "'model,day' is not one of model, sku, day"),
        (["org", "acme", "--month", "2026-11-03"], "--month 2026-11-03: that is not a month"),
        (["org", "acme", "--month", "2026-10", "--since", "7d"], "--month and --since exclude each other"),
        (["org", "acme", "--month", "2027-01", "--demo"], "2027-01 has not begun"),
        (["org", "acme", "--month", "2023-01", "--demo"], "GitHub keeps 24 months of this: 2023-01 is older"),
        (
            ["org", "acme", "--by", "user", "--users", "--month", "2026-05"],
            "users reports have AI credits since 2026-06-19, and 2026-05 is before",
        ),
        (["org", "acme", "--until", "2026-10-01"], "the period has no beginning"),
        (
            ["org", "acme", "--since", "2026-05-15", "--until", "2026-06-15"],
            "credits replaced premium requests on 2026-06-01",
        ),
        (["org", "acme", "--month", "2026-06", "--compare", "previous"], "2026-06 has credits, and 2026-05 has not"),
        (["org", "acme", "--by", "day", "--compare", "previous"], "--by day and --compare exclude each other"),
        (["org", "acme", "--by", "user", "--users", "--compare", "previous"], "--by user and --compare exclude"),
        (["org", "acme", "--by", "day", "--since", "2026-06-01", "--until", "2028-06-01", "--demo"], ""),
    ],
)
def test_wrong_usage(args: list[str], words: str, call: Run) -> None:
    done = call("credits", *args)
    assert done.code == (2 if words else 0)
    assert words in done.err
