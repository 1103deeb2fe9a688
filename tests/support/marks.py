"""What not every system has."""

import sys
from pathlib import Path

import pytest

needs_dev_full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
needs_proc = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="this system has no /proc")
needs_linux_loopback = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="whether a full queue drops who connects is the system's own matter"
)
