"""Daily records as metrics for node_exporter's textfile collector: gauges without timestamps, which it would refuse.

Names and units follow Prometheus' conventions: https://prometheus.io/docs/practices/naming/.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from copilot_usage_cli.model.arithmetic import completions
from copilot_usage_cli.model.records import DailyRecord
from copilot_usage_cli.model.scope import Scope

Held = tuple[str, DailyRecord]
"""A host, and a day of one of its scopes."""

_PREFIX = "copilot_usage_day"
_GAUGES = (
    ("suggestions", "total_suggestions_count", "Completions suggested"),
    ("acceptances", "total_acceptances_count", "Completions accepted"),
    ("suggested_lines", "total_lines_suggested", "Lines suggested"),
    ("accepted_lines", "total_lines_accepted", "Lines accepted"),
    ("active_users", "total_active_users", "Active users"),
    ("chat_acceptances", "total_chat_acceptances", "Chat suggestions accepted"),
    ("chat_turns", "total_chat_turns", "Chat turns"),
    ("active_chat_users", "total_active_chat_users", "Active chat users"),
)


def render_prometheus(held: Sequence[Held]) -> str:
    """Render days as Prometheus' text; what is unknown has no sample, and nothing known no metric."""
    days = [(each, _midnight(each[1])) for each in held]
    texts = [_metric("timestamp_seconds", "The day that the other metrics are of, as its beginning in UTC", days)]
    for name, field, words in _GAUGES:
        values = [(each, getattr(each[1], field)) for each in held]
        texts.append(_metric(name, f"{words} on the latest final day", values))
    rates = [completions([record]) for _, record in held]
    for name, words, ratios in (
        ("acceptance_ratio", "Completions accepted of those suggested", [each.acceptance_rate for each in rates]),
        ("lines_acceptance_ratio", "Lines accepted of those suggested", [each.lines_acceptance_rate for each in rates]),
    ):
        texts.append(_metric(name, f"{words} on the latest final day", zip(held, ratios, strict=True)))
    return "".join(texts)


def _metric(name: str, words: str, values: Iterable[tuple[Held, float | None]]) -> str:
    name = f"{_PREFIX}_{name}"
    samples = [f"{name}{{{_labels(*each)}}} {value!r}\n" for each, value in values if value is not None]
    return f"# HELP {name} {words}.\n# TYPE {name} gauge\n{''.join(samples)}" if samples else ""


def _midnight(record: DailyRecord) -> int:
    return int(datetime(record.day.year, record.day.month, record.day.day, tzinfo=UTC).timestamp())


def _labels(host: str, record: DailyRecord) -> str:
    return ",".join(f'{name}="{_escaped(value)}"' for name, value in _named(host, record.scope, record.source))


def _named(host: str, scope: Scope, source: str) -> Iterator[tuple[str, str]]:
    # In lower case, as in the dataset: GitHub compares them without case, and Prometheus with it.
    owner = scope.owner.lower()
    yield "host", host.lower()
    yield "enterprise", owner if scope.kind == "enterprise" else ""
    yield "organization", owner if scope.kind == "org" else ""
    yield "team", (scope.team or "").lower()
    yield "source", source


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
