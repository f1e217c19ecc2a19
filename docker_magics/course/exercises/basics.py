"""Section 02, Docker basics: images, containers, what isolates them."""

from __future__ import annotations

from collections.abc import Iterator

from docker_magics.course.exercise import Section
from docker_magics.course.gap import Gap, gap, no_container, wrong_image
from docker_magics.course.lab import Lab
from docker_magics.course.language import code
from docker_magics.course.sleeper import sleeper_gaps
from docker_magics.phrase import Phrase

SECTION = Section("02", Phrase("Docker basics", "도커 기초"))


@SECTION.exercise(
    1,
    title=Phrase("Your first container", "나의 첫 컨테이너"),
    task=Phrase(
        "Run a container from `hello-world` and name it `first`. It ends by itself; leave it there.",
        "`hello-world` 이미지로 컨테이너를 실행하고 이름을 `first`로 지어 보세요. 저절로 끝나니 지우지 말고 그대로 두세요.",
    ),
    solution="%docker run --name first hello-world",
    why=Phrase(
        "`run` creates a container and starts it. Options such as `--name` come before the image.",
        "`run`은 컨테이너를 만들고 시작해요. `--name` 같은 옵션은 이미지 이름 앞에 써요.",
    ),
    makes=("container first",),
)
def _first(lab: Lab) -> Iterator[Gap]:
    container = lab.container("first")
    if container is None:
        yield no_container(
            "first",
            Phrase(
                "`docker run` takes `--name NAME`, before the image.",
                "`docker run`에는 `--name 이름` 옵션이 있고, 이미지 앞에 써요.",
            ),
            code("%docker run --name first hello-world"),
        )
    elif not lab.made_from(container, "hello-world"):
        yield wrong_image("first", "hello-world")
    elif "Hello from Docker!" not in lab.final_logs("first"):
        yield gap(
            "`first` has not said hello yet",
            "`first` 컨테이너가 아직 인사를 출력하지 않았어요",
            Phrase(
                "Has it been started? `%docker start -a first`",
                "시작했나요? `%docker start -a first`",
            ),
        )


@SECTION.exercise(
    2,
    title=Phrase("Two steps of three", "세 단계 중 두 단계만"),
    task=Phrase(
        "Make a container named `waiting` from `busybox` whose environment and files are ready, but whose start command does not run yet.",
        "`busybox` 이미지로 `waiting` 컨테이너를 만드세요. 격리된 공간과 파일은 준비되었지만 시작 명령은 아직 실행되지 않은 상태여야 해요.",
    ),
    solution="%docker create --name waiting busybox",
    why=Phrase(
        "`create` does the first two steps; `start` would do the third.",
        "`create`는 앞의 두 단계만 해요. 세 번째 단계는 `start`가 해요.",
    ),
    makes=("container waiting",),
)
def _waiting(lab: Lab) -> Iterator[Gap]:
    container = lab.container("waiting")
    create = code("%docker create --name waiting busybox")
    if container is None:
        yield no_container(
            "waiting",
            Phrase(
                "`docker run` does all three steps. Which command leaves out the last?",
                "`docker run`은 세 단계를 모두 해요. 마지막 단계를 빼는 명령은 무엇일까요?",
            ),
            create,
        )
        return
    if not lab.made_from(container, "busybox"):
        yield wrong_image("waiting", "busybox")
    state = container["State"]
    if (status := state["Status"]) == "created" and state["ExitCode"]:
        yield gap(
            "`waiting` was to be started: its command could not be found or run",
            "`waiting` 컨테이너를 시작하려다가 명령을 찾지 못했거나 실행하지 못했어요",
            Phrase(
                "Remove it (`%docker rm -f waiting`), and use `docker create`, which starts nothing.",
                "`%docker rm -f waiting`으로 지우고, 아무것도 시작하지 않는 `docker create`를 쓰세요.",
            ),
            create,
        )
    elif status != "created":
        yield gap(
            f"`waiting` was started: its state is {status}, not created",
            f"`waiting` 컨테이너가 이미 시작되었어요. 지금 상태: {status}. 기대한 상태: created",
            Phrase(
                "A started container never goes back to *created*: remove it (`%docker rm -f waiting`), and use `docker create`.",
                "한번 시작한 컨테이너는 created 상태로 돌아가지 않아요. `%docker rm -f waiting`으로 지우고 `docker create`를 쓰세요.",
            ),
            create,
        )


@SECTION.exercise(
    3,
    title=Phrase("Writing into a container", "컨테이너 안에 쓰기"),
    task=Phrase(
        "Run a container named `diary` from `busybox` that writes a line of your choice into the file `/diary.txt`.",
        "`busybox` 이미지로 `diary` 컨테이너를 실행해서 `/diary.txt` 파일에 아무 글이나 한 줄 쓰게 하세요.",
    ),
    solution="%docker run --name diary busybox sh -c 'echo hello > /diary.txt'",
    why=Phrase(
        "The command after the image runs in the container. `>` is the shell's, so the command is a shell: `sh -c '...'`.",
        "이미지 이름 뒤의 명령이 컨테이너 안에서 실행돼요. `>`는 셸의 기능이라서 `sh -c '...'`로 셸을 실행해요.",
    ),
    makes=("container diary",),
)
def _diary(lab: Lab) -> Iterator[Gap]:
    container = lab.container("diary")
    write = (
        Phrase(
            "After the image comes the command. Only a shell understands `>`: `sh -c 'echo ... > FILE'`.",
            "이미지 이름 뒤에 명령을 써요. `>`는 셸만 알아들어요: `sh -c 'echo ... > 파일'`",
        ),
        code("%docker run --name diary busybox sh -c 'echo hello > /diary.txt'"),
    )
    if container is None:
        yield no_container("diary", *write)
    elif not lab.made_from(container, "busybox"):
        yield wrong_image("diary", "busybox")
    elif container["State"]["Status"] == "created":
        yield gap(
            "`diary` was created, but it has not run",
            "`diary` 컨테이너를 만들기만 하고 실행하지 않았어요",
            code("%docker rm diary"),
            *write,
        )
    elif (written := lab.file("diary", "/diary.txt")) is None:
        yield gap(
            "`diary` has no file `/diary.txt`", "`diary`에 `/diary.txt` 파일이 없어요", *write
        )
    elif not written.strip():
        yield gap(
            "the file `/diary.txt` of `diary` is empty",
            "`diary`의 `/diary.txt` 파일이 비어 있어요",
            *write,
        )


@SECTION.exercise(
    4,
    title=Phrase("Another host name", "나만의 호스트 이름"),
    task=Phrase(
        "Start a container named `kitchen` from `busybox` in the background with the command `sleep 600`. Inside, its host name is to be `seoul`.",
        "`busybox` 이미지로 `kitchen` 컨테이너를 백그라운드에서 `sleep 600` 명령으로 시작하세요(600초 동안 대기). 그 안에서 본 호스트 이름은 `seoul`이어야 해요.",
    ),
    solution="%docker run -d --name kitchen --hostname seoul busybox sleep 600",
    why=Phrase(
        "The uts namespace gives each container its own host name; `--hostname` sets it.",
        "uts 네임스페이스 덕분에 컨테이너마다 호스트 이름이 따로 있어요. `--hostname`으로 정해요.",
    ),
    makes=("container kitchen",),
)
def _kitchen(lab: Lab) -> Iterator[Gap]:
    container = lab.container("kitchen")
    options = (
        Phrase(
            "`-d` runs in the background, `--hostname NAME` sets the host name; both come before the image.",
            "`-d`는 백그라운드 실행이고, `--hostname 이름`은 호스트 이름을 정해요. 둘 다 이미지 앞에 써요.",
        ),
        code("%docker run -d --name kitchen --hostname seoul busybox sleep 600"),
    )
    yield from sleeper_gaps(lab, "kitchen", *options)
    if container is None:
        return
    name = lab.exec_output("kitchen", "hostname").strip() or container["Config"]["Hostname"]
    if "seoul" not in {name, container["Config"]["Hostname"]}:
        yield gap(
            f"its host name is `{name}`, not `seoul`",
            f"호스트 이름: `{name}`. 기대한 값: `seoul`",
            *options,
        )


@SECTION.exercise(
    5,
    title=Phrase("Twins", "쌍둥이"),
    task=Phrase(
        "Start two containers from `busybox` in the background, `twin-a` and `twin-b`, with the command `sleep 600`. Then make the file `/secret` in `twin-a`, and not in `twin-b`.",
        "`busybox` 이미지로 `twin-a`와 `twin-b` 두 컨테이너를 백그라운드에서 `sleep 600` 명령으로 시작하세요. 그런 다음 `/secret` 파일을 `twin-a`에만 만드세요.",
    ),
    solution="""\
%docker run -d --name twin-a busybox sleep 600
%docker run -d --name twin-b busybox sleep 600
%docker exec twin-a touch /secret""",
    why=Phrase(
        "Two containers of one image share its files, but each writes into its own layer.",
        "같은 이미지로 만든 두 컨테이너는 이미지의 파일을 함께 쓰지만, 새로 쓴 것은 저마다의 레이어에 저장돼요.",
    ),
    makes=("container twin-a", "container twin-b"),
)
def _twins(lab: Lab) -> Iterator[Gap]:
    for name in ("twin-a", "twin-b"):
        yield from sleeper_gaps(lab, name, code(f"%docker run -d --name {name} busybox sleep 600"))
    if lab.file("twin-a", "/secret") is None:
        yield gap(
            "`twin-a` has no file `/secret`",
            "`twin-a`에 `/secret` 파일이 없어요",
            Phrase(
                "`%docker exec NAME COMMAND` runs a command in a running container.",
                "`%docker exec 이름 명령`은 실행 중인 컨테이너 안에서 명령을 실행해요.",
            ),
            code("%docker exec twin-a touch /secret"),
        )
    if "/secret" in lab.changed("twin-b"):
        yield gap(
            "`twin-b` has the file `/secret` too",
            "`twin-b`에도 `/secret` 파일이 있어요",
            code("%docker exec twin-b rm /secret"),
        )


@SECTION.exercise(
    6,
    title=Phrase("Not more than this", "딱 이만큼만"),
    task=Phrase(
        "Start a container named `small` from `busybox` in the background with the command `sleep 600`. It may use 32 MiB of memory at most.",
        "`busybox` 이미지로 `small` 컨테이너를 백그라운드에서 `sleep 600` 명령으로 시작하세요. 메모리는 최대 32 MiB만 쓸 수 있어야 해요.",
    ),
    solution="%docker run -d --name small --memory 32m busybox sleep 600",
    why=Phrase(
        "`--memory 32m` becomes the memory limit of the container's cgroup; `m` means MiB.",
        "`--memory 32m`이 컨테이너 cgroup의 메모리 제한이 돼요. `m`은 MiB예요.",
    ),
    makes=("container small",),
)
def _small(lab: Lab) -> Iterator[Gap]:
    container = lab.container("small")
    options = (
        Phrase(
            "`-d` runs in the background, `--memory` sets the limit. Above it was `64m`.",
            "`-d`는 백그라운드 실행이고, `--memory`로 제한을 정해요. 위에서는 `64m`이었죠.",
        ),
        code("%docker run -d --name small --memory 32m busybox sleep 600"),
    )
    yield from sleeper_gaps(lab, "small", *options)
    if container is None:
        return
    limit = container["HostConfig"]["Memory"]
    if not limit:
        yield gap("it has no memory limit", "메모리 제한이 없어요", *options)
    elif limit not in {32 * 1024 * 1024, 32 * 1000 * 1000}:
        yield gap(
            f"its memory limit is {limit:,} bytes, not 32 MiB",
            f"메모리 제한: {limit:,}바이트. 기대한 값: 32 MiB",
            *options,
        )
