"""Names and constants that all rooms share: dimensions, formats, sources and their order."""

from typing import Literal

TIMES = ("day", "week", "month", "total")
"""Dimensions of time, of which a report has at most one."""

LANGUAGE, EDITOR = "language", "editor"
NAMES = (LANGUAGE, EDITOR)
"""Dimensions that name rows of the breakdown."""

IDE, FEATURE, MODEL = "ide", "feature", "model"
"""Dimensions of the activity of all features, which today's reports have."""

SCOPE = "scope"
"""The first dimension of a report of several scopes."""

CHANGE = "change"
"""A column of the league table, which no report has."""

DIMENSIONS = (*TIMES, *NAMES, IDE, FEATURE, MODEL)

Owned = Literal["teams", "organizations"]
OWNED: tuple[Owned, ...] = ("teams", "organizations")
"""What an owner has several of."""

EXPORTS = PARQUET, PROMETHEUS = ("parquet", "prometheus")
"""What the history is exported as."""

Format = Literal["table", "csv", "tsv", "json", "ndjson", "markdown", "html", "xlsx", "summary"]
MACHINES: tuple[Format, ...] = ("csv", "tsv", "json", "ndjson")
"""Formats for programs: their columns depend on the options, and their notes go to stderr."""

DOCUMENTS: tuple[Format, ...] = ("markdown", "html", "xlsx", "summary")
"""Formats for people who read elsewhere than in a terminal."""

FORMATS: tuple[Format, ...] = ("table", *MACHINES, *DOCUMENTS)

AUTO, USAGE, REPORTS, USER_REPORTS, METRICS = "auto", "usage", "reports", "user-reports", "metrics"
"""Sources: the first picks one; the last is read from files only, GitHub has retired it."""

MULTIPLE = "multiple"
"""The editor of people who used several on a day, or none that is known; the one name that isn't GitHub's."""

MIXED = "mixed"
"""The source, or scope, of rows that have several."""

SETTLES_IN = 3
"""UTC days after which GitHub's day is final, whatever its source."""

HELD_SOURCES = PREFERENCE = (USAGE, REPORTS, USER_REPORTS, METRICS)
"""The sources that days are from; of a day from several the first counts."""

SOURCES = (AUTO, USAGE, REPORTS, USER_REPORTS)
"""The sources that people choose from."""
