"""The demo's billing: AI credits, the premium requests before them, and an enterprise's cost centers."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from urllib.parse import parse_qs, unquote

from copilot_usage_cli.demo.seats import ORGANIZATIONS

_PATH = r"/(enterprises|organizations)/([^/]+)/settings/billing/(ai_credit/usage|premium_request/usage|cost-centers)"
_FIRST_CREDITS = date(2026, 6, 1)
_MODELS = {
    "Claude Sonnet 5": 0.44,
    "GPT-5.4": 0.21,
    "Auto: Claude Haiku 4.5": 0.16,
    "Claude Haiku 4.5": 0.1,
    "Code Review model": 0.09,
}
_AGENT = "Claude Sonnet 5"  # of the cloud agent, which has a SKU of its own
_CENTERS = {"cc-1": ("Platform", 0.55), "cc-2": ("Products", 0.3)}
_SHARES = (0.4, 0.3, 0.2, 0.1)  # of the organizations
_A_DAY = {"enterprises": 5200, "organizations": 1500}  # credits
_INCLUDED = Decimal("0.82")
_PRICE = {"ai_credit": Decimal("0.01"), "premium_request": Decimal("0.04")}
_FRIDAY = 5


def answer(target: str, today: date) -> tuple[int, Any] | None:
    """Answer a request for billing: a status and a payload; None for another path."""
    path, _, query_text = target.partition("?")
    found = re.fullmatch(_PATH, path)
    if found is None:
        return None
    owners, owner, what = found[1], unquote(found[2]).lower(), found[3]
    if owner == "missing":
        return 404, {"message": "Not Found", "documentation_url": "https://docs.github.com/rest", "status": "404"}
    if what == "cost-centers":
        centers = [{"id": number, "name": name, "state": "active"} for number, (name, _) in _CENTERS.items()]
        return 200, {"costCenters": centers}
    query = {name: values[-1] for name, values in parse_qs(query_text).items()}
    period: dict[str, int] = {name: int(query[name]) for name in ("year", "month", "day") if name in query}
    named: dict[str, Any] = {}
    share = 1.0
    if "organization" in query:
        named["organization"] = query["organization"]
        share = dict(zip(ORGANIZATIONS, _SHARES, strict=True)).get(query["organization"], 0.0)
    if "cost_center_id" in query:
        name, share = _CENTERS[query["cost_center_id"]]
        named["costCenter"] = {"id": query["cost_center_id"], "name": name}
    kind = what.partition("/")[0]
    days = [day for day in _days(period, today) if (day >= _FIRST_CREDITS) == (kind == "ai_credit")]
    items = list(_items(f"{owners}/{owner}", kind, days, share * _A_DAY[owners])) if days else []
    if "model" in query:
        items = [item for item in items if item["model"] == query["model"]]
    return 200, {"timePeriod": period, owners.removesuffix("s"): owner, **named, "usageItems": items}


def _days(period: dict[str, int], today: date) -> Iterator[date]:
    first = date(period["year"], period["month"], period.get("day", 1))
    day = first
    while day.month == first.month and day <= today and (day == first or "day" not in period):
        yield day
        day += timedelta(days=1)


def _items(whose: str, kind: str, days: list[date], a_day: float) -> Iterator[dict[str, Any]]:
    is_credit = kind == "ai_credit"
    for model, part in _MODELS.items():
        used = Decimal(0)
        for day in days:
            chance = Random(f"credits {whose}/{model}/{day}")  # noqa: S311 - made-up numbers
            busy = 1 if day.isoweekday() <= _FRIDAY else 0.2
            amount = a_day * part * busy * (0.7 + 0.6 * chance.random()) / (1 if is_credit else 25)
            used += round(Decimal(amount), 7 if is_credit else 0)
        skus = [("Copilot AI Credits" if is_credit else "Copilot Premium Request", used)]
        if is_credit and model == _AGENT:
            agent = round(used / 5, 7)
            skus = [(skus[0][0], used - agent), ("Copilot Cloud Agent", agent)]
        for sku, quantity in skus:
            yield _item(sku, model, "ai-credits" if is_credit else "requests", quantity, _PRICE[kind])


def _item(sku: str, model: str, unit: str, used: Decimal, price: Decimal) -> dict[str, Any]:
    included = round(used * _INCLUDED, 7)
    amounts = {"gross": used, "discount": included, "net": used - included}
    numbers = {
        name: float(value)
        for each, quantity in amounts.items()
        for name, value in ((f"{each}Quantity", quantity), (f"{each}Amount", round(quantity * price, 9)))
    }
    return {
        "product": "Copilot",
        "sku": sku,
        "model": model,
        "unitType": unit,
        "pricePerUnit": float(price),
        **numbers,
    }
