"""Creating the process of a container: specification, control group, networks, start.

source: moby daemon/start.go.
"""

from __future__ import annotations

from ..networks.attachment import Attachments
from ..records.container import Container
from ..runtime.cgroup import Cgroups
from ..runtime.process import Process, StartFailed
from ..runtime.supervisor import Supervisor
from . import devices
from .spec_builder import SpecBuilder


class Spawner:
    """Creates the processes of containers.

    Args:
        specs: builds the specifications.
        supervisor: creates the processes.
        cgroups: limits them.
        networks: attaches them.
    """

    def __init__(
        self, specs: SpecBuilder, supervisor: Supervisor, cgroups: Cgroups, networks: Attachments
    ) -> None:
        self._specs = specs
        self._supervisor = supervisor
        self._cgroups = cgroups
        self._networks = networks

    def spawn(self, container: Container) -> Process:
        """Start the process of a container; if that fails, nothing is left of it.

        Raises:
            StartFailed: the program cannot be executed, or a limit cannot be set.
            ApiError, OSError: something that it needs is missing.
        """
        try:
            return self._spawn(container)
        except BaseException:
            self._cgroups.remove(container.id)
            raise

    def _spawn(self, container: Container) -> Process:
        self._networks.share_names(container)
        spec = self._specs.build(container)
        spec["cgroup"] = self._create_cgroup(container)
        if self._cgroups.leaves_devices_open:
            devices.restrict(spec, container.host_config)
        spec["cgroup_folders"] = self._cgroups.visible_folders(container.id)
        process = self._supervisor.create(container.folder, spec)
        try:
            self._networks.attach(container, process.pid)
            self._networks.files.write(container)
            for attachment in container.attachments:
                attachment.begin(process)
            container.starting = process
            process.start()
        except BaseException:
            process.kill()
            process.wait()
            self._networks.detach(container)
            raise
        finally:
            container.starting = None
        return process

    def _create_cgroup(self, container: Container) -> list[str]:
        """Create the control group, with its limits and devices; return its cgroup.procs files."""
        try:
            return self._cgroups.create(
                container.id, container.host_config, devices.rules(container.host_config)
            )
        except OSError as error:
            setting = "error setting cgroup config for procHooks process"
            raise StartFailed(
                f"error during container init: {setting}: {error.strerror}", 126
            ) from error
