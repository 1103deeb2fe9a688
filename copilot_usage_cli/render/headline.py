"""The numbers that a report begins with: how they changed, and how they went."""

from collections.abc import Callable

from copilot_usage_cli.model.period import days_between
from copilot_usage_cli.model.records import RATED
from copilot_usage_cli.render.columns import UNKNOWN, mean_of_days, number, partly_known, percent
from copilot_usage_cli.render.grid import Cell, Column, Grid, first_that_fits, text_of
from copilot_usage_cli.render.lines import Span
from copilot_usage_cli.render.trend import Series, Trend
from copilot_usage_cli.report.build import Report
from copilot_usage_cli.report.change import is_rate
from copilot_usage_cli.report.grouping import Value
from copilot_usage_cli.report.headline import Figure, headline

_LABELS = {
    "active_users_mean": "active users a day",
    "active_users_at_least": "active users at least",
    "distinct_users": "distinct users",
    "total_suggestions_count": "suggestions",
    "suggestions_count": "suggestions",
    "acceptance_rate": "acceptance rate",
    "lines_acceptance_rate": "lines acceptance rate",
    "active_chat_users_mean": "chat users a day",
}
_TREND = (24, 90)  # columns, with the scale
_LEAST_WITH_TREND, _ROOMY = 44, 100  # columns


def headline_grid(report: Report, width: int | None, *, dated: bool) -> Grid:
    """Lay out the headline for so many columns; `dated` if the dates of the trends are worth a line of their own."""
    figures = headline(report)
    unknown = [figure for figure in figures if figure.value is None and len(figures) > 1]
    figures = [figure for figure in figures if figure not in unknown]
    days = days_between(report.since, report.until) if report.since and report.until else ()
    # A label takes two lines only where no trend has room, which would take what is won.
    narrow = width is not None and width < _LEAST_WITH_TREND
    columns = [Column("", right=False, folds=narrow), Column("", 100)]
    rows: list[list[Cell]] = [
        [Span(label_of(figure.name, len(days))), Span(value_of(figure, len(days)), "heading")] for figure in figures
    ]
    if report.matched is not None:
        words = words_before(report.matched[0]["days"], len(days))
        most = words[0] if width is None or width >= _ROOMY else words[1]  # the trend needs the room more
        least = max(map(len, words[-1].split("\n")))
        columns.append(Column(first_that_fits(*words), 90, stretches=(least, len(most))))
        for row, figure in zip(rows, figures, strict=True):
            row.append(change_cell(figure.change, points=is_rate(figure.name)))
    if len(days) > 1:
        all_series = [Series(figure.daily, _writer(figure)) for figure in figures]
        trend = Trend(days, all_series)
        columns.append(Column(trend.heading() if dated or report.matched else "", 50, right=False, stretches=_TREND))
        for row, series in zip(rows, all_series, strict=True):
            row.append(trend.drawing(series))
    if narrow and report.matched is not None:
        rows = [[Span(short_label(text_of(name))), *others] for name, *others in rows]
    names = tuple(label_of(figure.name, len(days)) for figure in unknown)
    return Grid(tuple(columns), [tuple(row) for row in rows], ruled=False, unknown=names, low=True)


def short_label(label: str) -> str:
    """Shorten the label of which the second line would look like another's."""
    return label.replace("lines acceptance rate", "lines rate")


def change_cell(change: float | None, *, points: bool) -> Span:
    """Write a change: an arrow, the number, and its unit; of rates percentage points."""
    if change is None:
        return Span(UNKNOWN)
    rounded = round(change * 100, 1) + 0.0  # never -0.0
    unit = " pp" if points else "%"
    if not rounded:
        return Span(f"= 0.0{unit}")
    return Span(f"▲ {rounded:.1f}{unit}", "rising") if rounded > 0 else Span(f"▼ {-rounded:.1f}{unit}", "falling")


def label_of(name: str, days: int) -> str:
    """Name a number of a period of so many days."""
    return _LABELS[name].removesuffix(" a day") if days == 1 else _LABELS[name]


def value_of(figure: Figure, days: int) -> str:
    """Write the number of a period of so many days, the users of a single one as the count that they are."""
    row, name = figure.row, figure.name
    if is_rate(name):
        counts = [each if each in row else f"total_{each}" for each in RATED[name]]
        return percent(figure.value) + next(filter(None, (partly_known(row, each) for each in counts)), "")
    if name.endswith("_mean") and days == 1:
        return number(row[name.replace("_mean", "_peak")])
    if name.endswith("_mean"):
        return mean_of_days(figure.value, row[name.replace("_mean", "_days")], row["days"])
    return number(figure.value) + (partly_known(row, name) if name.endswith("_count") else "")


def _writer(figure: Figure) -> Callable[[float], str]:
    return percent if is_rate(figure.name) else lambda value: number(int(value) if value == int(value) else value)


def words_before(matched: Value, days: int) -> tuple[str, str, str]:
    """Say what a change is from, ever shorter: of the days before only those whose counterpart has data."""
    if days == 1:
        return "vs the day before", "vs the day before", "vs before"
    if matched == days:
        return f"vs the {days:,} days before", f"vs {days:,} days before", "vs before"
    return (
        f"vs {matched} of the {days:,} days before",
        f"vs {matched} of {days:,} before",
        f"vs before,\n{matched} of {days:,} d",
    )
