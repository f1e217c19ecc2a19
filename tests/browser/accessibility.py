"""Accessibility checks of a page against WCAG 2.1 AA, with axe-core."""

from __future__ import annotations

from pathlib import Path

from conftest import unavailable
from playwright.sync_api import Locator, Page

from tools import npm

STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
#: JupyterLab's body has no height and hides its overflow: axe would consider everything hidden.
#: JupyterLab turns URLs in plain text into links; their style is not ours.
CHECK = """async (roots, standards) => {
    document.body.style.minHeight = '100vh';
    const context = {include: roots, exclude: ['.jp-RenderedText a']};
    const results = await axe.run(context, {runOnly: standards});
    const {violations, passes, incomplete} = results;
    if (![...violations, ...passes, ...incomplete].some(({id}) => id === 'color-contrast')) {
        throw new Error('axe sees no text');
    }
    return violations.flatMap(({id, nodes}) => nodes.map(({target, failureSummary, html}) =>
        `${id}: ${target.join(' ')}: ${failureSummary}: ${html.slice(0, 200)}`));
}"""


def outputs(page: Page) -> Locator:
    """Return the outputs of a notebook's cells, the part of a page that is ours."""
    return page.locator(".jp-Notebook .jp-OutputArea-output")


def violations(elements: Locator) -> list[str]:
    """Return the violations in elements: the rule, the place and a fix."""
    page = elements.page
    if not page.evaluate("'axe' in window"):
        page.add_script_tag(path=_packages() / "axe-core/axe.min.js")
    problems: list[str] = elements.evaluate_all(CHECK, STANDARDS)
    return problems


def _packages() -> Path:
    try:
        return npm.install()
    except npm.NpmUnavailableError as error:
        unavailable(str(error))
