"""docker system prune: remove all unused objects."""

from __future__ import annotations

from docker_magics.cli.command import Command, flag
from docker_magics.commands import _flags, _prune
from docker_magics.engine.client import Engine
from docker_magics.errors import UsageError
from docker_magics.results.text import Text


class SystemPrune(Command):
    """Remove unused data"""

    usage = "[OPTIONS]"

    all: bool = flag("-a, --all", "Remove all unused images not just dangling ones")
    filter: list[tuple[str, str]] = _prune.filter_of_prune("label=<key>=<value>")
    force: bool = _prune.force()
    volumes: bool = flag("--volumes", "Prune anonymous volumes")

    def run(self, engine: Engine) -> Text | None:
        """Return the report of the CLI, or None if the user does not confirm.

        source: docker/cli, cli/command/system/prune.go.
        """
        filters = _flags.filters(self.filter)
        if self.volumes and "until" in filters:
            raise UsageError('ERROR: The "until" filter is not supported with "--volumes"')
        warning = "This will remove:\n" + "".join(f"  - {line}\n" for line in self._warnings())
        if not _prune.confirmed(self.terminal, warning, force=self.force):
            return None
        containers = engine.post("/containers/prune", {"filters": filters})
        networks = engine.post("/networks/prune", {"filters": filters})
        volumes = engine.post("/volumes/prune", {"filters": filters}) if self.volumes else {}
        dangling = _prune.image_filters(self.filter, unused=self.all)
        images = engine.post("/images/prune", {"filters": dangling})
        cache = engine.post("/build/prune", {"all": self.all, "filters": filters})
        sections = (
            ("Deleted Containers", containers.get("ContainersDeleted") or []),
            ("Deleted Networks", networks.get("NetworksDeleted") or []),
            ("Deleted Volumes", volumes.get("VolumesDeleted") or []),
            ("Deleted Images", _prune.image_lines(images.get("ImagesDeleted"))),
            ("Deleted build cache objects", cache.get("CachesDeleted") or []),
        )
        answers = (containers, volumes, images, cache)
        return _prune.report(sections, sum(answer.get("SpaceReclaimed", 0) for answer in answers))

    def _warnings(self) -> list[str]:
        unused = "images without at least one container associated to them"
        return [
            "all stopped containers",
            "all networks not used by at least one container",
            *(["all anonymous volumes not used by at least one container"] if self.volumes else []),
            f"all {unused if self.all else 'dangling images'}",
            f"{'all' if self.all else 'unused'} build cache",
        ]
