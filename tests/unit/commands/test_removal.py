"""Commands that remove, prune and update, on a stub engine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from unit.commands.stub_engine import StubEngine, run

from docker_magics.cli.terminal import Terminal
from docker_magics.errors import DockerMagicsError, EngineError, NotFound, UsageError

_GONE = (404, "no such thing")


class Caller(Terminal):
    """A caller that answers all questions and records questions and messages."""

    def __init__(self, *, agrees: bool = True) -> None:
        super().__init__()
        self.agrees = agrees
        self.texts: list[str] = []

    def confirm(self, question: str) -> bool:
        self.texts.append(question)
        return self.agrees

    def notify(self, text: str) -> None:
        self.texts.append(text)

    def ask(self, prompt: str, *, secret: bool = False) -> str:
        self.texts.append(prompt)
        return "SWMKEY-1" if secret else "me"


@pytest.mark.parametrize(
    ("line", "key", "query"),
    [
        ("rm -fv a b", "DELETE /containers/{}", {"v": True, "link": False, "force": True}),
        (
            "rmi -f a b",
            "DELETE /images/{}",
            {"force": True, "noprune": False, "platforms": []},
        ),
        ("network rm -f a b", "DELETE /networks/{}", {}),
    ],
)
def test_a_forced_removal_skips_missing_objects(line: str, key: str, query: dict[str, Any]) -> None:
    engine = StubEngine({key.format("b"): [{"Deleted": "b"}]})
    assert run(line, engine) in (["b"], ["Deleted: b"])
    assert engine.query(key.format("b")) == query
    assert key.format("a") in engine.keys


@pytest.mark.parametrize("line", ["rm a", "rmi a", "network rm a", "volume rm a"])
def test_removing_a_missing_object_is_an_error(line: str) -> None:
    with pytest.raises(NotFound):
        run(line, StubEngine())


def test_an_error_contains_the_objects_removed_before() -> None:
    engine = StubEngine({"DELETE /containers/b": b""})
    with pytest.raises(DockerMagicsError) as failed:
        run("rm a b", engine)
    assert list(failed.value.result) == ["b"]


def test_an_empty_name_is_not_removed() -> None:
    with pytest.raises(DockerMagicsError, match="container name cannot be empty"):
        run("rm /", StubEngine())


_PRUNES = [
    ("container prune", "POST /containers/prune", "ContainersDeleted", "all stopped containers"),
    ("network prune", "POST /networks/prune", "NetworksDeleted", "all custom networks not used"),
    ("volume prune", "POST /volumes/prune", "VolumesDeleted", "anonymous local volumes not used"),
    ("builder prune", "POST /build/prune", "CachesDeleted", "all dangling build cache"),
    ("builder prune -a", "POST /build/prune", "CachesDeleted", "all build cache"),
]


@pytest.mark.parametrize(("line", "key", "field", "question"), _PRUNES)
def test_pruning_asks_and_reports(line: str, key: str, field: str, question: str) -> None:
    engine = StubEngine({key: {field: ["one", "two"], "SpaceReclaimed": 1500}})
    caller = Caller()
    report = str(run(line, engine, caller))
    assert question in caller.texts[0]
    assert "one\ntwo\n" in report
    assert ("Total reclaimed space: 1.5kB" in report) == (line != "network prune")


@pytest.mark.parametrize(("line", "key"), [(line, key) for line, key, _, _ in _PRUNES])
def test_declining_a_prune_sends_no_requests(line: str, key: str) -> None:
    engine = StubEngine()
    try:
        assert run(line, engine, Caller(agrees=False)) is None
    except DockerMagicsError as error:
        assert "cancel" in str(error).lower()  # noqa: PT017 - either is a refusal
    assert key not in engine.keys


def test_pruned_images_are_untagged_and_deleted() -> None:
    deleted = [{"Untagged": "x:1"}, {"Deleted": "sha256:1"}]
    engine = StubEngine({"POST /images/prune": {"ImagesDeleted": deleted, "SpaceReclaimed": 0}})
    report = str(run("image prune -af --filter label=x", engine))
    assert "untagged: x:1\ndeleted: sha256:1" in report
    assert engine.query("POST /images/prune")["filters"] == {
        "label": ["x"],
        "dangling": ["false"],
    }


def test_the_space_that_a_builder_keeps() -> None:
    key = "POST /build/prune"
    line = "buildx prune -f --reserved-space 1kb --max-used-space 2kb --min-free-space 3kb"
    engine = StubEngine({key: {}}, api="1.48")
    run(line, engine)
    sizes = {"reserved-space": 1024, "max-used-space": 2048, "min-free-space": 3072}
    assert engine.query(key).items() >= sizes.items()
    with pytest.raises(UsageError, match=r'"--max-used-space" requires API version 1\.48'):
        run(line, StubEngine({key: {}}, api="1.47"))


def test_a_system_prune_sums_the_reclaimed_space() -> None:
    engine = StubEngine(
        {
            "POST /containers/prune": {"ContainersDeleted": ["c"], "SpaceReclaimed": 1000},
            "POST /networks/prune": {"NetworksDeleted": ["n"]},
            "POST /volumes/prune": {"VolumesDeleted": ["v"], "SpaceReclaimed": 1000},
            "POST /images/prune": {"ImagesDeleted": None, "SpaceReclaimed": 0},
            "POST /build/prune": {"CachesDeleted": None, "SpaceReclaimed": 500},
        }
    )
    caller = Caller()
    report = str(run("system prune --volumes -a", engine, caller))
    assert "all anonymous volumes" in caller.texts[0]
    assert "Deleted Containers:\nc\n" in report
    assert "Total reclaimed space: 2.5kB" in report
    with pytest.raises(UsageError, match='"until" filter is not supported with "--volumes"'):
        run("system prune -f --volumes --filter until=1h", engine)


def test_old_engines_prune_all_volumes() -> None:
    answer = {"VolumesDeleted": None, "SpaceReclaimed": 0}
    engine, caller = StubEngine({"POST /volumes/prune": answer}, api="1.41"), Caller()
    run("volume prune", engine, caller)
    assert "remove local volumes" in caller.texts[0].replace("all ", "")
    newer = StubEngine({"POST /volumes/prune": answer})
    run("volume prune -af", newer)
    assert newer.query("POST /volumes/prune") == {"filters": {"all": ["true"]}}
    with pytest.raises(UsageError, match="cannot specify both --all and --filter all=1"):
        run("volume prune -af --filter all=1", newer)


# -- changes


def test_update_sends_only_given_values() -> None:
    engine = StubEngine({"POST /containers/web/update": {"Warnings": ["no swap"]}})
    caller = Caller()
    line = "update --cpus 1.5 -m 1g --restart on-failure:3 --pids-limit 0 --cpu-shares 5 web"
    assert run(line, engine, caller) == ["web"]
    assert engine.sent("POST /containers/web/update") == {
        "NanoCpus": 1_500_000_000,
        "Memory": 1 << 30,
        "CpuShares": 5,
        "RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 3},
    }
    assert caller.texts == ["no swap"]


@pytest.mark.parametrize(
    ("line", "error", "message"),
    [
        ("update web", UsageError, "you must provide one or more flags"),
        ("update --restart on-failure:x web", UsageError, "maximum retry count must be an integer"),
        ("rename web ' '", EngineError, "new name cannot be blank"),
        ("export web", UsageError, "cowardly refusing to save to a terminal"),
        ("save web", UsageError, "cowardly refusing to save to a terminal"),
    ],
)
def test_invalid_changes(line: str, error: type[UsageError], message: str) -> None:
    with pytest.raises(error, match=message):
        run(line, StubEngine())


def test_a_container_is_renamed() -> None:
    engine = StubEngine({"POST /containers/web/rename": b""})
    run("rename web ' new '", engine)
    assert engine.query("POST /containers/web/rename") == {"name": "new"}


def test_an_error_of_wait_contains_the_exit_codes_so_far() -> None:
    engine = StubEngine({f"POST /containers/{name}/wait": {"StatusCode": 3} for name in "ac"})
    assert run("wait a c", engine) == ["3", "3"]
    with pytest.raises(NotFound):
        run("wait a b", engine)


def test_numeric_columns_of_top_are_numbers() -> None:
    answer = {"Titles": ["PID", "CMD"], "Processes": [["1", "sh"], ["20", "ls"]]}
    table = run("top web -o pid", StubEngine({"GET /containers/web/top": answer}))
    assert (list(table["PID"]), list(table["CMD"])) == ([1, 20], ["sh", "ls"])
    empty = {"Titles": ["PID", "CMD"], "Processes": None}
    assert len(run("top web", StubEngine({"GET /containers/web/top": empty}))) == 0


# -- files


def test_an_export_is_a_private_file(tmp_path: Path) -> None:
    engine = StubEngine({"GET /containers/web/export": b"archive"})
    run(f"export -o {tmp_path}/web.tar web", engine)
    file = tmp_path / "web.tar"
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (b"archive", 0o600)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("missing/x.tar", "no such file or directory"),
        ("link", "cannot write to a symbolic link directly"),
        ("folder", "cannot write to a directory"),
        ("pipe", "cannot write to a special file"),
    ],
)
def test_an_export_to_a_special_file_is_an_error(tmp_path: Path, name: str, message: str) -> None:
    import os

    (tmp_path / "link").symlink_to("elsewhere")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    engine = StubEngine({"GET /containers/web/export": b"archive"})
    with pytest.raises(UsageError, match=message):
        run(f"export -o {tmp_path}/{name} web", engine)
    assert engine.keys == []


def test_a_failed_export_keeps_the_existing_file(tmp_path: Path) -> None:
    (tmp_path / "web.tar").write_text("old")
    with pytest.raises(NotFound):
        run(f"export -o {tmp_path}/web.tar web", StubEngine())
    assert [file.name for file in tmp_path.iterdir()] == ["web.tar"]
    assert (tmp_path / "web.tar").read_text() == "old"


# -- ports, volumes, networks, search


_PORTS = {
    "80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8080"}, {"HostIp": "::", "HostPort": "8080"}],
    "53/udp": [{"HostIp": "127.0.0.1", "HostPort": "5353"}],
    "90/tcp": None,
}


def test_ports_are_sorted_and_looked_up() -> None:
    details = {"NetworkSettings": {"Ports": _PORTS}}
    engine = StubEngine({"GET /containers/web/json": details})
    table = run("port web", engine)
    assert list(table["CONTAINER PORT"]) == ["53/udp", "80/tcp", "80/tcp"]
    assert list(run("port web 53/udp", engine)["HOST PORT"]) == [5353]
    assert len(run("port web 80", engine)) == 2
    for port, message in (("90", "no public port '90' published"), ("x", "invalid port")):
        with pytest.raises(UsageError, match=message):
            run(f"port web {port}", engine)


def test_volumes_are_listed_in_natural_order() -> None:
    volumes = [
        {"Name": "v10", "Driver": "local", "UsageData": {"Size": 1500, "RefCount": 2}},
        {
            "Name": "v2",
            "Driver": "csi",
            "ClusterVolume": {
                "Spec": {"Group": "g", "Availability": "active"},
                "Info": {"VolumeID": "1"},
                "PublishStatus": [{}],
            },
        },
        {"Name": "v1", "Driver": "csi", "ClusterVolume": {"Spec": {}}},
    ]
    engine = StubEngine({"GET /volumes": {"Volumes": volumes}})
    assert run("volume ls -q", engine) == ["v1", "v2", "v10"]
    text = str(run("volume ls --format '{{.Name}} {{.Size}} {{.Links}} {{.Status}}'", engine))
    assert text.splitlines() == [
        "v1 N/A N/A pending creation",
        "v2 N/A N/A in use (1 node)",
        "v10 1.5kB 2 N/A",
    ]
    assert run("volume ls --cluster -q", engine) == ["v1", "v2"]


def test_a_cluster_volume_is_drained() -> None:
    cluster = {"Spec": {"Availability": "active"}, "Version": {"Index": 7}}
    engine = StubEngine({"GET /volumes/v": {"ClusterVolume": cluster}, "PUT /volumes/v": b""})
    run("volume update --availability drain v", engine)
    assert engine.sent("PUT /volumes/v") == {"Spec": {"Availability": "drain"}}
    assert engine.query("PUT /volumes/v") == {"version": 7}
    with pytest.raises(UsageError, match="can only update cluster volumes"):
        run("volume update v", StubEngine({"GET /volumes/v": {}}))


def test_networks_are_listed_in_natural_order() -> None:
    networks = [
        {"Id": "a" * 64, "Name": name, "Driver": "bridge", "Scope": "local", "Internal": True}
        for name in ("net10", "net9")
    ]
    engine = StubEngine({"GET /networks": networks})
    table = run("network ls", engine)
    assert list(table["NAME"]) == ["net9", "net10"]
    text = run("network ls --format '{{.ID}} {{.Internal}} {{.IPv6}}'", engine)
    assert str(text).splitlines()[0] == f"{'a' * 12} true false"


def test_search_sorts_by_stars(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    images = [
        {"name": name, "description": "d\n" * 40, "star_count": stars, "is_official": official}
        for name, stars, official in (("a", 1, False), ("b", 20, True))
    ]
    engine = StubEngine({"GET /images/search": images})
    table = run("search --limit 5 --filter is-official=true x", engine)
    assert list(table["NAME"]) == ["b", "a"]
    assert (list(table["STARS"]), list(table["OFFICIAL"])) == ([20, 1], ["[OK]", ""])
    assert len(table["DESCRIPTION"][0]) == 45
    query = engine.query("GET /images/search")
    assert query == {"term": "x", "limit": 5, "filters": {"is-official": ["true"]}}


# -- swarm


def test_the_unlock_key_is_shown_and_rotated() -> None:
    swarm = {"Version": {"Index": 1}, "Spec": {"EncryptionConfig": {"AutoLockManagers": True}}}
    engine = StubEngine(
        {
            "GET /swarm": swarm,
            "POST /swarm/update": b"",
            "GET /swarm/unlockkey": {"UnlockKey": "SWMKEY-1"},
        }
    )
    assert str(run("swarm unlock-key -q", engine)).strip() == "SWMKEY-1"
    text = str(run("swarm unlock-key --rotate", engine))
    assert "Successfully rotated manager unlock key." in text
    assert engine.query("POST /swarm/update")["rotateManagerUnlockKey"] == "true"
    swarm["Spec"] = {}
    with pytest.raises(UsageError, match="autolock is not turned on"):
        run("swarm unlock-key --rotate", engine)
    engine.responses["GET /swarm/unlockkey"] = {"UnlockKey": ""}
    with pytest.raises(UsageError, match="no unlock key is set"):
        run("swarm unlock-key", engine)


@pytest.mark.parametrize(
    ("state", "message"),
    [("active", "swarm is not locked"), ("inactive", "this node is not part of a swarm")],
)
def test_unlock_of_an_unlocked_swarm_is_an_error(state: str, message: str) -> None:
    engine = StubEngine({"GET /info": {"Swarm": {"LocalNodeState": state}}})
    with pytest.raises(UsageError, match=message):
        run("swarm unlock", engine)


def test_unlock_prompts_for_the_key() -> None:
    info = {"Swarm": {"LocalNodeState": "locked"}}
    engine = StubEngine({"GET /info": info, "POST /swarm/unlock": b""})
    run("swarm unlock", engine, Caller())
    assert engine.sent("POST /swarm/unlock") == {"UnlockKey": "SWMKEY-1"}
