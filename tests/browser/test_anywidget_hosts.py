"""The widgets with nothing but anywidget's interface, as in marimo and in VS Code's notebooks.

Those hosts have neither JupyterLab's modules and colors nor subshells of the kernel. Here, a plain
page is the host, and this process the kernel.
"""

from __future__ import annotations

import base64
import queue
import time
from collections.abc import Iterator
from typing import Any

import comm
import pytest
from browser.shared import Docker
from comm.base_comm import BaseComm
from playwright.sync_api import Browser, Page, expect

from docker_magics.session import Session
from docker_magics.widgets.dashboard import Detached
from tools.front_ends import WITHIN_MS

#: A host with the part of a model that anywidget documents. source: anywidget.dev, AFM.
HOST = """
async ({ esm, state }) => {
  const callbacks = new Map();
  globalThis.sent = [];
  const model = {
    get: (name) => state[name],
    set: (name, value) => { state[name] = value; },
    save_changes: () => {},
    send: (content) => sent.push(content),
    on: (event, callback) => callbacks.set(callback, event),
    off: (_event, callback) => callbacks.delete(callback),
  };
  globalThis.receive = ({ content, buffers }) => {
    const views = buffers.map((text) => new DataView(
      Uint8Array.from(atob(text), (character) => character.charCodeAt(0)).buffer));
    for (const [callback, event] of [...callbacks])
      if (event === "msg:custom") callback(content, views);
  };
  const url = URL.createObjectURL(new Blob([esm], { type: "text/javascript" }));
  const widget = await import(url);
  widget.default.render({ model, el: document.body.appendChild(document.createElement("div")) });
}
"""


class Kernel:
    """Opens comms, whose messages it exchanges with a page."""

    def __init__(self) -> None:
        self._messages: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()

    def create_comm(self, **options: Any) -> BaseComm:
        """Open a comm; a hook of the package comm."""
        messages = self._messages

        class PageComm(BaseComm):
            def publish_msg(self, _type: str, data: Any = None, **message: Any) -> None:
                if data and data.get("method") == "custom":
                    buffers = [base64.b64encode(part).decode() for part in message["buffers"] or ()]
                    messages.put({"content": data["content"], "buffers": buffers})

        return PageComm(**options)

    def exchange(self, page: Page, opened: BaseComm) -> None:
        """Deliver the messages of both sides that are there."""
        while not self._messages.empty():
            page.evaluate("message => receive(message)", self._messages.get())
        for content in page.evaluate("sent.splice(0)"):
            data = {"method": "custom", "content": content}
            opened.handle_msg({"content": {"data": data}, "buffers": []})


@pytest.fixture
def plain_page(chromium: Browser) -> Iterator[Page]:
    """An empty page."""
    page = chromium.new_page()
    yield page
    page.close()


@pytest.mark.parametrize("host", ["embedded"], indirect=True, scope="session")
def test_the_dashboard(
    plain_page: Page, host: str, docker: Docker, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"plain-{time.monotonic_ns()}"
    docker("run", "-d", "--stop-timeout=1", "--name", name, "busybox", "sleep", "1000")
    kernel = Kernel()
    monkeypatch.setenv("DOCKER_HOST", host)
    monkeypatch.setattr(comm, "create_comm", kernel.create_comm)
    dashboard = Session().run_args(["ui"], view=Detached())
    state = dashboard.get_state()
    plain_page.evaluate(HOST, {"esm": state["_esm"], "state": state})
    row = plain_page.locator(".dm-dashboard").get_by_role("row").filter(has_text=name)

    def await_text(text: str) -> None:
        deadline = time.monotonic() + WITHIN_MS / 1000
        while time.monotonic() < deadline and text not in "".join(row.all_text_contents()):
            kernel.exchange(plain_page, dashboard.comm)
            plain_page.wait_for_timeout(50)
        expect(row).to_contain_text(text)

    await_text("running")
    row.get_by_role("button", name=f"Stop {name}").click()
    await_text("exited")
    dashboard.close()
    docker("rm", "-f", name)
