"""The engine: the services behind the API, and the route tables in front of them."""

from __future__ import annotations

import importlib
import secrets
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..version import __version__
from .events import EventBus
from .images.view import LayerView
from .runtime import copies, proot
from .runtime.cgroup import Cgroups
from .runtime.identity import Level
from .runtime.spares import Spares
from .server.messages import Request, Response
from .server.router import Router
from .state import State, remove_tree, write_json

if TYPE_CHECKING:
    from .build.builder import Builder
    from .containers.container import Container
    from .containers.exec import Exec
    from .containers.service import Containers
    from .images.image import Image
    from .images.store import ImageStore
    from .networks.service import Networks
    from .runtime.supervisor import Supervisor
    from .volumes.service import Volumes

#: The folders whose `routes.py` make up the API.
RESOURCES = ("system", "containers", "images", "build", "networks", "volumes")
#: What every container has below its own changes: where things are mounted.
_FOLDERS = ("dev/pts", "dev/shm", "proc", "sys", "etc")
_FILES = ("dev/console", "etc/hosts", "etc/hostname", "etc/resolv.conf", ".dockerenv")
#: Where apt reads its configuration.
_APT = "/etc/apt/apt.conf.d"


class Engine:
    """Everything one root folder holds, and the API's answers about it.

    Attributes:
        state, supervisor, events: the parts that need nothing else.
        execs: by ID.

    Args:
        state: the root folder.
        supervisor: starts the processes of containers.
    """

    version = __version__

    def __init__(self, state: State, supervisor: Supervisor) -> None:
        self.state = state
        self.supervisor = supervisor
        self.events = EventBus()
        self.execs: dict[str, Exec] = {}

    @cached_property
    def identity(self) -> str:
        """The engine's ID, the same for each start on one root folder."""
        path = self.state.root / "engine-id"
        if not path.exists():
            write_json(path, secrets.token_hex(16))
        return path.read_text().strip('"')

    @cached_property
    def cgroups(self) -> Cgroups:
        """What limits containers, where it can be had."""
        return Cgroups()

    @cached_property
    def images(self) -> ImageStore:
        """The image store."""
        from .images.store import ImageStore

        return ImageStore(self)

    @cached_property
    def builder(self) -> Builder:
        """The builder of Dockerfiles."""
        from .build.builder import Builder

        return Builder(self)

    @cached_property
    def containers(self) -> Containers:
        """The containers."""
        from .containers.service import Containers

        return Containers(self)

    @cached_property
    def networks(self) -> Networks:
        """The networks."""
        from .networks.service import Networks

        return Networks(self)

    @cached_property
    def volumes(self) -> Volumes:
        """The volumes."""
        from .volumes.service import Volumes

        return Volumes(self)

    @cached_property
    def _router(self) -> Router:
        tables = [
            importlib.import_module(f".{name}.routes", __package__).ROUTES for name in RESOURCES
        ]
        return Router(tables)

    def answer(self, request: Request) -> Response:
        """Answer one request; raises the errors of `errors.py`."""
        return self._router.answer(self, request)

    def begin(self) -> None:
        """Load what there is, and go on with what runs."""
        _ = (self.images, self.volumes, self.networks, self.cgroups)
        self.containers.take_up()
        self.containers.start_always()

    def end(self) -> None:
        """Stop what runs, as a daemon does that is shut down."""
        self.containers.stop_all()
        self.networks.close()
        self.supervisor.close()
        self.state.release()

    # --- what several services need to know of the driver

    def layers_of(self, image: Image | None) -> list[str]:
        """The folders below a container's own changes, bottom first."""
        below = list(image.layers) if image else []
        if below and self.supervisor.choice.level is Level.SINGLE and LayerView(below).stat(_APT):
            below.append(self._apt_as_root)
        return [str(each) for each in (*below, self._mount_points)]

    @cached_property
    def _apt_as_root(self) -> Path:
        """A layer that keeps apt from becoming another user: it checks, and here nobody can."""
        root = self.state.root / "apt"
        folder = root / _APT.lstrip("/")
        folder.mkdir(parents=True, exist_ok=True, mode=0o755)
        (folder / "99sandbox").write_text('APT::Sandbox::User "root";\n')
        return root

    @cached_property
    def _mount_points(self) -> Path:
        """A layer of empty folders and files, so that mounting on them changes no container."""
        root = self.state.root / "mountpoints"
        for name in _FOLDERS:
            (root / name).mkdir(parents=True, exist_ok=True, mode=0o755)
        for name in _FILES:
            (root / name).touch(mode=0o644)
            (root / name).chmod(0o755)
        mtab = root / "etc/mtab"
        if not mtab.is_symlink():
            mtab.symlink_to("/proc/mounts")
        root.chmod(0o755)
        return root

    def image_rootfs(self, container: Container) -> dict[str, Any]:
        """A container's files as the runtime takes them."""
        from .containers.spec import rootfs

        return rootfs(container, self)

    def scratch_rootfs(self, folder: Path, image: Image | None) -> dict[str, Any]:
        """An image's files with a folder for changes, as the runtime takes them."""
        lower = self.layers_of(image)
        if self.supervisor.choice.driver == proot.NAME:
            self._spares.copy(lower, folder / "merged")
        return {
            "lower": lower,
            "upper": str(folder / "upper"),
            "work": str(folder / "work"),
            "merged": str(folder / "merged"),
            "readonly": False,
            "userxattr": self.supervisor.choice.level is not Level.ROOT,
        }

    def scratch_changes(self, folder: Path, image: Image | None) -> Path:
        """What was changed there."""
        if self.supervisor.choice.driver == proot.NAME:
            copies.changes(self.layers_of(image), folder / "merged", folder / "upper")
        return folder / "upper"

    def reuse_scratch(self, folder: Path, image: Image | None) -> None:
        """Where it is a copy, it is left to the next one."""
        if self.supervisor.choice.driver == proot.NAME:
            self._spares.keep(self.layers_of(image), folder / "merged")

    @cached_property
    def _spares(self) -> Spares:
        return Spares(self.state.folder("tmp", "spares"))

    def provide_files(self, container: Container) -> None:
        """Where nothing can be mounted, a container gets a copy of its image's files."""
        if self.supervisor.choice.driver == proot.NAME:
            self._spares.copy(container.layers, container.folder / "merged")

    def reuse_files(self, container: Container) -> None:
        """Such a copy is left to the next container when this one goes, and all that ran in it."""
        if self.supervisor.choice.driver != proot.NAME:
            return
        execs = [each for each in list(self.execs.values()) if each.container is container]
        if not any(each.process for each in execs):  # one that is killed may still write
            self._spares.keep(container.layers, container.folder / "merged")

    def changes_of(self, container: Container) -> Path:
        """The folder of what a container has changed, as overlay keeps it."""
        if self.supervisor.choice.driver == proot.NAME:
            remove_tree(container.upper)
            container.upper.mkdir(mode=0o755)
            copies.changes(container.layers, container.folder / "merged", container.upper)
        return container.upper

    def exec_extra(self, container: Container) -> dict[str, Any]:
        """What an exec needs to know beside its process, where nothing can be entered."""
        if self.supervisor.choice.driver != proot.NAME:
            return {}
        from .containers.spec import container_spec

        whole = container_spec(container, self)
        return {key: whole[key] for key in ("rootfs", "mounts", "namespaces")}
