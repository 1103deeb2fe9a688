"""The change of a headline: only from days that came anyway, and only between days that compare."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.clock import NOW, ago

from copilot_usage_cli.model.fetch_result import FetchResult
from copilot_usage_cli.model.period import Period
from copilot_usage_cli.model.query import Query
from copilot_usage_cli.model.records import DailyRecord
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.report.before import as_many_days_before, with_before
from copilot_usage_cli.report.build import Report, build
from copilot_usage_cli.report.headline import headline

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.github import GitHub
    from support.program import Run

ORG = Scope("org", "acme")
FIRST = date(2026, 9, 14)  # a Monday, and no break of GitHub's series in the two weeks
ASKED = Query(ORG, Period(FIRST, FIRST + timedelta(days=6)), date(2026, 11, 16), answerer="files")


def day(number: int, source: str = "usage", **fields: int | None) -> DailyRecord:
    given = {"total_suggestions_count": 100, "total_active_users": 10, **fields}
    return DailyRecord(ORG, source, FIRST + timedelta(days=number), **given)  # type: ignore[arg-type]


def beside(records: list[DailyRecord], asked: Query = ASKED) -> Report:
    return with_before(build(asked, FetchResult(records)), records)


def change(report: Report, name: str = "total_suggestions_count") -> float | None:
    return next(figure.change for figure in headline(report) if figure.name == name)


def test_the_change_is_of_means_over_days_whose_counterpart_is_there_too() -> None:
    records = [day(n, total_suggestions_count=100 if n % 7 < 5 else 10) for n in range(-7, 7)]
    assert change(beside(records)) == 0
    without_sunday = [record for record in records if record.day != FIRST + timedelta(days=6)]
    assert change(beside(without_sunday)) == 0  # the mean of six days alone would be a rise of 14 %
    rising = [*records[:7], *(day(n, total_suggestions_count=110) for n in range(7))]
    assert change(beside(rising)) == pytest.approx(770 / 520 - 1)
    rate = beside([day(n, total_acceptances_count=20 if n < 0 else 25) for n in range(-7, 7)])
    assert change(rate, "acceptance_rate") == pytest.approx(0.05)


def test_where_there_is_less_before_or_another_kind_there_is_no_change_but_a_note() -> None:
    whole = [day(n) for n in range(-7, 7)]
    note = "no change shown: --compare previous"
    for records in (
        whole[7:],
        [*whole[:3], *whole[7:]],
        [*(day(n, "reports") for n in range(-7, 0)), *whole[7:]],
        [day(n, "usage" if n % 2 else "reports") for n in range(-7, 7)],
    ):
        report = beside(records)
        assert change(report) is None
        assert report.notes[-1] == note
    assert note not in beside(whole).notes


def test_a_break_of_the_series_is_not_compared_across() -> None:
    asked = ASKED._replace(period=Period(date(2026, 9, 14), date(2026, 9, 20)))  # 2026-09-17 is one
    assert change(beside([day(n, "reports") for n in range(-7, 7)], asked)) is None
    assert change(beside([day(n) for n in range(-7, 7)], asked)) == 0


def test_another_share_of_weekend_days_is_noted() -> None:
    asked = ASKED._replace(period=Period(FIRST, FIRST + timedelta(days=4)))
    report = beside([day(n) for n in range(-5, 5)], asked)
    assert change(report) == 0
    assert report.notes[0] == "weekend days: 0 of 5 now, 2 of 5 before, which by itself changes the numbers"


def test_the_first_days_of_the_calendar_have_none_before() -> None:
    asked = ASKED._replace(period=Period(date.min, date.min))
    report = build(asked, FetchResult([day(0)._replace(day=date.min)]))
    assert as_many_days_before(report) is None
    assert with_before(report, []) == report


@given(st.lists(st.integers(1, 1000), min_size=14, max_size=14))
def test_the_change_times_what_was_before_is_what_is_now(counts: list[int]) -> None:
    found = change(beside([day(n - 7, total_suggestions_count=count) for n, count in enumerate(counts)]))
    assert found is not None
    assert abs((1 + found) * sum(counts[:7]) - sum(counts[7:])) < 1e-6


def test_the_days_before_come_from_the_same_answer_or_the_history_and_are_never_asked_for(
    github: GitHub, record: Callable[..., dict[str, Any]], tmp_path: Path, call: Run
) -> None:
    env = {"COPILOT_USAGE_HISTORY": str(tmp_path / "history.sqlite3")}
    github.serve([record(ago(n), total_suggestions_count=120 if n <= 7 else 100) for n in range(1, 29)])
    week = ("org", "acme", "--since", "7d", "--width", "100")
    alone = github.run(*week, "--full", env={"COPILOT_USAGE_HISTORY": "off"}, now=NOW)
    assert "no change shown: --compare previous" in alone.out
    assert "▲" not in alone.out
    assert len(github.arrivals) == 1
    assert github.run("org", "acme", "-q", env=env, now=NOW).code == 0
    github.arrivals.clear()
    done = github.run(*week, env=env, now=NOW)
    assert re.search(r"^ +vs the 7 days before", done.out, re.MULTILINE)
    assert re.search(r"^suggestions +840 +▲ 20\.0%", done.out, re.MULTILINE)
    assert re.search(r"^active users a day +7\.0 +=", done.out, re.MULTILINE)
    assert [request.args["since"][:10] for request in github.arrivals] == [str(ago(7))]
    offline = call(*week, "--offline", env={**env, "GH_HOST": "127.0.0.1"})
    assert "▲ 20.0%" in offline.out
    saved = tmp_path / "saved.json"
    saved.write_text(json.dumps([record(ago(n), total_suggestions_count=n) for n in range(1, 29)]))
    assert "▼ 63.6%" in call(*week, "--input", str(saved)).out
