"""Go's text/template, as far as people write it behind --format.

Values are JSON (dict, list, str, int, float, bool, None) and objects with a `template_field` method
(rows of listings). What a template prints, and what is said of one that fails, is Go's own.

source: https://pkg.go.dev/text/template
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping
from typing import Any

from .execute import Run
from .functions import FUNCTIONS, Function
from .parse import ERROR_PREFIX, Parser, TemplateError, TemplateSyntaxError
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
    """A template, read.

    Args:
        text: its source.
        name: what errors call it.
        functions: further functions, or others in place of docker's.
        strict: a missing key is an error, as in `docker inspect -f`.

    Raises:
        TemplateSyntaxError: it cannot be read.
    """

    def __init__(
        self,
        text: str,
        *,
        name: str = "",
        functions: Mapping[str, Function] | None = None,
        strict: bool = False,
    ) -> None:
        self.text = text
        self.name = name
        self.functions = {**FUNCTIONS, **(functions or {})}
        self.strict = strict
        parsed = Parser(text, self.functions)
        self.defined = parsed.defined
        self._nodes = parsed.nodes

    def render(self, data: Any) -> str:
        """What the template prints for `data`.

        Raises:
            TemplateError: it cannot be executed on that.
        """
        out: list[str] = []
        Run(self, out).nodes(self._nodes, data, ChainMap({"$": data}))
        return "".join(out)
