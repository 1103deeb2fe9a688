"""The doctor command: what a report would meet on its way, each with its cure."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple
from urllib.parse import urlsplit

import typer

from copilot_usage_cli.cli.help_pages import OUTPUT
from copilot_usage_cli.cli.options import ConnectionOptions, with_options
from copilot_usage_cli.errors import CopilotUsageError
from copilot_usage_cli.model.scope import Scope

if TYPE_CHECKING:
    from copilot_usage_cli.cli.progress import ProgressBar
    from copilot_usage_cli.github.client import Client
    from copilot_usage_cli.render.lines import Line, Style

State = Literal["ok", "note", "fails"]

_TOKENS = {
    "ghp_": "a classic personal access token",
    "github_pat_": "a fine-grained personal access token",
    "gho_": "an OAuth token, as gh has it",
    "ghu_": "a GitHub App user token",
    "ghs_": "a GitHub App installation token, or an Actions GITHUB_TOKEN",
}
_PROXIES = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")
_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR")
_LABEL = 20  # columns: the state and the name
_STYLES: "dict[State, Style]" = {"ok": "rising", "note": "note", "fails": "falling"}


class Check(NamedTuple):
    """One thing that was looked at: `code` is the exit code that a report would have for it."""

    name: str
    state: State
    message: str
    cure: str = ""
    code: int = 0


@with_options(ConnectionOptions)
def doctor(
    context: typer.Context,
    options: ConnectionOptions,
    scope: Annotated[
        str | None,
        typer.Argument(metavar="[SCOPE]", help="org:ORG, enterprise:ENTERPRISE or team:ORG/TEAM.", show_default=False),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", rich_help_panel=OUTPUT, help="Print JSON.")] = False,
) -> None:
    """Check what a report needs.

    \b
    Examples:
      copilot-usage doctor
      copilot-usage doctor org:acme -v
      copilot-usage doctor acme --json | jq -r '.checks[].cure'
    """  # noqa: D301
    from copilot_usage_cli.cli import output
    from copilot_usage_cli.cli.progress import ProgressBar
    from copilot_usage_cli.cli.scope_names import read_scope
    from copilot_usage_cli.cli.settings import host_of

    named = read_scope(scope, host=host_of(options.api_url, options.hostname)) if scope else None
    with ProgressBar(shown=not options.quiet) as bar:
        checks = list(_checks(named, options, context.obj, bar))
    code = next((check.code for check in checks if check.code), 0)
    if as_json:
        found = [{name: value for name, value in check._asdict().items() if name != "code"} for check in checks]
        output.write_stdout(json.dumps({"exit_code": code, "checks": found}, indent=2) + "\n")
    else:
        output.write_stdout(_render(checks))
    if code:
        raise typer.Exit(code)


def _checks(
    scope: Scope | None, options: ConnectionOptions, now: Callable[[], datetime], bar: "ProgressBar"
) -> Iterator[Check]:
    """Look at one thing after the other; what depends on one that fails isn't looked at."""
    from copilot_usage_cli.cli.settings import default_scope, find_api, settled_by

    where = "the command line"
    try:
        if scope is None and (default := default_scope(os.environ)):
            scope, where = default
        address = find_api(options.api_url, options.hostname)
    except CopilotUsageError as error:
        yield _failed("settings", error)
        return
    if scope is None:
        yield Check("scope", "note", "none is named", "name one to have its API checked: copilot-usage doctor org:ORG")
    else:
        yield Check("scope", "ok", f"{scope}, from {where}")
    yield Check("address", "ok", f"{address.url}, {settled_by(options.api_url, options.hostname)}")
    bar.name(f"looking for a token for {address.hostname}")
    yield from _of_github(scope, address, options, now, bar)
    yield _history(scope, address.hostname)
    yield _network(plain=address.url.startswith("http:"))


def _of_github(
    scope: Scope | None, address: Any, options: ConnectionOptions, now: Callable[[], datetime], bar: "ProgressBar"
) -> Iterator[Check]:
    from copilot_usage_cli.cli.session import new_client
    from copilot_usage_cli.github.auth import find_token

    try:
        token = find_token(address, os.environ)
    except CopilotUsageError as error:
        yield _failed("token", error)
        return
    kinds = (words for prefix, words in _TOKENS.items() if token.value.startswith(prefix))
    said = f"from {token.where}: {next(kinds, 'of an unknown kind')}"
    with new_client(options, address, token, now=now) as client:
        bar.name(f"asking {address.netloc} for the rate limit")
        try:
            answer = client.get(client.url("/rate_limit", {}))
        except CopilotUsageError as error:
            yield from _without_rate_limit(error, said, decides=scope is None)
            if not getattr(error, "status", 0):  # no answer at all
                return
        else:
            scopes = answer.headers.get("x-oauth-scopes")
            yield Check("token", "ok", said if scopes is None else f"{said}; scopes: {scopes.strip() or 'none'}")
            yield _rate_limit(answer.body)
        if scope is not None:
            yield from _generations(client, scope, now, bar)


def _without_rate_limit(error: CopilotUsageError, token: str, *, decides: bool) -> Iterator[Check]:
    """Say what an answer without a rate limit means; a report doesn't ask for it, so only a refused token matters."""
    status = getattr(error, "status", 0)
    if not status:
        yield Check("token", "note", f"{token}; not checked", "it is, once GitHub answers")
        yield Check("connection", "fails", error.message, error.hint, error.exit_code)
    elif status == 401:
        cure = "it may have expired or been revoked, or belong to another host; set a new one"
        yield Check("token", "fails", f"{token}; GitHub refused it (401)", cure, 4 if decides else 0)
    else:
        yield Check("token", "ok", token)
        if status == 404:
            yield Check("rate limit", "ok", "there is none")
        else:
            cure = "reports don't ask for it; if they fail, too, look there"
            yield Check("rate limit", "note", f"GitHub doesn't tell it ({error.message})", cure)


def _rate_limit(body: bytes) -> Check:
    with suppress(ValueError, KeyError, TypeError):
        core = json.loads(body)["resources"]["core"]
        left, limit, reset = int(core["remaining"]), int(core["limit"]), datetime.fromtimestamp(int(core["reset"]), UTC)
        said = f"{left:,} of {limit:,} calls left until {reset:%H:%M} UTC"
        if left:
            return Check("rate limit", "ok", said)
        return Check("rate limit", "fails", said, "wait until then, or let --max-wait be as long", 6)
    return Check("rate limit", "note", "GitHub's answer doesn't say")


def _generations(client: "Client", scope: Scope, now: Callable[[], datetime], bar: "ProgressBar") -> Iterator[Check]:
    """Ask both generations once."""
    from copilot_usage_cli.sources.probe import probe_classic, probe_reports

    netloc = client.address.netloc
    bar.name(f"asking {netloc} for the usage API")
    old = probe_classic(client, scope, now().date())
    bar.name(f"asking {netloc} for the reports API")
    new = probe_reports(client, scope)
    decides = new if old.is_absent else old  # as sources.fetch asks: the other one where the first isn't found
    for name, probe, other in (("usage API", old, new), ("reports API", new, old)):
        if probe.error is None:
            yield Check(name, "ok", f"{probe.path} answers")
        elif probe.is_absent and other.error is None:
            retired = probe.is_gone or (client.address.kind == "github.com" and probe is old)
            gone = "retired" if retired else "not there for this scope and token"
            yield Check(name, "note", f"{gone} ({probe.error.message})", "none is needed: reports come from the other")
        else:
            code = probe.error.exit_code if probe is decides else 0
            yield Check(name, "fails", probe.error.message, probe.error.hint, code)


def _history(scope: Scope | None, host: str) -> Check:
    from copilot_usage_cli.cli.paths import history_file
    from copilot_usage_cli.history.store import History

    path = history_file(os.environ)
    if path is None:
        return Check("history", "note", "off", "unset COPILOT_USAGE_HISTORY to keep more than GitHub keeps")
    if not path.exists():
        folder = next((each for each in path.parents if each.exists()), path)
        if not os.access(folder, os.W_OK | os.X_OK) or not folder.is_dir():
            return Check(
                "history", "note", f"{path} can't be made", "set COPILOT_USAGE_HISTORY to another file, or off"
            )
        return Check("history", "ok", f"{path}: none yet, the first report makes it")
    try:
        with History(path, create=False, read_only=True) as history:
            held = [each for each in history.coverage() if scope is None or (each.scope, each.host) == (scope, host)]
            days, size = sum(each.days for each in held), history.size
    except CopilotUsageError as error:
        return Check("history", "note", f"{path}: {error.message}; reports leave it out", error.hint)
    whose = "" if scope is None else f" of {scope}"
    return Check("history", "ok", f"{path}: {days:,} days{whose}, {size:,} bytes")


def _network(*, plain: bool) -> Check:
    """Say what the environment says of the way to GitHub; what may hold a password is left out."""
    said = [f"{name}={_bare(os.environ[name])}" for name in _PROXIES if os.environ.get(name)]
    said += [f"{name}={os.environ[name]}" for name in ("NO_PROXY", "no_proxy") if os.environ.get(name)]
    certificates = [f"{name}={os.environ[name]}" for name in _CERTIFICATES if os.environ.get(name)]
    missing = [name for name in _CERTIFICATES if os.environ.get(name) and not Path(os.environ[name]).exists()]
    proxy = ", ".join(said) or "no proxy"
    message = f"{proxy}; certificates: {', '.join(certificates) or 'those that Python comes with'}"
    if missing:
        cure = f"unset {' and '.join(missing)}, or name a file that is there"
        return Check("network", "note" if plain else "fails", message, cure, 0 if plain else 6)
    return Check("network", "ok", message)


def _bare(proxy: str) -> str:
    """Return a proxy's address without its user and password."""
    with suppress(ValueError):
        parts = urlsplit(proxy if "://" in proxy else f"//{proxy}")
        return f"{parts.scheme}://{parts.hostname}:{parts.port}".removeprefix("://").removesuffix(":None")
    return "(not a valid address)"


def _failed(name: str, error: CopilotUsageError) -> Check:
    from copilot_usage_cli.cli.suggestions import without_demo

    return Check(name, "fails", error.message, without_demo(error.hint), error.exit_code)


def _render(checks: list[Check]) -> str:
    from copilot_usage_cli.cli import output
    from copilot_usage_cli.render.lines import Span, line, wrap
    from copilot_usage_cli.render.paint import paint
    from copilot_usage_cli.render.screen import Screen
    from copilot_usage_cli.text import visible, without_secrets

    terminal = output.is_terminal()
    width = output.terminal_width() if terminal else None
    room = None if width is None else max(width - _LABEL, 20)
    lines: list[Line] = []
    for check in checks:
        first, *rest = wrap(visible(without_secrets(check.message)), room)
        lines.append((Span(f"{check.state:<7}", _STYLES[check.state]), Span(f"{check.name:<13}{first}")))
        for cure in check.cure.splitlines():
            rest += [
                f"{'  ' if number else '→ '}{part}"
                for number, part in enumerate(wrap(visible(without_secrets(cure)), room and room - 2))
            ]
        lines += [line(f"{'':<{_LABEL}}{part}") for part in rest]
    return paint(lines, Screen(width, styled=terminal, blocks=output.has_blocks()))
