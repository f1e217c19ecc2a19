"""Section 07, from notebook to CI: images for others, and a registry."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docker_magics.course.exercise import Section
from docker_magics.course.gap import (
    Gap,
    differs,
    gap,
    no_container,
    no_image,
    not_running,
    run_says,
    wrong_base,
    wrong_image,
)
from docker_magics.course.images import (
    added_files,
    container_output,
    health_question,
    is_always_healthy,
    is_based_on,
    is_written_down,
    steps,
)
from docker_magics.course.lab import Lab, is_running
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
_READY = "sleep 2; touch /tmp/ready; sleep 600"
_SECOND_NS = 1_000_000_000
#: The interval of a health check that names none.
_DEFAULT_NS = 30 * _SECOND_NS
#: Seconds after which the health check has answered, if all is right.
_HEALTH_S = 3.0
_STABLE = "localhost:5007/me/site:stable"
#: The folder of a registry's data: that of Debian's package, that of Docker Hub's image.
_FOLDERS = ("docker-registry", "registry")
#: Where the registry keeps the digest that a tag points to, and a blob.
_LINK = (
    "/var/lib/{folder}/docker/registry/v2/repositories/me/site/_manifests/tags/stable/current/link"
)
_BLOB = "/var/lib/{folder}/docker/registry/v2/blobs/sha256/{start}/{name}/data"


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
        "The image that the next cell builds contains a compiler of 20 MB, and its containers run as root. Build it again as `me/ship:1`: its containers print the same size, still measured by the build, but run as `nobody`, and no layer has the file `/compiler`.",
        "다음 셀로 만드는 이미지에는 20 MB짜리 컴파일러가 들어 있고, 컨테이너는 root로 실행돼요. `me/ship:1`로 다시 빌드하세요. 컨테이너는 빌드할 때 잰 크기를 똑같이 출력하고, `nobody`로 실행되고, 어느 레이어에도 `/compiler` 파일이 없어야 해요.",
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
        yield differs(run_says("me/ship:1"), output, _SIZE, code('CMD ["cat", "/result.txt"]'))
    if any(is_written_down(step, _SIZE) for step in steps(lab, "me/ship:1")):
        yield gap(
            "the size was written down, not measured", "크기를 재지 않고 적어 넣었어요", *stages
        )


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
    if not is_based_on(lab, "me/clinic:1", "busybox"):
        yield wrong_base("me/clinic:1", "busybox")
    config = image["Config"]
    yield from _start_gaps([*(config.get("Entrypoint") or []), *(config.get("Cmd") or [])])
    if not (question := health_question(config)):
        yield gap("the image has no health check", "이미지에 헬스 체크가 없어요", ask)
        return
    if (interval := config["Healthcheck"].get("Interval")) != _SECOND_NS:
        yield gap(
            f"the health check asks every {(interval or _DEFAULT_NS) / _SECOND_NS:g} seconds",
            f"헬스 체크를 {(interval or _DEFAULT_NS) / _SECOND_NS:g}초마다 해요",
            ask,
        )
    if is_always_healthy(lab, "me/clinic:1", question):
        yield gap(
            "the health check says healthy without `/tmp/ready`",
            "`/tmp/ready` 파일이 없어도 헬스 체크가 healthy라고 해요",
            ask,
        )
    container = lab.container("clinic")
    inspect = Phrase(
        "The file appears after two seconds. `%docker inspect -f '{{json .State.Health}}' clinic`",
        "파일은 2초 뒤에 생겨요. `%docker inspect -f '{{json .State.Health}}' clinic`",
    )
    if container is None:
        yield no_container("clinic", code("%docker run -d --name clinic me/clinic:1"))
    elif not lab.made_from(container, "me/clinic:1"):
        yield wrong_image("clinic", "me/clinic:1")
    elif not is_running(container):
        yield not_running("clinic", code("%docker start clinic"), code("%docker unpause clinic"))
    else:
        yield from _health_gaps("clinic", container, inspect)


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
    registry = lab.container("shelf")
    if registry is None:
        yield no_container(
            "shelf", code("%docker run -d --name shelf -p 127.0.0.1:5007:5000 registry:2")
        )
        return
    if not is_running(registry):
        yield not_running("shelf", code("%docker start shelf"))
    pushed = {
        identity
        for folder in _FOLDERS
        if (digest := lab.file("shelf", _LINK.format(folder=folder)))
        for identity in _image_ids(lab, folder, digest.strip())
    }
    if not pushed:
        yield gap(
            "the registry has no tag `stable` of `me/site`",
            "레지스트리에 `me/site`의 `stable` 태그가 없어요",
            *push,
        )
        return
    image = lab.image(_SITE)
    if image is None or image["Id"] not in pushed:
        yield gap(
            f"`stable` is another image than `{_SITE}`",
            f"`stable` 태그가 `{_SITE}` 이미지가 아니에요",
            *push,
        )


@SECTION.exercise(
    4,
    title=Phrase("Sick without a cause", "아프지 않은데 unhealthy"),
    task=Phrase(
        "`guard` of the cell below does its work, but the engine calls it unhealthy. Find out what its health check says, and mend it: `guard`, from `busybox`, is healthy, and its check still asks whether it is ready.",
        "아래 셀의 `guard`는 할 일을 하고 있는데 엔진은 unhealthy라고 해요. 헬스 체크의 결과를 살펴보고 고치세요. `busybox`로 만든 `guard`가 healthy 상태가 되고, 헬스 체크는 여전히 준비되었는지 확인해야 해요.",
    ),
    solution="""\
%docker rm -f guard
%docker run -d --name guard --health-cmd 'test -f /tmp/ready' --health-interval 1s busybox sh -c 'touch /tmp/ready; sleep 600'""",
    why=Phrase(
        "The check asks for `/ready`, the program writes `/tmp/ready`. A check that asks the wrong question makes a platform restart what works.",
        "헬스 체크는 `/ready`를 찾는데 프로그램은 `/tmp/ready`를 만들어요. 헬스 체크가 엉뚱한 것을 물으면 멀쩡한 컨테이너도 자꾸 다시 시작돼요.",
    ),
    makes=("container guard",),
    given="""\
%docker run -d --name guard --health-cmd 'test -f /ready' --health-interval 1s busybox sh -c 'touch /tmp/ready; sleep 600'""",
)
def _guard(lab: Lab) -> Iterator[Gap]:
    look = (
        Phrase(
            "Which file does the check look for? `%docker inspect -f '{{json .Config}}' guard`",
            "헬스 체크는 어떤 파일을 찾나요? `%docker inspect -f '{{json .Config}}' guard`",
        ),
        code("--health-cmd 'test -f /tmp/ready'"),
    )
    container = lab.container("guard")
    if container is None:
        yield no_container("guard", *look)
        return
    if not lab.made_from(container, "busybox"):
        yield wrong_image("guard", "busybox")
    question = health_question(container["Config"])
    if not question:
        yield gap("`guard` has no health check", "`guard`에 헬스 체크가 없어요", *look)
    elif is_always_healthy(lab, "busybox", question):
        yield gap(
            "the health check says healthy whether it is ready or not",
            "준비가 안 되어도 헬스 체크가 healthy라고 해요",
            *look,
        )
    elif not is_running(container):
        yield not_running("guard", code("%docker start guard"))
    else:
        yield from _health_gaps("guard", container, *look)


def _health_gaps(name: str, container: dict[str, Any], *hints: Phrase) -> Iterator[Gap]:
    """Yield the gap of a container that is not healthy; one that starts may become it."""
    health = container["State"].get("Health", {}).get("Status")
    if health != "healthy":
        what = Phrase(f"`{name}` is not healthy", f"`{name}` 컨테이너가 healthy 상태가 아니에요")
        yield Gap(what, hints, wait_s=_HEALTH_S if health == "starting" else 0.0)


def _start_gaps(command: list[str]) -> Iterator[Gap]:
    if _READY not in " ".join(" ".join(command).split()):
        yield gap(
            "the start command of the image is another one",
            "이미지의 시작 명령이 문제에 있는 것과 달라요",
            code(f'CMD ["sh", "-c", "{_READY}"]'),
        )


def _image_ids(lab: Lab, folder: str, digest: str) -> set[str]:
    """Return the IDs that a pushed image has on an engine, by its manifest's digest.

    An engine with containerd's image store calls an image by this digest, others by that of the
    config.

    source: OCI image manifest; Engine API, ImageInspect.
    """
    checksum = digest.removeprefix("sha256:")
    manifest = lab.file("shelf", _BLOB.format(folder=folder, start=checksum[:2], name=checksum))
    return {digest, json.loads(manifest or "{}").get("config", {}).get("digest", "")}
