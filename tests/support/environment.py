"""An environment without what the person who runs the tests has set."""

from __future__ import annotations

import itertools
import os
import re
import signal
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

TOKEN = "ghp_Sentinel0123456789abcdefghijABCDEFGH"  # made up
OURS = re.compile(
    r"(GH|GITHUB|SSL|TTY|LC|PYTHON|COPILOT_USAGE|XDG)_?.*|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|REQUEST_METHOD"
    r"|(FORCE|NO)_COLOR|CLICOLOR.*|COLUMNS|LINES|LANG|LANGUAGE|TZ|(all|https?|no|ftp)_proxy",
    re.IGNORECASE,
)
_NUMBERS = itertools.count()


def pytest_configure() -> None:
    """Let children have the signals that a run under nohup, or in a script's background, has ignored."""
    for signum in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGQUIT):
        if signal.getsignal(signum) == signal.SIG_IGN:
            signal.signal(signum, lambda *_: None)  # ignored here, too, but the default again in what is started


@pytest.fixture(scope="session")
def _homes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("homes")


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, _homes: Path) -> None:
    for name in [name for name in os.environ if OURS.fullmatch(name)]:
        monkeypatch.delenv(name)
    home = _homes / str(next(_NUMBERS))
    home.mkdir()
    for name, folder in {
        "HOME": ".",
        "XDG_CONFIG_HOME": ".config",
        "XDG_CACHE_HOME": ".cache",
        "XDG_DATA_HOME": ".local/share",
        "XDG_STATE_HOME": ".local/state",
    }.items():
        monkeypatch.setenv(name, str(home / folder))
    monkeypatch.setenv("COPILOT_USAGE_HISTORY", "off")  # the tests of the history switch it on
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("LANG", "C.UTF-8")


@pytest.fixture
def token() -> str:
    return TOKEN
