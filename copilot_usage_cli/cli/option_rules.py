"""What the options of a report mean together, and which exclude each other."""

from collections.abc import Mapping, Sequence
from pathlib import PurePath

from copilot_usage_cli import DISTRIBUTION
from copilot_usage_cli.cli import output
from copilot_usage_cli.cli.report_options import ReportOptions
from copilot_usage_cli.cli.table_options import DaysOptions, OutputOptions
from copilot_usage_cli.errors import UsageError
from copilot_usage_cli.model.activity import names_of_activity, of_activity
from copilot_usage_cli.model.condition import Condition
from copilot_usage_cli.model.vocabulary import AUTO, CHANGE, IDE, MACHINES, REPORTS, TIMES, USAGE, USER_REPORTS, Format
from copilot_usage_cli.report.grouping import DAYS, Grouping, columns
from copilot_usage_cli.text import nearest

_SUFFIXES: dict[str, Format] = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".json": "json",
    ".ndjson": "ndjson",
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
    ".xlsx": "xlsx",
}
_OFFLINE = "--offline excludes --no-history, --demo, --page and --per-page"


def format_of(options: OutputOptions) -> Format:
    """Return the format that was asked for, or that of the file's suffix; raises UsageError, before any work."""
    form = _named_format(options)
    if form == "xlsx":
        if output.is_stdout(options.output) and output.is_terminal():
            raise UsageError("a workbook is not text for a terminal", "write it to a file: -o report.xlsx")
        from importlib.util import find_spec

        if find_spec("xlsxwriter") is None:
            raise UsageError(f"a workbook needs the extra xlsx: pip install '{DISTRIBUTION}[xlsx]'")
    return form


def _named_format(options: OutputOptions) -> Format:
    if options.json and options.format not in {None, "json"}:
        raise UsageError(f"--json and --format {options.format} exclude each other", "give one of them")
    if options.json or options.format:
        form: Format = "json" if options.json else options.format  # type: ignore[assignment]
        return form
    return _SUFFIXES.get(PurePath(options.output or "").suffix.lower(), "table")


def check_conflicts(options: ReportOptions, form: Format, *, is_many: bool = False) -> None:
    """Refuse options that exclude each other, or that can't be of many scopes; raises UsageError."""
    _check_looks(options, form, is_many=is_many)
    _check_chart(options, form)
    _check_summary(options, form)
    is_league = (
        is_many and form not in MACHINES and not (options.by or options.compare or options.full or options.chart)
    )
    _check_many(options, is_many=is_many, is_league=is_league)
    for condition in options.fail_if:
        _check_condition(condition, options)
    if of_activity(options.by) and (options.editor or options.language):
        raise UsageError(
            f"--by {options.by} counts more than completions, so it can't be filtered",
            "leave out --editor and --language",
        )
    pages = {"--page": options.page is not None, "--per-page": options.per_page is not None}
    source = options.source != AUTO and not (options.input and options.source == USER_REPORTS)
    if options.compare and options.page is not None:
        raise UsageError("--compare and --page exclude each other", "a page is not a period")
    if options.source in {REPORTS, USER_REPORTS} and any(pages.values()):
        raise UsageError(f"--source {options.source} has no pages", "--page and --per-page belong to the classic API")
    if options.source == USAGE and options.by is not None and of_activity(options.by):
        raise no_activity("--source usage", options.by, of_team=False)
    if options.source == REPORTS and ("editor" in (options.by or ()) or options.editor):
        raise no_editors("--source reports")
    if options.offline and any(pages.values()):
        raise UsageError(_OFFLINE, "it reports from the history")
    check_answerers(options, {**pages, "--source": source})
    if options.refresh and options.page is not None:
        raise UsageError("--refresh and --page exclude each other", "it updates the history")


def check_answerers(options: DaysOptions, of_github: Mapping[str, bool]) -> None:
    """Refuse options that name several to ask, or what only GitHub could do; raises UsageError.

    `of_github` are other options that ask GitHub for something, and whether they are given.
    """
    live = {
        "--demo": options.demo,
        **of_github,
        "--api-url": options.api_url is not None,
        "--hostname": options.hostname is not None,
        "--offline": options.offline,
    }
    given = [name for name, is_given in live.items() if is_given]
    if options.input and given:
        raise UsageError(f"--input and {given[0]} exclude each other", "--input reads files and asks nobody")
    if options.offline and (options.no_history or options.demo):
        words = _OFFLINE if of_github else "--offline excludes --no-history and --demo"
        raise UsageError(words, "it reports from the history")
    if options.refresh and (options.offline or options.input or options.demo):
        other = "--offline" if options.offline else "--input" if options.input else "--demo"
        raise UsageError(f"--refresh and {other} exclude each other", "it asks GitHub for what the history has, too")
    if options.refresh and options.no_history:
        raise UsageError("--refresh and --no-history exclude each other", "it updates the history")
    if options.demo and (hosts := [name for name in given if name in {"--api-url", "--hostname"}]):
        raise UsageError(f"--demo and {hosts[-1]} exclude each other", "the demo is inside this process")


def _check_many(options: ReportOptions, *, is_many: bool, is_league: bool) -> None:
    if is_many and options.page is not None:
        raise UsageError("--page takes one scope", "leave it out: all pages are fetched")
    if options.partial and options.output in {None, "-"}:
        raise UsageError("--partial needs --output FILE", "stdout gets what there is in any case")
    if options.scopes_file == "-" and "-" in options.input:
        raise UsageError("--scopes - and --input - exclude each other", "stdin can be read once")
    if options.sort is not None:
        names = ("scope", *_numbers(options))
        if options.sort == CHANGE:
            if not is_league:
                raise UsageError("--sort change is of the league table alone", "leave out --by, --compare and -f")
        elif options.sort not in names:
            raise _unknown_column("--sort", options.sort, names)


def _check_looks(options: ReportOptions, form: Format, *, is_many: bool) -> None:
    has_names = bool(set(options.by or ()) - {*TIMES, IDE})
    if options.top is not None and not has_names and not is_many and (options.by or form in MACHINES):
        raise UsageError("--top needs names to count", "add --by language, editor, feature or model")
    if options.full and (options.by or options.compare or form != "table"):
        other = "--by" if options.by else "--compare" if options.compare else f"--format {form}"
        raise UsageError(f"--full and {other} exclude each other", "it is the whole report for people")


def _check_summary(options: ReportOptions, form: Format) -> None:
    if form == "summary" and options.by:
        raise UsageError("--by and --format summary exclude each other", "a summary is of the whole period")


def _check_chart(options: ReportOptions, form: Format) -> None:
    if options.chart is None:
        return
    others = {
        "--by": options.by,
        "--full": options.full,
        "--top": options.top is not None,
        f"--format {form}": form != "table",
    }
    if given := next((name for name, is_given in others.items() if is_given), None):
        raise UsageError(f"--chart and {given} exclude each other", "it draws one column instead of tables")
    if options.chart == "active_users_at_least":
        raise UsageError("--chart active_users_at_least: a lower bound of each day has no mean", "draw another column")
    is_filtered = bool(options.language or options.editor)
    names = [
        name
        for name in columns(Grouping(("day",)), cells=is_filtered)
        if name not in {"scope", "source", "day", "active_users_at_least"} and not name.endswith(DAYS)
    ]
    if options.chart not in names:
        raise _unknown_column("--chart", options.chart, names, "day")


def _check_condition(condition: Condition, options: ReportOptions) -> None:
    """Refuse a condition on a column that `--by total` doesn't have."""
    numbers = _numbers(options)
    if condition.column not in numbers:
        raise _unknown_column("--fail-if", condition.column, numbers)


def _numbers(options: ReportOptions) -> list[str]:
    """List the columns of `--by total` that are numbers."""
    grouping = Grouping(("total",), None, options.source == USER_REPORTS)
    names = columns(grouping, cells=bool(options.language or options.editor))
    return [name for name in names if name not in {"scope", "source", "total"}]


def _unknown_column(option: str, column: str, names: Sequence[str], by: str = "total") -> UsageError:
    mean = f"{column.removeprefix('total_')}_mean"
    mean = mean if mean in names else f"total_{column}"
    ending = [name for name in names if name.endswith(f"_{column.replace(' ', '_')}")]
    meant = mean if mean in names else nearest(column, names) or next(iter(ending), None)
    hint = f"did you mean {meant}?" if meant else f"the columns of --by {by} are {', '.join(names)}"
    return UsageError(f"{option}: {column!r} is not a column of --by {by}", hint)


def no_teams(subject: str) -> UsageError:
    """Return the error that aggregated reports are of no team."""
    others = "--source user-reports adds up a team's members day by day"
    return UsageError(f"{subject}: GitHub's aggregated reports have no teams", others)


def no_activity(subject: str, by: Sequence[str], *, of_team: bool) -> UsageError:
    """Return the error that there is no activity by IDE, feature, model or the like."""
    others = "--source user-reports has it" if of_team else "--source reports and --source user-reports have it"
    return UsageError(f"{subject} has no activity by {names_of_activity(by)}", others)


def no_editors(subject: str) -> UsageError:
    """Return the error that there are no completions by editor."""
    return UsageError(
        f"{subject}: GitHub's aggregated reports have no completions by editor",
        "--by ide shows the activity of all features by IDE; --source user-reports adds completions up by editor",
    )
