from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot_usage_cli.errors import UsageError
from copilot_usage_cli.github.proxies import Proxy, find_proxy, is_left_out

API = "https://api.github.com/orgs"
NEAR = "http://127.0.0.1:3128"
FAR = "http://proxy.example:3128"


@pytest.mark.parametrize(
    ("environ", "url", "found"),
    [
        ({}, API, None),
        ({"HTTPS_PROXY": FAR}, API, Proxy(FAR, "HTTPS_PROXY")),
        ({"https_proxy": FAR, "HTTPS_PROXY": NEAR}, API, Proxy(FAR, "https_proxy")),
        ({"https_proxy": "", "HTTPS_PROXY": NEAR}, API, Proxy(NEAR, "HTTPS_PROXY")),
        ({"ALL_PROXY": FAR, "HTTPS_PROXY": NEAR}, API, Proxy(NEAR, "HTTPS_PROXY")),
        ({"all_proxy": "proxy.example:3128"}, API, Proxy(FAR, "all_proxy")),
        ({"ALL_PROXY": "socks5h://proxy.example"}, API, Proxy("socks5h://proxy.example", "ALL_PROXY")),
        ({"HTTP_PROXY": FAR}, API, None),
        ({"HTTP_PROXY": "nonsense://"}, API, None),
        ({"HTTPS_PROXY": FAR, "NO_PROXY": "github.com"}, API, None),
        ({"HTTPS_PROXY": FAR, "no_proxy": "a.example", "NO_PROXY": "github.com"}, API, Proxy(FAR, "HTTPS_PROXY")),
        ({"HTTP_PROXY": NEAR}, "http://127.0.0.1:80/", Proxy(NEAR, "HTTP_PROXY")),
        ({"HTTP_PROXY": FAR}, "http://127.0.0.1:80/", None),
        ({"ALL_PROXY": FAR}, "http://127.0.0.1:80/", None),
        ({"HTTP_PROXY": NEAR, "REQUEST_METHOD": "GET"}, "http://127.0.0.1:80/", None),
        ({"http_proxy": NEAR, "REQUEST_METHOD": "GET"}, "http://127.0.0.1:80/", Proxy(NEAR, "http_proxy")),
    ],
)
def test_the_variables_are_read_as_curl_does(environ: dict[str, str], url: str, found: Proxy | None) -> None:
    assert find_proxy(url, environ) == found


@pytest.mark.parametrize(
    ("proxy", "shown"),
    [
        (Proxy("http://user:secret@proxy.example:3128/x?secret", "HTTPS_PROXY"), "proxy.example:3128 (HTTPS_PROXY)"),
        (Proxy("http://secret@[::1]:3128", "ALL_PROXY"), "[::1]:3128 (ALL_PROXY)"),
        (Proxy("http://proxy.example", "all_proxy"), "proxy.example (all_proxy)"),
    ],
)
def test_a_proxy_is_shown_without_its_password(proxy: Proxy, shown: str) -> None:
    assert str(proxy) == shown


@pytest.mark.parametrize(
    ("host", "port", "entries", "left_out"),
    [
        ("api.github.com", 443, "*", True),
        ("api.github.com", 443, "github.com", True),
        ("api.github.com", 443, ".github.com", True),
        ("api.github.com", 443, "*.github.com", True),
        ("API.GitHub.com.", 443, "Api.github.COM", True),
        ("api.github.com", 443, "a.example, github.com", True),
        ("api.github.com", 443, "a.example github.com", True),
        ("api.github.com", 443, "hub.com", False),
        ("api.github.com", 443, "api.github.com:443", True),
        ("api.github.com", 443, "api.github.com:8443", False),
        ("api.github.com", 443, "", False),
        ("api.github.com", 443, ", ,.", False),
        ("api.github.com", 443, "10.0.0.0/8", False),
        ("10.1.2.3", 443, "10.0.0.0/8", True),
        ("10.1.2.3", 443, "10.1.2.3", True),
        ("10.1.2.3", 443, "10.1.2.3:443", True),
        ("10.1.2.3", 443, "10.1.2.3:80", False),
        ("10.1.2.3", 443, "10.1.2.1/24", True),
        ("11.1.2.3", 443, "10.0.0.0/8", False),
        ("10.1.2.3", 443, "2.3", False),
        ("10.1.2.3", 443, "10.0.0.0/99, ::/0", False),
        ("::1", 443, "[::1]", True),
        ("::1", 443, "::1", True),
        ("::1", 443, "[::1]:443", True),
        ("::1", 443, "[::1]:80", False),
        ("::1", 443, "[::1", False),
        ("fd00::5", 443, "fd00::/8", True),
        ("fd00::5", 443, "[fd00::]/8", True),
        ("fd00::5", 443, "0.0.0.0/0", False),
    ],
)
def test_no_proxy_names_domains_addresses_and_ranges(host: str, port: int, entries: str, left_out: bool) -> None:
    assert is_left_out(host, port, entries) is left_out


@given(st.text(), st.text())
def test_no_value_is_a_crash(host: str, value: str) -> None:
    is_left_out(host, 443, value)
    with suppress(UsageError):
        found = find_proxy(API, {"HTTPS_PROXY": value, "NO_PROXY": value})
        assert found is None or str(found).endswith(" (HTTPS_PROXY)")


@pytest.mark.parametrize("settings", [{}, {"https": FAR}])
def test_macos_and_windows_have_settings_of_their_own(
    settings: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    monkeypatch.setattr("urllib.request.getproxies", lambda: settings)
    assert find_proxy(API, {}) == (Proxy(FAR, "the system's settings") if settings else None)
    assert find_proxy("http://127.0.0.1/", {}) is None
