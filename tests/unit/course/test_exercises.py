"""The checks of all exercises on a fake engine: unsolved, solved and with mistakes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from docker_magics.course.exercises import client_shell, find, sections
from docker_magics.course.lab import Lab

EXITED = {"Status": "exited", "Running": False}
IDS = [identity for section in sections().values() for identity in section.exercises]
BASE = ("FROM base", 1_000_000)

Fake = Any  # tests/unit/course/conftest.py: FakeSession
Setup = Callable[[Fake], object]


def missing(identity: str) -> list[str]:
    _, exercise = find(identity)
    return [gap.what.en for gap in exercise.missing(Lab())]


def image_of(name: str, output: str, *steps: tuple[str, int], base: str = "busybox") -> Setup:
    """Set up an image that prints something, with steps on top of its base image."""

    def setup(fake: Fake) -> None:
        fake.image(name)
        fake.image(base)
        fake.prints(name, output)
        fake.history(base, BASE)
        fake.history(name, BASE, *steps)

    return setup


def together(*setups: Setup) -> Setup:
    return lambda fake: [setup(fake) for setup in setups]


def changed(name: str, *paths: str) -> Setup:
    entries = [{"Path": path, "Kind": 1} for path in paths]
    return lambda fake: fake.objects.update({f"/containers/{name}/changes": entries})


def prints(line: str, text: str) -> Setup:
    return lambda fake: fake.outputs.update({line: text})


def layers(image: str, *added: list[str]) -> Setup:
    """Set up the layers of an image: those that it adds to its base."""

    def setup(fake: Fake) -> None:
        fake.image("node:slim")
        fake.image(image)
        fake.layers[image] = [["bin/node"], *added]

    return setup


def file(place: str, text: str) -> Setup:
    return lambda fake: fake.files.update({place: text})


def renamed(old: str) -> Setup:
    event = {"ACTION": "rename", "ATTRIBUTES": {"oldName": f"/{old}"}}
    return lambda fake: fake.events.append(event)


def container(name: str, image: str = "busybox", **changes: Any) -> Setup:
    return lambda fake: fake.container(name, image, **changes)


def service(name: str, depends: str = "", state: str = "running") -> dict[str, Any]:
    """Return a container of the Compose project diner, as ContainerList has it."""
    labels = {
        "com.docker.compose.service": name,
        "com.docker.compose.depends_on": depends,
    }
    return {"Names": [f"/diner-{name}-1"], "Labels": labels, "State": state}


def listed(*entries: dict[str, Any]) -> Setup:
    return lambda fake: fake.objects.update({"/containers/json": list(entries)})


def exists(kind: str, name: str) -> Setup:
    return lambda fake: fake.objects.update({f"/{kind}/{name}": {"Name": name}})


def config(image: str, **changes: Any) -> dict[str, Any]:
    return {"Image": image, "Hostname": "host", "Tty": False, "OpenStdin": False, **changes}


def published(port: str) -> dict[str, Any]:
    return {"PortBindings": {"3000/tcp": [{"HostPort": port}]}}


INSTALLED = ["app/node_modules/greeting"]
APP = ["app/src/server.js"]
GUEST = config("busybox", Tty=True, OpenStdin=True)
VILLAGE = {"Networks": {"village": {}}}
GIVEN = {"exercise": "06.4"}
ALWAYS = {"RestartPolicy": {"Name": "always"}}
SOLVED: dict[str, Setup] = {
    "02.1": together(
        container("first", "hello-world", State=EXITED), prints("logs first", "Hello from Docker!")
    ),
    "02.2": container("waiting", State={"Status": "created", "Running": False}),
    "02.3": together(container("diary", State=EXITED), file("diary:/diary.txt", "hello\n")),
    "02.4": container("kitchen", Config=config("busybox", Hostname="seoul")),
    "02.5": together(container("twin-a"), container("twin-b"), changed("twin-a", "/secret")),
    "02.6": container("small", HostConfig={"Memory": 32 * 1024 * 1024}),
    "03.1": together(container("shout", State=EXITED), prints("logs shout", "HELLO\n")),
    "03.2": together(container("omega"), renamed("alpha")),
    "03.3": together(
        container("twice", "hello-world", State=EXITED),
        prints("logs twice", "Hello from Docker!" * 2),
    ),
    "03.4": container("polite", "redis", State=EXITED),
    "03.5": container("abrupt", "redis", State={**EXITED, "ExitCode": 137}),
    "03.6": together(container("cafe"), prints("exec cafe cat /menu", "kimchi\n")),
    "03.7": together(
        container("counter", "redis"), prints("exec counter redis-cli get visits", "3\n")
    ),
    "03.8": container("keeper"),
    "03.9": together(
        container("guest", State=EXITED, Config=GUEST), file("guest:/visitor", "Mina\n")
    ),
    "03.10": together(
        container("lighthouse", HostConfig=ALWAYS),
        prints("logs lighthouse", "turning the light on\n"),
    ),
    "04.1": image_of("me/tea:1", "green tea\n"),
    "04.2": image_of("me/menu:1", "rice\nsoup\n"),
    "04.3": image_of("me/vote:1", "cats", ('CMD ["echo", "dogs"]', 0), ('CMD ["echo", "cats"]', 0)),
    "04.4": lambda fake: [
        fake.image(name) for name in ("me/tea:1", "me/tea:latest", "cafe/green:2026")
    ],
    "04.5": image_of("me/fast:1", "", ("RUN sleep 5; > /big.txt", 0), ("RUN echo > /news.txt", 9)),
    "04.6": image_of("me/light:1", "20000000", ("RUN dd && rm", 12)),
    "04.7": image_of("me/lunch:1", "bibimbap\n"),
    "05.1": together(
        container("shop", "me/web:2", HostConfig=published("8082")),
        prints("exec shop node", "Hello, Seoul!"),
    ),
    "05.2": together(
        image_of("me/card:1", "Hello, you!"),
        lambda fake: fake.image("me/card:1", WorkingDir="/card"),
        lambda fake: fake.prints("me/card:1 ls", "server.js"),
    ),
    "05.3": layers("me/quick:1", ["app/package.json"], INSTALLED, APP),
    "05.4": together(layers("me/safe:1", APP), lambda _: write_secret()),
    "05.5": together(
        container("studio", "me/web:2", Mounts=[{"Type": "bind", "Destination": "/app/src"}]),
        prints("exec studio node", "edited by me"),
    ),
    "05.6": together(
        container("front", "me/web:2", HostConfig=published("8085")),
        container("back", "me/web:2", HostConfig=published("8086")),
    ),
    "06.1": together(
        exists("volumes", "journal"),
        listed(),
        prints("run --rm --label docker_magics.check -v journal:/mnt", "sunny\n"),
    ),
    "06.2": together(
        exists("networks", "village"),
        container("cook", "redis", NetworkSettings=VILLAGE),
        container("waiter", NetworkSettings=VILLAGE),
    ),
    "06.3": listed(service("db"), service("web", "db:service_healthy:false")),
    "06.4": together(
        container("store", "redis", Config=config("redis", Labels=GIVEN)),
        container("till", "me/counter:1", Config=config("me/counter:1", Labels=GIVEN)),
        prints("exec till node", "visits: 3\n"),
    ),
}


def write_secret() -> None:
    Path("app").mkdir()
    Path("app/secret.txt").write_text("my password")


@pytest.fixture(autouse=True)
def _in_a_new_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep away from this repository's files, and do not wait for a crash."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(client_shell, "_CRASH_S", 0)


@pytest.mark.parametrize("identity", IDS)
def test_no_check_passes_on_an_empty_engine(fake: Fake, identity: str) -> None:  # noqa: ARG001
    assert missing(identity)


@pytest.mark.parametrize("identity", IDS)
def test_a_solution_passes(fake: Fake, identity: str) -> None:
    SOLVED[identity](fake)
    assert missing(identity) == []


@pytest.mark.parametrize(
    ("identity", "setup", "problems"),
    [
        ("02.1", container("first"), ["`first` was not made from `hello-world`"]),
        ("02.1", container("first", "hello-world"), ["`first` has not said hello yet"]),
        (
            "02.2",
            container("waiting"),
            ["`waiting` was started: its state is running, not created"],
        ),
        ("02.3", container("diary"), ["`diary` has no file `/diary.txt`"]),
        (
            "02.3",
            together(container("diary"), file("diary:/diary.txt", "\n")),
            ["the file `/diary.txt` of `diary` is empty"],
        ),
        (
            "02.4",
            container("kitchen", "redis", State=EXITED),
            [
                "`kitchen` was not made from `busybox`",
                "`kitchen` is not running",
                "its host name is `host`, not `seoul`",
            ],
        ),
        (
            "02.5",
            together(SOLVED["02.5"], changed("twin-b", "/secret")),
            ["`twin-b` has the file `/secret` too"],
        ),
        ("02.6", container("small"), ["it has no memory limit"]),
        (
            "02.6",
            container("small", HostConfig={"Memory": 64 << 20}),
            ["its memory limit is 67,108,864 bytes, not 32 MiB"],
        ),
        ("03.1", container("shout"), ["`docker logs shout` says: (no output); expected: `HELLO`"]),
        (
            "03.2",
            together(container("omega"), renamed("beta")),
            ["`omega` was never called `alpha`"],
        ),
        (
            "03.3",
            container("twice", "hello-world"),
            ["the greeting is in the logs of `twice` not at all, not twice"],
        ),
        (
            "03.5",
            container("abrupt", "redis", State=EXITED),
            ["`abrupt` ended with code 0, not 137"],
        ),
        ("03.5", container("abrupt", "redis"), ["`abrupt` still runs"]),
        ("03.6", container("cafe", State=EXITED), ["`cafe` is not running"]),
        (
            "03.7",
            container("counter", "redis"),
            ["`visits` in `counter`: (no output); expected: `3`"],
        ),
        (
            "03.9",
            container("guest"),
            ["`guest` was started without `-it`", "`/visitor` in `guest` is missing or empty"],
        ),
        (
            "03.9",
            together(
                container("guest", Config=GUEST, State={**EXITED, "ExitCode": 137}),
                file("guest:/visitor", "Mina"),
            ),
            ["`guest` was ended from outside (exit code 137)"],
        ),
        (
            "03.10",
            together(
                container("lighthouse", RestartCount=3), prints("logs", "turning the light on")
            ),
            ["`lighthouse` has no restart policy `always`", "`lighthouse` does not stay up"],
        ),
        (
            "04.1",
            image_of("me/tea:1", "black"),
            ["`docker run --rm me/tea:1` says: `black`; expected: `green tea`"],
        ),
        (
            "04.2",
            image_of("me/menu:1", "rice\nsoup\n", ("COPY menu.txt /", 9)),
            ["the file was copied, not made by `RUN`"],
        ),
        (
            "04.3",
            image_of("me/vote:1", "cats", ("RUN echo CMD dogs", 0)),
            ["`docker history me/vote:1` shows no `CMD` with `dogs`"],
        ),
        (
            "04.4",
            lambda fake: [
                fake.image(name, name) for name in ("me/tea:1", "me/tea:latest", "cafe/green:2026")
            ],
            [
                "`me/tea:latest` is a different image from `me/tea:1`",
                "`cafe/green:2026` is a different image from `me/tea:1`",
            ],
        ),
        (
            "04.5",
            image_of("me/fast:1", "", ("RUN /news.txt", 0), ("RUN sleep > /big.txt", 0)),
            ["the slow step still comes after the one that often changes"],
        ),
        (
            "04.6",
            image_of("me/light:1", "20000000", ("RUN dd", 20_000_000)),
            ["one step leaves 20 MB: see `%docker history me/light:1 --plot`"],
        ),
        (
            "05.1",
            together(container("shop", "me/web:2"), prints("exec shop node", "Hello, Seoul!")),
            ["port 3000 of `shop` is not published on 8082"],
        ),
        (
            "05.2",
            image_of("me/card:1", "Hello, you!"),
            ["a container of it starts in `/`, not in `/card`"],
        ),
        ("05.3", layers("me/quick:1", APP), ["no step installs the packages"]),
        ("05.3", layers("me/quick:1", INSTALLED), ["the sources are not in the image"]),
        (
            "05.3",
            layers("me/quick:1", APP, INSTALLED),
            ["the sources are copied before the packages are installed"],
        ),
        (
            "05.4",
            together(layers("me/safe:1", [*APP, "app/secret.txt"]), lambda _: write_secret()),
            ["a layer of the image has `secret.txt`: whoever has the image can read it"],
        ),
        (
            "05.6",
            together(SOLVED["05.6"], container("back", "me/web:2", HostConfig=published("8085"))),
            ["both want the same port"],
        ),
        (
            "06.1",
            together(exists("volumes", "journal"), listed({"Names": ["/writer"]})),
            [
                "the container `writer` still uses the volume",
                "the volume has no file `day1` with a line",
            ],
        ),
        (
            "06.2",
            together(exists("networks", "village"), container("cook"), container("waiter")),
            [
                "`cook` was not made from `redis`",
                "`waiter` is not in the network `village`",
            ],
        ),
        (
            "06.3",
            listed(service("db", state="exited"), service("web")),
            ["the service `db` is not running", "`web` does not wait until `db` is healthy"],
        ),
        (
            "06.4",
            together(container("store", "redis"), container("till", "me/counter:1")),
            [
                "`store` is a new container",
                "`till` is a new container",
                "the page of `till` shows no visits",
            ],
        ),
    ],
)
def test_a_wrong_attempt_is_explained(
    fake: Fake, identity: str, setup: Setup, problems: list[str]
) -> None:
    setup(fake)
    assert missing(identity) == problems


def test_a_container_counts_as_renamed_if_the_engine_has_forgotten(fake: Fake) -> None:
    fake.container("omega")
    assert missing("03.2") == []
    fake.events.append({"ACTION": "create", "ATTRIBUTES": {}})
    assert missing("03.2") == ["`omega` was never called `alpha`"]


def test_an_image_may_be_named_by_its_id(fake: Fake) -> None:
    fake.container("shout", "sha256:1")
    fake.image("busybox", "sha256:1")
    fake.outputs["logs shout"] = "HELLO"
    assert missing("03.1") == []
