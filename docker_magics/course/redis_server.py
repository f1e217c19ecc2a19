"""The containers of redis that exercises ask for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .gap import Gap, gap, wrong_image
from .lab import Lab
from .language import code


def redis_gaps(lab: Lab, name: str, container: dict[str, Any]) -> Iterator[Gap]:
    """Yield the gap of a container that was not made to run redis: its image, or its command."""
    if not lab.made_from(container, "redis"):
        yield wrong_image(name, "redis")
    elif not any("redis-server" in word for word in [container["Path"], *container["Args"]]):
        yield gap(
            f"`{name}` did not start redis, but another command",
            f"`{name}` 컨테이너가 redis가 아니라 다른 명령을 시작했어요",
            code(f"%docker rm -f {name}"),
            code(f"%docker run -d --name {name} redis"),
        )
