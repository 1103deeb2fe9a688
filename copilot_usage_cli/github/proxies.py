"""Which proxy a request goes through, by the environment's variables, as curl reads them."""

import sys
from collections.abc import Mapping
from contextlib import suppress
from ipaddress import ip_address, ip_network
from typing import NamedTuple
from urllib.parse import urlsplit

from copilot_usage_cli.errors import UsageError
from copilot_usage_cli.github.address import is_loopback, split_url

_SCHEMES = frozenset({"http", "https", "socks5", "socks5h"})
_PORTS = {"http": 80, "https": 443}


class Proxy(NamedTuple):
    """A proxy's URL, which may hold a password, and the variable that names it."""

    url: str
    variable: str

    def __str__(self) -> str:
        """Write the proxy for people: its host, its port and its variable."""
        parts = urlsplit(self.url)
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
        return f"{host}:{parts.port} ({self.variable})" if parts.port else f"{host} ({self.variable})"


def find_proxy(url: str, environ: Mapping[str, str]) -> Proxy | None:
    """Return the proxy for a URL, None if there is none or NO_PROXY leaves its host out.

    A proxy for plain http must be on this machine, as the host is then: any other would see the token. Raises
    UsageError for a value that can't be read.
    """
    parts = urlsplit(url)
    names = (f"{parts.scheme}_proxy", "all_proxy")
    # A CGI program gets HTTP_PROXY from whoever asks it, as a header.
    variables = [each for name in names for each in (name, name.upper())]
    found = next(
        (
            each
            for each in variables
            if environ.get(each) and not (each == "HTTP_PROXY" and "REQUEST_METHOD" in environ)
        ),
        None,
    )
    if found is None:
        return _of_the_system(parts.scheme)
    if is_left_out(parts.hostname or "", parts.port or _PORTS.get(parts.scheme), _no_proxy(environ)):
        return None
    proxy = _read(environ[found], found)
    near = is_loopback(urlsplit(proxy.url).hostname or "")
    return proxy if near or parts.scheme != "http" else None


def is_left_out(host: str, port: int | None, no_proxy: str) -> bool:
    """Return whether NO_PROXY names a host: by a domain that it is or is in, an address, a range of them, or `*`."""
    name = host.rstrip(".").lower()
    address = None
    with suppress(ValueError):
        address = ip_address(name)
    for entry in no_proxy.replace(",", " ").lower().split():
        wanted, at_port = _split_port(entry)
        if at_port not in {None, port}:
            continue
        if wanted == "*":
            return True
        if address is None:
            domain = wanted.removeprefix("*").strip(".")
            if domain and (name == domain or name.endswith(f".{domain}")):
                return True
            continue
        try:
            network = ip_network(wanted, strict=False)
        except ValueError:
            continue
        if network.version == address.version and address in network:
            return True
    return False


def _no_proxy(environ: Mapping[str, str]) -> str:
    return environ.get("no_proxy") or environ.get("NO_PROXY") or ""


def _split_port(entry: str) -> tuple[str, int | None]:
    """Split an entry such as `[::1]:443`; what isn't a port belongs to the name."""
    if entry.startswith("["):
        host, bracket, rest = entry[1:].partition("]")
        if rest.startswith("/"):
            return host + rest, None
        port = rest.removeprefix(":")
        return (host if bracket else entry), int(port) if port.isdecimal() and port.isascii() else None
    host, colon, port = entry.partition(":")
    if colon and port.isdecimal() and port.isascii() and "/" not in host:
        return host, int(port)
    return entry, None


def _read(value: str, variable: str) -> Proxy:
    url = value if "://" in value else f"http://{value}"
    parts = split_url(url)
    if parts is None or parts.scheme not in _SCHEMES or not parts.hostname or not url.isprintable() or " " in url:
        raise unusable(variable)
    return Proxy(url, variable)


def _of_the_system(scheme: str) -> Proxy | None:
    """Ask macOS and Windows for their settings; elsewhere there are only the variables."""
    if sys.platform not in {"darwin", "win32"} or scheme != "https":
        return None
    from urllib.request import getproxies

    found = getproxies().get(scheme)
    return _read(found, "the system's settings") if found else None


def unusable(variable: str) -> UsageError:
    """Return an error that the value of a variable names no proxy; the value may hold a password."""
    return UsageError(
        f"the proxy that {variable} names can't be used",
        "write it as http://HOST:PORT; a SOCKS proxy, socks5://HOST:PORT, needs `pip install httpx[socks]`",
    )
