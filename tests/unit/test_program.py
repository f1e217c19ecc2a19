"""The `docker-magics` program on a stub engine."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from unit.commands.stub_engine import StubEngine
from unit.conftest import run_program
from wire.fake_engine import FakeEngine

from docker_magics import program
from docker_magics.wire.frames import Stream, encode

#: Modules that take long to import, or import many others; the standard library's included.
_HEAVY = {
    *("pandas", "numpy", "IPython", "ipywidgets", "anywidget", "docker", "requests", "urllib3"),
    *("h2", "h11", "docker_magics.embedded", "docker_magics.widgets", "docker_magics.explain"),
    *("asyncio", "email", "http.client", "logging", "shutil", "ssl", "subprocess", "tarfile"),
    # From Python 3.14 on, typing.NamedTuple itself needs ast.
    *(("ast",) if sys.version_info < (3, 14) else ()),
    *("dataclasses", "datetime", "inspect", "pathlib"),
    *("tempfile", "urllib.request"),
    *("docker_magics.cli.flag_types.swarm", "docker_magics.engine.context"),
    "docker_magics.results.gotemplate",
}
_OF_RUN = {"docker_magics.cli.flag_types.mounts", "docker_magics.engine.hijack"}
_OF_QUERIES = {"ipaddress", "urllib.parse"}
_NO_TTY = b"cannot attach stdin to a TTY-enabled container because stdin is not a terminal\n"
_CONTAINER = {"Id": "c" * 64, "Config": {"Tty": False}, "State": {"Running": False}}


def test_listings_are_text(engine: StubEngine, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    volume = {"Name": "data", "Driver": "local", "Scope": "local", "Mountpoint": "/x"}
    engine.responses["GET /volumes"] = {"Volumes": [volume]}
    assert run_program("volume ls", capfdbinary) == (
        0,
        b"DRIVER    VOLUME NAME\nlocal     data\n",
        b"",
    )
    assert run_program("volume ls -q", capfdbinary) == (0, b"data\n", b"")
    assert run_program("volume ls --format {{.Name}}", capfdbinary) == (0, b"data\n", b"")


def test_lines_of_diff_and_port(
    engine: StubEngine, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    engine.responses["GET /containers/web/changes"] = [{"Kind": 1, "Path": "/a"}]
    ports = {"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8080"}], "1/udp": None}
    ports["81/tcp"] = [{"HostIp": "::", "HostPort": "8081"}]
    engine.responses["GET /containers/web/json"] = {"NetworkSettings": {"Ports": ports}}
    assert run_program("diff web", capfdbinary) == (0, b"A /a\n", b"")
    assert (
        run_program("port web", capfdbinary)[1] == b"80/tcp -> 0.0.0.0:8080\n81/tcp -> [::]:8081\n"
    )
    assert run_program("port web 80", capfdbinary) == (0, b"0.0.0.0:8080\n", b"")


def test_output_is_passed_on_as_bytes(
    engine: StubEngine, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    engine.responses["GET /containers/web/json"] = _CONTAINER
    frames = encode(Stream.STDOUT, b"\xff\0\n") + encode(Stream.STDERR, b"e\n")
    engine.responses[f"GET /containers/{_CONTAINER['Id']}/logs"] = frames
    assert run_program("logs web", capfdbinary) == (0, b"\xff\0\n", b"e\n")


def test_formats_of_the_configuration(
    engine: StubEngine,
    capfdbinary: pytest.CaptureFixture[bytes],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """They replace the tables; -q and --format come first."""
    formats = {"psFormat": "{{.Names}} {{.Size}}", "imagesFormat": "table {{.Repository}}"}
    (tmp_path / "config.json").write_text(json.dumps(formats))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    container = {"Id": "c" * 64, "Names": ["/web"], "SizeRw": 5}
    engine.responses["GET /containers/json"] = [container]
    image = {"Id": "sha256:" + "a" * 64, "RepoTags": ["busybox:1"], "Created": 0, "Size": 1}
    engine.responses["GET /images/json"] = [image]
    assert run_program("ps", capfdbinary)[1] == b"web 5B\n"
    assert engine.query("GET /containers/json")["size"] is True
    assert run_program("ps -q", capfdbinary)[1] == b"c" * 12 + b"\n"
    assert run_program("ps --format {{.ID}}", capfdbinary)[1] == b"c" * 12 + b"\n"
    assert run_program("images", capfdbinary)[1] == b"REPOSITORY\nbusybox\n"
    assert run_program("images --tree", capfdbinary)[1].startswith(b"IMAGE ")


def test_notices_and_events_are_on_stdout(
    engine: StubEngine, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    engine.responses["POST /containers/web/stop"] = {}
    engine.responses["GET /events"] = b""
    notice = b"Flag --time has been deprecated, use --timeout instead\n"
    assert run_program("stop --time 0 web", capfdbinary) == (0, notice + b"web\n", b"")
    assert run_program("events --until 1", capfdbinary) == (0, b"", b"")


def test_an_archive_goes_to_stdout(
    engine: StubEngine, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    engine.responses["GET /images/get"] = b"archive"
    engine.responses["GET /containers/web/export"] = b"files"
    assert run_program("save busybox", capfdbinary) == (0, b"archive", b"")
    assert run_program("export web", capfdbinary) == (0, b"files", b"")


def test_questions(
    engine: StubEngine, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    engine.responses["POST /volumes/prune"] = {"VolumesDeleted": [], "SpaceReclaimed": 0}
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"n\n")))
    _, out, _ = run_program("volume prune", capfdbinary)
    assert out.endswith(b"[y/N] ")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"y\n")))
    _, out, _ = run_program("volume prune", capfdbinary)
    assert b"Total reclaimed space: 0B" in out


def test_a_terminal_is_needed_for_a_terminal(
    engine: StubEngine, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))
    for line in ("exec -it web sh", "run -it busybox sh"):
        assert run_program(line, capfdbinary) == (1, b"", _NO_TTY)
    assert engine.requests == []
    assert run_program("login -u me", capfdbinary)[1:] == (
        b"",
        b"error: cannot perform an interactive login from a non-TTY device\n",
    )


def test_what_an_import_makes_is_on_stdout(
    engine: StubEngine, capfdbinary: pytest.CaptureFixture[bytes], tmp_path: Path
) -> None:
    engine.responses["POST /images/create"] = b'{"status":"sha256:abc"}\n'
    (tmp_path / "root.tar").write_bytes(b"")
    assert run_program(f"import {tmp_path}/root.tar", capfdbinary) == (0, b"sha256:abc\n", b"")


def test_what_a_load_makes_is_on_stdout(
    engine: StubEngine, capfdbinary: pytest.CaptureFixture[bytes], tmp_path: Path
) -> None:
    engine.responses["POST /images/load"] = b'{"stream":"Loaded image: app:1\\n"}\n'
    (tmp_path / "app.tar").write_bytes(b"")
    assert run_program(f"load -i {tmp_path}/app.tar", capfdbinary) == (
        0,
        b"Loaded image: app:1\n",
        b"",
    )


def test_the_classic_builder_s_steps_are_on_stdout(
    engine: StubEngine, capfdbinary: pytest.CaptureFixture[bytes], tmp_path: Path
) -> None:
    (tmp_path / "Dockerfile").write_text("FROM a\nRUN exit 7\n")
    step = b'{"stream":"Step 1/2 : FROM a\\n"}\n{"stream":"\\u001b[91merr\\n\\u001b[0m"}\n'
    engine.responses["POST /build"] = step + b'{"aux":{"ID":"sha256:abc"}}\n'
    line = f"build --builder classic {tmp_path}"
    assert run_program(line, capfdbinary) == (0, b"Step 1/2 : FROM a\nerr\n", b"")
    error = b'{"errorDetail":{"code":7,"message":"code: 7"},"error":"code: 7"}\n'
    engine.responses["POST /build"] = b'{"stream":"Step 2/2 : RUN exit 7\\n"}\n' + error
    assert run_program(line, capfdbinary) == (7, b"Step 2/2 : RUN exit 7\n", b"line 2: code: 7\n")
    assert run_program(f"{line} --check", capfdbinary)[2].startswith(
        b"cannot use --check: the classic builder does not support it\n"
    )


def test_a_pipe_gets_the_status_of_a_pull(
    engine: StubEngine, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    engine.responses["POST /images/create"] = (
        b'{"status":"Pulling from library/app","id":"latest"}\n'
        b'{"status":"Pulling fs layer","progressDetail":{},"id":"0123456789ab"}\n'
        b'{"status":"Downloading","progressDetail":{"current":1,"total":2},"id":"0123456789ab"}\n'
        b'{"status":"Pull complete","progressDetail":{},"id":"0123456789ab"}\n'
        b'{"status":"Status: Downloaded newer image for app:latest"}\n'
    )
    name = b"docker.io/library/app:latest\n"
    lines = (
        b"Using default tag: latest\n"
        b"latest: Pulling from library/app\n"
        b"0123456789ab: Pulling fs layer\n"
        b"0123456789ab: Pull complete\n"
        b"Status: Downloaded newer image for app:latest\n"
    )
    assert run_program("pull app", capfdbinary) == (0, lines + name, b"")
    assert run_program("pull -q app", capfdbinary) == (0, name, b"")


def test_a_pipe_gets_the_status_of_a_push(
    engine: StubEngine, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    engine.responses["POST /images/reg:5/app/push"] = (
        b'{"status":"The push refers to repository [reg:5/app]"}\n'
        b'{"status":"Preparing","progressDetail":{},"id":"0123456789ab"}\n'
        b'{"status":"1: digest: sha256:abc size: 527"}\n'
        b'{"progressDetail":{},"aux":{"Tag":"1"}}\n'
    )
    lines = (
        b"The push refers to repository [reg:5/app]\n"
        b"0123456789ab: Preparing\n"
        b"1: digest: sha256:abc size: 527\n"
    )
    assert run_program("push reg:5/app:1", capfdbinary) == (0, lines, b"")
    assert run_program("push -q reg:5/app:1", capfdbinary) == (0, b"reg:5/app:1\n", b"")


def test_the_pull_of_a_run_is_on_stderr(
    engine: StubEngine, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    engine.responses["POST /images/create"] = b'{"status":"Status: Downloaded app:latest"}\n'
    engine.responses["POST /containers/create"] = {"Id": "c" * 64, "Warnings": []}
    identity = b"c" * 64 + b"\n"
    status = b"Status: Downloaded app:latest\n"
    assert run_program("create --pull always app", capfdbinary) == (0, identity, status)


def test_compose_takes_the_place_of_the_program(tmp_path: Path) -> None:
    """A script's commands inherit its standard input; Compose's are those of any docker line."""
    plugin = tmp_path / "cli-plugins/docker-compose"
    plugin.parent.mkdir()
    plugin.write_text("#!/bin/sh\necho 2.40.3 $DOCKER_HOST $*\n")
    plugin.chmod(0o755)
    command = f"'{sys.executable}' -m docker_magics -H unix:///x.sock compose -f a.yaml up"
    done = subprocess.run(
        ["bash"],
        input=f"{command}\necho after\n",
        capture_output=True,
        check=True,
        text=True,
        env=os.environ | {"DOCKER_CONFIG": str(tmp_path)},
        timeout=60,
    )
    assert done.stdout == "2.40.3 unix:///x.sock compose -f a.yaml up\nafter\n"


def test_a_closed_pipe_ends_the_program_quietly() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "docker_magics", "run", "--help"]
    done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (-signal.SIGPIPE, b"")


def test_shim(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    code, out, _ = run_program(f"shim {tmp_path}", capfdbinary)
    assert (code, out) == (0, f"{tmp_path}/docker\n".encode())
    (tmp_path / "docker").write_text("")
    code, _, err = run_program(f"shim {tmp_path}", capfdbinary)
    assert code == 1
    assert err == f"cannot write {tmp_path}/docker: it is another program\n".encode()
    assert run_program("shim", capfdbinary)[0] == 1


def test_engine(capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///x.sock")
    started: list[tuple[str, list[str], str]] = []
    monkeypatch.setattr(
        os, "execvpe", lambda file, args, env: started.append((file, args, env["DOCKER_HOST"]))
    )
    program.run(["engine", "--", "pytest", "-q"])
    assert started == [("pytest", ["pytest", "-q"], "unix:///x.sock")]
    assert run_program("engine", capfdbinary)[0] == 1


def test_a_command_that_does_not_exist(
    capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///x.sock")
    message = b"cannot run /nonexistent: no such file or directory\n"
    assert run_program("engine -- /nonexistent", capfdbinary) == (1, b"", message)


@pytest.mark.parametrize(
    ("line", "more_heavy"),
    [
        ("ps", _OF_RUN | _OF_QUERIES),
        ("images", _OF_RUN),
        ("run -d busybox", set()),
    ],
)
def test_a_line_imports_little(line: str, more_heavy: set[str], tmp_path: Path) -> None:
    """Most of the time of `docker-magics ps` is Python's start and the imports."""
    fake = FakeEngine(tmp_path / "s").start()
    listed = {"Id": "c" * 64, "Names": ["/web"], "Image": "busybox", "Created": 1, "Ports": []}
    listed |= {"Command": "sh", "Status": "Up 1 second", "State": "running"}
    fake.answers.append((r"GET /containers/json", lambda: [listed]))
    code = (
        f"import sys; before = set(sys.modules);"  # what the environment's .pth files import
        f"from docker_magics.program import run; run({line.split()!r});"
        f"print(sorted((set(sys.modules) - before) & {_HEAVY | more_heavy!r}))"
    )
    environment = {**os.environ, "DOCKER_HOST": fake.host, "DOCKER_CONFIG": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    fake.stop()
    assert len(done.stdout.splitlines()) > 1
    assert done.stdout.splitlines()[-1] == "[]"


def test_version_loads_no_templates() -> None:
    code = (
        "import sys, docker_magics.commands.version;"
        "print('docker_magics.results.gotemplate' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
