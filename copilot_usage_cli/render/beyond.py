"""What there was beyond completions, in at most three lines, and in tables with GitHub's definitions."""

from collections.abc import Iterator, Sequence

from copilot_usage_cli.render.columns import grid_of
from copilot_usage_cli.render.grid import Grid
from copilot_usage_cli.render.lines import text_width
from copilot_usage_cli.render.screen import Screen
from copilot_usage_cli.report.beyond import Beyond, Share
from copilot_usage_cli.report.build import Report
from copilot_usage_cli.text import shorten, visible

_MOST = 5  # names in a line
_LEAST = 0.005  # what would be 0%
_LABELS = {
    "code_completion": "completions",
    "chat_inline": "inline chat",
    "chat_panel_ask_mode": "ask mode",
    "chat_panel_edit_mode": "edit mode",
    "chat_panel_agent_mode": "agent mode",
    "chat_panel_plan_mode": "plan mode",
    "chat_panel_custom_mode": "custom mode",
    "agent_edit": "agent edits",
    "copilot_cli": "CLI",
    "copilot_app": "app",
}
_FEATURES = "features: prompts are what people sent; lines added reached the editor, those of agents, too"
_MODELS = "models: of chat, agents and the CLI, since completions name none; auto is routed by GitHub"
_SESSIONS = "CLI and app: sessions, and what was sent to models, over the days that know it"
_PEOPLE = "people by surface: on that day, and in GitHub's own 7 and 28 days up to it"


def beyond_lines(found: Beyond, width: int | None) -> list[str]:
    """Write three lines at most, each with as many names as have room."""
    features = [("of prompts", found.prompts), ("of lines added", found.lines_added)]
    parts = [(words, shares) for words, shares in features if shares]
    lines = []
    if parts:
        lines.append(_of_features(parts, width))
    if found.models:
        lines.append(_fitted("models: ", [found.models], ["of prompts"], width))
    if found.facts:
        lines.append(_facts(found.facts, width))
    return [line for line in lines if line]


def _of_features(parts: Sequence[tuple[str, tuple[Share, ...]]], width: int | None) -> str:
    words, shares = [words for words, _ in parts], [shares for _, shares in parts]
    for start in ("beyond completions: ", "features: "):
        if line := _fitted(start, shares, words, width):
            return line
    return ""


def _fitted(start: str, lists: Sequence[Sequence[Share]], words: Sequence[str], width: int | None) -> str:
    """Write as many names of each list as there is room for in one line; nothing if not even one of each has."""
    for most in range(_MOST, 0, -1):
        pieces = [_named(shares, most, what) for shares, what in zip(lists, words, strict=True)]
        line = start + "; ".join(pieces)
        if width is None or text_width(line) <= width:
            return line
    return "" if len(lists) == 1 else _fitted(start, lists[:1], words[:1], width)


def _named(shares: Sequence[Share], most: int, what: str) -> str:
    shown = [(name, part) for name, part in shares[:most] if part >= _LEAST] or list(shares[:1])
    first, *others = [f"{shorten(visible(_LABELS.get(name, name)), 30)} {part:.0%}" for name, part in shown]
    return ", ".join([f"{first} {what}", *others])


def _facts(facts: Sequence[tuple[str, ...]], width: int | None) -> str:
    """Write as much as has room: the first words of each fact, then more of each."""
    start = "agents and CLI: "
    if facts[0][0].startswith("CLI") or (width is not None and text_width(start + facts[0][0]) > width):
        start = ""
    taken = [0] * len(facts)

    def written() -> str:
        return start + "; ".join(", ".join(fact[:most]) for fact, most in zip(facts, taken, strict=True) if most)

    for place in range(max(map(len, facts))):
        for number, fact in enumerate(facts):
            if taken[number] == place < len(fact):
                taken[number] += 1
                if width is not None and text_width(written()) > width:
                    taken[number] -= 1
    return written() if any(taken) else ""


def beyond_sections(report: Report, screen: Screen) -> Iterator[tuple[str, Grid]]:
    """Lay out the tables of features, models and people, each under GitHub's definition."""
    for title, by, name in ((_FEATURES, "feature", "totals_by_feature"), (_MODELS, "model", "totals_by_model_feature")):
        if not report.filtered and any(record.table(name) for record in report.records):
            yield title, grid_of(report.grouped(by, top=report.query.top))
    if report.filtered:
        return
    from copilot_usage_cli.render.view import sheet_grid
    from copilot_usage_cli.report.beyond import sessions_sheet

    if any(record.aggregates.active_users for record in report.records):
        from copilot_usage_cli.report.active import surfaces_sheet

        sheet = surfaces_sheet(report.query.scope, report.records)
        yield f"{_PEOPLE}, {report.records[-1].day}", sheet_grid(sheet, screen)
    sessions = sessions_sheet(report.records)
    if sessions.rows:
        yield _SESSIONS, sheet_grid(sessions, screen)
