"""docker commit."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from unit.embedded import fakes
from unit.embedded.containers.support import Client
from unit.embedded.images.support import Store

from docker_magics.embedded.api.messages import Json
from docker_magics.embedded.containers.commit import Committer, merge_config
from docker_magics.embedded.containers.commit_routes import CommitRoutes
from docker_magics.embedded.containers.events import ContainerEvents
from docker_magics.embedded.errors import ApiError, BadParameter, Conflict, NotFound


class Commits:
    """A container, and a client that commits it."""

    def __init__(self, folder: Path) -> None:
        self.store = Store(folder)
        self.base = self.store.image("base:1")
        self.web = fakes.container(
            folder,
            Image=self.base.id,
            config={
                "Image": "base:1",
                "Cmd": ["sleep", "1"],
                "Env": ["A=1", "B=2"],
                "Labels": {"a": "1"},
            },
        )
        self.changes = folder / "changes"
        self.changes.mkdir()
        (self.changes / "new").write_text("12345")
        self.calls: list[str] = []
        self.events = fakes.FakeEvents()
        storage: Any = SimpleNamespace(changes=lambda _layer: self.changes)
        self.lifecycle: Any = SimpleNamespace(pause=self.pause, unpause=self.unpause)
        events = ContainerEvents(self.events)
        committer = Committer(self.store.images, storage, self.lifecycle, events)
        containers: Any = fakes.FakeContainers(self.web)
        self.client = Client(CommitRoutes(containers, committer).table())

    def pause(self, container: Any) -> None:
        self.calls.append("pause")
        container.state["Paused"] = True

    def unpause(self, container: Any) -> None:
        self.calls.append("unpause")
        container.state["Paused"] = False

    def commit(self, body: Any = None, **query: str) -> Any:
        response = self.client("POST", "/commit", body, **{"container": "web", **query})
        assert isinstance(response, Json)
        assert response.status == 201
        return self.store.images.get(response.value["Id"])


@pytest.fixture
def commits(tmp_path: Path) -> Commits:
    return Commits(tmp_path)


def test_an_image_of_a_container_s_changes(commits: Commits) -> None:
    image = commits.commit(
        repo="new", tag="2", author="me", comment="why", changes="LABEL x=applied"
    )
    assert commits.store.images.resolve("new:2").id == image.id
    assert image.parent == commits.base.id
    assert len(image.diff_ids) == len(commits.base.diff_ids) + 1
    assert image.config["author"] == "me"
    assert image.config["history"][-1]["comment"] == "why"
    assert image.config["history"][-1]["created_by"] == "sleep 1"
    assert image.run_config["Labels"] == {"a": "1", "x": "applied"}
    [event] = [event for event in commits.events.events if event[1] == "commit"]
    assert event[3]["imageID"] == image.id
    assert event[3]["imageRef"] == "new:2"
    assert commits.web.config["Labels"] == {"a": "1"}, "the container's own stays as it is"


def test_an_image_without_a_name(commits: Commits) -> None:
    image = commits.commit()
    assert commits.store.images.references.of(image.id) == []
    assert "imageRef" not in commits.events.events[-1][3]


@pytest.mark.parametrize(
    ("running", "paused", "asked", "calls"),
    [
        (True, False, "1", ["pause", "unpause"]),
        (True, False, "0", []),
        (True, True, "1", []),
        (False, False, "1", []),
    ],
)
def test_a_running_container_is_paused_during_the_commit(
    commits: Commits,
    running: bool,  # noqa: FBT001
    paused: bool,  # noqa: FBT001
    asked: str,
    calls: list[str],
) -> None:
    if running:
        fakes.start(commits.web)
    commits.web.state["Paused"] = paused
    commits.commit(pause=asked)
    assert commits.calls == calls
    assert commits.web.state["Paused"] == paused


@pytest.mark.parametrize("step", ["pause", "unpause"])
def test_a_container_that_ends_during_the_commit(
    commits: Commits, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def ended(_container: Any) -> None:
        raise Conflict("Container web is not paused")

    fakes.start(commits.web)
    monkeypatch.setattr(commits.lifecycle, step, ended)
    commits.commit()
    assert commits.calls == [call for call in ("pause",) if call != step]


def test_a_failed_commit_unpauses_the_container(
    commits: Commits, monkeypatch: pytest.MonkeyPatch
) -> None:
    fakes.start(commits.web)
    monkeypatch.setattr(commits, "changes", commits.changes / "nowhere")
    with pytest.raises(ApiError, match=r"cannot read the archive: .*nowhere"):
        commits.commit()
    assert commits.calls == ["pause", "unpause"]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"repo": "NOT VALID"}, "invalid reference format"),
        ({"repo": "a@sha256:" + "0" * 64}, "cannot commit with digest reference"),
        ({"changes": "RUN ls"}, "RUN is not a valid change command"),
    ],
)
def test_refusals(commits: Commits, query: dict[str, str], message: str) -> None:
    before = len(commits.store.images.all())
    with pytest.raises(BadParameter, match=message):
        commits.commit(**query)
    assert len(commits.store.images.all()) == before
    with pytest.raises(NotFound):
        commits.commit(container="nope")


def test_a_given_config_is_merged_over_the_container_s(commits: Commits) -> None:
    merged = merge_config(
        commits.web,
        {
            "Env": ["A=new", "C=3"],
            "Labels": {"b": "2"},
            "ExposedPorts": {"80/tcp": {}},
            "WorkingDir": "/srv",
            "User": "",
            "Image": "other",
        },
    )
    assert merged["Env"] == ["A=new", "C=3", "B=2"]
    assert merged["Labels"] == {"a": "1", "b": "2"}
    assert merged["ExposedPorts"] == {"80/tcp": {}}
    assert (merged["WorkingDir"], merged["User"]) == ("/srv", "")
    assert merged["Cmd"] == ["sleep", "1"]
    assert merged["Image"] == "base:1"


def test_another_entrypoint_removes_the_command_unless_one_is_given(commits: Commits) -> None:
    assert merge_config(commits.web, {"Entrypoint": ["x"]})["Cmd"] is None
    assert merge_config(commits.web, {"Entrypoint": ["x"], "Cmd": ["y"]})["Cmd"] == ["y"]
