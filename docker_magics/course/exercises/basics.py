"""Section 02, Docker basics: images, containers, what isolates them."""

from __future__ import annotations

from collections.abc import Iterator

from docker_magics.course.exercise import Section
from docker_magics.course.lab import Lab, is_running, made_from, no_container, not_running
from docker_magics.course.language import Phrase, code

SECTION = Section("02", Phrase("Docker basics", "도커 기초"))


@SECTION.exercise(
    1,
    title=Phrase("Your first container", "나의 첫 컨테이너"),
    task=Phrase(
        "Run a container from `hello-world` and name it `first`. It ends by itself; leave it there.",
        "`hello-world` 이미지로 컨테이너를 실행하고 이름을 `first`로 지어 보세요. 저절로 끝나니 지우지 말고 그대로 두세요.",
    ),
    hints=(
        Phrase(
            "`docker run` takes `--name NAME`, before the image.",
            "`docker run`에는 `--name 이름` 옵션이 있고, 이미지 앞에 써요.",
        ),
        code("%docker run --name first hello-world"),
    ),
)
def _first(lab: Lab) -> Iterator[Phrase]:
    container = lab.container("first")
    if container is None:
        yield no_container("first")
    elif not made_from(container, "hello-world"):
        yield Phrase(
            "`first` was not made from `hello-world`",
            "`first` 컨테이너가 `hello-world` 이미지로 만든 것이 아니에요",
        )
    elif "Hello from Docker!" not in lab.logs("first"):
        yield Phrase(
            "`first` has not said hello: was it started?",
            "`first` 컨테이너가 아직 인사를 하지 않았어요. 시작했나요?",
        )


@SECTION.exercise(
    2,
    title=Phrase("Two steps of three", "세 단계 중 두 단계만"),
    task=Phrase(
        "Make a container named `waiting` from `busybox` that has its place and its files, but whose start command does not run yet.",
        "`busybox` 이미지로 `waiting`이라는 컨테이너를 만드세요. 자리와 파일은 준비되었지만 시작 명령은 아직 실행되지 않은 상태여야 해요.",
    ),
    hints=(
        Phrase(
            "`docker run` does all three steps. Which command leaves out the last?",
            "`docker run`은 세 단계를 모두 해요. 마지막 단계를 빼는 명령은 무엇일까요?",
        ),
        Phrase("`%docker create --name NAME IMAGE`", "`%docker create --name 이름 이미지`"),
    ),
)
def _waiting(lab: Lab) -> Iterator[Phrase]:
    container = lab.container("waiting")
    if container is None:
        yield no_container("waiting")
        return
    if not made_from(container, "busybox"):
        yield Phrase(
            "`waiting` was not made from `busybox`",
            "`waiting` 컨테이너가 `busybox` 이미지로 만든 것이 아니에요",
        )
    if (status := container["State"]["Status"]) != "created":
        yield Phrase(
            f"`waiting` was started: it is {status}, not created",
            f"`waiting` 컨테이너가 이미 시작되었어요. 지금 상태는 created가 아니라 {status}예요",
        )


@SECTION.exercise(
    3,
    title=Phrase("Writing into a container", "컨테이너 안에 쓰기"),
    task=Phrase(
        "Run a container named `diary` from `busybox` that writes some line into the file `/diary.txt`. The image must stay as it is.",
        "`busybox` 이미지로 `diary`라는 컨테이너를 실행해서 `/diary.txt` 파일에 아무 글이나 한 줄 쓰게 하세요. 이미지는 그대로여야 해요.",
    ),
    hints=(
        Phrase(
            "Behind the image stands the command that runs instead of the start command.",
            "이미지 뒤에 쓰는 명령이 시작 명령 대신 실행돼요.",
        ),
        Phrase(
            "Only a shell understands `>`: `sh -c 'echo ... > FILE'`.",
            "`>`는 셸만 알아들어요: `sh -c 'echo ... > 파일'`",
        ),
        code("%docker run --name diary busybox sh -c 'echo hello > /diary.txt'"),
    ),
)
def _diary(lab: Lab) -> Iterator[Phrase]:
    if lab.container("diary") is None:
        yield no_container("diary")
    elif "/diary.txt" not in lab.changed("diary"):
        yield Phrase(
            "`docker diff diary` shows no `/diary.txt`",
            "`docker diff diary`에 `/diary.txt`가 보이지 않아요",
        )


@SECTION.exercise(
    4,
    title=Phrase("Not more than this", "딱 이만큼만"),
    task=Phrase(
        "Start a container named `small` from `busybox` in the background. It sleeps for 600 seconds and may use 32 MB of memory at most.",
        "`busybox` 이미지로 `small`이라는 컨테이너를 백그라운드에서 시작하세요. 600초 동안 잠을 자고, 메모리는 최대 32 MB만 쓸 수 있어야 해요.",
    ),
    hints=(
        Phrase(
            "`-d` runs in the background, `--memory` sets the limit: `64m` above.",
            "`-d`는 백그라운드 실행, `--memory`는 제한이에요. 위에서는 `64m`이었죠.",
        ),
        code("%docker run -d --name small --memory 32m busybox sleep 600"),
    ),
)
def _small(lab: Lab) -> Iterator[Phrase]:
    container = lab.container("small")
    if container is None:
        yield no_container("small")
        return
    if not is_running(container):
        yield not_running("small")
    limit = container["HostConfig"]["Memory"]
    if limit not in {32 * 1024 * 1024, 32 * 1000 * 1000}:
        actual = f"{limit:,}" if limit else "-"
        yield Phrase(
            f"its memory limit is {actual} bytes, not 32 MB",
            f"메모리 제한이 32 MB가 아니라 {actual} 바이트예요",
        )


@SECTION.exercise(
    5,
    title=Phrase("A host name of its own", "나만의 호스트 이름"),
    task=Phrase(
        "Start a container named `kitchen` from `busybox` in the background, sleeping for 600 seconds, that believes its host name is `seoul`.",
        "`busybox` 이미지로 `kitchen`이라는 컨테이너를 백그라운드에서 시작해 600초 동안 재우세요. 그 안에서 본 호스트 이름은 `seoul`이어야 해요.",
    ),
    hints=(
        Phrase(
            "The uts namespace keeps host names apart. `%docker run --help` lists what can be set.",
            "호스트 이름은 uts 네임스페이스가 나눠요. 무엇을 정할 수 있는지는 `%docker run --help`에 있어요.",
        ),
        Phrase(
            "`--hostname NAME`, and `-d`, before the image.",
            "`--hostname 이름`과 `-d`를 이미지 앞에 쓰세요.",
        ),
        code("%docker run -d --name kitchen --hostname seoul busybox sleep 600"),
    ),
)
def _kitchen(lab: Lab) -> Iterator[Phrase]:
    container = lab.container("kitchen")
    if container is None:
        yield no_container("kitchen")
        return
    if not is_running(container):
        yield not_running("kitchen")
    if (name := container["Config"]["Hostname"]) != "seoul":
        yield Phrase(
            f"its host name is `{name}`, not `seoul`",
            f"호스트 이름이 `seoul`이 아니라 `{name}`이에요",
        )


@SECTION.exercise(
    6,
    title=Phrase("Twins", "쌍둥이"),
    task=Phrase(
        "Start two containers from `busybox` in the background, `twin-a` and `twin-b`, sleeping for 600 seconds. Then make the file `/secret` in `twin-a`, and not in `twin-b`.",
        "`busybox` 이미지로 `twin-a`와 `twin-b` 두 컨테이너를 백그라운드에서 시작해 600초 동안 재우세요. 그런 다음 `/secret` 파일을 `twin-a`에만 만드세요.",
    ),
    hints=(
        Phrase(
            "Start them with two lines of `%docker run -d --name ...`.",
            "`%docker run -d --name ...` 두 줄로 시작하세요.",
        ),
        Phrase(
            "`%docker exec NAME COMMAND` runs a command in a container that runs.",
            "`%docker exec 이름 명령`은 실행 중인 컨테이너 안에서 명령을 실행해요.",
        ),
        code("%docker exec twin-a touch /secret"),
    ),
)
def _twins(lab: Lab) -> Iterator[Phrase]:
    for name in ("twin-a", "twin-b"):
        container = lab.container(name)
        if container is None:
            yield no_container(name)
        elif not is_running(container):
            yield not_running(name)
    if "/secret" not in lab.changed("twin-a"):
        yield Phrase("`twin-a` has no file `/secret`", "`twin-a`에 `/secret` 파일이 없어요")
    if "/secret" in lab.changed("twin-b"):
        yield Phrase("`twin-b` has the file `/secret` too", "`twin-b`에도 `/secret` 파일이 있어요")
