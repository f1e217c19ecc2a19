"""Every %docker line of a cell shows its result, in an IPython shell without a kernel."""

from __future__ import annotations

import ast
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from docker_magics import every_line


def transformed(code: str) -> str:
    return ast.unparse(every_line.EveryLine().visit(ast.parse(code)))


_LINE = "get_ipython().run_line_magic('docker', 'ps')"
_SHOWN = f"__docker_magics_show({_LINE})"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (f"{_LINE}\nx", f"{_SHOWN}\nx"),
        (f"{_LINE}\n{_LINE}", f"{_SHOWN}\n{_LINE}"),  # IPython shows the last expression
        (f"{_LINE}\nx = 1", f"{_SHOWN}\nx = 1"),
        (f"if a:\n    {_LINE}", f"if a:\n    {_SHOWN}"),
        (f"for a in b:\n    {_LINE}\n1", f"for a in b:\n    {_SHOWN}\n1"),
        (f"rows = {_LINE}\n1", f"rows = {_LINE}\n1"),
        ("print(1)\nget_ipython().run_line_magic('time', 'x')\n1",) * 2,
        ("", ""),
    ],
)
def test_unused_values_except_the_last_are_shown(code: str, expected: str) -> None:
    assert transformed(code) == expected


def test_lines_keep_their_numbers() -> None:
    tree = every_line.EveryLine().visit(ast.parse(f"\n\n{_LINE}\n1"))
    assert tree.body[0].value.lineno == 3


def test_a_shell_shows_values_except_none(
    shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    displayed: list[Any] = []
    monkeypatch.setattr("IPython.display.display", displayed.append)
    values = iter([1, None, "two", 0])
    shell.register_magic_function(lambda _line: next(values), magic_name="docker")
    every_line.install(shell)
    cell = shell.run_cell("%docker a\n%docker b\n%docker c\nx = %docker d")
    assert cell.success
    assert displayed == [1, "two"]
    assert shell.user_ns["x"] == 0


def test_uninstalling_restores_the_shell(shell: InteractiveShell) -> None:
    other = ast.NodeTransformer()
    shell.ast_transformers.append(other)
    names = set(shell.user_ns)
    every_line.install(shell)
    every_line.uninstall(shell)
    assert shell.ast_transformers == [other]
    assert set(shell.user_ns) == names
    every_line.uninstall(shell)
