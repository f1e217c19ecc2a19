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
    ],
    "06.2": [
        """\
%docker run -d --name cook redis
%docker run -d --name waiter busybox sleep 600
%docker network create village
%docker network connect village cook
%docker network connect village waiter
""",
    ],
    "06.3": [_DINER.format(image="me/counter:1", depends=_HEALTHY)],
    "06.4": [
        """\
%docker network disconnect bridge store
%docker network connect --alias db market store
""",
    ],
}
WRONG = {
    "06.1": [
        "%docker volume create journal",
        "%docker run --rm -v journal:/diary busybox touch /diary/day1",
        "%docker run -d -v journal:/diary busybox sh -c 'date > /diary/day1; sleep 600'",
        "%docker run --rm busybox sh -c 'date > /day1'",
    ],
    "06.2": [
        _VILLAGE,
        f"{_VILLAGE}%docker run -d --name waiter busybox sleep 600",
        f"{_VILLAGE}%docker run --name waiter --network village busybox true",
        "%docker run -d --name cook redis\n%docker run -d --name waiter busybox sleep 600",
    ],
    "06.3": [
        _DINER.format(image="me/counter:1", depends="depends_on: [db]"),
        "%%compose -p diner\nservices: { db: { image: redis } }",
        "%docker network create diner_default",
    ],
    "06.4": [
        "%docker network connect market store",
        "%docker rm -f till\n%docker run -d --name till --network market me/counter:1",
        "%docker network connect --alias db bridge till",
        "%docker rename store db",
    ],
}
