"""A %%compose cell with a Node app, redis and a health condition, from up to down."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browser.accessibility import violations
from browser.shared import Docker, on_each_engine
from conftest import unavailable
from embedded.services import base
from playwright.sync_api import Page, expect

from tools import debian, images
from tools.front_ends import Server, notebook_with, use_theme

APP = """
const ask = (next) => {
  const socket = require("net").connect(6379, "redis", () => socket.write("INCR visits\\r\\n"));
  socket.once("data", (answer) => { socket.end(); next(String(answer).slice(1).trim()); });
};
require("http").createServer((_, page) => ask((n) => page.end(`visit ${n}`))).listen(3000);
process.on("SIGTERM", () => process.exit(0));
console.log("listening");
"""
FILE = """
name: visits
services:
  web:
    build: ./visits
    ports: ["127.0.0.1::3000"]
    depends_on:
      redis: {condition: service_healthy}
  redis:
    image: redis:test
    command: redis-server --protected-mode no
    healthcheck: {test: [CMD, redis-cli, ping], interval: 1s, retries: 60}
    volumes: ["data:/data"]
volumes:
  data:"""
VISIT = """import urllib.request
address = %docker compose -p visits port web 3000
urllib.request.urlopen(f"http://{address}").read().decode()"""
CELLS = (
    f"%%compose{FILE}",
    f"%%compose diagram{FILE}",
    VISIT,
    "%docker compose -p visits ps",
    "%docker compose -p visits logs",
    "%docker compose -p visits down -v -t 1",
)
UP, DIAGRAM, ASK, LIST, LOGS, DOWN = range(1, 7)


@pytest.fixture
def app(host: str, server: Server, docker: Docker) -> Iterator[None]:
    """The app's folder, and the images of Node and redis."""
    if missing := debian.missing("images"):
        unavailable(f"images are needed: {debian.install_command(missing)}")
    images.provide(host, "node")
    docker("import", str(base("redis")), "redis:test")
    folder = server.folder / "visits"
    folder.mkdir(exist_ok=True)
    (folder / "Dockerfile").write_text('FROM node:slim\nCOPY app.js /\nCMD ["node", "/app.js"]\n')
    (folder / "app.js").write_text(APP)
    yield
    if left := docker("ps", "-aq", "--filter", "label=com.docker.compose.project=visits").split():
        docker("rm", "-f", *left)
    docker("rmi", "visits-web", "redis:test")


@on_each_engine
@pytest.mark.usefixtures("app")
def test_a_project_from_up_to_down(page: Page, server: Server) -> None:
    page.set_viewport_size({"width": 1100, "height": 2600})
    notebook = notebook_with(page, server, "visits", *CELLS)
    shown = notebook.run(UP, within_s=180)
    for line in ("Container visits-redis-1", "Healthy", "Container visits-web-1", "Started"):
        assert line in shown
    notebook.run(DIAGRAM)
    picture = notebook.output(DIAGRAM).get_by_role("img", name="Project visits")
    expect(picture).to_contain_text("running, healthy")
    expect(picture).to_contain_text("after redis is healthy")
    assert "visit 1" in notebook.run(ASK)
    assert "visit 2" in notebook.run(ASK)
    assert "visits-web-1" in notebook.run(LIST)
    assert "listening" in notebook.run(LOGS)
    for theme in ("Dark", "Light"):
        use_theme(page, theme)
        for number in (UP, DIAGRAM, LIST):  # JupyterLab chooses the colors of LOGS
            assert violations(notebook.output(number)) == [], theme
    assert "Removed" in notebook.run(DOWN, within_s=120)
    assert "visits" not in notebook.run(LIST)
