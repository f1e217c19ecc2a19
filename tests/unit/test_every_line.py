"""Every %docker line of a cell shows its result, in an IPython shell without a kernel."""

from __future__ import annotations

import ast

import pytest
from IPython.core.interactiveshell import InteractiveShell

from docker_magics import every_line


def transformed(code: str) -> str:
    return ast.unparse(every_line.EveryLine().visit(ast.parse(code)))


_LINE = "get_ipython().run_line_magic('docker', 'ps')"
_HIDDEN = "get_ipython().run_line_magic('docker', 'ps;')"
_CELL = "get_ipython().run_cell_magic('docker', 'load', 'x')"
_METHODS = "get_ipython().magics_manager.registry['DockerMagics']"


def wrapped(name: str, line: str = _LINE) -> str:
    return f"{_METHODS}.{name}({line})"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (f"{_LINE}\nx", f"{wrapped('show')}\nx"),
        (f"{_LINE}\n{_LINE}", f"{wrapped('show')}\n{wrapped('show_last')}"),
        (f"{_LINE}\nx = 1", f"{wrapped('show')}\nx = 1"),
        (_CELL, wrapped("show_last", _CELL)),
        (f"if a:\n    {_LINE}", f"if a:\n    {wrapped('show')}"),
        (f"for a in b:\n    {_LINE}\n1", f"for a in b:\n    {wrapped('show')}\n1"),
        (f"class A:\n    {_LINE}", f"class A:\n    {wrapped('show')}"),
        (f"rows = {_LINE}", f"rows = {_LINE}"),
        (f"rows = {_LINE}\n1", f"rows = {wrapped('keep')}\n1"),
        (f"{_HIDDEN}\n1", f"{wrapped('hide', _HIDDEN)}\n1"),
        (_HIDDEN, f"{_METHODS}.hide({wrapped('show_last', _HIDDEN)})"),
        ("print(1)\nget_ipython().run_line_magic('time', 'x')\n1",) * 2,
        ("", ""),
    ],
)
def test_lines_are_wrapped(code: str, expected: str) -> None:
    assert transformed(code) == expected


def test_lines_keep_their_numbers() -> None:
    tree = every_line.EveryLine().visit(ast.parse(f"\n\n{_LINE}\n1"))
    assert tree.body[0].value.lineno == 3


def test_uninstalling_restores_the_shell(shell: InteractiveShell) -> None:
    other = ast.NodeTransformer()
    shell.ast_transformers.append(other)
    every_line.install(shell)
    every_line.uninstall(shell)
    assert shell.ast_transformers == [other]
    every_line.uninstall(shell)
