"""Why a run fails although its reports were written: days are missing, or a condition holds."""

from typing import NamedTuple

from copilot_usage_cli.cli.report_options import ReportOptions
from copilot_usage_cli.errors import EXIT_CONDITION, EXIT_MISSING_DAYS
from copilot_usage_cli.model.period import format_ranges
from copilot_usage_cli.report.build import Report
from copilot_usage_cli.text import plural


class Verdict(NamedTuple):
    """Why a run fails, and the exit code of that; said also to the quiet, since cron mails output, not exit codes."""

    words: str
    exit_code: int


def verdicts(report: Report, options: ReportOptions) -> list[Verdict]:
    """Judge a report as the options ask; the last verdict's exit code counts."""
    found = []
    whole = (report.whole() or {"days": 0}) if options.fail_if else {}
    for condition in options.fail_if:
        value = whole.get(condition.column)
        if not isinstance(value, int | float):
            why = f"{condition.column} is unknown, which counts as failed"
            found.append(Verdict(f"{condition} can't be judged: {why}", EXIT_CONDITION))
        elif condition.holds(value):
            found.append(Verdict(f"{condition}: it is {value:.6g}", EXIT_CONDITION))
    if options.fail_on_missing and report.missing:
        # Where an end of the period is open and nothing came, only the day at the other end is known to be missing.
        which = plural(len(report.missing), "day") if report.days else "no day has data; at least this one is"
        found.append(Verdict(f"{which} missing: {format_ranges(report.missing)}", EXIT_MISSING_DAYS))
    return found
