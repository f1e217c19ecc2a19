"""JupyterLab and Notebook 7 in a headless Chromium, for tests and benchmarks."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat
import requests
from playwright.sync_api import Browser, Error, FloatRect, Locator, Page, sync_playwright

from tools.daemons import free_port

START_S = 60
#: Timeout of actions in a page.
WITHIN_MS = 15_000
PICTURES = Path(__file__).parent.parent / "docs/pictures"
EXTENSION = Path(__file__).parent.parent / "docker_magics/labextension"
CHROMIUM = "/usr/bin/chromium"
#: Prevent Chromium from contacting other hosts and from requiring a GPU.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass(frozen=True)
class Server:
    """A Jupyter server that serves both front ends.

    Attributes:
        url: the server's URL.
        folder: the folder of its notebooks.
    """

    url: str
    folder: Path

    def await_kernel(self, path: str) -> None:
        """Wait until a notebook's kernel is idle and its page is connected to it."""
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            sessions = requests.get(f"{self.url}/api/sessions", timeout=START_S).json()
            kernels = [session["kernel"] for session in sessions if session["path"] == path]
            if any(
                session["connections"] and session["execution_state"] == "idle"
                for session in kernels
            ):
                return
            time.sleep(0.1)
        raise TimeoutError(f"{path}: the kernel did not become idle")

    def end_kernels(self) -> None:
        """Shut down the kernels of all notebooks; idle ones slow down the next tests."""
        sessions = f"{self.url}/api/sessions"
        for session in requests.get(sessions, timeout=START_S).json():
            requests.delete(f"{sessions}/{session['id']}", timeout=START_S)

    def write(self, name: str, cells: Sequence[str]) -> None:
        """Create a notebook of code cells."""
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        )
        nbformat.write(notebook, self.folder / f"{name}.ipynb")


@contextlib.contextmanager
def serve(folder: Path, host: str) -> Iterator[Server]:
    """Run a Jupyter server whose kernels use the engine at `host`."""
    port = free_port()
    private = {
        name: str(folder / name.lower())
        for name in (
            *("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"),
            "JUPYTER_PATH",
        )
    }
    settings = ("token=''", "password=''", "disable_check_xsrf=True", "allow_root=True")
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", f"--port={port}"]
    command += [f"--ServerApp.{setting.replace(chr(39), '')}" for setting in settings]
    command += [
        "--LabApp.news_url=",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]
    (folder / "notebooks").mkdir()
    _link_extension(folder / "jupyter_path")
    _ask_for_no_news(folder / "jupyter_config_dir")
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=folder / "notebooks",
            env={**os.environ, **private, "DOCKER_HOST": host},
            stdout=log,
            stderr=log,
        )
        try:
            server = Server(f"http://127.0.0.1:{port}", folder / "notebooks")
            _wait(f"{server.url}/api/status", folder / "server.log")
            yield server
        finally:
            process.terminate()
            process.wait(20)


@contextlib.contextmanager
def open_chromium() -> Iterator[Browser]:
    """Run a headless Chromium, Debian's."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS])
        yield browser
        browser.close()


def _link_extension(data: Path) -> None:
    """Let JupyterLab load the extension of this tree, not the one that was installed last."""
    (data / "labextensions").mkdir(parents=True)
    (data / "labextensions/docker-magics").symlink_to(EXTENSION)


def _ask_for_no_news(config: Path) -> None:
    """Disable JupyterLab's news prompt, which would cover every screenshot."""
    settings = config / "lab/user-settings/@jupyterlab/apputils-extension"
    settings.mkdir(parents=True)
    (settings / "notification.jupyterlab-settings").write_text('{"fetchNews": "false"}')


def _wait(url: str, log: Path) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), urllib.request.urlopen(url):  # noqa: S310 - loopback
            return
        time.sleep(0.1)
    raise TimeoutError(f"JupyterLab did not start:\n{log.read_text(errors='replace')[-2000:]}")


class OpenNotebook:
    """A notebook that is open in a page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def cell(self, number: int) -> Locator:
        """Return the n-th cell, from 0."""
        return self.page.locator(".jp-Notebook .jp-Cell").nth(number)

    def output(self, number: int) -> Locator:
        """Return a cell's output area."""
        return self.cell(number).locator(".jp-Cell-outputWrapper")

    def start(self, number: int) -> None:
        """Start a cell without waiting for it."""
        self.cell(number).locator(".cm-content").click()
        self.page.keyboard.press("Control+Enter")

    def run(self, number: int, *, within_s: float = 60) -> str:
        """Run a cell to its end; return the text of its output."""
        self.start(number)
        self.wait(number, within_s=within_s)
        return self.output(number).inner_text()

    def wait(self, number: int, *, within_s: float = 60) -> None:
        """Wait until a cell has run."""
        self.page.wait_for_function(
            "n => /\\[\\d+\\]/.test(document.querySelectorAll('.jp-Notebook .jp-Cell')[n]"
            ".querySelector('.jp-InputPrompt').innerText)",
            arg=number,
            timeout=within_s * 1000,
        )

    def run_all(self, *, within_s: float = 120) -> None:
        """Run all cells through the menu, and wait for the last one."""
        self.page.get_by_text("Run", exact=True).first.click()
        self.page.get_by_text("Run All Cells", exact=True).click()
        self.page.wait_for_function(
            "() => [...document.querySelectorAll('.jp-Notebook .jp-CodeCell .jp-InputPrompt')]"
            ".every(each => /\\[\\d+\\]/.test(each.innerText))",
            timeout=within_s * 1000,
        )

    def save(self, server: Server, name: str, *, with_widgets: bool = True) -> None:
        """Save the notebook; wait until the file has views of widgets, or has none."""
        self.cell(0).locator(".cm-content").click()
        self.page.keyboard.press("Control+s")
        file = server.folder / f"{name}.ipynb"
        deadline = time.monotonic() + WITHIN_MS / 1000
        while ("widget-view" in file.read_text()) != with_widgets:
            assert time.monotonic() < deadline, "the notebook was not saved"
            time.sleep(0.1)

    def picture(self, name: str, *cells: int) -> None:
        """Take a screenshot for the README into docs/pictures: of the window, or of some cells.

        Args:
            name: the name of the file without its suffix.
            cells: the first and the last cell.
        """
        PICTURES.mkdir(parents=True, exist_ok=True)
        path = PICTURES / f"{name}.png"
        if cells:
            self.page.screenshot(path=path, clip=self._around(*cells))
        else:
            self.page.screenshot(path=path)

    def _around(self, first: int, last: int) -> FloatRect:
        top, bottom = self.cell(first).bounding_box(), self.cell(last).bounding_box()
        assert top is not None
        assert bottom is not None
        height = bottom["y"] + bottom["height"] - top["y"]
        return {"x": top["x"], "y": top["y"], "width": top["width"], "height": height}


def open_notebook(page: Page, server: Server, name: str, *, front_end: str = "lab") -> OpenNotebook:
    """Open a notebook in JupyterLab (`lab`) or Notebook 7 (`notebook`)."""
    way = "lab/tree" if front_end == "lab" else "notebooks"
    page.goto(f"{server.url}/{way}/{name}.ipynb?reset")
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=START_S * 1000)
    return OpenNotebook(page)


def notebook_with(
    page: Page, server: Server, name: str, *cells: str, front_end: str = "lab"
) -> OpenNotebook:
    """Create and open a notebook of `%load_ext`, which is run, and further cells."""
    server.write(name, ["%load_ext docker_magics", *cells])
    notebook = open_notebook(page, server, name, front_end=front_end)
    server.await_kernel(f"{name}.ipynb")
    for _ in range(3):
        with contextlib.suppress(Error):  # JupyterLab ignores a run before it is ready
            notebook.run(0, within_s=START_S / 4)
            return notebook
    raise AssertionError("JupyterLab does not run cells")


def use_theme(page: Page, name: str) -> None:
    """Switch JupyterLab to the theme `Light` or `Dark`; the server remembers it."""
    page.get_by_text("Settings", exact=True).first.click()
    page.get_by_text("Theme", exact=True).first.hover()
    page.get_by_text(f"JupyterLab {name}", exact=True).first.click()
    page.wait_for_function(f"document.body.dataset.jpThemeName === 'JupyterLab {name}'")
    page.wait_for_timeout(500)  # the style sheets load asynchronously
