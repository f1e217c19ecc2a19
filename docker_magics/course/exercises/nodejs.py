"""Section 05, a simple Node.js app: an image for it, ports, the order of layers, volumes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from docker_magics.course.exercise import Section
from docker_magics.course.images import added_steps, container_output, find_step, no_image
from docker_magics.course.lab import Lab, is_running, no_container, not_running
from docker_magics.course.language import Phrase, code

SECTION = Section("05", Phrase("A simple Node.js app", "간단한 Node.js 앱"))

_PORT = "3000/tcp"
_GREET = "console.log(require('greeting')('you'))"
#: Fetches the page inside the container; retries while the app starts.
_READ = """
const ask = tries => fetch('http://localhost:3000/').then(page => page.text()).then(console.log)
  .catch(() => tries && setTimeout(ask, 200, tries - 1));
ask(25);
"""


@SECTION.exercise(
    1,
    title=Phrase("Open for Seoul", "서울 손님 맞이하기"),
    task=Phrase(
        "Start a container named `shop` from `me/hello:2` in the background. Its page is published on port 8082, and greets `Seoul`.",
        "`me/hello:2` 이미지로 `shop`이라는 컨테이너를 백그라운드에서 시작하세요. 페이지는 8082번 포트로 열려 있고, `Seoul`에게 인사해야 해요.",
    ),
    hints=(
        Phrase(
            "`-p OUTSIDE:INSIDE`; the app inside listens on 3000.",
            "`-p 바깥:안`이에요. 앱은 컨테이너 안의 3000번 포트에서 기다려요.",
        ),
        Phrase(
            "`-e NAME=Seoul` sets the variable that the app reads.",
            "`-e NAME=Seoul`이 앱이 읽는 변수를 정해 줘요.",
        ),
        code("%docker run -d --name shop -p 8082:3000 -e NAME=Seoul me/hello:2"),
    ),
)
def _shop(lab: Lab) -> Iterator[Phrase]:
    container = lab.container("shop")
    if container is None:
        yield no_container("shop")
        return
    if "8082" not in _published(container):
        yield Phrase(
            "port 3000 of `shop` is not published on 8082",
            "`shop`의 3000번 포트가 8082번으로 열려 있지 않아요",
        )
    yield from _page_has(lab, container, "shop", "Hello, Seoul!")


@SECTION.exercise(
    2,
    title=Phrase("Another work folder", "다른 작업 폴더"),
    task=Phrase(
        "Build an image named `me/card:1` from the folder `app` that keeps the app in `/card` instead of `/app`.",
        "`app` 폴더로 `me/card:1` 이미지를 빌드하세요. 앱은 `/app`이 아니라 `/card`에 들어 있어야 해요.",
    ),
    hints=(
        Phrase(
            "`WORKDIR` says where the steps behind it work, and where a container starts.",
            "`WORKDIR`은 그 뒤의 단계들이 일하는 곳이자, 컨테이너가 시작하는 곳이에요.",
        ),
        Phrase(
            "Copy the Dockerfile of `me/hello:2`, and change one line and the `-t`.",
            "`me/hello:2`의 Dockerfile을 복사해서 한 줄과 `-t`만 바꾸세요.",
        ),
    ),
)
def _card(lab: Lab) -> Iterator[Phrase]:
    image = lab.image("me/card:1")
    if image is None:
        yield no_image("me/card:1")
    elif (folder := image["Config"].get("WorkingDir") or "/") != "/card":
        yield Phrase(
            f"a container of it starts in `{folder}`, not in `/card`",
            f"컨테이너가 `/card`가 아니라 `{folder}`에서 시작해요",
        )
    elif container_output(lab, "me/card:1", "node", "-e", _GREET) != "Hello, you!":
        yield Phrase(
            "the package `greeting` is not installed in `/card`: is there `RUN npm install`?",
            "`/card`에 `greeting` 패키지가 설치되어 있지 않아요. `RUN npm install`이 있나요?",
        )


@SECTION.exercise(
    3,
    title=Phrase("Quick again", "두 번째부터는 빠르게"),
    task=Phrase(
        "The Dockerfile in the cell below installs the packages again after every change of the sources. Put it into a better order, and build it as `me/quick:1`.",
        "아래 셀의 Dockerfile은 소스를 고칠 때마다 패키지를 다시 설치해요. 순서를 더 좋게 바꿔서 `me/quick:1`로 빌드하세요.",
    ),
    hints=(
        Phrase(
            "`npm install` needs `package.json` and `greeting` alone.",
            "`npm install`에는 `package.json`과 `greeting`만 있으면 돼요.",
        ),
        Phrase(
            "Two `COPY` lines before `RUN npm install`, and `COPY . .` after it.",
            "`RUN npm install` 앞에 `COPY` 두 줄, 뒤에 `COPY . .`를 쓰세요.",
        ),
    ),
)
def _quick(lab: Lab) -> Iterator[Phrase]:
    if lab.image("me/quick:1") is None:
        yield no_image("me/quick:1")
        return
    made = added_steps(lab, "me/quick:1", "node:slim")
    install = find_step(made, "npm install", "npm ci")
    if install < 0:
        yield Phrase("no step runs `npm install`", "`npm install`을 실행하는 단계가 없어요")
        return
    if find_step(made[:install], "COPY", "ADD") < 0:
        yield Phrase(
            "nothing is copied before `npm install`: what does it install from?",
            "`npm install` 앞에서 복사된 것이 없어요. 무엇을 보고 설치할까요?",
        )
    if find_step(made[install:], "COPY", "ADD") < 0:
        yield Phrase(
            "nothing is copied after `npm install`: the sources still stand before it",
            "`npm install` 뒤에 복사된 것이 없어요. 소스가 아직 그 앞에 있어요",
        )


@SECTION.exercise(
    4,
    title=Phrase("What stays at home", "집에 두고 갈 것"),
    task=Phrase(
        "The cell below puts a password into the folder `app`. Build the folder as `me/safe:1`, with the app in `/app`, so that `secret.txt` stays in the folder but does not get into the image.",
        "아래 셀은 `app` 폴더에 비밀번호를 넣어요. 앱이 `/app`에 들어 있도록 이 폴더를 `me/safe:1`로 빌드하세요. `secret.txt`는 폴더에 그대로 두지만 이미지에는 들어가면 안 돼요.",
    ),
    hints=(
        Phrase(
            "The file `app/.dockerignore` lists what is not sent to the daemon, a line each.",
            "`app/.dockerignore` 파일에 데몬으로 보내지 않을 것을 한 줄에 하나씩 써요.",
        ),
        Phrase(
            "It has `node_modules` already; write it anew with a second line, `secret.txt`.",
            "이미 `node_modules`가 들어 있어요. `secret.txt`를 둘째 줄로 더해 다시 쓰세요.",
        ),
    ),
)
def _safe(lab: Lab) -> Iterator[Phrase]:
    if lab.image("me/safe:1") is None:
        yield no_image("me/safe:1")
        return
    names = container_output(lab, "me/safe:1", "ls", "-a", "/app").split()
    if "src" not in names:
        yield Phrase("the app is not in `/app`", "앱이 `/app`에 없어요")
    if "secret.txt" in names:
        yield Phrase("the image has `/app/secret.txt`", "이미지에 `/app/secret.txt`가 들어 있어요")


@SECTION.exercise(
    5,
    title=Phrase("Edited while it runs", "실행 중에 고치기"),
    task=Phrase(
        "Remove `shop`. Then start a container named `studio` from `me/hello:2` in the background, with your folder `app/src` in place of its `/app/src`. While it runs, change `app/src/page.html` so that the page says `edited by me`.",
        "`shop`을 지우세요. 그런 다음 `me/hello:2` 이미지로 `studio`라는 컨테이너를 백그라운드에서 시작하면서, 컨테이너의 `/app/src` 자리에 내 폴더 `app/src`를 연결하세요. 그리고 실행 중에 페이지에 `edited by me`가 나오도록 `app/src/page.html`을 고치세요.",
    ),
    hints=(
        Phrase(
            "`-v FOLDER:/app/src`, where FOLDER is a whole path: `{source}`, as above.",
            "`-v 폴더:/app/src`를 쓰고, 폴더는 위에서처럼 전체 경로 `{source}`로 쓰세요.",
        ),
        Phrase(
            "`%%writefile app/src/page.html` writes the file anew.",
            "`%%writefile app/src/page.html`로 파일을 새로 쓸 수 있어요.",
        ),
        code("%docker run -d --name studio -p 8084:3000 -v {source}:/app/src me/hello:2"),
    ),
)
def _studio(lab: Lab) -> Iterator[Phrase]:
    if lab.container("shop") is not None:
        yield Phrase("`shop` is still there", "`shop` 컨테이너가 아직 있어요")
    container = lab.container("studio")
    if container is None:
        yield no_container("studio")
        return
    if "/app/src" not in [mount["Destination"] for mount in container["Mounts"]]:
        yield Phrase(
            "`studio` has no folder of yours at `/app/src`",
            "`studio`의 `/app/src`에 내 폴더가 연결되어 있지 않아요",
        )
    yield from _page_has(lab, container, "studio", "edited by me")


def _published(container: dict[str, Any]) -> list[str]:
    """Return the host ports that are published for the app."""
    bindings = (container["HostConfig"].get("PortBindings") or {}).get(_PORT) or []
    return [binding["HostPort"] for binding in bindings]


def _page_has(lab: Lab, container: dict[str, Any], name: str, text: str) -> Iterator[Phrase]:
    if not is_running(container):
        yield not_running(name)
    elif text not in lab.exec_output(name, "node", "-e", _READ):
        yield Phrase(
            f"the page of `{name}` does not say `{text}`",
            f"`{name}`의 페이지에 `{text}`(이)라는 말이 없어요",
        )
