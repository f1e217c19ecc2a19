"""Each part of the dashboard in both languages: accessible, not cut off, one language."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser.accessibility import violations
from browser.shared import open_dashboard, row
from playwright.sync_api import Locator, Page, expect

from tools.front_ends import WITHIN_MS, Server, notebook_with, use_theme

ROOT = Path(__file__).parent.parent.parent
TEXTS = json.loads((ROOT / "docker_magics/widgets/src/texts.json").read_text("utf-8"))
PICTURES = ROOT / "build/dashboard"
#: What a reader sees or hears of a dashboard, without what containers and docker print.
LABELS = """root => [...root.querySelectorAll('*')]
    .filter(each => !each.closest('code, pre, .xterm, .dm-state, .dm-life, .dm-log-text'))
    .flatMap(each => [
        ...[...each.childNodes].filter(node => node.nodeType === 3).map(node => node.textContent),
        ...['aria-label', 'title', 'placeholder'].map(name => each.getAttribute(name) ?? '')])
    .map(text => text.trim()).filter(Boolean)"""
#: The buttons and headings whose text does not fit.
CUT_OFF = """root => [...root.querySelectorAll(
        'button:not(.dm-name, .dm-log-text), [role=columnheader], label > span, .dm-c-actions')]
    .filter(each => each.scrollWidth > each.clientWidth + 1)
    .map(each => each.innerText)"""


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_part_is_accessible_and_in_one_language(
    page: Page, server: Server, web: str, language: str
) -> None:
    cell = f"%env DOCKER_MAGICS_LANG={language}\n%docker ui"
    dashboard = open_dashboard(notebook_with(page, server, f"accessible-{language}", cell))
    expect(dashboard).to_have_attribute("lang", language)
    for theme in ("Dark", "Light"):
        use_theme(page, theme)
        for part in parts(dashboard, web, language):
            take(dashboard, f"{language}-{theme}-{part}")
            assert violations(dashboard) == [], f"{part}, {theme}"
            assert dashboard.evaluate(CUT_OFF) == [], part
            assert language == "en" or english(dashboard.evaluate(LABELS)) == [], part


def parts(dashboard: Locator, name: str, language: str) -> Iterator[str]:
    """Open each page, menu and dialog; yield its name while it is open."""

    def say(key: str) -> str:
        return TEXTS[key][language]

    def press(key: str, place: Locator = dashboard, of: str = "") -> None:
        label = say("verb of").format(verb=say(key), name=of) if of else say(key)
        place.get_by_role("button", name=label, exact=True).click()

    dashboard.get_by_role("tab", name=say("containers"), exact=True).click()
    expect(row(dashboard, name).locator(".dm-spark").first).to_be_visible(timeout=WITHIN_MS)
    yield "containers"
    row(dashboard, name).locator("[aria-haspopup=menu]").click()
    expect(dashboard.get_by_role("menu")).to_be_visible()
    yield "menu"
    dashboard.page.keyboard.press("Escape")
    press("create")
    yield "dialog"
    press("cancel")
    press("logs", row(dashboard, name), of=name)
    detail = dashboard.locator(".dm-detail")
    texts = {"inspect": "{", "compose": "services:", "files": "etc/", "exec": "/ #"}
    for page, text in {"logs": "tick", **texts}.items():
        press(page, detail)
        expect(detail.locator(".dm-body")).to_contain_text(text, timeout=WITHIN_MS)
        yield page
    dashboard.get_by_role("tab", name=say("images"), exact=True).click()
    dashboard.get_by_role("searchbox", name=say("search images")).fill("busybox:latest")
    dashboard.locator(".dm-list-images [data-verb=history]").first.click()
    expect(dashboard.locator(".dm-layers li").first).to_be_visible(timeout=WITHIN_MS)
    yield "images with the layers of one"
    press("updates")
    expect(detail).to_contain_text("not from a registry", timeout=WITHIN_MS)
    yield "updates of images"
    for tab in ("logs", "ports", "volumes", "networks"):
        dashboard.get_by_role("tab", name=say(tab), exact=True).click()
        yield tab


def take(dashboard: Locator, name: str) -> None:
    """Take a picture, to look at after a change of texts."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    dashboard.screenshot(path=PICTURES / f"{name.replace(' ', '-').lower()}.png")


def english(labels: list[str]) -> list[str]:
    """Return the labels that are a text's English version."""
    patterns = [
        re.sub(r"\\\{\w+\\\}", ".+", re.escape(text["en"]))
        for text in TEXTS.values()
        if text["en"] != text["ko"] and re.sub(r"\{\w+\}", "", text["en"]).strip()
    ]
    return [label for label in labels if re.fullmatch("|".join(patterns), label)]
