"""Validation of all instructions before a build."""

from __future__ import annotations

import pytest

from docker_magics.embedded.dockerfile.instructions import INSTRUCTIONS
from docker_magics.embedded.dockerfile.validate import validate_all
from docker_magics.embedded.errors import BadParameter
from docker_magics.wire import dockerfile

ONE = "requires exactly one argument"
SOME = "requires at least one argument"
TWO = (
    "requires at least two arguments, but only one was provided. Destination could not be"
    " determined"
)
#: Invalid instructions -> their errors.
REFUSED = {
    "NONSENSE x": "unknown instruction: NONSENSE",
    "MAINTAINER": f"MAINTAINER {ONE}",
    "STOPSIGNAL": f"STOPSIGNAL {ONE}",
    "USER": f"USER {ONE}",
    "WORKDIR": f"WORKDIR {ONE}",
    "ARG": f"ARG {SOME}",
    "ENV": f"ENV {SOME}",
    "EXPOSE": f"EXPOSE {SOME}",
    "HEALTHCHECK": f"HEALTHCHECK {SOME}",
    "LABEL": f"LABEL {SOME}",
    "ONBUILD": f"ONBUILD {SOME}",
    "SHELL": f"SHELL {SOME}",
    "SHELL []": f"SHELL {SOME}",
    "VOLUME": f"VOLUME {SOME}",
    "COPY x": f"COPY {TWO}",
    "ADD x": f"ADD {TWO}",
    "COPY": f"COPY {TWO}",
    "FROM a b": "FROM requires either one or three arguments",
    "FROM a IN b": "FROM requires either one or three arguments",
    "FROM": "FROM requires either one or three arguments",
    "FROM a AS 1": (
        'invalid name for build stage: "1", name can\'t start with a number or contain symbols'
    ),
    "FROM a AS b/c": (
        'invalid name for build stage: "b/c", name can\'t start with a number or contain symbols'
    ),
    "ADD --from=b x y": "unknown flag: --from",
    "COPY --checksum=sha256:0 x y": "unknown flag: --checksum",
    "COPY --keep-git-dir x y": "unknown flag: --keep-git-dir",
    "RUN --nonsense=1 x": "unknown flag: --nonsense",
    "CMD --x=1 y": "unknown flag: --x",
    "FROM --pull=1 a": "unknown flag: --pull",
    "COPY --chown=1 --chown=2 x y": "duplicate flag specified: --chown",
    "COPY --chown x y": "missing a value on flag: --chown",
    "COPY --exclude x y": "missing a value on flag: --exclude",
    "COPY --parents=maybe x y": "Expecting boolean value for flag parents, not: maybe",
    "COPY --link= x y": "Expecting boolean value for flag link, not: ",
    "ENV =x": "ENV names can not be blank",
    "LABEL =x": "LABEL names can not be blank",
    "ARG =x": "ARG names can not be blank",
    "ONBUILD ONBUILD RUN x": "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed",
    "ONBUILD FROM b": "FROM isn't allowed as an ONBUILD trigger",
    "ONBUILD MAINTAINER me": "MAINTAINER isn't allowed as an ONBUILD trigger",
    "SHELL sh -c": "SHELL requires the arguments to be in JSON form",
    'VOLUME ["/a", " "]': "VOLUME specified can not be an empty string",
    "HEALTHCHECK NONE x": "HEALTHCHECK NONE takes no arguments",
    "HEALTHCHECK GET x": 'Unknown type "GET" in HEALTHCHECK (try CMD)',
    "HEALTHCHECK CMD": "Missing command after HEALTHCHECK CMD",
    "HEALTHCHECK --retries=0 CMD x": "--retries must be at least 1 (not 0)",
    "HEALTHCHECK --retries=x CMD x": 'strconv.ParseInt: parsing "x": invalid syntax',
    "HEALTHCHECK --interval=1us CMD x": 'Interval "interval" cannot be less than 1ms',
    "HEALTHCHECK --timeout=soon CMD x": 'time: invalid duration "soon"',
    "HEALTHCHECK --start-period=0s CMD x": 'Interval "start-period" cannot be less than 1ms',
    "HEALTHCHECK --nonsense=1 CMD x": "unknown flag: --nonsense",
}


def check(text: str) -> None:
    """Check a Dockerfile."""
    validate_all(dockerfile.parse(text).instructions)


@pytest.mark.parametrize("text", REFUSED)
def test_an_invalid_instruction_is_refused_with_its_line(text: str) -> None:
    with pytest.raises(BadParameter) as caught:
        check(f"FROM a\n\n{text}\n")
    assert str(caught.value) == f"dockerfile parse error on line 3: {REFUSED[text]}"


@pytest.mark.parametrize("text", ["RUN true", "ARG A=1", "ARG A=1\nRUN true\nFROM a"])
def test_a_dockerfile_begins_with_a_stage(text: str) -> None:
    with pytest.raises(BadParameter) as caught:
        check(text)
    assert str(caught.value) == "no build stage in current context"


#: A valid instruction for each line of the table.
VALID = {
    "ADD": "ADD --chown=a --chmod=0 --checksum=sha256:0 --keep-git-dir --link x y /d/",
    "ARG": "ARG A B=1 --odd=1",
    "CMD": "CMD",
    "COPY": "COPY --from=b --exclude=*.o --exclude=*.a --parents --link=FALSE x /",
    "ENTRYPOINT": "ENTRYPOINT []",
    "ENV": "ENV A=1 B=",
    "EXPOSE": "EXPOSE 80 90/udp",
    "FROM": "FROM --platform=linux/amd64 a:$V AS b-1_2.x",
    "HEALTHCHECK": "HEALTHCHECK --interval=1ms --timeout= --retries=1 CMD x",
    "LABEL": "LABEL a=1",
    "MAINTAINER": "MAINTAINER me",
    "ONBUILD": "ONBUILD RUN x",
    "RUN": "RUN --mount=type=cache,target=/c --mount=type=tmpfs,target=/t --network=none x",
    "SHELL": 'SHELL ["sh", "-c"]',
    "STOPSIGNAL": "STOPSIGNAL --odd TERM",
    "USER": "USER me",
    "VOLUME": "VOLUME /a /b",
    "WORKDIR": "WORKDIR /a",
}


@pytest.mark.parametrize("keyword", INSTRUCTIONS)
def test_valid_instructions_pass(keyword: str) -> None:
    check(f"ARG V=1\nFROM a\n{VALID[keyword]}")
    check(f"FROM a\n{VALID[keyword].lower()}")


def test_a_here_document_counts_as_a_source() -> None:
    check("FROM a\nCOPY <<f /\ntext\nf\n")
