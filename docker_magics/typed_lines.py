"""Accept docker lines as people type them in cells.

- `docker ps`, `sudo docker ps`, `$ docker ps` or `A=1 docker ps` on any line of a cell is `%docker
  ps`. IPython's automagic does this only in cells of one line.
- A line that ends with `<<EOF` is an error that says what to write, not one of Python's syntax.
- `%docker run?` shows the command's help. IPython would show the help of its own `%run`.
- A cell magic may follow comments, and have one percent sign: `%dockerfile`, `%compose`.

source: IPython, core/inputtransformer2.py.
"""

from __future__ import annotations

import itertools
import re
from tokenize import DEDENT, INDENT
from typing import TYPE_CHECKING, Any

from IPython.core.inputtransformer2 import TokenTransformBase

from docker_magics.cli.pasted import VARIABLES

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

_OPERATORS = "and|as|else|for|if|in|is|not|or"
_BARE = re.compile(
    rf"(?:\$\s+)?(?:{VARIABLES})?(?:sudo\s+(?:-\w+\s+)*)?docker(?:-compose)?\s+"
    rf"(?!(?:{_OPERATORS})\b)[a-z]"
)
#: Not `%docker df << ps`, which is an assignment.
_HEREDOC = re.compile(r"%?(docker\s+(?!\w+\s*<<)[a-z].*<<-?\s*['\"]?(\w+)['\"]?)\s*$")
_HELP = re.compile(r"(%docker\b.*?)\s*\?{1,2}\s*$")
_CELL_MAGIC = re.compile(r"%%(?:docker|dockerfile|compose)\b|%(?:dockerfile|compose)\b")


class DockerLine(TokenTransformBase):
    """Turns a docker line that Python cannot read into a magic."""

    priority = 1  # before IPython's own, such as `name?`

    @classmethod
    def find(cls, tokens_by_line: Any) -> DockerLine | None:
        """Return the transformer of the first such line."""
        for line in tokens_by_line:
            start = next((token for token in line if token.type not in {INDENT, DEDENT}), None)
            if start is None:
                continue
            text = start.line[start.start[1] :]
            if _BARE.match(text) or _HELP.match(text) or _HEREDOC.match(text):
                return cls(start.start)
        return None

    def transform(self, lines: list[str]) -> list[str]:
        """Replace the line."""
        place, column = self.start_line, self.start_col
        text = lines[place][column:]
        if heredoc := _HEREDOC.match(text):
            error = f"get_ipython().run_line_magic('docker', {heredoc[1]!r})\n"
            end = heredoc[2]
            below = [*itertools.dropwhile(lambda line: line.strip() != end, lines[place:])]
            return [*lines[:place], lines[place][:column] + error, *below[1:]]
        match = _HELP.match(text)
        changed = f"{match[1]} --help\n" if match else f"%docker {text}"
        return [*lines[:place], lines[place][:column] + changed, *lines[place + 1 :]]


def start_of_cell(lines: list[str]) -> list[str]:
    """Remove comments above a cell magic, and complete its percent signs."""
    for place, line in enumerate(lines):
        if match := _CELL_MAGIC.match(line):
            is_line = match[0].startswith("%%")
            first = line if is_line else f"%{line}"
            return [first, *lines[place + 1 :]]
        if line.strip() and not line.lstrip().startswith("#"):
            break
    return lines


def install(shell: InteractiveShell) -> None:
    """Register the transformers."""
    manager = shell.input_transformer_manager
    manager.token_transformers.append(DockerLine)
    manager.cleanup_transforms.append(start_of_cell)


def uninstall(shell: InteractiveShell) -> None:
    """Remove the transformers."""
    manager = shell.input_transformer_manager
    for transforms, ours in (
        (manager.token_transformers, DockerLine),
        (manager.cleanup_transforms, start_of_cell),
    ):
        while ours in transforms:
            transforms.remove(ours)
