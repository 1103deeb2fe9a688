"""The command that shows pull requests, and Copilot's part in them."""

from collections.abc import Callable, Sequence
from typing import Annotated

import typer

from copilot_usage_cli.cli.help_pages import ROWS
from copilot_usage_cli.cli.option_values import one_of, option_parser, whole_number
from copilot_usage_cli.cli.options import with_options
from copilot_usage_cli.cli.scoped_app import DailyViewOptions, Enterprises, Organizations, scoped_app
from copilot_usage_cli.errors import UsageError
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.report.pull_requests import BY
from copilot_usage_cli.report.repositories import BY as BY_REPOSITORY

app = scoped_app(
    __name__,
    "Show the pull requests",
    """Show pull requests, and Copilot's part in them.

    Created, merged and reviewed, by Copilot's cloud agent and code review among them; suggestions, and how long merging
    took. From today's reports, which have no teams.

    \b
    Examples:
      copilot-usage prs org acme
      copilot-usage prs enterprise megacorp --by month -f csv
    """,
)


class PullRequestsOptions(DailyViewOptions):
    """What `prs` takes besides the names of its scopes."""

    by: Annotated[
        str | None,
        typer.Option(
            "--by",
            rich_help_panel=ROWS,
            parser=option_parser(one_of((*BY, *BY_REPOSITORY))),
            metavar="|".join((*BY, *BY_REPOSITORY)),
            help="A row for each of these; by repo it takes a call for each day. [default: total; day for machines]",
        ),
    ] = None
    top: Annotated[
        int | None,
        typer.Option(
            "--top",
            rich_help_panel=ROWS,
            parser=whole_number(1),
            metavar="N",
            help="With --by repo: the N repositories with the most pull requests.",
        ),
    ] = None


@with_options(PullRequestsOptions)
def enterprise(context: typer.Context, options: PullRequestsOptions, enterprises: Enterprises = None) -> None:
    """Show the pull requests of enterprises.

    \b
    Examples:
      copilot-usage prs enterprise megacorp
      copilot-usage prs enterprise megacorp --period last-month --compare previous
    """  # noqa: D301
    _show(context, enterprises, options)


@with_options(PullRequestsOptions)
def org(context: typer.Context, options: PullRequestsOptions, orgs: Organizations = None) -> None:
    """Show the pull requests of organizations.

    \b
    Examples:
      copilot-usage prs org acme
      copilot-usage prs org acme --by week
      copilot-usage prs org acme --period last-month --by repo --top 20
      copilot-usage prs org acme --json | jq 'map(.created_by_copilot) | add'
    """  # noqa: D301
    _show(context, orgs, options)


def _show(context: typer.Context, names: list[str] | None, options: PullRequestsOptions) -> None:
    from copilot_usage_cli.cli.daily_views import write_daily_view
    from copilot_usage_cli.cli.views import scopes_of
    from copilot_usage_cli.report.pull_requests import pull_requests_view

    scopes = scopes_of(context, names, options)
    if options.by in BY_REPOSITORY:
        _show_repositories(scopes, options, context)
        return
    if options.top is not None:
        raise UsageError("--top needs --by repo", "it counts repositories")
    write_daily_view(scopes, options, context.obj, lambda found, where: pull_requests_view(found, options.by, where))


def _show_repositories(scopes: Sequence[Scope], options: PullRequestsOptions, context: typer.Context) -> None:
    from copilot_usage_cli.cli.option_rules import check_answerers
    from copilot_usage_cli.cli.queries import days_query, moment_of
    from copilot_usage_cli.cli.views import Source, write_view
    from copilot_usage_cli.model.query import Query
    from copilot_usage_cli.model.repositories import RepositoryDays
    from copilot_usage_cli.model.vocabulary import REPORTS
    from copilot_usage_cli.report.repositories import RepositoriesFound, repositories_view
    from copilot_usage_cli.sources.reports.repositories import fetch_repositories, read_repositories

    by = str(options.by)
    check_answerers(options, {})
    for name, given in (("--offline", options.offline), ("--refresh", options.refresh)):
        if given:
            raise UsageError(f"--by {by} and {name} exclude each other", "the history keeps no repositories")
    if options.compare is not None and by != "repo":
        raise UsageError(f"--by {by} and --compare exclude each other", "--by repo compares the whole of two periods")
    moment = moment_of(options, context.obj)

    def find(scope: Scope, ask: Callable[[Query], RepositoryDays]) -> RepositoriesFound:
        query = days_query(scope, options, moment, REPORTS)
        now = ask(query)
        if options.compare is None:
            return RepositoriesFound(now)
        current = query.period._replace(since=now.since, until=now.until)
        before = query._replace(period=options.compare.period(current, query.today))
        return RepositoriesFound(now, ask(before))

    source = Source(
        lambda client, scope, bar: find(scope, lambda query: fetch_repositories(client, query, options.jobs, bar)),
        lambda files, scope: find(scope, lambda query: read_repositories(files, query)),
    )
    write_view(
        scopes, options, context.obj, source, lambda found, where: repositories_view(found, by, options.top, where)
    )
