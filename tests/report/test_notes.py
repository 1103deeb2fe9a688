from datetime import date, timedelta

import pytest

from copilot_usage_cli.model.dates import DateExpression
from copilot_usage_cli.model.fetch_result import FetchResult, SourceFacts
from copilot_usage_cli.model.period import Period, PeriodExpression
from copilot_usage_cli.model.query import Answerer, Filter, Query
from copilot_usage_cli.model.records import BreakdownRow, DailyRecord
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.report.build import build

TODAY = date(2026, 11, 16)
YESTERDAY = date(2026, 11, 15)
ORG = Scope("org", "acme")
ASKED = Query(ORG, Period(), TODAY)
TEAM_NOTE = (
    "no data: GitHub has a day for a team only if five or more of its members had an active Copilot license at the "
    "end of it, and data runs until yesterday (UTC)"
)
ORG_NOTE = (
    "no data: users count only with telemetry enabled in their editor, data runs until yesterday (UTC), and GitHub "
    "keeps 28 days"
)
CELL = BreakdownRow("go", "vim", 10, 2, 20, 4, 1)


def day(number: int, *cells: BreakdownRow, month: int = 11, suggestions: int | None = None) -> DailyRecord:
    return DailyRecord(ORG, "usage", date(2026, month, number), suggestions, breakdown=cells)


def days(first: int, last: int) -> list[DailyRecord]:
    return [day(number, CELL, suggestions=10) for number in range(first, last + 1)]


def asking(since: str | None = None, until: str | None = None) -> Query:
    ends = (DateExpression.parse(since) if since else None), (DateExpression.parse(until) if until else None)
    return ASKED._replace(period=Period.between(*ends, TODAY))


def notes(asked: Query, records: list[DailyRecord]) -> list[str]:
    facts = SourceFacts(kept_since=TODAY - timedelta(days=28), retention="28 days") if asked.is_live else SourceFacts()
    return list(build(asked, FetchResult(records, facts)).notes)


def test_a_whole_report_needs_no_note() -> None:
    assert notes(ASKED, days(9, 15)) == []


def test_missing_days_are_listed_as_ranges() -> None:
    records = [record for record in days(2, 15) if record.day.day not in {4, 7, 8, 9}]
    assert notes(ASKED, records) == ["no data for 4 days: 2026-11-04, 2026-11-07 to 2026-11-09"]
    assert notes(ASKED, [*days(2, 7), *days(9, 15)]) == ["no data for 1 day: 2026-11-08"]


def test_days_before_those_that_github_keeps_are_missing_and_say_why() -> None:
    records = [day(number, CELL, month=10, suggestions=10) for number in range(19, 32)] + days(1, 15)
    assert notes(asking("2026-10-10"), records) == [
        "no data for 9 days: 2026-10-10 to 2026-10-18 (GitHub keeps 28 days)"
    ]
    assert notes(asking("2026-10-19"), records) == []
    from_files = asking("2026-10-10")._replace(answerer="files")
    assert notes(from_files, records) == ["no data for 9 days: 2026-10-10 to 2026-10-18"]


def test_a_stale_newest_day_is_told_and_what_follows_it_is_not_listed_twice() -> None:
    assert notes(ASKED, days(9, 13)) == []
    assert notes(ASKED, [*days(7, 7), *days(9, 12)]) == [
        "the newest day is 2026-11-12, 4 days ago; GitHub is usually one day behind",
        "no data for 1 day: 2026-11-08",
    ]
    assert notes(ASKED._replace(answerer="files"), days(9, 12)) == []
    assert notes(ASKED._replace(page=1), days(9, 12)) == [
        "this is one page of the answer only, so missing days aren't judged"
    ]
    assert notes(asking("2026-11-09", "2026-11-12"), days(9, 12)) == []


def test_an_empty_report_says_why() -> None:
    assert notes(ASKED, []) == [ORG_NOTE]
    assert notes(ASKED._replace(scope=Scope("enterprise", "megacorp")), []) == [ORG_NOTE]
    assert notes(ASKED._replace(scope=Scope("org", "acme", "core")), []) == [TEAM_NOTE]
    assert notes(ASKED._replace(scope=Scope("enterprise", "megacorp", "ent:core")), []) == [TEAM_NOTE]
    assert notes(ASKED._replace(answerer="files"), []) == ["there is no day of this period in the input"]
    yet = "no data yet: GitHub gives a day when it is over (days are UTC)"
    assert notes(asking("today"), []) == [f"{yet}; the latest day is 2026-11-15"]
    for text, unit, first in (("2026-12", "month", "2026-12-01"), ("2026-W50", "week", "2026-12-07")):
        period = Period.of(PeriodExpression.parse(text), TODAY)
        assert notes(ASKED._replace(period=period), []) == [
            f"no day of this {unit} is over yet: it begins on {first}; --period last-{unit} is the latest whole one"
        ]
    assert notes(ASKED._replace(page=3), [])[0] == ORG_NOTE


def test_where_nothing_matches_there_is_no_note_on_numbers_that_are_not_there() -> None:
    records = [day(13, CELL, suggestions=11), day(14, suggestions=1), day(15)._replace(breakdown=None)]
    asked = asking("2026-11-12")._replace(filter=Filter(("pyton",)))
    assert notes(asked, records) == [
        "--language pyton: no such language in these days; nearest first: go",
        "no data for 1 day: 2026-11-12",
        "no breakdown for 1 day: 2026-11-15",
    ]


def test_a_day_that_came_with_different_numbers_is_told_if_it_is_in_the_period() -> None:
    records = [*days(2, 15), day(3, suggestions=1), day(9, CELL, suggestions=10)._replace(total_active_users=3)]
    words = "came more than once with different numbers, the last read counts:"
    assert notes(ASKED, records)[0] == f"2 days {words} 2026-11-03, 2026-11-09"
    assert notes(asking("2026-11-08"), records) == [f"1 day {words} 2026-11-09"]


def test_days_whose_breakdown_differs_are_told_with_and_without_a_filter() -> None:
    records = [*days(2, 13), day(14, CELL, suggestions=11), day(15, suggestions=1)]
    words = "languages and editors don't add up to the totals on 2 of 14 days"
    assert notes(ASKED, records) == [words]
    assert notes(ASKED._replace(filter=Filter(("go",))), records) == [words]
    assert notes(ASKED, records[:-1]) == ["languages and editors don't add up to the totals on 1 of 13 days"]


def test_days_without_a_breakdown_are_told_where_it_matters() -> None:
    records = [*days(2, 14), DailyRecord(ORG, "usage", YESTERDAY, 0)]
    words = ["no breakdown for 1 day: 2026-11-15"]
    for asked in (ASKED, ASKED._replace(by=("week", "editor")), ASKED._replace(by=("week",), filter=Filter(("go",)))):
        assert notes(asked, records) == words
    assert notes(ASKED._replace(by=("week",)), records) == []


def test_a_filter_that_matches_nothing_is_told() -> None:
    def filtered(languages: tuple[str, ...] = (), editors: tuple[str, ...] = ()) -> list[str]:
        return notes(
            ASKED._replace(filter=Filter(languages, editors)), [*days(2, 14), day(15, BreakdownRow("c", "nano"))]
        )

    assert filtered(("go", "GO"), ("VIM",)) == []
    assert filtered(("go", "golang"), ("vi",)) == [
        "--language golang: no such language in these days; nearest first: go, c",
        "--editor vi: no such editor in these days; nearest first: vim, nano",
    ]
    assert filtered(("go",), ("nano",)) == ["no row matches --language and --editor together"]


def test_the_demo_says_that_it_is_made_up_even_when_empty() -> None:
    asked = ASKED._replace(answerer="demo")
    assert notes(asked, days(2, 15)) == ["this is the demo, as of 2026-11-16: the numbers are made up"]
    assert notes(asked, []) == [ORG_NOTE, "this is the demo, as of 2026-11-16: the numbers are made up"]


def test_a_far_away_day_costs_no_time() -> None:
    oldest = DailyRecord(ORG, "usage", date.min)
    newest = DailyRecord(ORG, "usage", date.max - timedelta(days=1))
    report = build(ASKED._replace(answerer="files", by=("total",)), FetchResult([oldest]))
    assert report.missing == ()
    assert build(ASKED._replace(by=("total",)), FetchResult([newest])).days == 1


def test_more_acceptances_than_suggestions_are_told() -> None:
    odd = days(9, 9)[0]._replace(total_suggestions_count=0, total_acceptances_count=741, breakdown=())
    assert notes(ASKED._replace(answerer="files"), [odd, *days(10, 15)])[0] == (
        "on 1 day GitHub counts more acceptances than suggestions, so the rates are too high: 2026-11-09"
    )


def test_no_activity_by_ide_says_where_there_is_some() -> None:
    assert notes(ASKED._replace(by=("ide",)), days(9, 15)) == [
        "no activity by IDE for 7 days: 2026-11-09 to 2026-11-15"
    ]


@pytest.mark.parametrize("answerer", ["github", "history", "files"])
@pytest.mark.parametrize(("text", "today"), [("this-month", date(2026, 12, 1)), ("this-week", date(2026, 11, 16))])
def test_a_month_or_week_that_began_today_has_no_day_yet(answerer: Answerer, text: str, today: date) -> None:
    period = Period.of(PeriodExpression.parse(text), today)
    report = build(Query(ORG, period, today, answerer=answerer), FetchResult([]))
    unit = text.removeprefix("this-")
    cure = "" if answerer == "files" else f"; --period last-{unit} is the latest whole one"
    assert report.notes == (f"no day of this {unit} is over yet: it began today, in UTC{cure}",)
    assert (report.days, report.missing, report.records) == (0, (), ())
