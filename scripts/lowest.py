"""Print the lowest version of each dependency that pyproject.toml allows, as constraints for pip.

pip install . -c <(python scripts/lowest.py)
"""

import re
import tomllib
from pathlib import Path

PROJECT = Path(__file__).parents[1] / "pyproject.toml"


def lowest(requirement: str) -> str:
    """Turn `rich>=13.9` into `rich==13.9.*` and `a>=4` into `a==4.0.*`; what follows a semicolon stays."""
    specifier, semicolon, marker = requirement.partition(";")
    found = re.match(r"\s*([\w.-]+)[^>]*>=\s*([\w.]+)", specifier)
    if found is None:
        raise SystemExit(f"{requirement!r} has no lowest version")
    version = found[2] if "." in found[2] else f"{found[2]}.0"
    return f"{found[1]}=={version}.*{semicolon}{marker}"


def main() -> None:
    """Print a constraint a line, for the extras that people install, too."""
    project = tomllib.loads(PROJECT.read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    print(*map(lowest, [*project["dependencies"], *extras["parquet"], *extras["xlsx"]]), sep="\n")


if __name__ == "__main__":
    main()
