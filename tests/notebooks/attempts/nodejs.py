"""Other right answers, and wrong ones, of section 05."""

_INSTALLED = 'RUN npm install --no-audit --no-fund\nCMD ["node", "src/server.js"]'


def _built(name: str, *steps: str) -> str:
    return f"%%dockerfile -t {name} app\nFROM node:slim\n" + "\n".join(steps)


RIGHT = {
    "05.7": [
        "%docker rm -f lobby\n%docker run -d --name lobby --publish 8087:3000 me/web:2",
        (
            "%docker rename lobby old\n%docker rm -f old\n"
            "%docker create -p 127.0.0.1:8087:3000/tcp --name lobby me/web:2\n%docker start lobby"
        ),
    ],
    "05.4": ["%docker run -d --name shop -e NAME=Seoul -p 8082:3000/tcp me/web:2"],
    "05.1": [_built("me/card:1", "WORKDIR /card", "COPY . .", _INSTALLED)],
    "05.2": [
        _built(
            "me/quick:1",
            "WORKDIR /app",
            "COPY package.json .",
            "COPY greeting/ greeting/",
            "RUN npm install",
            "COPY src ./src",
        ),
        _built("me/quick:1", "WORKDIR /app", "COPY package.json ./", "RUN npm install", "COPY . ."),
    ],
    "05.3": [
        _built("me/safe:1", "WORKDIR /app", "COPY package.json ./", "COPY greeting ./greeting")
        + "\nCOPY src ./src\n"
        + _INSTALLED,
    ],
    "05.5": [
        (
            "folder = Path('app/src').resolve()\n"
            "%docker run -d --name studio -p 127.0.0.1:8084:3000 "
            "--mount type=bind,source={folder},target=/app/src me/web:2\n"
            "_ = Path('app/src/page.html').write_text('edited by me')"
        ),
    ],
    "05.6": [
        (
            "%docker rm -f front back\n"
            "%docker run -d --name front -p 127.0.0.1:8087:3000 me/web:2\n"
            "%docker run -d --name back -p 127.0.0.1:8085:3000 me/web:2"
        ),
        (
            "%docker rm -f front back\n%docker run -d --name front -p 3000 me/web:2\n"
            "%docker run -d --name back -p 3000 me/web:2"
        ),
        (
            "%docker rm -f front back\n%docker run -d --name front -P me/web:2\n"
            "%docker run -d --name back -P me/web:2"
        ),
    ],
}
WRONG = {
    "05.7": [
        "%docker restart -t 0 lobby",
        "%docker rm -f lobby\n%docker run -d --name lobby -p 127.0.0.1:3000:8087 me/web:2",
        "%docker rm -f lobby\n%docker run -d --name lobby -p 127.0.0.1:8088:3000 me/web:2",
        "%docker rm -f lobby\n%docker run -d --name lobby -p 127.0.0.1:8087:8087 me/web:2",
        "%docker rm -f lobby\n%docker create --name lobby -p 127.0.0.1:8087:3000 me/web:2",
        "%docker rm -f lobby\n%docker run -d --name lobby --expose 3000 me/web:2",
    ],
    "05.4": [
        "%docker run -d --name shop -p 127.0.0.1:8082:3000 me/web:2",
        "%docker run -d --name shop -p 127.0.0.1:3000:8082 -e NAME=Seoul me/web:2",
        "%docker run -d --name shop -p 127.0.0.1:8082:3000 me/web:2 -e NAME=Seoul",
        "%docker run -d --name shop -e NAME=Seoul me/web:2",
        "%docker run -d --name shop -p 3000:8082 -e NAME=Seoul me/web:2",
        ("%docker run -d --name shop -p 8082:3000 -e NAME=Seoul me/web:2\n%docker pause shop"),
    ],
    "05.1": [
        _built("me/card:1", "WORKDIR /app", "COPY . .", _INSTALLED),
        _built("me/card:1", "WORKDIR /app", "COPY . .", _INSTALLED, "WORKDIR /card"),
        _built("me/card:1", "WORKDIR /card", "COPY . ."),
    ],
    "05.2": [
        _built("me/quick:1", "WORKDIR /app", "COPY . .", _INSTALLED),
        _built(
            "me/quick:1", "WORKDIR /app", "COPY . .", "RUN npm install --no-audit", "COPY src ./src"
        ),
        _built("me/quick:1", "WORKDIR /app", "COPY . ."),
        _built("me/quick:1", "WORKDIR /app", "COPY package.json ./", "COPY greeting ./greeting")
        + f"\n{_INSTALLED}",
    ],
    "05.3": [
        _built("me/safe:1", "WORKDIR /app", "COPY . .", _INSTALLED),
        _built("me/safe:1", "WORKDIR /app", "COPY . .", "RUN rm secret.txt", _INSTALLED),
        (
            "Path('app/secret.txt').unlink()\n"
            "from docker_magics import docker\n"
            "_ = docker('build -t me/safe:1 -f - app', input='''FROM node:slim\nWORKDIR /app\n"
            "COPY . .\n''')"
        ),
        _built("me/safe:1", "WORKDIR /srv", "COPY package.json ./", "COPY src ./src"),
    ],
    "05.5": [
        (
            "%docker run -d --name studio me/web:2\n"
            "_ = Path('app/src/page.html').write_text('edited by me')"
        ),
        (
            "source = Path('app/src').resolve()\n"
            "%docker run -d --name studio -v {source}:/app/src me/web:2"
        ),
        (
            "source = Path('app').resolve()\n"
            "%docker run -d --name studio -v {source}:/app me/web:2\n"
            "_ = Path('app/src/page.html').write_text('edited by me')"
        ),
        (
            "%docker run -d --name studio me/web:2\n"
            "%docker exec studio sh -c 'echo edited by me > /app/src/page.html'"
        ),
    ],
    "05.6": [
        "%docker rm -f front\n%docker start back",
        "%docker rm -f back\n%docker run -d --name back me/web:2",
        "%docker start back",
        "%docker rm back\n%docker run -d --name back -p 8086:8085 me/web:2",
    ],
}
