"""The activity of all features by feature, model and language: what adds up, what doesn't, and who did it."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.reports import user

from copilot_usage_cli.model.activity import ACTIVITY_COUNTS, COMPLETION, TABLES, Activity, ActivityRow, table_of
from copilot_usage_cli.model.records import DailyRecord
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.report.activity_rows import differences
from copilot_usage_cli.report.grouping import ACTIVITY_COLUMNS, NO_MODEL, Grouping, columns
from copilot_usage_cli.report.rows import group

if TYPE_CHECKING:
    from pathlib import Path

    from support.program import Run

ORG = Scope("org", "acme")
FIRST = date(2026, 11, 2)
NAMES = {"language": ("go", "python"), "feature": (COMPLETION, "agent_edit", "new_feature"), "model": ("gpt-5", "auto")}
PAIRS = {"language,feature": 0, "language,model": 0, "model,feature": 0, "feature": 0, "model": 0}


def counts(n: int) -> dict[str, int]:
    """Seven counters that tell where they come from."""
    return {name: n * (10 + at) for at, name in enumerate(ACTIVITY_COUNTS)}


def row(n: int, **names: str) -> dict[str, Any]:
    found = names | counts(n)
    if "language" in names:
        del found["user_initiated_interaction_count"]
    return found


DAY: dict[str, Any] = {
    "day": str(FIRST),
    "daily_active_users": 4,
    **{name: value + counts(3)[name] for name, value in counts(5).items()},
    "totals_by_ide": [row(5, ide="vscode"), row(3, ide="zed")],
    "totals_by_feature": [row(5, feature="agent_edit"), row(3, feature=COMPLETION)],
    "totals_by_model_feature": [
        row(4, model="gpt-5", feature="agent_edit"),
        row(1, model="auto", feature="agent_edit"),
    ],
    "totals_by_language_feature": [
        row(5, language="go", feature="agent_edit"),
        row(3, language="go", feature=COMPLETION),
    ],
    "totals_by_language_model": [row(5, language="go", model="gpt-5")],
}


def reported(call: Run, tmp_path: Path, *args: str, days: Any = (DAY,)) -> list[dict[str, str]]:
    path = tmp_path / "saved.json"
    path.write_text("".join(json.dumps(day) + "\n" for day in days))
    done = call("org", "acme", "--input", str(path), "-f", "csv", *args)
    assert done.code == 0, done.err
    return list(csv.DictReader(io.StringIO(done.out)))


def test_by_feature_the_counters_are_those_of_totals_by_feature(call: Run, tmp_path: Path) -> None:
    agent, completions = reported(call, tmp_path, "--by", "feature")
    assert (agent["feature"], completions["feature"]) == ("agent_edit", COMPLETION)
    assert [agent[name] for name in ACTIVITY_COLUMNS] == ["50", "55", "60", "65", "75", "80"]
    assert [completions[name] for name in ACTIVITY_COLUMNS] == ["30", "33", "36", "39", "45", "48"]
    assert agent["acceptance_rate"] == agent["lines_acceptance_rate"] == ""
    assert (completions["acceptance_rate"], completions["lines_acceptance_rate"]) == (str(36 / 33), str(45 / 39))


def test_by_model_features_are_added_up_and_completions_have_none(call: Run, tmp_path: Path) -> None:
    rows = reported(call, tmp_path, "--by", "model")
    assert [(each["model"], each["outputs"]) for each in rows] == [("gpt-5", "44"), (NO_MODEL, "33"), ("auto", "11")]
    assert "acceptance_rate" not in rows[0]


def test_by_model_and_feature_and_the_other_way_round(call: Run, tmp_path: Path) -> None:
    rows = reported(call, tmp_path, "--by", "feature,model")
    assert list(rows[0])[:6] == ["scope", "source", "feature", "model", "prompts", "outputs"]
    assert [(each["feature"], each["model"], each["prompts"]) for each in rows] == [
        ("agent_edit", "gpt-5", "40"),
        ("agent_edit", "auto", "10"),
    ]


def test_by_language_and_feature_there_are_no_prompts(call: Run, tmp_path: Path) -> None:
    agent, completions = reported(call, tmp_path, "--by", "language,feature")
    assert [agent[name] for name in ("language", "feature", *ACTIVITY_COLUMNS)] == [
        *("go", "agent_edit", "", "55", "60", "65", "75", "80")
    ]
    assert (completions["acceptance_rate"], agent["acceptance_rate"]) == (str(36 / 33), "")


def test_by_language_and_model(call: Run, tmp_path: Path) -> None:
    (only,) = reported(call, tmp_path, "--by", "language,model")
    assert [only[name] for name in ("language", "model", *ACTIVITY_COLUMNS)] == [
        *("go", "gpt-5", "", "55", "60", "65", "75", "80")
    ]


@pytest.mark.parametrize("time", ["day", "week", "month", "total"])
@pytest.mark.parametrize("by", PAIRS)
def test_each_goes_with_each_dimension_of_time(by: str, time: str, call: Run, tmp_path: Path) -> None:
    days = [DAY, DAY | {"day": str(FIRST + timedelta(days=1))}]
    rows = reported(call, tmp_path, "--by", f"{time},{by}", days=days)
    assert {each[time] for each in rows} == {
        "day": {"2026-11-02", "2026-11-03"},
        "week": {"2026-W45"},
        "month": {"2026-11"},
        "total": {"2026-11-02..2026-11-03"},
    }[time]
    whole = reported(call, tmp_path, "--by", by, days=days)
    assert sum(int(each["outputs"]) for each in rows) == sum(int(each["outputs"]) for each in whole)


@pytest.mark.parametrize(
    ("by", "problem"),
    [
        ("feature,ide", "'ide' counts all features together, so it goes with a dimension of time only"),
        ("model,ide", "'ide' counts all features together, so it goes with a dimension of time only"),
        ("language,ide", "'ide' counts all features together, so it goes with a dimension of time only"),
        (
            "feature,editor",
            "GitHub counts no feature by editor: 'feature' goes with language and with model",
        ),
        (
            "week,model,editor",
            "GitHub counts no model by editor: 'model' goes with language and with feature",
        ),
        ("language,feature,model", "GitHub counts pairs of language, feature and model, not all three together"),
    ],
)
def test_what_github_does_not_count_together_is_refused_in_words(by: str, problem: str, call: Run) -> None:
    done = call("org", "acme", "--demo", "--by", by)
    assert (done.code, done.out) == (2, "")
    assert problem in done.err


def test_what_has_no_activity_is_refused_in_words(call: Run, tmp_path: Path) -> None:
    done = call("org", "acme", "--demo", "--source", "usage", "--by", "feature")
    assert (done.code, done.err.splitlines()[0]) == (
        2,
        "copilot-usage: error: --source usage has no activity by feature",
    )
    done = call("org", "acme", "--demo", "--by", "model,feature", "--language", "go")
    assert "--by model,feature counts more than completions, so it can't be filtered" in done.err
    (tmp_path / "classic.json").write_text(json.dumps([{"day": "2026-11-02", "total_active_users": 1}]))
    done = call("org", "acme", "--input", str(tmp_path / "classic.json"), "--by", "language,model")
    assert "org:acme (source: usage) has no activity by language and model" in done.err


def test_top_folds_the_others_into_one_row(call: Run, tmp_path: Path) -> None:
    rows = reported(call, tmp_path, "--by", "model", "--top", "1")
    assert sorted((each["model"], each["outputs"], each["folded"]) for each in rows) == [
        ("", "44", "2"),
        ("gpt-5", "44", "0"),
    ]


def test_a_day_without_the_table_is_unknown_and_named(call: Run, tmp_path: Path) -> None:
    bare = {name: value for name, value in DAY.items() if not name.startswith("totals_by_m")}
    days = [DAY, bare | {"day": "2026-11-03"}]
    rows = reported(call, tmp_path, "--by", "model,feature", days=days)
    assert {each["outputs_days"] for each in rows} == {"1"}
    out = call("org", "acme", "--input", str(tmp_path / "saved.json"), "--by", "model,feature").out
    assert "note: no activity by model and feature for 1 day: 2026-11-03" in out


def test_rows_that_do_not_add_up_are_said_to(call: Run, tmp_path: Path) -> None:
    for by, table in (("feature", "totals_by_feature"), ("model", "totals_by_model_feature")):
        short = DAY | {table: DAY[table][:1]}
        reported(call, tmp_path, "--by", by, days=[DAY, short | {"day": "2026-11-03"}])
        out = " ".join(call("org", "acme", "--input", str(tmp_path / "saved.json"), "--by", by).out.split())
        said = f"the rows by {by} don't add up to the activity of all features on 1 day of 2: 2026-11-03"
        assert said in out
        assert re.search(r"2026-11-03 \([\d,]+ of [\d,]+ (prompts|outputs)", out)
    reported(call, tmp_path, "--by", "feature")
    assert "add up" not in call("org", "acme", "--input", str(tmp_path / "saved.json"), "--by", "feature").out


def test_people_are_distinct_and_from_user_reports_alone(call: Run, tmp_path: Path) -> None:
    lines = [
        user(n, FIRST + timedelta(days=day), totals_by_feature=[row(n + 1, feature="agent_edit")])
        for n in range(4)
        for day in range(2)
    ]
    lines += [user(9, FIRST, totals_by_feature=[{"feature": "agent_edit", **dict.fromkeys(ACTIVITY_COUNTS, 0)}])]
    (only,) = reported(call, tmp_path, "--by", "feature", "--source", "user-reports", days=lines)
    assert only["distinct_users"] == "4"  # who has only zeros did nothing
    assert "distinct_users" not in reported(call, tmp_path, "--by", "feature")[0]


def test_two_periods_compare(call: Run, tmp_path: Path) -> None:
    days = [DAY, DAY | {"day": "2026-11-03", "totals_by_feature": [row(7, feature="agent_edit")]}]
    rows = reported(
        call, tmp_path, "--by", "feature", "--period", "2026-11-03..2026-11-03", "--compare", "previous", days=days
    )
    assert [(each["feature"], each["outputs"], each["previous_outputs"]) for each in rows] == [
        ("agent_edit", "77", "55"),
        (COMPLETION, "", "33"),
    ]


COUNTS = st.tuples(*[st.integers(0, 99)] * 7)


@given(st.lists(st.dictionaries(st.sampled_from(NAMES["feature"]), COUNTS), min_size=1, max_size=4))
def test_features_add_up_to_the_top_level(days: list[dict[str, tuple[int, ...]]]) -> None:
    records = []
    for number, features in enumerate(days):
        rows = tuple(ActivityRow((name,), *values) for name, values in features.items())
        totals = tuple(sum(values[at] for values in features.values()) for at in range(7))
        records.append(
            DailyRecord(
                ORG, "reports", FIRST + timedelta(days=number), activity=Activity(totals, totals_by_feature=rows)
            )
        )
    assert not any(differences(record, "totals_by_feature") for record in records)
    grouped = group(records, Grouping(("feature",)), "all", cells=False)
    for name, count in ACTIVITY_COLUMNS.items():
        whole = sum((record.activity.totals or ())[ACTIVITY_COUNTS.index(count)] or 0 for record in records)
        assert sum(int(each[name] or 0) for each in grouped) == whole
    wrong = records[0]._replace(activity=records[0].activity._replace(totals=(10**9,) * 7))
    sums = [sum(values[at] for values in days[0].values()) for at in range(7)]
    assert differences(wrong, "totals_by_feature") == {
        name: (added, 10**9) for name, added in zip(ACTIVITY_COUNTS, sums, strict=True)
    }


@pytest.mark.parametrize("by", [*PAIRS, "ide", "feature,model"])
def test_the_columns_depend_on_the_options_alone(by: str) -> None:
    grouping = Grouping(("week", *by.split(",")), 3, True)
    records = [
        DailyRecord(ORG, "user-reports", FIRST),
        DailyRecord(ORG, "user-reports", FIRST + timedelta(days=1), activity=Activity(None, (), (), (), ())),
    ]
    names = columns(grouping, cells=False)
    assert len(set(names)) == len(names)
    table = table_of(grouping.by)
    assert table is not None
    filled = DailyRecord(
        ORG,
        "user-reports",
        FIRST + timedelta(days=2),
        totals_by_ide=(ActivityRow(("x",)),),
        activity=Activity(None, *((ActivityRow(("x",) * len(TABLES[each])),) for each in list(TABLES)[1:])),
    )
    for each in group([*records, filled], grouping, "all", cells=False):
        assert each.keys() >= set(names)
