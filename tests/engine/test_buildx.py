"""docker buildx without the plugin: the engine's own builder."""

from __future__ import annotations

import uuid

from engine.differences import skip_where_different

from docker_magics import docker


def test_the_builder_of_the_engine(engine: str) -> None:
    listed = docker("buildx ls")
    assert listed.columns.tolist() == [
        *("NAME", "DRIVER", "ENDPOINT", "STATUS", "BUILDKIT", "PLATFORMS")
    ]
    [row] = listed.to_dict("records")
    assert (row["NAME"], row["DRIVER"], row["ENDPOINT"]) == ("default", "docker", engine)
    assert docker("buildx ls --format {{.Name}}") == "default"
    details = docker("buildx inspect --bootstrap")
    fields = dict(line.partition(":")[::2] for line in details.splitlines())
    assert fields["Platforms"].strip() == row["PLATFORMS"]
    assert row["PLATFORMS"].startswith("linux/")


def test_a_build_and_its_cache(engine: str) -> None:
    assert engine
    name = f"localhost/t-{uuid.uuid4().hex[:8]}:1"
    dockerfile = "FROM busybox\nRUN echo\n"
    identity = docker("buildx build --load -t {name} -", name=name, input=dockerfile)
    assert docker("image inspect {name}", name=name)[0]["Id"] == identity
    docker("rmi -f {name}", name=name)
    assert "CACHE ID" in docker("buildx du").columns
    skip_where_different(engine, "the build cache", lambda: docker("buildx prune -f"))
    assert "Total" in docker("buildx prune -f --filter until=240h")
