"""Section 06, data, networks and Compose: volumes, names, several containers together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from docker_magics.course import counter_app
from docker_magics.course.exercise import Section
from docker_magics.course.gap import Gap, gap, no_container, not_running, wrong_image
from docker_magics.course.images import health_question, is_always_healthy
from docker_magics.course.lab import CHECK, Lab, is_running
from docker_magics.course.language import code
from docker_magics.course.redis_server import redis_gaps
from docker_magics.course.sleeper import sleeper_gaps
from docker_magics.phrase import Phrase

SECTION = Section(
    "06",
    Phrase("Data, networks, Compose", "데이터, 네트워크, Compose"),
    prepare=counter_app.prepare,
)

#: Seconds after which a container that prints something has done so.
_FIRST_LINE_S = 2.0
_PROJECT = "com.docker.compose.project"
_SERVICE = "com.docker.compose.service"
_ONE_OFF = "com.docker.compose.oneoff"
_DEPENDS = "com.docker.compose.depends_on"


@SECTION.exercise(
    1,
    title=Phrase("A diary that stays", "지워지지 않는 일기"),
    task=Phrase(
        "Make a volume named `journal`. A container of `busybox` writes a line into the file `day1` at the top of this volume. Then no container is left that uses it; the line is.",
        "`journal` 볼륨을 만드세요. `busybox` 컨테이너로 볼륨 맨 위의 `day1` 파일에 한 줄을 쓰세요. 그런 다음 볼륨을 쓰는 컨테이너는 남아 있지 않고, 글은 남아 있어야 해요.",
    ),
    solution="""\
%docker volume create journal
%docker run --rm -v journal:/diary busybox sh -c 'echo sunny > /diary/day1'""",
    why=Phrase(
        "`-v NAME:FOLDER` connects a volume to a folder of the container. `--rm` removes the container, not the volume.",
        "`-v 이름:폴더`는 볼륨을 컨테이너의 폴더에 연결해요. `--rm`은 컨테이너만 지우고 볼륨은 지우지 않아요.",
    ),
    makes=("volume journal",),
)
def _journal(lab: Lab) -> Iterator[Gap]:
    write = (
        Phrase(
            "`-v journal:/diary` connects the volume; the file is then `/diary/day1` inside.",
            "`-v journal:/diary`로 볼륨을 연결하면, 파일은 컨테이너 안에서 `/diary/day1`이에요.",
        ),
        code("%docker run --rm -v journal:/diary busybox sh -c 'echo sunny > /diary/day1'"),
    )
    if lab.volume("journal") is None:
        yield gap(
            "there is no volume named `journal`",
            "`journal` 볼륨이 없어요",
            code("%docker volume create journal"),
        )
        return
    users = lab.containers(volume="journal")
    if users:
        name = users[0]["Names"][0].removeprefix("/")
        yield gap(
            f"the container `{name}` still uses the volume",
            f"`{name}` 컨테이너가 아직 볼륨을 쓰고 있어요",
            code(f"%docker rm -f {name}"),
        )
    if not _read(lab, "journal", "day1"):
        yield gap(
            "the volume has no file `day1` with a line",
            "볼륨에 내용이 있는 `day1` 파일이 없어요",
            *write,
        )


@SECTION.exercise(
    2,
    title=Phrase("Neighbours", "이웃"),
    task=Phrase(
        "Make a network named `village`. In it run `cook` from `redis` and `waiter` from `busybox` (`sleep 600`), both in the background, so that `waiter` reaches the other one by its name.",
        "`village` 네트워크를 만드세요. 그 안에서 `redis` 이미지로 `cook`을, `busybox` 이미지로 `waiter`를(`sleep 600` 명령) 백그라운드에서 실행하세요. `waiter`에서 `cook`이라는 이름으로 접속할 수 있어야 해요.",
    ),
    solution="""\
%docker network create village
%docker run -d --name cook --network village redis
%docker run -d --name waiter --network village busybox sleep 600""",
    why=Phrase(
        "In a network that you made, containers find each other by name. In the default network `bridge` they do not.",
        "직접 만든 네트워크에서는 컨테이너들이 이름으로 서로 찾아요. 기본 네트워크인 `bridge`에서는 그렇지 않아요.",
    ),
    makes=("container cook", "container waiter", "network village"),
)
def _village(lab: Lab) -> Iterator[Gap]:
    if lab.network("village") is None:
        yield gap(
            "there is no network named `village`",
            "`village` 네트워크가 없어요",
            code("%docker network create village"),
        )
    run = "%docker run -d --network village --name"
    cook = lab.container("cook")
    if cook is None:
        yield no_container("cook", code(f"{run} cook redis"))
    else:
        wrongly_made = list(redis_gaps(lab, "cook", cook))
        yield from wrongly_made
        if not wrongly_made and not is_running(cook):
            yield not_running("cook", code("%docker start cook"))
    yield from sleeper_gaps(lab, "waiter", code(f"{run} waiter busybox sleep 600"))
    for name in ("cook", "waiter"):
        yield from _member_gaps(lab, name, "village")


@SECTION.exercise(
    3,
    title=Phrase("Two services", "서비스 두 개"),
    task=Phrase(
        "Start a Compose project named `diner` (`%%compose -p diner`) with the services `db` from `redis` and `web` from `me/counter:1`. `web` starts only when `db` is healthy.",
        "`diner`라는 Compose 프로젝트를 시작하세요(`%%compose -p diner`). 서비스는 `redis` 이미지의 `db`와 `me/counter:1` 이미지의 `web`이에요. `web`은 `db`가 healthy 상태일 때에만 시작해야 해요.",
    ),
    solution="""\
%%compose -p diner
services:
  db:
    image: redis
    healthcheck:
      test: ["CMD", "redis-cli", "ping"]
      interval: 1s
  web:
    image: me/counter:1
    depends_on:
      db: { condition: service_healthy }""",
    why=Phrase(
        "`healthcheck` says how to ask whether the service works; `condition: service_healthy` lets the other one wait for it.",
        "`healthcheck`는 서비스가 잘 되는지 확인하는 방법을 정하고, `condition: service_healthy`는 그때까지 기다리게 해요.",
    ),
    makes=("container diner-web-1", "container diner-db-1", "network diner_default"),
)
def _diner(lab: Lab) -> Iterator[Gap]:
    hint = Phrase(
        "Copy the Compose file of `visits` above; change the project's name and the service names.",
        "위의 `visits` Compose 파일을 복사해서 프로젝트 이름과 서비스 이름을 바꾸세요.",
    )
    for name, image in (("db", "redis"), ("web", "me/counter:1")):
        container = _service(lab, "diner", name)
        if container is None:
            yield gap(
                f"the project `diner` has no service `{name}`",
                f"`diner` 프로젝트에 `{name}` 서비스가 없어요",
                hint,
                code("%%compose -p diner"),
            )
        elif not lab.made_from(container, image):
            yield gap(
                f"the service `{name}` was not made from `{image}`",
                f"`{name}` 서비스를 `{image}` 이미지로 만들지 않았어요",
                code(f"{name}: {{ image: '{image}' }}"),
            )
        elif not is_running(container):
            yield gap(
                f"the service `{name}` is not running",
                f"`{name}` 서비스가 실행 중이 아니에요",
                code(f"%docker compose -p diner logs {name}"),
            )
    db, web = _service(lab, "diner", "db"), _service(lab, "diner", "web")
    if db and is_always_healthy(lab, "redis", health_question(db["Config"])):
        yield gap(
            "the health check of `db` says healthy without redis",
            "redis가 없어도 `db`의 헬스 체크가 healthy라고 해요",
            code('test: ["CMD", "redis-cli", "ping"]'),
        )
    if web and "db:service_healthy" not in web["Config"]["Labels"].get(_DEPENDS, ""):
        yield gap(
            "`web` does not wait until `db` is healthy",
            "`web`이 `db`가 healthy 상태가 될 때까지 기다리지 않아요",
            code("depends_on: { db: { condition: service_healthy } }"),
            Phrase(
                "Is it in your file? Compose keeps a running `web` if only `depends_on` changed: `%docker compose -p diner down`, then run your cell again.",
                "파일에 적었나요? `depends_on`만 바꾸면 Compose는 실행 중인 `web`을 그대로 둬요. `%docker compose -p diner down`을 하고 셀을 다시 실행하세요.",
            ),
        )


@SECTION.exercise(
    4,
    title=Phrase("Whom nobody hears", "들리지 않는 이웃"),
    task=Phrase(
        "The cell below starts `store` (redis) and `till` (the counter, which asks the host name `db`). The page of `till` shows an error. Fix it while both keep running: no new containers.",
        "아래 셀은 `store`(redis)와 `till`(`db`라는 호스트 이름에 접속하는 방문 수 앱)을 시작해요. 그런데 `till`의 페이지에 오류가 나와요. 컨테이너를 새로 만들지 말고, 둘 다 실행 중인 채로 고치세요.",
    ),
    solution="%docker network connect --alias db market store",
    why=Phrase(
        "`store` was in another network, and nobody was called `db`. `network connect --alias` puts a running container into one more network, under one more name.",
        "`store`는 다른 네트워크에 있었고, `db`라는 이름을 가진 컨테이너가 없었어요. `network connect --alias`는 실행 중인 컨테이너를 다른 네트워크에도 연결하면서 이름을 하나 더 붙여요.",
    ),
    makes=("container store", "container db", "container till", "network market"),
    given="""\
%docker network rm -f market
%docker network create market
%docker run -d --name store --label exercise=06.4 redis
%docker run -d --name till --label exercise=06.4 --network market me/counter:1""",
)
def _till(lab: Lab) -> Iterator[Gap]:
    connect = (
        Phrase(
            "Which networks are they in? `%docker inspect -f '{{json .NetworkSettings.Networks}}' store`",
            "둘은 어느 네트워크에 있나요? `%docker inspect -f '{{json .NetworkSettings.Networks}}' store`",
        ),
        Phrase(
            "`%docker network connect --alias db NETWORK CONTAINER`",
            "`%docker network connect --alias db 네트워크 컨테이너`",
        ),
    )
    again = Phrase("Run the cell that makes them again.", "컨테이너를 만드는 셀을 다시 실행하세요.")
    networks: list[set[str]] = []
    store, renamed = lab.container("store"), lab.container("db")
    if store is not None and renamed is not None:
        yield gap(
            "`db` is a new container",
            "`db` 컨테이너를 새로 만들었어요",
            code("%docker rm -f db"),
            *connect,
        )
    for name, container, made_in in (
        ("store", store or renamed, {"bridge", "default"}),
        ("till", lab.container("till"), {"market"}),
    ):
        if container is None or not is_running(container):
            yield not_running(name, again)
            return
        has_label = (container["Config"].get("Labels") or {}).get("exercise") == "06.4"
        if not has_label or container["HostConfig"]["NetworkMode"] not in made_in:
            yield gap(f"`{name}` is a new container", f"`{name}` 컨테이너를 새로 만들었어요", again)
        networks.append(set(container["NetworkSettings"]["Networks"] or {}))
    if not set.intersection(*networks):
        yield gap(
            "`store` and `till` are in no network together",
            "`store`와 `till`이 함께 있는 네트워크가 없어요",
            *connect,
        )
    if "visits" not in lab.exec_output("till", "node", "-e", counter_app.READ):
        yield gap(
            "the page of `till` shows no visits",
            "`till`의 페이지에 방문 수가 나오지 않아요",
            *connect,
        )


@SECTION.exercise(
    5,
    title=Phrase("A volume in the wrong place", "엉뚱한 곳에 연결된 볼륨"),
    task=Phrase(
        "`waitress` of the cell below is to read the menu out of the volume `larder`, but its log says `No such file or directory`. Replace it: a container `waitress` from `busybox` that runs the same command and finds the menu. The volume stays as it is.",
        "아래 셀의 `waitress`는 `larder` 볼륨에서 메뉴를 읽어야 하는데 로그에 `No such file or directory`라고 나와요. 같은 명령을 실행하면서 메뉴를 찾는 `waitress` 컨테이너를 `busybox` 이미지로 다시 만드세요. 볼륨은 그대로 두세요.",
    ),
    solution="""\
%docker rm -f waitress
%docker run -d --name waitress -v larder:/kitchen busybox sh -c 'cat /kitchen/menu; sleep 600'""",
    why=Phrase(
        "A volume has a name outside and a place inside. The file is where this container mounts the volume, whatever the place was called in another one.",
        "볼륨은 밖에서는 이름으로, 안에서는 연결한 폴더로 찾아요. 다른 컨테이너에서 어디에 연결했든, 파일은 이 컨테이너에서 연결한 폴더 아래에 있어요.",
    ),
    makes=("container waitress", "volume larder"),
    given="""\
%docker volume create larder
%docker run --rm -v larder:/pantry busybox sh -c 'echo bibimbap > /pantry/menu'
%docker run -d --name waitress -v larder:/cellar busybox sh -c 'cat /kitchen/menu; sleep 600'""",
)
def _waitress(lab: Lab) -> Iterator[Gap]:
    container = lab.container("waitress")
    mount = (
        Phrase(
            "Where does its command look, and where is the volume? `%docker inspect -f '{{json .Mounts}}' waitress`",
            "명령은 어디를 보고, 볼륨은 어디에 연결되어 있나요? `%docker inspect -f '{{json .Mounts}}' waitress`",
        ),
        Phrase(
            "Remove it (`%docker rm -f waitress`) and run it again with `-v larder:/kitchen`.",
            "지우고(`%docker rm -f waitress`) `-v larder:/kitchen`으로 다시 실행하세요.",
        ),
    )
    if lab.volume("larder") is None:
        yield gap(
            "there is no volume named `larder`",
            "`larder` 볼륨이 없어요",
            Phrase("Run the cell that makes it again.", "볼륨을 만드는 셀을 다시 실행하세요."),
        )
        return
    if container is None:
        yield no_container("waitress", *mount)
        return
    if not lab.made_from(container, "busybox"):
        yield wrong_image("waitress", "busybox")
    if not any("cat /kitchen/menu" in word for word in container["Args"]):
        yield gap(
            "`waitress` does not run the same command",
            "`waitress` 컨테이너가 같은 명령을 실행하지 않아요",
            code("sh -c 'cat /kitchen/menu; sleep 600'"),
        )
    if "larder" not in {place.get("Name") for place in container["Mounts"]}:
        yield gap(
            "`waitress` has no volume `larder`", "`waitress`에 `larder` 볼륨이 없어요", *mount
        )
    if not is_running(container):
        yield not_running("waitress", *mount)
    elif "bibimbap" not in lab.logs("waitress"):
        yield Gap(
            Phrase("the log of `waitress` has no menu", "`waitress`의 로그에 메뉴가 없어요"),
            mount,
            wait_s=max(0.0, _FIRST_LINE_S - lab.uptime_s(container)),
        )


def _service(lab: Lab, project: str, name: str) -> dict[str, Any] | None:
    """Return a container of a Compose project's service, not one of `compose run`."""
    for entry in lab.containers(label=f"{_PROJECT}={project}"):
        labels = entry["Labels"]
        if labels[_SERVICE] == name and labels.get(_ONE_OFF) != "True":
            return lab.container(entry["Id"])
    return None


def _member_gaps(lab: Lab, name: str, network: str) -> Iterator[Gap]:
    container = lab.container(name)
    if container is not None and network not in (container["NetworkSettings"]["Networks"] or {}):
        yield gap(
            f"`{name}` is not in the network `{network}`",
            f"`{name}` 컨테이너가 `{network}` 네트워크에 없어요",
            code(f"%docker network connect {network} {name}"),
        )


def _read(lab: Lab, volume: str, file: str) -> str:
    run = "run --rm --label {label} -v {place} busybox cat {path}"
    output = lab.docker(run, label=CHECK, place=f"{volume}:/mnt", path=f"/mnt/{file}")
    return str(output).strip()
