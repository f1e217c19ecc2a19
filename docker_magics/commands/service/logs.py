"""docker service logs: show the logs of a service's tasks, each line with its task."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote_plus

from docker_magics.cli.command import flag, operand
from docker_magics.commands._logs import Log, LogFlags
from docker_magics.commands._tasks import NameResolver
from docker_magics.engine.client import Engine, path
from docker_magics.engine.streamed import StreamedResponse
from docker_magics.errors import EngineError, NotFound, ProtocolError, UsageError
from docker_magics.results.live import Process
from docker_magics.wire.frames import Frame

_LABELS = tuple(f"com.docker.swarm.{kind}.id" for kind in ("node", "service", "task"))


class ServiceLogs(LogFlags):
    """Fetch the logs of a service or task"""

    usage = "[OPTIONS] SERVICE|TASK"

    no_resolve: bool = flag("--no-resolve", "Do not map IDs to Names in output")
    no_task_ids: bool = flag("--no-task-ids", "Do not include task IDs in output")
    no_trunc: bool = flag("--no-trunc", "Do not truncate output")
    raw: bool = flag("--raw", "Do not neatly format logs")
    target: str = operand()

    def run(self, engine: Engine) -> Process:
        """Return the stream of lines; --follow ends with an interrupt.

        source: Engine API, ServiceLogs, TaskLogs.
        """
        kind, target_object = self._look_up(engine)
        spec = target_object["Spec"].get("TaskTemplate", target_object["Spec"])
        tty = bool(spec["ContainerSpec"].get("TTY"))
        if tty and not self.raw:
            raise UsageError("tty service logs only supported with --raw")
        query = self.query() | {"details": self.details or not self.raw}
        target = path(kind, self.target, "logs")
        body = StreamedResponse(engine.request("GET", target, query=query, stream=True))
        if self.raw:
            return Log(body, tty=tty)
        replicas = (target_object["Spec"].get("Mode", {}).get("Replicated") or {}).get(
            "Replicas", 1
        )
        return TaskLog(body, self, engine, width=len(str(target_object.get("Slot") or replicas)))

    def _look_up(self, engine: Engine) -> tuple[str, dict[str, Any]]:
        for kind in ("services", "tasks"):
            try:
                return kind, engine.get(path(kind, self.target))
            except NotFound:
                continue
        raise EngineError(f"no such task or service: {self.target}")


class TaskLog(Log):
    """Log lines, each prefixed by its task: `web.1.abc@node    | hello`."""

    def __init__(
        self, body: StreamedResponse, flags: ServiceLogs, engine: Engine, *, width: int
    ) -> None:
        super().__init__(body, tty=False)
        self._flags = flags
        self._engine = engine
        self._names = NameResolver(engine, resolve=not flags.no_resolve)
        self._width = width
        self._known: dict[str, str] = {}

    def arrivals(self) -> Iterator[Frame]:
        """Yield a frame for each line."""
        for frame in super().arrivals():
            yield Frame(
                frame.stream, self._with_prefix(frame.data.decode(errors="replace")).encode()
            )

    def _with_prefix(self, line: str) -> str:
        count = 2 if self._flags.timestamps else 1
        *before, rest = line.split(" ", count) if line.count(" ") >= count else ("", line)
        pairs = (pair.partition("=") for pair in before[-1].split(","))
        details = {unquote_plus(key): unquote_plus(value) for key, _, value in pairs}
        try:
            node, service, task = (details.pop(name) for name in _LABELS)
        except KeyError as error:
            raise ProtocolError(f"a log line without {error.args[0]}: {line!r}") from error
        extra = ",".join(f"{key}={value}" for key, value in sorted(details.items()))
        prefix = f"{self._task(task, service, node)}    | "
        stamp = f"{before[0]} " if self._flags.timestamps else ""
        return stamp + prefix + (f"{extra} " if self._flags.details else "") + rest

    def _task(self, task: str, service: str, node: str) -> str:
        if task not in self._known:
            slot = str(self._engine.get(path("tasks", task)).get("Slot", 0))
            name = f"{self._names.of('services', service)}.{slot}"
            if not self._flags.no_task_ids:
                name += f".{task if self._flags.no_trunc else task[:12]}"
            padding = " " * (self._width - len(slot))
            self._known[task] = f"{name}@{self._names.of('nodes', node)}{padding}"
        return self._known[task]
