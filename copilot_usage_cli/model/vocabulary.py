"""The names that people choose from on the command line."""

from typing import Literal

TIMES = ("day", "week", "month", "total")
"""Dimensions of time, of which a report has at most one."""

NAMES = ("language", "editor")
"""Dimensions that name rows of the breakdown."""

IDE = "ide"
"""The dimension of today's reports that mixes all features, so it goes with no other name."""

DIMENSIONS = (*TIMES, *NAMES, IDE)

Format = Literal["table", "csv", "tsv", "json", "ndjson"]
FORMATS: tuple[Format, ...] = ("table", "csv", "tsv", "json", "ndjson")

AUTO, USAGE, REPORTS, USER_REPORTS, METRICS = "auto", "usage", "reports", "user-reports", "metrics"
"""Sources: the first picks one; the last is read from files only, GitHub has retired it."""

HELD_SOURCES = (USAGE, REPORTS, USER_REPORTS, METRICS)
"""The sources that days in a history are from."""

MULTIPLE = "multiple"
"""The editor of people who used several on a day, or none that is known; the one name that isn't GitHub's."""

SETTLES_IN = 3
"""UTC days after which GitHub's day is final, whatever its source."""

PREFERENCE = (USAGE, REPORTS, USER_REPORTS, METRICS)
"""Of a day from several sources the first of these counts."""

SOURCES = (AUTO, USAGE, REPORTS, USER_REPORTS)
"""The sources that people choose from."""
