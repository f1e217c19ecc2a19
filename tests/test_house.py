"""The rules of the house (ARCHITECTURE.md), checked."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import docker_magics
from docker_magics.cli import index
from docker_magics.cli.command import Command

PACKAGE = Path(docker_magics.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))

#: What each layer may import of the package. A layer knows the next one and nothing above it.
MAY_IMPORT = {
    "errors": set(),
    "version": set(),
    "wire": set(),
    "cli": {"errors", "version", "wire", "cli", "engine"},
    "engine": {"errors", "wire", "engine"},
    "results": {"errors", "wire", "engine", "results"},
    "explain": {"errors", "wire", "cli", "results", "explain"},
    "commands": {"errors", "version", "wire", "cli", "engine", "results", "explain", "commands"},
    "session": {"errors", "cli", "engine", "results"},
    "widgets": {"errors", "wire", "cli", "engine", "results", "commands", "session", "widgets"},
    "magics": {
        "errors",
        "cli",
        "engine",
        "results",
        "commands",
        "session",
        "widgets",
        "completer",
        "every_line",
    },
    "course": {"errors", "cli", "engine", "results", "explain", "session"},
    "completer": {"cli", "session"},
    "every_line": set(),
    "__init__": {"version", "cli", "session", "magics"},
    "embedded": {"errors", "version", "wire", "embedded"},
}

#: An import that goes against the layers, with its reason. Each happens inside a function.
EXCEPTIONS = {
    ("engine/embedded.py", "embedded"): "where there is no engine, this one is started",
}
HEAVY = ("pandas", "ipywidgets", "anywidget", "docker", "requests", "docker_magics.embedded")


def layer(path: Path) -> str:
    """The first folder or file of a module's path."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path: Path) -> Iterator[str]:
    """The layers that a file imports, wherever in it, but for typing alone."""
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
def test_a_layer_knows_nothing_above_it(path: Path) -> None:
    here = layer(path)
    name = path.relative_to(PACKAGE).as_posix()
    allowed = MAY_IMPORT[here] | {here}
    wrong = {
        each for each in imported(path) if each not in allowed and (name, each) not in EXCEPTIONS
    }
    assert not wrong, f"{name} imports {wrong}"


def test_every_exception_is_still_needed() -> None:
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
    """Every command, imported."""
    return [index.load(entry) for entry in sorted(set(index.spellings().values()))]


def test_the_index_reads_what_the_files_declare() -> None:
    for command in commands():
        names = (command.command_name(), *command.aliases)
        assert [name for name in names if index.load(index.spellings()[name]) is not command] == []
        summary = (command.__doc__ or "").strip().splitlines()[0]
        assert index.spellings()[names[0]].summary == summary


def test_a_spelling_names_one_command() -> None:
    names = [name for each in commands() for name in (each.command_name(), *each.aliases)]
    assert len(names) == len(set(names))


def test_a_command_is_named_for_its_file() -> None:
    for command in commands():
        words = command.command_name().replace("-", " ").split()
        assert command.__name__ == "".join(word.capitalize() for word in words)


def public_definitions(path: Path) -> Iterator[tuple[str, ast.AST]]:
    """A module's public classes and functions, and its classes' public methods."""
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node.name, node
            if isinstance(node, ast.ClassDef) and not _is_override_holder(node):
                for each in node.body:
                    if isinstance(each, ast.FunctionDef) and not each.name.startswith("_"):
                        yield f"{node.name}.{each.name}", each


def _is_override_holder(node: ast.ClassDef) -> bool:
    """Whether the class has bases: its methods may be documented there."""
    return bool(node.bases)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_what_is_public_says_what_it_is(path: Path) -> None:
    tree = ast.parse(path.read_text())
    assert ast.get_docstring(tree) or not tree.body, "the module has no docstring"
    bare = [
        name
        for name, node in public_definitions(path)
        if not ast.get_docstring(node)  # type: ignore[arg-type]
    ]
    assert not bare


def test_nothing_names_a_registrys_host_or_a_path_of_one_machine() -> None:
    root = PACKAGE.parent
    listed = subprocess.run(
        ["git", "ls-files"], cwd=root, capture_output=True, text=True, check=True
    )
    hosts = (
        "pypi" + ".org",
        "python" + "hosted.org",
        "registry.npm" + "js.org",
        "deb.debian" + ".org",
    )
    for name in listed.stdout.splitlines():
        path = root / name
        if path.is_file() and path.suffix not in {".png", ".gz", ".tar"}:
            text = path.read_text(errors="replace")
            assert not [host for host in hosts if host in text], name


def test_a_commands_source_is_short() -> None:
    long = {
        path.name: lines
        for path in (PACKAGE / "commands").rglob("*.py")
        if (lines := len(inspect.cleandoc(path.read_text()).splitlines())) > 400
    }
    assert not long
