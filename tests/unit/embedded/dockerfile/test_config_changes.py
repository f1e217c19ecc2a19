"""The effect of each instruction on a config, and its comment in the history."""

from __future__ import annotations

from typing import Any

import pytest

from docker_magics.embedded.dockerfile.instructions import INSTRUCTIONS
from docker_magics.embedded.dockerfile.run_config import ImageDraft
from docker_magics.embedded.dockerfile.variables import Variables
from docker_magics.embedded.errors import BadParameter
from docker_magics.wire import dockerfile

VARIABLES = {"N": "name", "E": "", "P": "80 90", "D": "/data"}


def change(
    text: str, draft: ImageDraft, escape: str = "\\", variables: dict[str, str] = VARIABLES
) -> str:
    """Apply one instruction; return its comment."""
    instruction = dockerfile.parse(text).instructions[0]
    apply = INSTRUCTIONS[instruction.keyword].change
    assert apply is not None
    return apply(draft, instruction, Variables(variables, escape))


#: Instruction: the config before, what it changes, its comment.
CHANGES: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "ENV A=1 B=$N": ({}, {"Env": ["A=1", "B=name"]}, "ENV A=1 B=name"),
    "ENV A=2": ({"Env": ["A=1", "B=1"]}, {"Env": ["A=2", "B=1"]}, "ENV A=2"),
    "ENV A the rest": ({}, {"Env": ["A=the rest"]}, "ENV A=the rest"),
    "ENV A='$N' B=\"$N $X\" C=\\$N": (
        {},
        {"Env": ["A=$N", "B=name ", "C=$N"]},
        "ENV A=$N B=name  C=$N",
    ),
    "ENV A=${X:-default} B=${N:+set}": (
        {},
        {"Env": ["A=default", "B=set"]},
        "ENV A=default B=set",
    ),
    "LABEL a=1 $N=2": (
        {"Labels": {"a": "0", "z": "9"}},
        {"Labels": {"a": "1", "z": "9", "name": "2"}},
        "LABEL a=1 name=2",
    ),
    "WORKDIR /a/../b": ({}, {"WorkingDir": "/b"}, "WORKDIR /b"),
    "WORKDIR c/$N": ({"WorkingDir": "/b"}, {"WorkingDir": "/b/c/name"}, "WORKDIR /b/c/name"),
    "WORKDIR ../../../x": ({"WorkingDir": "/b"}, {"WorkingDir": "/x"}, "WORKDIR /x"),
    "USER $N:0": ({}, {"User": "name:0"}, "USER name:0"),
    "VOLUME $D /b": (
        {"Volumes": {"/a": {}}},
        {"Volumes": {"/a": {}, "/data": {}, "/b": {}}},
        "VOLUME [/data /b]",
    ),
    'VOLUME ["/with space"]': ({}, {"Volumes": {"/with space": {}}}, "VOLUME [/with space]"),
    "EXPOSE 90/UDP $P 1-2": (
        {},
        {
            "ExposedPorts": {
                "80/tcp": {}, "90/tcp": {}, "1/tcp": {}, "2/tcp": {}, "90/udp": {}
            }
        },
        "EXPOSE 80 90 1-2 90/UDP",
    ),
    'CMD ["a", "b c"]': ({}, {"Cmd": ["a", "b c"]}, 'CMD ["a" "b c"]'),
    'CMD echo "$N"': (
        {},
        {"Cmd": ["/bin/sh", "-c", 'echo "$N"']},
        'CMD ["/bin/sh" "-c" "echo \\"$N\\""]',
    ),
    "CMD x": ({"Shell": ["bash", "-e"]}, {"Cmd": ["bash", "-e", "x"]}, 'CMD ["bash" "-e" "x"]'),
    'ENTRYPOINT ["e"]': ({"Cmd": ["c"]}, {"Entrypoint": ["e"], "Cmd": None}, 'ENTRYPOINT ["e"]'),
    "ENTRYPOINT []": ({"Entrypoint": ["e"]}, {"Entrypoint": None, "Cmd": None}, "ENTRYPOINT []"),
    "STOPSIGNAL SIGKILL": ({}, {"StopSignal": "SIGKILL"}, "STOPSIGNAL SIGKILL"),
    "STOPSIGNAL 9": ({}, {"StopSignal": "9"}, "STOPSIGNAL 9"),
    'SHELL ["bash", "-e"]': ({}, {"Shell": ["bash", "-e"]}, "SHELL [bash -e]"),
    "ONBUILD RUN $N": ({"OnBuild": ["ENV a=1"]}, {"OnBuild": ["ENV a=1", "RUN $N"]}, "ONBUILD RUN $N"),  # noqa: E501
    "HEALTHCHECK NONE": (
        {},
        {"Healthcheck": {"Test": ["NONE"]}},
        "HEALTHCHECK &{[NONE] 0s 0s 0s 0s 0}",
    ),
    "HEALTHCHECK --interval=1m30s --retries=3 --timeout= CMD x $N": (
        {},
        {"Healthcheck": {"Test": ["CMD-SHELL", "x $N"], "Interval": 90 * 10**9, "Retries": 3}},
        "HEALTHCHECK &{[CMD-SHELL x $N] 1m30s 0s 0s 0s 3}",
    ),
    'HEALTHCHECK --start-period=1ms --start-interval=2ms --retries=10 CMD ["x"]': (
        {"Healthcheck": {"Test": ["NONE"], "Interval": 5}},
        {
            "Healthcheck": {
                "Test": ["CMD", "x"],
                "Interval": 5,
                "StartPeriod": 10**6,
                "StartInterval": 2 * 10**6,
                "Retries": 10,
            }
        },
        "HEALTHCHECK &{[CMD x] 0s 0s 1ms 2ms 10}",
    ),
    "HEALTHCHECK --retries=50 CMD x": (
        {},
        {"Healthcheck": {"Test": ["CMD-SHELL", "x"], "Retries": 50}},
        "HEALTHCHECK &{[CMD-SHELL x] 0s 0s 0s 0s 50}",
    ),
}  # fmt: skip


@pytest.mark.parametrize("text", CHANGES)
def test_the_effect_and_the_comment(text: str) -> None:
    before, changed, comment = CHANGES[text]
    config: Any = {"Domainname": "d", **before}
    assert change(text, ImageDraft(config)) == comment
    assert config == {"Domainname": "d", **before, **changed}


def test_each_instruction_that_changes_a_config_is_tested() -> None:
    changing = {keyword for keyword, kind in INSTRUCTIONS.items() if kind.change is not None}
    assert changing - {text.partition(" ")[0] for text in CHANGES} == {"MAINTAINER"}


def test_the_maintainer_is_the_author() -> None:
    draft = ImageDraft({})
    assert change("MAINTAINER me $N", draft) == "MAINTAINER me $N"
    assert draft == ImageDraft({}, author="me $N")


def test_an_entrypoint_keeps_a_command_of_the_same_dockerfile() -> None:
    draft = ImageDraft({"Cmd": ["inherited"]})
    change('CMD ["c"]', draft)
    change('ENTRYPOINT ["e"]', draft)
    assert draft.config == {"Cmd": ["c"], "Entrypoint": ["e"]}


def test_another_escape_character() -> None:
    draft = ImageDraft({})
    change("# escape=`\nENV A=`$N B=c:\\$N", draft, "`")
    assert draft.config["Env"] == ["A=$N", "B=c:\\name"]


REFUSED = {
    "ENV $E=1": "invalid environment variable: =1",
    "WORKDIR $E": "cannot normalize nothing",
    "VOLUME $E": "VOLUME specified can not be an empty string",
    "STOPSIGNAL NOPE": "invalid signal: NOPE",
    "USER ${X?no user}": 'failed to process "${X?no user}": X: no user',
    "EXPOSE ${X?none}": 'failed to process "${X?none}": X: none',
    "EXPOSE 80/http": "Invalid proto: http",
    "EXPOSE x": "Invalid containerPort: x",
    "EXPOSE 70000": "Invalid containerPort: 70000",
    "EXPOSE 9-8": "Invalid containerPort: 9-8",
    "EXPOSE /tcp": "No port specified: /tcp<empty>",
    "EXPOSE x:80": "Invalid hostPort: x",
    "EXPOSE 1-3:80-81": "Invalid ranges specified for container and host Ports: 80-81 and 1-3",
    "EXPOSE 1.2.3:1:80": "Invalid ip address: 1.2.3",
}


@pytest.mark.parametrize("text", REFUSED)
def test_values_of_variables_may_make_an_instruction_invalid(text: str) -> None:
    with pytest.raises(BadParameter) as caught:
        change(text, ImageDraft({}))
    assert str(caught.value) == REFUSED[text]


@pytest.mark.parametrize("text", ["8080:80", "127.0.0.1:8080:80", "[::1]:8080:80", "1-3:80", ":80"])
def test_the_host_side_of_a_port_is_ignored(text: str) -> None:
    draft = ImageDraft({})
    change(f"EXPOSE {text}", draft)
    assert draft.config["ExposedPorts"] == {"80/tcp": {}}


def test_variables_that_fill_the_memory_are_refused() -> None:
    value = "x" * 100_000
    with pytest.raises(BadParameter, match="expand the variables: more than 8388608 characters"):
        Variables({str(number): value for number in range(84)})
    line = "ENV " + " ".join(f"N{number}=$V" for number in range(84))
    with pytest.raises(BadParameter, match="cannot expand the variables: more than"):
        change(line, ImageDraft({}), variables={"V": value})
