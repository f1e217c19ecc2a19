"""Completion in the body of a %%dockerfile cell: instructions, images, stages, files."""

from __future__ import annotations

import re

from docker_magics.errors import DockerMagicsError

from .complete_values import ListNames, names_of

#: source: moby/buildkit, frontend/dockerfile/command/command.go.
INSTRUCTIONS = (
    "ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL MAINTAINER ONBUILD RUN SHELL "
    "STOPSIGNAL USER VOLUME WORKDIR"
)
_FLAGS = {
    "ADD": "--checksum= --chmod= --chown= --exclude= --keep-git-dir --link",
    "COPY": "--chmod= --chown= --exclude= --from= --link --parents",
    "FROM": "--platform=",
    "HEALTHCHECK": "--interval= --retries= --start-interval= --start-period= --timeout=",
    "RUN": "--mount= --network= --security=",
}
_STAGE = re.compile(r"^\s*FROM\s.*\sAS\s+(\S+)\s*$", re.IGNORECASE | re.MULTILINE)


def dockerfile_fragment(line: str) -> str:
    """Return the end of a line that the candidates replace."""
    return re.split(r"\s|--from=", line)[-1]


def complete_dockerfile(before: str, line: str, list_names: ListNames) -> list[str]:
    """Return the candidates for the end of a line, sorted.

    Args:
        before: the Dockerfile above the line.
        line: the line up to the cursor.
        list_names: see `complete`.
    """
    trigger = re.sub(r"^\s*ONBUILD\s+", "", line.lstrip(), flags=re.IGNORECASE)
    instruction, *arguments = trigger.split(" ")
    typed = dockerfile_fragment(line)
    stages = _STAGE.findall(before)

    def images() -> list[str]:
        try:
            return [name for name in names_of("IMAGE", "", list_names) if "<none>" not in name]
        except DockerMagicsError:
            return []

    if not arguments:
        candidates = INSTRUCTIONS.split()
        typed = typed.upper()
    elif re.search(r"--from=\S*$", line):
        candidates = [*stages, *images()]
    elif typed.startswith("-"):
        candidates = _FLAGS.get(instruction.upper(), "").split()
    elif instruction.upper() == "FROM":
        candidates = [*stages, *images(), "scratch"]
    elif instruction.upper() in {"ADD", "COPY"}:
        candidates = list(names_of("FILE", typed, list_names))
    else:
        candidates = []
    return sorted({name for name in candidates if name.startswith(typed) and _is_one_word(name)})


def _is_one_word(name: str) -> bool:
    """Whether a name, which may come from a stranger, is a single word of a Dockerfile."""
    return name.isprintable() and " " not in name
