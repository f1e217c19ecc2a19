"""How many learners fit on this machine: `make bench class LEARNERS=100`, as root.

Each learner has a kernel with pandas, an engine of an ordinary user, redis, and a web server in
Node.js. The engines have the images; then all learners start at the same time, which is the worst
case. Memory is PSS, which counts a page that n processes share as 1/n in each.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

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
import contextlib, time, urllib.request
import pandas
server = 'require("http").createServer((request, answer) => answer.end("hi")).listen(3000)'
%load_ext docker_magics
%docker run -d --name db redis
%docker run -d --name web -p 127.0.0.1::3000 node node -e {server}
%docker ports << port web
url = f"http://127.0.0.1:{ports['HOST PORT'][0]}"
while True:
    with contextlib.suppress(OSError):
        print(urllib.request.urlopen(url).read())
        break
    time.sleep(0.1)
"""
_LONGEST_S = 1800


@dataclass(frozen=True)
class Learner:
    """A learner's kernel, and the address of the engine."""

    manager: KernelManager
    address: str

    def work(self) -> float:
        """Wait for the kernel, and run the lesson; return the time at which the server answers.

        Raises:
            RuntimeError: the lesson failed; the message is its traceback.
        """
        client = self.manager.client()
        client.start_channels()
        try:
            client.wait_for_ready(_LONGEST_S)
            reply = client.execute_interactive(_LESSON, timeout=_LONGEST_S, output_hook=_ignore)
        finally:
            client.stop_channels()
        if reply["content"]["status"] != "ok":
            raise RuntimeError("\n".join(reply["content"]["traceback"]))
        return time.monotonic()

    def processes(self) -> list[psutil.Process]:
        """Return the kernel, the engine, and the processes of its containers."""
        kernel = psutil.Process(self.manager.provisioner.pid)  # type: ignore[union-attr]  # the local one
        return [kernel, *usage.processes(usage.engine_root(self.address))]


def run() -> Iterator[Measurement]:
    """Yield a learner's memory, how many fit into 24 GiB, and the first and last start times."""
    if os.geteuid() != 0 or not debian.ensure("images"):
        print("a private network and ordinary users are needed; run as root")
        return
    engines.private_network()
    with contextlib.ExitStack() as stack:
        python = stack.enter_context(engines.python_of("www-data", subordinate_ids=True))
        addresses = [stack.enter_context(_engine(python)) for _ in range(_LEARNERS)]
        started = time.monotonic()
        learners = [stack.enter_context(_learner(address)) for address in addresses]
        with ThreadPoolExecutor(_LEARNERS) as pool:
            seconds = [ended - started for ended in pool.map(Learner.work, learners)]
        running = [process for learner in learners for process in learner.processes()]
        memory_mib = usage.pss(running) / _LEARNERS
    yield Measurement(f"memory of a learner of {_LEARNERS}", memory_mib, unit="MiB")
    yield Measurement(f"of {_GOAL} learners", _GOAL * memory_mib, _MACHINE_MIB, unit="MiB")
    yield Measurement(f"start of the first learner of {_LEARNERS}", min(seconds), unit="s")
    yield Measurement(f"start of the last learner of {_LEARNERS}", max(seconds), unit="s")


@contextlib.contextmanager
def _engine(python: tuple[str, ...]) -> Iterator[str]:
    with engines.embedded(*python) as address:
        images.provide(address, "redis", "node")
        yield address


@contextlib.contextmanager
def _learner(address: str) -> Iterator[Learner]:
    sockets = usage.engine_root(address) / "kernel"  # by default, kernels share ./kernel-ipc
    manager = KernelManager(transport="ipc", ip=str(sockets))
    manager.start_kernel(env={**os.environ, "DOCKER_HOST": address})
    try:
        yield Learner(manager, address)
    finally:
        manager.shutdown_kernel(now=True)


def _ignore(_message: object) -> None:
    """Show nothing of what the lesson prints."""
