"""The JupyterLab extension in real front ends: colors, indentation, hovers."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from docker_magics.explain.texts import texts
from tools.front_ends import WITHIN_MS, Server, notebook_with, use_theme

COMPOSE = "%%compose\nservices:\n  web:\n    depends_on:\n      - db"
CELLS = (COMPOSE, "%%dockerfile\nFROM busybox\nRUN echo it's", "for i in []:\n    %docker ps")
ENGLISH = texts("en").content


@pytest.mark.parametrize("front_end", ["lab", "notebook"])
def test_docker_cells_are_colored_and_explained(page: Page, server: Server, front_end: str) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    notebook = notebook_with(page, server, f"editor-{front_end}", *CELLS, front_end=front_end)
    compose, dockerfile, python = (notebook.cell(number) for number in (1, 2, 3))
    expect(compose.locator(".dm-token-property")).to_have_text(["services", "web", "depends_on"])
    expect(dockerfile.locator(".dm-token-keyword")).to_have_text(["FROM", "RUN"])
    expect(python.locator(".dm-token-keyword")).to_have_text(["ps"])
    tooltip = page.locator(".dm-hover")
    compose.locator(".dm-token-property").last.hover()
    expect(tooltip).to_contain_text(ENGLISH["compose_keys"]["services.*.depends_on"])
    dockerfile.locator(".dm-token-keyword").first.hover()
    expect(tooltip).to_contain_text(ENGLISH["instructions"]["FROM"], timeout=WITHIN_MS)
    python.locator(".dm-token-keyword").hover()
    expect(tooltip).to_contain_text("List containers", timeout=WITHIN_MS)
    compose.locator(".cm-line").last.click()
    page.keyboard.press("End")
    page.keyboard.type("\nmore\n")
    expect(compose.locator(".cm-line").nth(5)).to_have_text("      more")
    assert [error for error in errors if "docker" in error] == []  # Notebook has errors of its own


def test_the_colors_follow_the_theme(page: Page, server: Server) -> None:
    notebook = notebook_with(page, server, "editor-theme", *CELLS)
    keyword = notebook.cell(2).locator(".dm-token-keyword").first
    colors = set()
    for theme in ("Dark", "Light"):
        use_theme(page, theme)
        colors.add(keyword.evaluate("element => getComputedStyle(element).color"))
    assert len(colors) == 2
