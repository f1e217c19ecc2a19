"""`make graph`: print the import graph of the package, layer by layer.

Imports inside functions and for typing alone count too. The graph is read from the source by ast;
nothing is imported.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "docker_magics"

#: The layers from top to bottom; an arrow from a lower to a higher one is marked. Layers that share
#: a line do not know each other.
LAYERS = (
    ("__init__", "__main__"),
    ("program",),
    ("classroom",),
    ("magics", "course"),
    ("widgets", "completer", "every_line", "shim", "typed_lines"),
    ("notebook_export",),
    ("session", "commands"),
    ("explain", "compose", "starter", "hcl"),
    ("cli", "results"),
    ("engine",),
    ("embedded.__main__",),
    ("embedded.daemon",),
    ("embedded.engine", "embedded.background"),
    ("embedded.system", "embedded.server"),
    ("embedded.builder",),
    ("embedded.containers",),
    ("embedded.networks",),
    ("embedded.volumes",),
    ("embedded.registry",),
    ("embedded.images",),
    ("embedded.namespace_source",),
    ("embedded.ports",),
    ("embedded.records",),
    ("embedded.dockerfile",),
    ("embedded.runtime",),
    ("embedded.storage",),
    ("embedded.api",),
    ("embedded.events", "embedded.filtering", "embedded.patterns"),
    ("embedded.clock", "embedded.state", "embedded.heap"),
    ("embedded.processes",),
    ("embedded.descriptors", "embedded.errors", "embedded.resolv_conf"),
    ("embedded.private_environment",),
    ("embedded.syscalls",),
    ("embedded",),
    ("errors", "version", "wire"),
    ("phrase",),
)

Graph = Mapping[str, set[str]]


def module_graph(package: Path = PACKAGE) -> dict[str, set[str]]:
    """Return module -> imported modules of the package, as dotted names below the package.

    The package itself is "". `__init__` modules are named by their folder. A submodule's implicit
    import of its parent packages does not count.
    """
    names = {_name(path, package): path for path in sorted(package.rglob("*.py"))}
    return {
        name: set(_imports(name, path, names, package)) - {name} for name, path in names.items()
    }


def _name(path: Path, package: Path) -> str:
    parts = path.relative_to(package).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imports(name: str, path: Path, names: Mapping[str, Path], package: Path) -> Iterator[str]:
    folder = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            source = _absolute(node, folder, package.name)
            if source is None:
                continue
            for alias in node.names:
                submodule = f"{source}.{alias.name}".lstrip(".")
                yield submodule if submodule in names else source
        elif isinstance(node, ast.Import):
            for alias in node.names:
                root, _, rest = alias.name.partition(".")
                if root == package.name:
                    yield rest


def _absolute(node: ast.ImportFrom, folder: str, root: str) -> str | None:
    """Return the module that a `from` imports from, below the package; None for any other."""
    module = node.module or ""
    if not node.level:
        first, _, rest = module.partition(".")
        return rest if first == root else None
    parts = folder.split(".") if folder else []
    base = parts[: len(parts) - node.level + 1]
    return ".".join([*base, *([module] if module else [])])


def by_layer(graph: Graph) -> dict[str, set[str]]:
    """Return layer -> imported layers."""
    layers: dict[str, set[str]] = {}
    for name, imported in graph.items():
        layers.setdefault(layer_of(name), set()).update(map(layer_of, imported))
    return {layer: imported - {layer} for layer, imported in layers.items()}


def layer_of(name: str) -> str:
    """Return the layer of a module: its folder or file in the package, or in embedded/."""
    first, *rest = name.split(".")
    return ".".join([first, *rest[: first == "embedded"]]) or "__init__"


def rank(layer: str) -> int:
    """Return the position of a layer in LAYERS; unknown ones are at the bottom."""
    return next((place for place, row in enumerate(LAYERS) if layer in row), len(LAYERS))


def circles(graph: Graph) -> list[list[str]]:
    """Return the import circles: the strongly connected components of more than one module.

    source: R. Tarjan, Depth-first search and linear graph algorithms, 1972.
    """
    order: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []
    components: list[list[str]] = []

    def visit(name: str) -> None:
        order[name] = lowest[name] = len(order)
        stack.append(name)
        for imported in sorted(graph.get(name, ())):
            if imported not in order:
                visit(imported)
                lowest[name] = min(lowest[name], lowest[imported])
            elif imported in stack:
                lowest[name] = min(lowest[name], order[imported])
        if lowest[name] == order[name]:
            component = stack[stack.index(name) :]
            del stack[stack.index(name) :]
            if len(component) > 1:
                components.append(sorted(component))

    for name in sorted(graph):
        if name not in order:
            visit(name)
    return components


def draw(graph: Graph) -> Iterator[str]:
    """Yield the lines of the drawing: the layers from top to bottom, then the import circles."""
    layers = by_layer(graph)
    for layer in sorted(layers, key=lambda layer: (rank(layer), layer)):
        imported = sorted(layers[layer], key=lambda other: (rank(other), other))
        arrows = [other if rank(other) > rank(layer) else f"^{other}" for other in imported]
        yield f"{layer:20} -> {', '.join(arrows)}" if arrows else layer
    yield ""
    yield "^ marks an import of a layer that is not below."
    components = circles(graph)
    yield f"import circles: {len(components) or 'none'}"
    yield from (f"  {', '.join(component)}" for component in components)


def main() -> None:
    """Print the import graph."""
    print("\n".join(draw(module_graph())))


if __name__ == "__main__":
    main()
