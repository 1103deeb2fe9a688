"""The fixtures that all tests share; each is defined, and told, in tests/support."""

pytest_plugins = [
    "support.properties",
    "support.environment",
    "support.program",
    "support.github",
    "support.faulty",
    "support.conversation",
    "support.reports",
    "support.history",
    "support.tls",
]
