"""docker stack deploy: its messages, and the networks, secrets and configs that it creates."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from unit.commands.stub_engine import Notes, StubEngine, run

from docker_magics.commands.stack import _model
from docker_magics.errors import UsageError

_MANAGER = {"GET /info": {"Swarm": {"ControlAvailable": True}}}
_LISTS: dict[str, Any] = {f"GET /{kind}": [] for kind in ("services", "networks", "secrets")}
_LINE = "stack deploy -d --resolve-image never -c f demo"


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What Compose reads in the file."""
    model: dict[str, Any] = {"services": {"web": {"image": "a"}}}
    monkeypatch.setattr(_model, "compose_config", lambda *_: json.dumps(model))
    return model


def _engine(**responses: Any) -> StubEngine:
    created = {"POST /services/create": {"ID": "s1"}, "POST /networks/create": {"Id": "n1"}}
    return StubEngine({**_MANAGER, **_LISTS, **created, **responses})


def test_ignored_and_deprecated_options(parts: dict[str, Any]) -> None:
    parts["services"]["web"] |= {"build": {"context": "."}, "container_name": "x"}
    notes = Notes()
    lines = run(_LINE, _engine(), notes)
    assert lines == ["Creating network demo_default", "Creating service demo_web"]
    assert notes.messages == [
        "Ignoring unsupported options: build\n",
        (
            "Ignoring deprecated options:\n\n"
            "container_name: Setting the container name is not supported.\n"
        ),
    ]


def test_dollar_signs(parts: dict[str, Any]) -> None:
    """Compose doubles them in what it prints."""
    parts["services"]["web"] |= {"command": ["echo", "$$HOME"], "environment": {"P": "a$$$$b"}}
    engine = _engine()
    run(_LINE, engine)
    container = engine.sent("POST /services/create")["TaskTemplate"]["ContainerSpec"]
    assert (container["Args"], container["Env"]) == (["echo", "$HOME"], ["P=a$$b"])


def test_forbidden_options_and_missing_images(parts: dict[str, Any]) -> None:
    parts["services"]["web"]["mem_limit"] = "1g"
    with pytest.raises(UsageError, match=r"mem_limit: Set resource limits using deploy\.resources"):
        run(_LINE, _engine())
    parts["services"] = {"web": {"build": {"context": "."}}}
    with pytest.raises(UsageError, match="service web: no image specified"):
        run(_LINE, _engine())


@pytest.mark.usefixtures("parts")
def test_notices() -> None:
    notes = Notes()
    run("stack deploy --resolve-image never -c f demo", _engine(), notes)
    assert notes.messages[0].startswith("Since --detach=false was not specified")
    with pytest.raises(UsageError, match="this node is not a swarm manager"):
        run(_LINE, StubEngine({"GET /info": {"Swarm": {}}}))


@pytest.mark.parametrize(
    ("network", "message"),
    [((404, "not found"), "could not be found"), ({"Scope": "local"}, "not in the right scope")],
)
def test_external_networks(parts: dict[str, Any], network: Any, message: str) -> None:
    parts["services"]["web"]["networks"] = {"out": None}
    parts["networks"] = {"out": {"external": True}}
    with pytest.raises(UsageError, match=message):
        run(_LINE, _engine(**{"GET /networks/out": network}))
    engine = _engine(**{"GET /networks/out": {"Scope": "swarm"}})
    assert run(_LINE, engine) == ["Creating service demo_web"]


def test_secrets_and_configs(parts: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "hush").write_text("hush")
    parts["secrets"] = {"one": {"file": str(tmp_path / "hush")}, "two": {"driver": "vault"}}
    parts["configs"] = {"three": {"content": "text"}}
    existing = {"ID": "c1", "Version": {"Index": 5}}
    engine = _engine(
        **{
            "POST /secrets/create": {"ID": "x"},
            "GET /configs/demo_three": existing,
            "POST /configs/c1/update": {},
        }
    )
    lines = run(_LINE, engine)
    assert "Creating secret demo_one" in lines
    assert "Creating config demo_three" not in lines
    assert engine.sent("POST /secrets/create")["Driver"] == {"Name": "vault", "Options": None}
    assert base64.b64decode(engine.sent("POST /configs/c1/update")["Data"]) == b"text"
    assert engine.query("POST /configs/c1/update") == {"version": 5}
    parts["secrets"] = {"one": {"file": str(tmp_path / "none")}}
    with pytest.raises(UsageError, match=r"cannot read one: open .*none: no such file"):
        run(_LINE, engine)
