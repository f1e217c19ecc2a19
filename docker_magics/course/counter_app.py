"""The app of section 06: a page that counts its visits in redis."""

from __future__ import annotations

import tempfile
from pathlib import Path

from .lab import Lab

IMAGE = "me/counter:1"
#: The app, as the lesson writes it.
SERVER = """\
const http = require("http");
const net = require("net");

// Ask redis, on the host named db, to add one; its answer is ":NUMBER".
const count = done => {
  const redis = net.connect(6379, "db", () => redis.write("INCR visits\\r\\n"));
  redis.once("data", data => { redis.end(); done(`visits: ${data.toString().slice(1).trim()}`); });
  redis.once("error", error => done(`cannot reach db: ${error.code}`));
};

http.createServer((request, response) => {
  console.log(request.method, request.url);
  count(text => response.end(text + "\\n"));
}).listen(3000);
process.on("SIGTERM", () => process.exit(0));
"""
DOCKERFILE = """\
FROM node:slim
COPY server.js /
CMD ["node", "/server.js"]
"""
#: Reads the page inside the container; retries while the app starts.
READ = """
const ask = tries => fetch('http://localhost:3000/', {signal: AbortSignal.timeout(5000)})
  .then(page => page.text()).then(console.log)
  .catch(() => tries && setTimeout(ask, 200, tries - 1));
ask(25);
"""


def prepare(lab: Lab) -> None:
    """Build the app's image if it is missing."""
    if lab.image(IMAGE) is None:
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "server.js").write_text(SERVER)
            lab.build(IMAGE, DOCKERFILE, Path(folder))
