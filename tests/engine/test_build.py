"""docker build and %%dockerfile on real engines, with BuildKit and with the classic builder."""

from __future__ import annotations

import io
import os
import re
import signal
import tarfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from functools import partial
from hashlib import sha256
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from engine.differences import differs, skip_where_different
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from docker_magics import docker
from docker_magics.engine.buildkit import filesync
from docker_magics.errors import BuildFailed, Interrupted, NotFound, UsageError
from docker_magics.results.live import Progress
from docker_magics.results.show import Silent
from docker_magics.session import Session


@pytest.fixture(params=["buildkit", "classic"])
def builder(request: pytest.FixtureRequest, address: str, engine: str) -> str:  # noqa: ARG001
    """Each builder of the engine."""
    if request.param == "buildkit":
        skip_where_different(address, "BuildKit", build_by_buildkit)
    return str(request.param)


def build_by_buildkit() -> None:
    docker("build --builder buildkit -", input="FROM busybox\n")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/a").write_text("a\n")
    (tmp_path / "sub/a").chmod(0o751)
    (tmp_path / "link").symlink_to("sub/a")
    (tmp_path / "left-out.log").write_text("x")
    (tmp_path / ".dockerignore").write_text("*.log\nDockerfile\n")
    (tmp_path / "Dockerfile").write_text(
        "FROM busybox AS one\n"
        "ARG WHO=nobody\n"
        "COPY . /context\n"
        "RUN echo hello $WHO > /hello\n"
        "FROM one AS two\n"
        "RUN echo two > /two\n"
    )
    return tmp_path


class Recording(Silent):
    """Keeps the final progress as text and HTML."""

    text = html = ""

    def draw(self, progress: Progress, *, last: bool) -> None:
        if last:
            self.text, self.html = progress.text(), progress.html()


class Interrupting(Recording):
    """Raises SIGINT when the progress contains a text."""

    def __init__(self, trigger: str) -> None:
        self._trigger = trigger

    def draw(self, progress: Progress, *, last: bool) -> None:
        super().draw(progress, last=last)
        if not last and self._trigger in progress.text():
            signal.raise_signal(signal.SIGINT)


def build(line: str, view: Silent | None = None, **fields: Any) -> str:
    return str(Session().run(f"build {line}", view=view, **fields))


def cat(image: str, *paths: str) -> str:
    output = docker("run --rm {image} cat {paths}", image=image, paths=list(paths))
    return str(output.bytes.decode())


def test_build_of_a_folder(folder: Path, builder: str, name: str) -> None:
    line = f"--builder {builder} -t {name} --build-arg WHO=you --label l=1 {folder}"
    identity = build(line)
    assert identity.removeprefix("sha256:").isalnum()
    assert cat(name, "/hello", "/two", "/context/link") == "hello you\ntwo\na\n"
    listing = docker("run --rm {name} ls -ln /context /context/sub", name=name)
    assert "left-out.log" not in listing
    assert "-rwxr-x--x    1 0        0 " in listing
    assert docker("image inspect {name}", name=name)[0]["Config"]["Labels"]["l"] == "1"


def test_build_of_a_target_stage(folder: Path, builder: str, name: str) -> None:
    build(f"--builder {builder} -t {name} --target one {folder}")
    with pytest.raises(AssertionError):
        assert cat(name, "/two")


def test_iidfile_contains_the_image_id(folder: Path, builder: str, tmp_path: Path) -> None:
    identity = build(f"--builder {builder} -q --iidfile {tmp_path}/id {folder}")
    assert (tmp_path / "id").read_text() == identity


def test_a_dockerfile_outside_the_context(
    folder: Path, builder: str, name: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "My.Dockerfile"
    elsewhere.write_text("FROM busybox\nCOPY . /context\n")
    build(f"--builder {builder} -t {name} -f {elsewhere} {folder}")
    names = docker("run --rm {name} ls -a /context", name=name).split()
    assert set(names) - {".dockerignore"} == {".", "..", "link", "sub"}
    docker(f"build --builder {builder} -t {name} -f - {folder}", input=elsewhere.read_bytes())


def test_buildkit_fetches_only_changed_files(
    folder: Path, dockerd: str, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """A Dockerfile outside the context does not invalidate the cache."""
    monkeypatch.setenv("DOCKER_HOST", dockerd)
    (folder / "sub/large").write_bytes(os.urandom(3_000_000))
    sent: list[str] = []
    content_of = filesync.content_of

    def recording(path: Path, shown: str, size: int) -> Iterator[bytes]:
        sent.append(shown)
        return content_of(path, shown, size)

    monkeypatch.setattr(filesync, "content_of", recording)
    for command in ("one", "two"):
        view = Recording()
        dockerfile = f"FROM busybox\nCOPY sub /sub\nRUN echo {command}\n".encode()
        build(f"-t {name} {folder}", view, dockerfile=dockerfile)
    assert sorted(path for path in sent if path.startswith("sub/")) == ["sub/a", "sub/large"]
    assert re.search(r"CACHED .*COPY sub /sub", view.text)
    (folder / "sub/a").write_text("changed\n")
    build(f"-t {name} {folder}", dockerfile=b"FROM busybox\nCOPY . /all\n")
    assert cat(name, "/all/link") == "changed\n"
    assert sent.count("sub/large") <= 2


def test_build_from_stdin(builder: str, name: str) -> None:
    dockerfile = b"FROM busybox\nRUN echo in > /in\n"
    docker(f"build --builder {builder} -t {name} -", input=dockerfile)
    assert cat(name, "/in") == "in\n"
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        for path, content in (("D", b"FROM busybox\nCOPY x /x\n"), ("x", b"packed\n")):
            info = tarfile.TarInfo(path)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    docker(f"build --builder {builder} -t {name} -f D -", input=archive.getvalue())
    assert cat(name, "/x") == "packed\n"


def test_build_of_a_url(
    tmp_path: Path, dockerd: str, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("DOCKER_HOST", dockerd)
    (tmp_path / "Dockerfile").write_text("FROM busybox\nRUN echo far > /far\n")
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}/Dockerfile"
        for builder in ("buildkit", "classic"):
            build(f"--builder {builder} -t {name} {url}")
            assert cat(name, "/far") == "far\n"
        server.shutdown()


def test_progress_shows_steps_and_cache_hits(
    folder: Path, dockerd: str, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("DOCKER_HOST", dockerd)
    view = Recording()
    build(f"--builder buildkit -t {name} {folder}", view)
    build(f"--builder buildkit -t {name} {folder}", view)
    lines = view.text.splitlines()
    assert lines[0].startswith(f"Built {name}: ")
    assert any(re.match(r"#\d+ CACHED .*RUN echo two > /two", line) for line in lines)
    assert "CACHED" in view.html
    assert "RUN echo two &gt; /two" in view.html


def test_progress_of_the_classic_builder(folder: Path, engine: str, name: str) -> None:
    view = Recording()
    build(f"--builder classic --no-cache -t {name} {folder}", view)
    assert re.search(r"(?im)step 1/\d+ ?: FROM busybox AS one$", view.text)
    reports_containers = not differs(engine, "temporary containers")
    assert (" ---> Running in " in view.text) == reports_containers
    removed = re.search("Remov(ing|ed) intermediate container", view.text)
    assert (removed is not None) == reports_containers


def test_a_failed_step_names_its_line(builder: str) -> None:
    dockerfile = b"FROM busybox\n\n# c\nRUN echo ok\nRUN echo '<b>why</b>' >&2; exit 3\n"
    view = Recording()
    with pytest.raises(BuildFailed, match=r"line 6 of the cell: ") as raised:
        build(f"--no-cache --builder {builder}", view, dockerfile=dockerfile)
    assert raised.value.line == 5
    assert "<b>why</b>" in view.text
    assert "<b>why" not in view.html
    assert "&lt;b&gt;why" in view.html


def test_an_unknown_instruction_names_its_line(builder: str) -> None:
    with pytest.raises(BuildFailed, match=r"(?i)unknown instruction") as raised:
        build(f"--builder {builder}", dockerfile=b"FROM busybox\nRUNN x\n")
    assert raised.value.line in {2, None}


def test_a_pipe_in_the_context_is_an_error(folder: Path, builder: str) -> None:
    before = set(docker("images -aq"))
    os.mkfifo(folder / "pipe")
    # BuildKit requests files during the build, so there the build fails.
    failure = BuildFailed if builder == "buildkit" else UsageError
    with pytest.raises(failure, match="cannot send pipe: not a regular file"):
        build(f"--builder {builder} {folder}")
    assert set(docker("images -aq")) == before


def test_build_secrets(
    engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    skip_where_different(engine, "BuildKit", build_by_buildkit)
    monkeypatch.setenv("TOKEN", "t0ken")
    (tmp_path / "large").write_bytes(os.urandom(300_000))
    dockerfile = (
        b"FROM busybox\n"
        b"RUN --mount=type=secret,id=TOKEN sha256sum /run/secrets/TOKEN | cut -c-64 > /sum\n"
        b"RUN --mount=type=secret,id=f wc -c < /run/secrets/f > /size\n"
        b"RUN --mount=type=secret,id=none test ! -e /run/secrets/none\n"
    )
    view = Recording()
    flags = f"--secret id=TOKEN --secret id=f,src={tmp_path}/large"
    build(f"--no-cache --progress plain -t {name} {flags}", view, dockerfile=dockerfile)
    assert cat(name, "/size", "/sum").split() == ["300000", sha256(b"t0ken").hexdigest()]
    assert "t0ken" not in view.text
    assert "t0ken" not in docker("history --no-trunc --format json {name}", name=name)


def test_an_interrupt_cancels_the_build_on_the_engine(builder: str, engine: str, name: str) -> None:
    completes_step = differs(engine, "an interrupted step")
    seconds = f"{5 if completes_step else 100_000}.{uuid.uuid4().int % 100_000}"
    dockerfile = f"FROM busybox\nRUN echo go; sleep {seconds}\nRUN true\n".encode()
    shown = "go" if builder == "classic" else f"running  [2/3] RUN echo go; sleep {seconds}"
    with pytest.raises(Interrupted, match="The build was cancelled"):
        build(
            f"--no-cache --builder {builder} -t {name}", Interrupting(shown), dockerfile=dockerfile
        )
    if completes_step:
        assert _soon(lambda: _runs(seconds)), f"{engine} ends an interrupted step"
    assert _soon(lambda: not _runs(seconds)), f"sleep {seconds} is still running on {engine}"
    with pytest.raises(NotFound):
        docker("image inspect {name}", name=name)
    assert not [
        thread for thread in threading.enumerate() if thread.name.startswith("docker-magics")
    ]


def _soon(condition: Callable[[], bool]) -> bool:
    """Whether a condition becomes true within 20 seconds."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.1)
    return False


def _runs(marker: str) -> bool:
    """Whether a process has the marker in its command line."""
    return any(marker in _command(path) for path in Path("/proc").glob("[0-9]*/cmdline"))


def _command(path: Path) -> str:
    try:
        return path.read_bytes().decode(errors="replace")
    except OSError:
        return ""


def test_a_dockerfile_cell(engine: str, name: str, folder: Path) -> None:  # noqa: ARG001
    shell = InteractiveShell.instance()
    shell.run_line_magic("load_ext", "docker_magics")
    cell = f"FROM busybox\nRUN echo 'cell $i {{x}}' > /cell\nLABEL n={name}\n"
    with capture_output():
        identity = shell.run_cell_magic("dockerfile", f"-t {name}", cell)
        assert cat(name, "/cell") == "cell $i {x}\n"
        assert shell.user_ns["_exit_code"] == 0
        shell.run_cell_magic("dockerfile", f"again << -t {name}", cell)
        cell_with_context = "FROM busybox\nCOPY sub/a /copied\n"
        shell.run_cell_magic("dockerfile", f"-t {name} {folder}", cell_with_context)
    assert cat(name, "/copied") == "a\n"
    assert identity == shell.user_ns["again"]
    with pytest.raises(UsageError, match="the cell is the Dockerfile"):
        shell.run_cell_magic("dockerfile", "-f other", cell)
