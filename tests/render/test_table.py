import re
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.strategies import built

from copilot_usage_cli.model.fetch_result import FetchResult
from copilot_usage_cli.model.period import Period
from copilot_usage_cli.model.query import Filter, Query
from copilot_usage_cli.model.records import COUNTS, TOTALS, BreakdownRow, DailyRecord
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.render import render
from copilot_usage_cli.render.columns import mean_of_days, number, percent
from copilot_usage_cli.render.grid import Bar, Column, Grid, cell, draw, fit, text_of
from copilot_usage_cli.render.lines import Span, fold, plain, text_width, wrap
from copilot_usage_cli.render.screen import Screen
from copilot_usage_cli.render.stack import folding, stack
from copilot_usage_cli.render.table import grouped_grid
from copilot_usage_cli.report.build import Report, build

TODAY = date(2026, 11, 16)
ORG = Scope("org", "acme")
ASKED = Query(ORG, Period(), TODAY, answerer="files")
SGR = re.compile(r"\x1b\[[\d;]*m")
LEAST_WIDTH = 30  # columns that the longest numbers here need
BARS = "━╸"
ENVIRONMENTS = [{}, {"NO_COLOR": "1"}, {"TERM": "dumb"}, {"COLUMNS": "33"}, {"TERM": "dumb", "NO_COLOR": "1"}]

COUNT = st.none() | st.integers(0, 2**53) | st.integers(0, 5000)
NAMES = (
    st.none() | st.text(max_size=20) | st.sampled_from(["c#", "[red]", ":smile:", "\x1b[31m", "日本語" * 8, "x" * 90])
)
CELLS = built(BreakdownRow, language=NAMES, editor=NAMES, active_users=COUNT, **dict.fromkeys(COUNTS, COUNT))
RECORDS = st.lists(
    built(
        DailyRecord,
        scope=st.just(ORG),
        source=st.sampled_from(["usage", "reports"]),
        day=st.dates(date(2026, 10, 20), date(2026, 11, 15)),
        breakdown=st.none() | st.lists(CELLS, max_size=4).map(tuple),
        **dict.fromkeys(TOTALS, COUNT),
    ),
    min_size=1,
    max_size=4,
)
WIDTHS = st.integers(20, 500) | st.integers(55, 130)
BYS = st.sampled_from(
    [
        None, ("day",), ("week",), ("total",), ("language",), ("total", "editor", "language"),
        ("month", "language"), ("day", "language", "editor"),
    ]
)  # fmt: skip


def day(*cells: BreakdownRow, number: int = 2, **totals: int | None) -> DailyRecord:
    return DailyRecord(ORG, "usage", date(2026, 11, number), breakdown=cells, **totals)  # type: ignore[arg-type]


def table(*records: DailyRecord, by: tuple[str, ...] | None = None, top: int | None = None) -> Report:
    return build(ASKED._replace(by=by, top=top), FetchResult(records))


def everything(*records: DailyRecord) -> Report:
    return build(ASKED._replace(full=True), FetchResult(records))


def drawn(report: Report, screen: Screen, env: dict[str, str] | None = None) -> str:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (env or {}).items():
            patch.setenv(name, value)
        return SGR.sub("", render(report, "table", screen))


@given(RECORDS, BYS, WIDTHS, st.booleans(), st.booleans(), st.sampled_from(ENVIRONMENTS))
def test_at_any_width_no_line_is_too_wide(
    records: list[DailyRecord],
    by: tuple[str, ...] | None,
    width: int,
    styled: bool,
    full: bool,
    env: dict[str, str],
) -> None:
    for asked in (ASKED._replace(by=by, full=full), ASKED._replace(by=by, filter=Filter(("c#", "日本語" * 30)))):
        text = drawn(build(asked, FetchResult(records)), Screen(width, styled=styled), env)
        assert "\x1b" not in text
        for line in text.splitlines():
            assert text_width(line) <= max(width, LEAST_WIDTH), line


@given(RECORDS, BYS.filter(bool), WIDTHS, st.booleans(), st.sampled_from(ENVIRONMENTS))
@example([day(number=1), day(number=3)], ("total", "language", "editor"), 60, True, {})
def test_at_any_width_no_number_is_cut(
    records: list[DailyRecord],
    by: tuple[str, ...],
    width: int,
    styled: bool,
    env: dict[str, str],
) -> None:
    report = build(ASKED._replace(by=by), FetchResult(records))
    grid = grouped_grid(report)
    text = drawn(report, Screen(width, styled=styled), env)
    lines = [re.sub(f"[{BARS}]", "", line).split() for line in text.splitlines()]
    fitted = fit(grid, width)
    if not fitted.has_numbers(grid):
        grid = folding(grid)
        fitted = fit(grid, width)
    rows = [row for row in grid.rows if isinstance(row[0], Span) and row[0].style != "dim"]  # the others are of no data
    if not fitted.has_numbers(grid):
        for row in rows:
            for column, cell in zip(grid.columns, row, strict=True):
                value = text_of(cell).split()  # below its label where one line has no room for both
                assert column.priority is None or [*column.label.split(), *value] in lines or value in lines
        return
    numeric = [n for n in fitted.widths if grid.columns[n].priority is not None and grid.columns[n].label]
    for row in rows:
        numbers = " ".join(text_of(row[n]) for n in numeric).split()
        assert numbers in [line[-len(numbers) :] for line in lines]
    shown = {grid.columns[n].label for n in fitted.widths}
    assert shown.isdisjoint(fitted.dropped)
    assert (shown | set(fitted.dropped)) - {""} == {column.label for column in grid.columns} - {""}
    said = " ".join(text.split())
    assert (f"not shown, for lack of width: {', '.join(fitted.dropped)}" in said) is bool(fitted.dropped)


@given(RECORDS, BYS)
def test_a_pipe_shows_every_column_and_name_whole(records: list[DailyRecord], by: tuple[str, ...] | None) -> None:
    report = build(ASKED._replace(by=by, full=True), FetchResult(records))
    grid = grouped_grid(report)
    plain = drawn(report, Screen())
    for text in (plain, drawn(report, Screen(styled=True)), drawn(report, Screen(styled=True), {"TERM": "dumb"})):
        lines = [" ".join(re.sub(f"[{BARS}]", "", line).split()) for line in text.splitlines()]
        for row in grid.rows:
            assert " ".join(" ".join(map(text_of, row)).split()) in lines
        assert "not shown" not in text


def test_a_pipe_has_no_escapes_and_a_forced_style_does(monkeypatch: pytest.MonkeyPatch) -> None:
    report = table(day(total_suggestions_count=5))
    assert "\x1b" not in render(report, "table", Screen())
    assert "\x1b[1m" in render(report, "table", Screen(styled=True))
    monkeypatch.setenv("TERM", "dumb")
    assert "\x1b" not in render(report, "table", Screen(styled=True))


def test_notes_have_a_colour_and_headers_are_bold_but_for_no_color(monkeypatch: pytest.MonkeyPatch) -> None:
    report = table(day(number=2), day(number=4), by=("day",))
    styled = render(report, "table", Screen(100, styled=True))
    assert "\x1b[35mnote: no data for 1 day" in styled
    assert "\x1b[1morg:acme | " in styled
    monkeypatch.setenv("NO_COLOR", "1")
    colourless = render(report, "table", Screen(100, styled=True))
    assert "\x1b[35m" not in colourless
    assert set(re.findall(r"\x1b\[[\d;]*m", colourless)) <= {"\x1b[0m", "\x1b[1m", "\x1b[2m"}


@pytest.mark.parametrize("name", ["[red]", "[/red]", "[bold]x[/]", ":smile:", "c#", "\\[red]", "{x}", "%s", "a  b"])
@pytest.mark.parametrize("screen", [Screen(), Screen(styled=True), Screen(100, styled=True), Screen(40, styled=True)])
def test_data_is_never_markup(name: str, screen: Screen) -> None:
    assert name in drawn(table(day(BreakdownRow(name, "vim", 1)), by=("language",)), screen)


@pytest.mark.parametrize("screen", [Screen(), Screen(styled=True), Screen(100, styled=True), Screen(40, styled=True)])
def test_control_characters_never_reach_a_terminal(screen: Screen) -> None:
    codes = [*range(0x20), 0x7F, *range(0x80, 0xA0), 0x200B, 0x200E, 0x202E, 0x2066, 0xFEFF, 0xD800]
    name = "".join(map(chr, codes))
    cells = [BreakdownRow(chr(code), chr(code), 1) for code in codes]
    asked = ASKED._replace(by=("language", "editor"), filter=Filter((name,), (name,)), files=(f"{name}.json",))
    for report in (
        table(day(*cells), by=("language", "editor")),
        build(asked, FetchResult([day()._replace(source=name)])),
    ):
        text = drawn(report, screen)
        assert text.replace("\n", "").isprintable()
        assert r"\x1b" in text
        assert r"\u202e" in text
        assert r"\ud800" in text


def test_wide_names_keep_columns_in_line() -> None:
    report = table(day(BreakdownRow("日本語", "vim", 5), BreakdownRow("go", "日本", 4)), by=("language", "editor"))
    lines = drawn(report, Screen()).splitlines()
    assert lines[2:6] == [
        "language  editor  suggestions",
        "─" * text_width(lines[2]),
        "日本語    vim               5",
        "go        日本              4",
    ]
    for styled in (False, True):
        widths = {text_width(line.rstrip()) for line in drawn(report, Screen(100, styled=styled)).splitlines()[3:6]}
        assert len(widths) == 1


def test_many_rows_are_drawn_as_well() -> None:
    cells = [BreakdownRow(f"language {n:03}", "vim", 1000 - n) for n in range(450)]
    text = drawn(table(day(*cells), by=("language",)), Screen(80, styled=True))
    assert [line.split()[1] for line in text.splitlines() if line.startswith("language 4")] == [
        f"{n}" for n in range(400, 450)
    ]


def test_the_folded_row_says_how_many_it_holds() -> None:
    cells = [BreakdownRow(name, "vim", 9 - n) for n, name in enumerate("abcd")]
    text = drawn(table(day(*cells), by=("editor", "language"), top=2), Screen())
    assert [line.split()[:3] for line in text.splitlines()[4:6]] == [["vim", "a", "9"], ["vim", "b", "8"]]
    assert text.splitlines()[6].split()[:3] == ["(2", "more)", "13"]
    whole = drawn(everything(day(*[BreakdownRow(str(n), "vim", n) for n in range(13)])), Screen())
    languages = whole.partition("top languages")[2].partition("editors")[0].split("\n")
    assert [line.split("  ")[0] for line in languages if "%" in line or "more" in line][-2:] == ["3", "(3 more)"]


def test_footers_never_add_users() -> None:
    report = everything(
        day(number=2, total_active_users=5, total_active_chat_users=4, total_suggestions_count=2),
        day(number=3, total_active_users=5, total_active_chat_users=4, total_suggestions_count=3),
    )
    (footer,) = (line for line in drawn(report, Screen()).splitlines() if line.startswith("total"))
    assert footer.split() == ["total", "5"]


def test_the_headline_names_each_rate_and_states_the_days_of_means() -> None:
    report = table(
        day(number=2, total_active_users=5, total_suggestions_count=8, total_acceptances_count=2),
        day(number=3, total_active_users=2, total_lines_suggested=1000, total_lines_accepted=333),
        day(number=4),
    )
    assert [line.partition("▇")[0].rstrip() for line in drawn(report, Screen(80)).splitlines()[1:5]] == [
        "active users a day       3.5 (2 d)",
        "suggestions                8 (1 d)",
        "acceptance rate        25.0% (1 d)",
        "lines acceptance rate  33.3% (1 d)",
    ]
    assert "unknown throughout: chat users, " in drawn(report, Screen(80))


def test_the_title_names_a_filter() -> None:
    asked = ASKED._replace(filter=Filter(("go", "C#"), ("vim",)), by=("week",), files=("stdin",))
    title = drawn(build(asked, FetchResult([day()])), Screen()).partition("\n")[0]
    assert title == "org:acme | only editor vim, only language go or C# | 2026-11-02 | source: usage | stdin"


def test_a_title_breaks_at_its_bars_and_elsewhere_only_where_a_part_is_too_wide() -> None:
    asked = ASKED._replace(period=Period(date(2026, 11, 1), date(2026, 11, 28)), by=("week",))
    report = build(asked, FetchResult([day()]))
    titles = {width: drawn(report, Screen(width)).split("\n\n")[0].split("\n") for width in (30, 39, 60)}
    assert titles == {
        30: ["org:acme", "2026-11-01 to 2026-11-28, 1 of", "28 days | source: usage"],
        39: ["org:acme", "2026-11-01 to 2026-11-28, 1 of 28 days", "source: usage"],
        60: ["org:acme | 2026-11-01 to 2026-11-28, 1 of 28 days", "source: usage"],
    }


def test_the_title_of_a_day_without_data() -> None:
    asked = ASKED._replace(period=Period(date(2026, 11, 2), date(2026, 11, 2)))
    assert drawn(build(asked, FetchResult([])), Screen()).startswith("org:acme | 2026-11-02, no data\n")


def test_a_stretch_without_data_is_a_range_in_the_first_column() -> None:
    asked = ASKED._replace(period=Period(date(2026, 10, 5), date(2026, 11, 2)), by=("week",))
    lines = drawn(build(asked, FetchResult([day(total_suggestions_count=5)])), Screen(80)).splitlines()
    rule = next(n for n, each in enumerate(lines) if "──" in each)
    assert lines[rule + 1 : rule + 3] == [
        "2026-W41 to 2026-W44  no data for 28 days",
        "2026-W45  1 of 7            5  " + "━" * 24,
    ]


def test_filtered_headlines_are_lower_bounds() -> None:
    asked = ASKED._replace(filter=Filter(("go",)))
    found = build(asked, FetchResult([day(BreakdownRow("go", "vim", 4, 1, active_users=3))]))
    assert "active users at least      3\n" in drawn(found, Screen())


def test_a_filter_that_matches_nothing_leaves_the_title_and_the_notes() -> None:
    nothing = build(
        ASKED._replace(filter=Filter(("go",))), FetchResult([day(BreakdownRow("c", "vim", 4, 1, active_users=3))])
    )
    for screen in (Screen(), Screen(80, styled=True)):
        _, note = drawn(nothing, screen).split("\n\n")
        assert note == "note: --language go: no such language in these days; nearest first: c\n"


def test_numbers_for_people() -> None:
    assert [number(each) for each in (None, 0, 999, 1234567, 81.48, 0.0)] == [
        "-",
        "0",
        "999",
        "1,234,567",
        "81.5",
        "0.0",
    ]
    assert [percent(each) for each in (None, 0.0, 0.25748, 1.0, 2)] == ["-", "0.0%", "25.7%", "100.0%", "200.0%"]
    assert (mean_of_days(None, 0), mean_of_days(81.48, 25)) == ("-", "81.5 (25 d)")


def test_an_empty_report_is_its_title_and_its_notes() -> None:
    for screen in (Screen(), Screen(70, styled=True)):
        assert drawn(table(), screen) == "org:acme | no days\n\nnote: there is no day of this period in the input\n"


def test_a_period_stays_on_one_line() -> None:
    report = table(day(number=2), day(number=3), by=("total",))
    for width in range(60, 130):
        assert "2026-11-02..2026-11-03" in drawn(report, Screen(width, styled=True))


def test_where_no_number_has_room_each_metric_has_a_line() -> None:
    report = table(day(BreakdownRow("l" * 20, "e" * 20, 5)), by=("total", "language", "editor"))
    for screen in (Screen(60), Screen(60, styled=True)):
        lines = drawn(report, screen).splitlines()
        assert lines[2:5] == [
            f"2026-11-02..2026-11-02  {'l' * 20}",
            "e" * 20,
            "  suggestions  5",
        ]
    assert "\nperiod  " in drawn(report, Screen(70))


GRID = Grid(
    (Column("name", right=False, folds=True), Column("a\nb", 1), Column("c", 2)),
    [(cell("n" * 30), cell("1"), cell("22"))],
)
BARS_GRID = Grid((Column("name", right=False), Column("", 1, right=False, stretches=(4, 8))), [(cell("n"), Bar(0.5))])


def test_the_least_kept_columns_go_first_and_names_fold() -> None:
    assert fit(GRID, None).widths == {0: 30, 1: 1, 2: 2}
    assert fit(GRID, 37).widths == {0: 30, 1: 1, 2: 2}
    assert fit(GRID, 20).widths == {0: 13, 1: 1, 2: 2}
    narrow = fit(GRID, 16)
    assert (narrow.widths, narrow.dropped, narrow.width) == ({0: 12, 2: 2}, ("a b",), 16)
    assert not fit(GRID, 15).has_numbers(GRID)
    drawn = [plain(line) for line in draw(GRID, narrow)]
    assert drawn == ["name           c", "─" * 16, "n" * 12 + "  22", "n" * 12, "n" * 6]
    assert plain(list(draw(GRID, narrow, blocks=False))[1]) == "-" * 16


def test_a_number_stands_beside_the_last_line_of_a_low_name() -> None:
    grid = Grid((Column("", right=False, folds=True), Column("", 1)), [(cell("active users at least"), cell("24"))])
    drawn = [plain(line) for line in draw(grid._replace(ruled=False, low=True), fit(grid, 18))]
    assert drawn == ["active users", "at least        24"]


def test_bars_take_what_room_there_is_and_leave_without_a_name() -> None:
    assert [plain(line) for line in draw(BARS_GRID, fit(BARS_GRID, None))][-1] == "n     ━━━━"
    assert [plain(line) for line in draw(BARS_GRID, fit(BARS_GRID, 11))][-1] == "n     ━━╸"
    assert [plain(line) for line in draw(BARS_GRID, fit(BARS_GRID, 11), blocks=False)][-1] == "n     ##"
    none = fit(BARS_GRID, 9)
    assert (none.widths, none.dropped) == ({0: 4}, ())


@given(st.floats(0, 1), st.integers(1, 100), st.booleans())
def test_a_bar_is_as_long_as_its_part(part: float, width: int, blocks: bool) -> None:
    drawn = Bar(part).at(width, blocks=blocks)
    lengths = {"━": 1, "╸": 0.5, "#": 1}
    assert abs(sum(lengths[each] for each in drawn) - part * width) <= (1 / 4 if blocks else 1 / 2)


def test_stacked_one_metric_a_line_or_its_number_below() -> None:
    assert [plain(line) for line in stack(GRID, 20)] == ["n" * 20, "n" * 10, "  a b   1", "  c    22"]
    grid = Grid(
        (Column("name", right=False), Column("one two three", 1), Column("four", 2)),
        [(cell("n"), cell("1,234"), cell("5"))],
    )
    assert [plain(line) for line in stack(grid, 21)] == ["n", "  one two three 1,234", "  four              5"]
    assert [plain(line) for line in stack(grid, 20)] == [
        "n",
        "  one two three",
        "               1,234",
        "  four             5",
    ]
    assert [plain(line) for line in stack(grid, 14)] == [
        "n",
        "  one two",
        "  three",
        "         1,234",
        "  four       5",
    ]


def test_cells_fold_at_blanks() -> None:
    grid = Grid(
        (Column("name", right=False, folds=True), Column("a", 1)), [(cell("lines acceptance rate"), cell("25.0%"))]
    )
    assert [plain(line) for line in draw(grid, fit(grid, 27))][2:] == ["lines                 25.0%", "acceptance rate"]


def test_a_row_of_fewer_cells_ends_in_one_that_runs_on() -> None:
    columns = (Column("day"), Column("a", 1), Column("b", 2))
    grid = Grid(columns, [(cell("1"), cell("22"), cell("333")), (cell("2"), cell("no data for a while"))])
    assert fit(grid, None).widths == {0: 3, 1: 2, 2: 3}
    assert [plain(line) for line in draw(grid, fit(grid, None))][2:] == ["  1  22  333", "  2  no data for a while"]
    assert [plain(line) for line in draw(grid, fit(grid, 17))][3:] == ["  2  no data for", "     a while"]


@given(st.text(), st.integers(2, 40))
def test_folding_keeps_every_character(text: str, width: int) -> None:
    lines = fold(text, width)
    assert "".join(lines) == text
    assert all(text_width(line) <= width for line in lines)


@given(st.text(alphabet=st.characters(categories=["L", "P", "N"])), st.integers(20, 60))
@example("日本語 " * 20, 20)
@example("word " * 20 + "x" * 100, 20)
def test_wrapping_keeps_every_word_and_fits(text: str, width: int) -> None:
    lines = wrap(text, width, "  ")
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(text_width(line) <= width for line in lines)


def test_wrapping_breaks_at_spaces_and_indents() -> None:
    assert wrap("note: one two three four", 14, "  ") == ["note: one two", "  three four"]
    assert wrap("label   value", None) == wrap("label   value", 40) == ["label   value"]
