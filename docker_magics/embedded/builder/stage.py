"""One stage of a build: its image so far, its configuration, its variables."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any, cast

from ..containers.environment import PATH
from ..images.image import Image
from .metadata import SHELL

Config = dict[str, Any]
#: Build arguments that need no ARG, and are in no history.
PREDEFINED = frozenset(
    {"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "FTP_PROXY", "ftp_proxy",
     "NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy"}
)  # fmt: skip


@dataclass
class Stage:
    """Where a stage stands.

    Attributes:
        name: of `FROM ... AS name`, in lower case; empty for none.
        image: what the steps so far have made; None for scratch.
        config: of containers of it.
        arguments: ARGs that were declared, with their values; None for none.
        cached: whether every step so far was in the cache.
    """

    name: str
    image: Image | None
    config: Config = field(default_factory=dict)
    arguments: dict[str, str | None] = field(default_factory=dict)
    cached: bool = True

    @property
    def shell(self) -> list[str]:
        """What runs a command that is one text."""
        return list(self.config.get("Shell") or SHELL)

    @property
    def environment(self) -> dict[str, str]:
        """The image's variables."""
        return dict(each.partition("=")[::2] for each in self.config.get("Env") or [])

    @property
    def variables(self) -> dict[str, str]:
        """What `$name` means in an instruction: ENV before ARG."""
        given = {name: value for name, value in self.arguments.items() if value is not None}
        return given | self.environment

    def start_from(self, image: Image | None) -> None:
        """Begin with an image's configuration."""
        self.image = image
        self.config = cast("Config", copy.deepcopy(image.run_config)) if image else {}
        self.config["OnBuild"] = None
        if "PATH" not in self.environment:  # source: moby dispatchState.setDefaultPath
            self.config["Env"] = [*(self.config.get("Env") or []), PATH]
