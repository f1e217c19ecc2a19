"""One build: its stages and steps.

source: moby builder/dockerfile/builder.go, dispatchers.go, internals.go.
"""

from __future__ import annotations

import contextlib
import copy as copying
import os
import tempfile
import threading
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from ...wire import digest
from ...wire import dockerfile as language
from ...wire.dockerfile import Instruction
from ..errors import ApiError, BadParameter, NotFound
from ..images import references
from ..images.commit import Step, commit
from ..images.config import RunConfig
from ..images.image import Image
from ..images.platforms import Platform, host_platform, parse_platform
from ..registry.credentials import Credentials
from ..runtime.spec import MountSpec, TreeSpec
from ..state import remove_tree
from ..storage.driver import WritableLayer
from ..storage.rootfs import Rootfs
from . import check, copy, metadata
from . import run as running
from .cache import Cache
from .failed import StepFailed
from .metadata import Words
from .options import Options
from .stage import PREDEFINED, Stage

if TYPE_CHECKING:
    from ..engine import Engine
    from ..records.container import Container
    from .context import Context

Message = dict[str, Any]
Messages = Iterator[Message | None]
_T = TypeVar("_T")
#: Messages, and then something.
Yields = Generator[Message | None, None, _T]
#: Marks what ran nothing; after it, instructions that change files have one space less.
_NOP = "#(nop)"
_OF_FILES = frozenset({"ADD", "COPY", "WORKDIR"})
_BLANK = "Empty continuation lines will become errors in a future release."
_RED, _PLAIN = "\x1b[91m", "\x1b[0m"


class Build:
    """Carries a Dockerfile out.

    Args:
        engine: the engine.
        options: what was asked for.
        source: the context.
        cancelled: set when the build is to end.
    """

    def __init__(
        self, engine: Engine, options: Options, source: Context, cancelled: threading.Event
    ) -> None:
        self._engine = engine
        self._options = options
        self._source = source
        self._cancelled = cancelled
        self._parsed = source.parsed()
        self._globals: dict[str, str | None] = {}
        self._used: set[str] = set()
        self._stages: list[Stage] = []
        self._cache = Cache(engine, self._cache_sources(), off=options.no_cache)
        self._left: list[Container] = []
        self._unsaid: list[Message] = []
        self._step = self._total = 0

    def _cache_sources(self) -> list[Image] | None:
        found = []
        for text in self._options.cache_from:
            with contextlib.suppress(NotFound, BadParameter):
                found.append(self._engine.images.resolve(text))
        return found if self._options.cache_from else None

    def close(self) -> None:
        """Take away the containers that are left of steps that did not end well."""
        for container in list(self._left):
            wanted = self._options.force_remove or self._cancelled.is_set()
            if wanted or container.process is not None:
                with contextlib.suppress(ApiError):
                    self._engine.removal.remove(container, force=True, volumes=True)
            else:
                del container.record["OfBuild"]
                container.save()

    # --- the whole

    def run(self) -> Messages:
        """Every step; gives the messages. A quiet build that fails tells all of them then."""
        try:
            yield from self._steps()
        except (ApiError, OSError):
            yield from self._unsaid
            raise

    def _steps(self) -> Messages:
        instructions = self._wanted()
        self._total = len(instructions) + len(self._options.labels)
        if self._parsed.warnings:
            said = (f"[WARNING]: {each}\n" for each in (*self._parsed.warnings, _BLANK))
            yield from self._say(f"{_RED}{''.join(said)}{_PLAIN}")
        for instruction in instructions:
            if self._cancelled.is_set():
                raise ApiError("build cancelled")
            self._check_name(instruction)
            yield from self._say_step(instruction.text)
            yield from self._dispatch(instruction)
        for key, value in sorted(self._options.labels.items()):
            yield from self._add_label(self._stages[-1], key, value)
        yield from self._finish()

    def _say_step(self, text: str) -> Messages:
        self._step += 1
        yield from self._say(f"Step {self._step}/{self._total} : {text}")
        yield from self._say("\n")

    def _say(self, text: str) -> Messages:
        if self._options.quiet:
            self._unsaid.append({"stream": text})
        else:
            yield {"stream": text}

    def _check_name(self, instruction: Instruction) -> None:
        args = instruction.args
        if instruction.keyword == "FROM" and len(args) == 3:
            name = args[2].lower()
            if any(stage.name == name for stage in self._stages):
                raise BadParameter(f"{name} stage name already used")

    def _wanted(self) -> list[Instruction]:
        """The instructions up to the end of the target; those before the first FROM count too."""
        found = list(self._parsed.instructions)
        check.instructions(self._parsed.instructions)
        if not any(each.keyword == "FROM" for each in found):
            raise BadParameter("no build stage in current context")
        target = self._options.target
        return found if not target else _up_to(found, target)

    def _dispatch(self, instruction: Instruction) -> Messages:
        if instruction.keyword == "FROM":
            yield from self._from(instruction)
        elif not self._stages:
            self._global_argument(instruction)
            return
        else:
            yield from self._in_stage(instruction)
        image = self._stages[-1].image
        yield from self._say(f" ---> {_short(image)}\n")

    def _in_stage(self, instruction: Instruction) -> Messages:
        match instruction.keyword:
            case "RUN":
                yield from self._run(instruction)
            case "COPY" | "ADD":
                yield from self._copy(instruction)
            case "ARG":
                yield from self._argument(instruction)
            case "WORKDIR":
                yield from self._workdir(instruction)
            case _:
                yield from self._metadata(instruction)

    def _finish(self) -> Messages:
        options = self._options
        unused = [n for n in options.arguments if n not in self._used and n not in PREDEFINED]
        if unused:
            names_ = " ".join(sorted(unused))
            yield from self._say(f"[Warning] One or more build-args [{names_}] were not consumed\n")
        image = self._stages[-1].image
        if image is None:
            raise BadParameter("No image was generated. Is your Dockerfile empty?")
        yield {"aux": {"ID": image.id}}
        if options.quiet:
            yield {"stream": f"{image.id}\n"}
        yield from self._say(f"Successfully built {_short(image)}\n")
        for tag in options.tags:
            self._engine.images.tag(image, tag)
            yield from self._say(f"Successfully tagged {tag.familiar}\n")

    def _add_label(self, stage: Stage, key: str, value: str) -> Messages:
        stage.config["Labels"] = {**(stage.config.get("Labels") or {}), key: value}
        comment = f"LABEL {key}={value}"
        yield from self._say_step(comment)
        yield from self._commit(stage, comment)
        yield from self._say(f" ---> {_short(stage.image)}\n")

    # --- FROM and ARG

    def _from(self, instruction: Instruction) -> Messages:
        words = Words(self._global_variables(), self._parsed.escape)
        args = instruction.args
        base = words.one(args[0])
        if not base:
            raise BadParameter(f"base name ({args[0]}) should not be blank")
        platform = self._platform(instruction, words)
        stage = Stage(args[2].lower() if len(args) == 3 else "", None)
        image: Image | None = None
        if base != "scratch":
            other = self._stage(base)
            if other is not None:
                image = other.image
            else:
                image = yield from self._image(base, platform)
        stage.start_from(image)
        self._stages.append(stage)
        if image is not None:
            yield from self._triggers(image)

    def _platform(self, instruction: Instruction, words: Words) -> Platform | None:
        found = self._options.platform if self._options.platform_given else None
        for flag in instruction.flags:
            text = words.one(flag.partition("=")[2])
            try:
                found = parse_platform(text) if text else found
            except BadParameter as fault:
                raise BadParameter(f"failed to parse platform {text}: {fault}") from fault
        return found

    def _triggers(self, image: Image) -> Messages:
        found = image.run_config.get("OnBuild") or []
        if not found:
            return
        plural = "trigger" if len(found) == 1 else "triggers"
        yield from self._say(f"# Executing {len(found)} build {plural}")
        yield from self._say("\n")
        for text in found:
            for instruction in _parse(text):
                check.instruction(instruction)
                yield from self._in_stage(instruction)

    def _stage(self, name: str) -> Stage | None:
        """A stage by its name or number."""
        for stage in reversed(self._stages):
            if stage.name and stage.name == name.lower():
                return stage
        if name.isdigit() and int(name) < len(self._stages):
            return self._stages[int(name)]
        return None

    def _image(self, text: str, platform: Platform | None) -> Yields[Image]:
        """An image of the store, or of a registry: messages, then the image."""
        store = self._engine.images
        if not self._options.pull:
            with contextlib.suppress(NotFound):
                return store.resolve(text, platform)
        reference = references.read(text).tagged
        credentials = self._options.credentials.get(reference.domain, Credentials())
        for message in self._engine.registries.pull(reference, credentials, platform):
            if not self._options.quiet:
                yield message
        return store.resolve(text, platform)

    def _global_variables(self) -> dict[str, str]:
        predefined = self._predefined()
        given = {name: value for name, value in self._globals.items() if value is not None}
        return predefined | given

    def _predefined(self) -> dict[str, str]:
        host, target = host_platform(), self._options.platform
        found: dict[str, str] = {}
        for prefix, each in (("BUILD", host), ("TARGET", target)):
            found |= {
                f"{prefix}PLATFORM": str(each),
                f"{prefix}OS": each.os,
                f"{prefix}ARCH": each.architecture,
                f"{prefix}VARIANT": each.variant,
            }
        return found

    def _global_argument(self, instruction: Instruction) -> None:
        words = Words(self._global_variables(), self._parsed.escape)
        for name, default in _declared(instruction, words):
            self._globals[name] = self._given(name, default)

    def _given(self, name: str, default: str | None) -> str | None:
        if name in self._options.arguments:
            self._used.add(name)
            return self._options.arguments[name]
        return default

    def _argument(self, instruction: Instruction) -> Messages:
        stage = self._stages[-1]
        comments = []
        for name, default in _declared(instruction, self._words(stage)):
            value = self._given(name, default)
            if value is None and name in self._globals:
                value = self._globals[name]
            if value is None:
                value = self._predefined().get(name)
            stage.arguments[name] = value
            comments.append(name if default is None else f"{name}={default}")
        yield from self._commit(stage, "ARG " + " ".join(comments))

    # --- instructions of a stage

    def _words(self, stage: Stage) -> Words:
        return Words(stage.variables, self._parsed.escape)

    def _metadata(self, instruction: Instruction) -> Messages:
        stage = self._stages[-1]
        health = (stage.config.get("Healthcheck") or {}).get("Test") or ["NONE"]
        if instruction.keyword == "HEALTHCHECK" and health[0] != "NONE":
            yield from self._say(f"Note: overriding previous HEALTHCHECK: [{' '.join(health)}]\n")
        comment = metadata.apply(stage.config, instruction, self._words(stage))
        yield from self._commit(stage, comment)

    def _workdir(self, instruction: Instruction) -> Messages:
        stage = self._stages[-1]
        comment = metadata.apply(stage.config, instruction, self._words(stage))
        yield from self._commit(stage, comment, folder=stage.config["WorkingDir"])

    def _copy(self, instruction: Instruction) -> Messages:
        stage = self._stages[-1]
        words = self._words(stage)
        flags = copy.flags_of(instruction, words)
        with contextlib.ExitStack() as stack:
            source = stack.enter_context(Rootfs(self._source.folder))
            if flags.source:
                image = yield from self._source_image(flags.source)
                source = stack.enter_context(self._mounted(image))
            workdir = stage.config.get("WorkingDir") or "/"
            found = copy.plan(source, instruction, words, flags, workdir)
            if not self._options.quiet:
                yield from [{"status": ""}] * found.downloads  # the last line of their progress
            comment = self._copy_comment(instruction, found, flags)
            if self._from_cache(stage, comment):
                yield from self._say(" ---> Using cache\n")
                return
            self._change_files(stage, comment, lambda root: copy.carry_out(found, root, flags))

    def _copy_comment(self, instruction: Instruction, found: copy.Plan, flags: copy.Flags) -> str:
        chown = f"--chown={flags.chown} " if flags.chown else ""
        chmod = f"--chmod={flags.chmod:o} " if flags.chmod is not None else ""
        return f"{instruction.keyword} {chown}{chmod}{found.label} in {found.target} "

    def _source_image(self, name: str) -> Yields[Image | None]:
        try:
            return (yield from self._stage_or_image(name))
        except ApiError as fault:
            raise type(fault)(f"invalid from flag value {name}: {fault}") from fault

    def _stage_or_image(self, name: str) -> Yields[Image | None]:
        stage = self._stage(name)
        if stage is self._stages[-1]:
            raise BadParameter("refers to current build stage")
        if stage is not None:
            return stage.image
        if name.isdigit():
            raise BadParameter("index out of bounds")
        return (yield from self._image(name, None))

    @contextlib.contextmanager
    def _mounted(self, image: Image | None) -> Iterator[Rootfs]:
        """An image's files, with a folder for changes that are thrown away."""
        with self._scratch(image) as layer, self._files(layer) as root:
            yield root

    @contextlib.contextmanager
    def _scratch(self, image: Image | None) -> Iterator[WritableLayer]:
        folder = Path(tempfile.mkdtemp(prefix="step-", dir=self._engine.state.tmp))
        lower = self._engine.base_layers.complete(image.layers if image else ())
        layer = WritableLayer(folder, tuple(lower))
        try:
            layer.create()
            yield layer
        finally:
            self._engine.storage.release(layer)
            remove_tree(folder)

    @contextlib.contextmanager
    def _files(self, layer: WritableLayer) -> Iterator[Rootfs]:
        spec: TreeSpec = {"rootfs": self._engine.storage.prepare(layer), "mounts": []}
        with self._engine.supervisor.files(layer.folder, spec) as root:
            yield root

    def _change_files(self, stage: Stage, comment: str, change: Any) -> None:
        """Change an image's files without running anything."""
        with self._scratch(stage.image) as layer:
            with self._files(layer) as root:
                change(root)
            upper = self._engine.storage.changes(layer)
            self._add(stage, self._created_by(stage, comment), upper)

    def _run(self, instruction: Instruction) -> Messages:
        stage = self._stages[-1]
        words = running.command(instruction, stage.shell)
        mounts = running.Mounts(self._engine, instruction, self._words(stage))
        arguments = self._visible_arguments(stage)
        recorded = [f"|{len(arguments)}", *arguments, *words] if self._passed(stage) else words
        created_by = " ".join(recorded)
        config = self._clean(stage)
        found = self._cache.find(stage.image, created_by, config) if stage.cached else None
        if found is not None:
            stage.image = found
            yield from self._say(" ---> Using cache\n")
            return
        stage.cached = False
        with contextlib.ExitStack() as stack:
            folders = yield from self._folders(stack, mounts)
            extra = mounts.runtime(folders, stage.config.get("WorkingDir") or "/")
            body = config | {
                "Cmd": words or config.get("Cmd"),
                "Entrypoint": [""],
                "Env": [*config["Env"], *self._passed(stage)],
                "Healthcheck": {"Test": ["NONE"]},
                "Image": stage.image.id if stage.image else "",
                "HostConfig": self._host_config(mounts),
            }
            container = yield from self._container(body, extra)
            yield from self._output(container, words)
            self._add(stage, created_by, self._engine.storage.changes(container.layer), container)
            yield from self._remove(container)

    def _folders(
        self, stack: contextlib.ExitStack, mounts: running.Mounts
    ) -> Yields[dict[str, Path]]:
        """The files that `RUN --mount=type=bind,from=...` takes."""
        found = {"": self._source.folder}
        for spec in mounts.specs:
            name = spec.get("from", "")
            if name and name not in found:
                image = yield from self._source_image(name)
                found[name] = stack.enter_context(self._mounted(image)).path
        return found

    def _host_config(self, mounts: running.Mounts) -> dict[str, Any]:
        config = {key: value for key, value in self._options.host_config.items() if value}
        if mounts.network in {"none", "host"}:
            config["NetworkMode"] = mounts.network
        return config

    def _visible_arguments(self, stage: Stage) -> list[str]:
        """Build arguments as the history has them: those that are no variables of the image."""
        environment = stage.environment
        return [
            f"{name}={value}"
            for name, value in sorted(stage.arguments.items())
            if value is not None and name not in environment
        ]

    def _passed(self, stage: Stage) -> list[str]:
        """Build arguments as the step's process gets them, the proxies' among them."""
        environment = stage.environment
        proxies = {
            name: value
            for name, value in self._options.arguments.items()
            if name in PREDEFINED and value is not None
        }
        given = {name: value for name, value in stage.arguments.items() if value is not None}
        found = proxies | given
        return [f"{name}={value}" for name, value in found.items() if name not in environment]

    def _output(self, container: Container, words: list[str]) -> Messages:
        for piece in running.output(self._engine, container, self._cancelled):
            if piece is None:
                yield None
                continue
            name, data = piece
            text = data.decode("utf-8", "replace")
            shown = f"{_RED}{text}{_PLAIN}" if name == "stderr" else text
            yield from self._say(shown)
        with container.changed:
            container.changed.wait_for(lambda: not container.running)
        code = container.state["ExitCode"]
        if code:
            if self._options.force_remove:
                yield from self._remove(container)
            raise StepFailed(" ".join(words), code)

    def _container(
        self, body: dict[str, Any], mounts: list[MountSpec] | None = None, folder: str = ""
    ) -> Yields[Container]:
        """A step's container; where the engine is killed, it goes with the next one's start.

        Args:
            body: the API's ContainerCreate.
            mounts: the runtime's, beside those.
            folder: is made in it.
        """
        container, texts = self._engine.container_creator.create(body, build_mounts=mounts or [])
        self._left.append(container)
        if folder:
            self._make_folder(container, folder)
        for warning in texts:
            yield from self._say(f" ---> [Warning] {warning}\n")
        yield from self._say(f" ---> Running in {container.id[:12]}\n")
        return container

    def _make_folder(self, container: Container, folder: str) -> None:
        spec: TreeSpec = {"rootfs": self._engine.storage.prepare(container.layer), "mounts": []}
        with self._engine.supervisor.files(container.folder, spec) as root:
            try:
                os.close(root.make_dirs(folder))
            except (FileExistsError, NotADirectoryError):
                self._engine.removal.remove(container, force=True, volumes=True)
                self._left.remove(container)
                raise ApiError(f"Cannot mkdir: {folder} is not a directory") from None

    def _remove(self, container: Container) -> Messages:
        if not self._options.remove and not self._options.force_remove:
            return
        self._engine.removal.remove(container, force=True, volumes=True)
        self._left.remove(container)
        yield from self._say(f"Removing intermediate container {container.id[:12]}\n")

    # --- images

    def _clean(self, stage: Stage) -> dict[str, Any]:
        config = {key: value for key, value in stage.config.items() if key != "CmdIsOwn"}
        config.pop("Author", None)
        return copying.deepcopy(config)

    def _nothing(self, stage: Stage, comment: str) -> list[str]:
        """The command that stands for an instruction which runs nothing."""
        if comment.partition(" ")[0] in _OF_FILES:
            return [*stage.shell, f"{_NOP} {comment}"]
        return [*stage.shell, f"{_NOP} ", comment]

    def _created_by(self, stage: Stage, comment: str) -> str:
        return " ".join(self._nothing(stage, comment))

    def _from_cache(self, stage: Stage, comment: str) -> bool:
        if not stage.cached:
            return False
        created_by = self._created_by(stage, comment)
        found = self._cache.find(stage.image, created_by, self._clean(stage))
        if found is None:
            stage.cached = False
            return False
        stage.image = found
        return True

    def _commit(self, stage: Stage, comment: str, folder: str = "") -> Messages:
        """A step that changes the configuration: a container that never runs, and its image."""
        if self._from_cache(stage, comment):
            yield from self._say(" ---> Using cache\n")
            return
        body = self._clean(stage) | {
            "Cmd": self._nothing(stage, comment),
            "Entrypoint": None,
            "Healthcheck": None,
            "Image": stage.image.id if stage.image else "",
            "Volumes": None,
        }
        container = yield from self._container(body, folder=folder)
        container.config["Volumes"] = self._clean(stage).get("Volumes")  # told of, and not made
        self._add(
            stage,
            self._created_by(stage, comment),
            self._engine.storage.changes(container.layer),
            container,
        )
        yield from self._remove(container)

    def _add(
        self, stage: Stage, created_by: str, upper: Path, container: Container | None = None
    ) -> None:
        author, platform = stage.config.get("Author", ""), self._options.platform
        config = self._clean(stage) | {"Image": stage.image.id if stage.image else ""}
        stage.image = commit(
            self._engine.images,
            stage.image,
            upper,
            cast("RunConfig", config),
            Step(created_by, "", author, container, platform),
        )


def _short(image: Image | None) -> str:
    return digest.hex_of(image.id)[:12] if image else ""


def _declared(instruction: Instruction, words: Words) -> Iterator[tuple[str, str | None]]:
    """The names of an ARG, with their defaults."""
    for each in instruction.args:
        name, equals, default = each.partition("=")
        name = words.one(name)
        if not name:
            raise BadParameter("ARG names can not be blank")
        yield name, words.one(default) if equals else None


def _parse(text: str) -> list[Instruction]:
    try:
        return list(language.parse(text).instructions)
    except language.DockerfileError as error:
        raise BadParameter(str(error)) from error


def _up_to(instructions: list[Instruction], target: str) -> list[Instruction]:
    """Everything up to the end of a stage, by its name.

    Raises:
        BadParameter: there is no such stage.
    """
    starts = [at for at, each in enumerate(instructions) if each.keyword == "FROM"]
    for number, at in enumerate(starts):
        args = instructions[at].args
        if len(args) == 3 and args[2].lower() == target.lower():
            end = starts[number + 1] if number + 1 < len(starts) else len(instructions)
            return instructions[:end]
    raise BadParameter(f"failed to reach build target {target} in Dockerfile")
