"""The app of section 05: its files, and the image that the exercises start from."""

from __future__ import annotations

from pathlib import Path

from .lab import Lab

IMAGE = "me/web:2"
#: The app's files, as the lesson writes them.
FILES = {
    "package.json": """\
{
  "name": "hello",
  "version": "1.0.0",
  "private": true,
  "dependencies": { "greeting": "file:./greeting" }
}
""",
    "greeting/package.json": """\
{ "name": "greeting", "version": "1.0.0", "main": "index.js" }
""",
    "greeting/index.js": """\
module.exports = name => `Hello, ${name}!`;
""",
    "src/page.html": """\
<h1>GREETING</h1>
<p>The third edition of this page.</p>
""",
    "src/server.js": """\
const fs = require("fs");
const http = require("http");
const greeting = require("greeting");

const name = process.env.NAME || "world";

const server = http.createServer((request, response) => {
  console.log(request.method, request.url);
  const page = fs.readFileSync(`${__dirname}/page.html`, "utf8");
  response.setHeader("Content-Type", "text/html; charset=utf-8");
  response.end(page.replace("GREETING", greeting(name)));
});

server.listen(3000, () => console.log("listening on port 3000"));
process.on("SIGTERM", () => process.exit(0));
""",
    ".dockerignore": """\
node_modules
""",
}
DOCKERFILE = """\
FROM node:slim
WORKDIR /app
COPY package.json ./
COPY greeting ./greeting
RUN npm install --no-audit --no-fund
COPY . .
EXPOSE 3000
CMD ["node", "src/server.js"]
"""


def prepare(lab: Lab) -> None:
    """Write the app into the folder `app`, and build its image if it is missing."""
    folder = Path("app")
    for name, text in FILES.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (folder / "secret.txt").unlink(missing_ok=True)
    if lab.image(IMAGE) is None:
        lab.build(IMAGE, DOCKERFILE, folder)
