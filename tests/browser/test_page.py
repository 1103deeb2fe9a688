"""The page in a real browser: at the widths of a phone and a desk, in light and dark, on paper, and without styles.

These need Chromium and Playwright, and axe-core's file as AXE_CORE for what it judges; .ci/run installs all three.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from support.documents import hostile_days

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from support.program import Run

sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright isn't installed")
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
AXE = os.environ.get("AXE_CORE", "")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium")

DEMO = ("org", "acme", "--demo")
PAGES = {
    "default": DEMO,
    "compared": (*DEMO, "--source", "reports", "--since", "2026-09-10", "--compare", "previous"),
    "users": (*DEMO, "--source", "user-reports", "--since", "9d"),
    "year": (*DEMO, "--source", "reports", "--period", "2025-12-01..2026-11-14"),
    "by": (*DEMO, "--by", "week,language"),
    "empty": (*DEMO, "--since", "2026-01-01", "--until", "2026-01-31"),
    "several": ("org", "acme", "globex", "initech", "--demo"),
    "hostile": ("org", "acme", "--input", "hostile.json", "--top", "40"),
    "unknown": ("org", "acme", "--input", "unknown.json"),
    "seats": ("seats", "org", "acme", "--demo", "--users"),
    "credits": ("credits", "org", "acme", "--demo"),
    "adoption": ("adoption", "org", "acme", "--demo"),
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield launched
        launched.close()


@pytest.fixture
def write(call: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    monkeypatch.chdir(tmp_path)
    Path("hostile.json").write_text(json.dumps(hostile_days()))
    unknown = [{"day": f"2026-11-{n:02}", "total_chat_turns": 3, "breakdown": None} for n in (9, 10, 13)]
    Path("unknown.json").write_text(json.dumps(unknown))

    def write(name: str) -> str:
        assert call(*PAGES[name], "-o", "page.html").code == 0
        return f"file://{tmp_path}/page.html"

    return write


def listen(page: Any) -> list[str]:
    """Collect all that a page asks for, and all that it says besides."""
    said: list[str] = []
    page.on("request", lambda request: said.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    return said


OUTSIDE = """() => [...document.querySelectorAll('svg.chart')].flatMap(svg => {
  const frame = svg.getBoundingClientRect();
  return [...svg.querySelectorAll('text')].filter(text => {
    const box = text.getBoundingClientRect();
    return frame.width && (box.left < frame.left - 1 || box.right > frame.right + 1);
  }).map(text => text.textContent);
})"""


@pytest.mark.parametrize("name", PAGES)
def test_nothing_overflows_or_complains(name: str, browser: Any, write: Callable[[str], str]) -> None:
    address = write(name)
    for scheme in ("light", "dark"):
        context = browser.new_context(color_scheme=scheme)
        page = context.new_page()
        said = listen(page)
        page.goto(address)
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        for width in (360, 1440):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") == width
            assert page.evaluate(OUTSIDE) == []
        assert said == [address]
        context.close()


AXE_PAGES = ("default", "compared", "by", "empty", "several", "hostile", "seats")


# What the others have is in these, too; a year's table takes axe a minute.
@pytest.mark.skipif(not AXE, reason="AXE_CORE names no file")
@pytest.mark.parametrize("name", AXE_PAGES)
def test_axe_finds_no_violation(name: str, browser: Any, write: Callable[[str], str]) -> None:
    address = write(name)
    every = [(360, "light"), (1440, "dark"), (1440, "light"), (360, "dark")]
    for width, scheme in every if name == "default" else every[:2]:
        size = {"width": width, "height": 900}
        context = browser.new_context(viewport=size, color_scheme=scheme, bypass_csp=True)
        page = context.new_page()
        page.goto(address)
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        page.add_script_tag(path=AXE)
        found = page.evaluate("axe.run()")
        assert len(found["passes"]) > 10
        assert [(each["id"], each["nodes"][0]["html"]) for each in found["violations"]] == []
        context.close()


def test_the_pointer_shows_a_day_without_script(browser: Any, write: Callable[[str], str]) -> None:
    address = write("default")
    page = browser.new_context(viewport={"width": 1000, "height": 900}, java_script_enabled=False).new_page()
    page.goto(address)
    shown = "Mon 9 Nov: active users 86"
    text = page.locator("div.wide text", has_text=shown)
    opacity = "each => getComputedStyle(each).fillOpacity"
    assert text.evaluate(opacity) == "0"
    text.locator("xpath=../*[1]").hover()
    assert text.evaluate(opacity) == "1"
    page.context.close()


def test_paper_has_the_daily_table_and_no_dark_page(browser: Any, write: Callable[[str], str]) -> None:
    address = write("default")
    page = browser.new_context(color_scheme="dark").new_page()
    page.goto(address)
    page.emulate_media(media="print")
    row = page.locator("details tbody tr").first
    assert row.evaluate("each => each.checkVisibility({contentVisibilityAuto: true})")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.locator("div.wide svg").first.is_visible()
    assert not page.locator("div.narrow svg").first.is_visible()
    assert page.pdf().startswith(b"%PDF")
    page.context.close()


def test_it_can_be_read_where_styles_are_blocked(browser: Any, write: Callable[[str], str]) -> None:
    """As Jenkins shows it: no inline style, no script."""
    address = write("compared")
    text = Path(address.removeprefix("file://")).read_text("utf-8")
    blocked = Path("blocked.html")
    start, _, rest = text.partition("style-src 'sha256-")
    blocked.write_text(f"{start}style-src 'none{rest[rest.index(chr(39)) :]}", "utf-8")
    page = browser.new_context(viewport={"width": 1000, "height": 900}, color_scheme="light").new_page()
    page.goto(f"file://{blocked.resolve()}")
    assert page.locator("div.wide svg").first.is_visible()
    assert not page.locator("div.narrow svg").first.is_visible()
    fill = page.locator("div.wide path.bar").first.evaluate("each => getComputedStyle(each).fill")
    assert fill == "rgb(31, 78, 158)"
    hidden = page.locator("div.wide g.slots text").first.evaluate("each => getComputedStyle(each).fillOpacity")
    assert hidden == "0"
    page.context.close()
