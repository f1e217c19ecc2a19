"""Section 07, from notebook to CI: images for others, and a registry."""

from __future__ import annotations

import shlex
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from docker_magics.course.exercise import Section
from docker_magics.course.gap import Gap, differs, gap, no_container, no_image, wrong_image
from docker_magics.course.images import added_files, container_output
from docker_magics.course.lab import Lab
from docker_magics.course.language import code
from docker_magics.phrase import Phrase

_SITE = "me/site:3"
_SITE_DOCKERFILE = """\
FROM busybox
RUN mkdir /www && echo "<h1>made by 20000000 bytes</h1>" > /www/index.html
USER nobody
HEALTHCHECK --interval=1s CMD wget -q -O /dev/null http://127.0.0.1:8000/
CMD ["httpd", "-f", "-p", "8000", "-h", "/www"]
"""
_SIZE = "20000000"
_SECOND_NS = 1_000_000_000
#: The interval of a health check that names none.
_DEFAULT_NS = 30 * _SECOND_NS
#: Maximum seconds to wait for the first answer of a health check.
_HEALTH_S = 6.0
_STABLE = "localhost:5007/me/site:stable"
#: Where the registry keeps what a tag points to.
_LINK = (
    "/var/lib/{folder}/docker/registry/v2/repositories/me/site/_manifests/tags/stable/current/link"
)


def _prepare(lab: Lab) -> None:
    """Make the lesson's image and its registry, if they are missing."""
    if lab.image(_SITE) is None:
        with tempfile.TemporaryDirectory() as folder:
            lab.build(_SITE, _SITE_DOCKERFILE, Path(folder))
    if lab.container("shelf") is None:
        lab.docker("run -d --name shelf -p 127.0.0.1:5007:5000 registry:2")


SECTION = Section("07", Phrase("From notebook to CI", "노트북에서 CI까지"), prepare=_prepare)


@SECTION.exercise(
    1,
    title=Phrase("Light and without root", "가볍고 root가 아니게"),
    task=Phrase(
        "The image that the next cell builds contains its compiler of 20 MB and runs as root. Build `me/ship:1`, whose containers print the same but run as `nobody`, and of which no layer has the file `/compiler`.",
        "다음 셀로 만드는 이미지에는 20 MB짜리 컴파일러가 들어 있고, 컨테이너는 root로 실행돼요. `me/ship:1`로 다시 빌드하세요. 컨테이너는 똑같이 출력하고, `nobody`로 실행되고, 어느 레이어에도 `/compiler` 파일이 없어야 해요.",
    ),
    solution="""\
%%dockerfile -t me/ship:1
FROM busybox AS build
RUN dd if=/dev/zero of=/compiler bs=1000000 count=20
RUN wc -c < /compiler > /result.txt

FROM busybox
COPY --from=build /result.txt /result.txt
USER nobody
CMD ["cat", "/result.txt"]""",
    why=Phrase(
        "Only the last stage becomes the image; `COPY --from` takes the result out of the first one. `USER` says who runs the container.",
        "마지막 스테이지만 이미지가 되고, `COPY --from`으로 첫 스테이지의 결과를 가져와요. `USER`는 컨테이너를 누가 실행할지 정해요.",
    ),
    makes=("image me/ship:1",),
    given="""\
%%dockerfile -t me/freight:1
FROM busybox
RUN dd if=/dev/zero of=/compiler bs=1000000 count=20
RUN wc -c < /compiler > /result.txt
CMD ["cat", "/result.txt"]""",
)
def _ship(lab: Lab) -> Iterator[Gap]:
    image = lab.image("me/ship:1")
    stages = (
        Phrase(
            "Begin with `FROM busybox AS build`, and after the result is made write a second `FROM busybox`.",
            "`FROM busybox AS build`로 시작하고, 결과를 만든 다음에 `FROM busybox`를 한 번 더 쓰세요.",
        ),
        code("COPY --from=build /result.txt /result.txt"),
    )
    if image is None:
        yield no_image("me/ship:1", *stages)
        return
    if any("/compiler" in layer for layer in added_files(lab, "me/ship:1", "busybox")):
        yield gap("a layer has the file `/compiler`", "레이어에 `/compiler` 파일이 있어요", *stages)
    user = (image["Config"].get("User") or "root").partition(":")[0]
    if user not in {"nobody", "65534"}:
        yield gap(
            f"its containers run as `{user}`",
            f"컨테이너가 `{user}` 사용자로 실행돼요",
            Phrase("`USER nobody` comes before `CMD`.", "`CMD` 앞에 `USER nobody`를 쓰세요."),
        )
    if (output := container_output(lab, "me/ship:1")) != _SIZE:
        shown = code("docker run --rm me/ship:1")
        yield differs(shown, output, _SIZE, code('CMD ["cat", "/result.txt"]'))


@SECTION.exercise(
    2,
    title=Phrase("A healthy container", "건강한 컨테이너"),
    task=Phrase(
        "Build `me/clinic:1` from `busybox`. Its start command is `sh -c 'sleep 2; touch /tmp/ready; sleep 600'`, and a health check tests every second whether the file `/tmp/ready` exists. Run a container named `clinic` from it in the background; it must become healthy.",
        "`busybox`로 `me/clinic:1` 이미지를 빌드하세요. 시작 명령은 `sh -c 'sleep 2; touch /tmp/ready; sleep 600'`이고, 헬스 체크는 `/tmp/ready` 파일이 있는지 1초마다 확인해야 해요. 이 이미지로 `clinic` 컨테이너를 백그라운드에서 실행해서 healthy 상태가 되게 하세요.",
    ),
    solution="""\
from docker_magics import docker

docker("build -t me/clinic:1 -", input='''
FROM busybox
HEALTHCHECK --interval=1s CMD test -f /tmp/ready
CMD ["sh", "-c", "sleep 2; touch /tmp/ready; sleep 600"]
''')
%docker run -d --name clinic me/clinic:1""",
    why=Phrase(
        "`test -f FILE` ends with 0 if the file exists. The engine runs it in the container at each interval.",
        "`test -f 파일`은 파일이 있으면 0으로 끝나요. 엔진이 정한 간격마다 컨테이너 안에서 실행해요.",
    ),
    makes=("container clinic", "image me/clinic:1"),
)
def _clinic(lab: Lab) -> Iterator[Gap]:
    image = lab.image("me/clinic:1")
    ask = code("HEALTHCHECK --interval=1s CMD test -f /tmp/ready")
    if image is None:
        yield no_image("me/clinic:1", code("%%dockerfile -t me/clinic:1"), ask)
        return
    healthcheck = image["Config"].get("Healthcheck") or {}
    question = _question(healthcheck.get("Test") or [])
    if not question:
        yield gap("the image has no health check", "이미지에 헬스 체크가 없어요", ask)
        return
    if (interval := healthcheck.get("Interval")) != _SECOND_NS:
        yield gap(
            f"the health check asks every {(interval or _DEFAULT_NS) / _SECOND_NS:g} seconds",
            f"헬스 체크를 {(interval or _DEFAULT_NS) / _SECOND_NS:g}초마다 해요",
            ask,
        )
    if "well" in container_output(lab, "me/clinic:1", "sh", "-c", f"({question}) && echo well"):
        yield gap(
            "the health check says healthy without `/tmp/ready`",
            "`/tmp/ready` 파일이 없어도 헬스 체크가 healthy라고 해요",
            ask,
        )
    container = lab.container("clinic")
    if container is None:
        yield no_container("clinic", code("%docker run -d --name clinic me/clinic:1"))
    elif not lab.made_from(container, "me/clinic:1"):
        yield wrong_image("clinic", "me/clinic:1")
    elif _health(lab, "clinic") != "healthy":
        yield gap(
            "`clinic` is not healthy yet",
            "`clinic` 컨테이너가 아직 healthy 상태가 아니에요",
            Phrase(
                "The file appears after two seconds. `%docker inspect -f '{{json .State.Health}}' clinic`",
                "파일은 2초 뒤에 생겨요. `%docker inspect -f '{{json .State.Health}}' clinic`",
            ),
        )


@SECTION.exercise(
    3,
    title=Phrase("On the shelf", "레지스트리에 올리기"),
    task=Phrase(
        f"Push the image `{_SITE}` to the registry `shelf` under the name `{_STABLE}`.",
        f"`{_SITE}` 이미지를 `shelf` 레지스트리에 `{_STABLE}`이라는 이름으로 올리세요.",
    ),
    solution=f"""\
%docker tag {_SITE} {_STABLE}
%docker push {_STABLE}""",
    why=Phrase(
        "The beginning of the name says where to push; `tag` gives the image this name.",
        "이름의 맨 앞이 어디로 올릴지 정해요. `tag`는 이미지에 그 이름을 붙여요.",
    ),
    makes=("container shelf", f"image {_STABLE}"),
)
def _shelf(lab: Lab) -> Iterator[Gap]:
    push = (code(f"%docker tag {_SITE} {_STABLE}"), code(f"%docker push {_STABLE}"))
    if lab.container("shelf") is None:
        yield no_container(
            "shelf", code("%docker run -d --name shelf -p 127.0.0.1:5007:5000 registry:2")
        )
        return
    folders = ("docker-registry", "registry")  # Debian's package, Docker Hub's image
    links = (lab.file("shelf", _LINK.format(folder=folder)) for folder in folders)
    pushed = next(filter(None, links), "").strip()
    if not pushed:
        yield gap(
            "the registry has no tag `stable` of `me/site`",
            "레지스트리에 `me/site`의 `stable` 태그가 없어요",
            *push,
        )
        return
    image = lab.image(_SITE)
    digests = (image or {}).get("RepoDigests") or []
    if not any(digest.endswith(f"@{pushed}") for digest in digests):
        yield gap(
            f"`stable` is another image than `{_SITE}`",
            f"`stable` 태그가 `{_SITE}` 이미지가 아니에요",
            *push,
        )


def _health(lab: Lab, name: str) -> str:
    """Return the status of a health check, once it is no longer starting."""
    deadline = time.monotonic() + _HEALTH_S
    while True:
        status: str = (
            ((lab.container(name) or {}).get("State") or {}).get("Health", {}).get("Status")
        )
        if status != "starting" or time.monotonic() > deadline:
            return status
        time.sleep(0.2)


def _question(test: list[str]) -> str:
    """Return a health check as a line for a shell; "" if the image has none."""
    kind, *arguments = test or ["NONE"]
    if kind == "NONE":
        return ""
    return arguments[0] if kind == "CMD-SHELL" else shlex.join(arguments)
