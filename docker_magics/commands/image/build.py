"""docker build: build an image from a Dockerfile and a context."""

from __future__ import annotations

import functools
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docker_magics.cli.flag_types.resources import by_name
from docker_magics.cli.flag_types.texts import mapping
from docker_magics.commands._files import replaced
from docker_magics.commands._platform import checked_platform, chosen_platform
from docker_magics.commands._session_label import labels
from docker_magics.engine.build_context import BuildContext
from docker_magics.engine.client import Engine
from docker_magics.engine.error_hints import hint
from docker_magics.errors import UsageError
from docker_magics.results.build import Build, ClassicBuild
from docker_magics.results.buildkit import BuildKitBuild
from docker_magics.results.gotemplate import to_json
from docker_magics.results.rawjson import RawJsonBuild

from . import _contexts
from ._after_build import exported, followed
from ._build_contexts import FOLDER, ContextImages, check_pulled, with_stages
from ._build_flags import BuildFlags
from ._build_request import BuildRequest
from ._builders import check_classic, check_squash, is_classic, needs_control
from ._lines import line_of_step, line_of_steps
from ._metadata import metadata
from ._outputs import Export, Output, chosen_outputs, stored
from ._secrets import readers
from ._ssh import sockets

if TYPE_CHECKING:
    from docker_magics.engine.buildkit.session import BuildSession

_URLS = ("http://", "https://", "git://", "github.com/", "git@")


class ImageBuild(BuildFlags):
    """Build an image from a Dockerfile"""

    usage = "[OPTIONS] PATH | URL | -"
    aliases = ("build", "builder build", "buildx build")

    def run(self, engine: Engine) -> Any:
        """Return the build's progress; its result is the image's ID.

        With --push it is followed by the progress of the push. With --output the result is the
        path of the files.

        Raises:
            UsageError: the context or the Dockerfile does not exist, or flags exclude each other.

        source: Engine API, ImageBuild.
        """
        outputs = self.checked_outputs()
        self._remove_iidfile()
        classic = is_classic(engine, self.builder)
        if not classic and self.squash:
            check_squash(engine, classic=False)
        if needs_control(self, outputs, engine, classic=classic):
            contexts = self.contexts_by_id
            build = functools.partial(self._solved, engine, outputs)
        else:
            contexts = self.build_context
            build = functools.partial(self._started, engine, outputs, classic=classic)
        if not contexts:
            return build({})
        if self.pull:
            check_pulled(contexts)
        images = ContextImages(engine, functools.partial(self._folder_image, engine))
        return images.build(contexts, build)

    def checked_outputs(self) -> list[Output]:
        """Return what the build makes.

        Raises:
            UsageError: flags exclude each other.
        """
        if self.pull:
            check_pulled(self.contexts_by_id)
        outputs = chosen_outputs(
            self.output, push=self.push, load=self.load, has_tag=bool(self.tags)
        )
        if self.iidfile and any(output.kind in {"local", "tar"} for output in outputs):
            raise UsageError("local and tar exporters are incompatible with image ID file")
        return outputs

    def _folder_image(self, engine: Engine, folder: str) -> Any:
        """Start the build of the image of a named context."""
        line = ["--quiet", f"--builder={self.builder}", f"--platform={self.platform}", folder]
        command = self.parse(line, terminal=self.terminal, dockerfile=FOLDER, is_cell=False)
        assert command is not None
        return command.run(engine)

    def _solved(self, engine: Engine, outputs: Sequence[Output], images: Mapping[str, str]) -> Any:
        """Start the build by BuildKit's control API, or answer --call.

        Args:
            engine: the engine.
            outputs: what it makes.
            images: named context that is given by its ID -> the image's name.
        """
        from docker_magics.engine.buildkit import upload

        from ._control_build import ControlBuild, dockerfile_name
        from ._solve import Sources

        self.build_context = [
            replace(context, image=images.get(context.name, context.image))
            for context in self.build_context
        ]
        remote = self._remote()
        context = None if remote else self._context()
        if context is not None and context.archive:
            remote = upload.URL + secrets.token_hex(12)
        all_labels = labels(engine, "image") | mapping(self.label)
        sources = Sources(context, remote, all_labels)
        build = ControlBuild(engine, self, outputs, sources, self.terminal)
        if self.question:
            return build.answer(self.question, dockerfile_name(self))
        kind = RawJsonBuild if self.progress == "rawjson" else BuildKitBuild
        done = self._write_iidfile if outputs[0].is_image else _ignore
        return build.followed(self._shown(kind, build.messages, build.cancel, context, done))

    def _remote(self) -> str:
        return self.path if self.path and self.path.startswith(_URLS) else ""

    def _started(
        self,
        engine: Engine,
        outputs: Sequence[Output],
        images: Mapping[str, str],
        *,
        classic: bool,
    ) -> Any:
        """Start the build.

        Args:
            engine: the engine.
            outputs: what it makes: images, or files alone.
            images: named context -> image.
            classic: whether the classic builder builds.
        """
        build = self._build(engine, outputs[0], images, classic=classic)
        if classic and not outputs[0].is_image:
            return exported(build, engine, outputs[0], self.terminal)
        return followed(build, engine, outputs, self.tags, self.terminal, quiet=self.quiet)

    def _build(
        self, engine: Engine, output: Output, images: Mapping[str, str], *, classic: bool
    ) -> Build:
        remote = self._remote()
        given = None if remote else self._context()
        context = with_stages(given, images) if images else given
        if classic:
            check_classic({"--secret": self.secret, "--ssh": self.ssh, "--cache-to": self.cache_to})
            if self.squash:
                check_squash(engine, classic=True)
        export = None if classic or output.is_image else Export(output, self.terminal)
        fetched = not (classic or export) and context is not None and context.folder is not None
        session = None if classic else self._session(context if fetched else None, export)
        remote = "client-session" if fetched else remote
        query = self._query(context, remote, session, classic=classic)
        query["labels"] = _json(labels(engine, "image") | mapping(self.label))
        query["outputs"] = "" if classic else _json(output.of_engine)
        sent = None if fetched else context
        upload = BuildRequest(engine, query, sent, compress=self.compress, session=session)
        messages = upload.messages
        if export:
            messages = functools.partial(stored, [export], output.place, upload.messages)
        kind = ClassicBuild if classic else BuildKitBuild
        done = functools.partial(self._write_results, output)
        return self._shown(kind, messages, upload.cancel, given, done)

    def _shown(
        self,
        kind: type[Build],
        messages: Callable[[], Iterator[Any]],
        cancel: Callable[[], None],
        context: BuildContext | None,
        done: Callable[[str], None],
    ) -> Build:
        """Return the progress of a build.

        Args:
            kind: how it is shown.
            messages: starts the build.
            cancel: cancels it.
            context: the given build context.
            done: receives the image's ID at the end.
        """
        return kind(
            messages,
            cancel,
            _line_finder(context, classic=kind is ClassicBuild),
            done,
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

        files = [export.file] if export else ()
        agents = sockets(self.ssh)
        return BuildSession(readers(self.secret), context, exported=files, agents=agents)

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
            "t": self.tags,
            "remote": remote,
            "dockerfile": context.dockerfile if context else self.file,
            "buildargs": _json(self._build_args()),
            "cachefrom": _json([cache.image for cache in self.cache_from if cache.image]),
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

    def _remove_iidfile(self) -> None:
        """Remove the ID of a former build: a build that fails has none."""
        try:
            if self.iidfile:
                Path(self.iidfile).expanduser().unlink(missing_ok=True)
        except OSError as error:
            reason = str(error.strerror).lower()
            raise UsageError(f"removing image ID file: remove {self.iidfile}: {reason}") from error

    def _write_results(self, output: Output, identity: str) -> None:
        if self.metadata_file:
            made = metadata(self.tags, identity if output.is_image else "")
            self.write_metadata(made)
        if output.is_image:
            self._write_iidfile(identity)

    def _write_iidfile(self, identity: str) -> None:
        if self.iidfile:
            with replaced(self.iidfile) as file:
                file.write(identity.encode())


def _ignore(_identity: str) -> None:
    """Do nothing with the place of files."""


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
