"""The containers of one engine: made, started, stopped, removed.

source: moby daemon/create.go, start.go, monitor.go, stop.go, kill.go, delete.go, rename.go.
"""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import signal as signals_of_linux
import threading
from typing import TYPE_CHECKING, Any

from .. import clock
from ..errors import ApiError, BadParameter, Conflict, NotFound, NotModified, as_api_error
from ..records.container import NEW_STATE, Container
from ..runtime import signals
from ..runtime.supervisor import Exit, Process, StartFailed
from ..state import remove_tree
from . import create, health, mounts, populate
from .spec import container_spec, host_name

if TYPE_CHECKING:
    from ..engine import Engine
    from ..images.image import Image
    from ..images.platforms import Platform

_log = logging.getLogger(__name__)
_SECOND = 1_000_000_000
#: Seconds between SIGTERM and SIGKILL, where nothing else was said.
GRACE_S = 10
#: A process that ran this long has started well: the waiting before a restart begins anew.
_HEALTHY_S = 10
_LONGEST_WAIT_S = 60.0


class Containers:
    """All containers, running or not. Lock order: see `ContainerStore`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._store = engine.container_store
        self._events = engine.container_events

    def reattach(self) -> None:
        """Go on with what an earlier engine left running, and start what is to run always."""
        for container in self.all():
            process = self._engine.supervisor.reattach(container.folder, container.state["Pid"])
            if process is not None:
                self._reattach(container, process)
            elif container.running:
                self._was_killed(container)
            else:
                self._engine.cgroups.remove(container.id)
            if container.record.get("OfBuild") and not container.removed:
                self.remove(container, force=True, volumes=True)

    def _reattach(self, container: Container, process: Process) -> None:
        if not container.running or container.state["Restarting"]:
            # the engine was killed before its start was written down
            with contextlib.suppress(ProcessLookupError):
                process.signal(signals_of_linux.SIGKILL)
            process.wait()
            self._engine.cgroups.remove(container.id)
            return
        container.process = process
        self._engine.networks.reattach(container)
        self._watch(container)
        health.start(container, self._engine)

    def _was_killed(self, container: Container) -> None:
        """Its shim ended while no engine looked."""
        from ..runtime.supervisor import CONTAINER, Process

        end = Process(container.folder, CONTAINER, 0).ended()
        container.stopped_by_hand = bool(container.record.get("StoppedByHand"))
        self._ended(container, end)

    # --- looking up: these three go with the last user of them

    def all(self) -> list[Container]:
        """Return every container, the newest first."""
        return self._store.all()

    def get(self, text: str) -> Container:
        """Return the container of a name, an ID or an ID's prefix."""
        return self._store.get(text)

    def using_image(self, identity: str) -> list[Container]:
        """Return the containers that were created from an image."""
        return self._store.using_image(identity)

    # --- making

    def create(
        self,
        body: dict[str, Any],
        name: str = "",
        platform: Platform | None = None,
        *,
        extra: dict[str, Any] | None = None,
    ) -> Container:
        """Make a container.

        Args:
            body: the API's ContainerCreate.
            name: its name; one is made up where it is empty.
            platform: what the image has to be for.
            extra: what its record has beside that, for builds: ExtraMounts, the runtime's mounts
                beside the container's own; OfBuild, whether it goes with an engine that ends.

        Raises:
            NotFound: there is no such image.
            Conflict: the name is taken.
            BadParameter: something that cannot be.
        """
        engine = self._engine
        image = engine.images.resolve(body["Image"], platform) if body.get("Image") else None
        try:
            container = self._created(body, name, image, extra or {})
        except NotFound as fault:  # the clients' 404 is the image's
            raise BadParameter(str(fault)) from fault
        self._events.publish(container, "create")
        return container

    def _created(
        self,
        body: dict[str, Any],
        name: str,
        image: Image | None,
        extra: dict[str, Any],
    ) -> Container:
        engine = self._engine
        config = create.config_of(body, image)
        host_config = create.host_config_of(body.get("HostConfig") or {}, engine)
        create.check_together(body, host_config)
        identity = secrets.token_hex(32)
        name = self._store.reserve_name(name, identity)
        container = None
        try:
            container = self._make(identity, name, config, host_config, image, extra)
            mounts.create_volumes(container.record["Mounts"], engine)
            engine.networks.prepare(container, body.get("NetworkingConfig") or {})
            self._make_files(container)
            self._store.add(container)
            populate.working_folder(container, engine)
            populate.volumes(container, engine)
            container.write()
        except BaseException:
            self._give_up(identity, name, container)
            raise
        return container

    def _make(
        self,
        identity: str,
        name: str,
        config: dict[str, Any],
        host_config: dict[str, Any],
        image: Image | None,
        extra: dict[str, Any],
    ) -> Container:
        folder = self._store.folder(identity)
        folder.mkdir(mode=0o700)
        own_hostname = bool(config["Hostname"])
        if not own_hostname:
            config["Hostname"] = host_name() if host_config["NetworkMode"] == "host" else identity[:12]  # fmt: skip  # noqa: E501
        words = [*(config["Entrypoint"] or []), *(config["Cmd"] or [])]
        record = {
            "Id": identity,
            "Created": clock.stamp(),
            "Name": name,
            "Path": words[0],
            "Args": words[1:],
            "Image": image.id if image else "",
            "Layers": self._engine.base_layers.complete(image.layers if image else ()),
            "Config": config,
            "HostConfig": host_config,
            "Networks": {},
            "State": dict(NEW_STATE),
            "Mounts": mounts.plan(config, host_config, self._engine),
            "RestartCount": 0,
            "OwnHostname": own_hostname,
            **extra,
        }
        return Container(folder, record)

    def _make_files(self, container: Container) -> None:
        container.layer.create()
        for name in ("hosts", "hostname", "resolv.conf"):
            (container.folder / name).touch(mode=0o644)
            (container.folder / name).chmod(0o644)

    def _give_up(self, identity: str, name: str, container: Container | None) -> None:
        """Take away all that a create which failed has made."""
        with container.lock if container else contextlib.nullcontext():
            self._store.discard(identity, container.name if container else name)
            if container is not None:
                container.removed = True
                self._remove_volumes(container)
        if self._store.folder(identity).exists():
            remove_tree(self._store.folder(identity))

    # --- running

    def start(self, container: Container) -> None:
        """Start it.

        Raises:
            NotModified: it runs already.
            Conflict: it cannot be started as it is.
            StartFailed: its program cannot be executed.
        """
        with container.lock:
            if container.state["Paused"]:
                raise Conflict("cannot start a paused container, try unpause instead")
            if container.running and not container.state["Restarting"]:
                raise NotModified
            if container.state["Removing"] or container.removed:
                raise Conflict("container is marked for removal and cannot be started")
            container.stopped_by_hand = False
            container.record |= {"RestartCount": 0, "RestartWait": 0.0}
            container.restart_now.set()
            self._start(container)

    def _start(self, container: Container) -> None:
        engine = self._engine
        try:
            process = self._spawn(container)
        except Exception as error:
            fault = as_api_error(error)
            self._did_not_start(container, fault)
            raise fault from error
        finally:
            container.attachments.clear()
        container.process = process
        container.state.update(
            NEW_STATE, Running=True, Pid=process.pid, StartedAt=clock.stamp(),
            FinishedAt=container.state["FinishedAt"],
        )  # fmt: skip
        container.record["StoppedByHand"] = False
        container.save()
        self._events.publish_mounts(container, mounted=True)
        self._events.publish(container, "start")
        self._watch(container)
        health.start(container, engine)

    def _spawn(self, container: Container) -> Process:
        """Make its process, connect it, and let it go."""
        engine = self._engine
        engine.networks.share_names(container)
        spec = container_spec(container, engine)
        spec["cgroup"] = self._limited(container)
        spec["cgroup_folders"] = engine.cgroups.shown(container.id)
        process = engine.supervisor.create(container.folder, spec)
        try:
            engine.networks.attach(container, process.pid)
            engine.networks.write_files(container)
            for attachment in container.attachments:
                attachment.begin(process)
            process.start()
        except BaseException:
            with contextlib.suppress(ProcessLookupError):
                process.signal(signals_of_linux.SIGKILL)
            process.wait()
            engine.networks.detach(container)
            raise
        return process

    def _limited(self, container: Container) -> list[str]:
        """The entrances of its control group, which is made."""
        try:
            return self._engine.cgroups.make(container.id, container.host_config)
        except OSError as error:
            setting = "error setting cgroup config for procHooks process"
            words = f"error during container init: {setting}: {error.strerror}"
            raise StartFailed(words, 126) from error

    def _did_not_start(self, container: Container, fault: ApiError) -> None:
        self._engine.cgroups.remove(container.id)
        code = fault.exit_code if isinstance(fault, StartFailed) else 128
        container.state.update(Running=False, Restarting=False, Pid=0, ExitCode=code, Error=str(fault))  # fmt: skip  # noqa: E501
        for attachment in container.attachments:
            attachment.cancel()
        container.save()
        self._remove_if_asked(container)

    def _remove_if_asked(self, container: Container) -> None:
        """Take a container away that ended and was to remain no longer (`--rm`)."""
        if container.host_config["AutoRemove"] and not container.removed:
            self._remove_now(container, volumes=True)

    def _watch(self, container: Container) -> None:
        threading.Thread(target=self._watched, args=(container,), daemon=True).start()

    def _watched(self, container: Container) -> None:
        process = container.process
        if process is None:
            return
        try:
            self._ended(container, process.wait())
        except Exception:  # the thread's last word
            _log.exception("the end of %s", container.id)

    def _ended(self, container: Container, end: Exit) -> None:
        with container.lock:
            health.stop(container)
            container.process = None
            started = clock.parse(container.state["StartedAt"])
            finished = end.finished or clock.now_ns()
            duration = max(0, finished - started) // _SECOND
            restart = self._wants_restart(container, end.code)
            self._end_execs(container)
            out_of_memory = self._engine.cgroups.remove(container.id)
            container.state.update(
                Running=restart, Restarting=restart, Paused=False, Pid=0, ExitCode=end.code,
                FinishedAt=clock.stamp(finished), OOMKilled=out_of_memory,
            )  # fmt: skip
            if out_of_memory:
                self._events.publish(container, "oom")
            self._events.publish(container, "die", {"exitCode": str(end.code)})
            self._engine.networks.detach(container)
            self._events.publish_mounts(container, mounted=False)
            container.exits += 1
            container.save()
            if not (restart or container.awaited or container.state["Removing"]):
                self._remove_if_asked(container)
        if restart:
            self._restart_later(container, duration)

    def _end_execs(self, container: Container) -> None:
        """They end with the container's namespace, and by hand where there is none (proot)."""
        for each in list(container.execs.values()):  # one that ends takes itself away
            if each.process is not None:
                with contextlib.suppress(ProcessLookupError):
                    each.process.signal(signals_of_linux.SIGKILL)
        container.execs.clear()

    def _wants_restart(self, container: Container, code: int) -> bool:
        policy = container.host_config["RestartPolicy"]
        if container.stopped_by_hand or container.state["Removing"]:
            return False
        match policy["Name"]:
            case "always" | "unless-stopped":
                return True
            case "on-failure":
                most = policy["MaximumRetryCount"]
                return code != 0 and (not most or container.record["RestartCount"] < most)
        return False

    def _restart_later(self, container: Container, duration: int) -> None:
        waited = container.record.get("RestartWait", 0.0)
        wait = 0.1 if duration >= _HEALTHY_S or not waited else min(waited * 2, _LONGEST_WAIT_S)
        container.record["RestartWait"] = wait
        container.restart_now.clear()
        if container.restart_now.wait(wait):
            return
        with container.lock:
            if not container.state["Restarting"] or container.stopped_by_hand:
                return
            container.record["RestartCount"] += 1
            try:
                self._start(container)
            except ApiError as fault:
                _log.warning("restart of %s: %s", container.id, fault)

    def kill(self, container: Container, number: int = signals_of_linux.SIGKILL) -> None:
        """Send a signal to its process.

        Raises:
            Conflict: it does not run.
            ApiError: there is no such signal.
        """
        if number not in signals.KNOWN:
            raise ApiError(f"The linux daemon does not support signal {number % 2**64}")
        with container.lock:
            if not container.running:
                raise Conflict(f"Container {container.id} is not running")
            container.record["StoppedByHand"] = True
            stop = container.config.get("StopSignal")
            # without a stop signal of its own, any signal is taken for one that ends it
            if not stop or number in {signals_of_linux.SIGKILL, signals.number(stop)}:
                container.stopped_by_hand = True
            if container.state["Restarting"]:
                self._restart_no_more(container)
                return
            exits = container.exits
            self._signal(container, number)
        if number == signals_of_linux.SIGKILL:
            self._wait_for_exit(container, exits, GRACE_S)

    def _stop_by_hand(self, container: Container) -> None:
        container.stopped_by_hand = True
        container.record["StoppedByHand"] = True

    def _restart_no_more(self, container: Container) -> None:
        container.restart_now.set()
        container.state.update(Running=False, Restarting=False)
        container.save()

    def _signal(self, container: Container, number: int) -> None:
        process = container.process
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.signal(number)
        if number == signals_of_linux.SIGKILL and container.state["Paused"]:
            self._thaw(container)
        self._events.publish(container, "kill", {"signal": str(number)})

    def stop(self, container: Container, seconds: int | None, signal: str = "") -> None:
        """Ask it to stop, and kill it after some seconds (-1: never).

        Raises:
            NotModified: it does not run.
        """
        container.awaited = True
        try:
            self._stop(container, seconds, signal)
        finally:
            container.awaited = False
        with container.lock:
            if not container.running:
                self._remove_if_asked(container)

    def _stop(self, container: Container, seconds: int | None, signal: str) -> None:
        with container.lock:
            self._stop_by_hand(container)
            if container.state["Restarting"]:
                self._restart_no_more(container)
                self._events.publish(container, "stop")
                return
            if container.process is None:
                raise NotModified
            exits = container.exits
            number = signals.number(signal or container.config.get("StopSignal") or "TERM")
            self._signal(container, number)
        if seconds is None:
            seconds = container.config.get("StopTimeout")
        grace = GRACE_S if seconds is None else seconds
        if not self._wait_for_exit(container, exits, None if grace < 0 else grace):
            with container.lock:
                self._signal(container, signals_of_linux.SIGKILL)
            self._wait_for_exit(container, exits, None)
        self._events.publish(container, "stop")

    def _wait_for_exit(self, container: Container, exits: int, seconds: float | None) -> bool:
        with container.changed:
            return container.changed.wait_for(
                lambda: container.exits > exits or container.removed, seconds
            )

    def restart(self, container: Container, seconds: int | None, signal: str = "") -> None:
        """Stop it, if it runs, and start it."""
        container.awaited = True
        try:
            with contextlib.suppress(NotModified):
                self._stop(container, seconds, signal)
            self.start(container)
        finally:
            container.awaited = False
        self._events.publish(container, "restart")

    def pause(self, container: Container) -> None:
        """Stop its processes where they are.

        Raises:
            Conflict: it does not run, or is paused already.
        """
        with container.lock:
            if container.state["Paused"]:
                raise Conflict(f"Container {container.id} is already paused")
            process = container.active()
            for pid in self._engine.supervisor.processes(process):
                with contextlib.suppress(OSError):
                    os.kill(pid, signals_of_linux.SIGSTOP)
            container.state["Paused"] = True
            container.save()
            self._events.publish(container, "pause")

    def unpause(self, container: Container) -> None:
        """Let its processes go on.

        Raises:
            Conflict: it is not paused.
        """
        with container.lock:
            if not container.state["Paused"]:
                raise Conflict(f"Container {container.id} is not paused")
            self._thaw(container)
            self._events.publish(container, "unpause")

    def _thaw(self, container: Container) -> None:
        if container.process is not None:
            for pid in self._engine.supervisor.processes(container.process):
                with contextlib.suppress(OSError):
                    os.kill(pid, signals_of_linux.SIGCONT)
        container.state["Paused"] = False
        container.save()

    def rename(self, container: Container, name: str) -> None:
        """Give it another name.

        Raises:
            BadParameter: it is no name, or the one it has.
            Conflict: the name is taken.
            NotFound: it has been removed meanwhile.
        """
        name = name.removeprefix("/")
        if not name:
            raise BadParameter("Neither old nor new names may be empty")
        with container.lock:
            old = container.name
            if name == old:
                raise BadParameter("Renaming a container with the same name as its current name")
            if container.removed:
                raise NotFound(f"No such container: {container.id}")
            self._store.rename(container, name)
            container.save()
        self._events.publish(container, "rename", {"oldName": f"/{old}"})

    # --- removing

    def remove(self, container: Container, *, force: bool = False, volumes: bool = False) -> None:
        """Take it away.

        Args:
            container: the container.
            force: kill it first where it runs.
            volumes: its anonymous volumes go too.

        Raises:
            Conflict: it runs, and `force` is not set; or it is being removed already.
        """
        with container.lock:
            if container.removed or container.state["Removing"]:
                raise Conflict(f"removal of container {container.id} is already in progress")
            if container.running and not force:
                self._refuse_removal(container)
            container.state["Removing"] = True
            self._stop_by_hand(container)
            container.restart_now.set()
            exits = container.exits
            running = container.process is not None
            if running:
                self._signal(container, signals_of_linux.SIGKILL)
        if running:
            self._wait_for_exit(container, exits, GRACE_S)
        with container.lock:
            if not container.removed:
                self._remove_now(container, volumes=volumes)

    def _refuse_removal(self, container: Container) -> None:
        if container.state["Paused"]:
            action = "Unpause and then stop the container before attempting removal or force remove"
            raise Conflict(f"You cannot remove a paused container {container.id}. {action}")
        state = container.status
        action = "Stop the container before attempting removal or force remove"
        raise Conflict(f"You cannot remove a {state} container {container.id}. {action}")

    def _remove_now(self, container: Container, *, volumes: bool) -> None:
        engine = self._engine
        self._store.discard(container.id, container.name)
        container.removed = True
        (container.folder / "config.json").unlink(missing_ok=True)
        in_use = any(
            each.process for each in list(engine.execs.values()) if each.container is container
        )
        engine.storage.release(container.layer, in_use=in_use)
        # Under another name nobody writes into it any more, as an exec's shim that ends may do.
        going = container.folder.with_name(f"gone-{container.id[:16]}")
        container.folder.rename(going)
        remove_tree(going)
        self._events.publish(container, "destroy")
        if volumes:
            self._remove_volumes(container)
        engine.images.drop_hidden()
        with container.changed:
            container.changed.notify_all()

    def _remove_volumes(self, container: Container) -> None:
        for point in container.record["Mounts"]:
            # A volume that `docker volume create` gave its name was named here: it stays.
            if point["Type"] == "volume" and point.get("Anonymous"):
                with contextlib.suppress(NotFound, Conflict):  # another container may use it
                    self._engine.volumes.remove(point["Name"])

    def stop_all(self) -> None:
        """Stop what runs, as a daemon does that is shut down."""
        running = [each for each in self.all() if each.process is not None]
        threads = [threading.Thread(target=self._stop_quietly, args=(each,)) for each in running]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _stop_quietly(self, container: Container) -> None:
        by_hand = container.record.get("StoppedByHand")
        with contextlib.suppress(ApiError):
            self.stop(container, None)
        container.record["StoppedByHand"] = by_hand
        if not container.removed:
            container.save()

    def start_always(self) -> None:
        """Start what has a restart policy that says so, after the engine was shut down."""
        for container in self.all():
            name = container.host_config["RestartPolicy"]["Name"]
            by_hand = container.record.get("StoppedByHand")
            wanted = name == "always" or (name == "unless-stopped" and not by_hand)
            if wanted and not container.running and container.status == "exited":
                with contextlib.suppress(ApiError):
                    self.start(container)

    # --- waiting

    def wait(self, container: Container, condition: str) -> Any:
        """A function that blocks up to a second at a time and gives the API's answer, or None.

        Args:
            container: the container.
            condition: not-running, next-exit or removed.

        Raises:
            BadParameter: there is no such condition.
        """
        if condition not in {"", "not-running", "next-exit", "removed"}:
            raise BadParameter(f'invalid condition: "{condition}"')
        exits = container.exits
        stopped = not container.running

        def done() -> bool:
            if container.removed:
                return True
            if condition == "removed":
                return False
            if condition == "next-exit":
                return container.exits > exits
            return stopped or not container.running or container.exits > exits

        def look() -> dict[str, Any] | None:
            with container.changed:
                if not container.changed.wait_for(done, 1.0):
                    return None
                code = container.state["ExitCode"]
                error = "" if condition == "removed" else container.state["Error"]
            return {"StatusCode": code, **({"Error": {"Message": error}} if error else {})}

        return look
