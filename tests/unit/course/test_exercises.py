"""The checks of all exercises on a fake engine: unsolved, solved and with mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest
from unit.course.setups import (
    ALWAYS,
    APP,
    EXITED,
    GUEST,
    INSTALLED,
    SERVER,
    SOLVED,
    Fake,
    Setup,
    changed,
    committed,
    container,
    exists,
    file,
    image_of,
    layers,
    listed,
    prints,
    renamed,
    service,
    signalled,
    together,
    write_secret,
)

from docker_magics.course import lab
from docker_magics.course.exercises import delivery, find, sections
from docker_magics.course.lab import Lab

IDS = [identity for section in sections().values() for identity in section.exercises]


def missing(identity: str) -> list[str]:
    _, exercise = find(identity)
    return [gap.what.en for gap in exercise.missing(Lab())]


@pytest.fixture(autouse=True)
def _in_a_new_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep away from this repository's files, and do not wait for containers to end."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(lab, "_MOMENT_S", 0)


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
            ["`kitchen` was not made from `busybox`", "its host name is `host`, not `seoul`"],
        ),
        (
            "02.3",
            container("diary", State={"Status": "created", "Running": False}),
            ["`diary` was created, but it has not run"],
        ),
        (
            "02.5",
            together(SOLVED["02.5"], container("twin-b", State={"Paused": True})),
            ["`twin-b` is paused"],
        ),
        (
            "02.6",
            container("small", HostConfig={"Memory": 32 << 20}, Path="sh", Args=[]),
            ["the start command of `small` is `sh`, not `sleep 600`"],
        ),
        (
            "02.5",
            together(SOLVED["02.5"], changed("twin-b", "/secret")),
            ["`twin-b` has the file `/secret` too"],
        ),
        (
            "07.2",
            together(
                SOLVED["07.2"],
                lambda fake: fake.objects["/images/busybox/json"]["RootFS"].update(
                    Layers=["other"]
                ),
            ),
            ["`me/clinic:1` does not begin with `busybox`"],
        ),
        (
            "07.3",
            together(SOLVED["07.3"], container("shelf", "registry:2", State=EXITED)),
            ["`shelf` is not running"],
        ),
        (
            "03.11",
            container("signpost"),
            ["the host name of `signpost`: `host`; expected: `seoul`"],
        ),
        (
            "05.7",
            container("lobby", "me/web:2", State=EXITED),
            ["port 3000 of `lobby` is not published on 8087", "`lobby` is not running"],
        ),
        (
            "06.5",
            together(SOLVED["06.5"], container("waitress", State=EXITED)),
            [
                "`waitress` does not run the same command",
                "`waitress` has no volume `larder`",
                "`waitress` is not running",
            ],
        ),
        ("07.4", container("guard"), ["`guard` has no health check"]),
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
            container("abrupt", "redis", State=EXITED, **SERVER),
            ["`abrupt` ended with code 0, not 137"],
        ),
        ("03.5", container("abrupt", "redis", **SERVER), ["`abrupt` still runs"]),
        (
            "03.5",
            together(SOLVED["03.5"], signalled("15", "9")),
            ["`abrupt` was asked to end first, as `docker stop` does"],
        ),
        (
            "03.7",
            together(SOLVED["03.7"], container("cafe", Path="sh", Args=["-c", "sleep 600"])),
            ["the start command of `cafe` does more than `sleep 600`"],
        ),
        ("03.7", container("cafe", State=EXITED), ["`cafe` is not running"]),
        (
            "03.8",
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
                container(
                    "guest", Config=GUEST, State={**EXITED, "ExitCode": 137}, Path="sh", Args=[]
                ),
                file("guest:/visitor", "Mina"),
            ),
            ["`guest` was ended from outside (exit code 137)"],
        ),
        (
            "03.9",
            together(
                SOLVED["03.9"],
                container("guest", Config=GUEST, State=EXITED, Path="sh", Args=["-c", "echo"]),
            ),
            ["`guest` was started with a command, so there was nothing to type"],
        ),
        (
            "03.10",
            together(
                container("lighthouse", RestartCount=3), prints("logs", "turning the light on")
            ),
            ["`lighthouse` has no restart policy `always`", "`lighthouse` does not stay up"],
        ),
        (
            "04.2",
            image_of("me/tea:1", "black"),
            ["`docker run --rm me/tea:1` says: `black`; expected: `green tea`"],
        ),
        (
            "04.1",
            image_of("me/menu:1", "rice\nsoup\n", ("COPY menu.txt /", 9)),
            ["the file was copied, not made by `RUN`"],
        ),
        (
            "04.1",
            together(SOLVED["04.1"], committed("sha256:1")),
            ["the image is a container's files (`docker commit`), not a build"],
        ),
        (
            "04.3",
            image_of("me/vote:1", "cats", ("RUN echo CMD dogs", 0)),
            ["`docker history me/vote:1` shows no `CMD` with `dogs`"],
        ),
        (
            "04.5",
            lambda fake: [
                fake.image(name, name) for name in ("me/tea:1", "me/tea:latest", "cafe/green:2026")
            ],
            [
                "`me/tea:latest` is a different image from `me/tea:1`",
                "`cafe/green:2026` is a different image from `me/tea:1`",
            ],
        ),
        (
            "04.6",
            image_of("me/fast:1", "", ("RUN /news.txt", 0), ("RUN sleep > /big.txt", 0)),
            ["the slow step still comes after the one that often changes"],
        ),
        (
            "04.7",
            image_of("me/light:1", "20000000", ("RUN dd", 20_000_000)),
            ["one step leaves 20 MB: see `%docker history me/light:1 --plot`"],
        ),
        (
            "05.4",
            together(container("shop", "me/web:2"), prints("exec shop node", "Hello, Seoul!")),
            ["port 3000 of `shop` is not published on 8082"],
        ),
        (
            "05.1",
            image_of("me/card:1", "Hello, you!"),
            ["a container of it starts in `/`, not in `/card`"],
        ),
        ("05.2", layers("me/quick:1", APP), ["no step installs the packages"]),
        ("05.2", layers("me/quick:1", INSTALLED), ["the sources are not in the image"]),
        (
            "05.2",
            layers("me/quick:1", APP, INSTALLED),
            ["the sources are copied before the packages are installed"],
        ),
        (
            "05.3",
            together(layers("me/safe:1", [*APP, "app/secret.txt"]), lambda _: write_secret()),
            ["a layer of the image has `secret.txt`: whoever has the image can read it"],
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
                "`cook` is not in the network `village`",
                "`waiter` is not in the network `village`",
            ],
        ),
        (
            "06.3",
            together(service("db", "redis", State=EXITED), service("web", "busybox")),
            [
                "the service `db` is not running",
                "the service `web` was not made from `me/counter:1`",
                "`web` does not wait until `db` is healthy",
            ],
        ),
        (
            "06.4",
            together(SOLVED["06.4"], container("db", "redis")),
            ["`db` is a new container"],
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


def test_only_signals_since_the_last_start_ask_a_container_to_end(fake: Fake) -> None:
    SOLVED["03.5"](fake)
    signalled("9")(fake)
    assert missing("03.5") == []  # docker stop -s KILL
    signalled("15")(fake)
    fake.events.append({"ACTION": "start", "ATTRIBUTES": {}})
    signalled("9")(fake)
    assert missing("03.5") == []


def test_a_young_container_is_missing_nothing_but_time(fake: Fake) -> None:
    SOLVED["03.10"](fake)
    container("lighthouse", HostConfig=ALWAYS, State={"StartedAt": "2026-11-24T15:00:14Z"})(fake)
    young = list(find("03.10")[1].missing(Lab()))
    assert [gap.wait_s for gap in young] == [4.0]
    fake.objects["/info"]["SystemTime"] = "2026-11-24T15:00:24Z"
    assert missing("03.10") == []


def test_a_pushed_image_is_known_by_its_config_too(fake: Fake) -> None:
    SOLVED["07.3"](fake)
    fake.image("me/site:3", "sha256:2")
    assert missing("07.3") == ["`stable` is another image than `me/site:3`"]
    blob = delivery._BLOB.format(folder="registry", start="1", name="1")  # noqa: SLF001
    fake.files[f"shelf:{blob}"] = '{"config": {"digest": "sha256:2"}}'
    assert missing("07.3") == []


def test_options_of_a_shell_are_not_a_command(fake: Fake) -> None:
    SOLVED["03.9"](fake)
    container("guest", Config=GUEST, State=EXITED, Path="/bin/sh", Args=["-l"])(fake)
    assert missing("03.9") == []


def test_containers_of_compose_run_are_not_the_service(fake: Fake) -> None:
    service("db", "redis", State=EXITED, one_off=True)(fake)
    SOLVED["06.3"](fake)
    assert missing("06.3") == []


def test_an_image_may_be_named_by_its_id(fake: Fake) -> None:
    fake.container("shout", "sha256:1")
    fake.image("busybox", "sha256:1")
    fake.outputs["logs shout"] = "HELLO"
    assert missing("03.1") == []
