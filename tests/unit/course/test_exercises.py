"""The checks of all exercises on a fake engine: unsolved, solved and with mistakes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from docker_magics.course.exercises import find, sections
from docker_magics.course.lab import Lab

EXITED = {"Status": "exited", "Running": False}
IDS = [identity for section in sections().values() for identity in section.exercises]
BASE = ("FROM base", 1_000_000)

Fake = Any  # tests/unit/course/conftest.py: FakeSession
Setup = Callable[[Fake], object]


def missing(identity: str) -> list[str]:
    _, exercise = find(identity)
    return [phrase.en for phrase in exercise.missing(Lab())]


def image_of(name: str, output: str, *steps: tuple[str, int], base: str = "busybox") -> Setup:
    """Set up an image that prints something, with steps on top of its base image."""

    def setup(fake: Fake) -> None:
        fake.image(name)
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


def container(name: str, image: str = "busybox", **changes: Any) -> Setup:
    return lambda fake: fake.container(name, image, **changes)


PUBLISHED = {"PortBindings": {"3000/tcp": [{"HostPort": "8082"}]}}
SOLVED: dict[str, Setup] = {
    "02.1": together(
        container("first", "hello-world", State=EXITED), prints("logs first", "Hello from Docker!")
    ),
    "02.2": container("waiting", State={"Status": "created", "Running": False}),
    "02.3": together(container("diary", State=EXITED), changed("diary", "/diary.txt")),
    "02.4": container("small", HostConfig={"Memory": 32 * 1024 * 1024}),
    "02.5": container("kitchen", Config={"Image": "busybox", "Hostname": "seoul"}),
    "02.6": together(container("twin-a"), container("twin-b"), changed("twin-a", "/secret")),
    "03.1": together(container("shout", State=EXITED), prints("logs shout", "HELLO\n")),
    "03.2": container("omega"),
    "03.3": together(
        container("twice", State=EXITED), prints("logs twice", "Hello from Docker!" * 2)
    ),
    "03.4": container("polite", "redis:7", State=EXITED),
    "03.5": container("abrupt", State={**EXITED, "ExitCode": 137}),
    "03.6": together(container("cafe"), prints("exec cafe cat /menu", "kimchi\n")),
    "03.7": together(container("counter"), prints("exec counter redis-cli get visits", "3\n")),
    "03.8": container("keeper"),
    "04.1": image_of("me/tea:1", "green tea\n"),
    "04.2": image_of("me/menu:1", "rice\nsoup\n"),
    "04.3": image_of("me/vote:1", "cats", ('CMD ["echo", "dogs"]', 0), ('CMD ["echo", "cats"]', 0)),
    "04.4": lambda fake: [
        fake.image(name) for name in ("me/tea:1", "me/tea:latest", "cafe/green:2026")
    ],
    "04.5": image_of("me/fast:1", "", ("RUN sleep 5", 0), ("RUN echo > /news.txt", 9)),
    "04.6": image_of("me/light:1", "20971520", ("RUN dd && rm", 12)),
    "05.1": together(
        container("shop", HostConfig=PUBLISHED), prints("exec shop node", "Hello, Seoul!")
    ),
    "05.2": together(
        image_of("me/card:1", "Hello, you!"),
        lambda fake: fake.image("me/card:1", WorkingDir="/card"),
    ),
    "05.3": image_of(
        "me/quick:1",
        "",
        ("COPY package.json", 9),
        ("RUN npm install", 9),
        ("COPY .", 9),
        base="node:slim",
    ),
    "05.4": image_of("me/safe:1", ".\n..\nsrc\n"),
    "05.5": together(
        container("studio", Mounts=[{"Destination": "/app/src"}]),
        prints("exec studio node", "edited by me"),
    ),
}


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
        (
            "02.1",
            container("first", "hello-world"),
            ["`first` has not said hello: was it started?"],
        ),
        ("02.2", container("waiting"), ["`waiting` was started: it is running, not created"]),
        ("02.3", container("diary"), ["`docker diff diary` shows no `/diary.txt`"]),
        ("02.4", container("small"), ["its memory limit is - bytes, not 32 MB"]),
        (
            "02.5",
            container("kitchen", State=EXITED),
            ["`kitchen` is not running", "its host name is `host`, not `seoul`"],
        ),
        (
            "02.6",
            together(SOLVED["02.6"], changed("twin-b", "/secret")),
            ["`twin-b` has the file `/secret` too"],
        ),
        ("03.1", container("shout"), ["`docker logs shout` says ``, not `HELLO`"]),
        ("03.3", container("twice"), ["`twice` has said hello 0 time(s), not 2"]),
        (
            "03.5",
            container("abrupt", State=EXITED),
            ["`abrupt` ended with code 0, not 137: remove it and try again"],
        ),
        ("03.6", container("cafe", State=EXITED), ["`cafe` is not running"]),
        ("03.7", container("counter"), ["`visits` in `counter` is ``, not `3`"]),
        (
            "04.1",
            image_of("me/tea:1", "black"),
            ["`docker run --rm me/tea:1` says `black`, not `green tea`"],
        ),
        (
            "04.4",
            lambda fake: [
                fake.image(name, name) for name in ("me/tea:1", "me/tea:latest", "cafe/green:2026")
            ],
            [
                "`me/tea:latest` is another image than `me/tea:1`",
                "`cafe/green:2026` is another image than `me/tea:1`",
            ],
        ),
        (
            "04.5",
            image_of("me/fast:1", "", ("RUN /news.txt", 0), ("RUN sleep", 0)),
            ["the slow step still comes after the one that changes often"],
        ),
        (
            "04.6",
            image_of("me/light:1", "20971520", ("RUN dd", 20971520)),
            ["one step leaves 21 MB: see `%docker history me/light:1 --plot`"],
        ),
        (
            "05.1",
            together(container("shop"), prints("exec shop node", "Hello, Seoul!")),
            ["port 3000 of `shop` is not published on 8082"],
        ),
        (
            "05.2",
            image_of("me/card:1", "Hello, you!"),
            ["a container of it starts in `/`, not in `/card`"],
        ),
        (
            "05.3",
            image_of("me/quick:1", "", ("COPY .", 9), base="node:slim"),
            ["no step runs `npm install`"],
        ),
        ("05.4", image_of("me/safe:1", "src secret.txt"), ["the image has `/app/secret.txt`"]),
    ],
)
def test_a_wrong_attempt_is_explained(
    fake: Fake, identity: str, setup: Setup, problems: list[str]
) -> None:
    setup(fake)
    assert missing(identity) == problems
