"""AI credits and premium requests: GitHub's billing usage API, as of November 2026.

An answer has a row for each product, SKU and model, and is of a month or a day: its parameters filter and don't group,
so each day, organization or cost center is a call of its own. The last 24 months can be asked for.
"""

from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from copilot_usage_cli.errors import NotUnderstood, UsageError
from copilot_usage_cli.github.client import Client, StatusError
from copilot_usage_cli.github.decoding import decode
from copilot_usage_cli.github.status_errors import AccessRules, explain_status
from copilot_usage_cli.model.credits import Answer, Item, Slice
from copilot_usage_cli.model.dates import may_have_data
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.sources.input_files import open_files
from copilot_usage_cli.sources.parallel import run_all
from copilot_usage_cli.sources.payload import InvalidPayload, count, parse_each, short_name, shown, unlike_names
from copilot_usage_cli.sources.recognition import recognize
from copilot_usage_cli.sources.statement import id_text
from copilot_usage_cli.text import one_line, plural

if TYPE_CHECKING:
    from copilot_usage_cli.sources.parallel import Progress

_PATHS = {"credits": "ai_credit", "requests": "premium_request"}
_ALONE = ("user", "model", "product")
_PARTS = {"org": "organization", "cost-center": "cost center"}
_FIELDS = ("grossQuantity", "grossAmount", "discountQuantity", "discountAmount", "netQuantity", "netAmount")
_MOST = Decimal(10) ** 15
_FINEST = -30  # decimal places
_MOST_CALLS = 500
_MOST_ITEMS = 10_000  # of an answer
_MOST_OF_ALL = 100_000  # items
_UNSAID = Slice(1, 1)  # of an answer that doesn't say what it is of
_WHERE = "it is the answer of …/settings/billing/ai_credit/usage or …/premium_request/usage"
_LOOK = "look at the answer as it was fetched or saved"


class CreditsQuery(NamedTuple):
    """What is asked: slices of time, and whether each organization or cost center of an enterprise by itself.

    `model` is GitHub's name of a model, of which alone is asked.
    """

    slices: tuple[Slice, ...]
    each: str | None = None
    model: str | None = None


class _Part(NamedTuple):
    """A part of an enterprise that is asked for alone: the parameter, and what it is called."""

    parameter: str = ""
    value: str = ""
    name: str = ""


def fetch_credits(
    client: Client, scope: Scope, query: CreditsQuery, jobs: int, progress: "Progress | None" = None
) -> list[Answer]:
    """Fetch the answers of all slices, and of the whole besides where each part is asked for by itself.

    Says beforehand how many calls it takes, if more than one; raises UsageError for too many, and the other errors of
    errors.py.
    """
    api = _Api(client, scope, query.model)
    parts = [_Part(), *api.parts(query.each, jobs)] if query.each else [_Part()]
    calls = [partial(api.answer, of, part) for part in parts for of in query.slices]
    if len(calls) > _MOST_CALLS:
        raise UsageError(
            f"{scope}: this would take {len(calls):,} calls, and {_MOST_CALLS} are the most",
            "ask for fewer days at a time, or for whole months",
        )
    if len(calls) > 1:
        client.say(f"{scope}: {plural(len(calls), 'call')}{_words(query)}")
    return run_all(calls, jobs, progress)


def _words(query: CreditsQuery) -> str:
    """Say what there is a call for."""
    units = " and ".join(sorted({"day" if of.day else "month" for of in query.slices}))
    words = f", one for each {units}" if len(query.slices) > 1 else ""
    return words + (f", of the whole and of each {_PARTS[query.each]}, besides their list" if query.each else "")


class _Api:
    """The billing usage API of an enterprise or organization. Safe to share between threads."""

    def __init__(self, client: Client, scope: Scope, model: str | None) -> None:
        owners = "enterprises" if scope.kind == "enterprise" else "organizations"
        self._client = client
        self._scope = scope
        self._model = model
        self._path = f"/{owners}/{quote(scope.owner, safe='')}/settings/billing"
        self._label = f"{scope}: the answer of {client.address.netloc}"
        self._items = 0
        self._lock = Lock()

    def answer(self, of: Slice, part: _Part) -> Answer:
        """Ask for a slice of the whole, or of a part."""
        query: dict[str, str | int] = {"year": of.year, "month": of.month}
        if of.day is not None:
            query["day"] = of.day
        if self._model is not None:
            query["model"] = self._model
        if part.parameter:
            query[part.parameter] = part.value
        payload = self._get(f"{self._path}/{_PATHS[of.era]}/usage", query)
        answer = _parse(payload, self._label)
        with self._lock:
            self._items += len(answer.items)
        if self._items > _MOST_OF_ALL:
            raise NotUnderstood(f"{self._label} and those before have too many items", "ask for fewer days at a time")
        if answer.of not in {of, _UNSAID}:
            raise NotUnderstood(f"{self._label} is of {answer.of}, and {of} was asked for", "see it with `gh api`")
        organization = part.name if part.parameter == "organization" else None
        cost_center = part.name if part.parameter == "cost_center_id" else None
        return answer._replace(of=of, organization=organization, cost_center=cost_center)

    def parts(self, each: str, jobs: int) -> list[_Part]:
        """List the organizations or the cost centers of the enterprise."""
        if each == "org":
            from copilot_usage_cli.sources.listing import list_organizations

            names = [scope.owner for scope in list_organizations(self._client, self._scope, jobs)]
            return [_Part("organization", name, name) for name in names]
        payload = self._get(f"{self._path}/cost-centers", {"state": "active"})
        centers = payload.get("costCenters") if isinstance(payload, dict) else None
        if not isinstance(centers, list):
            raise NotUnderstood(f"{self._label} is not a list of cost centers", "see it with `gh api`")
        found = parse_each(centers, _cost_center, f"{self._label}, cost center")
        unlike = unlike_names({part.value: part.name for part in found})
        return [_Part("cost_center_id", number, name) for number, name in unlike.items()]

    def _get(self, path: str, query: dict[str, str | int]) -> Any:
        try:
            response = self._client.get(self._client.url(path, query))
        except StatusError as refused:
            client = self._client
            raise explain_status(refused, self._scope, client.address, client.token, ACCESS_RULES) from None
        return {"usageItems": []} if response.status == 204 else decode(response.body, self._label, exact=True)


def read_credits(names: Sequence[str], scope: Scope) -> list[Answer]:
    """Read saved answers of a scope, of the same question the one read last.

    Raises UsageError for a file that can't be read or is another scope's, NotUnderstood for another answer, for one
    that doesn't say what it is of, and for answers that overlap.
    """
    found: dict[_Question, Answer] = {}
    items = 0
    for file in open_files(names):
        for document in file.documents(exact=True):
            for item in document if isinstance(document, list) else [document]:
                question, answer = _saved(item, file.label, scope)
                items += len(answer.items) - len(found[question].items if question in found else ())
                found[question] = answer
                if items > _MOST_OF_ALL or len(found) > _MOST_ITEMS:
                    raise NotUnderstood(f"{file.label}: there are too many answers and items", "give fewer at a time")
    if not found:
        raise NotUnderstood(f"{', '.join(names)}: there is no answer about credits or premium requests", _WHERE)
    _check_overlap(list(found), ", ".join(names))
    centers = unlike_names({of.center: answer.cost_center or "" for of, answer in found.items() if of.center})
    return [answer._replace(cost_center=centers.get(of.center, answer.cost_center)) for of, answer in found.items()]


class _Question(NamedTuple):
    """What an answer is of: its slice, and what alone was asked for."""

    of: Slice
    organization: str = ""
    center: str = ""
    user: str = ""
    model: str = ""
    product: str = ""

    @property
    def kind(self) -> tuple[str, ...]:
        """What alone was asked for, by the names of the fields."""
        return tuple(name for name in self._fields[1:] if getattr(self, name))


def _saved(payload: Any, label: str, scope: Scope) -> tuple[_Question, Answer]:
    """Read a saved answer, which says itself what it is of."""
    answer = _parse(payload, label)
    if answer.of == _UNSAID:
        raise NotUnderstood(f"{label} doesn't say of which month or day it is (timePeriod)", "fetch it again")
    try:
        owner = short_name(payload, "enterprise" if scope.kind == "enterprise" else "organization")
        center = payload.get("costCenter")
        number = id_text(center.get("id")) or answer.cost_center or "" if isinstance(center, dict) else ""
        user, model, product = (short_name(payload, name) or "" for name in ("user", "model", "product"))
    except InvalidPayload as error:
        raise error.located(label) from None
    if owner is not None and owner.lower() != scope.owner.lower():
        raise UsageError(f"{label} belongs to {shown(owner)}, not to {scope}", "name the scope that it belongs to")
    organization = "" if scope.kind == "org" else answer.organization or ""
    question = _Question(answer.of, organization, number, user, model, product)
    alone = tuple(f"{name} {one_line(getattr(question, name), 60)}" for name in question.kind if name in _ALONE)
    return question, answer._replace(organization=organization or None, alone=alone)


def _check_overlap(questions: Sequence[_Question], names: str) -> None:
    """Raise NotUnderstood for answers that would count something twice."""
    slices = {question.of for question in questions}
    for of in sorted(slices, key=lambda of: of.first):
        if of.day is not None and of._replace(day=None) in slices:
            month = of._replace(day=None)
            raise NotUnderstood(
                f"{names}: there is an answer of {month} and one of {of}, a day of it", "give the month, or its days"
            )
    kinds = {question.kind for question in questions}
    if len(kinds) > 1 and kinds not in ({(), ("organization",)}, {(), ("center",)}):
        words = sorted(
            f"one {' and '.join(kind)}".replace("center", "cost center") if kind else "all" for kind in kinds
        )
        raise NotUnderstood(f"{names}: there are answers of {' and of '.join(words)}", "they overlap: give one kind")


def _parse(payload: Any, label: str) -> Answer:
    """Read an answer; raises NotUnderstood, naming the item and the field."""
    items = payload.get("usageItems") if isinstance(payload, dict) else None
    if not isinstance(items, list) and isinstance(payload, dict) and payload.keys() & {"usageItems", "timePeriod"}:
        raise NotUnderstood(f"{label}, field usageItems: {shown(items)} is not a list", _LOOK)
    if not isinstance(items, list):
        other = recognize(payload) if isinstance(payload, dict) else None
        what = f": this is {other.what}, not" if other is not None else " is not"
        raise NotUnderstood(f"{label}{what} an answer about credits or premium requests", _WHERE)
    if len(items) > _MOST_ITEMS:
        raise NotUnderstood(f"{label} has more than {_MOST_ITEMS:,} items", _LOOK)
    try:
        of, organization = _slice(payload), short_name(payload, "organization")
        center = payload.get("costCenter")
        cost_center = short_name(center, "name") if isinstance(center, dict) else None
    except InvalidPayload as error:
        raise error.located(label) from None
    return Answer(of, tuple(parse_each(items, _item, f"{label}, item")), organization, cost_center)


def _slice(payload: dict[str, Any]) -> Slice:
    period = payload.get("timePeriod")
    if period is None:
        return _UNSAID
    if isinstance(period, dict):
        year, month, day = (count(period, name) for name in ("year", "month", "day"))
        if month is None:
            raise InvalidPayload(", field timePeriod: it is of a whole year", "ask for each month by itself")
        try:
            found = Slice(year or 0, month or 0, day)
            if found.first <= found.last and may_have_data(found.first):  # else, or with no such date, it isn't a slice
                return found
        except (ValueError, OverflowError):
            pass
    raise InvalidPayload(f", field timePeriod: {_json(period)} is not a month or a day with Copilot in it", _LOOK)


def _json(period: Any) -> str:
    """Show a period that is unlike one."""
    if not isinstance(period, dict):
        return shown(period)
    return one_line(", ".join(f"{name} {shown(value)}" for name, value in period.items()), 60) or "an empty object"


def _item(item: Any) -> Item:
    if not isinstance(item, dict):
        raise InvalidPayload(f" is {shown(item)}, not an object", _LOOK)
    product, sku, model, unit = (short_name(item, name) for name in ("product", "sku", "model", "unitType"))
    return Item(product, sku, model, unit, *(_amount(item, name) for name in _FIELDS))


def _cost_center(center: Any) -> _Part:
    """Read a cost center; raises InvalidPayload, naming the field."""
    if not isinstance(center, dict) or short_name(center, "id") is None:
        raise InvalidPayload(" has no id", "see it with `gh api`")
    return _Part("cost_center_id", center["id"], short_name(center, "name") or center["id"])


def _amount(item: dict[str, Any], field: str) -> Decimal:
    """Read an exact number, which every item has; raises InvalidPayload, naming the field."""
    value = item.get(field)
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        amount = Decimal(value)
        exponent = amount.as_tuple().exponent
        # what is far too large overflows when it is compared
        is_in_reach = amount.is_finite() and amount.adjusted() <= _MOST.adjusted() and abs(amount) <= _MOST
        if is_in_reach and isinstance(exponent, int) and exponent >= _FINEST:
            return amount
    raise InvalidPayload(f", field {field}: {shown(value)} is not an amount", _LOOK)


def _needs(scope: Scope) -> str:
    if scope.kind == "enterprise":
        return (
            "this requires an enterprise owner, a billing manager, or a custom role that may read its billing, with a "
            "classic token, or a GitHub App that may"
        )
    return (
        "this requires an administrator of the organization, with a classic token, or a fine-grained or GitHub App "
        'token with read access to "Administration"'
    )


ACCESS_RULES = AccessRules(
    needs=_needs,
    gone="its plan has no such billing, or this host has no API of it",
    never_for_enterprises={},
    policy=lambda _scope, _words: None,
)
