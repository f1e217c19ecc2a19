"""Build arguments: ARG before and after FROM, --build-arg, the predefined ones."""

from __future__ import annotations

import pytest

from docker_magics.embedded.builder.arguments import BuildArguments
from docker_magics.embedded.builder.stages import Stage
from docker_magics.embedded.errors import BadParameter
from docker_magics.embedded.images.platforms import Platform, host_platform
from docker_magics.wire import dockerfile

TARGET = Platform("linux", "arm", "v7")


class Declaring:
    """The arguments of a build, and one stage."""

    def __init__(self, given: dict[str, str | None] | None = None, escape: str = "\\") -> None:
        self.arguments = BuildArguments(given or {}, TARGET, escape)
        self.stage = Stage("")

    def before(self, text: str) -> None:
        """Execute an ARG before the first FROM."""
        self.arguments.declare_global(dockerfile.parse(text).instructions[0])

    def inside(self, text: str) -> str:
        """Execute an ARG of the stage; return its comment."""
        return self.arguments.declare(self.stage, dockerfile.parse(text).instructions[0])

    def from_(self, text: str) -> str:
        """Expand a FROM's argument."""
        return self.arguments.global_variables.expand(text)


def test_arguments_before_from() -> None:
    build = Declaring({"A": "given", "B": None})
    build.before("ARG A=default B=default")
    build.before("ARG C=$A-c D")
    assert build.from_("$A,$B,$C,$D") == "given,,given-c,"
    assert build.stage.variables == {}


def test_arguments_of_a_stage() -> None:
    build = Declaring({"A": "given", "G": "given"})
    build.before("ARG G=default H=global")
    assert build.inside("ARG A B=default C=$B G H NONE") == "ARG A B=default C= G H NONE"
    assert build.stage.variables == {
        "A": "given", "B": "default", "C": "", "G": "given", "H": "global"
    }  # fmt: skip
    assert build.inside("ARG C=$B") == "ARG C=default"
    assert build.arguments.unused() == []


def test_a_default_in_the_stage_overrides_a_global_one() -> None:
    build = Declaring()
    build.before("ARG A=global")
    build.inside("ARG A=stage")
    assert build.stage.variables == {"A": "stage"}


def test_predefined_platform_arguments() -> None:
    build = Declaring()
    assert build.from_("$BUILDPLATFORM") == str(host_platform())
    assert build.from_("$TARGETPLATFORM $TARGETOS $TARGETARCH $TARGETVARIANT") == (
        "linux/arm/v7 linux arm v7"
    )
    assert build.stage.variables == {}
    build.inside("ARG TARGETARCH")
    assert build.stage.variables == {"TARGETARCH": "arm"}


def test_proxies_need_no_arg_and_are_not_in_the_history() -> None:
    build = Declaring({"HTTP_PROXY": "http://p", "no_proxy": None, "ODD": "1"})
    assert build.arguments.environment(build.stage) == ["HTTP_PROXY=http://p"]
    assert build.arguments.in_history(build.stage) == []
    assert build.arguments.unused() == ["ODD"]


def test_env_hides_an_argument_from_the_process() -> None:
    build = Declaring()
    build.inside("ARG B=1 A=2 C")
    build.stage.config["Env"] = ["B=env"]
    assert build.arguments.in_history(build.stage) == ["A=2"]
    assert build.arguments.environment(build.stage) == ["A=2"]
    build.stage.config["Env"] = []
    assert build.arguments.in_history(build.stage) == ["A=2", "B=1"]
    assert build.arguments.environment(build.stage) == ["B=1", "A=2"]


def test_variables_of_a_stage() -> None:
    build = Declaring(escape="`")
    build.inside("ARG A=1")
    assert build.arguments.variables(build.stage).expand("`$A $A") == "$A 1"


@pytest.mark.parametrize("text", ["ARG $NONE=1", 'ARG ""=1'])
def test_a_name_that_expands_to_nothing(text: str) -> None:
    with pytest.raises(BadParameter, match=r"^ARG names can not be blank$"):
        Declaring().inside(text)
