"""The project's rules (ARCHITECTURE.md)."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import docker_magics
from docker_magics.cli import index
from docker_magics.cli.command import Command
from tools import docs, graph

PACKAGE = Path(docker_magics.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))
ROOT = PACKAGE.parent
#: Python files outside the package.
OTHER_FILES = sorted([*ROOT.glob("tests/**/*.py"), *ROOT.glob("tools/**/*.py")])

#: The layers that a layer may import. A layer imports nothing above itself.
MAY_IMPORT = {
    "errors": {"phrase"},
    **{key: set[str]() for key in ("phrase", "version", "wire", "starter")},
    "cli": {"errors", "phrase", "version", "wire", "cli", "engine"},
    "engine": {"errors", "phrase", "wire", "engine"},
    "results": {"errors", "phrase", "wire", "engine", "results"},
    "explain": {"errors", "phrase", "wire", "cli", "results", "explain"},
    "compose": {"errors", "phrase", "wire", "engine", "results", "compose"},
    "hcl": {"errors", "wire", "hcl"},
    "commands": {
        *("errors", "phrase", "version", "wire", "cli", "engine", "results", "explain", "compose"),
        *("hcl", "starter", "commands"),
    },
    "notebook_export": {"errors", "wire", "cli", "commands", "compose", "notebook_export"},
    "session": {"errors", "cli", "engine", "results"},
    "widgets": {
        *("errors", "phrase", "wire", "cli", "engine", "results", "commands", "session", "widgets"),
    },
    "magics": {
        "errors",
        "phrase",
        "cli",
        "engine",
        "results",
        "commands",
        "session",
        "widgets",
        "completer",
        "every_line",
        "shim",
        "typed_lines",
    },
    "course": {
        *("errors", "phrase", "cli", "engine", "results", "explain", "commands", "session"),
        "widgets",
    },
    "classroom": {"errors", "phrase", "course", "classroom"},
    "completer": {"errors", "phrase", "cli", "session", "compose", "explain"},
    "every_line": {"cli"},
    "typed_lines": {"cli"},
    "__init__": {"version", "cli", "session", "magics", "widgets"},
    "shim": {"engine"},
    "program": {
        *("errors", "wire", "cli", "engine", "results", "session", "shim", "notebook_export"),
        *("classroom", "compose"),
    },
    "__main__": {"program"},
    "embedded": {"errors", "version", "wire", "embedded"},
}

#: Imports against the layers, with their reasons. They are inside functions.
EXCEPTIONS = {
    ("engine/embedded.py", "embedded"): "if no engine answers, the embedded one is started",
    ("engine/registry.py", "embedded"): "its client of registries sends the requests",
}
HEAVY = ("pandas", "ipywidgets", "anywidget", "docker", "requests", "docker_magics.embedded")


def layer(path: Path) -> str:
    """Return the first folder or file of a module's path."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path: Path) -> Iterator[str]:
    """Yield the layers that a file imports anywhere, except for typing alone."""
    for node in ast.walk(_without_typing(ast.parse(path.read_text()))):
        if isinstance(node, ast.ImportFrom):
            yield from _layers_of(node, path)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.startswith("docker_magics."):
                    yield alias.name.split(".")[1]


def _layers_of(node: ast.ImportFrom, path: Path) -> Iterator[str]:
    folder = path.parent.relative_to(PACKAGE.parent).parts
    base = folder[: len(folder) - node.level + 1] if node.level else ()
    parts = (*base, *(node.module or "").split(".")) if node.module else base
    if parts[:1] != ("docker_magics",):
        return
    if len(parts) > 1:
        yield parts[1]
    else:
        for alias in node.names:
            known = (PACKAGE / alias.name).exists() or (PACKAGE / f"{alias.name}.py").exists()
            yield alias.name if known else "__init__"


def _without_typing(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = [ast.Pass()]
    return tree


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_layer_imports_nothing_above_it(path: Path) -> None:
    here = layer(path)
    name = path.relative_to(PACKAGE).as_posix()
    allowed = MAY_IMPORT[here] | {here}
    wrong = {
        other
        for other in imported(path)
        if other not in allowed and (name, other) not in EXCEPTIONS
    }
    assert not wrong, f"{name} imports {wrong}"


def test_exceptions_are_still_needed() -> None:
    unused = {key for key in EXCEPTIONS if key[1] not in set(imported(PACKAGE / key[0]))}
    assert not unused


def test_loading_the_extension_is_cheap() -> None:
    code = (
        "import sys; from IPython.core.interactiveshell import InteractiveShell as Shell;"
        "Shell.instance().run_line_magic('load_ext', 'docker_magics');"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip().splitlines()[-1] == "[]"


def commands() -> list[type[Command]]:
    """Import and return every command."""
    return [index.load(entry) for entry in sorted(set(index.spellings().values()))]


def test_the_index_reads_what_the_files_declare() -> None:
    for command in commands():
        names = (command.command_name(), *command.aliases)
        assert [name for name in names if index.load(index.spellings()[name]) is not command] == []
        summary = (command.__doc__ or "").strip().splitlines()[0]
        assert index.spellings()[names[0]].summary == summary


def test_spellings_are_unique() -> None:
    names = [name for command in commands() for name in (command.command_name(), *command.aliases)]
    assert len(names) == len(set(names))


def test_a_command_is_named_for_its_file() -> None:
    for command in commands():
        parts = command.command_name().replace("-", " ").split()
        assert command.__name__ == "".join(part.capitalize() for part in parts)


def public_definitions(path: Path) -> Iterator[tuple[str, ast.AST]]:
    """Yield a module's public classes and functions, and the public methods of its classes."""
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node.name, node
            if isinstance(node, ast.ClassDef) and not _is_override_holder(node):
                for member in node.body:
                    if isinstance(member, ast.FunctionDef) and not member.name.startswith("_"):
                        yield f"{node.name}.{member.name}", member


def _is_override_holder(node: ast.ClassDef) -> bool:
    """Whether the class has bases, in which its methods may be documented."""
    return bool(node.bases)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_public_definitions_have_docstrings(path: Path) -> None:
    tree = ast.parse(path.read_text())
    assert ast.get_docstring(tree) or not tree.body, "the module has no docstring"
    bare = [
        name
        for name, node in public_definitions(path)
        if not ast.get_docstring(node)  # type: ignore[arg-type]
    ]
    assert not bare


#: Words that begin a phrase, not a sentence in the imperative.
NOT_VERBS = {
    *("A", "All", "An", "Any", "As", "Back", "By", "Each", "Every", "First", "For", "From", "How"),
    *("In", "It", "Its", "Itself", "No", "Nothing", "On", "One", "Several", "That", "The", "There"),
    *("Those", "Up", "What", "Where", "Who", "Why"),
}


def is_imperative(docstring: str) -> bool:
    """Whether a function's docstring begins with a verb in the imperative, or with "Whether"."""
    first = docstring.split(maxsplit=1)[0].rstrip(",;:.")
    is_word = first.isalpha() and first[0].isupper() and first not in NOT_VERBS
    return is_word and (not first.endswith("s") or first.endswith("ss"))


def is_property(node: ast.AST) -> bool:
    """Whether a function is a property or a cached property."""
    decorators = getattr(node, "decorator_list", ())
    return any("property" in ast.unparse(decorator) for decorator in decorators)


def not_imperative(path: Path) -> list[str]:
    """Return the public functions of a module whose docstring does not begin with a verb."""
    return [
        f"{node.name}: {docstring.splitlines()[0]}"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef)
        and not node.name.startswith("_")
        and not is_property(node)
        and (docstring := ast.get_docstring(node))
        and not is_imperative(docstring)
    ]


def by_layer(check: Callable[[Path], list[str]]) -> dict[str, list[str]]:
    """Apply a check to each file; return layer -> findings."""
    results: dict[str, list[str]] = {}
    for path in FILES:
        results.setdefault(layer(path), []).extend(check(path))
    return results


def test_function_docstrings_are_imperative() -> None:
    results = by_layer(not_imperative)
    assert {name: lines for name, lines in results.items() if lines} == {}


#: Words that begin a clause; the docstring of a class or property is a noun phrase, or "Whether".
CLAUSES = frozenset({"How", "It", "Itself", "There", "What", "Where", "Who", "Why"})


def clauses(path: Path) -> list[str]:
    """Return the classes and properties of a module whose docstring begins with a clause."""
    return [
        f"{node.name}: {docstring.splitlines()[0]}"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ClassDef)
        or (isinstance(node, ast.FunctionDef) and is_property(node))
        if (docstring := ast.get_docstring(node)) and docstring.split()[0] in CLAUSES
    ]


def test_class_docstrings_are_noun_phrases() -> None:
    results = by_layer(clauses)
    assert {name: lines for name, lines in results.items() if lines} == {}


#: Variable names that do not tell what the variable holds.
EMPTY_NAMES = frozenset({"each", "found", "said", "told", "words"})


def empty_names(path: Path) -> list[str]:
    """Return where a module assigns one of EMPTY_NAMES."""
    nodes = ast.walk(ast.parse(path.read_text()))
    names = (
        (node.lineno, node.id if isinstance(node, ast.Name) else node.arg)
        for node in nodes
        if isinstance(node, ast.arg)
        or (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))
    )
    return [f"{path.name}:{line}: {name}" for line, name in names if name in EMPTY_NAMES]


def test_variables_have_meaningful_names() -> None:
    results = by_layer(empty_names)
    assert {name: places for name, places in results.items() if places} == {}


def test_variables_of_tests_and_tools_have_meaningful_names() -> None:
    assert [place for path in OTHER_FILES for place in empty_names(path)] == []


def test_no_file_names_a_registry_host() -> None:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    hosts = (
        "pypi" + ".org",
        "python" + "hosted.org",
        "registry.npm" + "js.org",
        "deb.debian" + ".org",
    )
    for name in listed.stdout.splitlines():
        path = ROOT / name
        if path.is_file() and path.suffix not in {".png", ".gz", ".tar"}:
            text = path.read_text(errors="replace")
            assert not [host for host in hosts if host in text], name


def test_no_import_circles() -> None:
    """Imports inside functions and for typing alone count too."""
    assert graph.circles(graph.module_graph()) == []


def test_no_arrow_runs_up() -> None:
    """Every folder of `embedded/` and of the package imports only lower layers of `make graph`."""
    layers = graph.by_layer(graph.module_graph())
    up = {
        f"{upper} -> {lower}"
        for upper, imported in layers.items()
        for lower in imported
        if graph.rank(lower) <= graph.rank(upper)
    }
    assert up == set()


def test_every_layer_has_a_place() -> None:
    listed = {layer for row in graph.LAYERS for layer in row}
    assert set(graph.by_layer(graph.module_graph())) == listed


def test_the_graph_finds_circles() -> None:
    assert graph.circles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a"}}) == [["b", "c"]]


def test_the_graph_has_the_same_layers() -> None:
    upwards = [
        (upper, lower)
        for upper, allowed in MAY_IMPORT.items()
        for lower in allowed - {upper}
        if graph.rank(lower) <= graph.rank(upper)
    ]
    assert upwards == []


#: Maximum lines of a Python file anywhere, and of a function in the package.
FILE_LINES, FUNCTION_LINES = 400, 60


def test_files_are_short() -> None:
    long = {
        path.relative_to(ROOT).as_posix()
        for path in [*FILES, *OTHER_FILES]
        if len(path.read_text().splitlines()) > FILE_LINES
    }
    assert long == set()


def test_functions_are_short() -> None:
    long = {
        f"{path.relative_to(PACKAGE).as_posix()}: {node.name}"
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= FUNCTION_LINES
    }
    assert long == set()


def test_each_test_that_the_readme_names_exists() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)`", (ROOT / "README.md").read_text())
    assert named
    assert [path for path in named if not (ROOT / path).is_file()] == []


def test_the_site_has_each_section_of_the_readme() -> None:
    sections = re.findall(r"^## (.*)", (ROOT / "README.md").read_text(), re.MULTILINE)
    pages = "\n".join(
        part() for pages in docs.NAVIGATION.values() for page in pages for part in page.parts
    )
    missing = [title for title in sections if f"# {title}\n" not in pages]
    assert missing == ["Contribute"]  # the site has CONTRIBUTING.md


def test_each_test_that_docs_security_names_exists() -> None:
    text = (ROOT / "docs/security.md").read_text()
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", text)
    assert len(named) > 20
    missing = [
        f"{path}::{name}"
        for path, name in named
        if f"\ndef {name}(" not in (ROOT / path).read_text()
    ]
    assert missing == []
    rows = [line for line in text.splitlines() if line.startswith("|") and "tests/" in line]
    assert all(row.count("`tests/") == 1 for row in rows)
