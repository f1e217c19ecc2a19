"""A build by BuildKit's control API, from the flags to the files."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import Any

from docker_magics.cli.terminal import Terminal
from docker_magics.engine.buildkit import control
from docker_magics.engine.buildkit.content import ContentStore
from docker_magics.engine.buildkit.grpc import CallError
from docker_magics.engine.client import Engine, path
from docker_magics.errors import BuildFailed, EngineError, UsageError
from docker_magics.results.build import Build
from docker_magics.results.live import Chain
from docker_magics.results.text import Text
from docker_magics.wire import reference

from . import _solve
from ._after_build import followed
from ._build_flags import BuildFlags
from ._metadata import decoded, provenance
from ._outputs import Export, Output, stored
from ._questions import Question, answered
from ._solve_request import SolveBuild

#: The ID of the folder that an OCI image layout is written to.
_EXPORT = "export"
_SUBREQUESTS = "moby.buildkit.frontend.subrequests+forward"


class ControlBuild:
    """A build that has not started.

    Args:
        engine: the engine.
        flags: the build.
        outputs: what it makes.
        sources: what it reads.
        terminal: takes a tar of standard output, and messages about files.

    Raises:
        EngineError: the engine's BuildKit does not answer.
        UsageError: the engine's image store cannot do what a flag says, or a file does not exist.
    """

    def __init__(
        self,
        engine: Engine,
        flags: BuildFlags,
        outputs: Sequence[Output],
        sources: _solve.Sources,
        terminal: Terminal,
    ) -> None:
        self._engine = engine
        self._flags = flags
        with _engine_errors():
            self._worker = control.workers(engine)[0]
        _solve.check_store(flags, outputs, self._worker)
        for folder in _solve.missing_caches(flags.cache_from):
            terminal.notify(f"WARNING: local cache import at {folder} not found")
        self._exported = [output for output in outputs if self._is_exported(output)]
        self._others = [output for output in outputs if output not in self._exported]
        exports = {output: Export(output, terminal) for output in self._exported}
        self._exports = list(exports.values())
        results = _solve.exporters(flags, outputs, self._worker, exports)
        to_write = _solve.local_stores(flags.cache_to, "dest")
        layouts = [ContentStore(_folder(output)) for output in outputs if output.is_layout]
        if len(layouts) > 1:
            raise UsageError("cannot write several folders with tar=false: BuildKit knows one")
        stores = {name: store for name, (store, _) in to_write.items()}
        stores |= {_EXPORT: layouts[0]} if layouts else {}
        stores |= {
            name: store for name, (store, _) in _solve.local_stores(flags.cache_from, "src").items()
        }
        files = [export.file if export else None for _, export in results]
        self._session = _solve.session_of(flags, sources, files, stores)
        entries = [entry for entry, _ in results]
        identity = self._session.identity
        self._request = _solve.request_of(flags, sources, self._worker, entries, identity)
        self._build = SolveBuild(
            engine, self._request, self._session, list(to_write.values()), layouts
        )
        self.cancel = self._build.cancel

    def _is_exported(self, output: Output) -> bool:
        """Whether BuildKit sends a file; the classic store saves images instead."""
        if output.is_image:
            has_file = output.is_archive and not output.is_layout
            return has_file and self._worker.has_containerd_store
        return output.kind != "cacheonly"

    def messages(self) -> Iterator[Any]:
        """Yield the build's messages; its files are stored at the end."""
        place = self._exported[0].place if self._exported else ""
        yield from stored(self._exports, place, self._build.messages)

    def followed(self, build: Build) -> Build | Chain:
        """Return a build that is followed by pushes and by the file of --metadata-file."""
        outputs = [
            output
            for output in self._others
            if not output.is_layout
            and (output.is_archive or (output.pushes and not self._worker.has_containerd_store))
        ]
        tags = self._flags.tags
        terminal, quiet = self._flags.terminal, self._flags.quiet
        result = followed(build, self._engine, outputs, tags, terminal, quiet=quiet)
        if not self._flags.metadata_file:
            return result
        pushed = tags[:1] if any(output.pushes for output in outputs) else []
        return Chain(result, partial(self._write_metadata, pushed), attrgetter("exit_code"))  # type: ignore[arg-type]

    def answer(self, question: Question, dockerfile: str) -> Text:
        """Return what the frontend answers to --call.

        Raises:
            BuildFailed: the Dockerfile is invalid, or has findings.
        """
        settings = dict(self._request.attributes)
        caps = filter(None, (settings.get("frontend.caps"), _SUBREQUESTS))
        settings |= {"frontend.caps": ",".join(caps), "requestid": f"frontend.{question.method}"}
        request = replace(self._request, attributes=settings)
        self._session.open(self._engine)
        try:
            return answered(question, control.ask_frontend(self._engine, request), dockerfile)
        except CallError as error:
            raise BuildFailed(str(error)) from error
        finally:
            self._session.close()

    def _write_metadata(self, pushed: Sequence[str], identity: str) -> Text:
        values = decoded(self._build.response, self._session.identity) | provenance(
            self._engine, self._session.identity
        )
        for name in pushed:
            values |= {"containerimage.digest": self._digest(name)}
        self._flags.write_metadata(values)
        return Text(identity)

    def _digest(self, name: str) -> str:
        """Return the digest of a pushed image in the registry."""
        digests = self._engine.get(path("images", name, "json")).get("RepoDigests") or []
        repository = reference.parse(name).familiar_name
        of_name = [text for text in digests if text.partition("@")[0] in {repository, name}]
        return str((of_name or digests)[-1]).partition("@")[2]


def _folder(output: Output) -> Path:
    """Return the folder of an OCI image layout.

    Raises:
        UsageError: it is a file.
    """
    folder = Path(output.destination).expanduser()
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"destination directory {output.destination} is a file")
    return folder


def dockerfile_name(flags: BuildFlags) -> str:
    """Return the Dockerfile's path as findings name it."""
    if flags.dockerfile is not None or "-" in {flags.file, flags.path}:
        return "Dockerfile" if flags.dockerfile is not None else "stdin"
    return flags.file or str(Path(flags.path or "") / "Dockerfile")


@contextlib.contextmanager
def _engine_errors() -> Iterator[None]:
    try:
        yield
    except CallError as error:
        raise EngineError(f"cannot use the engine's BuildKit: {error}") from error
