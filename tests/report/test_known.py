"""A sum over days with unknown parts says so: in tables, notes, machine formats and comparisons."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.program import Run

FIRST = ("2026-10-05", "2026-10-06", "2026-10-07", "2026-10-08", "2026-10-09")


@pytest.fixture
def classic(tmp_path: Path) -> Callable[..., str]:
    """Save classic days, of which some don't know how many lines there were."""

    def write(lines: dict[str, int | None], suggestions: dict[str, int | None] | None = None) -> str:
        path = tmp_path / "classic.json"
        days = [
            {
                "day": day,
                "total_suggestions_count": (suggestions or {}).get(day, 10),
                "total_acceptances_count": 2,
                "total_lines_suggested": count,
                "total_lines_accepted": None if count is None else count // 4,
                "breakdown": [{"language": "go", "editor": "vim", "suggestions_count": 10, "lines_suggested": count}],
            }
            for day, count in lines.items()
        ]
        path.write_text(json.dumps(days))
        return str(path)

    return write


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_a_table_says_it_beside_the_number_and_the_notes_name_the_days(call: Run, classic: Callable[..., str]) -> None:
    saved = classic({FIRST[0]: None, FIRST[1]: 80, FIRST[2]: 80, FIRST[3]: None, FIRST[4]: None})
    lines = call("org", "acme", "--input", saved, "--full").out.splitlines()
    (total,) = [line.split() for line in lines if line.startswith("total")]
    assert total == ["total", "50", "10", "20.0%", "160", "(2", "d)", "40", "(2", "d)", "25.0%"]
    (go,) = [line.split() for line in lines if line.startswith("go ")]
    assert go[1:5] == ["50", "160", "(2", "d)"]
    note = "lines suggested, lines accepted: known on 2 of 5 days, and summed over these; not known on"
    assert f"note: {note} 2026-10-05, 2026-10-08 to 2026-10-09" in lines


def test_machine_formats_have_the_days_of_each_sum(call: Run, classic: Callable[..., str]) -> None:
    saved = classic({FIRST[0]: None, FIRST[1]: 80, FIRST[2]: 80, FIRST[3]: None, FIRST[4]: None})
    (week,) = rows(call("org", "acme", "--input", saved, "--by", "week", "-f", "csv", "-q").out)
    known = {name: week[f"{name}_days"] for name in ("total_suggestions_count", "total_lines_suggested")}
    assert (week["days"], known) == ("5", {"total_suggestions_count": "5", "total_lines_suggested": "2"})
    (language,) = json.loads(call("org", "acme", "--input", saved, "--by", "language", "--json", "-q").out)
    assert (language["suggestions_count_days"], language["lines_suggested_days"]) == (5, 2)
    by_day = call("org", "acme", "--input", saved, "--by", "day", "-f", "csv", "-q").out
    assert "_days" not in by_day.splitlines()[0]


def test_the_columns_depend_on_the_options_alone(call: Run, classic: Callable[..., str]) -> None:
    unknown = call("org", "acme", "--input", classic({FIRST[0]: None, FIRST[1]: 3}), "--by", "total", "-f", "csv").out
    known = call("org", "acme", "--input", classic({FIRST[0]: 4, FIRST[1]: 3}), "--by", "total", "-f", "csv").out
    assert unknown.splitlines()[0] == known.splitlines()[0]


def users(path: Path, lines: list[tuple[int, str, dict[str, Any]]]) -> str:
    path.write_text("".join(json.dumps({"user_id": user, "day": day, **fields}) + "\n" for user, day, fields in lines))
    return str(path)


def shown(count: int, lines: int | None) -> dict[str, Any]:
    counts = {"code_generation_activity_count": count, "loc_suggested_to_add_sum": lines, "loc_added_sum": 1}
    return {"totals_by_feature": [{"feature": "code_completion", **counts}], "used_chat": False}


def test_lines_known_for_some_users_are_said_to_be(call: Run, tmp_path: Path) -> None:
    known, unknown = (1, FIRST[0], shown(10, 30)), (2, FIRST[0], shown(5, None))
    saved = users(tmp_path / "users.ndjson", [known, unknown])
    out = call("org", "acme", "--input", saved, "--full").out
    assert "30 (1 of 2)" in out
    said = "lines suggested: known for 1 of 2 user-days, and summed over these, on 2026-10-05"
    assert f"note: {said}\n" in out
    saved_ours = tmp_path / "ours.json"
    saved_ours.write_text(call("org", "acme", "--input", saved, "--json", "-q").out)
    again = call("org", "acme", "--input", str(saved_ours), "--full").out
    assert "30 (1 of 2)" in again
    assert f"note: {said}\n" in again


def test_user_days_without_details_are_counted(call: Run, tmp_path: Path) -> None:
    short = {"used_agent": None, "used_chat": None}
    lines = [(1, FIRST[0], shown(10, 30)), (2, FIRST[0], short), (3, FIRST[1], short), (1, FIRST[1], shown(1, 3))]
    done = call("org", "acme", "--input", users(tmp_path / "users.ndjson", lines), "--json")
    assert [each["total_active_users"] for each in json.loads(done.out)] == [1, 1]
    assert done.err.splitlines()[0] == (
        "copilot-usage: note: 2 of 4 user-days without details: GitHub has no telemetry of them, so they are in no sum"
    )


def test_a_comparison_is_of_means_over_known_days_and_says_so(call: Run, classic: Callable[..., str]) -> None:
    days = [f"2026-10-{n:02}" for n in range(5, 15)]
    saved = classic(dict.fromkeys(days, 40), {**dict.fromkeys(days, 10), "2026-10-12": None})
    args = ("--input", saved, "--since", "2026-10-10", "--until", "2026-10-14", "--compare", "previous")
    out = call("org", "acme", *args).out
    (suggestions,) = [line.split() for line in out.splitlines() if line.startswith("suggestions a day")]
    assert suggestions == ["suggestions", "a", "day", "10.0", "10.0", "=", "0.0%"]
    assert "▼ 20" not in out
    assert (
        "note: not known on the same days of both periods, so compare means per known day, not sums: suggestions\n"
        in out
    )
    (row,) = rows(call("org", "acme", *args, "--by", "total", "-f", "csv", "-q").out)
    assert (row["total_suggestions_count"], row["previous_total_suggestions_count"]) == ("40", "50")
    assert (row["total_suggestions_count_days"], row["previous_total_suggestions_count_days"]) == ("4", "5")
    assert (row["days"], row["previous_days"]) == ("5", "5")


@pytest.mark.parametrize("args", [[], ["--by", "language"], ["--by", "editor"], ["--language", "go"]])
def test_a_day_without_a_breakdown_is_no_fall(args: list[str], call: Run, tmp_path: Path) -> None:
    path = tmp_path / "classic.json"
    cells = [{"language": "go", "editor": "vim", "suggestions_count": 10, "acceptances_count": 2}]
    days = [{"day": f"2026-10-{n:02}", "total_suggestions_count": 10, "breakdown": cells} for n in range(5, 15)]
    days[-1]["breakdown"] = None
    path.write_text(json.dumps(days))
    period = ("--since", "2026-10-10", "--until", "2026-10-14", "--compare", "previous")
    out = call("org", "acme", "--input", str(path), *period, *args).out
    assert "▼ 20" not in out
    assert "compare means per known day, not sums: " in out
    assert "= 0.0%" in out


def test_a_day_without_activity_by_ide_is_no_fall_and_is_named(call: Run, tmp_path: Path) -> None:
    path = tmp_path / "reports.json"
    ides = [{"ide": "vscode", "code_generation_activity_count": 10}]
    days = [{"day": f"2026-10-{n:02}", "daily_active_users": 1, "totals_by_ide": ides} for n in range(5, 15)]
    del days[-1]["totals_by_ide"]
    path.write_text(json.dumps(days))
    args = ("org", "acme", "--input", str(path), "--by", "ide", "--since", "2026-10-10", "--until", "2026-10-14")
    out = call(*args).out
    assert "40 (4 d)" in out
    assert "note: no activity by IDE for 1 day: 2026-10-14\n" in out
    compared = call(*args, "--compare", "previous").out
    assert "▼ 20" not in compared
    assert "compare means per known day, not sums: activity by IDE\n" in compared


def test_user_days_that_are_known_less_are_no_fall_without_a_word(call: Run, tmp_path: Path) -> None:
    lines = [(user, f"2026-10-0{n}", shown(10, 100)) for user in (1, 2) for n in (5, 6)]
    lines += [(1, "2026-10-07", shown(10, 100)), (1, "2026-10-08", shown(10, 100))]
    lines += [(2, "2026-10-07", shown(10, None)), (2, "2026-10-08", {"used_agent": None})]
    saved = users(tmp_path / "users.ndjson", lines)
    period = ("--since", "2026-10-07", "--until", "2026-10-08", "--compare", "previous")
    notes = [line for line in call("org", "acme", "--input", saved, *period).out.splitlines() if "usage" in line]
    assert "note: details are known for 3 of 4 user-days and 4 of 4 before: the change may not be one of usage" in notes
    of_lines = "lines suggested: known for 2 of 3 user-days and 4 of 4 before: the change may not be one of usage"
    assert f"note: {of_lines}" in notes


def test_languages_and_ides_known_for_some_user_days_are_said_to_be(call: Run, tmp_path: Path) -> None:
    rows = [{"language": "go", "feature": "code_completion", "code_generation_activity_count": 10}]
    ides = [{"ide": "vscode", "code_generation_activity_count": 10}]
    whole = {**shown(10, 20), "totals_by_language_feature": rows, "totals_by_ide": ides}
    saved = users(tmp_path / "users.ndjson", [(1, FIRST[0], whole), (2, FIRST[0], shown(10, 20))])
    for by in ("language", "editor", "ide"):
        out = call("org", "acme", "--input", saved, "--by", by).out
        assert " 10 (1 of 2)" in out
    out = call("org", "acme", "--input", saved, "--full").out
    said = "languages and editors, activity by IDE: known for 1 of 2 user-days, and summed over these, on 2026-10-05"
    assert f"note: {said}\n" in out


def test_one_count_by_ide_that_some_user_days_lack_is_said_to_be_partly_known(call: Run, tmp_path: Path) -> None:
    ides: Any = [{"ide": "vscode", "code_generation_activity_count": 10}, {"ide": "zed", "loc_added_sum": 7}]
    known = [{**each, "code_generation_activity_count": 10, "loc_added_sum": 30} for each in ides]
    saved = users(
        tmp_path / "users.ndjson",
        [
            (1, FIRST[0], {"totals_by_ide": known}),
            (2, FIRST[0], {"totals_by_ide": [{**known[0], "loc_added_sum": None}]}),
        ],
    )
    out = call("org", "acme", "--input", saved, "--by", "ide").out
    assert "30 (1 of 2)" in out
    assert "20 (" not in out
    note = "loc_added_sum by IDE: known for 1 of 2 user-days, and summed over these, on 2026-10-05"
    assert f"note: {note}\n" in out


def partial(path: Path) -> str:
    """Save four classic days; on the last, one of two languages doesn't know its counts."""
    days = []
    for n in range(1, 5):
        known = {"suggestions_count": 10, "acceptances_count": 2}
        python = {"language": "python", "editor": "vscode", **({} if n == 4 else known)}
        cells = [python, {"language": "go", "editor": "vscode", **known}]
        days.append({"day": f"2026-09-0{n}", "total_suggestions_count": 20, "breakdown": cells})
    path.write_text(json.dumps(days))
    return str(path)


@pytest.mark.parametrize("args", [["--by", "editor"], ["--editor", "vscode"]])
def test_a_day_that_is_known_in_part_is_in_no_mean(args: list[str], call: Run, tmp_path: Path) -> None:
    saved = partial(tmp_path / "classic.json")
    two = call(
        "org",
        "acme",
        "--input",
        saved,
        "--since",
        "2026-09-03",
        "--until",
        "2026-09-04",
        "--compare",
        "previous",
        *args,
    )
    assert "▲ 50" not in two.out
    assert "= 0.0%" in two.out
    one = call(
        "org",
        "acme",
        "--input",
        saved,
        "--since",
        "2026-09-04",
        "--until",
        "2026-09-04",
        "--compare",
        "previous",
        *args,
    )
    assert "▼ 50" not in one.out
    assert "suggestions by language and editor" in one.out
    (row, _) = rows(
        call("org", "acme", "--input", saved, "--by", "day,language", "--since", "2026-09-04", "-f", "csv").out
    )
    assert (row["language"], row["suggestions_count_days"]) == ("go", "1")


def test_a_fall_of_what_fewer_users_tell_is_no_number(call: Run, tmp_path: Path) -> None:
    lines = [(user, f"2026-10-0{n}", shown(10, 100)) for user in (1, 2) for n in (5, 6, 7)]
    lines += [(1, "2026-10-08", shown(10, 100)), (2, "2026-10-08", {"used_chat": False})]
    saved = users(tmp_path / "users.ndjson", lines)
    period = ("--since", "2026-10-07", "--until", "2026-10-08", "--compare", "previous")
    out = call("org", "acme", "--input", saved, *period).out
    (suggestions,) = [line.split() for line in out.splitlines() if line.startswith("suggestions ")]
    assert suggestions == ["suggestions", "30", "40", "-"]
    total = call("org", "acme", "--input", saved, *period, "--by", "total").out
    assert "▼ 25" not in total


def test_files_have_the_user_days_columns_with_their_source(call: Run, tmp_path: Path) -> None:
    saved = users(tmp_path / "users.ndjson", [(1, FIRST[0], shown(10, 30)), (2, FIRST[0], shown(5, None))])
    args = ("org", "acme", "--input", saved, "--source", "user-reports", "--by", "total", "-f", "csv", "-q")
    (row,) = rows(call(*args).out)
    assert (row["user_days"], row["total_lines_suggested_user_days"], row["distinct_users"]) == ("2", "1", "2")
    assert call("org", "acme", "--input", saved, "--source", "reports").code == 2


def accepted(count: int | None, lines: int | None = 5, lines_accepted: int | None = 1) -> dict[str, Any]:
    counts = {"code_generation_activity_count": 50, "code_acceptance_activity_count": count}
    counts |= {"loc_suggested_to_add_sum": lines, "loc_added_sum": lines_accepted}
    features = [{"feature": "code_completion", **counts}]
    languages = [{"language": "go", "feature": "code_completion", **counts}]
    return {"totals_by_feature": features, "totals_by_language_feature": languages, "used_chat": False}


@pytest.mark.parametrize("read_back", [False, True])
def test_a_rate_of_other_people_above_than_below_the_line_is_none(call: Run, tmp_path: Path, read_back: bool) -> None:
    days = [(1, "2026-10-05", accepted(10)), (2, "2026-10-05", accepted(10))]
    days += [(1, "2026-10-06", accepted(10, None, 1)), (2, "2026-10-06", accepted(None, 5, None))]
    saved = users(tmp_path / "users.ndjson", days)
    if read_back:
        ours = tmp_path / "ours.json"
        ours.write_text(call("org", "acme", "--input", saved, "--json", "-q").out)
        saved = str(ours)
    for by in ("day", "day,language", "day,editor"):
        table = rows(call("org", "acme", "--input", saved, "--by", by, "-f", "csv", "-q").out)
        assert [(row["acceptance_rate"], row["lines_acceptance_rate"]) for row in table] == [("0.2", "0.2"), ("", "")]
    (whole,) = rows(call("org", "acme", "--input", saved, "--by", "total", "-f", "csv", "-q").out)
    assert (whole["total_acceptances_count"], whole["acceptance_rate"], whole["lines_acceptance_rate"]) == (
        "30", "0.2", "0.2"
    )  # fmt: skip
    compared = call("org", "acme", "--input", saved, "--since", "2026-10-06", "--compare", "previous").out
    assert "▼" not in compared


def test_a_sum_with_a_part_of_a_day_says_so(call: Run, tmp_path: Path) -> None:
    whole = {"language": "go", "editor": "vim", "suggestions_count": 100}
    part = {"language": "go", "editor": "nano", "suggestions_count": None}
    saved = tmp_path / "classic.json"
    saved.write_text(
        json.dumps([{"day": "2026-10-05", "breakdown": [whole, part]}, {"day": "2026-10-06", "breakdown": [whole]}])
    )
    out = call("org", "acme", "--input", str(saved), "--by", "language").out
    assert re.search(r"^go +200 \(partly\)$", out, re.MULTILINE)
    assert "note: suggestions: all of it known on 1 of 2 days, at most a part of it on 2026-10-05\n" in out
    (row,) = rows(call("org", "acme", "--input", str(saved), "--by", "language", "-f", "csv", "-q").out)
    assert (row["suggestions_count"], row["suggestions_count_days"]) == ("200", "1")
