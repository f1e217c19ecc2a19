"""docker build: build an image from a Dockerfile and a context."""

from __future__ import annotations

import functools
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from docker_magics.cli.command import Command, flag, operand
from docker_magics.cli.flag_types import (
    ENVIRONMENT,
    EXTRA_HOSTS,
    LABELS,
    SIZE_OR_UNLIMITED,
    FlagType,
)
from docker_magics.cli.flag_types.resources import by_name
from docker_magics.cli.flag_types.texts import mapping
from docker_magics.commands import _flags
from docker_magics.commands._platform import checked_platform, chosen_platform
from docker_magics.commands._session_label import labels
from docker_magics.engine.build_context import BuildContext
from docker_magics.engine.client import Engine
from docker_magics.engine.error_hints import hint
from docker_magics.errors import UsageError
from docker_magics.results.build import Build, ClassicBuild
from docker_magics.results.buildkit import BuildKitBuild
from docker_magics.results.gotemplate import to_json
from docker_magics.wire import reference

from . import _contexts
from ._build_request import BuildRequest
from ._lines import line_of_step, line_of_steps
from ._secrets import SECRETS, Secret, readers

if TYPE_CHECKING:
    from docker_magics.engine.buildkit.session import BuildSession

_URLS = ("http://", "https://", "git://", "github.com/", "git@")


def _progress(text: str) -> str:
    if text not in {"auto", "plain", "tty", "quiet"}:
        raise ValueError("expected auto, plain, tty or quiet")
    return text


PROGRESSES = FlagType(_progress)


def _tag(text: str) -> str:
    reference.parse(text)
    return text


TAGS = FlagType(_tag, many=True)


class ImageBuild(Command):
    """Build an image from a Dockerfile"""

    usage = "[OPTIONS] PATH | URL | -"
    aliases = ("build", "builder build")
    elsewhere = MappingProxyType(
        {
            "build-context": "Put the files into the context, or build them as an image first.",
            "cache-to": "Push the image; elsewhere, build with --cache-from NAME.",
            "output": "Build with -t NAME; then docker create NAME, and docker cp the files.",
            "push": "Build with -t NAME; then docker push NAME.",
            "ssh": "Clone private repositories before the build, or pass a key as a --secret.",
        }
    )

    add_host: list[str] = flag(
        "--add-host list", 'Add a custom host-to-IP mapping ("host:ip")', flag_type=EXTRA_HOSTS
    )
    build_arg: list[str] = flag(
        "--build-arg list", "Set build-time variables", flag_type=ENVIRONMENT
    )
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
    disable_content_trust: bool = _flags.disable_content_trust()
    file: str = flag("-f, --file string", 'Name of the Dockerfile (Default is "PATH/Dockerfile")')
    force_rm: bool = flag("--force-rm", "Always remove intermediate containers")
    iidfile: str = flag("--iidfile string", "Write the image ID to the file")
    isolation: str = flag("--isolation string", "Container isolation technology")
    label: list[str] = flag("--label list", "Set metadata for an image", flag_type=LABELS)
    load: bool = flag("--load", "Load the image into the engine's store (always done)")
    memory: int = flag("-m, --memory bytes", "Memory limit")
    memory_swap: int = flag(
        "--memory-swap bytes",
        "Swap limit equal to memory plus swap: -1 to enable unlimited swap",
        flag_type=SIZE_OR_UNLIMITED,
    )
    network: str = flag(
        "--network string",
        "Set the networking mode for the RUN instructions during build",
        default="default",
    )
    no_cache: bool = flag("--no-cache", "Do not use cache when building the image")
    platform: str = flag("--platform string", "Set platform if server is multi-platform capable")
    progress: str = flag(
        "--progress string",
        'Set type of progress output ("auto", "plain", "tty", "quiet"). Use plain to show container'
        " output",
        flag_type=PROGRESSES,
        default="auto",
    )
    pull: bool = flag("--pull", "Always attempt to pull a newer version of the image")
    quiet: bool = flag("-q, --quiet", "Suppress the build output and print image ID on success")
    rm: bool = flag("--rm", "Remove intermediate containers after a successful build", default=True)
    secret: list[Secret] = flag(
        "--secret stringArray",
        'Secret to expose to the build (format: "id=mysecret[,src=/local/secret]")',
        flag_type=SECRETS,
    )
    security_opt: list[str] = flag("--security-opt strings", "Security options")
    shm_size: int = flag("--shm-size bytes", 'Size of "/dev/shm"')
    squash: bool = flag("--squash", "Squash newly built layers into a single layer", hidden=True)
    tag: list[str] = flag(
        "-t, --tag list", 'Name and optionally a tag in the "name:tag" format', flag_type=TAGS
    )
    target: str = flag("--target string", "Set the target build stage to build.")
    ulimit: list[dict[str, Any]] = flag("--ulimit ulimit", "Ulimit options (default [])")
    path: str | None = operand(optional=True)

    #: The Dockerfile's text from a %%dockerfile cell; not a flag.
    dockerfile: bytes | None = None

    def run(self, engine: Engine) -> Build:
        """Return the build's progress; its result is the image's ID.

        Raises:
            UsageError: the context or the Dockerfile does not exist.

        source: Engine API, ImageBuild.
        """
        remote = self.path if self.path and self.path.startswith(_URLS) else ""
        context = None if remote else self._context()
        classic = self._classic(engine)
        if self.squash:
            _check_squash(engine, classic=classic)
        fetched = not classic and context is not None and context.folder is not None
        session = self._session(context if fetched else None, classic=classic)
        remote = "client-session" if fetched else remote
        query = self._query(context, remote, session, classic=classic)
        query["labels"] = _json(labels(engine, "image") | mapping(self.label))
        sent = None if fetched else context
        upload = BuildRequest(engine, query, sent, compress=self.compress, session=session)
        return (ClassicBuild if classic else BuildKitBuild)(
            upload.messages,
            upload.cancel,
            _line_finder(context, classic=classic),
            self._write_iidfile,
            hint,
            tags=self.tag,
            in_cell=self.dockerfile is not None,
            plain=self.progress == "plain",
            quiet=self.quiet or self.progress == "quiet",
        )

    def _classic(self, engine: Engine) -> bool:
        """Whether to use the classic builder: by request, or for lack of BuildKit."""
        if self.builder not in {"", "default", "classic", "buildkit"}:
            raise UsageError(f"expected builder buildkit or classic, got {self.builder}")
        if self.builder:
            return self.builder == "classic"
        if os.environ.get("DOCKER_BUILDKIT") in {"0", "false"}:
            return True
        return not engine.has_buildkit

    def _context(self) -> BuildContext:
        if self.dockerfile is not None:
            if self.file:
                raise UsageError("cannot use -f: the cell is the Dockerfile")
            return _contexts.of_text(self.path, self.dockerfile)
        if self.path is None:
            message = "'docker image build' requires 1 argument, got 0"
            raise UsageError(message, hint=f"Usage: docker image build {self.usage}")
        if self.path == "-" and self.file == "-":
            raise UsageError("can't use stdin for both build context and dockerfile")
        if self.terminal.is_required and "-" not in {self.path, self.file}:
            hint = "Begin the cell with %%dockerfile, or add -f - to read the Dockerfile from it."
            raise UsageError("cannot pass the input to the build: it is not read", hint=hint)
        if self.path == "-":
            return _contexts.of_stdin(self.terminal.stdin.read(), self.file)
        if self.file == "-":
            return _contexts.of_text(self.path, self.terminal.stdin.read())
        return _contexts.of_folder(self.path, self.file)

    def _session(self, context: BuildContext | None, *, classic: bool) -> BuildSession | None:
        """Return the session that serves secrets, files and credentials to BuildKit."""
        if classic and self.secret:
            message = "cannot use --secret: the classic builder does not support it"
            raise UsageError(message, hint="Use an engine with BuildKit.")
        if classic:
            return None
        from docker_magics.engine.buildkit.session import BuildSession

        return BuildSession(readers(self.secret), context)

    def _query(
        self,
        context: BuildContext | None,
        remote: str,
        session: BuildSession | None,
        *,
        classic: bool,
    ) -> dict[str, Any]:
        platform = chosen_platform(self.platform)
        return {
            "version": "1" if classic else "2",
            "buildid": secrets.token_hex(16) if not classic else "",
            "session": session.identity if session else "",
            "t": self.tag,
            "remote": remote,
            "dockerfile": context.dockerfile if context else self.file,
            "buildargs": _json(_build_args(self.build_arg)),
            "cachefrom": _json(self.cache_from),
            "nocache": self.no_cache,
            "pull": self.pull,
            "q": self.quiet and classic,
            # The engine's defaults are not sent.
            "rm": "" if self.rm else "0",
            "forcerm": self.force_rm,
            "networkmode": "" if self.network == "default" else self.network,
            "target": self.target,
            "platform": checked_platform(platform) if classic else platform.lower(),
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
            "isolation": "" if self.isolation.lower() == "default" else self.isolation,
            "securityopt": self.security_opt,
            "squash": self.squash,
            "ulimits": _json(by_name(self.ulimit)),
        }

    def _write_iidfile(self, identity: str) -> None:
        if not self.iidfile:
            return
        try:
            Path(self.iidfile).write_text(identity, encoding="utf-8")
        except OSError as error:
            reason = str(error.strerror).lower()
            raise UsageError(f"removing image ID file: remove {self.iidfile}: {reason}") from error


def _check_squash(engine: Engine, *, classic: bool) -> None:
    if not classic:
        hint = "Use a multi-stage build to keep the image small, or --builder classic."
        raise UsageError("cannot use --squash: BuildKit does not support it", hint=hint)
    if not engine.is_experimental:
        only = "is only supported on a Docker daemon with experimental features enabled"
        raise UsageError(f'"--squash" {only}')


def _build_args(pairs: list[str]) -> dict[str, str | None]:
    """Parse `NAME=value`; a name alone becomes null."""
    split = (pair.partition("=") for pair in pairs)
    return {name: value if equals else None for name, equals, value in split}


def _json(value: Any) -> str:
    """Encode JSON as Go does, with sorted keys; "" for an empty value."""
    if isinstance(value, dict):
        value = dict(sorted(value.items()))
    return to_json(value) if value else ""


def _line_finder(context: BuildContext | None, *, classic: bool) -> Callable[[Any], int | None]:
    if context is None:
        return lambda _step: None
    find = line_of_steps if classic else line_of_step
    return functools.partial(find, _contexts.dockerfile_of(context))
