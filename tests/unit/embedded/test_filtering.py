"""What listings and prunes do with filters, and bodies with fields."""

from __future__ import annotations

from typing import Any

import pytest

from docker_magics.embedded import clock, filtering
from docker_magics.embedded.api import fields
from docker_magics.embedded.errors import BadParameter


def test_labels_are_all_there_with_their_values() -> None:
    labels = {"a": "1", "b": ""}
    assert filtering.has_labels(labels, ["a", "a=1", "b", "b="])
    assert not filtering.has_labels(labels, ["a=2"])
    assert not filtering.has_labels(labels, ["a", "c"])


def test_a_name_is_itself_or_a_pattern_in_it() -> None:
    assert filtering.matches("web-1", ["eb"])
    assert filtering.matches("web-1", ["^web", "x"])
    assert filtering.matches("w(b", ["w(b"])
    assert not filtering.matches("web-1", ["^eb", "("])


def test_a_prune_asks_for_labels_and_for_time() -> None:
    hour = 3600 * 10**9
    old, new = clock.now_ns() - 2 * hour, clock.now_ns()
    assert filtering.passes_prune({"a": "1"}, old, {"until": ["1h"], "label": ["a"]})
    assert not filtering.passes_prune({}, new, {"until": ["1h"]})
    assert not filtering.passes_prune({"keep": ""}, old, {"label!": ["keep"]})
    with pytest.raises(BadParameter, match="more than one until"):
        filtering.until({"until": ["1h", "2h"]})
    with pytest.raises(BadParameter, match="Invalid filter 'dangling="):
        filtering.parse_bool("dangling", ["maybe"])


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"Image": 1}, "number into Go struct field .Image of type string"),
        ({"Tty": 1}, "number into Go struct field .Tty of type bool"),
        ({"Env": "A=1"}, "string into Go struct field .Env of type array"),
        ({"Env": ["A=1", None]}, "null into Go struct field .Env of type string"),
        ({"Labels": {"a": 1}}, "number into Go struct field .Labels of type string"),
        ({"HostConfig": {"Memory": True}}, "bool into Go struct field HostConfig.Memory of type"),
    ],
)  # fmt: skip
def test_fields_of_another_kind_are_refused(body: dict[str, Any], words: str) -> None:
    with pytest.raises(BadParameter, match=f"cannot unmarshal {words}"):
        fields.check(body)


def test_fields_may_be_null_and_unknown() -> None:
    fields.check({"Image": None, "Whatever": 3, "Cmd": "x", "HostConfig": {"Memory": 1.0}})
