"""States of a fake engine: what sets them up, and a state that solves each exercise."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from docker_magics.course.exercises import delivery

SERVER = {"Path": "docker-entrypoint.sh", "Args": ["redis-server"]}
EXITED = {"Status": "exited", "Running": False}
BASE = ("FROM base", 1_000_000)

Fake = Any  # tests/unit/course/conftest.py: FakeSession
Setup = Callable[[Fake], object]


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


def layers(image: str, *added: list[str], base: str = "node:slim") -> Setup:
    """Set up the layers of an image: those that it adds to its base."""

    def setup(fake: Fake) -> None:
        fake.image(base)
        fake.image(image)
        fake.layers[image] = [["bin/node"], *added]

    return setup


def file(place: str, text: str) -> Setup:
    return lambda fake: fake.files.update({place: text})


def renamed(old: str) -> Setup:
    event = {"ACTION": "rename", "ATTRIBUTES": {"oldName": f"/{old}"}}
    return lambda fake: fake.events.append(event)


def signalled(*numbers: str) -> Setup:
    events = [{"ACTION": "kill", "ATTRIBUTES": {"signal": number}} for number in numbers]
    return lambda fake: fake.events.extend(events)


def committed(image: str) -> Setup:
    event = {"ACTION": "commit", "ATTRIBUTES": {"imageID": image}}
    return lambda fake: fake.events.append(event)


def container(name: str, image: str = "busybox", **changes: Any) -> Setup:
    return lambda fake: fake.container(name, image, **changes)


def service(
    name: str, image: str, depends: str = "", *, one_off: bool = False, **changes: Any
) -> Setup:
    """Set up a container of the Compose project diner."""
    labels = {
        "com.docker.compose.service": name,
        "com.docker.compose.depends_on": depends,
        "com.docker.compose.oneoff": str(one_off),
    }

    def setup(fake: Fake) -> None:
        made = f"diner-{name}-run-1" if one_off else f"diner-{name}-1"
        fake.container(made, image, Config=config(image, Labels=labels), **changes)
        fake.objects["/containers/json"].append({"Id": made, "Labels": labels})

    return setup


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
READY = delivery._READY  # noqa: SLF001 - the command that the exercise asks for
CHECKED = {"Test": ["CMD", "test", "-f", "/r"], "Interval": 1_000_000_000}
HEALTHY = {"Status": "healthy"}
LARDER = [{"Type": "volume", "Name": "larder", "Destination": "/kitchen"}]
VILLAGE = {"Networks": {"village": {}}}
GIVEN = {"exercise": "06.4"}
ALWAYS = {"RestartPolicy": {"Name": "always"}}
PUSHED = delivery._LINK.format(folder="registry")  # noqa: SLF001 - where the registry keeps it
SOLVED: dict[str, Setup] = {
    "02.1": together(
        container("first", "hello-world", State=EXITED), prints("logs first", "Hello from Docker!")
    ),
    "02.2": container("waiting", State={"Status": "created", "Running": False}),
    "02.3": together(container("diary", State=EXITED), file("diary:/diary.txt", "hello\n")),
    "02.4": container("kitchen", Config=config("busybox", Hostname="seoul")),
    "02.5": together(container("twin-a"), container("twin-b"), file("twin-a:/secret", "")),
    "02.6": container("small", HostConfig={"Memory": 32 * 1024 * 1024}),
    "03.1": together(container("shout", State=EXITED), prints("logs shout", "HELLO\n")),
    "03.2": together(container("omega"), renamed("alpha")),
    "03.3": together(
        container("twice", "hello-world", State=EXITED),
        prints("logs twice", "Hello from Docker!" * 2),
    ),
    "03.4": together(
        container("polite", "redis", State=EXITED, **SERVER), prints("logs polite", "bye bye...\n")
    ),
    "03.5": container("abrupt", "redis", State={**EXITED, "ExitCode": 137}, **SERVER),
    "03.7": together(container("cafe"), prints("exec cafe cat /menu", "kimchi\n")),
    "03.8": together(
        container("counter", "redis"), prints("exec counter redis-cli get visits", "3\n")
    ),
    "03.6": container("keeper"),
    "03.9": together(
        container("guest", State=EXITED, Config=GUEST, Path="sh", Args=[]),
        file("guest:/visitor", "Mina\n"),
    ),
    "03.10": together(
        container("lighthouse", HostConfig=ALWAYS),
        prints("logs lighthouse", "turning the light on\n"),
    ),
    "03.11": container("signpost", Config=config("busybox", Hostname="seoul")),
    "03.12": container("statue"),
    "04.8": image_of("me/page:1", "hello\n"),
    "04.2": image_of("me/tea:1", "green tea\n"),
    "04.1": image_of("me/menu:1", "rice\nsoup\n"),
    "04.3": image_of("me/vote:1", "cats", ('CMD ["echo", "dogs"]', 0), ('CMD ["echo", "cats"]', 0)),
    "04.5": lambda fake: [
        fake.image(name) for name in ("me/tea:1", "me/tea:latest", "cafe/green:2026")
    ],
    "04.6": image_of("me/fast:1", "", ("RUN sleep 5; > /big.txt", 0), ("RUN echo > /news.txt", 9)),
    "04.7": image_of("me/light:1", "20000000", ("RUN dd && rm", 12)),
    "04.4": image_of("me/lunch:1", "bibimbap\n"),
    "05.4": together(
        container("shop", "me/web:2", HostConfig=published("8082")),
        prints("exec shop node", "Hello, Seoul!"),
    ),
    "05.1": together(
        image_of("me/card:1", "Hello, you!"),
        lambda fake: fake.image("me/card:1", WorkingDir="/card"),
        lambda fake: fake.prints("me/card:1", "server.js", ["ls"]),
    ),
    "05.2": layers("me/quick:1", ["app/package.json"], INSTALLED, APP),
    "05.3": together(layers("me/safe:1", APP), lambda _: write_secret()),
    "05.5": together(
        container("studio", "me/web:2", Mounts=[{"Type": "bind", "Destination": "/app/src"}]),
        prints("exec studio node", "edited by me"),
    ),
    "05.6": together(
        container("front", "me/web:2", HostConfig=published("8085")),
        container("back", "me/web:2", HostConfig=published("8086")),
    ),
    "05.7": together(
        container("lobby", "me/web:2", HostConfig=published("8087")),
        prints("exec lobby node", "Hello, Docker!"),
    ),
    "06.1": together(
        exists("volumes", "journal"),
        listed(),
        prints("run --rm --label docker_magics.check -v journal:/mnt", "sunny\n"),
    ),
    "06.2": together(
        exists("networks", "village"),
        container("cook", "redis", NetworkSettings=VILLAGE, **SERVER),
        container("waiter", NetworkSettings=VILLAGE),
    ),
    "06.3": together(
        service("db", "redis"), service("web", "me/counter:1", "db:service_healthy:false")
    ),
    "06.4": together(
        container("store", "redis", Config=config("redis", Labels=GIVEN)),
        container(
            "till",
            "me/counter:1",
            Config=config("me/counter:1", Labels=GIVEN),
            HostConfig={"NetworkMode": "market"},
        ),
        prints("exec till node", "visits: 3\n"),
    ),
    "06.5": together(
        exists("volumes", "larder"),
        container("waitress", Args=["-c", "cat /kitchen/menu; sleep 600"], Mounts=LARDER),
        prints("logs waitress", "bibimbap\n"),
    ),
    "07.1": together(
        image_of("me/ship:1", "20000000\n"),
        layers("me/ship:1", ["result.txt"], base="busybox"),
        lambda fake: fake.image("me/ship:1", User="nobody"),
    ),
    "07.2": together(
        image_of("me/clinic:1", ""),
        lambda fake: fake.image("me/clinic:1", Healthcheck=CHECKED, Cmd=["sh", "-c", READY]),
        container("clinic", "me/clinic:1", State={"Health": HEALTHY}),
    ),
    "07.4": container(
        "guard", Config=config("busybox", Healthcheck=CHECKED), State={"Health": HEALTHY}
    ),
    "07.3": together(
        container("shelf", "registry:2"),
        lambda fake: fake.files.update({f"shelf:{PUSHED}": "sha256:1"}),
        lambda fake: fake.image("me/site:3", "sha256:1"),
    ),
}


def write_secret() -> None:
    Path("app").mkdir()
    Path("app/secret.txt").write_text("my password")
