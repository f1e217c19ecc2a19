"""docker buildx inspect: show the builder."""

from __future__ import annotations

from docker_magics.cli.command import Command, flag, operand
from docker_magics.engine.client import Engine
from docker_magics.errors import UsageError
from docker_magics.results.text import Text, align_columns

from ._builders import builder_of


class BuildxInspect(Command):
    """Inspect current builder instance"""

    usage = "[OPTIONS] [NAME]"

    bootstrap: bool = flag("--bootstrap", "Ensure builder has booted before inspecting")
    name: str | None = operand(optional=True)

    def run(self, engine: Engine) -> Text:
        """Return the details of the engine's own builder.

        Raises:
            UsageError: another builder is named.
        """
        builder = builder_of(engine)
        if self.name not in {None, builder.name}:
            raise UsageError(
                f'no builder "{self.name}" found', hint="The engine has one builder: default."
            )
        lines = [f"Name:\t{builder.name}", f"Driver:\t{builder.driver}", "\t", "Nodes:"]
        lines += [f"Name:\t{builder.name}", f"Endpoint:\t{builder.endpoint}"]
        lines += [f"Status:\t{builder.status}", f"BuildKit version:\t{builder.buildkit}"]
        lines.append(f"Platforms:\t{builder.platforms}")
        labels = [f" {name}:\t{text}" for name, text in sorted(builder.labels.items())]
        shown = f"Labels:\n{align_columns(labels)}" if labels else ""
        return Text(align_columns(lines) + shown)
