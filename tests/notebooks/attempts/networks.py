"""Other right answers, and wrong ones, of section 06."""

_VILLAGE = """\
%docker network create village
%docker run -d --name cook --network village redis
"""
_DINER = """\
%%compose -p diner
services:
  db:
    image: redis
    healthcheck: {{ test: "redis-cli ping", interval: 1s }}
  web:
    image: {image}
    {depends}
"""
_WAITRESS = "%docker rm -f waitress\n%docker run -d --name waitress"
_SERVE = "sh -c 'cat /kitchen/menu; sleep 600'"
_HEALTHY = "depends_on: { db: { condition: service_healthy } }"

RIGHT = {
    "06.5": [
        f"{_WAITRESS} -v larder:/kitchen:ro busybox {_SERVE}",
        (
            f"{_WAITRESS} --mount type=volume,source=larder,target=/kitchen busybox "
            "sh -c 'cat /kitchen/menu && sleep 600'"
        ),
    ],
    "06.1": [
        """\
%docker run --name writer -v journal:/here busybox sh -c 'date > /here/day1'
%docker rm writer
""",
        (
            "%docker run --rm --mount type=volume,source=journal,target=/d busybox "
            "sh -c 'echo rain >> /d/day1'"
        ),
        (
            "%docker create --name writer -v journal:/j busybox\nPath('n').write_text('hello')\n"
            "%docker cp n writer:/j/day1\n%docker rm writer"
        ),
        "%docker run --rm -v journal:/d -w /d busybox sh -c 'echo 맑음 > day1'",
        "%%docker run --rm -i -v journal:/d busybox sh -c 'cat > /d/day1'\nmy first day",
    ],
    "06.2": [
        """\
%docker run -d --name cook redis
%docker run -d --name waiter busybox sleep 600
%docker network create village
%docker network connect village cook
%docker network connect village waiter
""",
        """\
%%compose -p town
services:
  one: { image: redis, container_name: cook, networks: [v] }
  two: { image: busybox, container_name: waiter, command: sleep 600, networks: [v] }
networks: { v: { name: village } }
""",
        """\
%docker network create --subnet 10.77.0.0/24 village
%docker run -d --name cook --net village redis redis-server --save ''
%docker run -d --name server --net village busybox sleep 600
%docker rename server waiter
%docker network connect bridge waiter
""",
    ],
    "06.3": [
        _DINER.format(image="me/counter:1", depends=_HEALTHY),
        _DINER.format(image="me/counter:1", depends=_HEALTHY).replace(
            "%%compose -p diner", "%%compose\nname: diner"
        ),
        _DINER.format(image="me/counter:1", depends=_HEALTHY).replace(
            '"redis-cli ping"', '["CMD-SHELL", "redis-cli ping | grep PONG"]'
        ),
        _DINER.format(image="me/counter:1", depends=_HEALTHY)
        + "  extra: { image: busybox, command: sleep 600 }",
    ],
    "06.4": [
        """\
%docker network disconnect bridge store
%docker network connect --alias db market store
""",
        "%docker network connect market store\n%docker rename store db",
        """\
%docker network create square
%docker network connect --alias db square store
%docker network connect square till
%docker network disconnect market till
%docker restart -t 0 till
""",
        "%docker rename store db\n%docker network connect market db",
    ],
}
WRONG = {
    "06.5": [
        "%docker restart -t 0 waitress",
        f"{_WAITRESS} -v ladder:/kitchen busybox {_SERVE}",
        f"{_WAITRESS} -v larder:/kitchen busybox cat /kitchen/menu",
        f"{_WAITRESS} -v larder:/cellar busybox sh -c 'cat /cellar/menu; sleep 600'",
        f"{_WAITRESS} busybox sh -c 'mkdir /kitchen; echo bibimbap > /kitchen/menu; sleep 600'",
        f"{_WAITRESS} -v /larder:/kitchen busybox {_SERVE}",
    ],
    "06.1": [
        "%docker volume create journal",
        "%docker run --rm -v journal:/diary busybox touch /diary/day1",
        "%docker run -d -v journal:/diary busybox sh -c 'date > /diary/day1; sleep 600'",
        "%docker run --rm busybox sh -c 'date > /day1'",
        "%docker run --rm -v journal:/diary busybox sh -c 'mkdir /diary/day1'",
        "%docker run --rm -v /journal:/diary busybox sh -c 'date > /diary/day1'",
        "%docker run --rm -v journal:/diary busybox sh -c 'echo > /diary/day1'",
        "%docker run --name writer -v journal:/diary busybox sh -c 'date > /diary/day1'",
        "%docker run --rm -v journal:/diary:ro busybox sh -c 'date > /diary/day1'",
    ],
    "06.2": [
        _VILLAGE,
        f"{_VILLAGE}%docker run -d --name waiter busybox sleep 600",
        f"{_VILLAGE}%docker run --name waiter --network village busybox true",
        "%docker run -d --name cook redis\n%docker run -d --name waiter busybox sleep 600",
        f"{_VILLAGE}%docker run -d --name waiter --network village busybox",
        (
            f"{_VILLAGE}%docker run -d --name waiter --network village busybox sleep 600\n"
            "%docker pause cook"
        ),
        (
            "%docker network create village\n"
            "%docker run -d --name cook --network village redis sleep 600\n"
            "%docker run -d --name waiter --network village busybox sleep 600"
        ),
        f"{_VILLAGE}%docker run -d --name waiter --network container:cook busybox sleep 600",
    ],
    "06.3": [
        _DINER.format(image="me/counter:1", depends="depends_on: [db]"),
        _DINER.format(image="busybox\n    command: sleep 600", depends=_HEALTHY),
        _DINER.format(image="me/counter:1", depends=_HEALTHY).replace("diner", "dinner"),
        "%%compose -p diner\nservices: { db: { image: redis } }",
        "%docker network create diner_default",
        _DINER.format(image="me/counter:1", depends=_HEALTHY).replace("redis-cli ping", "true"),
        _DINER.format(image="me/counter:1", depends=_HEALTHY).replace("healthy }", "started }"),
        """\
%%compose -p diner
services:
  web: { image: me/counter:1, healthcheck: { test: "true", interval: 1s } }
  db: { image: redis, depends_on: { web: { condition: service_healthy } } }
""",
    ],
    "06.4": [
        "%docker network connect market store",
        "%docker rm -f till\n%docker run -d --name till --network market me/counter:1",
        "%docker network connect --alias db bridge till",
        "%docker rename store db",
        "%docker run -d --name db --network market redis",
        "%docker network connect market store\n%docker run -d --name db --network market redis",
        "%docker network connect --alias db market store\n%docker pause store",
        "%docker network connect --alias db market till",
        (
            "%docker rm -f store\n%docker run -d --name store --label exercise=06.4 "
            "--network market --network-alias db redis"
        ),
        (
            "%docker rm -f till\n%docker run -d --name till --label exercise=06.4 "
            "--link store:db me/counter:1"
        ),
    ],
}
