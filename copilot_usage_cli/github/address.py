"""Where GitHub's API is: github.com, a NAME.ghe.com, another host, or a server on loopback."""

import re
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Network, ip_address
from typing import Literal, NamedTuple
from urllib.parse import SplitResult, urlsplit

from copilot_usage_cli.errors import UsageError

_HOSTNAME = r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:\d{1,5})?"
_LONGEST_LABEL = 63  # between two dots; a longer or an empty one can't be looked up
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: IPv4 addresses as IPv6

Kind = Literal["github.com", "ghe.com", "server", "loopback"]


class Address(NamedTuple):
    """The base URL of an API (no trailing slash), and the host name under which gh knows it."""

    url: str
    hostname: str
    kind: Kind

    @property
    def origin(self) -> str:
        """Scheme, host and port: the only place that the token is sent to."""
        return origin(self.url)

    @property
    def netloc(self) -> str:
        """Host and, where it is unusual, port, for people to read."""
        return urlsplit(self.url).netloc


def find_address(
    api_url: str | None,
    hostname: str | None,
    environ: Mapping[str, str],
    configured: str | None = None,
    configured_in: str = "",
) -> Address:
    """Choose the API's address: `--api-url`, `--hostname`, GH_HOST, GITHUB_API_URL, else github.com.

    `configured` is a host name that goes before github.com, and `configured_in` where it is written. Raises UsageError
    for an address that isn't valid, or that would send a token in clear text.
    """
    if api_url and hostname:
        raise UsageError("--api-url and --hostname exclude each other", "give one of them")
    if api_url:
        return _from_url(api_url, "--api-url")
    if hostname:
        return _from_hostname(hostname, "--hostname")
    if environ.get("GH_HOST"):
        return _from_hostname(environ["GH_HOST"], "GH_HOST")
    if environ.get("GITHUB_API_URL"):
        return _from_url(environ["GITHUB_API_URL"], "GITHUB_API_URL")
    return _from_hostname(configured or "github.com", configured_in)


def origin(url: str) -> str:
    """Return the origin of an absolute URL: scheme, host and port, in lower case, with the port always."""
    parts = urlsplit(url)
    port = {"http": 80, "https": 443}.get(parts.scheme) if parts.port is None else parts.port
    return f"{parts.scheme}://{parts.hostname}:{port}"


def is_loopback(host: str) -> bool:
    """Return whether `host` is this machine: localhost, 127.0.0.0/8 or ::1."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def is_near(address: str) -> bool:
    """Return whether an IP address is this machine, or on its network segment, as a cloud's metadata service is."""
    found = ip_address(address.partition("%")[0])
    if found.version == 6:
        found = found.ipv4_mapped or (IPv4Address(int(found) & 0xFFFF_FFFF) if found in _NAT64 else found)
    return found.is_loopback or found.is_link_local or found.is_unspecified or found.is_multicast


def split_url(url: str) -> SplitResult | None:
    """Split a URL; None if its port is none, or its host can't be looked up."""
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname or ""  # raises ValueError for what isn't a port
    except ValueError:
        return None
    labels = host.removesuffix(".").split(".")
    return parts if port != 0 and all(0 < len(label) <= _LONGEST_LABEL for label in labels) else None


def _from_hostname(hostname: str, given_by: str) -> Address:
    if not re.fullmatch(_HOSTNAME, hostname) or not split_url(f"https://{hostname}"):
        raise UsageError(
            f"{given_by} is not a valid host name", "write a bare name, such as github.com or octo.ghe.com"
        )
    name = hostname.lower()
    if name == "github.com":
        return Address("https://api.github.com", name, "github.com")
    if name.endswith(".ghe.com"):
        return Address(f"https://api.{name}", name, "ghe.com")
    return _from_url(f"https://{name}/api/v3", given_by)


def _from_url(url: str, given_by: str) -> Address:
    parts = split_url(url)
    host = parts and parts.hostname
    # The value itself stays out of the message: it may hold a password.
    if not parts or not host or "@" in parts.netloc or re.search(r"[^!-~]|[?#\\]", url):
        raise UsageError(
            f"{given_by} is not a valid API address", "write it as https://HOST/PATH, such as https://api.github.com"
        )
    if parts.scheme == "http" and not is_loopback(host):
        raise UsageError(f"{given_by} would send the token to {host} in clear text", "use https")
    if parts.scheme not in {"http", "https"}:
        raise UsageError(f"{given_by} is not a valid https address", "write it as https://HOST/PATH")
    url = f"{parts.scheme}://{parts.netloc.lower()}{parts.path.rstrip('/')}"
    if is_loopback(host):
        return Address(url, host, "loopback")
    if host == "api.github.com":
        return Address(url, "github.com", "github.com")
    if host.startswith("api.") and host.endswith(".ghe.com"):
        return Address(url, host.removeprefix("api."), "ghe.com")
    return Address(url, parts.netloc.lower(), "server")
