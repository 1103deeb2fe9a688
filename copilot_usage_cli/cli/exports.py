"""Hand the history over to other programs: as a dataset, or as metrics."""

from pathlib import PurePath

from copilot_usage_cli import DISTRIBUTION
from copilot_usage_cli.cli import output
from copilot_usage_cli.cli.local_history import history_path
from copilot_usage_cli.cli.progress import ProgressBar
from copilot_usage_cli.errors import UsageError
from copilot_usage_cli.history.dataset.export import export, open_dataset
from copilot_usage_cli.history.dataset.open_target import open_target
from copilot_usage_cli.history.dataset.target import Target
from copilot_usage_cli.history.store import History
from copilot_usage_cli.model.vocabulary import PARQUET, PROMETHEUS
from copilot_usage_cli.text import plural, visible, without_secrets

_SUFFIX = ".prom"
_REMOTE = "://"


def export_history(name: str, form: str | None) -> None:
    """Write a dataset to a folder, or metrics to a file or stdout; without a format, a file's suffix tells which."""
    path = history_path()
    if form is None:
        form = PROMETHEUS if PurePath(name).suffix.lower() == _SUFFIX and _REMOTE not in name else PARQUET
    if form == PROMETHEUS:
        _export_latest(name)
        return
    target = dataset_target(name)
    with History(path, create=False, read_only=True) as history:
        _export(history, target, ProgressBar(shown=True))


def dataset_target(name: str) -> Target:
    """Return where a dataset is to be written, which is looked at before any work.

    Raises UsageError without the extra, NotWritten for a folder that isn't a dataset's.
    """
    from importlib.util import find_spec

    if name == output.STDOUT:
        raise UsageError("a dataset is a folder, and can't go to stdout", f"name one, or add --format {PROMETHEUS}")
    if find_spec("pyarrow") is None:
        raise UsageError(f"a dataset needs the extra parquet: pip install '{DISTRIBUTION}[parquet]'")
    target = open_target(name)
    open_dataset(target)
    return target


def export_after_sync(target: Target, *, quiet: bool) -> None:
    """Bring a dataset up to date with what a sync has stored."""
    with History(history_path(), create=False, read_only=True) as history:
        _export(history, target, ProgressBar(shown=not quiet))


def _export(history: History, target: Target, bar: ProgressBar) -> None:
    with bar:
        bar.name(f"exporting to {target.name}")
        done = export(history, target, lambda months: bar.expect(months, "months"), lambda: bar.step("months"))
    written = f"wrote {done.written} of {plural(done.months, 'month')}"
    removed = f", removed {done.removed}" if done.removed else ""
    output.write_stdout(f"{visible(without_secrets(target.name))}: {written}{removed}\n")


def _export_latest(name: str) -> None:
    """Write the latest final days for Prometheus to a file, whole or not at all, or to stdout."""
    from copilot_usage_cli.history.latest import latest_final_days
    from copilot_usage_cli.render.prometheus import render_prometheus

    if _REMOTE in name:
        raise UsageError("metrics go to a file of this machine, or to stdout", "name a file, such as copilot.prom")
    if not output.is_stdout(name):
        output.check_target(name, "")
    with History(history_path(), create=False, read_only=True) as history:
        days = latest_final_days(history)
    if not days:
        output.say("note: the history has no final day of any scope")
    output.write([render_prometheus(days)], name, for_machines=True, what="")
