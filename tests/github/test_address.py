from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from copilot_usage_cli.errors import UsageError
from copilot_usage_cli.github.address import Address, find_address, is_loopback, is_near, origin

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.faulty import Faulty
    from support.program import Run

NOWHERE = "https://api.github.com"
NO_ADDRESS = "write it as https://HOST/PATH, such as https://api.github.com"


@pytest.mark.parametrize(
    ("api_url", "hostname", "environ", "expected"),
    [
        (None, None, {}, Address(NOWHERE, "github.com", "github.com")),
        ("", "", {"GH_HOST": "", "GITHUB_API_URL": ""}, Address(NOWHERE, "github.com", "github.com")),
        # Precedence: --api-url or --hostname, GH_HOST, GITHUB_API_URL.
        (
            "https://one.example/api/v3",
            None,
            {"GH_HOST": "two.example", "GITHUB_API_URL": "https://three.example"},
            Address("https://one.example/api/v3", "one.example", "server"),
        ),
        (
            None,
            "one.example",
            {"GH_HOST": "two.example", "GITHUB_API_URL": "https://three.example"},
            Address("https://one.example/api/v3", "one.example", "server"),
        ),
        (
            None,
            None,
            {"GH_HOST": "two.example", "GITHUB_API_URL": "https://three.example"},
            Address("https://two.example/api/v3", "two.example", "server"),
        ),
        (
            None,
            None,
            {"GITHUB_API_URL": "https://three.example"},
            Address("https://three.example", "three.example", "server"),
        ),
        # Kinds of hosts.
        (None, "github.com", {}, Address(NOWHERE, "github.com", "github.com")),
        (None, "GitHub.COM", {}, Address(NOWHERE, "github.com", "github.com")),
        (None, "octo.ghe.com", {}, Address("https://api.octo.ghe.com", "octo.ghe.com", "ghe.com")),
        (None, "Octo.GHE.com", {}, Address("https://api.octo.ghe.com", "octo.ghe.com", "ghe.com")),
        (None, "ghe.com", {}, Address("https://ghe.com/api/v3", "ghe.com", "server")),
        (None, "notghe.com", {}, Address("https://notghe.com/api/v3", "notghe.com", "server")),
        (
            None,
            "github.com.evil.example",
            {},
            Address("https://github.com.evil.example/api/v3", "github.com.evil.example", "server"),
        ),
        (
            None,
            "git.example:8443",
            {},
            Address("https://git.example:8443/api/v3", "git.example:8443", "server"),
        ),
        (None, "localhost", {}, Address("https://localhost/api/v3", "localhost", "loopback")),
        # Addresses in full.
        ("https://API.github.com/", None, {}, Address(NOWHERE, "github.com", "github.com")),
        ("https://api.octo.ghe.com", None, {}, Address("https://api.octo.ghe.com", "octo.ghe.com", "ghe.com")),
        (
            "https://api.github.com.evil.example",
            None,
            {},
            Address("https://api.github.com.evil.example", "api.github.com.evil.example", "server"),
        ),
        ("http://127.0.0.1:8080", None, {}, Address("http://127.0.0.1:8080", "127.0.0.1", "loopback")),
        ("http://127.9.9.9", None, {}, Address("http://127.9.9.9", "127.9.9.9", "loopback")),
        ("http://localhost:1/", None, {}, Address("http://localhost:1", "localhost", "loopback")),
        ("http://[::1]:8080/v3//", None, {}, Address("http://[::1]:8080/v3", "::1", "loopback")),
        ("HTTPS://[::1]", None, {}, Address("https://[::1]", "::1", "loopback")),
    ],
)
def test_addresses(api_url: str | None, hostname: str | None, environ: dict[str, str], expected: Address) -> None:
    assert find_address(api_url, hostname, environ) == expected


@pytest.mark.parametrize(
    "url",
    [
        "api.github.com",
        "https://",
        "https:///path",
        "https://user@api.github.com",
        "https://user:secret@api.github.com",
        "https://api.github.com@evil.example",
        "https://@api.github.com",
        "https://api.github.com?secret",
        "https://api.github.com/?a=b",
        "https://api.github.com#secret",
        "https://api.github.com:port",
        "https://api.github.com:99999",
        "https://api.github.com:-1",
        "https://api.github.com:0",
        "https://[::1",
        "https://api.github.com\\@evil.example",
        "https://api.github .com",
        "https://api.github.com\n.evil.example",
        "https://api.github.com/\x1b[31m",
        "https://ap\u0131.github.com",
        "https://a..b",
        "https://.example",
        f"https://{'a' * 64}.example",
    ],
)
def test_what_is_no_address_is_refused_unseen(url: str) -> None:
    with pytest.raises(UsageError) as refused:
        find_address(url, None, {})
    assert (refused.value.message, refused.value.hint) == ("--api-url is not a valid API address", NO_ADDRESS)


@pytest.mark.parametrize("url", ["ftp://api.github.com", "file://localhost/etc/passwd", "wss://api.github.com"])
def test_other_schemes_are_refused(url: str) -> None:
    with pytest.raises(UsageError) as refused:
        find_address(None, None, {"GITHUB_API_URL": url})
    assert refused.value.message == "GITHUB_API_URL is not a valid https address"


@pytest.mark.parametrize(
    "hostname",
    [
        "https://github.com",
        "github.com/",
        "user@github.com",
        "github com",
        "-github.com",
        "github.com-",
        "git_hub.com",
        "github.com:",
        "github.com:123456",
        "github.com:99999",
        "git.example:0",
        "[::1]",
        "bücher.example",
        "a..b",
        "a..ghe.com",
        f"{'a' * 64}.example",
    ],
)
def test_what_is_no_host_name_is_refused(hostname: str) -> None:
    with pytest.raises(UsageError) as refused:
        find_address(None, None, {"GH_HOST": hostname})
    assert (refused.value.message, refused.value.hint) == (
        "GH_HOST is not a valid host name",
        "write a bare name, such as github.com or octo.ghe.com",
    )


def test_api_url_and_hostname_exclude_each_other() -> None:
    with pytest.raises(UsageError, match=r"^--api-url and --hostname exclude each other$"):
        find_address(NOWHERE, "github.com", {})


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://api.github.com", "api.github.com"),
        ("http://10.0.0.1:8080", "10.0.0.1"),
        ("http://127.0.0.1.evil.example", "127.0.0.1.evil.example"),
        ("http://localhost.evil.example", "localhost.evil.example"),
        ("http://0.0.0.0:1", "0.0.0.0"),
        ("http://[::2]:1", "::2"),
        ("http://[::ffff:10.0.0.1]", "::ffff:10.0.0.1"),
    ],
)
def test_plain_http_goes_to_loopback_only(url: str, host: str) -> None:
    with pytest.raises(UsageError) as refused:
        find_address(url, None, {})
    assert (refused.value.message, refused.value.hint) == (
        f"--api-url would send the token to {host} in clear text",
        "use https",
    )


def test_plain_http_is_refused_before_a_request(run: Run, faulty: Callable[..., Faulty]) -> None:
    server = faulty(b"")
    refused = run("org", "acme", "--api-url", f"http://0.0.0.0:{server.port}", env={"GH_TOKEN": "made-up"})
    assert (refused.code, refused.out) == (2, "")
    assert refused.err == (
        "copilot-usage: error: --api-url would send the token to 0.0.0.0 in clear text\nhint: use https\n"
    )
    assert server.connections == 0


def test_an_origin_is_scheme_host_and_port() -> None:
    assert origin("https://API.GitHub.com/a?b") == origin("https://api.github.com:443") == "https://api.github.com:443"
    assert origin("http://localhost/") == "http://localhost:80"
    assert origin("https://api.github.com:0") != origin("https://api.github.com")
    assert find_address(None, "git.example:8443", {}).origin == "https://git.example:8443"
    assert find_address(None, "git.example:8443", {}).netloc == "git.example:8443"


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.255.255.255", True),
        ("::1", True),
        ("128.0.0.1", False),
        ("localhost.example", False),
        ("0.0.0.0", False),
        ("", False),
    ],
)
def test_loopback(host: str, *, expected: bool) -> None:
    assert is_loopback(host) is expected


@pytest.mark.parametrize(
    ("address", "near"),
    [
        ("127.0.0.1", True),
        ("127.255.255.254", True),
        ("0.0.0.0", True),
        ("169.254.169.254", True),
        ("224.0.0.1", True),
        ("::", True),
        ("::1", True),
        ("fe80::1%eth0", True),
        ("ff02::1", True),
        ("::ffff:127.0.0.1", True),
        ("::ffff:169.254.169.254", True),
        ("64:ff9b::7f00:1", True),
        ("64:ff9b::808:808", False),
        ("8.8.8.8", False),
        ("10.0.0.1", False),
        ("192.168.0.1", False),
        ("172.16.0.1", False),
        ("100.64.0.1", False),
        ("fd00::1", False),
        ("2606:50c0:8000::153", False),
    ],
)
def test_what_only_this_machine_or_its_segment_reaches_is_near(address: str, *, near: bool) -> None:
    assert is_near(address) is near
