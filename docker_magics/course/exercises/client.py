"""Section 03, client commands: run, ps, names, the life cycle, rm, exec."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from docker_magics.course.exercise import Section
from docker_magics.course.lab import Lab, is_running, made_from, no_container, not_running
from docker_magics.course.language import Phrase, code

SECTION = Section("03", Phrase("Client commands", "클라이언트 명령"))


@SECTION.exercise(
    1,
    title=Phrase("Another start command", "다른 시작 명령"),
    task=Phrase(
        "Run a container named `shout` from `busybox` whose only output is `HELLO`.",
        "`busybox` 이미지로 `shout`라는 컨테이너를 실행하세요. 출력은 `HELLO` 한 줄뿐이어야 해요.",
    ),
    hints=(
        Phrase(
            "What stands behind the image replaces its start command.",
            "이미지 뒤에 쓴 것이 시작 명령을 대신해요.",
        ),
        code("%docker run --name shout busybox echo HELLO"),
    ),
)
def _shout(lab: Lab) -> Iterator[Phrase]:
    if lab.container("shout") is None:
        yield no_container("shout")
    elif (output := lab.logs("shout").strip()) != "HELLO":
        yield Phrase(
            f"`docker logs shout` says `{output[:40]}`, not `HELLO`",
            f"`docker logs shout`의 결과가 `HELLO`가 아니라 `{output[:40]}`이에요",
        )


@SECTION.exercise(
    2,
    title=Phrase("A new name", "새 이름"),
    task=Phrase(
        "Start a container named `alpha` from `busybox` in the background, sleeping for 600 seconds. Then give it the name `omega`, without a new container.",
        "`busybox` 이미지로 `alpha`라는 컨테이너를 백그라운드에서 시작해 600초 동안 재우세요. 그런 다음 새 컨테이너를 만들지 말고 이름만 `omega`로 바꾸세요.",
    ),
    hints=(
        Phrase(
            "First `%docker run -d --name alpha busybox sleep 600`.",
            "먼저 `%docker run -d --name alpha busybox sleep 600`.",
        ),
        Phrase("`%docker rename OLD NEW`", "`%docker rename 옛이름 새이름`"),
    ),
)
def _omega(lab: Lab) -> Iterator[Phrase]:
    container = lab.container("omega")
    if container is None:
        yield no_container("omega")
    elif not is_running(container):
        yield not_running("omega")
    if lab.container("alpha") is not None:
        yield Phrase(
            "there is still a container named `alpha`", "`alpha`라는 컨테이너가 아직 있어요"
        )


@SECTION.exercise(
    3,
    title=Phrase("One container, two lives", "한 컨테이너, 두 번의 삶"),
    task=Phrase(
        "Create a container named `twice` from `hello-world`, and start it two times. Its logs then have the greeting twice.",
        "`hello-world` 이미지로 `twice`라는 컨테이너를 만들고 두 번 시작하세요. 그러면 로그에 인사말이 두 번 남아요.",
    ),
    hints=(
        Phrase(
            "`run` is `create` and `start`. An ended container can be started again.",
            "`run`은 `create`와 `start`를 합친 거예요. 끝난 컨테이너도 다시 시작할 수 있어요.",
        ),
        Phrase(
            "`%docker create --name twice hello-world`, then two times `%docker start -a twice`",
            "`%docker create --name twice hello-world`, 그다음 `%docker start -a twice`를 두 번",
        ),
    ),
)
def _twice(lab: Lab) -> Iterator[Phrase]:
    if lab.container("twice") is None:
        yield no_container("twice")
    elif (times := lab.logs("twice").count("Hello from Docker!")) < 2:
        yield Phrase(
            f"`twice` has said hello {times} time(s), not 2",
            f"`twice` 컨테이너가 두 번이 아니라 {times}번 인사했어요",
        )


@SECTION.exercise(
    4,
    title=Phrase("A polite end", "예의 바른 마무리"),
    task=Phrase(
        "Start a container named `polite` from `redis` in the background, and end it so that redis can save its data and exits with code 0. Leave the container there.",
        "`redis` 이미지로 `polite`라는 컨테이너를 백그라운드에서 시작한 뒤, redis가 데이터를 저장하고 종료 코드 0으로 끝나게 하세요. 컨테이너는 지우지 마세요.",
    ),
    hints=(
        Phrase(
            "One command asks the process to end, another one just ends it.",
            "끝내 달라고 부탁하는 명령과 그냥 끝내 버리는 명령이 있어요.",
        ),
        Phrase(
            "`%docker run -d --name polite redis`, and in a cell below `%docker stop polite`: redis needs a moment until it listens to signals.",
            "`%docker run -d --name polite redis`, 그다음 아래 셀에서 `%docker stop polite`. redis가 신호를 듣기까지는 시간이 조금 걸려요.",
        ),
    ),
)
def _polite(lab: Lab) -> Iterator[Phrase]:
    container = lab.container("polite")
    if container is None:
        yield no_container("polite")
        return
    if not made_from(container, "redis"):
        yield Phrase(
            "`polite` was not made from `redis`",
            "`polite` 컨테이너가 `redis` 이미지로 만든 것이 아니에요",
        )
    yield from _ended_with(container, "polite", 0)


@SECTION.exercise(
    5,
    title=Phrase("An abrupt end", "갑작스러운 마무리"),
    task=Phrase(
        "Start a container named `abrupt` from `busybox` in the background, sleeping for 600 seconds, and end it at once: exit code 137. Leave the container there.",
        "`busybox` 이미지로 `abrupt`라는 컨테이너를 백그라운드에서 시작해 600초 동안 재우고, 바로 끝내 버리세요. 종료 코드는 137이어야 해요. 컨테이너는 지우지 마세요.",
    ),
    hints=(
        Phrase("137 is 128 + 9, and 9 is SIGKILL.", "137은 128 + 9이고, 9는 SIGKILL이에요."),
        code("%docker kill abrupt"),
    ),
)
def _abrupt(lab: Lab) -> Iterator[Phrase]:
    container = lab.container("abrupt")
    if container is None:
        yield no_container("abrupt")
        return
    yield from _ended_with(container, "abrupt", 137)


@SECTION.exercise(
    6,
    title=Phrase("Into a running container", "실행 중인 컨테이너 속으로"),
    task=Phrase(
        "Start a container named `cafe` from `busybox` in the background with the command `sleep 600`. Then, while it runs, write `kimchi` into its file `/menu`.",
        "`busybox` 이미지로 `cafe`라는 컨테이너를 `sleep 600` 명령으로 백그라운드에서 시작하세요. 그런 다음 실행 중인 컨테이너의 `/menu` 파일에 `kimchi`라고 쓰세요.",
    ),
    hints=(
        Phrase(
            "`exec` runs a further command in a container that runs.",
            "`exec`는 실행 중인 컨테이너에서 명령을 하나 더 실행해요.",
        ),
        code("%docker exec cafe sh -c 'echo kimchi > /menu'"),
    ),
)
def _cafe(lab: Lab) -> Iterator[Phrase]:
    container = lab.container("cafe")
    if container is None:
        yield no_container("cafe")
        return
    if not is_running(container):
        yield not_running("cafe")
        return
    if container["Path"] != "sleep":
        yield Phrase(
            "the start command of `cafe` is not `sleep 600`",
            "`cafe` 컨테이너의 시작 명령이 `sleep 600`이 아니에요",
        )
    if "kimchi" not in lab.exec_output("cafe", "cat", "/menu"):
        yield Phrase(
            "`/menu` in `cafe` does not say `kimchi`", "`cafe`의 `/menu`에 `kimchi`가 없어요"
        )


@SECTION.exercise(
    7,
    title=Phrase("A value in redis", "redis에 값 넣기"),
    task=Phrase(
        "Start a container named `counter` from `redis` in the background, and set the key `visits` in it to `3`.",
        "`redis` 이미지로 `counter`라는 컨테이너를 백그라운드에서 시작하고, 그 안의 `visits` 키에 `3`을 넣으세요.",
    ),
    hints=(
        Phrase(
            "`redis-cli` has to run where redis is: inside.",
            "`redis-cli`는 redis가 있는 곳, 바로 컨테이너 안에서 실행해야 해요.",
        ),
        code("%docker exec counter redis-cli set visits 3"),
    ),
)
def _counter(lab: Lab) -> Iterator[Phrase]:
    container = lab.container("counter")
    if container is None:
        yield no_container("counter")
    elif not is_running(container):
        yield not_running("counter")
    elif (value := lab.exec_output("counter", "redis-cli", "get", "visits").strip()) != "3":
        yield Phrase(
            f"`visits` in `counter` is `{value[:40]}`, not `3`",
            f"`counter`의 `visits` 값이 `3`이 아니라 `{value[:40]}`이에요",
        )


@SECTION.exercise(
    8,
    title=Phrase("Tidying up", "정리하기"),
    task=Phrase(
        "The cell below makes three containers. Remove `litter-1` and `litter-2`, and keep `keeper`.",
        "아래 셀은 컨테이너 세 개를 만들어요. `litter-1`과 `litter-2`를 지우고 `keeper`는 남겨 두세요.",
    ),
    hints=(
        Phrase(
            "`litter-2` still runs: stop it first, or see `%docker rm --help`.",
            "`litter-2`는 아직 실행 중이에요. 먼저 멈추거나 `%docker rm --help`를 읽어 보세요.",
        ),
        Phrase(
            "A filter finds both: `$(docker ps -aq --filter name=litter)`.",
            "필터로 둘 다 찾을 수 있어요: `$(docker ps -aq --filter name=litter)`",
        ),
        code("%docker rm -f litter-1 litter-2"),
    ),
)
def _litter(lab: Lab) -> Iterator[Phrase]:
    for name in ("litter-1", "litter-2"):
        if lab.container(name) is not None:
            yield Phrase(f"`{name}` is still there", f"`{name}` 컨테이너가 아직 있어요")
    if lab.container("keeper") is None:
        yield Phrase(
            "`keeper` is not there: run the cell that makes the three again",
            "`keeper` 컨테이너가 없어요. 세 개를 만드는 셀을 다시 실행하세요",
        )


def _ended_with(container: dict[str, Any], name: str, code: int) -> Iterator[Phrase]:
    state = container["State"]
    if state["Running"]:
        yield Phrase(f"`{name}` still runs", f"`{name}` 컨테이너가 아직 실행 중이에요")
    elif state["Status"] == "created":
        yield not_running(name)
    elif (ended := state["ExitCode"]) != code:
        yield Phrase(
            f"`{name}` ended with code {ended}, not {code}: remove it and try again",
            f"`{name}` 컨테이너의 종료 코드가 {code}이 아니라 {ended}이에요. 지우고 다시 해 보세요",
        )
