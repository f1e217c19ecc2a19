"""Section 03, second part: a shell that is typed into, and a crash loop."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docker_magics.course.gap import Gap, gap, no_container, wrong_image
from docker_magics.course.lab import Lab, is_running
from docker_magics.course.language import code
from docker_magics.phrase import Phrase

from .client import SECTION

__all__ = ["SECTION"]

#: The exit codes of SIGKILL and SIGTERM; after ctrl-c and ctrl-d the shell's is 130.
_KILLED = {137, 143}
#: Docker counts a container as successfully started when it has run for so many seconds.
#: source: docs.docker.com, "Start containers automatically".
_STARTED_S = 10.0


@SECTION.exercise(
    9,
    title=Phrase("A shell of your own", "내가 입력하는 셸"),
    task=Phrase(
        "Run a container named `guest` from `busybox` with `-it`, so that you can type into its shell. There, write your name into the file `/visitor` (`echo ... > /visitor`), and leave with ctrl-d.",
        "`busybox` 이미지로 `guest` 컨테이너를 `-it`로 실행해서 셸에 직접 입력해 보세요. 그 안에서 `/visitor` 파일에 이름을 쓰고(`echo ... > /visitor`), ctrl-d로 나오세요.",
    ),
    solution="""\
%%docker run -it --name guest busybox sh
echo Mina > /visitor
exit""",
    why=Phrase(
        "With `%docker run -it --name guest busybox sh` you type the lines yourself. ctrl-d ends the input: the shell ends, and as it is the container's first process, so does the container.",
        "`%docker run -it --name guest busybox sh`라고 하면 직접 입력할 수 있어요. ctrl-d는 입력의 끝이라서 셸이 끝나고, 셸이 컨테이너의 첫 프로세스이므로 컨테이너도 끝나요.",
    ),
    makes=("container guest",),
)
def _guest(lab: Lab) -> Iterator[Gap]:
    container = lab.container("guest")
    run = code("%docker run -it --name guest busybox sh")
    if container is None:
        yield no_container("guest", run)
        return
    config = container["Config"]
    if not lab.made_from(container, "busybox"):
        yield wrong_image("guest", "busybox")
    if not (config["Tty"] and config["OpenStdin"]):
        yield gap(
            "`guest` was started without `-it`",
            "`guest` 컨테이너를 `-it` 없이 시작했어요",
            code("%docker rm -f guest"),
            run,
        )
    elif not _is_interactive(container):
        yield gap(
            "`guest` was started with a command, so there was nothing to type",
            "`guest` 컨테이너를 명령과 함께 시작해서 입력할 것이 없었어요",
            code("%docker rm -f guest"),
            run,
        )
    elif is_running(container):
        yield gap(
            "the shell of `guest` still runs",
            "`guest`의 셸이 아직 끝나지 않았어요",
            Phrase(
                "Click into the console and press ctrl-d, or type `exit`.",
                "터미널을 클릭하고 ctrl-d를 누르거나 `exit`라고 입력하세요.",
            ),
        )
    elif (ended := container["State"]["ExitCode"]) in _KILLED:
        yield gap(
            f"`guest` was ended from outside (exit code {ended})",
            f"`guest` 컨테이너를 밖에서 끝냈어요(종료 코드 {ended})",
            Phrase(
                "Start it again, `%docker start -ai guest`, and leave with ctrl-d.",
                "`%docker start -ai guest`로 다시 시작하고 ctrl-d로 나오세요.",
            ),
        )
    if not (lab.file("guest", "/visitor") or "").strip():
        yield gap(
            "`/visitor` in `guest` is missing or empty",
            "`guest`의 `/visitor` 파일이 없거나 비어 있어요",
            Phrase(
                "`%docker start -ai guest` opens the shell again; type `echo Mina > /visitor`.",
                "`%docker start -ai guest`로 셸을 다시 열고 `echo Mina > /visitor`라고 입력하세요.",
            ),
        )


@SECTION.exercise(
    10,
    title=Phrase("A crash loop", "크래시 루프"),
    task=Phrase(
        "`lighthouse`, which the cell below starts, crashes and is started again for ever. Find out why, and replace it: a container `lighthouse` from `busybox`, with `--restart always`, which says `turning the light on` and then goes on running.",
        "아래 셀이 시작하는 `lighthouse`는 끝나고 다시 시작하기를 되풀이해요. 까닭을 찾아서 고친 컨테이너로 바꾸세요. `busybox` 이미지로 만든 `lighthouse` 컨테이너가 `--restart always` 설정으로, `turning the light on`이라고 출력한 다음 계속 실행되어야 해요.",
    ),
    solution="""\
%docker rm -f lighthouse
%docker run -d --restart always --name lighthouse busybox sh -c 'echo turning the light on; sleep 600'""",
    why=Phrase(
        "`docker logs lighthouse` says `sleeep: not found`: the shell ends with code 127, and the restart policy starts the container again.",
        "`docker logs lighthouse`에 `sleeep: not found`라고 나와요. 그래서 셸이 종료 코드 127로 끝나고, 재시작 정책에 따라 컨테이너가 다시 시작돼요.",
    ),
    makes=("container lighthouse",),
    given="""\
%docker run -d --restart always --name lighthouse busybox sh -c 'echo turning the light on; sleeep 600'""",
)
def _lighthouse(lab: Lab) -> Iterator[Gap]:
    container = lab.container("lighthouse")
    look = (
        Phrase(
            "What do its logs say? `%docker logs lighthouse`",
            "로그에 무엇이 있나요? `%docker logs lighthouse`",
        ),
        Phrase(
            "A command is misspelt. Remove the container (`%docker rm -f lighthouse`) and run it again with the right one.",
            "명령의 철자가 틀렸어요. 컨테이너를 지우고(`%docker rm -f lighthouse`) 올바른 명령으로 다시 실행하세요.",
        ),
    )
    if container is None:
        yield no_container("lighthouse", *look)
        return
    if not lab.made_from(container, "busybox"):
        yield wrong_image("lighthouse", "busybox")
    if container["HostConfig"]["RestartPolicy"]["Name"] != "always":
        yield gap(
            "`lighthouse` has no restart policy `always`",
            "`lighthouse`의 재시작 정책이 `always`가 아니에요",
            Phrase("`--restart always`, before the image", "이미지 앞에 `--restart always`"),
        )
    if not _stays_up(lab, "lighthouse"):
        yield gap(
            "`lighthouse` does not stay up", "`lighthouse` 컨테이너가 계속 실행되지 않아요", *look
        )
    if "turning the light on" not in lab.logs("lighthouse"):
        yield gap(
            "the logs of `lighthouse` do not say `turning the light on`",
            "`lighthouse`의 로그에 `turning the light on`이 없어요",
            code("sh -c 'echo turning the light on; sleep 600'"),
        )


def _is_interactive(container: dict[str, Any]) -> bool:
    """Whether the start command is a shell that reads what is typed: `sh`, `sh -l`."""
    arguments: list[str] = container["Args"]
    is_shell = Path(container["Path"]).name in {"sh", "ash"}
    return is_shell and all(argument.startswith("-") for argument in arguments)


def _stays_up(lab: Lab, name: str) -> bool:
    """Whether a container was never restarted by its policy, and runs for long enough.

    A crash loop with more seconds between its restarts is found once it has crashed.
    """
    container = lab.container(name)
    if container is None or not is_running(container):
        return False
    lab.wait(name, _STARTED_S - lab.uptime_s(container))
    after = lab.container(name)
    return after is not None and is_running(after) and not after["RestartCount"]
