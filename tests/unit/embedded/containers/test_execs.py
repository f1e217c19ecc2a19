"""The lifecycle of execs."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from unit.embedded import fakes
from unit.embedded.containers.support import Connection, FakeProcess, FakeSpecs, FakeSupervisor

from docker_magics.embedded.containers import exec as exec_module
from docker_magics.embedded.containers import security
from docker_magics.embedded.containers.events import ContainerEvents
from docker_magics.embedded.containers.exec import Exec, ExecConfig
from docker_magics.embedded.containers.execs import Execs, ExecStartError, check_active
from docker_magics.embedded.errors import ApiError, BadParameter, Conflict, NotFound
from docker_magics.embedded.records.container import Container
from docker_magics.embedded.runtime.process import StartFailed
from docker_magics.wire import frames

FAILED = "OCI runtime exec failed: exec failed"


def config(**changes: Any) -> ExecConfig:
    base: Any = {
        "Cmd": ["ls", "-l"],
        "Tty": False,
        "User": "",
        "Privileged": False,
        "Env": [],
        "WorkingDir": "",
        "DetachKeys": "",
        "ConsoleSize": None,
        "AttachStdin": False,
        "AttachStdout": True,
        "AttachStderr": True,
    }
    return base | changes  # type: ignore[no-any-return]


class Engine:
    """Execs with their dependencies."""

    def __init__(self, folder: Path, *next_: FakeProcess | Exception, **driver: bool) -> None:
        self.events = fakes.FakeEvents()
        self.supervisor = FakeSupervisor(*next_, **driver)
        self.specs = FakeSpecs()
        cgroups = SimpleNamespace(
            procs_files=lambda name: [f"/cgroup/{name[:4]}/cgroup.procs"],
            leaves_devices_open=False,
        )
        self.execs = Execs(
            ContainerEvents(self.events),
            self.supervisor,  # type: ignore[arg-type]
            cgroups,  # type: ignore[arg-type]
            self.specs,  # type: ignore[arg-type]
        )
        self.web = fakes.container(folder, pid=7)


def wait_for_actions(events: fakes.FakeEvents, count: int) -> list[str]:
    deadline = time.monotonic() + 5
    while len(events.events) < count and time.monotonic() < deadline:
        time.sleep(0.01)
    return events.actions("container")


def test_a_detached_exec_from_its_creation_to_its_end(tmp_path: Path) -> None:
    process = FakeProcess(pid=55)
    engine = Engine(tmp_path, process)
    exec_ = engine.execs.create(engine.web, config(Env=["A=1"], User="bob"))
    assert engine.execs.get(exec_.id) is exec_
    assert engine.web.execs == {exec_.id: exec_}
    before = exec_.as_json()
    assert (before["Running"], before["ExitCode"], before["Pid"]) == (False, None, 0)
    assert before["ProcessConfig"] == {
        "tty": False, "entrypoint": "ls", "arguments": ["-l"], "privileged": False, "user": "bob",
    }  # fmt: skip
    engine.execs.claim(exec_)
    engine.execs.run(exec_, engine.execs.prepare(exec_))
    assert process.started
    running = exec_.as_json()
    assert (running["Running"], running["Pid"], running["CanRemove"]) == (True, 55, False)
    process.finish(3)
    assert exec_.ended.wait(5)
    after = exec_.as_json()
    assert (after["Running"], after["ExitCode"], after["CanRemove"]) == (False, 3, True)
    assert engine.web.execs == {}
    actions = wait_for_actions(engine.events, 3)
    assert actions == ["exec_create: ls -l", "exec_start: ls -l", "exec_die"]
    assert {event[3]["execID"] for event in engine.events.events} == {exec_.id}
    assert engine.events.events[-1][3]["exitCode"] == "3"


def test_what_a_killed_shim_of_an_exec_leaves_is_ended(tmp_path: Path) -> None:
    process = FakeProcess(pid=55)
    engine = Engine(tmp_path, process)
    exec_ = engine.execs.create(engine.web, config())
    engine.execs.claim(exec_)
    engine.execs.run(exec_, engine.execs.prepare(exec_))
    process.finish(137, finished=0)
    assert exec_.ended.wait(5)
    assert exec_.exit_code == 137
    assert engine.supervisor.orphaned == [(exec_.name, 55)]


def test_the_specification_of_an_exec(tmp_path: Path) -> None:
    engine = Engine(tmp_path, FakeProcess())
    engine.web.host_config.update(
        GroupAdd=["audio"], CapAdd=["NET_ADMIN"], SecurityOpt=["no-new-privileges"]
    )
    exec_ = engine.execs.create(
        engine.web, config(Env=["A=1"], Tty=True, User="bob", WorkingDir="/srv", AttachStdin=True)
    )
    engine.execs.prepare(exec_)
    [(folder, spec, name)] = engine.supervisor.specs
    assert (folder, name) == (engine.web.folder, f"exec-{exec_.id[:16]}")
    assert spec["args"] == ["ls", "-l"]
    assert spec["env"] == ["PATH=/bin", "TERM=xterm", "A=1"]
    assert (spec["cwd"], spec["user"], spec["groups"]) == ("/srv", "bob", ["audio"])
    assert (spec["tty"], spec["stdin"], spec["stdin_once"]) == (True, True, True)
    assert (spec["join"], spec["no_new_privs"]) == (7, True)
    assert spec["seccomp"] == security.filter_of(engine.web.host_config)
    assert "CAP_NET_ADMIN" in spec["caps"] or "NET_ADMIN" in spec["caps"]
    assert spec["cgroup"] == [f"/cgroup/{engine.web.id[:4]}/cgroup.procs"]
    assert "rootfs" not in spec


def test_a_privileged_exec_has_the_container_s_filter(tmp_path: Path) -> None:
    engine = Engine(tmp_path, FakeProcess())
    engine.execs.prepare(engine.execs.create(engine.web, config(Privileged=True)))
    spec = engine.supervisor.specs[0][1]
    assert spec["privileged"]
    assert spec["seccomp"] == security.filter_of(engine.web.host_config)
    assert len(spec["caps"]) > 30


def test_a_driver_without_namespaces_gets_the_container_s_files(tmp_path: Path) -> None:
    engine = Engine(tmp_path, FakeProcess(), enters_namespaces=False)
    engine.execs.prepare(engine.execs.create(engine.web, config()))
    spec = engine.supervisor.specs[0][1]
    assert (spec["rootfs"]["merged"], spec["mounts"]) == ("/nowhere", ["a mount"])
    assert (spec["namespaces"], spec["seccomp"]) == ({"net": "new"}, "the driver's filter")
    assert (spec["hostname"], spec["loopback"]["number"]) == ("web", 7)
    assert spec["devices"] == ["a device"]


def test_a_link_to_a_stopped_container_is_an_error(tmp_path: Path) -> None:
    engine = Engine(tmp_path)
    engine.specs.refusal = ApiError("Cannot link to a non running container")
    with pytest.raises(ApiError, match="Cannot link"):
        engine.execs.create(engine.web, config())
    assert engine.web.execs == {}
    assert engine.events.events == []


def test_an_exec_starts_once(tmp_path: Path) -> None:
    engine = Engine(tmp_path)
    exec_ = engine.execs.create(engine.web, config())
    refused = []

    def claim() -> None:
        try:
            engine.execs.claim(exec_)
        except Conflict as error:
            refused.append(str(error))

    threads = [threading.Thread(target=claim) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == [f"Error: Exec command {exec_.id} has already run"] * 7


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("Paused", "Container web is paused, unpause the container before exec"),
        ("Restarting", "is restarting, wait until the container is running"),
        ("stopped", "is not running"),
    ],
)
def test_containers_without_execs(tmp_path: Path, change: str, message: str) -> None:
    engine = Engine(tmp_path)
    exec_ = engine.execs.create(engine.web, config())
    if change == "stopped":
        engine.web.process = None
    else:
        engine.web.state[change] = True  # type: ignore[literal-required]
    with pytest.raises(Conflict, match=message):
        check_active(engine.web, "web")
    with pytest.raises(Conflict, match=message.replace("web", engine.web.id)):
        engine.execs.claim(exec_)
    engine.web.process = None
    with pytest.raises(Conflict, match="is not running"):
        engine.execs.prepare(exec_)


def test_a_relative_working_directory_is_an_error(tmp_path: Path) -> None:
    engine = Engine(tmp_path)
    exec_ = engine.execs.create(engine.web, config(WorkingDir="srv"))
    with pytest.raises(ExecStartError, match="Cwd must be an absolute path"):
        engine.execs.prepare(exec_)
    assert exec_.exit_code == 128


@pytest.mark.parametrize(
    ("failure", "message", "code"),
    [
        (
            StartFailed("no such file or directory", 127),
            f"{FAILED}: unable to start container process: no such file or directory: unknown",
            127,
        ),
        (
            StartFailed("permission denied", 126),
            f"{FAILED}: unable to start container process: permission denied: unknown",
            126,
        ),
        (
            StartFailed("invalid argument", 126),
            f"{FAILED}: unable to start container process: invalid argument: unknown",
            128,
        ),
        (StartFailed("unable to find user bob", 128), "unable to find user bob", 126),
    ],
)
@pytest.mark.parametrize("when", ["create", "start"])
def test_a_program_that_cannot_be_started(
    tmp_path: Path, failure: StartFailed, message: str, code: int, when: str
) -> None:
    engine = Engine(tmp_path, failure if when == "create" else FakeProcess(failure=failure))
    exec_ = engine.execs.create(engine.web, config())
    files = [engine.web.folder / f"{exec_.name}.{suffix}" for suffix in ("json", "exit")]
    for file in files:
        file.touch()
    with pytest.raises(ExecStartError) as caught:
        engine.execs.run(exec_, engine.execs.prepare(exec_))
    assert (str(caught.value), caught.value.status) == (message, 400)
    assert exec_.exit_code == code
    assert exec_.ended.is_set()
    assert engine.web.execs == {}
    assert not any(file.exists() for file in files)
    assert engine.events.actions("container") == ["exec_create: ls -l"]


def test_an_attached_client_receives_the_output_and_the_end(tmp_path: Path) -> None:
    process = FakeProcess()
    engine = Engine(tmp_path, process)
    exec_ = engine.execs.create(engine.web, config(AttachStdin=True))
    connection = Connection()
    thread = threading.Thread(
        target=engine.execs.run_attached, args=(exec_, connection.raw), kwargs={"framed": True}
    )
    thread.start()
    assert exec_.begun.wait(5)
    assert process.attached == [(True, ("stdout", "stderr"))]
    connection.sock.sendall(b"input")
    assert process.ends[0].recv(100) == b"input"
    process.ends[0].sendall(b"frames of the shim")
    process.finish(4)
    assert connection.received() == b"frames of the shim"
    assert exec_.exit_code == 4, "it is known when the client sees the end"
    thread.join(5)
    connection.close()


@pytest.mark.parametrize("framed", [True, False])
def test_an_attached_client_receives_the_error_as_output(
    tmp_path: Path,
    framed: bool,  # noqa: FBT001
) -> None:
    engine = Engine(tmp_path, StartFailed("no such user", 128))
    exec_ = engine.execs.create(engine.web, config())
    connection = Connection()
    engine.execs.run_attached(exec_, connection.raw, framed=framed)
    message = b"no such user\r\n"
    expected = frames.encode(frames.Stream.STDOUT, message) if framed else message
    assert connection.received() == expected
    connection.close()


def test_the_detach_keys_leave_an_exec_running(tmp_path: Path) -> None:
    process = FakeProcess()
    engine = Engine(tmp_path, process)
    exec_ = engine.execs.create(engine.web, config(Tty=True, AttachStdin=True))
    connection = Connection(early=b"\x10\x11")
    engine.execs.run_attached(exec_, connection.raw, framed=False)
    assert connection.received() == b""
    assert exec_.as_json()["Running"]
    assert process.attached == [(True, ("stdout",))]
    process.finish()
    assert exec_.ended.wait(5)
    connection.close()


def test_a_resize_waits_for_the_start(tmp_path: Path) -> None:
    process = FakeProcess()
    engine = Engine(tmp_path, process)
    exec_ = engine.execs.create(engine.web, config(Tty=True))
    prepared = engine.execs.prepare(exec_)
    timer = threading.Timer(0.1, engine.execs.run, [exec_, prepared])
    timer.start()
    engine.execs.resize(exec_, 24, 80)
    assert process.sizes == [(24, 80)]
    process.finish()
    assert exec_.ended.wait(5)
    with pytest.raises(BadParameter, match=f"cannot resize a stopped container: {exec_.id}"):
        engine.execs.resize(exec_, 24, 80)


@pytest.fixture
def ended(tmp_path: Path) -> Exec:
    exec_ = Exec(fakes.container(tmp_path), config())
    exec_.end(0)
    return exec_


def test_an_exec_expires_five_minutes_after_its_end(
    ended: Exec, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.monotonic()
    monkeypatch.setattr(exec_module.time, "monotonic", lambda: now + 290)
    assert not ended.is_expired
    monkeypatch.setattr(exec_module.time, "monotonic", lambda: now + 310)
    assert ended.is_expired


def test_expired_execs_are_forgotten_when_the_next_one_is_created(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exec_module, "REMEMBERED_S", -1)
    engine = Engine(tmp_path)
    running = engine.execs.create(engine.web, config())
    old = engine.execs.create(engine.web, config())
    old.end(0)
    assert engine.execs.get(old.id) is old
    engine.execs.create(engine.web, config())
    with pytest.raises(NotFound, match=f"No such exec instance: {old.id}"):
        engine.execs.get(old.id)
    assert engine.execs.get(running.id) is running


def test_execs_of_a_removed_container_do_not_exist(tmp_path: Path) -> None:
    engine = Engine(tmp_path)
    exec_ = engine.execs.create(engine.web, config())
    engine.web.removed = True
    assert exec_.is_expired
    for exec_id in (exec_.id, "nope", ""):
        with pytest.raises(NotFound, match="No such exec instance"):
            engine.execs.get(exec_id)


def test_a_command_without_arguments_ends_with_a_blank_in_events(tmp_path: Path) -> None:
    web: Container = fakes.container(tmp_path)
    assert Exec(web, config(Cmd=["ls"])).command == "ls "
