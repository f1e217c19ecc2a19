"""docker buildx inspect: show the builder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docker_magics.cli.command import Command, flag, operand
from docker_magics.engine.client import Engine
from docker_magics.errors import UsageError
from docker_magics.results import human
from docker_magics.results.text import Text, aligned
from docker_magics.wire import go

from ._builders import builder_of

if TYPE_CHECKING:
    from docker_magics.engine.buildkit.control import GcRule


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
        head = [("Name:", builder.name), ("Driver:", builder.driver)]
        node = [
            ("Name:", builder.name),
            ("Endpoint:", builder.endpoint),
            ("Status:", builder.status),
            ("BuildKit version:", builder.buildkit),
            ("Platforms:", builder.platforms),
        ]
        labels = [(f" {name}:", text) for name, text in sorted(builder.labels.items())]
        shown = f"Labels:\n{aligned(labels)}" if labels else ""
        rules = "".join(
            f"GC Policy rule#{number}:\n{aligned(_rows(rule))}"
            for number, rule in enumerate(builder.gc_rules)
        )
        return Text(f"{aligned(head)}\nNodes:\n{aligned(node)}{shown}{rules}")


def _rows(rule: GcRule) -> list[tuple[str, str]]:
    """Return the rows of a rule; limits that it does not have are left out."""
    sizes = {
        "Reserved Space": rule.reserved_space,
        "Max Used Space": rule.max_used_space,
        "Min Free Space": rule.min_free_space,
    }
    rows = [("All", str(rule.all).lower()), ("Filters", " ".join(rule.filters))]
    if rule.keep_duration_ns > 0:
        rows.append(("Keep Duration", go.format_duration(rule.keep_duration_ns)))
    rows += [(name, human.binary_size(size)) for name, size in sizes.items() if size > 0]
    return [(f" {name}:", text) for name, text in rows if text]
