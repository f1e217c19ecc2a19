"""The container that many exercises ask for: `busybox` with `sleep 600`, in the background."""

from __future__ import annotations

from collections.abc import Iterator

from docker_magics.phrase import Phrase

from .gap import Gap, gap, no_container, not_running, wrong_image
from .lab import Lab, is_running
from .language import code

_SLEEP = "sleep 600"


def sleeper_gaps(lab: Lab, name: str, *hints: Phrase) -> Iterator[Gap]:
    """Yield what is missing of a container of `busybox` that runs `sleep 600`.

    Without that command it may still run when it is checked, and end a moment later.
    """
    container = lab.container(name)
    if container is None:
        yield no_container(name, *hints)
        return
    command = " ".join([container["Path"], *container["Args"]])
    if not lab.made_from(container, "busybox"):
        yield wrong_image(name, "busybox")
    elif _SLEEP not in command:
        yield gap(
            f"the start command of `{name}` is `{command}`, not `{_SLEEP}`",
            f"`{name}`의 시작 명령: `{command}`. 기대한 명령: `{_SLEEP}`",
            Phrase(
                f"The command comes after the image: `... --name {name} busybox {_SLEEP}`.",
                f"명령은 이미지 이름 뒤에 써요: `... --name {name} busybox {_SLEEP}`",
            ),
            code(f"%docker rm -f {name}"),
            *hints,
        )
    elif container["State"].get("Paused"):
        yield gap(
            f"`{name}` is paused",
            f"`{name}` 컨테이너가 일시 정지되어 있어요",
            code(f"%docker unpause {name}"),
        )
    elif not is_running(container):
        yield not_running(name, code(f"%docker start {name}"))
