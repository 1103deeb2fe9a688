"""The command that shows AI credits, and the premium requests before them."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated, NamedTuple

import typer

from copilot_usage_cli.cli.help_pages import PERIOD, ROWS
from copilot_usage_cli.cli.option_values import one_of, option_parser, parse_date
from copilot_usage_cli.cli.options import with_options
from copilot_usage_cli.cli.scoped_app import Enterprises, Organizations, ViewOptions, scoped_app
from copilot_usage_cli.cli.table_options import PeriodOptions
from copilot_usage_cli.errors import UsageError
from copilot_usage_cli.model.credits import FIRST_CREDITS, FIRST_OF_USERS, Era
from copilot_usage_cli.model.dates import DateExpression, end_of_unit, months_before
from copilot_usage_cli.model.period import Period
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.report.credits import BY, OF_PARTS, CreditsLook

_KEPT = 24  # months
app = scoped_app(
    __name__,
    "Show the AI credits",
    """Show AI credits: used, included in the plan, charged.

    Of this month by model, in one call. Months before June 2026 have premium requests instead. It is GitHub's billing,
    so it takes its permissions.

    \b
    Examples:
      copilot-usage credits org acme
      copilot-usage credits enterprise megacorp --month 2026-10 --by cost-center
    """,
)


class CreditsOptions(PeriodOptions, ViewOptions):
    """What `credits` takes besides the names of its scopes."""

    by: Annotated[
        str,
        typer.Option(
            "--by",
            rich_help_panel=ROWS,
            parser=option_parser(one_of(BY)),
            metavar="|".join(BY),
            help="A row for each of these; by day, organization or cost center it takes a call for each.",
        ),
    ] = "model"
    month: Annotated[
        DateExpression | None,
        typer.Option(
            "--month",
            rich_help_panel=PERIOD,
            parser=parse_date,
            metavar="MONTH",
            help="Of a month: 2026-10, last-month. [default: this month]",
        ),
    ] = None
    filter_model: Annotated[
        str | None,
        typer.Option(
            "--filter-model", rich_help_panel=ROWS, metavar="NAME", help="Of one model alone, by GitHub's name of it."
        ),
    ] = None
    users: Annotated[
        bool,
        typer.Option("--users", rich_help_panel=ROWS, help="With --by user: list people by name, from users reports."),
    ] = False


@with_options(CreditsOptions)
def enterprise(context: typer.Context, options: CreditsOptions, enterprises: Enterprises = None) -> None:
    """Show the AI credits of enterprises.

    \b
    Examples:
      copilot-usage credits enterprise megacorp
      copilot-usage credits enterprise megacorp --month last-month --by org
      copilot-usage credits enterprise megacorp --compare previous
    """  # noqa: D301
    _show(context, enterprises, options)


@with_options(CreditsOptions)
def org(context: typer.Context, options: CreditsOptions, orgs: Organizations = None) -> None:
    """Show the AI credits of organizations.

    \b
    Examples:
      copilot-usage credits org acme
      copilot-usage credits org acme --since 7d --by day
      copilot-usage credits org acme --json | jq 'map(.usd_charged) | add'
    """  # noqa: D301
    _show(context, orgs, options)


class _Asked(NamedTuple):
    """A period: its days, and in words."""

    first: date
    last: date
    words: str


def _show(context: typer.Context, names: list[str] | None, options: CreditsOptions) -> None:
    from copilot_usage_cli.cli.queries import moment_of
    from copilot_usage_cli.cli.views import scopes_of

    scopes = scopes_of(context, names, options)
    if (options.by == "user") != options.users:
        raise UsageError("--by user and --users go together", "they list people by name, which needs both")
    if options.by in OF_PARTS and context.info_name == "org":
        raise UsageError(f"--by {options.by} is of enterprises alone", "an organization is billed as one")
    moment = moment_of(options, context.obj)
    if options.input and options.by != "user":
        others = ("month", "since", "until", "period", "compare", "filter_model")
        if given := next(
            (f"--{name.replace('_', '-')}" for name in others if getattr(options, name) is not None), None
        ):
            raise UsageError(f"--input and {given} exclude each other", "a saved answer says what it is of")
    period = _period(options, moment.date())
    asked = _asked(period, moment.date())
    if asked.first > moment.date():
        raise UsageError(f"{asked.words} has not begun", "the latest day is today")
    oldest = months_before(moment.date().replace(day=1), _KEPT)
    if asked.first < oldest and not options.input:
        raise UsageError(f"GitHub keeps {_KEPT} months of this: {asked.words} is older", f"ask from {oldest} on")
    if options.by == "user":
        if asked.last < FIRST_OF_USERS and not options.input:
            raise UsageError(
                f"users reports have AI credits since {FIRST_OF_USERS}, and {asked.words} is before",
                "--by model has premium requests of months before",
            )
        _show_users(context, scopes, options, asked)
        return
    look = CreditsLook(options.by, _era(asked), asked.words, model=options.filter_model)
    before = None
    if options.compare is not None:
        if options.by == "day":
            raise UsageError("--by day and --compare exclude each other", "--by model compares two periods")
        before = _asked(options.compare.period(period, moment.date()), moment.date())
        if _era(before) != look.era:
            raise UsageError(f"{asked.words} has {look.era}, and {before.words} has not", "compare what is alike")
        look = look._replace(before=before.words)
    _show_amounts(context, scopes, options, look, (asked, before))


def _show_amounts(
    context: typer.Context,
    scopes: Sequence[Scope],
    options: CreditsOptions,
    look: CreditsLook,
    periods: tuple[_Asked, _Asked | None],
) -> None:
    from copilot_usage_cli.cli.queries import moment_of
    from copilot_usage_cli.cli.views import Source, write_view
    from copilot_usage_cli.model.credits import days_of, slices_of
    from copilot_usage_cli.report.credits import CreditsFound, credits_view, look_of_files
    from copilot_usage_cli.report.view import Circumstances, View
    from copilot_usage_cli.sources.credits import CreditsQuery, fetch_credits, read_credits

    today = moment_of(options, context.obj).date()

    def query(asked: _Asked) -> CreditsQuery:
        each = options.by if options.by in OF_PARTS else None
        found = days_of(asked.first, min(asked.last, today)) if options.by == "day" else slices_of(*asked[:2], today)
        return CreditsQuery(tuple(found), each, options.filter_model)

    now, before = periods
    source = Source(
        lambda client, scope, bar: CreditsFound(
            fetch_credits(client, scope, query(now), options.jobs, bar),
            None if before is None else fetch_credits(client, scope, query(before), options.jobs, bar),
        ),
        lambda files, scope: CreditsFound(read_credits(files, scope)),
    )

    def build(found: Sequence[tuple[Scope, CreditsFound]], where: Circumstances) -> View:
        return credits_view(found, look_of_files(found, look) if options.input else look, where)

    write_view(scopes, options, context.obj, source, build)


def _show_users(context: typer.Context, scopes: Sequence[Scope], options: CreditsOptions, asked: _Asked) -> None:
    from copilot_usage_cli.cli.queries import moment_of
    from copilot_usage_cli.cli.views import Source, write_view
    from copilot_usage_cli.model.period import days_between
    from copilot_usage_cli.model.query import Query
    from copilot_usage_cli.report.credits import user_credits_view
    from copilot_usage_cli.sources.reports.user_credits import fetch_user_credits, read_user_credits

    if options.compare is not None or options.filter_model is not None:
        other = "--compare" if options.compare is not None else "--filter-model"
        raise UsageError(
            f"--by user and {other} exclude each other", "users reports have one number of a person and day"
        )
    today = moment_of(options, context.obj).date()
    days = days_between(asked.first, min(asked.last, today - timedelta(days=1)))
    period = Period(asked.first, asked.last)
    of_files = Period() if options.input and not _given(options) else period
    source = Source(
        lambda client, scope, bar: fetch_user_credits(client, Query(scope, period, today), days, options.jobs, bar),
        lambda files, scope: read_user_credits(files, Query(scope, of_files, today)),
    )
    look = CreditsLook("user", "credits", asked.words if of_files == period else "")
    write_view(scopes, options, context.obj, source, lambda found, where: user_credits_view(found, look, where))


def _period(options: CreditsOptions, today: date) -> Period:
    """Return the period that is asked for, this month if nothing is said; raises UsageError."""
    given = _given(options)
    if "month" in given or "period" in given:
        if len(given) > 1:
            raise UsageError(f"--{given[0]} and --{given[1]} exclude each other", "one of them says it all")
        if options.month is not None:
            days = options.month.resolve(today)
            if days.unit != "month":
                raise UsageError(f"--month {options.month.text}: that is not a month", "write 2026-10, or last-month")
            return Period(days.first, days.last, unit="month")
        return Period.of(options.period, today)  # type: ignore[arg-type]
    if given:
        return Period.between(options.since, options.until, today)
    return Period(today.replace(day=1), today, unit="month")


def _given(options: CreditsOptions) -> list[str]:
    return [name for name in ("month", "since", "until", "period") if getattr(options, name) is not None]


def _asked(period: Period, today: date) -> _Asked:
    """Return the days of a period; a month as such, also on its first day. Raises UsageError for an open one."""
    if period.since is None or period.until is None:
        raise UsageError("the period has no beginning", "add --since, or name a month with --month")
    if period.unit == "month":
        return _Asked(period.since, end_of_unit(period.since, "month"), f"{period.since:%Y-%m}")
    words = f"{period.since}" if period.since == period.until else f"{period.since} to {period.until}"
    return _Asked(period.since, min(period.until, max(today, period.since)), words)


def _era(asked: _Asked) -> Era:
    if asked.first < FIRST_CREDITS <= asked.last:
        raise UsageError(
            f"credits replaced premium requests on {FIRST_CREDITS}, within {asked.words}",
            f"ask for the days before and from {FIRST_CREDITS} on by themselves",
        )
    return "credits" if asked.first >= FIRST_CREDITS else "requests"
