"""Section 03, client commands: run, ps, names, the life cycle, rm, exec."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from docker_magics.course.exercise import Section
from docker_magics.course.gap import Gap, differs, gap, no_container, not_running, wrong_image
from docker_magics.course.lab import Lab, is_running
from docker_magics.course.language import code
from docker_magics.course.redis_server import redis_gaps
from docker_magics.course.sleeper import sleeper_gaps
from docker_magics.phrase import Phrase

#: What redis logs at the end of an orderly shutdown.
_GOODBYE = "bye bye"
SECTION = Section("03", Phrase("Client commands", "클라이언트 명령"))


@SECTION.exercise(
    1,
    title=Phrase("Another start command", "다른 시작 명령"),
    task=Phrase(
        "Run a container named `shout` from `busybox` whose only output is `HELLO`.",
        "`busybox` 이미지로 `shout` 컨테이너를 실행하세요. 출력은 `HELLO` 한 줄뿐이어야 해요.",
    ),
    solution="%docker run --name shout busybox echo HELLO",
    why=Phrase(
        "`echo HELLO` after the image replaces its default command, `sh`.",
        "이미지 이름 뒤의 `echo HELLO`가 원래 시작 명령인 `sh`를 대신해요.",
    ),
    makes=("container shout",),
)
def _shout(lab: Lab) -> Iterator[Gap]:
    container = lab.container("shout")
    command = (
        Phrase(
            "Anything after the image name replaces its default command.",
            "이미지 이름 뒤에 쓴 것이 시작 명령을 대신해요.",
        ),
        code("%docker run --name shout busybox echo HELLO"),
    )
    if container is None:
        yield no_container("shout", *command)
    elif not lab.made_from(container, "busybox"):
        yield wrong_image("shout", "busybox")
    elif (output := lab.final_logs("shout").strip()) != "HELLO":
        yield differs(_logs("shout"), output, "HELLO", *command)


@SECTION.exercise(
    2,
    title=Phrase("A new name", "새 이름"),
    task=Phrase(
        "Start a container named `alpha` from `busybox` in the background with the command `sleep 600`. Then give it the name `omega`, without a new container.",
        "`busybox` 이미지로 `alpha` 컨테이너를 백그라운드에서 `sleep 600` 명령으로 시작하세요. 그런 다음 새 컨테이너를 만들지 말고 이름만 `omega`로 바꾸세요.",
    ),
    solution="""\
%docker run -d --name alpha busybox sleep 600
%docker rename alpha omega""",
    why=Phrase(
        "`rename` changes the name and nothing else: the ID stays, and the process runs on.",
        "`rename`은 이름만 바꿔요. ID는 그대로이고 프로세스도 계속 실행돼요.",
    ),
    makes=("container alpha", "container omega"),
)
def _omega(lab: Lab) -> Iterator[Gap]:
    container = lab.container("omega")
    start = Phrase(
        "First start `alpha`: `%docker run -d --name alpha busybox sleep 600`.",
        "먼저 `alpha`를 시작하세요: `%docker run -d --name alpha busybox sleep 600`",
    )
    rename = (
        Phrase("`%docker rename OLD NEW`", "`%docker rename 원래이름 새이름`"),
        code("%docker rename alpha omega"),
    )
    if lab.container("alpha") is not None:
        yield gap(
            "there is still a container named `alpha`", "`alpha` 컨테이너가 아직 있어요", *rename
        )
    if container is None:
        yield no_container("omega", start, *rename)
        return
    yield from sleeper_gaps(lab, "omega", start, *rename)
    names = lab.previous_names(container)
    if names is not None and "alpha" not in names:
        yield gap(
            "`omega` was never called `alpha`",
            "`omega`는 `alpha`였던 적이 없어요",
            Phrase(
                "Remove it; start `alpha`, and rename that.",
                "지우고, `alpha`를 시작한 다음 그 이름을 바꾸세요.",
            ),
            *rename,
        )


@SECTION.exercise(
    3,
    title=Phrase("One container, started twice", "한 컨테이너를 두 번 시작하기"),
    task=Phrase(
        "Create a container named `twice` from `hello-world`, and start it two times. Its logs then have the greeting twice.",
        "`hello-world` 이미지로 `twice` 컨테이너를 만들고 두 번 시작하세요. 그러면 로그에 인사말이 두 번 남아요.",
    ),
    solution="""\
%docker create --name twice hello-world
%docker start -a twice
%docker start -a twice""",
    why=Phrase(
        "An ended container can be started again; its log goes on.",
        "끝난 컨테이너도 다시 시작할 수 있고, 로그는 이어져요.",
    ),
    makes=("container twice",),
)
def _twice(lab: Lab) -> Iterator[Gap]:
    container = lab.container("twice")
    if container is None:
        yield no_container(
            "twice",
            Phrase(
                "`run` is `create` and `start`. Here you start more than once.",
                "`run`은 `create`와 `start`를 합친 거예요. 여기서는 여러 번 시작해요.",
            ),
            code("%docker create --name twice hello-world"),
        )
    elif not lab.made_from(container, "hello-world"):
        yield wrong_image("twice", "hello-world")
    elif (times := lab.final_logs("twice").count("Hello from Docker!")) < 2:
        yield gap(
            f"the greeting is in the logs of `twice` {'once' if times else 'not at all'}, not twice",
            f"`twice`의 로그에 인사말이 {times}번 있어요. 기대한 횟수: 2번",
            Phrase(
                "An ended container can be started again.", "끝난 컨테이너도 다시 시작할 수 있어요."
            ),
            code("%docker start -a twice"),
        )


@SECTION.exercise(
    4,
    title=Phrase("A polite end", "예의 바른 마무리"),
    task=Phrase(
        "Start a container named `polite` from `redis` in the background, and end it so that redis can save its data and exits with code 0. Leave the container there.",
        "`redis` 이미지로 `polite` 컨테이너를 백그라운드에서 시작한 뒤, redis가 데이터를 저장하고 종료 코드 0으로 끝나게 하세요. 컨테이너는 지우지 마세요.",
    ),
    solution="""\
%docker run -d --name polite redis
%docker exec polite sh -c 'until redis-cli ping; do sleep 0.1; done'
%docker stop polite""",
    why=Phrase(
        "`stop` sends SIGTERM, and redis has code for it. The second line waits until redis is up: before that it cannot answer a signal.",
        "`stop`은 SIGTERM을 보내고, redis에는 그 신호를 처리하는 코드가 있어요. 둘째 줄은 redis가 준비될 때까지 기다려요. 그 전에는 신호에 답하지 못하거든요.",
    ),
    makes=("container polite",),
)
def _polite(lab: Lab) -> Iterator[Gap]:
    stop = (
        Phrase(
            "One command asks the process to end, another one just ends it.",
            "종료를 요청하는 명령과 강제로 끝내는 명령이 있어요.",
        ),
        Phrase(
            "`%docker stop polite`, a moment after the start: redis needs some time until it handles signals.",
            "시작하고 잠시 뒤에 `%docker stop polite`. redis가 신호를 처리하기까지는 시간이 조금 걸려요.",
        ),
    )
    gaps = list(_ended_with(lab, "polite", 0, *stop))
    yield from gaps
    if not gaps and _GOODBYE not in lab.logs("polite"):
        yield gap(
            f"redis has not said goodbye: its log has no `{_GOODBYE}`",
            f"redis가 제대로 끝나지 않았어요. 로그에 `{_GOODBYE}`가 없어요",
            *stop,
        )


@SECTION.exercise(
    5,
    title=Phrase("An abrupt end", "갑작스러운 마무리"),
    task=Phrase(
        "Start a container named `abrupt` from `redis` in the background, and end it at once, without any time to save: exit code 137. Leave the container there.",
        "`redis` 이미지로 `abrupt` 컨테이너를 백그라운드에서 시작하고, 저장할 틈도 없이 바로 끝내세요. 종료 코드는 137이어야 해요. 컨테이너는 지우지 마세요.",
    ),
    solution="""\
%docker run -d --name abrupt redis
%docker kill abrupt""",
    why=Phrase(
        "`kill` sends SIGKILL, signal 9, which no program can handle: 128 + 9 = 137.",
        "`kill`은 9번 신호 SIGKILL을 보내요. 어떤 프로그램도 처리할 수 없는 신호예요. 128 + 9 = 137이죠.",
    ),
    makes=("container abrupt",),
)
def _abrupt(lab: Lab) -> Iterator[Gap]:
    kill = (
        Phrase("137 is 128 + 9, and 9 is SIGKILL.", "137은 128 + 9이고, 9는 SIGKILL이에요."),
        code("%docker kill abrupt"),
    )
    yield from _ended_with(lab, "abrupt", 137, *kill)
    container = lab.container("abrupt")
    if container is not None and lab.was_asked_to_end(container):
        yield gap(
            "`abrupt` was asked to end first, as `docker stop` does",
            "`docker stop`처럼 먼저 종료를 요청했어요",
            Phrase(
                "`stop` gives ten seconds to save. Remove it (`%docker rm abrupt`) and try again.",
                "`stop`은 저장할 시간을 10초 줘요. 지우고(`%docker rm abrupt`) 다시 해 보세요.",
            ),
            *kill,
        )


@SECTION.exercise(
    6,
    title=Phrase("Tidying up", "정리하기"),
    task=Phrase(
        "The cell below makes three containers. Remove `litter-1` and `litter-2`, and keep `keeper` running.",
        "아래 셀은 컨테이너 세 개를 만들어요. `litter-1`과 `litter-2`를 지우고 `keeper`는 계속 실행되게 두세요.",
    ),
    solution="%docker rm -f litter-1 litter-2",
    why=Phrase(
        "`rm -f` stops a running container first. A filter would do too: `$(docker ps -aq --filter name=litter)`.",
        "`rm -f`는 실행 중인 컨테이너도 끝내고 지워요. `$(docker ps -aq --filter name=litter)`처럼 필터를 써도 돼요.",
    ),
    makes=("container litter-1", "container litter-2", "container keeper"),
    given="""\
%docker run --name litter-1 busybox true
%docker run -d --name litter-2 busybox sleep 600
%docker run -d --name keeper busybox sleep 600""",
)
def _litter(lab: Lab) -> Iterator[Gap]:
    for name in ("litter-1", "litter-2"):
        if lab.container(name) is not None:
            yield gap(
                f"`{name}` is still there",
                f"`{name}` 컨테이너가 아직 있어요",
                Phrase(
                    "A running container has to be stopped first, or see `%docker rm --help`.",
                    "실행 중인 컨테이너는 먼저 멈춰야 해요. 아니면 `%docker rm --help`를 읽어 보세요.",
                ),
                code(f"%docker rm -f {name}"),
            )
    again = Phrase(
        "Run the cell that makes the three containers again; it can run any number of times.",
        "세 컨테이너를 만드는 셀을 다시 실행하세요. 몇 번이든 실행할 수 있어요.",
    )
    keeper = lab.container("keeper")
    if keeper is None:
        yield no_container("keeper", again)
    elif not is_running(keeper):
        yield not_running("keeper", code("%docker start keeper"))


@SECTION.exercise(
    7,
    title=Phrase("Into a running container", "실행 중인 컨테이너 속으로"),
    task=Phrase(
        "Start a container named `cafe` from `busybox` in the background with the command `sleep 600`. Then, while it runs, write `kimchi` into its file `/menu`.",
        "`busybox` 이미지로 `cafe` 컨테이너를 `sleep 600` 명령으로 백그라운드에서 시작하세요. 그런 다음 실행 중인 컨테이너의 `/menu` 파일에 `kimchi`라고 쓰세요.",
    ),
    solution="""\
%docker run -d --name cafe busybox sleep 600
%docker exec cafe sh -c 'echo kimchi > /menu'""",
    why=Phrase(
        "`exec` runs a shell in the same container, so the file goes into its layer; the first process is still `sleep 600`.",
        "`exec`은 같은 컨테이너 안에서 셸을 실행하므로 파일이 그 컨테이너의 레이어에 저장돼요. 첫 프로세스는 여전히 `sleep 600`이에요.",
    ),
    makes=("container cafe",),
)
def _cafe(lab: Lab) -> Iterator[Gap]:
    container = lab.container("cafe")
    start = code("%docker run -d --name cafe busybox sleep 600")
    gaps = list(sleeper_gaps(lab, "cafe", start))
    yield from gaps
    if container is None or gaps:
        return
    if container["Path"] != "sleep":
        yield gap(
            "the start command of `cafe` does more than `sleep 600`",
            "`cafe` 컨테이너의 시작 명령이 `sleep 600`뿐이 아니에요",
            start,
        )
    if (menu := lab.exec_output("cafe", "cat", "/menu").strip()) != "kimchi":
        yield differs(
            Phrase("`/menu` in `cafe`", "`cafe`의 `/menu`"),
            menu,
            "kimchi",
            Phrase(
                "`exec` runs one more command in a running container.",
                "`exec`은 실행 중인 컨테이너에서 명령을 하나 더 실행해요.",
            ),
            code("%docker exec cafe sh -c 'echo kimchi > /menu'"),
        )


@SECTION.exercise(
    8,
    title=Phrase("A value in redis", "redis에 값 넣기"),
    task=Phrase(
        "Start a container named `counter` from `redis` in the background, and set the key `visits` in it to `3`.",
        "`redis` 이미지로 `counter` 컨테이너를 백그라운드에서 시작하고, 그 안의 `visits` 키에 `3`을 넣으세요.",
    ),
    solution="""\
%docker run -d --name counter redis
%docker exec counter sh -c 'until redis-cli set visits 3; do sleep 0.1; done'""",
    why=Phrase(
        "`redis-cli` runs inside, where redis is. The loop repeats the command until redis is up.",
        "`redis-cli`는 redis가 있는 컨테이너 안에서 실행돼요. redis가 준비될 때까지 명령을 되풀이해요.",
    ),
    makes=("container counter",),
)
def _counter(lab: Lab) -> Iterator[Gap]:
    container = lab.container("counter")
    start = code("%docker run -d --name counter redis")
    if container is None:
        yield no_container("counter", start)
    elif not lab.made_from(container, "redis"):
        yield wrong_image("counter", "redis")
    elif not is_running(container):
        yield not_running("counter", start)
    elif (value := lab.exec_output("counter", "redis-cli", "get", "visits").strip()) != "3":
        yield differs(
            Phrase("`visits` in `counter`", "`counter`의 `visits` 값"),
            value,
            "3",
            Phrase(
                "`redis-cli` has to run where redis is: inside.",
                "`redis-cli`는 redis가 있는 곳, 바로 컨테이너 안에서 실행해야 해요.",
            ),
            code("%docker exec counter redis-cli set visits 3"),
        )


def _logs(name: str) -> Phrase:
    return Phrase(f"`docker logs {name}` says", f"`docker logs {name}`의 결과")


def _ended_with(lab: Lab, name: str, code_: int, *hints: Phrase) -> Iterator[Gap]:
    """Check that a container of redis has ended with an exit code."""
    container = lab.container(name)
    if container is None:
        yield no_container(name, code(f"%docker run -d --name {name} redis"), *hints)
        return
    state: dict[str, Any] = container["State"]
    wrongly_made = list(redis_gaps(lab, name, container))
    yield from wrongly_made
    if wrongly_made:
        return
    if state["Running"]:
        yield gap(f"`{name}` still runs", f"`{name}` 컨테이너가 아직 실행 중이에요", *hints)
    elif state["Status"] == "created":
        yield not_running(name, code(f"%docker start {name}"))
    elif (ended := state["ExitCode"]) != code_:
        yield gap(
            f"`{name}` ended with code {ended}, not {code_}",
            f"`{name}`의 종료 코드: {ended}. 기대한 값: {code_}",
            Phrase(
                f"`%docker logs {name}` says why. Remove it (`%docker rm -f {name}`) and try again.",
                f"까닭은 `%docker logs {name}`에 있어요. 지우고(`%docker rm -f {name}`) 다시 해 보세요.",
            ),
            *hints,
        )
