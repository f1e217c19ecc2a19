"""A running container: what several diagrams measure."""

from __future__ import annotations

from typing import Any

from docker_magics.course.lab import Lab
from docker_magics.engine.client import path
from docker_magics.errors import UsageError
from docker_magics.phrase import Phrase


def running(lab: Lab, container: str, language: str) -> dict[str, Any]:
    """Return a running container.

    Raises:
        UsageError: it does not run, so that nothing can be measured.

    source: Engine API, ContainerInspect.
    """
    inspected: dict[str, Any] = lab.engine.get(path("containers", container, "json"))
    if not inspected["State"]["Running"]:
        problem = Phrase(
            f"cannot draw {container}: it is not running",
            f"{container} 컨테이너를 그릴 수 없어요: 실행 중이 아니에요",
        )
        hint = Phrase(
            "Run the cell that starts it again.", "컨테이너를 시작하는 셀을 다시 실행하세요."
        )
        raise UsageError(problem[language], hint=hint[language])
    return inspected


def name_of(inspected: dict[str, Any]) -> str:
    """Return a container's name without the slash of the Engine API."""
    return str(inspected["Name"]).removeprefix("/")
