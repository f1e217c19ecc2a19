"""An image: its configuration and its layers.

source: Docker image specification v1.2 and OCI image specification, config.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ...wire import digest
from .. import clock
from ..dockerfile.run_config import RunConfig
from .config import ImageConfig
from .platforms import Platform, of_config


@dataclass(frozen=True)
class Image:
    """An image in the store.

    Attributes:
        id: `sha256:` and the digest of its configuration.
        config: the whole configuration: `config`, `rootfs`, `history`, `architecture`...
        layers: the folders of its unpacked layers, bottom first.
        parent: the ID of the image that a build made it from; empty for none.
        tagged_at: when it was last tagged, as RFC 3339; empty for never.
    """

    id: str
    config: ImageConfig
    layers: tuple[Path, ...]
    parent: str = ""
    tagged_at: str = ""

    @property
    def short_id(self) -> str:
        """The first twelve digits of its ID."""
        return digest.short(self.id)

    @property
    def diff_ids(self) -> list[str]:
        """The diff IDs of its layers, bottom first."""
        return list(self.config["rootfs"]["diff_ids"])

    @property
    def chain_ids(self) -> list[str]:
        """The chain IDs of its layers, bottom first."""
        return list(digest.chain(self.diff_ids))

    @property
    def run_config(self) -> RunConfig:
        """The defaults for containers of it: Env, Cmd, Labels..."""
        return self.config.get("config") or {}

    @property
    def labels(self) -> dict[str, str]:
        """Its labels."""
        return self.run_config.get("Labels") or {}

    @property
    def created_ns(self) -> int:
        """When it was created, in nanoseconds since 1970; Go's zero time if it does not say."""
        return clock.parse_client_time(self.config.get("created") or clock.ZERO)

    @property
    def platform(self) -> Platform:
        """The platform that it is built for."""
        return of_config(self.config)
