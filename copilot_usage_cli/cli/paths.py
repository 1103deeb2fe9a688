"""Where this tool keeps files: in the folders that the platform has for it."""

from collections.abc import Mapping
from pathlib import Path

from copilot_usage_cli import PROGRAM


def config_file() -> Path:
    """Return the file of settings, in the user's configuration folder."""
    import platformdirs

    return platformdirs.user_config_path(PROGRAM, appauthor=False) / "config.toml"


def history_file(environ: Mapping[str, str]) -> Path | None:
    """Return the file that COPILOT_USAGE_HISTORY names, None if it says `off`, else that in the user's data folder."""
    named = environ.get("COPILOT_USAGE_HISTORY")
    if named:
        return None if named.lower() == "off" else Path(named)
    import platformdirs

    return platformdirs.user_data_path(PROGRAM, appauthor=False) / "history.sqlite3"


def generation_cache_file() -> Path:
    """Return the file that remembers which generation of GitHub's API worked, in the user's cache folder."""
    import platformdirs

    return platformdirs.user_cache_path(PROGRAM, appauthor=False) / "sources.json"
