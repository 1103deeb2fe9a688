"""Report how GitHub Copilot is used in an enterprise, an organization or a team."""

PROGRAM = "copilot-usage"
DISTRIBUTION = "copilot-usage-cli"  # the name of the program is taken on PyPI
__version__ = "0.1.0"  # a constant: asking importlib.metadata costs 33 ms at each start
