"""The fixtures that all tests share; each is defined, and told, in tests/support."""

import os

pytest_plugins = [
    "support.properties",
    "support.environment",
    "support.program",
    "support.github",
    "support.openapi",
    "support.faulty",
    "support.conversation",
    "support.reports",
    "support.history",
    "support.disks",
    "support.tls",
]


def pytest_xdist_auto_num_workers() -> int:
    """Have a process more than there are processors: some tests only wait."""
    return (os.cpu_count() or 1) + 1
