"""The forms of an export, by the name that `--to` gives them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from .compose import compose_file
from .shell import script
from .steps import Notebook
from .workflow import workflow

FORMS: Mapping[str, Callable[[Notebook], str]] = {
    "sh": script,
    "compose": compose_file,
    "github": workflow,
}
