"""Go's text/template, as far as `--format` needs it.

Values are JSON (dict, list, str, int, float, bool, None) or objects with a `template_field` method
(rows of listings). Output and error messages are the same as Go's.

source: https://pkg.go.dev/text/template
"""

from __future__ import annotations

import contextlib
from collections import ChainMap
from collections.abc import Iterator, Mapping
from typing import Any

from .execute import Program, Run
from .functions import FUNCTIONS, Function
from .lex import ERROR_PREFIX, TemplateError, TemplateSyntaxError
from .parse import Parser
from .values import HasFields, Struct, format_value, to_json

__all__ = [
    "ERROR_PREFIX",
    "HasFields",
    "Struct",
    "Template",
    "TemplateError",
    "TemplateSyntaxError",
    "format_value",
    "to_json",
]


class Template:
    """A parsed template.

    Args:
        text: the source.
        name: the template's name in error messages.
        functions: further functions; they override docker's of the same name.
        strict: whether a missing key is an error, as in `docker inspect -f`.

    Raises:
        TemplateSyntaxError: the template cannot be parsed.
    """

    def __init__(
        self,
        text: str,
        *,
        name: str = "",
        functions: Mapping[str, Function] | None = None,
        strict: bool = False,
    ) -> None:
        functions = {**FUNCTIONS, **(functions or {})}
        with _bounded_depth(name):
            parsed = Parser(text, functions)
        self._program = Program(text, name, functions, parsed.defined, strict)
        self._nodes = parsed.nodes

    def render(self, data: Any) -> str:
        """Return the template's output for `data`.

        Raises:
            TemplateError: the template cannot be executed on `data`.
        """
        out: list[str] = []
        with _bounded_depth(self._program.name):
            Run(self._program, out).nodes(self._nodes, data, ChainMap({"$": data}))
        return "".join(out)


@contextlib.contextmanager
def _bounded_depth(name: str) -> Iterator[None]:
    """Turn a RecursionError into a TemplateError: templates may call themselves."""
    try:
        yield
    except RecursionError:
        raise TemplateError(f"template: {name}: exceeded maximum template depth") from None
