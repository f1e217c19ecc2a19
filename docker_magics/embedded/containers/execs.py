"""The execs of all containers: created, started, forgotten.

source: Engine API, "Exec"; moby daemon/exec.go, daemon/container/exec.go: ExecStore.
"""

from __future__ import annotations

import threading

from ...wire import frames
from ...wire.detach import Detached, DetachKeys
from ..api.messages import RawConnection
from ..errors import ApiError, BadParameter, Conflict, NotFound
from ..records.container import Container
from ..runtime.cgroup import Cgroups
from ..runtime.process import Process, StartFailed, exit_code_of, runc_message
from ..runtime.supervisor import Supervisor
from . import devices
from .attach import carry
from .events import ContainerEvents
from .exec import Exec, ExecConfig, exec_spec
from .spec_builder import SpecBuilder

#: Seconds that a resize waits for a process that is about to start.
_BEGIN_S = 10
_FAILED = "OCI runtime exec failed: exec failed"
_RELATIVE = "Cwd must be an absolute path"
#: The exit code of a process whose user or group does not exist.
_NO_USER = 128


class ExecStartError(ApiError):
    """An exec cannot be started."""

    status = 400


class Execs:
    """All execs. One can be inspected for 5 minutes after its end.

    Args:
        events: receives exec_create, exec_start, exec_die.
        supervisor: starts processes.
        cgroups: an exec enters those of its container.
        specs: builds the environment, and what proot needs of the container.
    """

    def __init__(
        self,
        events: ContainerEvents,
        supervisor: Supervisor,
        cgroups: Cgroups,
        specs: SpecBuilder,
    ) -> None:
        self._events = events
        self._supervisor = supervisor
        self._cgroups = cgroups
        self._specs = specs
        self._execs: dict[str, Exec] = {}

    def get(self, exec_id: str) -> Exec:
        """Return an exec.

        Raises:
            NotFound: no such exec.
        """
        exec_ = self._execs.get(exec_id)
        if exec_ is None or exec_.container.removed:
            raise NotFound(f"No such exec instance: {exec_id}")
        return exec_

    def create(self, container: Container, config: ExecConfig) -> Exec:
        """Create an exec in a running container.

        Raises:
            ApiError: a linked container does not run.
        """
        env = self._specs.environment(container, tty=config["Tty"], extra=config["Env"])
        exec_ = Exec(container, {**config, "Env": env})
        self._forget_expired()
        container.execs[exec_.id] = exec_
        self._execs[exec_.id] = exec_
        self._publish(exec_, f"exec_create: {exec_.command}")
        return exec_

    def _forget_expired(self) -> None:
        for exec_ in list(self._execs.values()):
            if exec_.is_expired:
                self._execs.pop(exec_.id, None)

    def claim(self, exec_: Exec) -> None:
        """Reserve the only start of an exec.

        Raises:
            Conflict: it has been started before, or its container does not run.
        """
        check_active(exec_.container, exec_.container.id)
        exec_.claim()

    def prepare(self, exec_: Exec) -> Process:
        """Create the process of an exec; its program waits for `run` or `start`.

        Raises:
            Conflict: the container does not run.
            ExecStartError: the process cannot be created; the exec has ended.
        """
        container = exec_.container
        init = container.process
        if init is None:
            raise Conflict(f"container {container.id} is not running")
        spec = exec_spec(exec_, init.pid, self._cgroups.procs_files(container.id))
        if self._cgroups.leaves_devices_open:
            devices.restrict(spec, container.host_config)
        if not spec["cwd"].startswith("/"):
            exec_.end(exit_code_of(_RELATIVE))
            raise ExecStartError(f"{_FAILED}: {_RELATIVE}: unknown")
        if not self._supervisor.driver.enters_namespaces:
            whole = self._specs.build(container)
            spec["rootfs"], spec["mounts"] = whole["rootfs"], whole["mounts"]
            spec["namespaces"], spec["seccomp"] = whole["namespaces"], whole["seccomp"]
            spec["hostname"], spec["loopback"] = whole["hostname"], whole["loopback"]
            spec["devices"] = whole["devices"]
        try:
            return self._supervisor.create(container.folder, spec, exec_.name)
        except StartFailed as error:
            raise _start_error(exec_, error) from error

    def run(self, exec_: Exec, process: Process) -> None:
        """Start a prepared exec, and wait for its end in a thread.

        Raises:
            ExecStartError: the program cannot be executed; the exec has ended.
        """
        self.start(exec_, process)
        threading.Thread(target=self.wait, args=(exec_, process), daemon=True).start()

    def start(self, exec_: Exec, process: Process) -> None:
        """Start the program of a prepared exec; `wait` has to follow.

        Raises:
            ExecStartError: the program cannot be executed; the exec has ended.
        """
        try:
            process.start()
        except StartFailed as error:
            raise _start_error(exec_, error) from error
        exec_.process = process
        exec_.begun.set()
        self._publish(exec_, f"exec_start: {exec_.command}")

    def wait(self, exec_: Exec, process: Process) -> int:
        """Wait until an exec has ended, record that, and return its exit code."""
        end = process.wait()
        if not end.finished:
            self._supervisor.end_orphans(exec_.container.folder, exec_.name, process.pid)
        exec_.end(end.code)
        self._publish(exec_, "exec_die", {"exitCode": str(end.code)})
        return end.code

    def run_attached(self, exec_: Exec, raw: RawConnection, *, framed: bool) -> None:
        """Run an exec, and connect it to a client until its end or the client's detach keys.

        Args:
            exec_: it is claimed.
            raw: the client; an error is sent to it as output.
            framed: whether the client expects frames.
        """
        config = exec_.config
        keys = DetachKeys(config["DetachKeys"], active=config["Tty"])
        try:
            process = self.prepare(exec_)
            with process.attach(stdin=config["AttachStdin"], streams=exec_.streams) as sock:
                self.run(exec_, process)
                carry(raw, sock, keys, framed=framed and config["Tty"])
            exec_.ended.wait()  # the exit code is known before the client sees the end
        except ApiError as error:
            message = f"{error}\r\n".encode()
            raw.sendall(frames.encode(frames.Stream.STDOUT, message) if framed else message)
        except Detached:
            pass
        raw.close_write()

    def resize(self, exec_: Exec, height: int, width: int) -> None:
        """Set the size of an exec's terminal, once its program runs.

        Raises:
            BadParameter: it does not run.
        """
        exec_.begun.wait(_BEGIN_S)
        process = exec_.process
        if process is None:
            raise BadParameter(f"cannot resize a stopped container: {exec_.id}")
        process.resize(height, width)

    def _publish(self, exec_: Exec, action: str, extra: dict[str, str] | None = None) -> None:
        self._events.publish(exec_.container, action, {"execID": exec_.id, **(extra or {})})


def check_active(container: Container, name: str) -> None:
    """Refuse an exec in a container that is paused or does not run.

    Args:
        container: the container.
        name: as the client calls it.

    Raises:
        Conflict: it is paused, restarting or not running.
    """
    if container.state["Paused"]:
        raise Conflict(f"Container {name} is paused, unpause the container before exec")
    container.active()


def _start_error(exec_: Exec, error: StartFailed) -> ExecStartError:
    if error.exit_code == _NO_USER:
        exec_.end(126)
        return ExecStartError(error.reason)
    exec_.end(exit_code_of(error.reason))
    return ExecStartError(runc_message(_FAILED, error.reason))
