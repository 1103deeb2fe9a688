"""Pull requests by repository: over a period, or on each of its days with the times of reviews. No I/O."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from copilot_usage_cli.model.aggregates import MEDIANS
from copilot_usage_cli.model.period import format_ranges
from copilot_usage_cli.model.repositories import STAGES, TIMES_OF_REVIEW, RepositoryDay, RepositoryDays, ReviewTimes
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.report.notes_of_many import NotesOfMany
from copilot_usage_cli.report.pull_requests import count_fields, sums
from copilot_usage_cli.report.view import Circumstances, Field, Row, Sheet, View, scope_field, title_of
from copilot_usage_cli.report.view_comparison import compare_sheets
from copilot_usage_cli.text import plural

BY = ("repo", "day,repo")

_REPOSITORY = Field("repo", "repository", "name")
_VISIBILITY = Field("visibility", "visibility", "text", 20)
_STAGES = dict(zip(STAGES, ("ready to\nfirst review", "first to\nfinal review", "final review\nto merge"), strict=True))
_ON_A_DAY = (
    Field("created", "created", "count", 95),
    Field("merged", "merged", "count", 94),
    Field("merged_created_by_copilot", "merged by\ncloud agent", "count", 80),
    Field("median_minutes_to_merge", "median minutes\nto merge", "mean", 85),
    Field("authored_by", "", "text"),
    Field("reviewed_by", "", "text"),
    Field("review_times_of", "review times\nof", "count", 70),
    *(
        Field(
            name, f"{words}, {'median' if name.startswith('median') else 'p90'}", "mean", 60 + 5 * name.startswith("m")
        )
        for stage, words in _STAGES.items()
        for name in TIMES_OF_REVIEW
        if name.endswith(stage)
    ),
)


class RepositoriesFound(NamedTuple):
    """The repositories of a period, and those that they are compared with."""

    now: RepositoryDays
    before: RepositoryDays | None = None


def repositories_view(
    found: Sequence[tuple[Scope, RepositoriesFound]], by: str, top: int | None, circumstances: Circumstances
) -> View:
    """Show the repositories of some scopes, the first `top` of each, that with the most pull requests first."""
    scopes = [scope for scope, _ in found]
    notes = NotesOfMany()
    sheets = []
    for scope, each in found:
        sheet = _sheet(scope, scopes, by, each)
        if top is not None and len(sheet.rows) > top:
            more = f"left out by --top: {plural(len(sheet.rows) - top, 'more row')}"
            sheet = sheet._replace(rows=sheet.rows[:top])
            notes.add(scope, [more, *_notes_on(each)])
        else:
            notes.add(scope, _notes_on(each))
        sheets.append(sheet)
    data = sheets[0]._replace(rows=[row for sheet in sheets for row in sheet.rows])
    title = title_of(scopes, "pull requests by repository", *_spans(found), circumstances.answerer)
    return View(title, data, (*notes.of(scopes), *_definitions(by)))


def _spans(found: Sequence[tuple[Scope, RepositoriesFound]]) -> tuple[str, str]:
    now = {f"{each.now.since} to {each.now.until}" for _, each in found if each.now.since}
    before = {f"before: {each.before.since} to {each.before.until}" for _, each in found if each.before is not None}
    return now.pop() if len(now) == 1 else "", before.pop() if len(before) == 1 else ""


def _sheet(scope: Scope, scopes: Sequence[Scope], by: str, found: RepositoriesFound) -> Sheet:
    start = scope_field(scopes)
    if by == "day,repo":
        fields = (start, Field("day", "day (UTC)", "name"), _REPOSITORY, _VISIBILITY, *_ON_A_DAY)
        return Sheet(fields, [row for line in found.now.lines for row in _of_line(scope, line)])
    columns = count_fields()
    counts = tuple(field._replace(known="") for field in columns)
    known = tuple(Field(field.known) for field in columns if field.known)
    fields = (start, _REPOSITORY, _VISIBILITY, Field("days"), Field("days_with_any"), *counts, *known)
    now = Sheet(fields, list(_summed(scope, found.now)))
    if found.before is None:
        return now
    return compare_sheets(now, Sheet(fields, list(_summed(scope, found.before))), {})


def _summed(scope: Scope, days: RepositoryDays) -> Iterator[Row]:
    """Add up each repository, which keeps its number whatever it is called; the name is the latest."""
    groups: dict[int, list[RepositoryDay]] = {}
    for line in days.lines:
        groups.setdefault(line.number, []).append(line)
    rows: list[Row] = [
        {
            "scope": str(scope),
            "repo": lines[-1].name,
            "visibility": lines[-1].visibility,
            "days": days.days,
            "days_with_any": len(lines),
            **sums([line.pull_requests for line in lines]),
        }
        for lines in groups.values()
    ]
    yield from sorted(
        rows, key=lambda row: (-_number(row["created"]), -_number(row["merged"]), str(row["repo"]).lower())
    )


def _number(value: object) -> int:
    return value if isinstance(value, int) else -1


def _of_line(scope: Scope, line: RepositoryDay) -> Iterator[Row]:
    """Yield a row for each kind of review whose times are known, or one without times."""
    counts = sums([line.pull_requests])
    unknown = ReviewTimes(None, None, None, (None,) * len(TIMES_OF_REVIEW))
    for times in line.review_times or (unknown,):
        yield {
            "scope": str(scope),
            "day": str(line.day),
            "repo": line.name,
            "visibility": line.visibility,
            **{name: counts[name] for name in ("created", "merged", "merged_created_by_copilot")},
            "median_minutes_to_merge": line.pull_requests.medians[MEDIANS.index("median_minutes_to_merge")],
            "authored_by": times.authored_by,
            "reviewed_by": times.reviewed_by,
            "review_times_of": times.total_merged,
            **dict(zip(TIMES_OF_REVIEW, times.minutes, strict=True)),
        }


def _notes_on(found: RepositoriesFound) -> list[str]:
    notes = []
    if found.before is not None and found.now.days != found.before.days:
        words = f"the periods have {found.now.days} and {found.before.days} days with data"
        notes.append(f"{words}: what adds up changes by its mean a day")
    for words, days in (("", found.now), ("previous period: ", found.before)):
        if days is None:
            continue
        if days.without_data:
            missing = f"{plural(len(days.without_data), 'day')}: {format_ranges(days.without_data)}"
            notes.append(f"{words}no report for {missing}")
        whole = sums([line.pull_requests for line in days.lines])
        for field in count_fields():
            known = whole[field.known] if field.known else 0
            if known and known != len(days.lines):
                label = field.header.replace("\n", " ")
                notes.append(f"{words}{label}: known in {known} of {len(days.lines)} rows of a repository and day")
        if not days.lines:
            notes.append(f"{words}no repository had a pull request, or GitHub has no report of these days")
    return notes


def _definitions(by: str) -> Iterator[str]:
    yield "a repository is there on the days on which it had a pull request"
    if by == "day,repo":
        yield "review times: minutes, of those merged pull requests of which GitHub knows them, since 2026-09-25"
