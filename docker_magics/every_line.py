"""Several %docker lines in one cell: each shows its result, as each would in a terminal.

IPython shows the value of a cell's last line only. Lines before it whose value nobody takes are
wrapped so that they show theirs.

source: IPython, InteractiveShell.ast_transformers.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

_SHOW = "__docker_magics_show"


class EveryLine(ast.NodeTransformer):
    """Shows what a %docker line gives, wherever in a cell it stands alone."""

    def visit_Module(self, node: ast.Module) -> ast.Module:
        """The cell: its last statement is shown by IPython itself."""
        last = node.body[-1] if node.body else None
        node.body = [each if each is last else self.visit(each) for each in node.body]
        if last is not None and not isinstance(last, ast.Expr):
            self.visit(last)
        return node

    def visit_Expr(self, node: ast.Expr) -> ast.Expr:
        """A value that nobody takes."""
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
    """Show a result that is one."""
    from IPython.display import display

    if result is not None:
        display(result)


def install(shell: InteractiveShell) -> None:
    """Show the results of all %docker lines of a cell."""
    shell.user_ns_hidden[_SHOW] = show
    shell.user_ns[_SHOW] = show
    shell.ast_transformers.append(EveryLine())


def uninstall(shell: InteractiveShell) -> None:
    """Back to IPython's way."""
    shell.user_ns.pop(_SHOW, None)
    shell.user_ns_hidden.pop(_SHOW, None)
    shell.ast_transformers[:] = [
        each for each in shell.ast_transformers if not isinstance(each, EveryLine)
    ]
