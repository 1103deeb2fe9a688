"""Give the completion scripts: static files that start no process, made by completions/generate.py."""

from pathlib import Path

from copilot_usage_cli.errors import WrongUsage

FILES = {
    "bash": "copilot-usage.bash",
    "zsh": "_copilot-usage",
    "fish": "copilot-usage.fish",
    "powershell": "copilot-usage.ps1",
}


def script(shell: str) -> str:
    """Give the completion script of a shell; raises WrongUsage for a shell that has none."""
    if shell not in FILES:
        raise WrongUsage(f"there is no completion for {shell!r}", f"there is one for {', '.join(FILES)}")
    return (folder() / FILES[shell]).read_text("utf-8")


def folder() -> Path:
    """Give the folder of the scripts: inside the package, or beside it in a checkout."""
    package = Path(__file__).parent.parent
    inside = package / "completions"
    return inside if inside.is_dir() else package.parent / "completions"
