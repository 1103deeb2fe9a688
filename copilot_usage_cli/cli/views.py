"""Run a command that shows a view: ask for each scope, build one view of all, write it, and say what failed."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from pathlib import PurePath
from typing import Generic, NamedTuple, TypeVar

import typer

from copilot_usage_cli.cli import output
from copilot_usage_cli.cli.failures import say_failures
from copilot_usage_cli.cli.invocation import Invocation
from copilot_usage_cli.cli.option_rules import format_of
from copilot_usage_cli.cli.progress import ProgressBar
from copilot_usage_cli.cli.queries import moment_of
from copilot_usage_cli.cli.rendering import rendered
from copilot_usage_cli.cli.scoped_app import ViewOptions
from copilot_usage_cli.cli.selection import ScopeArguments, select
from copilot_usage_cli.cli.session import open_client
from copilot_usage_cli.cli.settings import host_of
from copilot_usage_cli.errors import CopilotUsageError, UsageError
from copilot_usage_cli.github.client import Client
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.model.vocabulary import MACHINES
from copilot_usage_cli.report.view import Circumstances, View
from copilot_usage_cli.sources.parallel import Outcome, run_each
from copilot_usage_cli.text import without_secrets

Found = TypeVar("Found")


class Source(NamedTuple, Generic[Found]):
    """Where a command's data come from: a GitHub, or saved answers of one scope."""

    fetch: Callable[[Client, Scope, ProgressBar], Found]
    read: Callable[[Sequence[str], Scope], Found]


def scopes_of(context: typer.Context, names: Sequence[str] | None, options: ViewOptions) -> tuple[Scope, ...]:
    """Read the scopes that a form of a command is given; raises UsageError."""
    kind = context.info_name
    is_org = kind == "org"
    given = ScopeArguments(
        context.command_path,
        "org" if is_org else "enterprise",
        "ORG" if is_org else "ENTERPRISE",
        names or (),
        file=options.scopes_file,
    )
    return select(given, host_of(options.api_url, options.hostname)).scopes


def write_view(
    scopes: Sequence[Scope],
    options: ViewOptions,
    now: Invocation,
    source: Source[Found],
    build: Callable[[Sequence[tuple[Scope, Found]], Circumstances], View],
) -> None:
    """Write the view of what a source has of some scopes, with its notes.

    One that fails doesn't take the others with it: the run exits with the first failure's code.
    """
    prepare(scopes, options)
    check_input(options)
    moment = moment_of(options, now)
    with ProgressBar(shown=not (options.quiet or options.demo)) as bar:
        found = _ask_each(scopes, options, now, source, bar)
    finish(scopes, found, options, build, Circumstances(moment, answerer_of(options)), now)


def prepare(scopes: Sequence[Scope], options: ViewOptions) -> None:
    """Raise UsageError or NotWritten for what can't be done, before any work."""
    format_of(options)
    if options.input and len(scopes) > 1:
        raise UsageError("--input takes one scope", "give the files of one scope at a time")
    if options.scopes_file == "-" and "-" in options.input:
        raise UsageError("--scopes - and --input - exclude each other", "stdin can be read once")
    if options.partial and output.is_stdout(options.output):
        raise UsageError("--partial needs --output FILE", "stdout gets what there is in any case")
    if options.output is not None and not output.is_stdout(options.output):
        output.check_target(options.output)


def finish(  # noqa: PLR0913, PLR0917 - of whom, what, and how it is written
    scopes: Sequence[Scope],
    found: Sequence[Found | CopilotUsageError],
    options: ViewOptions,
    build: Callable[[Sequence[tuple[Scope, Found]], Circumstances], View],
    circumstances: Circumstances,
    now: Invocation,
) -> None:
    """Write the view of what was found, then say what failed, and exit with the first failure's code."""
    form = format_of(options)
    failed = {number: each for number, each in enumerate(found) if isinstance(each, CopilotUsageError)}
    if len(scopes) == 1 and failed:
        raise failed[0]
    to_file = not output.is_stdout(options.output)
    pairs = zip(scopes, found, strict=True)
    there = [(scope, each) for scope, each in pairs if not isinstance(each, CopilotUsageError)]
    if there and (not failed or options.partial or not to_file):
        view = build(there, circumstances)
        if options.demo:
            note = f"this is the demo, as of {circumstances.moment.date()}: the numbers are made up"
            view = view._replace(notes=(*view.notes, note))
        moment = circumstances.moment
        text = rendered(view, form, options, quiet=options.quiet, invocation=now, moment=moment)
        output.write([text], options.output, for_machines=form != "table")
        if form in MACHINES and not options.quiet:
            output.say_notes(view.notes)
    say_failures(scopes, failed)
    if failed and to_file and not options.partial:
        output.say(f"{options.output} was not written; --partial writes it with the scopes that didn't fail")
    if failed:
        raise typer.Exit(failed[min(failed)].exit_code)


def _ask_each(
    scopes: Sequence[Scope], options: ViewOptions, now: Callable[[], datetime], source: Source[Found], bar: ProgressBar
) -> list[Found | CopilotUsageError]:
    """Ask for each scope, a few at a time; what fails of one is its result."""
    if options.input:
        bar.name(f"reading {', '.join(options.input)}")
        return [_or_error(partial(source.read, options.input, scopes[0]))]
    if not options.demo:
        bar.name("looking for a token")
    with open_client(options, None if options.demo else now) as client:
        what = str(scopes[0]) if len(scopes) == 1 else f"{len(scopes)} scopes"
        bar.name(f"fetching {what} from {client.address.netloc}")
        if len(scopes) == 1:
            return [_or_error(partial(source.fetch, client, scopes[0], bar))]
        bar.expect(len(scopes), "scopes")

        def ask(number: int, scope: Scope) -> Outcome[tuple[int, Found | CopilotUsageError]]:
            return Outcome([(number, _or_error(partial(source.fetch, client, scope, bar)))])

        results: dict[int, Found | CopilotUsageError] = {}
        for number, result in run_each((partial(ask, *each) for each in enumerate(scopes)), options.jobs):
            results[number] = result
            bar.step("scopes")
        return [results[number] for number in range(len(scopes))]


def _or_error(ask: Callable[[], Found]) -> Found | CopilotUsageError:
    try:
        return ask()
    except CopilotUsageError as error:
        return error


def check_input(options: ViewOptions) -> None:
    """Refuse options that name several to ask; raises UsageError."""
    live = {
        "--demo": options.demo,
        "--api-url": options.api_url is not None,
        "--hostname": options.hostname is not None,
    }
    given = [name for name, is_given in live.items() if is_given]
    if options.input and given:
        raise UsageError(f"--input and {given[0]} exclude each other", "--input reads files and asks nobody")
    if options.demo and given[1:]:
        raise UsageError(f"--demo and {given[-1]} exclude each other", "the demo is inside this process")


def answerer_of(options: ViewOptions) -> str:
    """Name where the data come from, unless a GitHub was asked."""
    names = ("stdin" if name == output.STDOUT else without_secrets(PurePath(name).name) for name in options.input)
    return "demo" if options.demo else ", ".join(names)
