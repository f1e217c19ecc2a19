"""Show the result of every %docker line of a cell, as a terminal does.

IPython shows the value of a cell's last expression only. An AST transformer wraps the %docker
lines before it in a call that displays their value, unless the value is assigned.

source: IPython, InteractiveShell.ast_transformers.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

_SHOW = "__docker_magics_show"


class EveryLine(ast.NodeTransformer):
    """Wraps every %docker line whose value is not used."""

    def visit_Module(self, node: ast.Module) -> ast.Module:
        """Transform all statements but the last expression, which IPython shows itself."""
        last = node.body[-1] if node.body else None
        node.body = [
            statement if statement is last else self.visit(statement) for statement in node.body
        ]
        if last is not None and not isinstance(last, ast.Expr):
            self.visit(last)
        return node

    def visit_Expr(self, node: ast.Expr) -> ast.Expr:
        """Wrap an expression statement that is a %docker line."""
        if _is_docker_line(node.value):
            show = ast.Name(_SHOW, ast.Load())
            node.value = ast.copy_location(ast.Call(show, [node.value], []), node.value)
            ast.fix_missing_locations(node)
        return node


def _is_docker_line(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Call)
        and ast.unparse(node.func) == "get_ipython().run_line_magic"
        and ast.unparse(node.args[0]) == "'docker'"
    )


def show(result: Any) -> None:
    """Display a result unless it is None."""
    from IPython.display import display

    if result is not None:
        display(result)


def install(shell: InteractiveShell) -> None:
    """Register the transformer."""
    shell.user_ns_hidden[_SHOW] = show
    shell.user_ns[_SHOW] = show
    shell.ast_transformers.append(EveryLine())


def uninstall(shell: InteractiveShell) -> None:
    """Remove the transformer."""
    shell.user_ns.pop(_SHOW, None)
    shell.user_ns_hidden.pop(_SHOW, None)
    shell.ast_transformers[:] = [
        transformer
        for transformer in shell.ast_transformers
        if not isinstance(transformer, EveryLine)
    ]
