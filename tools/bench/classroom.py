"""How many learners fit on this machine: `LEARNERS=100 python -m tools.bench classroom`, as root.

Each learner has a kernel with pandas, an engine of an ordinary user, redis, and a web server in
Node.js. Memory is PSS, which counts a page that n processes share as 1/n in each.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
from jupyter_client.manager import KernelManager

from tools import debian, engines, images
from tools.bench import usage
from tools.bench.measurement import Measurement

_LEARNERS = int(os.environ.get("LEARNERS", "20"))
#: The memory of a usual machine for a class, and the goal for it.
_MACHINE_MIB = 24 * 1024
_GOAL = 100
_LESSON = """
import pandas
server = 'require("http").createServer((request, answer) => answer.end("hi")).listen(3000)'
%load_ext docker_magics
%docker run -d --name db redis
%docker run -d --name web node node -e {server}
%docker ps
"""
_LONGEST_S = 300


@dataclass(frozen=True)
class Learner:
    """A learner's processes.

    Attributes:
        root: the folder of the engine.
        kernel: the process of the kernel.
        seconds: from the kernel's start until the containers run.
    """

    root: Path
    kernel: psutil.Process
    seconds: float

    def processes(self) -> list[psutil.Process]:
        """Return the kernel, the engine, and the processes of its containers."""
        return [self.kernel, *usage.processes(self.root)]


def run() -> Iterator[Measurement]:
    """Yield a learner's memory, how many fit into 24 GiB, and the first and last start times."""
    if os.geteuid() != 0 or not debian.ensure("images"):
        print("a private network and ordinary users are needed; run as root")
        return
    engines.private_network()
    with contextlib.ExitStack() as stack:
        python = stack.enter_context(engines.python_of("www-data", subordinate_ids=True))
        learners = [stack.enter_context(_learner(python)) for _ in range(_LEARNERS)]
        running = [process for learner in learners for process in learner.processes()]
        memory_mib = usage.pss(running) / len(learners)
    yield Measurement(f"memory of a learner of {_LEARNERS}", memory_mib, unit="MiB")
    yield Measurement(f"of {_GOAL} learners", _GOAL * memory_mib, _MACHINE_MIB, unit="MiB")
    yield Measurement("start of the first learner", learners[0].seconds, unit="s")
    yield Measurement("start of the last learner", learners[-1].seconds, unit="s")


@contextlib.contextmanager
def _learner(python: tuple[str, ...]) -> Iterator[Learner]:
    with engines.embedded(*python) as address:
        images.provide(address, "redis", "node")
        started = time.monotonic()
        with _kernel(address) as (manager, kernel):
            client = manager.client()
            client.start_channels()
            reply = client.execute_interactive(_LESSON, timeout=_LONGEST_S, output_hook=_ignore)
            if reply["content"]["status"] != "ok":
                raise RuntimeError("\n".join(reply["content"]["traceback"]))
            yield Learner(usage.engine_root(address), kernel, time.monotonic() - started)
            client.stop_channels()


@contextlib.contextmanager
def _kernel(address: str) -> Iterator[tuple[KernelManager, psutil.Process]]:
    manager = KernelManager(transport="ipc")
    manager.start_kernel(env={**os.environ, "DOCKER_HOST": address})
    try:
        yield manager, psutil.Process(manager.provisioner.pid)  # type: ignore[union-attr]  # the local one
    finally:
        manager.shutdown_kernel(now=True)


def _ignore(_message: object) -> None:
    """Show nothing of what the lesson prints."""
