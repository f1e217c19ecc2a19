"""Three of JupyterHub's spawners, each with its configuration and its users.

Each is a context manager that takes a function that starts an engine, a folder that all users may
read (`packages` has JupyterHub), and the folder of the hub. It yields how to run a hub (`Place`).
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import docker
from conftest import require_systrap

from tools import engines
from tools.daemons import free_port, run
from tools.pod import BINDER, environment, mounted, root_filesystem

LEARNERS = ("ana", "bora")
_IMAGE = "docker-magics/singleuser"
_SERVER = ("-m", "jupyterhub.singleuser")
#: Not the machine's Docker, which all learners would share.
_EMBEDDED = {"DOCKER_MAGICS_ENGINE": "embedded"}
_FIRST_ID = 400_000
#: Starts an engine by its name, and returns its address.
Start = Callable[[str], str]


class Place(NamedTuple):
    """How to run a hub.

    Attributes:
        python: the command that runs Python with JupyterHub.
        config: class -> trait -> value, as in jupyterhub_config.py.
        environ: environment variables of the hub.
        as_user: the command that runs the hub as an ordinary user; by default root runs it.
    """

    python: Sequence[str]
    config: dict[str, dict[str, Any]]
    environ: Mapping[str, str] = MappingProxyType({})
    as_user: Sequence[str] = ()


@contextmanager
def processes(_start: Start, shared: Path, folder: Path) -> Iterator[Place]:
    """Run the hub and all servers as one ordinary user, with a home folder for each learner.

    SimpleLocalProcessSpawner does not isolate learners, but each has an engine.
    """
    with engines.python_of(
        "www-data", subordinate_ids=True, packages=[shared / "packages"]
    ) as command:
        as_user, python = command[: command.index("env")], command[command.index("env") :]
        shutil.chown(folder, "www-data")
        config = {
            "JupyterHub": {"spawner_class": "simple", "hub_port": free_port()},
            "SimpleLocalProcessSpawner": {"home_dir_template": f"{folder}/{{username}}"},
            "Spawner": {"cmd": [*python, *_SERVER], "environment": _EMBEDDED},
        }
        yield Place(python, config, as_user=as_user)


@contextmanager
def accounts(_start: Start, shared: Path, folder: Path) -> Iterator[Place]:
    """Run the hub as root, and each server as an account of its own: LocalProcessSpawner."""
    ids = [_FIRST_ID + 65_536 * place for place in range(len(LEARNERS))]
    ranges = [f"{name}:{first}:65536\n" for name, first in zip(LEARNERS, ids, strict=True)]
    with (
        engines.python_of_all(shared / "packages") as python,
        engines.subordinate_ids_of("".join(ranges)),
        _accounts(folder),
    ):
        config = {
            "JupyterHub": {
                "spawner_class": "jupyterhub.spawner.LocalProcessSpawner",
                "hub_port": free_port(),
            },
            "Spawner": {"cmd": [*python, *_SERVER], "environment": _EMBEDDED},
        }
        yield Place(python, config)


@contextmanager
def _accounts(folder: Path) -> Iterator[None]:
    """Add the learners to /etc/passwd, by a bind mount in `private_network`."""
    passwd = folder / "passwd"
    lines = [Path("/etc/passwd").read_text()]
    for uid, name in enumerate(LEARNERS, _FIRST_ID - len(LEARNERS)):
        home = folder / name
        home.mkdir(mode=0o700)
        shutil.chown(home, uid, uid)
        lines.append(f"{name}:x:{uid}:{uid}::{home}:/bin/sh\n")
    passwd.write_text("".join(lines))
    run("mount", "--bind", str(passwd), "/etc/passwd")
    try:
        yield
    finally:
        run("umount", "/etc/passwd")


@contextmanager
def containers(engine: str, start: Start, shared: Path, _folder: Path) -> Iterator[Place]:
    """Run the hub as root, and each server in a container without privileges: DockerSpawner.

    As in a pod, this machine's programs, this Python and the project are bind-mounted.
    """
    require_systrap()
    address, port = start(engine), free_port()
    with closing(docker.APIClient(address)) as api:
        api.import_image_from_data(root_filesystem(BINDER), repository=_IMAGE)
    variables = environment(BINDER) | _EMBEDDED
    variables["PYTHONPATH"] += f":{shared}/packages"
    config = {
        "JupyterHub": {
            "spawner_class": "dockerspawner.DockerSpawner",
            "hub_ip": "0.0.0.0",
            "hub_port": port,
        },
        "DockerSpawner": {
            "image": _IMAGE,
            "cmd": [sys.executable, *_SERVER],
            "environment": variables,
            "extra_create_kwargs": {
                "user": f"{BINDER.uid}:{BINDER.uid}",
                "working_dir": BINDER.folder,
            },
            "extra_host_config": {
                "cap_drop": ["ALL"],
                "security_opt": ["no-new-privileges"],
                "extra_hosts": {"hub": "host-gateway"},
            },
            "read_only_volumes": {path: path for path in [*mounted(), str(shared)]},
            "hub_connect_url": f"http://hub:{port}",
            "remove": True,
        },
    }
    environ = {"PYTHONPATH": f"{shared}/packages", "DOCKER_HOST": address}
    yield Place([sys.executable], config, environ)
