"""Section 05, a simple Node.js app: an image for it, ports, the order of layers, bind mounts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docker_magics.course import node_app
from docker_magics.course.exercise import Section
from docker_magics.course.gap import Gap, gap, no_container, no_image, not_running, wrong_image
from docker_magics.course.images import added_files, container_output
from docker_magics.course.lab import Lab, is_running
from docker_magics.course.language import code
from docker_magics.phrase import Phrase

SECTION = Section(
    "05", Phrase("A simple Node.js app", "간단한 Node.js 앱"), prepare=node_app.prepare
)

_PORT = "3000/tcp"
_GREET = "console.log(require('greeting')('you'))"
#: Fetches the page inside the container; retries while the app starts.
_READ = """
const ask = tries => fetch('http://localhost:3000/', {signal: AbortSignal.timeout(5000)})
  .then(page => page.text()).then(console.log)
  .catch(() => tries && setTimeout(ask, 200, tries - 1));
ask(25);
"""
_INSTALL_FIRST = """\
COPY package.json ./
COPY greeting ./greeting
RUN npm install --no-audit --no-fund
COPY . .
CMD ["node", "src/server.js"]"""


@SECTION.exercise(
    1,
    title=Phrase("Another work folder", "다른 작업 폴더"),
    task=Phrase(
        "Build an image named `me/card:1` from the folder `app` that keeps the app in `/card` instead of `/app`.",
        "`app` 폴더로 `me/card:1` 이미지를 빌드하세요. 앱은 `/app`이 아니라 `/card`에 들어 있어야 해요.",
    ),
    solution=f"""\
%%dockerfile -t me/card:1 app
FROM node:slim
WORKDIR /card
{_INSTALL_FIRST}""",
    why=Phrase(
        "`WORKDIR` is where the steps after it work, and where a container starts.",
        "`WORKDIR`은 그 뒤의 단계들이 일하는 곳이자, 컨테이너가 시작하는 곳이에요.",
    ),
    makes=("image me/card:1",),
)
def _card(lab: Lab) -> Iterator[Gap]:
    image = lab.image("me/card:1")
    workdir = (
        Phrase(
            "`WORKDIR` says where the steps after it work, and where a container starts.",
            "`WORKDIR`은 그 뒤의 단계들이 일하는 곳이자, 컨테이너가 시작하는 곳이에요.",
        ),
        Phrase(
            "Copy the Dockerfile of `me/web:1`, and change one line and the `-t`.",
            "`me/web:1`의 Dockerfile을 복사해서 한 줄과 `-t`만 바꾸세요.",
        ),
    )
    if image is None:
        yield no_image("me/card:1", *workdir)
    elif (folder := image["Config"].get("WorkingDir") or "/") != "/card":
        yield gap(
            f"a container of it starts in `{folder}`, not in `/card`",
            f"컨테이너가 시작하는 폴더: `{folder}`. 기대한 폴더: `/card`",
            *workdir,
        )
    elif "server.js" not in container_output(lab, "me/card:1", "ls", "/card/src"):
        yield gap("there is no app in `/card`", "`/card`에 앱이 없어요", code("COPY . ."))
    elif container_output(lab, "me/card:1", "node", "-e", _GREET) != "Hello, you!":
        yield gap(
            "the package `greeting` is not installed in `/card`",
            "`/card`에 `greeting` 패키지가 설치되어 있지 않아요",
            code("RUN npm install --no-audit --no-fund"),
        )


@SECTION.exercise(
    2,
    title=Phrase("Quick again", "두 번째부터는 빠르게"),
    task=Phrase(
        "The Dockerfile in the cell below installs the packages again after every change of the sources. Put it into a better order, and build it as `me/quick:1`.",
        "아래 셀의 Dockerfile은 소스를 고칠 때마다 패키지를 다시 설치해요. 순서를 더 좋게 바꿔서 `me/quick:1`로 빌드하세요.",
    ),
    solution=f"""\
%%dockerfile -t me/quick:1 app
FROM node:slim
WORKDIR /app
{_INSTALL_FIRST}""",
    why=Phrase(
        "Only what `npm install` needs is copied before it. A change of the sources then changes no step up to the installation.",
        "`npm install` 앞에는 설치에 필요한 것만 복사해요. 그러면 소스를 고쳐도 설치 단계까지는 바뀌는 것이 없어요.",
    ),
    makes=("image me/quick:1", "image me/slow-app:1"),
    given="""\
%%dockerfile -t me/slow-app:1 app
FROM node:slim
WORKDIR /app
COPY . .
RUN npm install --no-audit --no-fund
CMD ["node", "src/server.js"]""",
)
def _quick(lab: Lab) -> Iterator[Gap]:
    order = (
        Phrase(
            "`npm install` needs `package.json` and `greeting` alone.",
            "`npm install`에는 `package.json`과 `greeting`만 있으면 돼요.",
        ),
        Phrase(
            "Two `COPY` lines before `RUN npm install`, and `COPY . .` after it.",
            "`RUN npm install` 앞에 `COPY` 두 줄, 뒤에 `COPY . .`를 쓰세요.",
        ),
    )
    if lab.image("me/quick:1") is None:
        yield no_image("me/quick:1", *order)
        return
    layers = added_files(lab, "me/quick:1", "node:slim")
    install = _first(layers, "/node_modules/")
    source = _first(layers, "/src/server.js")
    if install < 0:
        yield gap("no step installs the packages", "패키지를 설치하는 단계가 없어요", *order)
    elif source < 0:
        yield gap("the sources are not in the image", "소스가 이미지에 없어요", *order)
    elif source <= install:
        yield gap(
            "the sources are copied before the packages are installed",
            "패키지를 설치하기 전에 소스를 복사해요",
            *order,
        )


@SECTION.exercise(
    3,
    title=Phrase("What does not belong in an image", "이미지에 넣으면 안 되는 것"),
    task=Phrase(
        "The cell below puts a password into the folder `app`. Build the folder as `me/safe:1`, with the app in `/app`, so that `secret.txt` stays in the folder but does not get into the image.",
        "아래 셀은 `app` 폴더에 비밀번호를 넣어요. 앱이 `/app`에 들어 있도록 이 폴더를 `me/safe:1`로 빌드하세요. `secret.txt`는 폴더에 그대로 두지만 이미지에는 들어가면 안 돼요.",
    ),
    solution="""\
from docker_magics import docker

Path("app/.dockerignore").write_text("node_modules\\nsecret.txt\\n")
docker("build -t me/safe:1 -f - app", input='''
FROM node:slim
WORKDIR /app
COPY . .
RUN npm install --no-audit --no-fund
CMD ["node", "src/server.js"]
''')""",
    why=Phrase(
        "What `.dockerignore` lists is not sent, so it cannot get into any layer. A later `RUN rm secret.txt` would only hide it: everybody could still read it with `docker save`.",
        "`.dockerignore`에 적은 것은 보내지 않으니 어느 레이어에도 들어갈 수 없어요. 나중에 `RUN rm secret.txt`로 지우면 가려질 뿐이라서, `docker save`로 누구나 꺼내 읽을 수 있어요.",
    ),
    makes=("image me/safe:1",),
    given="%%writefile app/secret.txt\nmy password",
)
def _safe(lab: Lab) -> Iterator[Gap]:
    ignore = (
        Phrase(
            "The file `app/.dockerignore` lists what is not sent to the daemon, a line each.",
            "`app/.dockerignore` 파일에 데몬으로 보내지 않을 것을 한 줄에 하나씩 써요.",
        ),
        Phrase(
            "It has `node_modules` already; write it again (`%%writefile app/.dockerignore`) with a second line, `secret.txt`, and build again.",
            "이미 `node_modules`가 들어 있어요. `secret.txt`를 둘째 줄로 더해 다시 쓰고(`%%writefile app/.dockerignore`) 다시 빌드하세요.",
        ),
    )
    if not Path("app/secret.txt").exists():
        yield gap(
            "`secret.txt` is not in the folder `app`",
            "`app` 폴더에 `secret.txt`가 없어요",
            Phrase("Run the cell that writes it again.", "그 파일을 쓰는 셀을 다시 실행하세요."),
        )
    if lab.image("me/safe:1") is None:
        yield no_image("me/safe:1", *ignore)
        return
    layers = added_files(lab, "me/safe:1", "node:slim")
    if _first(layers, "/app/src/server.js") < 0:
        yield gap("the app is not in `/app`", "앱이 `/app`에 없어요", code("COPY . ."))
    if _first(layers, "secret.txt") >= 0:
        yield gap(
            "a layer of the image has `secret.txt`: whoever has the image can read it",
            "이미지의 레이어에 `secret.txt`가 들어 있어요. 이미지를 가진 사람은 누구나 읽을 수 있어요",
            *ignore,
        )


@SECTION.exercise(
    4,
    title=Phrase("Open for Seoul", "서울 손님 맞이하기"),
    task=Phrase(
        "Start a container named `shop` from `me/web:2` in the background. Its page is published on port 8082 of this machine, and greets `Seoul`.",
        "`me/web:2` 이미지로 `shop` 컨테이너를 백그라운드에서 시작하세요. 페이지는 이 컴퓨터의 8082번 포트로 열려 있고, `Seoul`에게 인사해야 해요.",
    ),
    solution="%docker run -d --name shop -p 127.0.0.1:8082:3000 -e NAME=Seoul me/web:2",
    why=Phrase(
        "`-p HOST:CONTAINER` publishes a port, `-e` sets the environment variable that the app reads.",
        "`-p 호스트:컨테이너`는 포트를 열고, `-e`는 앱이 읽는 환경 변수를 설정해요.",
    ),
    makes=("container shop",),
)
def _shop(lab: Lab) -> Iterator[Gap]:
    container = lab.container("shop")
    whole = code("%docker run -d --name shop -p 8082:3000 -e NAME=Seoul me/web:2")
    port = Phrase(
        "`-p OUTSIDE:INSIDE`; the app inside listens on 3000.",
        "`-p 바깥:안`이에요. 앱은 컨테이너 안의 3000번 포트에서 기다려요.",
    )
    name = Phrase(
        "`-e NAME=Seoul` sets the variable that the app reads.",
        "`-e NAME=Seoul`은 앱이 읽는 환경 변수를 설정해요.",
    )
    if container is None:
        yield no_container("shop", port, name, whole)
        return
    if not lab.made_from(container, "me/web:2"):
        yield wrong_image("shop", "me/web:2")
    if "8082" not in _published(container):
        yield gap(
            "port 3000 of `shop` is not published on 8082",
            "`shop`의 3000번 포트가 8082번으로 열려 있지 않아요",
            port,
            whole,
        )
    yield from _page_has(lab, container, "shop", "Hello, Seoul!", name, whole)


@SECTION.exercise(
    5,
    title=Phrase("Edited while it runs", "실행 중에 고치기"),
    task=Phrase(
        "Start a container named `studio` from `me/web:2` in the background, with your folder `app/src` in place of its `/app/src`. While it runs, change `app/src/page.html` so that the page says `edited by me`.",
        "`me/web:2` 이미지로 `studio` 컨테이너를 백그라운드에서 시작하면서, 컨테이너의 `/app/src` 자리에 내 폴더 `app/src`를 연결하세요. 그리고 실행 중에 페이지에 `edited by me`가 나오도록 `app/src/page.html`을 고치세요.",
    ),
    solution="""\
source = Path("app/src").resolve()
%docker run -d --name studio -v {source}:/app/src me/web:2
_ = (source / "page.html").write_text("<h1>GREETING</h1> edited by me")""",
    why=Phrase(
        "`-v FOLDER:/app/src` is a bind mount: the container sees your folder itself, not a copy. The path must be absolute.",
        "`-v 폴더:/app/src`는 바인드 마운트예요. 컨테이너는 복사본이 아니라 내 폴더를 그대로 봐요. 경로는 절대 경로여야 해요.",
    ),
    makes=("container studio",),
)
def _studio(lab: Lab) -> Iterator[Gap]:
    container = lab.container("studio")
    mount = (
        Phrase(
            '`-v FOLDER:/app/src`, where FOLDER is a whole path: `Path("app/src").resolve()`.',
            '`-v 폴더:/app/src`를 쓰고, 폴더는 `Path("app/src").resolve()`처럼 전체 경로로 쓰세요.',
        ),
        Phrase(
            '`source = Path("app/src").resolve()`, then `%docker run -d --name studio -v {source}:/app/src me/web:2`',
            '`source = Path("app/src").resolve()`, 그다음 `%docker run -d --name studio -v {source}:/app/src me/web:2`',
        ),
    )
    if container is None:
        yield no_container("studio", *mount)
        return
    if not lab.made_from(container, "me/web:2"):
        yield wrong_image("studio", "me/web:2")
    binds = [item["Destination"] for item in container["Mounts"] if item["Type"] == "bind"]
    if "/app/src" not in binds:
        yield gap(
            "`studio` has no folder of yours at `/app/src`",
            "`studio`의 `/app/src`에 내 폴더가 연결되어 있지 않아요",
            *mount,
        )
    write = Phrase(
        "`%%writefile app/src/page.html` writes the file anew.",
        "`%%writefile app/src/page.html`로 파일을 새로 쓸 수 있어요.",
    )
    yield from _page_has(lab, container, "studio", "edited by me", write)


@SECTION.exercise(
    6,
    title=Phrase("A port conflict", "포트 충돌"),
    task=Phrase(
        "The cell below wants two containers on port 8085. Let both run, `front` and `back`, each published on a port of its own.",
        "아래 셀은 컨테이너 두 개를 모두 8085번 포트로 열려고 해요. `front`와 `back`이 저마다 다른 포트로 열린 채 둘 다 실행되게 하세요.",
    ),
    solution="""\
%docker rm -f back
%docker run -d --name back -p 127.0.0.1:8086:3000 me/web:2""",
    why=Phrase(
        "Inside, both listen on 3000: each container has its own ports. Outside, a port leads to one container only. `back` was created, but could not start: it has to be removed first.",
        "안에서는 둘 다 3000번에서 기다려도 돼요. 컨테이너마다 포트가 따로 있으니까요. 하지만 바깥의 포트 하나는 컨테이너 하나로만 이어져요. `back`은 생성만 되고 시작하지 못했으니 먼저 지워야 해요.",
    ),
    makes=("container front", "container back"),
    given="""\
%docker run -d --name front -p 127.0.0.1:8085:3000 me/web:2
%docker run -d --name back -p 127.0.0.1:8085:3000 me/web:2""",
)
def _ports(lab: Lab) -> Iterator[Gap]:
    for name in ("front", "back"):
        container = lab.container(name)
        again = (
            Phrase(
                f"Remove it (`%docker rm -f {name}`) and run it again with another port before the colon.",
                f"지우고(`%docker rm -f {name}`) 콜론 앞의 포트를 바꿔서 다시 실행하세요.",
            ),
            code(f"%docker run -d --name {name} -p 127.0.0.1:8086:3000 me/web:2"),
        )
        if container is None:
            yield no_container(name, *again)
            continue
        if not lab.made_from(container, "me/web:2"):
            yield wrong_image(name, "me/web:2")
        if not is_running(container):
            yield not_running(name, *again)
        if not _published(container):
            yield gap(
                f"port 3000 of `{name}` is not published",
                f"`{name}`의 3000번 포트가 열려 있지 않아요",
                *again,
            )


@SECTION.exercise(
    7,
    title=Phrase("Nobody answers", "응답이 없는 포트"),
    task=Phrase(
        "`lobby`, which the cell below starts, runs, but http://127.0.0.1:8087 does not answer. Mend it: publish the page of `lobby` on port 8087.",
        "아래 셀의 `lobby`는 실행 중인데 http://127.0.0.1:8087 에서 응답이 없어요. `lobby`의 페이지가 8087번 포트로 열리도록 고치세요.",
    ),
    solution="""\
%docker rm -f lobby
%docker run -d --name lobby -p 127.0.0.1:8087:3000 me/web:2""",
    why=Phrase(
        "After the colon comes the port on which the app listens: 3000, as its log says. On 8080 of the container nothing listens.",
        "콜론 뒤에는 앱이 기다리는 포트를 써요. 로그에 나오듯이 3000번이에요. 컨테이너의 8080번에서는 아무도 기다리지 않아요.",
    ),
    makes=("container lobby",),
    given="%docker run -d --name lobby -p 127.0.0.1:8087:8080 me/web:2",
)
def _lobby(lab: Lab) -> Iterator[Gap]:
    container = lab.container("lobby")
    again = (
        Phrase(
            "On which port does the app listen? `%docker logs lobby`",
            "앱은 몇 번 포트에서 기다리나요? `%docker logs lobby`",
        ),
        code("%docker rm -f lobby"),
        code("%docker run -d --name lobby -p 127.0.0.1:8087:3000 me/web:2"),
    )
    if container is None:
        yield no_container("lobby", *again)
        return
    if not lab.made_from(container, "me/web:2"):
        yield wrong_image("lobby", "me/web:2")
    if "8087" not in _published(container):
        yield gap(
            "port 3000 of `lobby` is not published on 8087",
            "`lobby`의 3000번 포트가 8087번으로 열려 있지 않아요",
            *again,
        )
    yield from _page_has(lab, container, "lobby", "Hello", *again)


def _first(layers: list[list[str]], part: str) -> int:
    """Return the index of the first layer with a path that contains a text; -1 if none has."""
    for number, paths in enumerate(layers):
        if any(part in path for path in paths):
            return number
    return -1


def _published(container: dict[str, Any]) -> list[str]:
    """Return the host ports that are published for the app."""
    opened = (container["NetworkSettings"].get("Ports") or {}).get(_PORT)
    wanted = (container["HostConfig"].get("PortBindings") or {}).get(_PORT)
    return [binding["HostPort"] for binding in opened or wanted or []]


def _page_has(
    lab: Lab, container: dict[str, Any], name: str, text: str, *hints: Phrase
) -> Iterator[Gap]:
    if not is_running(container):
        yield not_running(name, code(f"%docker start {name}"))
    elif text not in lab.exec_output(name, "node", "-e", _READ):
        yield gap(
            f"the page of `{name}` does not say `{text}`",
            f"`{name}`의 페이지에 `{text}`가 없어요",
            *hints,
        )
