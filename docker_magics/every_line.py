"""Show the result of every %docker line of a cell, as a terminal does.

IPython shows the value of a cell's last expression only. An AST transformer wraps the %docker
lines of a cell in calls of the magics' methods, which display a value, hide it (`%docker ps;`), or
end the cell after an interrupt. The methods are found without a variable, which `%reset` would
delete and a class body would mangle.

source: IPython, InteractiveShell.ast_transformers, MagicsManager.registry.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from docker_magics.cli.words import hides_result

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

_MAGICS = frozenset({"compose", "docker", "dockerfile"})
_METHOD = "get_ipython().magics_manager.registry['DockerMagics'].{name}"


class EveryLine(ast.NodeTransformer):
    """Wraps every %docker line."""

    def visit_Module(self, node: ast.Module) -> ast.Module:
        """Transform all statements. IPython shows the value of the last one, if it is one."""
        if not node.body:
            return node
        *statements, last = node.body
        node.body = [self.visit(statement) for statement in statements]
        if not isinstance(last, ast.Expr | ast.Assign) or not _is_docker_line(last.value):
            last = self.visit(last)
        elif isinstance(last, ast.Expr):
            shown = _wrapped(last.value, "show_last")
            last.value = _wrapped(shown, "hide") if _is_hidden(last.value) else shown
        node.body.append(last)
        return node

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        """Wrap an expression statement that is a %docker line."""
        if not _is_docker_line(node.value):
            return self.generic_visit(node)
        node.value = _wrapped(node.value, "hide" if _is_hidden(node.value) else "show")
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Wrap a %docker line whose value is used, as in an assignment."""
        return _wrapped(node, "keep") if _is_docker_line(node) else self.generic_visit(node)


def _wrapped(call: ast.expr, name: str) -> ast.Call:
    method = ast.parse(_METHOD.format(name=name), mode="eval").body
    wrapped = ast.Call(method, [call], [])
    for node in (*ast.walk(method), wrapped):
        ast.copy_location(node, call)
    return wrapped


def _is_docker_line(node: ast.expr) -> bool:
    """Whether an expression is what IPython makes of `%docker LINE` or of a `%%docker` cell."""
    match node:
        case ast.Call(
            func=ast.Attribute(
                value=ast.Call(func=ast.Name(id="get_ipython")),
                attr="run_line_magic" | "run_cell_magic",
            ),
            args=[ast.Constant(value=name), ast.Constant(value=str()), *_],
        ):
            return name in _MAGICS
    return False


def _is_hidden(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and hides_result(ast.literal_eval(node.args[1]))


def install(shell: InteractiveShell) -> None:
    """Register the transformer."""
    shell.ast_transformers.append(EveryLine())


def uninstall(shell: InteractiveShell) -> None:
    """Remove the transformer."""
    shell.ast_transformers[:] = [
        transformer
        for transformer in shell.ast_transformers
        if not isinstance(transformer, EveryLine)
    ]
