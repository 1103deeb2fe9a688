"""What a page is of: the scope, the period, the source, and whose answer it is."""

from pathlib import PurePath

from copilot_usage_cli.model.query import Filter, Query
from copilot_usage_cli.render.sections import BAR
from copilot_usage_cli.report.build import Report
from copilot_usage_cli.text import plural, shorten, visible, without_secrets


def title_of(report: Report, before: str = "") -> str:
    """Write the title of a report; `before` is what it is compared with."""
    return visible(BAR.join(title_parts(report, before)))


def title_parts(report: Report, before: str = "") -> tuple[str, ...]:
    """List what a title says: the scope, filter, days, what they are compared with, the source, and who answered."""
    query = report.query
    source = f"source: {report.source}" if report.source else ""
    parts = (str(query.scope), filter_of(query.filter), days_of(report), before, source, answerer_of(query))
    return tuple(filter(None, parts))


def days_of(report: Report) -> str:
    """Write the period, and how many of its days have data."""
    if not report.days:
        return "no days"
    if report.days == 1:
        return f"{report.since}" if report.records else f"{report.since}, no data"
    return f"{report.since} to {report.until}, {len(report.records)} of {plural(report.days, 'day')}"


def answerer_of(query: Query) -> str:
    """Name where the records come from, unless a GitHub was asked."""
    if query.answerer in {"demo", "history"}:
        return query.answerer
    return ", ".join(without_secrets(PurePath(name).name) for name in query.files)


def filter_of(kept: Filter) -> str:
    """Name the filter of a report, which a reader must not take for the whole."""
    names = {"editor": kept.editors, "language": kept.languages}
    return ", ".join(f"only {what} {' or '.join(map(_quoted, each))}" for what, each in names.items() if each)


def _quoted(name: str) -> str:
    return shorten(without_secrets(name))
