"""Checks of what is in a page against WCAG 2.1 AA, by axe-core."""

from __future__ import annotations

from pathlib import Path

from conftest import unavailable
from playwright.sync_api import Locator

from tools import npm

STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
#: Runs in the page. JupyterLab's own elements are left out: only outputs are ours.
CHECK = """async (root, standards) => {
    const options = {runOnly: standards, resultTypes: ['violations'], elementRef: false};
    const {violations} = await axe.run(root, options);
    return violations.flatMap(({id, nodes}) => nodes.map(node =>
        `${id}: ${node.target.join(' ')}: ${node.failureSummary}: ${node.html.slice(0, 200)}`));
}"""


def violations(element: Locator) -> list[str]:
    """What is wrong in an element: the rule, where, and how to mend it."""
    page = element.page
    if not page.evaluate("'axe' in window"):
        page.add_script_tag(path=_packages() / "axe-core/axe.min.js")
    problems: list[str] = element.evaluate(CHECK, STANDARDS)
    return problems


def _packages() -> Path:
    try:
        return npm.install()
    except npm.NpmUnavailableError as error:
        unavailable(str(error))
