"""What a person settles once: whose usage a bare run reports, and GitHub's host; by a variable, or in a file."""

import os
from collections.abc import Callable, Mapping
from typing import NamedTuple

from copilot_usage_cli.cli.paths import config_file
from copilot_usage_cli.cli.scope_names import GITHUB, read_scope
from copilot_usage_cli.errors import UsageError
from copilot_usage_cli.github.address import Address, find_address
from copilot_usage_cli.model.scope import Scope

SCOPE_VARIABLE = "COPILOT_USAGE_SCOPE"
_KEYS = ("scope", "hostname")


class DefaultScope(NamedTuple):
    """The scope of a run that names none, and where it is settled."""

    scope: Scope
    origin: str


def default_scope(environ: Mapping[str, str]) -> DefaultScope | None:
    """Return the scope that COPILOT_USAGE_SCOPE or else the file names; raises UsageError if it isn't one."""
    text, origin = environ.get(SCOPE_VARIABLE), SCOPE_VARIABLE
    if not text:
        text, origin = _configured().get("scope"), f"scope in {config_file()}"
    if not text:
        return None
    try:
        return DefaultScope(read_scope(text, host=host_of()), origin)
    except UsageError as error:
        raise UsageError(f"{origin}: {error.message}", error.hint) from None


def find_api(api_url: str | None, hostname: str | None) -> Address:
    """Choose the API's address: by an option, a variable, the file, else github.com; raises UsageError."""
    named = api_url or hostname or os.environ.get("GH_HOST") or os.environ.get("GITHUB_API_URL")
    configured = None if named else _configured().get("hostname")
    configured_in = f"hostname in {config_file()}" if configured else ""
    return find_address(api_url, hostname, os.environ, configured, configured_in)


def host_of(api_url: str | None = None, hostname: str | None = None) -> Callable[[], str]:
    """Return what tells the host whose pages name scopes: that of the API, or of a server on loopback github.com."""

    def look_up() -> str:
        address = find_api(api_url, hostname)
        return GITHUB if address.kind == "loopback" else address.hostname

    return look_up


def settled_by(api_url: str | None, hostname: str | None) -> str:
    """Say where the API's address is from."""
    names = {"--api-url": api_url, "--hostname": hostname}
    names |= {name: os.environ.get(name) for name in ("GH_HOST", "GITHUB_API_URL")}
    if given := next((name for name, value in names.items() if value), None):
        return f"from {given}"
    return f"from hostname in {config_file()}" if _configured().get("hostname") else "the default"


def _configured() -> dict[str, str]:
    """Read the file, if there is one."""
    path = config_file()
    try:
        text = path.read_text("utf-8-sig")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{path} can't be read: {getattr(error, 'strerror', None) or 'it is not UTF-8 text'}"
        ) from None
    import tomllib

    try:
        settings = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path} is not TOML: {error}", 'write lines such as scope = "org:acme"') from None
    for key, value in settings.items():
        if key not in _KEYS or not isinstance(value, str):
            problem = "is not a string" if key in _KEYS else "is not a setting"
            raise UsageError(
                f"{path}: {key} {problem}", f'the settings are {" and ".join(_KEYS)}, such as scope = "org:acme"'
            )
    return settings
