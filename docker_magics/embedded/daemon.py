"""The process of the engine: its options, its start, its end.

The order matters: it enters namespaces, and forks the network helper and the zygote, before it has
any thread.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import logging
import signal
import sys
import threading
from pathlib import Path

from . import descriptors, heap, private_environment
from .background import IN_USE
from .runtime import id_mapping, probe
from .runtime.driver import RuntimeDriver
from .runtime.id_mapping import IdMapping
from .runtime.supervisor import Supervisor, shims
from .state import RootInUse, State


def main() -> int:
    """Run until SIGTERM or SIGINT."""
    options = _options()
    logging.basicConfig(
        level=logging.DEBUG if options.debug else logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    logging.getLogger("urllib3").setLevel(logging.ERROR)  # it warns about each retry
    path = options.host.removeprefix("unix://")
    if "://" in path or not path.startswith("/"):
        return _fail(f"--host {options.host}: only unix:///PATH is supported", 2)
    try:
        return _run(Path(path), Path(options.root).absolute())
    except RootInUse as error:
        return _fail(str(error), IN_USE)
    except (probe.NoDriver, OSError) as error:
        return _fail(str(error), 1)


def _fail(message: str, code: int) -> int:
    sys.stderr.write(f"docker_magics.embedded: {message}\n")
    return code


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m docker_magics.embedded", description=__doc__)
    parser.add_argument("--host", required=True, help="unix:///PATH of the socket")
    parser.add_argument(
        "--root", required=True, help="the folder of images, containers, networks and volumes"
    )
    parser.add_argument("--debug", action="store_true", help="log debug messages")
    return parser.parse_args()


def _run(socket: Path, root: Path) -> int:
    from .server.server import Server, make_folder

    heap.limit_arenas()
    descriptors.raise_limit()
    make_folder(socket)
    state = State(root)
    driver = probe.choose(state.root)
    helper = _enter(state.root, driver)
    gc.collect()
    gc.freeze()  # forked processes share this memory until it is written to
    if driver.isolates_network and not helper:
        from .networks import helper_process

        # before anything else is opened: the helper may outlive the engine
        helper_process.fork(state.root)
    supervisor = Supervisor(driver)
    private_environment.restore()  # not before the zygote is forked, which containers can see
    from .engine import Engine

    engine = Engine(state, supervisor)
    server = Server(socket, engine.answer)
    engine.begin()
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    threading.Thread(target=server.serve_forever, daemon=True).start()
    while not stopped.wait(3600):
        pass
    server.close()
    engine.end()
    return 0


def _enter(root: Path, driver: RuntimeDriver) -> int:
    """Become root of the driver's namespaces: those of running containers, or new ones.

    Returns:
        The PID of the network helper process; 0 if one has to be started.
    """
    from .networks.helper import running_pid

    helper = running_pid(root) if driver.isolates_network else 0
    if driver.id_mapping in {IdMapping.SUBUID, IdMapping.SINGLE}:
        for pid in [*([helper] if helper else []), *shims(root / "containers")]:
            with contextlib.suppress(OSError):
                id_mapping.enter_of(pid)
                return helper
        helper = 0
    id_mapping.enter(driver.id_mapping)
    return helper
