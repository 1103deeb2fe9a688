"""Daily records that outlast GitHub's own, in one SQLite file on this machine."""
