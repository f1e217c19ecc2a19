"""Solutions of section 05, a simple Node.js app."""

CELLS = {
    "05.1": "%docker run -d --name shop -p 8082:3000 -e NAME=Seoul me/hello:2",
    "05.2": """\
%%dockerfile -t me/card:1 app
FROM node:slim
WORKDIR /card
COPY package.json ./
COPY greeting ./greeting
RUN npm install --no-audit --no-fund
COPY . .
EXPOSE 3000
CMD ["node", "src/server.js"]
""",
    "05.3": """\
%%dockerfile -t me/quick:1 app
FROM node:slim
WORKDIR /app
COPY package.json ./
COPY greeting ./greeting
RUN npm install --no-audit --no-fund
COPY . .
CMD ["node", "src/server.js"]
""",
    "05.4": """\
from pathlib import Path

from docker_magics import docker

Path("app/.dockerignore").write_text("node_modules\\nsecret.txt\\n")
docker("build -t me/safe:1 -f - app", input='''
FROM node:slim
WORKDIR /app
COPY . .
RUN npm install --no-audit --no-fund
CMD ["node", "src/server.js"]
''')
""",
    "05.5": """\
%docker rm -f shop
%docker run -d --name studio -p 8084:3000 -v {source}:/app/src me/hello:2
(source / "page.html").write_text("<h1>GREETING</h1> edited by me")
""",
}
