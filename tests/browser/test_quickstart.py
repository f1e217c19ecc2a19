"""The quickstart in JupyterLab; takes the README's picture."""

from __future__ import annotations

import shutil
from pathlib import Path

from playwright.sync_api import Page, expect

from tools.front_ends import WITHIN_MS, Server, open_notebook

NOTEBOOK = Path(__file__).parent.parent.parent / "notebooks/01-quickstart.ipynb"


def test_the_quickstart_in_lab(server: Server, page: Page) -> None:
    shutil.copy(NOTEBOOK, server.folder / "quickstart.ipynb")
    page.set_viewport_size({"width": 1280, "height": 1400})
    notebook = open_notebook(page, server, "quickstart")
    server.await_kernel("quickstart.ipynb")
    code_cells = page.locator(".jp-Notebook .jp-CodeCell")
    page.get_by_text("Run", exact=True).first.click()
    page.get_by_text("Run All Cells", exact=True).click()
    page.get_by_text("Untagged: quickstart/greeter:latest").wait_for(timeout=120_000)
    assert code_cells.count() > 10
    assert page.locator(".jp-RenderedText[data-mime-type*='error']").count() == 0
    page.keyboard.press("Control+b")
    heading = page.get_by_role("heading", name="Containers", exact=True)
    heading.scroll_into_view_if_needed()
    expect(heading).to_be_in_viewport(timeout=WITHIN_MS)  # Lab draws cells as they come into view
    notebook.picture("quickstart")
