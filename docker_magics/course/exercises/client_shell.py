"""Section 03, second part: a shell that is typed into, and containers that do not run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docker_magics.course.gap import Gap, differs, gap, no_container, wrong_image
from docker_magics.course.lab import Lab, is_running
from docker_magics.course.language import code
from docker_magics.course.sleeper import sleeper_gaps
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
    if not is_running(container) or container["RestartCount"]:
        yield gap(
            "`lighthouse` does not stay up", "`lighthouse` 컨테이너가 계속 실행되지 않아요", *look
        )
    elif (wait_s := _STARTED_S - lab.uptime_s(container)) > 0:
        yield Gap(
            Phrase(
                "`lighthouse` runs; does it stay up for ten seconds?",
                "`lighthouse` 컨테이너가 실행 중이에요. 10초 동안 계속 실행되는지 보고 있어요",
            ),
            wait_s=wait_s,
        )
    if "turning the light on" not in lab.logs("lighthouse"):
        yield gap(
            "the logs of `lighthouse` do not say `turning the light on`",
            "`lighthouse`의 로그에 `turning the light on`이 없어요",
            code("sh -c 'echo turning the light on; sleep 600'"),
        )


@SECTION.exercise(
    11,
    title=Phrase("Options in the wrong place", "자리를 잘못 찾은 옵션"),
    task=Phrase(
        "The cell below ends with an error. Find out what the engine took for the start command, and mend it: `signpost`, from `busybox`, runs `sleep 600` in the background with the host name `seoul`.",
        "아래 셀은 오류로 끝나요. 엔진이 무엇을 시작 명령으로 알았는지 찾아서 고치세요. `busybox` 이미지로 만든 `signpost` 컨테이너가 호스트 이름 `seoul`로 백그라운드에서 `sleep 600`을 실행해야 해요.",
    ),
    solution="""\
%docker rm signpost
%docker run -d --name signpost --hostname seoul busybox sleep 600""",
    why=Phrase(
        "Options end at the image: what follows is the start command. The container was created, but could not start, and it keeps its name until it is removed.",
        "옵션은 이미지 이름 앞까지예요. 그 뒤는 모두 시작 명령이 돼요. 컨테이너는 생성만 되고 시작하지 못했고, 지울 때까지 이름을 차지해요.",
    ),
    makes=("container signpost",),
    given="%docker run -d --name signpost busybox --hostname seoul sleep 600",
)
def _signpost(lab: Lab) -> Iterator[Gap]:
    options = (
        Phrase(
            "Options come before the image, the start command after it.",
            "옵션은 이미지 앞에, 시작 명령은 이미지 뒤에 써요.",
        ),
        code("%docker run -d --name signpost --hostname seoul busybox sleep 600"),
    )
    gaps = list(sleeper_gaps(lab, "signpost", *options))
    yield from gaps
    container = lab.container("signpost")
    if container is None or gaps:
        return
    if container["Path"] != "sleep":
        yield gap(
            "the start command of `signpost` does more than `sleep 600`",
            "`signpost` 컨테이너의 시작 명령이 `sleep 600`뿐이 아니에요",
            *options,
        )
    if (name := container["Config"]["Hostname"]) != "seoul":
        yield differs(
            Phrase("the host name of `signpost`", "`signpost`의 호스트 이름"),
            name,
            "seoul",
            *options,
        )


@SECTION.exercise(
    12,
    title=Phrase("Gone at once", "시작하자마자 끝나는 컨테이너"),
    task=Phrase(
        "The container `statue`, which the cell below starts, should run for ten minutes (`sleep 600`), but `docker ps` does not list it. Why? Mend it.",
        "아래 셀의 `statue` 컨테이너는 10분 동안(`sleep 600`) 서 있어야 하는데 `docker ps`에 보이지 않아요. 왜 그럴까요? 고쳐 보세요.",
    ),
    solution="""\
%docker rm -f statue
%docker run -d --name statue busybox sleep 600""",
    why=Phrase(
        "A container lives as long as its first process. The shell of `busybox` has nothing to read with `-d`, so it ends at once, with code 0: `docker ps -a` shows it.",
        "컨테이너는 첫 프로세스가 실행되는 동안만 살아 있어요. `-d`로 시작한 `busybox`의 셸은 읽을 입력이 없어서 종료 코드 0으로 바로 끝나요. `docker ps -a`로 볼 수 있어요.",
    ),
    makes=("container statue",),
    given="%docker run -d --name statue busybox",
)
def _statue(lab: Lab) -> Iterator[Gap]:
    yield from sleeper_gaps(
        lab,
        "statue",
        Phrase(
            "Does it run? `%docker ps -a` lists containers that have ended, too.",
            "실행 중인가요? `%docker ps -a`에는 끝난 컨테이너도 나와요.",
        ),
        code("%docker run -d --name statue busybox sleep 600"),
    )


def _is_interactive(container: dict[str, Any]) -> bool:
    """Whether the start command is a shell that reads what is typed: `sh`, `sh -l`."""
    arguments: list[str] = container["Args"]
    is_shell = Path(container["Path"]).name in {"sh", "ash"}
    return is_shell and all(argument.startswith("-") for argument in arguments)
