"""docker buildx bake: build the targets of docker-bake.hcl, docker-bake.json or Compose files."""

from __future__ import annotations

from collections.abc import Mapping
from operator import attrgetter
from types import MappingProxyType
from typing import Any

from docker_magics.cli.command import Command, flag, operands
from docker_magics.commands.image._metadata import write_metadata
from docker_magics.commands.image.build import ImageBuild
from docker_magics.engine.client import Engine
from docker_magics.errors import UsageError
from docker_magics.results.live import Chain
from docker_magics.results.text import Lines, Text
from docker_magics.wire import go

from ._bake_files import read
from ._bake_line import build_line
from ._bake_list import listed, parse_list
from ._bake_targets import (
    DEFAULT,
    LINK,
    REMOTE,
    Target,
    build_order,
    in_order,
    linked,
    names_of,
    printed,
    with_default,
)


class BuildxBake(Command):
    """Build from a file"""

    usage = "[OPTIONS] [TARGET...]"
    elsewhere = MappingProxyType(
        {
            "call": "Build the targets; errors name the line of the Dockerfile.",
            "check": "Build the targets; errors name the line of the Dockerfile.",
        }
    )

    allow: list[str] = flag(
        "--allow stringArray", "Allow build to access specified resources (always allowed)"
    )
    builder: str = flag("--builder string", "Override the configured builder instance")
    file: list[str] = flag("-f, --file stringArray", "Build definition file")
    listing: str = flag("--list string", "List targets or variables")
    load: bool = flag("--load", 'Shorthand for "--set=*.output=type=docker"')
    metadata_file: str = flag("--metadata-file string", "Write build result metadata to a file")
    no_cache: bool | None = flag(
        "--no-cache", "Do not use cache when building the image", default=None
    )
    print: bool = flag("--print", "Print the options without building")
    progress: str = flag(
        "--progress string",
        'Set type of progress output ("auto", "none", "plain", "quiet", "tty")',
        default="auto",
    )
    provenance: str = flag("--provenance string", 'Shorthand for "--set=*.attest=type=provenance"')
    pull: bool | None = flag("--pull", "Always attempt to pull all referenced images", default=None)
    push: bool = flag("--push", 'Shorthand for "--set=*.output=type=registry"')
    sbom: str = flag("--sbom string", 'Shorthand for "--set=*.attest=type=sbom"')
    set: list[str] = flag(
        "--set stringArray", 'Override target value (e.g., "targetpattern.key=value")'
    )
    var: list[str] = flag("--var stringArray", 'Set a variable value (e.g., "name=value")')
    targets: list[str] = operands()

    def run(self, engine: Engine) -> Any:
        """Return the builds' progress, one after the other; the result is the images' IDs.

        With --print the result is the targets as JSON, with --list a list of them.

        Raises:
            UsageError: a file is invalid, or a target does not exist.
            ComposeFailed: a Compose file is invalid.

        source: docker/buildx, commands/bake.go.
        """
        if self.targets and self.targets[0].startswith(REMOTE):
            problem = f"cannot read {self.targets[0]}: definitions elsewhere need the buildx plugin"
            raise UsageError(problem, hint="Clone the repository, and run bake in its folder.")
        variables = dict(text.partition("=")[::2] for text in self.var)
        if self.print and self.listing:
            raise UsageError("--print and --list are mutually exclusive")
        form = parse_list(self.listing) if self.listing else ""
        definitions = read(engine, self.terminal, self.file, variables)
        if form:
            return listed(definitions, form)
        chosen = [name.replace(".", "_") for name in self.targets] or [DEFAULT]
        members = [names_of(definitions.groups, name) for name in chosen]
        settings = self._settings()
        chosen_targets = list(dict.fromkeys(name for names, _ in members for name in names))
        targets = in_order(definitions.targets, chosen_targets, settings)
        if self.print:
            groups = {name: definitions.groups[name] for _, names in members for name in names}
            return Text(printed(with_default(groups, chosen), targets))
        builds = build_order(targets, chosen_targets)
        for target in builds.values():  # what is wrong is reported before anything is built
            self._command(linked(target, {}), {}).checked_outputs()
        return self._build(engine, builds, {}, {})

    def _settings(self) -> list[str]:
        """Return --set, and the flags that are short for it."""
        switches = {
            "push": self.push or None,
            "load": self.load or None,
            "no-cache": self.no_cache,
            "pull": self.pull,
        }
        settings = [f"*.{key}={str(on).lower()}" for key, on in switches.items() if on is not None]
        for kind, value in (("sbom", self.sbom), ("provenance", self.provenance)):
            if value:
                settings.append(f"*.attest=type={kind},{_attributes(value)}")
        return [*self.set, *settings]

    def _build(
        self,
        engine: Engine,
        targets: Mapping[str, Target],
        built: Mapping[str, str],
        metadata: dict[str, dict[str, Any]],
    ) -> Chain | Lines:
        """Build the next target, and those after it.

        Args:
            engine: the engine.
            targets: all targets, as `build_order` returns them.
            built: the image IDs of those that are built.
            metadata: receives the metadata of each target.
        """
        waiting = [name for name in targets if name not in built]
        if not waiting:
            results = {name: it for name, it in built.items() if not name.startswith(LINK)}
            if self.metadata_file:
                write_metadata(self.metadata_file, {name: metadata[name] for name in results})
            return Lines(results.values())
        name = waiting[0]
        if len(targets) > 1:
            self.terminal.notify(f"building target {name.removeprefix(LINK)}")
        command = self._command(linked(targets[name], built), metadata.setdefault(name, {}))
        return Chain(
            command.run(engine),
            lambda identity: self._build(engine, targets, {**built, name: identity}, metadata),
            attrgetter("exit_code"),
        )

    def _command(self, target: Target, metadata: dict[str, Any]) -> ImageBuild:
        """Return the command that builds a target.

        Args:
            target: the target.
            metadata: receives the metadata, with --metadata-file.
        """
        line = [*build_line(target), f"--progress={self.progress}"]
        line.append(f"--metadata-file={self.metadata_file}")
        inline = target.get("dockerfile-inline")
        content = inline.encode() if inline else None
        command = ImageBuild.parse(
            line,
            terminal=self.terminal,
            dockerfile=content,
            is_cell=False,
            metadata=metadata,
        )
        assert command is not None
        return command


def _attributes(value: str) -> str:
    """Return the attributes of --sbom or --provenance: `true`, `false` or `mode=max`."""
    if "=" in value:
        return value
    return f"disabled={str(not go.parse_bool(value)).lower()}"
