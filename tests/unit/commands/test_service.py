"""Swarm services: specs of create and update, scale, and convergence."""

from __future__ import annotations

from typing import Any

import pytest
from unit.commands.services import service
from unit.commands.stub_engine import StubEngine, run

from docker_magics.errors import EngineError, UsageError


def created(line: str, **responses: Any) -> dict[str, Any]:
    """Return the spec that `service create` sends."""
    engine = StubEngine({"POST /services/create": {"ID": "svc1"}, **responses})
    assert run(f"service create -d --no-resolve-image {line}", engine) == "svc1"
    spec: dict[str, Any] = engine.sent("POST /services/create")
    return spec


def updated(line: str, spec: dict[str, Any] | None = None, **responses: Any) -> dict[str, Any]:
    """Return the spec that `service update` sends."""
    engine = StubEngine(
        {
            "GET /services/web": service(**(spec or {})),
            "POST /services/svc1/update": {},
            **responses,
        }
    )
    assert run(f"service update -d --no-resolve-image {line} web", engine) == "web"
    assert engine.query("POST /services/svc1/update")["version"] == 7
    sent: dict[str, Any] = engine.sent("POST /services/svc1/update")
    return sent


def test_create_places_each_flag_in_the_spec() -> None:
    spec = created(
        "--name web --label a=b --env X=1 --replicas 3 --limit-cpu 0.5 --reserve-memory 1m"
        " --constraint node.role==worker --generic-resource gpu=2 --cap-add net_admin"
        " --cap-drop all --host db:10.0.0.9 --restart-delay 2s --update-parallelism 4"
        " --health-cmd true --log-driver json-file --log-opt max-size=1m nginx sleep 1"
    )
    task = spec["TaskTemplate"]
    container = task["ContainerSpec"]
    assert (spec["Name"], spec["Labels"]) == ("web", {"a": "b"})
    assert spec["Mode"] == {"Replicated": {"Replicas": 3}}
    assert spec["UpdateConfig"]["Parallelism"] == 4
    assert spec["UpdateConfig"]["FailureAction"] == "pause"
    assert (container["Image"], container["Args"]) == ("nginx:latest", ["sleep", "1"])
    assert container["Env"] == ["X=1"]
    assert container["Hosts"] == ["10.0.0.9 db"]
    assert container["CapabilityAdd"] == ["CAP_NET_ADMIN"]
    assert container["CapabilityDrop"] == ["ALL"]
    assert container["Healthcheck"] == {"Test": ["CMD-SHELL", "true"]}
    assert task["Resources"]["Limits"] == {"NanoCPUs": 500_000_000}
    assert task["Resources"]["Reservations"] == {
        "MemoryBytes": 1024**2,
        "GenericResources": [{"DiscreteResourceSpec": {"Kind": "gpu", "Value": 2}}],
    }
    assert task["Placement"]["Constraints"] == ["node.role==worker"]
    assert task["RestartPolicy"] == {
        "Condition": "any", "Delay": 2_000_000_000, "MaxAttempts": 0,
    }  # fmt: skip
    assert task["LogDriver"] == {"Name": "json-file", "Options": {"max-size": "1m"}}


def test_create_looks_up_networks_secrets_and_configs() -> None:
    secrets = [{"ID": "s1", "Spec": {"Name": "key"}}]
    configs = [{"ID": "c1", "Spec": {"Name": "conf"}}, {"ID": "c2", "Spec": {"Name": "cred"}}]
    spec = created(
        "--network net --secret key --config conf --credential-spec config://cred nginx",
        **{
            "GET /networks/net": {"Id": "n1"},
            "GET /secrets": secrets,
            "GET /configs": configs,
        },
    )
    container = spec["TaskTemplate"]["ContainerSpec"]
    assert spec["TaskTemplate"]["Networks"] == [{"Target": "n1", "Aliases": [], "DriverOpts": {}}]
    assert [(s["SecretID"], s["File"]["Name"]) for s in container["Secrets"]] == [("s1", "key")]
    assert [config["ConfigID"] for config in container["Configs"]] == ["c1", "c2"]
    assert container["Privileges"] == {"CredentialSpec": {"Config": "c2"}}


@pytest.mark.parametrize(("flags", "init"), [("", False), ("--init", True)])
def test_init_is_always_sent(flags: str, init: bool) -> None:  # noqa: FBT001
    spec = created(f"{flags} nginx")
    assert spec["TaskTemplate"]["ContainerSpec"]["Init"] is init


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("--mode global", {"Global": {}}),
        ("--mode global-job", {"GlobalJob": {}}),
        (
            "--mode replicated-job --replicas 4",
            {"ReplicatedJob": {"MaxConcurrent": 4, "TotalCompletions": 4}},
        ),
        (
            "--mode replicated-job --replicas 4 --max-concurrent 2",
            {"ReplicatedJob": {"MaxConcurrent": 2, "TotalCompletions": 4}},
        ),
    ],
)
def test_replicated_and_global_modes(mode: str, expected: dict[str, Any]) -> None:
    assert created(f"{mode} nginx")["Mode"] == expected


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ("--mode global --replicas 2", "replicas can only be used with replicated or replicated"),
        ("--max-concurrent 2", "max-concurrent can only be used with replicated-job mode"),
        ("--mode nope", "unknown mode: nope"),
        ("--mode global-job --update-delay 1s", "is not supported for jobs"),
        ("--no-healthcheck --health-cmd x", "--no-healthcheck conflicts"),
        ("--generic-resource gpu=fast", "invalid generic-resource request"),
        ("--secret missing", "secret not found: missing"),
        ("--secret source=a,target=x --secret source=b,target=x", "duplicate secret target"),
    ],
)
def test_create_rejects(flags: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        created(f"{flags} nginx", **{"GET /secrets": []})


def test_create_pins_the_image_to_the_registrys_digest() -> None:
    platforms = [{"os": "linux", "architecture": "amd64"}, {"os": "linux", "architecture": "arm"}]
    digest = "sha256:" + "b" * 64
    engine = StubEngine(
        {
            "POST /services/create": {"ID": "svc1", "Warnings": []},
            "GET /distribution/nginx:latest/json": {
                "Descriptor": {"digest": digest},
                "Platforms": platforms,
            },
        }
    )
    run("service create -d nginx", engine)
    task = engine.sent("POST /services/create")["TaskTemplate"]
    assert task["ContainerSpec"]["Image"] == f"nginx:latest@{digest}"
    assert task["Placement"]["Platforms"] == [
        {"OS": "linux", "Architecture": "amd64"},
        {"OS": "linux", "Architecture": ""},
    ]


def test_update_adds_and_removes_by_name() -> None:
    container = {
        "Image": "nginx:1",
        "Labels": {"a": "1", "b": "2"},
        "Env": ["A=1", "B=2"],
        "Groups": ["g2", "g1"],
        "Hosts": ["10.0.0.1 db old", "10.0.0.2 web"],
        "CapabilityAdd": ["CAP_NET_ADMIN"],
        "Mounts": [{"Target": "/a"}, {"Target": "/b"}],
    }
    spec = updated(
        "--container-label-add b=3 --container-label-rm a --env-add B=9 --env-rm A"
        " --group-add g3 --group-rm g1 --host-rm old --host-rm web --host-add new:10.0.0.3"
        " --cap-drop NET_ADMIN --cap-add chown --mount-rm /a --args 'x y' --image nginx:2"
        " --sysctl-add net.core.somaxconn=1 --ulimit-add nofile=5 --dns-add 1.1.1.1 --force",
        {"TaskTemplate": {"ContainerSpec": container}},
    )
    new = spec["TaskTemplate"]["ContainerSpec"]
    assert new["Labels"] == {"b": "3"}
    assert new["Env"] == ["B=9"]
    assert new["Groups"] == ["g2", "g3"]
    assert new["Hosts"] == ["10.0.0.1 db", "10.0.0.3 new"]
    assert (new["CapabilityAdd"], new["CapabilityDrop"]) == (["CAP_CHOWN"], [])
    assert new["Mounts"] == [{"Target": "/b"}]
    assert (new["Args"], new["Image"]) == (["x", "y"], "nginx:2")
    assert new["Sysctls"] == {"net.core.somaxconn": "1"}
    assert new["Ulimits"] == [{"Name": "nofile", "Hard": 5, "Soft": 5}]
    assert new["DNSConfig"]["Nameservers"] == ["1.1.1.1"]
    assert spec["TaskTemplate"]["ForceUpdate"] == 1


def test_update_changes_ports_networks_placement_and_replicas() -> None:
    port = {"Protocol": "tcp", "TargetPort": 80, "PublishedPort": 8080, "PublishMode": "ingress"}
    spec = updated(
        "--publish-rm 80 --publish-add 9090:90 --network-rm old --network-add new --replicas 5"
        " --constraint-add a==b --placement-pref-add spread=node.labels.z --label-add l=1",
        {
            "EndpointSpec": {"Ports": [port]},
            "TaskTemplate": {
                "ContainerSpec": {"Image": "nginx"},
                "Networks": [{"Target": "n1"}],
            },
        },
        **{"GET /networks/old": {"Id": "n1"}, "GET /networks/new": {"Id": "n2"}},
    )
    task = spec["TaskTemplate"]
    assert [(p["TargetPort"], p["PublishedPort"]) for p in spec["EndpointSpec"]["Ports"]] == [
        (90, 9090)
    ]
    assert [network["Target"] for network in task["Networks"]] == ["n2"]
    assert spec["Mode"] == {"Replicated": {"Replicas": 5}}
    assert task["Placement"]["Constraints"] == ["a==b"]
    assert task["Placement"]["Preferences"] == [{"Spread": {"SpreadDescriptor": "node.labels.z"}}]
    assert spec["Labels"] == {"l": "1"}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("--generic-resource-rm gpu", "could not find generic-resource `gpu`"),
        ("--rollback --force", "other flags may not be combined with --rollback"),
        ("--network-add net", "service is already attached to network net"),
    ],
)
def test_update_rejects(line: str, message: str) -> None:
    task = {"ContainerSpec": {"Image": "nginx"}, "Networks": [{"Target": "n1"}]}
    with pytest.raises(UsageError, match=message):
        updated(line, {"TaskTemplate": task}, **{"GET /networks/net": {"Id": "n1"}})


def test_replicas_need_a_replicated_service() -> None:
    with pytest.raises(UsageError, match="replicas can only be used with replicated mode"):
        updated("--replicas 2", {"Mode": {"Global": {}}})


def test_scale() -> None:
    engine = StubEngine(
        {"GET /services/web": service(), "POST /services/svc1/update": {"Warnings": []}}
    )
    assert run("service scale -d web=5", engine) == ["web scaled to 5"]
    assert engine.sent("POST /services/svc1/update")["Mode"]["Replicated"]["Replicas"] == 5


@pytest.mark.parametrize(
    ("scale", "error", "message"),
    [
        ("web", UsageError, "invalid scale specifier 'web'"),
        ("web=many", EngineError, "web: invalid replicas value many"),
        ("nope=1", EngineError, "nope: .*no response"),
    ],
)
def test_scale_rejects(scale: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        run(f"service scale -d {scale}", StubEngine({"GET /services/web": service()}))


def test_a_global_service_cannot_be_scaled() -> None:
    engine = StubEngine({"GET /services/web": service(Mode={"Global": {}})})
    with pytest.raises(EngineError, match="web: scale can only be used with replicated"):
        run("service scale -d web=2", engine)


def test_convergence_waits_for_all_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("docker_magics.commands.service._converge._POLL_INTERVAL_S", 0)
    starting = [{"DesiredState": "running", "Status": {"State": "starting"}}] * 2
    running = [{"DesiredState": "running", "Status": {"State": "running"}}] * 2
    engine = StubEngine(
        {
            "GET /services/web": service(UpdateConfig={"Monitor": 1}),
            "GET /tasks": ["in turn", starting, running],
            "POST /services/svc1/update": {},
        }
    )
    progress = run("service rollback web", engine)
    texts = []
    for state in progress.arrivals():
        progress.update(state)
        texts.append(progress.text())
    assert texts[0] == "overall progress: 0 out of 2 tasks"
    assert "verify: Waiting" in texts[1]
    assert progress.text().endswith("verify: Service web converged")
    assert progress.result() == "web"
    assert engine.query("POST /services/svc1/update")["rollback"] == "previous"


def test_a_paused_update_is_an_error() -> None:
    paused = service() | {"UpdateStatus": {"State": "paused", "Message": "no such image"}}
    engine = StubEngine(
        {"GET /services/web": paused, "GET /tasks": [], "POST /services/svc1/update": {}}
    )
    progress = run("service rollback web", engine)
    for state in progress.arrivals():
        progress.update(state)
    assert "service update paused: no such image" in progress.text()
    with pytest.raises(EngineError, match="service update paused: no such image"):
        progress.result()


@pytest.mark.parametrize("line", ["scale -d web=2", "rollback -d web"])
def test_scale_and_rollback_send_the_image_with_its_tag(line: str) -> None:
    spec = service(TaskTemplate={"ContainerSpec": {"Image": "busybox"}})
    engine = StubEngine({"GET /services/web": spec, "POST /services/svc1/update": {}})
    run(f"service {line}", engine)
    sent = engine.sent("POST /services/svc1/update")
    assert sent["TaskTemplate"]["ContainerSpec"]["Image"] == "busybox:latest"
