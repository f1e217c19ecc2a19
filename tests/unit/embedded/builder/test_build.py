"""Whole builds: a real image store, fake containers."""

from __future__ import annotations

import socket
import threading
from pathlib import Path
from typing import Any

import pytest
from unit.embedded.builder.support import Bench, config_of, context, history, request, text

from docker_magics.embedded.builder.dispatch import Dispatcher
from docker_magics.embedded.builder.messages import StepFailed
from docker_magics.embedded.dockerfile.instructions import INSTRUCTIONS
from docker_magics.embedded.errors import ApiError, BadParameter, NotFound
from docker_magics.wire.frames import Stream
from docker_magics.wire.reference import parse

SH = "/bin/sh -c #(nop) "


def layer_files(image: Any, number: int = -1) -> list[str]:
    """Return the files of one of an image's layers."""
    folder: Path = image.layers[number]
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_steps_that_change_the_config(bench: Bench) -> None:
    messages = bench.build(
        'FROM scratch\nENV A=1\nLABEL l=$A\nMAINTAINER me\nSHELL ["sh"]\nCMD run\n'
        "HEALTHCHECK NONE\nVOLUME /v\nONBUILD RUN x\n",
        t=["Name:1", "name", "name:latest"][1:],
    )  # fmt: skip
    image = bench.image(messages)
    assert config_of(image) == {
        "Env": ["A=1"],
        "Labels": {"l": "1"},
        "Shell": ["sh"],
        "Cmd": ["sh", "run"],
        "Healthcheck": {"Test": ["NONE"]},
        "Volumes": {"/v": {}},
        "OnBuild": ["RUN x"],
    }
    assert image.config["author"] == "me"
    assert history(image)[:3] == [f"{SH} ENV A=1", f"{SH} LABEL l=1", f"{SH} MAINTAINER me"]
    assert history(image)[-1] == "sh #(nop)  ONBUILD RUN x"
    assert image.layers == ()
    assert bench.store.images.resolve("name").id == image.id
    lines = text(messages).splitlines()
    assert lines[:3] == ["Step 1/9 : FROM scratch", " ---> ", "Step 2/9 : ENV A=1"]
    assert lines[3].startswith(" ---> Running in 7374657031")
    assert lines[4].startswith(" ---> Removed intermediate container 7374657031")
    assert lines[-2:] == [f"Successfully built {image.short_id}", "Successfully tagged name:latest"]
    assert bench.containers.containers == []
    assert list(bench.store.tmp.iterdir()) == []


def test_containers_of_config_steps_get_no_volumes_and_no_health_check(bench: Bench) -> None:
    bench.build('FROM scratch\nVOLUME /v\nENTRYPOINT ["e"]\nHEALTHCHECK CMD x\nUSER u')
    last = bench.containers.requests[-1]
    assert (last["Volumes"], last["Healthcheck"], last["Entrypoint"]) == (None, None, None)
    assert last["Cmd"] == ["/bin/sh", "-c", "#(nop) ", "USER u"]
    assert bench.containers.mounts[-1] == []


def test_the_second_build_is_cached(bench: Bench) -> None:
    dockerfile = "FROM scratch\nENV A=1\nCOPY f /\nRUN x\nWORKDIR /w\n"
    first = bench.image(bench.build(dockerfile, {"f": "1"}))
    created = len(bench.containers.requests)
    messages = bench.build(dockerfile, {"f": "1"})
    assert bench.image(messages) == first
    assert text(messages).count(" ---> Using cache\n") == 4
    assert len(bench.containers.requests) == created
    changed = bench.build(dockerfile, {"f": "2"})
    assert text(changed).count(" ---> Using cache\n") == 1
    assert bench.image(changed) != first
    assert "Using cache" not in text(bench.build(dockerfile, {"f": "1"}, nocache="1"))


def test_cache_from_uses_only_the_steps_of_the_named_images(bench: Bench) -> None:
    first = bench.image(bench.build("FROM scratch\nENV A=1\nENV B=1", t="old"))
    messages = bench.build("FROM scratch\nENV A=1\nENV B=1", cachefrom=['["old", "gone"]'])
    assert text(messages).count("Using cache") == 2
    assert bench.image(messages) == first
    messages = bench.build("FROM scratch\nENV A=1", cachefrom=['["gone"]'])
    assert "Using cache" not in text(messages)


def test_the_files_of_copy_add_and_workdir(bench: Bench) -> None:
    messages = bench.build(
        "FROM scratch\nCOPY --chmod=600 a b /d/\nADD t.tar /u\nWORKDIR /w/x\nCOPY <<f .\n$N\nf\n",
        {"a": "1", "b": "2"} | {"t.tar": context({"in/side": "3"})},  # type: ignore[dict-item]
    )
    image = bench.image(messages)
    assert [layer_files(image, number) for number in range(4)] == [
        ["d", "d/a", "d/b"],
        ["u", "u/in", "u/in/side"],
        ["w", "w/x"],
        ["w", "w/x", "w/x/f"],
    ]
    assert (image.layers[0] / "d/a").stat().st_mode & 0o777 == 0o600
    assert (image.layers[3] / "w/x/f").read_text() == "\n"
    steps = history(image)
    assert steps[0].startswith(f"{SH}COPY --chmod=600 multi:")
    assert steps[0].endswith(" in /d/ ")
    assert steps[1].startswith(f"{SH}ADD file:")
    assert steps[2] == f"{SH}WORKDIR /w/x"


def test_a_working_directory_that_is_a_file(bench: Bench) -> None:
    with pytest.raises(ApiError, match=r"^Cannot mkdir: /f/x is not a directory$"):
        bench.build("FROM scratch\nCOPY f /f\nWORKDIR /f/x", {"f": ""})
    assert bench.containers.containers == []


def test_a_command_runs_in_a_container(bench: Bench) -> None:
    def program(root: Path) -> Any:
        (root / "made").write_text("x")
        return [(Stream.STDOUT, b"out\n"), (Stream.STDERR, b"err\n")], 0

    bench.containers.program = program
    bench.containers.warnings = ["not enforced"]
    messages = bench.build(
        "FROM scratch\nARG A=1\nARG E=2\nARG NONE\nENV E=3\nCMD default\nHEALTHCHECK CMD x\n"
        "RUN --network=none --mount=type=cache,id=c,target=/c make it\n",
        buildargs={"HTTP_PROXY": "p", "ODD": "1"},
        memory="9",
        shmsize="0",
    )
    image = bench.image(messages)
    assert layer_files(image) == ["made"]
    assert history(image)[-1] == "|1 A=1 /bin/sh -c make it"
    run = bench.containers.requests[-1]
    assert run["Cmd"] == ["/bin/sh", "-c", "make it"]
    assert run["Entrypoint"] == [""]
    assert run["Env"][1:] == ["E=3", "HTTP_PROXY=p", "A=1"]
    assert run["Healthcheck"] == {"Test": ["NONE"]}
    assert run["HostConfig"] == {"NetworkMode": "none", "Memory": 9}
    (mount,) = bench.containers.mounts[-1]
    assert (mount["target"], mount["readonly"]) == ("/c", False)
    assert Path(mount["source"]).parent == bench.caches
    output = text(messages)
    assert "out\n\x1b[91merr\n\x1b[0m" in output
    assert " ---> [Warning] not enforced\n" in output
    assert "[Warning] One or more build-args [ODD] were not consumed\n" in output
    assert bench.store.events.actions("container") == ["attach"]
    config = config_of(image)
    assert config["Cmd"] == ["/bin/sh", "-c", "default"]
    assert config["Healthcheck"] == {"Test": ["CMD-SHELL", "x"]}


@pytest.mark.parametrize(("query", "left"), [({}, 1), ({"forcerm": "1"}, 0)])
def test_a_command_that_fails(bench: Bench, query: dict[str, str], left: int) -> None:
    """Its container is kept for the user without --force-rm."""
    bench.containers.program = lambda _root: ([(Stream.STDOUT, b"no\n")], 3)
    with pytest.raises(StepFailed) as caught:
        bench.build('FROM scratch\nRUN ["false", "x"]', **query)  # fmt: skip
    assert str(caught.value) == "The command 'false x' returned a non-zero code: 3"
    assert caught.value.code == 3
    assert len(bench.containers.containers) == left
    for container in bench.containers.containers:
        assert "OfBuild" not in container.record


def test_containers_are_kept_without_rm(bench: Bench) -> None:
    messages = bench.build("FROM scratch\nENV A=1\nRUN x", rm="0")
    assert len(bench.containers.containers) == 2
    assert "Removing" not in text(messages)


def test_a_disconnected_client_leaves_nothing(bench: Bench) -> None:
    messages = bench.builder.build(request(context({"Dockerfile": "FROM scratch\nENV A=1"})))
    next(messages)
    messages.close()  # type: ignore[attr-defined]
    assert list(bench.store.tmp.iterdir()) == []


def test_cancel(bench: Bench) -> None:
    body = context({"Dockerfile": "FROM scratch\nENV A=1\nENV B=1"})
    messages = bench.builder.build(request(body, buildid="b1"))
    next(messages)
    bench.builder.cancel("other")
    bench.builder.cancel("b1")
    with pytest.raises(ApiError, match=r"^build cancelled$"):
        list(messages)
    assert bench.store.images.all() == []
    with pytest.raises(BadParameter, match=r"^build ID not provided$"):
        bench.builder.cancel("")


def test_cancel_ends_a_command_that_writes_nothing(bench: Bench) -> None:
    """Its running container is removed."""
    ours, theirs = socket.socketpair()

    class Silent:
        def attach(self, *, stdin: bool) -> socket.socket:
            assert not stdin
            threading.Timer(0.05, lambda: bench.builder.cancel("b1")).start()
            return ours

    def start(container: Any) -> None:
        container.attachments[0].begin(Silent())

    bench.containers.start = start  # type: ignore[method-assign]
    body = context({"Dockerfile": "FROM scratch\nRUN sleep"})
    with theirs, pytest.raises(ApiError, match=r"^build cancelled$"):
        list(bench.builder.build(request(body, buildid="b1")))
    assert bench.containers.containers == []


def test_a_quiet_build_shows_only_the_id(bench: Bench) -> None:
    messages = bench.build("FROM scratch\nENV A=1", q="1")
    image = bench.image(messages)
    assert messages == [{"aux": {"ID": image.id}}, {"stream": f"{image.id}\n"}]


def test_a_quiet_build_that_fails_shows_everything(bench: Bench) -> None:
    messages = bench.builder.build(
        request(context({"Dockerfile": "FROM scratch\nCOPY gone /"}), q="1")
    )
    shown: list[Any] = []
    with pytest.raises(NotFound, match=r"^COPY failed: file not found in build context or"):
        shown.extend(messages)
    assert text(shown).startswith("Step 1/2 : FROM scratch\n ---> \nStep 2/2 : COPY gone /\n")


def test_stages(bench: Bench) -> None:
    """A stage is a base, and a source of files, by name and by number."""
    messages = bench.build(
        "ARG BASE=one\nFROM scratch AS One\nENV A=1\nCOPY f /f\n"
        "FROM ${BASE} AS two\nRUN --mount=from=one,target=/m,source=f x\n"
        "FROM scratch\nCOPY --from=0 /f /g\nCOPY --from=two f /h\n",
        {"f": "text"},
    )
    image = bench.image(messages)
    assert [layer_files(image, number) for number in range(2)] == [["g"], ["h"]]
    assert (image.layers[1] / "h").read_text() == "text"
    assert config_of(image) == {"Env": []}
    (mount,) = next(mounts for mounts in bench.containers.mounts if mounts)
    assert mount["target"] == "/m"
    assert mount["readonly"] is True
    assert list(bench.store.tmp.iterdir()) == []


def test_the_target_is_the_last_stage(bench: Bench) -> None:
    dockerfile = "FROM scratch AS a\nENV A=1\nFROM scratch AS b\nENV B=1\n"
    image = bench.image(bench.build(dockerfile, target="A"))
    assert config_of(image) == {"Env": ["A=1"]}
    with pytest.raises(BadParameter, match=r'^target stage "c" could not be found$'):
        bench.build(dockerfile, target="c")


def test_a_base_that_is_missing_is_pulled(bench: Bench) -> None:
    bench.registry["base:latest"] = lambda: bench.store.image(
        "base", config={"OnBuild": ["ENV T=1", "COPY f /"]}
    )
    messages = bench.build("FROM base\nENV A=1", {"f": "1"})
    assert {"status": "Pulling base:latest"} in messages
    assert "# Executing 2 build triggers\n" in text(messages)
    assert config_of(bench.image(messages)) == {"Env": ["T=1", "A=1"]}
    bench.build("FROM base", {"f": "1"})
    assert bench.pulled == ["base:latest"]
    bench.build("FROM base", {"f": "1"}, pull="1")
    assert bench.pulled == ["base:latest"] * 2
    bench.build("FROM base", {"f": "1"}, pull="1", q="1")


def test_one_trigger(bench: Bench) -> None:
    bench.store.image("base", config={"OnBuild": ["ENV T=1"]})
    assert "# Executing 1 build trigger\n" in text(bench.build("FROM base"))


@pytest.mark.parametrize(
    ("trigger", "message"),
    [("FROM x y", "FROM requires either one or three arguments"), ("ENV A", "ENV must have two")],
)
def test_a_trigger_of_a_hostile_image(bench: Bench, trigger: str, message: str) -> None:
    bench.store.image("base", config={"OnBuild": [trigger]})
    with pytest.raises(BadParameter, match=message):
        bench.build("FROM base")


def test_the_platform_of_a_base(bench: Bench) -> None:
    bench.store.image("base", architecture="amd64")
    bench.build("ARG P=linux/amd64\nFROM --platform=$P base")
    bench.registry["base:latest"] = lambda: bench.store.image("base", architecture="arm64")
    image = bench.image(bench.build("FROM base\nENV A=1", platform="linux/arm64"))
    assert str(image.platform) == "linux/arm64"
    with pytest.raises(BadParameter, match=r"^failed to parse platform a/b/c/d: "):
        bench.build("FROM --platform=a/b/c/d base")
    image = bench.image(bench.build("FROM scratch\nENV A=1", platform="linux/s390x"))
    assert str(image.platform) == "linux/s390x"


def test_labels_of_the_request(bench: Bench) -> None:
    messages = bench.build("FROM scratch\nLABEL a=1 b=1", labels={"b": "2", "a.b": "3"})
    assert bench.image(messages).labels == {"a": "1", "b": "2", "a.b": "3"}
    assert "Step 3/4 : LABEL a.b=3\n" in text(messages)
    assert "Step 4/4 : LABEL b=2\n" in text(messages)


def test_notes_and_warnings(bench: Bench) -> None:
    messages = bench.build(
        "FROM scratch\nHEALTHCHECK CMD x\nHEALTHCHECK NONE\nHEALTHCHECK CMD y\nENV A=1 \\\n\n B=2\n"
    )
    output = text(messages)
    assert output.count("Note: overriding previous HEALTHCHECK: [CMD-SHELL x]\n") == 1
    assert output.count("Note: overriding") == 1
    assert output.startswith("\x1b[91m[WARNING]: Empty continuation line found in:")


REFUSED = {
    "FROM scratch": "No image was generated. Is your Dockerfile empty?",
    "ARG A=1": "no build stage in current context",
    "ARG A\nFROM $A": "base name ($A) should not be blank",
    "FROM scratch AS a\nFROM scratch AS A": "a stage name already used",
    "FROM scratch\nCOPY --from=0 x /": "invalid from flag value 0: refers to current build stage",
    "FROM scratch\nCOPY --from=7 x /": "invalid from flag value 7: index out of bounds",
    "FROM scratch\nCOPY --from=gone x /": "invalid from flag value gone: no such image gone:latest",
    "FROM gone": "no such image gone:latest",
    "FROM scratch\nRUN --network=odd x": "unsupported network mode odd",
    "FROM scratch\nENV A=${B:?}": "failed to process",
    "FROM scratch\nCOPY http://h/f /": "COPY failed: source can't be a URL for COPY",
}


@pytest.mark.parametrize("dockerfile", REFUSED)
def test_invalid_builds(bench: Bench, dockerfile: str) -> None:
    with pytest.raises(ApiError) as caught:
        bench.build(dockerfile)
    assert REFUSED[dockerfile] in str(caught.value)
    assert list(bench.store.tmp.iterdir()) == []


def test_each_instruction_has_a_change_or_a_handler() -> None:
    parts: Any = threading  # anything: nothing is executed
    steps: Any = type("Steps", (), {"execute": None})
    dispatcher = Dispatcher(parts, parts, parts, parts, parts, parts, steps, steps)
    executed = {keyword for keyword, kind in INSTRUCTIONS.items() if kind.change is None}
    assert executed == {"FROM", *dispatcher.handlers}


def test_tags_move_to_the_new_image(bench: Bench) -> None:
    old = bench.store.image("name:1")
    image = bench.image(bench.build("FROM scratch\nENV A=1", t=["name:1", "other"]))
    assert old.id != image.id
    assert bench.store.images.references.of(image.id) == [
        parse("name:1").tagged,
        parse("other").tagged,
    ]
