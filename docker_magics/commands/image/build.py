"""docker build: build an image from a Dockerfile and a context."""

from __future__ import annotations

import functools
import secrets
from collections.abc import Callable, Mapping
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
from ._after_build import exported, followed, write_metadata
from ._attestations import ATTESTATIONS
from ._build_contexts import (
    FOLDER,
    NAMED_CONTEXTS,
    ContextImages,
    NamedContext,
    check_pulled,
    with_stages,
)
from ._build_request import BuildRequest
from ._builders import check_classic, check_squash, is_classic
from ._caches import CACHE_SOURCES, CACHE_TARGETS
from ._lines import line_of_step, line_of_steps
from ._outputs import OUTPUTS, Export, Output, chosen_output
from ._secrets import SECRETS, Secret, readers
from ._ssh import AGENTS, Agent, sockets

if TYPE_CHECKING:
    from docker_magics.engine.buildkit.session import BuildSession

_URLS = ("http://", "https://", "git://", "github.com/", "git@")


def _progress(text: str) -> str:
    if text not in {"auto", "plain", "tty", "quiet", "none"}:
        raise ValueError("expected auto, plain, tty, quiet or none")
    return text


PROGRESSES = FlagType(_progress)


def _tag(text: str) -> str:
    reference.parse(text)
    return text


TAGS = FlagType(_tag, many=True)


class ImageBuild(Command):
    """Build an image from a Dockerfile"""

    usage = "[OPTIONS] PATH | URL | -"
    aliases = ("build", "builder build", "buildx build")
    elsewhere = MappingProxyType(
        {
            "annotation": "Use --label; the engine's API builds no annotations.",
            "call": "Build the image; errors name the line of the Dockerfile.",
            "check": "Build the image; errors name the line of the Dockerfile.",
            "no-cache-filter": "Build with --no-cache.",
        }
    )

    add_host: list[str] = flag(
        "--add-host list", 'Add a custom host-to-IP mapping ("host:ip")', flag_type=EXTRA_HOSTS
    )
    allow: list[str] = flag("--allow stringArray", "Ignored: --network=host allows network.host")
    attest: str = flag(
        "--attest string", "Attestations (only type=sbom,disabled=true)", flag_type=ATTESTATIONS
    )
    build_arg: list[str] = flag(
        "--build-arg list", "Set build-time variables", flag_type=ENVIRONMENT
    )
    build_context: list[NamedContext] = flag(
        "--build-context stringArray",
        "Additional build contexts (e.g., name=path)",
        flag_type=NAMED_CONTEXTS,
    )
    builder: str = flag("--builder string", "Build with buildkit or with the classic builder")
    cache_from: list[str] = flag(
        "--cache-from strings", "Images to consider as cache sources", flag_type=CACHE_SOURCES
    )
    cache_to: list[str] = flag(
        "--cache-to stringArray", "Cache export destinations (type=inline)", flag_type=CACHE_TARGETS
    )
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
    metadata_file: str = flag("--metadata-file string", "Write build result metadata to a file")
    network: str = flag(
        "--network string",
        "Set the networking mode for the RUN instructions during build",
        default="default",
    )
    no_cache: bool = flag("--no-cache", "Do not use cache when building the image")
    output: list[Output] = flag(
        "-o, --output stringArray",
        'Output destination (format: "type=local,dest=path")',
        flag_type=OUTPUTS,
    )
    platform: str = flag("--platform string", "Set platform if server is multi-platform capable")
    progress: str = flag(
        "--progress string",
        'Set type of progress output ("auto", "plain", "tty", "quiet"). Use plain to show container'
        " output",
        flag_type=PROGRESSES,
        default="auto",
    )
    provenance: str = flag(
        "--provenance string", "Provenance attestation (only false)", flag_type=ATTESTATIONS
    )
    pull: bool = flag("--pull", "Always attempt to pull a newer version of the image")
    push: bool = flag("--push", "Push the image after the build")
    quiet: bool = flag("-q, --quiet", "Suppress the build output and print image ID on success")
    rm: bool = flag("--rm", "Remove intermediate containers after a successful build", default=True)
    sbom: str = flag("--sbom string", "SBOM attestation (only false)", flag_type=ATTESTATIONS)
    secret: list[Secret] = flag(
        "--secret stringArray",
        'Secret to expose to the build (format: "id=mysecret[,src=/local/secret]")',
        flag_type=SECRETS,
    )
    security_opt: list[str] = flag("--security-opt strings", "Security options")
    shm_size: int = flag("--shm-size bytes", 'Size of "/dev/shm"')
    ssh: list[Agent] = flag(
        "--ssh stringArray",
        'SSH agent socket to expose to the build (format: "default|<id>[=<socket>]")',
        flag_type=AGENTS,
    )
    squash: bool = flag("--squash", "Squash newly built layers into a single layer", hidden=True)
    tag: list[str] = flag(
        "-t, --tag list", 'Name and optionally a tag in the "name:tag" format', flag_type=TAGS
    )
    target: str = flag("--target string", "Set the target build stage to build.")
    ulimit: list[dict[str, Any]] = flag("--ulimit ulimit", "Ulimit options (default [])")
    path: str | None = operand(optional=True)

    #: The Dockerfile's text, and whether it is a %%dockerfile cell; not flags.
    dockerfile: bytes | None = None
    is_cell: bool = True

    def run(self, engine: Engine) -> Any:
        """Return the build's progress; its result is the image's ID.

        With --push it is followed by the progress of the push. With --output the result is the
        path of the files.

        Raises:
            UsageError: the context or the Dockerfile does not exist, or flags exclude each other.

        source: Engine API, ImageBuild.
        """
        output = self.checked_output()
        if not self.build_context:
            return self._started(engine, output, {})
        images = ContextImages(engine, functools.partial(self._folder_image, engine))
        build = functools.partial(self._started, engine, output)
        return images.build(self.build_context, build)

    def checked_output(self) -> Output:
        """Return what the build makes.

        Raises:
            UsageError: flags exclude each other.
        """
        if self.pull:
            check_pulled(self.build_context)
        return chosen_output(self.output, push=self.push, load=self.load, has_tag=bool(self.tags))

    @property
    def tags(self) -> list[str]:
        """The image's names: those of --tag, and of --output's name=; files have none."""
        if not all(output.is_image for output in self.output):
            return []
        return [*self.tag, *(name for output in self.output for name in output.names)]

    def _folder_image(self, engine: Engine, folder: str) -> Any:
        """Start the build of the image of a named context."""
        line = ["--quiet", f"--builder={self.builder}", f"--platform={self.platform}", folder]
        command = self.parse(line, terminal=self.terminal, dockerfile=FOLDER, is_cell=False)
        assert command is not None
        return command.run(engine)

    def _started(self, engine: Engine, output: Output, images: Mapping[str, str]) -> Any:
        """Start the build.

        Args:
            engine: the engine.
            output: what it makes.
            images: named context -> image.
        """
        classic = is_classic(engine, self.builder)
        build = self._build(engine, output, images, classic=classic)
        if classic and not output.is_image:
            return exported(build, engine, output, self.terminal)
        return followed(build, engine, output, self.tags, quiet=self.quiet)

    def _build(
        self, engine: Engine, output: Output, images: Mapping[str, str], *, classic: bool
    ) -> Build:
        remote = self.path if self.path and self.path.startswith(_URLS) else ""
        given = None if remote else self._context()
        context = with_stages(given, images) if images else given
        if classic:
            check_classic({"--secret": self.secret, "--ssh": self.ssh, "--cache-to": self.cache_to})
        if self.squash:
            check_squash(engine, classic=classic)
        export = None if classic or output.is_image else Export(output, self.terminal)
        fetched = not (classic or export) and context is not None and context.folder is not None
        session = None if classic else self._session(context if fetched else None, export)
        remote = "client-session" if fetched else remote
        query = self._query(context, remote, session, classic=classic)
        query["labels"] = _json(labels(engine, "image") | mapping(self.label))
        query["outputs"] = "" if classic else _json(output.of_engine)
        sent = None if fetched else context
        upload = BuildRequest(engine, query, sent, compress=self.compress, session=session)
        return (ClassicBuild if classic else BuildKitBuild)(
            functools.partial(export.messages, upload.messages) if export else upload.messages,
            upload.cancel,
            _line_finder(given, classic=classic),
            functools.partial(self._write_results, output),
            hint,
            tags=self.tags,
            in_cell=self.dockerfile is not None and self.is_cell,
            plain=self.progress == "plain",
            quiet=self.quiet or self.progress in {"quiet", "none"},
        )

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

    def _session(self, context: BuildContext | None, export: Export | None) -> BuildSession:
        """Return the session that serves secrets, files and credentials to BuildKit."""
        from docker_magics.engine.buildkit.session import BuildSession

        exported = export.file if export else None
        agents = sockets(self.ssh)
        return BuildSession(readers(self.secret), context, exported=exported, agents=agents)

    def _query(
        self,
        context: BuildContext | None,
        remote: str,
        session: BuildSession | None,
        *,
        classic: bool,
    ) -> dict[str, Any]:
        platform = chosen_platform(self.platform)
        if "," in platform:
            hint = "Build each of them, push it, and join them: docker buildx imagetools create."
            raise UsageError(f"cannot build for {platform} at once: name one platform", hint=hint)
        return {
            "version": "1" if classic else "2",
            "buildid": secrets.token_hex(16) if not classic else "",
            "session": session.identity if session else "",
            "t": self.tags,
            "remote": remote,
            "dockerfile": context.dockerfile if context else self.file,
            "buildargs": _json(self._build_args()),
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

    def _build_args(self) -> dict[str, str | None]:
        """Parse `NAME=value`; a name alone becomes null."""
        split = (pair.partition("=") for pair in self.build_arg)
        given = {name: value if equals else None for name, equals, value in split}
        return ({"BUILDKIT_INLINE_CACHE": "1"} if self.cache_to else {}) | given

    def _write_results(self, output: Output, identity: str) -> None:
        if self.metadata_file:
            write_metadata(self.metadata_file, self.tags, identity if output.is_image else "")
        if output.is_image:
            self._write_iidfile(identity)

    def _write_iidfile(self, identity: str) -> None:
        if not self.iidfile:
            return
        try:
            Path(self.iidfile).write_text(identity, encoding="utf-8")
        except OSError as error:
            reason = str(error.strerror).lower()
            raise UsageError(f"removing image ID file: remove {self.iidfile}: {reason}") from error


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
