"""A command line sends the requests that the docker CLI 29.7.2 sends.

cases_29.json and new_29.json were recorded from it with an engine of API 1.52. To an engine of
API 1.50 it sends what 28.2.2 sent (cases.json, more.json, swarm.json, further.json), except for the
lines of changed_29.json. A case contains the requests that `relevant` selects; `ours` says why
docker_magics deliberately sends others.
"""

from __future__ import annotations

import io
import json
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from wire.fake_engine import USERS_KEYS, FakeEngine, relevant, same

from docker_magics.cli.terminal import Terminal
from docker_magics.errors import DockerMagicsError
from docker_magics.session import Session

_HERE = Path(__file__).parent


def _cases(name: str) -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = json.loads((_HERE / name).read_text(encoding="utf-8"))
    return cases


def _older(*names: str) -> list[dict[str, Any]]:
    """Return the cases of older engines: 28.2.2's, or what 29.7.2 sends instead."""
    changed = {case["line"]: case for case in _cases("changed_29.json")}
    return [changed.get(case["line"], case) for name in names for case in _cases(name)]


def _ids(case: dict[str, Any]) -> str:
    return str(case["line"])


@pytest.fixture
def newest_engine(engine: FakeEngine) -> Iterator[FakeEngine]:
    """The fake engine, which supports the API of Docker 29.7."""
    older, engine.api_version = engine.api_version, "1.55"
    yield engine
    engine.api_version = older


@pytest.fixture
def experimental_engine(engine: FakeEngine) -> Iterator[FakeEngine]:
    """The fake engine, which announces experimental features."""
    engine.is_experimental = True
    yield engine
    engine.is_experimental = False


@pytest.mark.parametrize("case", _cases("cases_29.json"), ids=_ids)
def test_the_130_lines(case: dict[str, Any], newest_engine: FakeEngine) -> None:
    """These were recorded without empty fields."""
    _check(case, newest_engine, frozenset())


@pytest.mark.parametrize("case", _cases("new_29.json"), ids=_ids)
def test_newer_lines(
    case: dict[str, Any],
    newest_engine: FakeEngine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Lines of today's tutorials; ` <<< x` is the standard input, /srv/f the folder."""
    folder = tmp_path / "f"
    shutil.copytree(_HERE / "files" / "newer", folder)
    (folder / "bb.tar").write_bytes(bytes(10240))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DOCKER_BUILDKIT", "0")
    _check(
        {**case, "line": case["line"].replace("/srv/f", str(folder))}, newest_engine, frozenset()
    )


@pytest.mark.parametrize("case", _older("cases.json"), ids=_ids)
def test_the_130_lines_on_an_older_engine(case: dict[str, Any], engine: FakeEngine) -> None:
    """These were recorded without empty fields."""
    _check(case, engine, frozenset())


@pytest.mark.parametrize("case", _older("more.json", "swarm.json"), ids=_ids)
def test_more_lines(case: dict[str, Any], engine: FakeEngine) -> None:
    """Requests and exit codes of lines with most flags."""
    _check(case, engine, USERS_KEYS)


@pytest.mark.parametrize("case", _older("further.json"), ids=_ids)
def test_further_lines(
    case: dict[str, Any], engine: FakeEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unusual values of every flag, and files in the working directory."""
    folder = tmp_path / "work"
    shutil.copytree(_HERE / "files", folder)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("DOCKER_BUILDKIT", "0")
    for name in ("A", "B", "C", "D", "F"):
        monkeypatch.delenv(name, raising=False)
    placed = json.loads(json.dumps(case).replace("{cwd}", str(folder)))
    _check(placed, engine, USERS_KEYS)


@pytest.mark.parametrize("case", _cases("checkpoints.json"), ids=_ids)
def test_checkpoints(case: dict[str, Any], experimental_engine: FakeEngine) -> None:
    _check(case, experimental_engine, USERS_KEYS)


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("line", ["checkpoint ls web", "start --checkpoint one web"])
def test_checkpoints_of_an_engine_without_experimental_features(line: str) -> None:
    with pytest.raises(DockerMagicsError, match="experimental features enabled"):
        Session().run_args(line.split())


def _check(case: dict[str, Any], engine: FakeEngine, whole: frozenset[str]) -> None:
    exit_code = 0
    line, _, stdin = case["line"].partition(" <<< ")
    terminal = Terminal(io.BytesIO(stdin.encode()), has_input=bool(stdin))
    try:
        result = Session().run_args(shlex.split(line), terminal=terminal)
        exit_code = getattr(result, "exit_code", None) or 0
    except DockerMagicsError as error:
        exit_code = error.exit_code
    finally:
        for name in ("/tmp/wire-none-cid", "/tmp/wire-hosts", "/tmp/wire-s.tar"):
            Path(name).unlink(missing_ok=True)
    sent = [same(request.as_json(), whole=whole) for request in relevant(engine.requests)]
    assert sent == [same(request, whole=whole) for request in case["requests"]]
    assert exit_code == case["rc"]


def test_load_with_visible_progress(engine: FakeEngine) -> None:
    """Progress is requested if it is shown, like the CLI does on a terminal."""
    args = ["load", "-i", str(_HERE / "cases.json")]
    Session().run_args(args, terminal=Terminal(shows_progress=True))
    assert engine.requests[-1].query == {}


def test_parameters_unknown_to_an_older_engine(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are omitted or rejected, as the CLI does."""
    older = FakeEngine(tmp_path_factory.mktemp("e") / "s", api_version="1.41").start()
    monkeypatch.setenv("DOCKER_HOST", older.host)
    Session().run_args(["stop", "-s", "INT", "web"])
    assert older.requests[-1].query == {}
    for line in ("images --tree", "volume create --scope multi v", "create --annotation a=b x"):
        with pytest.raises(DockerMagicsError, match=r"API version is 1\.41"):
            Session().run_args(line.split())
    older.stop()
