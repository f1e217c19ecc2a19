"""The flags of COPY and ADD. source: Dockerfile reference, "COPY", "ADD"."""

from __future__ import annotations

from dataclasses import dataclass

from ...wire import go
from ...wire.dockerfile import Instruction
from ..dockerfile.variables import Variables
from ..errors import BadParameter

_MAX_MODE = 0o7777


@dataclass(frozen=True)
class CopyFlags:
    """The flags of one COPY or ADD.

    Attributes:
        source: `--from`: a stage or an image; empty for the build's context.
        chown: the owner, `user[:group]`; empty for root, or the source's owner with `--from`.
        chmod: the mode; None for the source's.
        exclude: patterns as in .dockerignore.
        parents: whether the sources' parent folders are kept.
        checksum: the digest of a download; empty for any.
    """

    source: str = ""
    chown: str = ""
    chmod: int | None = None
    exclude: tuple[str, ...] = ()
    parents: bool = False
    checksum: str = ""

    def as_text(self) -> str:
        """Return owner and mode as the history shows them, with a space at the end."""
        chown = f"--chown={self.chown} " if self.chown else ""
        chmod = f"--chmod={self.chmod:o} " if self.chmod is not None else ""
        return chown + chmod


def parse_flags(instruction: Instruction, variables: Variables) -> CopyFlags:
    """Parse the flags of a COPY or ADD. `--link` and `--keep-git-dir` have no effect here.

    Raises:
        BadParameter: an invalid mode.
    """
    pairs = [flag.removeprefix("--").partition("=")[::2] for flag in instruction.flags]
    values = {name: value if name == "from" else variables.expand(value) for name, value in pairs}
    return CopyFlags(
        source=values.get("from", ""),
        chown=values.get("chown", ""),
        chmod=_parse_mode(values["chmod"]) if "chmod" in values else None,
        exclude=tuple(variables.expand(value) for name, value in pairs if name == "exclude"),
        parents=values.get("parents") in {"", "true"},
        checksum=values.get("checksum", ""),
    )


def _parse_mode(text: str) -> int:
    try:
        mode = go.file_mode(text)
    except ValueError:
        mode = -1
    if not 0 <= mode <= _MAX_MODE:
        raise BadParameter(f"invalid chmod parameter: '{text}'. it should be octal string and between 0 and 07777")  # fmt: skip  # noqa: E501
    return mode
