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
_HEALTHY = "depends_on: { db: { condition: service_healthy } }"

RIGHT = {
    "06.1": [
        """\
%docker run --name writer -v journal:/here busybox sh -c 'date > /here/day1'
%docker rm writer
""",
        (
            "%docker run --rm --mount type=volume,source=journal,target=/d busybox "
            "sh -c 'echo rain >> /d/day1'"
        ),
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
    ],
    "06.3": [
        _DINER.format(image="me/counter:1", depends=_HEALTHY),
        _DINER.format(image="me/counter:1", depends=_HEALTHY).replace(
            "%%compose -p diner", "%%compose\nname: diner"
        ),
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
""",
    ],
}
WRONG = {
    "06.1": [
        "%docker volume create journal",
        "%docker run --rm -v journal:/diary busybox touch /diary/day1",
        "%docker run -d -v journal:/diary busybox sh -c 'date > /diary/day1; sleep 600'",
        "%docker run --rm busybox sh -c 'date > /day1'",
        "%docker run --rm -v journal:/diary busybox sh -c 'mkdir /diary/day1'",
        "%docker run --rm -v /journal:/diary busybox sh -c 'date > /diary/day1'",
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
    ],
    "06.3": [
        _DINER.format(image="me/counter:1", depends="depends_on: [db]"),
        _DINER.format(image="busybox\n    command: sleep 600", depends=_HEALTHY),
        _DINER.format(image="me/counter:1", depends=_HEALTHY).replace("diner", "dinner"),
        "%%compose -p diner\nservices: { db: { image: redis } }",
        "%docker network create diner_default",
    ],
    "06.4": [
        "%docker network connect market store",
        "%docker rm -f till\n%docker run -d --name till --network market me/counter:1",
        "%docker network connect --alias db bridge till",
        "%docker rename store db",
        "%docker run -d --name db --network market redis",
        "%docker network connect market store\n%docker run -d --name db --network market redis",
        "%docker network connect --alias db market store\n%docker pause store",
    ],
}
