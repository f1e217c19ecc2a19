"""The session's labels on all that a Compose file makes."""

from __future__ import annotations

import json

import pytest
from unit.compose.conftest import MakeCall

from docker_magics.compose.failure import ComposeFailed
from docker_magics.compose.labels import Labels, labelled, with_labels


def labels(kind: str) -> dict[str, str]:
    return {"session": "s", "kind": kind}


CONTAINER = labels("container")
_MODEL = {"name": "p", "services": {"web": {"build": {"context": "/x"}, "labels": {"a": "1"}}}}
#: Prints its arguments on standard error, the model on standard output.
_CONFIG = f"print(json.dumps({_MODEL!r}))"


def test_everything_that_is_not_external_gets_the_labels() -> None:
    model = {
        "name": "p",
        "services": {"a": {"labels": {"x": "1"}}, "b": {"build": {"context": "."}}},
        "networks": {"default": None, "others": {"external": True}},
        "volumes": {"data": {}},
    }
    assert labelled(model, labels) == {
        "name": "p",
        "services": {
            "a": {"labels": {"x": "1", **CONTAINER}},
            "b": {"build": {"context": ".", "labels": labels("image")}, "labels": CONTAINER},
        },
        "networks": {"default": {"labels": labels("network")}, "others": {"external": True}},
        "volumes": {"data": {"labels": labels("volume")}},
    }


@pytest.mark.parametrize(("args", "given"), [(("up",), lambda _: {}), (("ps",), labels)])
def test_other_calls_stay_as_they_are(
    make_call: MakeCall, args: tuple[str, ...], given: Labels
) -> None:
    call = make_call("raise SystemExit(1)", *args)
    assert with_labels(call, given) is call


def test_the_labelled_model_replaces_the_files(make_call: MakeCall) -> None:
    options = ("--file", "a.yaml", "--profile", "p", "--file", "b.yaml")
    call = with_labels(make_call(_CONFIG, "up", "-d", options=options), labels)
    assert call.options == ["--profile", "p", "--file", "-"]
    assert call.args == ("up", "-d")
    assert call.body is not None
    assert json.loads(call.body.text)["services"]["web"]["labels"] == {"a": "1", **CONTAINER}


def test_an_invalid_file_is_an_error(make_call: MakeCall) -> None:
    call = make_call("sys.exit('no configuration file provided: not found')", "up")
    with pytest.raises(ComposeFailed, match="no configuration file provided"):
        with_labels(call, labels)
