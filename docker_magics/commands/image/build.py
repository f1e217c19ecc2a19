"""docker build: an image made of a Dockerfile and a context."""

from __future__ import annotations

import hashlib
import json
import os
import queue
import secrets
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docker_magics.cli.command import Command, flag, operand
from docker_magics.cli.kinds import EXTRA_HOSTS, LABELS, SIZE_OR_UNLIMITED
from docker_magics.commands import _flags
from docker_magics.engine import auth
from docker_magics.engine.build_context import BuildContext, compressed
from docker_magics.engine.client import Engine
from docker_magics.engine.streamed import Streamed
from docker_magics.errors import DockerMagicsError, Interrupted, UsageError
from docker_magics.results.build import Build, BuildKitBuild, ClassicBuild
from docker_magics.wire import reference

from ._lines import line_of_number, line_of_step

_URLS = ("http://", "https://", "git://", "github.com/", "git@")
_TELL_EVERY = 1024 * 1024


class ImageBuild(Command):
    """Build an image from a Dockerfile"""

    usage = "[OPTIONS] PATH | URL | -"
    aliases = ("build", "builder build")

    add_host: list[str] = flag(
        "--add-host list", 'Add a custom host-to-IP mapping ("host:ip")', kind=EXTRA_HOSTS
    )
    build_arg: list[str] = flag("--build-arg list", "Set build-time variables")
    builder: str = flag("--builder string", "Build with buildkit or with the classic builder")
    cache_from: list[str] = flag("--cache-from strings", "Images to consider as cache sources")
    cgroup_parent: str = flag(
        "--cgroup-parent string", 'Set the parent cgroup for the "RUN" instructions during build'
    )
    compress: bool = flag("--compress", "Compress the build context using gzip")
    cpu_period: int = flag(
        "--cpu-period int", "Limit the CPU CFS (Completely Fair Scheduler) period"
    )
    cpu_quota: int = flag("--cpu-quota int", "Limit the CPU CFS (Completely Fair Scheduler) quota")
    cpu_shares: int = flag("-c, --cpu-shares int", "CPU shares (relative weight)")
    cpuset_cpus: str = flag("--cpuset-cpus string", "CPUs in which to allow execution (0-3, 0,1)")
    cpuset_mems: str = flag("--cpuset-mems string", "MEMs in which to allow execution (0-3, 0,1)")
    disable_content_trust: bool = _flags.disable_content_trust("Skip image verification")
    file: str = flag("-f, --file string", 'Name of the Dockerfile (Default is "PATH/Dockerfile")')
    force_rm: bool = flag("--force-rm", "Always remove intermediate containers")
    iidfile: str = flag("--iidfile string", "Write the image ID to the file")
    isolation: str = flag("--isolation string", "Container isolation technology")
    label: list[str] = flag("--label list", "Set metadata for an image", kind=LABELS)
    memory: int = flag("-m, --memory bytes", "Memory limit")
    memory_swap: int = flag(
        "--memory-swap bytes",
        "Swap limit equal to memory plus swap: -1 to enable unlimited swap",
        kind=SIZE_OR_UNLIMITED,
    )
    network: str = flag(
        "--network string",
        "Set the networking mode for the RUN instructions during build",
        default="default",
    )
    no_cache: bool = flag("--no-cache", "Do not use cache when building the image")
    platform: str = flag("--platform string", "Set platform if server is multi-platform capable")
    pull: bool = flag("--pull", "Always attempt to pull a newer version of the image")
    quiet: bool = flag("-q, --quiet", "Suppress the build output and print image ID on success")
    rm: bool = flag("--rm", "Remove intermediate containers after a successful build", default=True)
    security_opt: list[str] = flag("--security-opt strings", "Security options")
    shm_size: int = flag("--shm-size bytes", 'Size of "/dev/shm"')
    tag: list[str] = flag("-t, --tag list", 'Name and optionally a tag in the "name:tag" format')
    target: str = flag("--target string", "Set the target build stage to build.")
    ulimit: list[dict[str, Any]] = flag("--ulimit ulimit", "Ulimit options (default [])")
    path: str | None = operand(optional=True)

    #: The Dockerfile itself, where a %%dockerfile cell has it: no flag.
    dockerfile: bytes | None = None

    def run(self, engine: Engine) -> Build:
        """The build's progress; its result is the image's ID.

        Raises:
            UsageError: no such context or Dockerfile, or a wrong tag.

        source: Engine API, ImageBuild.
        """
        self._check_tags()
        remote = self.path if self.path and self.path.startswith(_URLS) else ""
        context = None if remote else self._context()
        classic = self._classic(engine)
        upload = _Upload(engine, self._query(context, remote, classic=classic), context, self)
        return (ClassicBuild if classic else BuildKitBuild)(
            upload.messages,
            upload.cancel,
            _line_finder(context, classic=classic),
            self._write_iidfile,
            in_cell=self.dockerfile is not None,
            quiet=self.quiet,
        )

    def _check_tags(self) -> None:
        for tag in self.tag:
            try:
                reference.parse(tag)
            except reference.ReferenceError as error:
                message = f'invalid argument "{tag}" for "-t, --tag" flag: {error}'
                raise UsageError(message) from error

    def _classic(self, engine: Engine) -> bool:
        """Whether the classic builder is asked for, or is all that there is."""
        if self.builder not in {"", "default", "classic", "buildkit"}:
            message = f"no builder {self.builder!r}"
            raise UsageError(message, hint="There are buildkit and classic.")
        if self.builder:
            return self.builder == "classic"
        if os.environ.get("DOCKER_BUILDKIT") in {"0", "false"}:
            return True
        return not engine.has_buildkit

    def _context(self) -> BuildContext:
        if self.dockerfile is not None:
            return self._context_of_cell(self.dockerfile)
        if self.path is None:
            message = "'docker image build' requires 1 argument, got 0"
            raise UsageError(message, hint=f"Usage: docker image build {self.usage}")
        if self.path == "-":
            return BuildContext(None, added={"Dockerfile": self.terminal.stdin.read()})
        folder = _folder(self.path)
        if self.file == "-":
            return _with_dockerfile(folder, self.terminal.stdin.read())
        return _with_named_dockerfile(folder, self.file)

    def _context_of_cell(self, dockerfile: bytes) -> BuildContext:
        if self.file:
            raise UsageError("the cell is the Dockerfile; -f has no place here")
        if self.path is None or self.path == "-":
            return BuildContext(None, added={"Dockerfile": dockerfile})
        return _with_dockerfile(_folder(self.path), dockerfile)

    def _query(self, context: BuildContext | None, remote: str, *, classic: bool) -> dict[str, Any]:
        return {
            "version": "1" if classic else "2",
            "buildid": secrets.token_hex(16) if not classic else "",
            "t": self.tag,
            "remote": remote,
            "dockerfile": context.dockerfile if context else self.file,
            "buildargs": _json(_build_args(self.build_arg)),
            "labels": _json(dict(label.partition("=")[::2] for label in self.label)),
            "cachefrom": json.dumps(self.cache_from) if self.cache_from else "",
            "nocache": self.no_cache,
            "pull": self.pull,
            "q": self.quiet and classic,
            "rm": "1" if self.rm else "0",
            "forcerm": self.force_rm,
            "networkmode": self.network,
            "target": self.target,
            "platform": self.platform.lower(),
            "extrahosts": self.add_host,
            "shmsize": self.shm_size or None,
            "memory": self.memory or None,
            "memswap": self.memory_swap or None,
            "cpushares": self.cpu_shares or None,
            "cpuperiod": self.cpu_period or None,
            "cpuquota": self.cpu_quota or None,
            "cpusetcpus": self.cpuset_cpus,
            "cpusetmems": self.cpuset_mems,
            "cgroupparent": self.cgroup_parent,
            "isolation": self.isolation,
            "securityopt": json.dumps(self.security_opt) if self.security_opt else "",
            "ulimits": json.dumps(self.ulimit) if self.ulimit else "",
        }

    def _write_iidfile(self, identity: str) -> None:
        if self.iidfile:
            Path(self.iidfile).write_text(identity, encoding="utf-8")


class _Upload:
    """Sends the context in a thread of its own, so that what is sent can be seen meanwhile."""

    def __init__(
        self,
        engine: Engine,
        query: dict[str, Any],
        context: BuildContext | None,
        command: ImageBuild,
    ) -> None:
        self._engine = engine
        self._query = query
        self._context = context
        self._compress = command.compress
        self._queue: queue.Queue[Any] = queue.Queue(256)
        self._cancelled = threading.Event()
        self._finished = threading.Event()
        self._answer: Streamed | None = None

    def messages(self) -> Iterator[Any]:
        """`{"sent": bytes}` while the context is sent, then the engine's messages."""
        threading.Thread(target=self._run, daemon=True, name="docker-magics-build").start()
        while (message := self._queue.get()) is not None:
            if isinstance(message, DockerMagicsError):
                raise message
            yield message

    def _run(self) -> None:
        try:
            response = self._engine.request(
                "POST",
                "/build",
                query=self._query,
                data=self._body(),
                headers={"Content-Type": "application/x-tar", **auth.header_for_all()},
                stream=True,
            )
            self._answer = Streamed(response)
            for message in self._answer.values():
                self._put(message)
        except DockerMagicsError as error:
            if not self._cancelled.is_set():
                self._put(error)
        finally:
            self._finished.set()
            self._put(None)

    def _put(self, message: Any) -> None:
        while True:
            try:
                self._queue.put(message, timeout=0.2)
            except queue.Full:
                if self._cancelled.is_set():
                    return
            else:
                return

    def _body(self) -> Iterator[bytes] | None:
        if self._context is None:
            return None
        pieces = self._counted(self._context)
        return compressed(pieces) if self._compress else pieces

    def _counted(self, context: BuildContext) -> Iterator[bytes]:
        sent = told = 0
        for piece in context.pieces():
            if self._cancelled.is_set():
                raise Interrupted("the build was cancelled")
            yield piece
            sent += len(piece)
            if sent - told >= _TELL_EVERY:
                told = sent
                self._put({"sent": sent})

    def cancel(self) -> None:
        """Stop sending, and the engine's work; nothing happens where it has ended."""
        if self._finished.is_set() or self._cancelled.is_set():
            return
        self._cancelled.set()
        if identity := self._query["buildid"]:
            self._engine.post("/build/cancel", {"id": identity})
        if self._answer is not None:
            self._answer.close()


def _folder(name: str) -> Path:
    folder = Path(name).expanduser()
    if not folder.exists():
        raise UsageError(f"unable to prepare context: path {name!r} not found")
    if not folder.is_dir():
        raise UsageError(f"unable to prepare context: {name!r} is no folder")
    return folder


def _with_named_dockerfile(folder: Path, name: str) -> BuildContext:
    file = Path(name) if name else folder / "Dockerfile"
    if name and not file.is_absolute() and not file.exists():
        file = folder / name  # as older clients had it: relative to the context
    if not file.is_file():
        shown = name or str(file)
        raise UsageError(f"unable to prepare context: no Dockerfile at {shown!r}")
    if file.resolve().is_relative_to(folder.resolve()):
        inside = file.resolve().relative_to(folder.resolve())
        return BuildContext(folder, inside.as_posix())
    return _with_dockerfile(folder, file.read_bytes())


def _with_dockerfile(folder: Path, dockerfile: bytes) -> BuildContext:
    """A Dockerfile that is not in the context is sent beside it, and kept out of COPY.

    Its name comes from its content, so that the same build is found in the cache.
    source: docker/cli, cli/command/image/build/context.go: AddDockerfileToBuildContext.
    """
    name = f".dockerfile.{hashlib.sha256(dockerfile).hexdigest()[:20]}"
    ignore = folder / ".dockerignore"
    kept = ignore.read_bytes() if ignore.is_file() else b""
    lines = kept + f"\n.dockerignore\n{name}\n".encode()
    return BuildContext(folder, name, {name: dockerfile, ".dockerignore": lines})


def _build_args(pairs: list[str]) -> dict[str, str | None]:
    """`NAME=value`; a name alone takes its value from here, if it has one (null otherwise)."""
    split = (pair.partition("=") for pair in pairs)
    return {name: value if equals else os.environ.get(name) for name, equals, value in split}


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value) if value else ""


def _line_finder(context: BuildContext | None, *, classic: bool) -> Any:
    if context is None:
        return lambda _step: None
    find = line_of_number if classic else line_of_step
    if context.dockerfile in context.added:
        content = context.added[context.dockerfile]
    else:
        assert context.folder is not None
        content = (context.folder / context.dockerfile).read_bytes()
    text = content.decode(errors="replace")
    return lambda step: find(text, step)
