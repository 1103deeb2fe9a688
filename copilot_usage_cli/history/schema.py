"""The tables of the history, as numbered migrations: each is applied once, in one transaction with its number.

Days are counted from 1970-01-01 and fetches in seconds since then, in UTC. `day.cells` and `day.ides` are how many
rows the day's breakdown and its `totals_by_ide` have, null where the day has none of the kind. The views are for
people who ask the file with the sqlite3 shell.
"""

APPLICATION_ID = 0x436F7055  # "CopU"

_FIRST = (
    """CREATE TABLE series (
  id INTEGER PRIMARY KEY,
  host TEXT NOT NULL COLLATE NOCASE,
  scope TEXT NOT NULL COLLATE NOCASE,
  source TEXT NOT NULL,
  UNIQUE (host, scope, source)
) STRICT""",
    "CREATE TABLE name (id INTEGER PRIMARY KEY, text TEXT UNIQUE) STRICT",
    "INSERT INTO name (id, text) VALUES (0, NULL)",  # a key can't be null, and no name is not an empty name
    """CREATE TABLE day (
  series INTEGER NOT NULL REFERENCES series,
  day INTEGER NOT NULL,
  fetched_at INTEGER NOT NULL,
  imported INTEGER NOT NULL,
  checksum BLOB NOT NULL,
  cells INTEGER,
  ides INTEGER,
  total_suggestions_count INTEGER,
  total_acceptances_count INTEGER,
  total_lines_suggested INTEGER,
  total_lines_accepted INTEGER,
  total_active_users INTEGER,
  total_chat_acceptances INTEGER,
  total_chat_turns INTEGER,
  total_active_chat_users INTEGER,
  PRIMARY KEY (series, day)
) STRICT, WITHOUT ROWID""",
    """CREATE TABLE cell (
  series INTEGER NOT NULL,
  day INTEGER NOT NULL,
  language INTEGER NOT NULL REFERENCES name,
  editor INTEGER NOT NULL REFERENCES name,
  suggestions_count INTEGER,
  acceptances_count INTEGER,
  lines_suggested INTEGER,
  lines_accepted INTEGER,
  active_users INTEGER,
  PRIMARY KEY (series, day, language, editor),
  FOREIGN KEY (series, day) REFERENCES day
) STRICT, WITHOUT ROWID""",
    """CREATE TABLE ide (
  series INTEGER NOT NULL,
  day INTEGER NOT NULL,
  n INTEGER NOT NULL,
  ide INTEGER NOT NULL REFERENCES name,
  user_initiated_interaction_count INTEGER,
  code_generation_activity_count INTEGER,
  code_acceptance_activity_count INTEGER,
  loc_suggested_to_add_sum INTEGER,
  loc_suggested_to_delete_sum INTEGER,
  loc_added_sum INTEGER,
  loc_deleted_sum INTEGER,
  PRIMARY KEY (series, day, n),
  FOREIGN KEY (series, day) REFERENCES day
) STRICT, WITHOUT ROWID""",
    """CREATE TABLE no_data (
  series INTEGER NOT NULL REFERENCES series,
  day INTEGER NOT NULL,
  asked_at INTEGER NOT NULL,
  PRIMARY KEY (series, day)
) STRICT, WITHOUT ROWID""",
    """CREATE VIEW days AS
SELECT host, scope, source, date(day * 86400, 'unixepoch') AS day,
  total_suggestions_count, total_acceptances_count, total_lines_suggested, total_lines_accepted, total_active_users,
  total_chat_acceptances, total_chat_turns, total_active_chat_users,
  datetime(fetched_at, 'unixepoch') AS fetched_at, imported
FROM day JOIN series ON series.id = day.series""",
    """CREATE VIEW breakdown AS
SELECT host, scope, source, date(day * 86400, 'unixepoch') AS day, language.text AS language, editor.text AS editor,
  suggestions_count, acceptances_count, lines_suggested, lines_accepted, active_users
FROM cell JOIN series ON series.id = cell.series
  JOIN name AS language ON language.id = cell.language JOIN name AS editor ON editor.id = cell.editor""",
)

_STATEMENTS = (
    "ALTER TABLE day ADD COLUMN stated_at INTEGER",
    "ALTER TABLE day ADD COLUMN user_days TEXT",
    "DROP VIEW days",
    """CREATE VIEW days AS
SELECT host, scope, source, date(day * 86400, 'unixepoch') AS day,
  total_suggestions_count, total_acceptances_count, total_lines_suggested, total_lines_accepted, total_active_users,
  total_chat_acceptances, total_chat_turns, total_active_chat_users,
  datetime(fetched_at, 'unixepoch') AS fetched_at, imported, datetime(stated_at, 'unixepoch') AS stated_at
FROM day JOIN series ON series.id = day.series""",
)
"""When a source stated a day, and of how many user-days it knows each count (a JSON array)."""

_TEAMS = ("ALTER TABLE series ADD COLUMN team_id TEXT",)
"""Which team a series is of, by GitHub's id, since a slug may move to another."""

_ACTIVITY = ("ALTER TABLE day ADD COLUMN activity BLOB",)
"""The activity of all features, as stored_activity compresses it."""

MIGRATIONS = (_FIRST, _STATEMENTS, _TEAMS, _ACTIVITY)
