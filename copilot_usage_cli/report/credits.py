"""AI credits and premium requests: used, included and charged, by model or otherwise. No I/O.

Amounts are added up as exact decimals. Credits and premium requests are never in one column: the columns are named for
what they count.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from decimal import Decimal, localcontext
from typing import NamedTuple

from copilot_usage_cli.errors import UsageError
from copilot_usage_cli.model.credits import AMOUNTS, FIRST_CREDITS, FIRST_OF_USERS, Answer, Era, Item, UserCredits
from copilot_usage_cli.model.period import days_between, format_ranges
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.report.notes_of_many import NotesOfMany
from copilot_usage_cli.report.view import Circumstances, Field, Row, Sheet, View, scope_field, title_of
from copilot_usage_cli.report.view_comparison import compare_sheets
from copilot_usage_cli.text import listed, one_line, plural

BY = ("model", "sku", "day", "org", "cost-center", "user")
OF_PARTS = ("org", "cost-center")

_UNITS: dict[Era, frozenset[str]] = {
    "credits": frozenset({"ai-credits", "ai-units", "credits"}),
    "requests": frozenset({"requests", "premium-requests"}),
}
_WORDS: dict[Era, str] = {"credits": "AI credits", "requests": "premium requests"}
_NONE = {"model": "(no model)", "sku": "(no SKU)", "org": "(no organization)", "cost-center": "(no cost center)"}
_HEADERS = {"sku": "SKU", "org": "organization", "cost-center": "cost center", "day": "day (UTC)"}
_ZERO = Decimal(0)
_PRECISION = 100  # digits: more than any sum of amounts that are read can have


class CreditsLook(NamedTuple):
    """How answers are looked at: `by` one of BY, in an era, of a period in words, with that before where compared.

    `model` is the one that was asked for alone.
    """

    by: str
    era: Era
    period: str
    before: str = ""
    model: str | None = None


class CreditsFound(NamedTuple):
    """The answers of a period, and those that they are compared with."""

    now: Sequence[Answer]
    before: Sequence[Answer] | None = None


def credits_view(found: Sequence[tuple[Scope, CreditsFound]], look: CreditsLook, circumstances: Circumstances) -> View:
    """Show what some scopes used, what of it is included, and what is charged."""
    scopes = [scope for scope, _ in found]
    notes = NotesOfMany()
    sheets = []
    for scope, each in found:
        notes.add(scope, list(_notes_on(each, look)))
        sheets.append(_sheet(scope, scopes, each, look))
    data = sheets[0]._replace(rows=[row for sheet in sheets for row in sheet.rows])
    if len(scopes) > 1 or not data.rows:
        data = data._replace(footer=None)
    before = f"before: {look.before}" if look.before else ""
    title = title_of(scopes, _WORDS[look.era], look.period, before, circumstances.answerer)
    return View(title, data, (*notes.of(scopes), *_definitions(look, circumstances)))


def look_of_files(found: Sequence[tuple[Scope, CreditsFound]], look: CreditsLook) -> CreditsLook:
    """Look at saved answers as what they are of; raises UsageError for credits and premium requests together."""
    slices = sorted({answer.of for _, each in found for answer in each.now}, key=lambda of: (of.first, of.last))
    eras = {of.era for of in slices}
    if len(eras) > 1:
        raise UsageError("the input has credits and premium requests", "give the files of each by themselves")
    if look.by == "day" and (month := next((of for of in slices if of.day is None), None)):
        raise UsageError(f"--by day: {month} is a whole month", "give the answers of its days")
    if look.by in OF_PARTS and not any(_part(answer, look.by) for _, each in found for answer in each.now):
        what = "organization" if look.by == "org" else "cost center"
        raise UsageError(f"--by {look.by}: no answer of the input is of one {what}", "give one of each")
    words = str(slices[0]) if len(slices) == 1 else f"{slices[0].first} to {slices[-1].last}"
    return look._replace(era=eras.pop(), period=words)


def fields_of(era: Era) -> tuple[Field, ...]:
    """Return the columns of amounts, in the order of AMOUNTS."""
    used, included, charged = (f"{era}_{what}" for what in ("used", "included", "charged"))
    return (
        Field(used, f"{era}\nused", "amount", 95),
        Field("usd_used", "USD\nused", "money", 40),
        Field(included, f"{era}\nincluded", "amount", 70),
        Field("usd_included", "USD\nincluded", "money", 30),
        Field(charged, f"{era}\ncharged", "amount", 80),
        Field("usd_charged", "USD\ncharged", "money", 90),
    )


def _sheet(scope: Scope, scopes: Sequence[Scope], found: CreditsFound, look: CreditsLook) -> Sheet:
    name = look.by.replace("-", "_")
    dimension = Field(name, _HEADERS.get(look.by, look.by), "name")
    fields = (scope_field(scopes), dimension, *fields_of(look.era))

    def make(answers: Sequence[Answer]) -> Sheet:
        rows = list(_rows(answers, look))
        total = dict(
            zip(_names(look.era), _added([item for _, item in _items(_wholes(answers), look.era)]), strict=True)
        )
        footer: Row = {"scope": None, name: "total", **total}
        return Sheet(fields, [{"scope": str(scope), **row} for row in rows], footer=footer)

    now = make(found.now)
    return now if found.before is None else compare_sheets(now, make(found.before), {})


def _names(era: Era) -> tuple[str, ...]:
    return tuple(field.name for field in fields_of(era))


def _rows(answers: Sequence[Answer], look: CreditsLook) -> Iterator[Row]:
    """Add up what has the same name, the largest first; days in their order."""
    of_parts = look.by in OF_PARTS
    key = _keys(look.by)
    groups: dict[str, list[Item]] = {}
    inside = [each for each in answers if not of_parts or _part(each, look.by) is not None]
    for answer, item in _items(inside if of_parts else _wholes(answers), look.era):
        groups.setdefault(key(answer, item), []).append(item)
    named = {name: _added(items) for name, items in groups.items()}
    name = look.by.replace("-", "_")
    for each, amounts in sorted(
        named.items(), key=lambda found: found[0] if look.by == "day" else (-found[1][0], found[0])
    ):
        yield {name: each, **dict(zip(_names(look.era), amounts, strict=True))}


def _keys(by: str) -> Callable[[Answer, Item], str]:
    if by == "day":
        return lambda answer, _: str(answer.of)
    if by in OF_PARTS:
        return lambda answer, _: _part(answer, by) or _NONE[by]
    return lambda _, item: (item.model if by == "model" else item.sku) or _NONE[by]


def _part(answer: Answer, by: str) -> str | None:
    return answer.organization if by == "org" else answer.cost_center


def _wholes(answers: Sequence[Answer]) -> list[Answer]:
    """Leave out the answers of parts where there are some of the whole, too, so that nothing counts twice."""
    wholes = [each for each in answers if each.cost_center is None and each.organization is None]
    return wholes or list(answers)


def _items(answers: Sequence[Answer], era: Era) -> Iterator[tuple[Answer, Item]]:
    for answer in answers:
        for item in answer.items:
            if answer.of.era == era and (item.unit or "").lower() in _UNITS[era]:
                yield answer, item


def _added(items: Sequence[Item]) -> tuple[Decimal, ...]:
    with localcontext(prec=_PRECISION):
        return tuple(sum((item.amounts[n] for item in items), _ZERO) for n in range(len(AMOUNTS)))


def _notes_on(found: CreditsFound, look: CreditsLook) -> Iterator[str]:
    answers = [*found.now, *(found.before or ())]
    others = [item for answer in answers for item in answer.items if (item.unit or "").lower() not in _UNITS[look.era]]
    if gaps := _gaps(found.now):
        yield f"no answer for {plural(len(gaps), 'day')}: {format_ranges(gaps)}"
    if look.model is not None:
        yield f"of the model {one_line(look.model, 60)} alone, as GitHub spells it"
    if look.model is None and not any(_items(found.now, look.era)):
        yield f"no {_WORDS[look.era]} are billed here in this period: those of an enterprise's plan are its own"
    if others:
        units = listed(sorted({one_line(item.unit or "none", 60) for item in others}))
        yield f"{plural(len(others), 'row')} of other units left out: {units}"
    if alone := sorted({name for answer in answers for name in answer.alone}):
        yield f"of {listed(alone)} alone"
    if look.by in OF_PARTS:
        yield from _rest(found.now, look)


def _gaps(answers: Sequence[Answer]) -> tuple[date, ...]:
    """List the days between the first and the last answer that there is none of, as there may be in files."""
    there = {day for answer in answers for day in days_between(answer.of.first, answer.of.last)}
    return tuple(day for day in days_between(min(there), max(there)) if day not in there) if there else ()


def _rest(answers: Sequence[Answer], look: CreditsLook) -> Iterator[str]:
    """Say what the parts don't add up to, where the whole was asked for."""
    wholes = [each for each in answers if each.cost_center is None and each.organization is None]
    if not wholes:
        return
    parts = [each for each in answers if _part(each, look.by) is not None]
    whole, added = (_added([item for _, item in _items(each, look.era)])[0] for each in (wholes, parts))
    if f"{whole:.1f}" != f"{added:.1f}":
        what = "organizations" if look.by == "org" else "cost centers"
        other = "the rest is of none of them" if added < whole else "what is more counts in several of them"
        yield f"these {what} have {added:,.1f} of {whole:,.1f} {look.era} used: {other}"


def _definitions(look: CreditsLook, circumstances: Circumstances) -> Iterator[str]:
    yield "used at list price; included: covered by the plan; charged: what is billed besides"
    if look.era == "requests":
        yield f"premium requests, not credits: these replaced them on {FIRST_CREDITS}"
    today = circumstances.moment.date()
    if look.period == f"{today:%Y-%m}":
        unlike = f", and {look.before} is whole: the changes are of unlike days" if look.before else ""
        yield f"{look.period} isn't over, and its latest numbers still move{unlike}"
    elif look.period.endswith(str(today)):
        yield "today's numbers still move"


def user_credits_view(
    found: Sequence[tuple[Scope, UserCredits]], look: CreditsLook, circumstances: Circumstances
) -> View:
    """Show what people used, by name, as users reports say it."""
    scopes = [scope for scope, _ in found]
    notes = NotesOfMany()
    rows: list[Row] = []
    for scope, each in found:
        by_use = sorted(each.by_user.items(), key=lambda item: (item[1] is None, -(item[1] or _ZERO), item[0].lower()))
        rows += [{"scope": str(scope), "user": user, "credits_used": used} for user, used in by_use]
        said = [f"no report for {plural(len(each.without_data), 'day')}: {format_ranges(each.without_data)}"]
        notes.add(scope, said if each.without_data else [])
        if each.known < each.user_days:
            known = f"credits are known for {each.known:,} of {plural(each.user_days, 'user-day')}"
            notes.add(scope, [f"{known}: GitHub leaves them out where nothing was used, or it knows nothing"])
        if not each.known:
            notes.add(
                scope, [f"no line of a users report has AI credits in this period; they came on {FIRST_OF_USERS}"]
            )
    fields = (scope_field(scopes), Field("user", "user", "name"), Field("credits_used", "credits\nused", "amount", 95))
    total: Row | None = None
    if len(scopes) == 1 and rows:
        used = [each for each in found[0][1].by_user.values() if each is not None]
        total = {"scope": None, "user": "total", "credits_used": sum(used, _ZERO) if used else None}
    sheet = Sheet(fields, rows, footer=total)
    title = title_of(scopes, "AI credits by user", look.period, circumstances.answerer)
    return View(
        title,
        sheet,
        (
            *notes.of(scopes),
            "from GitHub's users reports, for analysis: it is not what is charged",
            "this names people: keep it where only those read it who need to",
        ),
    )
