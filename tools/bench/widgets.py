"""Benchmark console and dashboard in JupyterLab against JupyterLab's own terminal.

Times are measured in the page, from the key press to the change of the terminal's rows. Lab's
terminal draws on a canvas: there the end is the first drawing after the response.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tools import debian, engines, images
from tools.bench.measurement import Measurement
from tools.front_ends import (
    START_S,
    WITHIN_MS,
    OpenNotebook,
    Server,
    notebook_with,
    open_chromium,
    serve,
)

KEYS = 40
#: Milliseconds between the keys of a fast typist.
BETWEEN_MS = 80
OUTPUT = 5_000_000
#: The end marker differs from the command line, which the terminal echoes.
FLOOD = (
    f"yes 0123456789abcdefghijklmnopqrstuvwxyz0123456789 | head -c {OUTPUT}; echo; echo E-$((1+1))"
)
END = "E-2"
CONTAINERS = 500
ENDLESS_S = 30
#: A cell that returns the kernel's memory in MB, and its index.
RESIDENT = "int(open('/proc/self/statm').read().split()[1]) * 4096 // 1_000_000"
MEMORY = 2
BOX = "bench-box"
RUN = ("run", "-d", "--network=none")

#: Records in the page when a key was pressed and when the terminal changed.
WATCH = """
window.notes = {keys: [], changes: [], words: "", draws: []};
addEventListener("keydown", () => notes.keys.push(performance.now()), true);
"""
#: Records the messages and drawings of Lab's terminal.
WATCH_LAB = (
    WATCH
    + """
const Socket = window.WebSocket;
window.WebSocket = class extends Socket {
  constructor(...words) {
    super(...words);
    if (!String(words[0]).includes("/terminals/")) return;
    this.addEventListener("message", ({data}) => {
      const [kind, text] = JSON.parse(data);
      if (kind !== "stdout") return;
      notes.words = (notes.words + text).slice(-200);
      notes.changes.push([performance.now(), notes.words]);
    });
  }
};
for (const [kind, names] of [
  [window.WebGL2RenderingContext, ["drawArrays", "drawElements", "drawElementsInstanced", "clear"]],
  [window.CanvasRenderingContext2D, ["drawImage", "fillText", "fillRect", "clearRect"]],
]) {
  for (const name of kind ? names : []) {
    const before = kind.prototype[name];
    kind.prototype[name] = function (...words) {
      notes.draws.push(performance.now());
      return before.apply(this, words);
    };
  }
}
"""
)
#: Records the changes of our terminal's rows.
WATCH_ROWS = """rows => {
  new MutationObserver(() => notes.changes.push([performance.now(), rows.textContent.slice(-4000)]))
    .observe(rows, {childList: true, subtree: true, characterData: true});
}"""
#: Milliseconds from each key press to the next change, or to the next drawing after it.
ECHOES = """() => notes.keys.map((at, place) => {
  const until = notes.keys[place + 1] ?? Infinity;
  const change = notes.changes.find(([when]) => when > at && when < until);
  if (!change) return null;
  const drawn = notes.draws.length ? notes.draws.find(when => when >= change[0]) : change[0];
  return drawn === undefined ? null : drawn - at;
}).filter(each => each !== null)"""
#: Milliseconds from the last key to the end of the output; undefined before that.
FLOODED = """end => {
  const change = notes.changes.find(([, words]) => words.includes(end));
  if (!change) return undefined;
  const later = notes.draws.filter(when => when >= change[0]);
  if (notes.draws.length && !later.length) return undefined;
  // The last drawing before a rest: a cursor that blinks draws later again.
  let last = later[0] ?? change[0];
  for (const when of later) if (when - last < 250) last = when;
  if (notes.draws.length && performance.now() - last < 300) return undefined;
  return last - notes.keys[notes.keys.length - 1];
}"""
#: Records the time at which a row of the dashboard contains all words.
WATCH_DASHBOARD = """words => {
  window.seen = undefined;
  const look = () => {
    if (window.seen) return;
    const found = [...document.querySelectorAll(".dm-dashboard [role=row]")]
      .some(row => words.every(word => row.textContent.includes(word)));
    if (found) window.seen = Date.now();
  };
  const all = {childList: true, subtree: true, characterData: true};
  new MutationObserver(look).observe(document.body, all);
}"""
#: Milliseconds until a new dashboard shows the number of containers and their rows.
DRAWN = """count => {
  const before = document.querySelector(".dm-dashboard");
  window.drawn = undefined;
  const begun = performance.now();
  const look = () => {
    const now = document.querySelector(".dm-dashboard");
    if (!now || now === before) return;
    const said = now.querySelector(".dm-count")?.textContent ?? "";
    if (!said.includes(count) || !now.querySelector(".dm-viewport [role=row]")) return;
    window.drawn = performance.now() - begun;
    observer.disconnect();
  };
  const observer = new MutationObserver(look);
  observer.observe(document.body, {childList: true, subtree: true});
}"""


def run() -> Iterator[Measurement]:
    """Yield all measurements, on a private dockerd; needs root, docker and chromium."""
    debian.ensure("docker", "browser")
    engines.private_network()
    with engines.dockerd() as host, tempfile.TemporaryDirectory() as folder:
        images.provide(host, "busybox")
        with serve(Path(folder), host) as server, open_chromium() as browser:
            engines.docker_cli(host, *RUN, "--init", "--name", BOX, "busybox", "sleep", "9999")
            yield from consoles(browser, server)
            yield from dashboards(browser, server, host)


def new_page(browser: Browser, script: str) -> Page:
    """Open a page with a new profile; `script` runs before all others."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.add_init_script(script)
    return context.new_page()


# -- consoles


def consoles(browser: Browser, server: Server) -> Iterator[Measurement]:
    """Measure echo and flood, first in Lab's terminal, then in ours."""
    lab = new_page(browser, WATCH_LAB)
    labs_terminal(lab, server)
    labs_echo, labs_flood = echo(lab), flood(lab)
    lab.context.close()
    ours = new_page(browser, WATCH)
    notebook = our_console(ours, server)
    our_echo, our_flood = echo(ours), flood(ours)
    yield Measurement(
        f"console: a key's echo, median of {KEYS}",
        our_echo,
        labs_echo + 30,
        beside=f"Lab's terminal {labs_echo:.1f} ms",
    )
    yield Measurement(
        "console: 5 MB of output",
        our_flood,
        labs_flood * 1.2,
        beside=f"Lab's terminal {labs_flood:.1f} ms",
    )

    yield from endless(notebook)
    ours.context.close()


def endless(notebook: OpenNotebook) -> Iterator[Measurement]:
    """Run `yes` for half a minute; measure the kernel's memory and the longest frame."""
    page, longest = notebook.page, 0.0
    before = int(notebook.run(MEMORY).split()[-1])
    notebook.output(1).locator(".xterm-rows").click(force=True)
    page.keyboard.type("yes\n")
    end = time.monotonic() + ENDLESS_S
    while time.monotonic() < end:
        begun = time.monotonic()
        page.evaluate("new Promise(done => requestAnimationFrame(done))")
        longest = max(longest, time.monotonic() - begun)
        page.wait_for_timeout(200)
    more = int(notebook.run(MEMORY).split()[-1]) - before
    yield Measurement(f"console: yes for {ENDLESS_S} s, more memory", more, 200, unit="MB")
    yield Measurement("console: meanwhile the longest wait for a frame", 1000 * longest, 1000)


def labs_terminal(page: Page, server: Server) -> None:
    """Open JupyterLab's terminal, ready for input."""
    page.goto(f"{server.url}/lab?reset")
    page.get_by_text("File", exact=True).first.click()
    page.get_by_text("New", exact=True).first.hover()
    page.get_by_text("Terminal", exact=True).first.click()
    terminal = page.locator(".jp-Terminal .xterm")
    terminal.wait_for(timeout=START_S * 1000)
    terminal.click()
    page.wait_for_function("notes.words.length > 0")
    page.wait_for_timeout(1000)


def our_console(page: Page, server: Server) -> OpenNotebook:
    """Open a console in a cell, ready for input."""
    cells = (f"%docker exec -it {BOX} sh", RESIDENT)
    notebook = notebook_with(page, server, "bench-console", *cells)
    notebook.start(1)
    rows = notebook.output(1).locator(".xterm-rows")
    expect(rows).to_contain_text("/ #", timeout=WITHIN_MS)
    rows.evaluate(WATCH_ROWS)
    page.wait_for_timeout(1000)
    return notebook


def echo(page: Page) -> float:
    """Return the median milliseconds from a key press to its echo."""
    page.keyboard.type("cat\n")
    page.wait_for_timeout(500)
    page.evaluate("notes.keys = []; notes.changes = []; notes.draws = []")
    for place in range(KEYS):
        page.keyboard.press("abcdefghij"[place % 10])
        page.wait_for_timeout(BETWEEN_MS)
    delays = page.evaluate(ECHOES)
    assert len(delays) > KEYS / 2, "too few echoes were seen"
    page.keyboard.press("Control+c")
    page.wait_for_timeout(500)
    return float(statistics.median(delays))


def flood(page: Page) -> float:
    """Return the milliseconds from Enter to the last row of the output: the best of three."""
    times = []
    for _ in range(3):
        page.keyboard.type("clear\n")
        page.wait_for_timeout(1000)  # the prompt queries the cursor position; no key may interfere
        page.keyboard.type(FLOOD)
        page.wait_for_timeout(500)
        page.evaluate("notes.keys = []; notes.changes = []; notes.draws = []; notes.words = ''")
        page.keyboard.press("Enter")
        handle = page.wait_for_function(FLOODED, arg=END, timeout=START_S * 1000)
        times.append(float(handle.json_value()))
    return min(times)


# -- dashboards


def dashboards(browser: Browser, server: Server, host: str) -> Iterator[Measurement]:
    """Measure drawing 500 containers, and the delay until another one appears."""
    engines.create_containers(host, range(CONTAINERS))
    page = new_page(browser, WATCH)
    notebook = notebook_with(page, server, "bench-ui", "%docker ui", "import time; time.sleep(30)")
    for which in ("first of the page", "again"):
        page.evaluate(DRAWN, f"{CONTAINERS + 1} containers")
        notebook.start(1)
        drawn = float(page.wait_for_function("window.drawn", timeout=WITHIN_MS).json_value())
        yield Measurement(f"dashboard: {CONTAINERS} containers drawn, {which}", drawn, 1000)
        notebook.wait(1)
        page.wait_for_timeout(1000)
    yield Measurement("dashboard: an outside docker run seen", seen(page, host), 500)
    notebook.start(2)
    page.wait_for_timeout(500)
    yield Measurement("dashboard: the same while a cell runs", seen(page, host), 500)
    page.context.close()


def seen(page: Page, host: str) -> float:
    """Return the median milliseconds from a container's start to its row in the dashboard."""
    times = []
    for _ in range(5):
        name = f"outside-{time.monotonic_ns()}"
        page.evaluate(WATCH_DASHBOARD, [name, "running"])
        engines.docker_cli(host, *RUN, "--name", name, "busybox", "sleep", "99")
        begun = engines.docker_cli(host, "inspect", "-f", "{{.State.StartedAt}}", name)
        when = page.wait_for_function("window.seen", timeout=WITHIN_MS).json_value()
        times.append(float(when) - 1000 * datetime.fromisoformat(begun).timestamp())
        engines.docker_cli(host, "rm", "-f", name)
    return statistics.median(times)
