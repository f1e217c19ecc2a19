"""Filters of listings and prunes, and fields of bodies."""

from __future__ import annotations

from typing import Any

import pytest

from docker_magics.embedded import clock, filtering
from docker_magics.embedded.api import fields
from docker_magics.embedded.errors import BadParameter


def test_all_labels_must_match() -> None:
    labels = {"a": "1", "b": ""}
    assert filtering.has_labels(labels, ["a", "a=1", "b", "b="])
    assert not filtering.has_labels(labels, ["a=2"])
    assert not filtering.has_labels(labels, ["a", "c"])


def test_a_name_matches_exactly_or_by_a_pattern() -> None:
    assert filtering.matches("web-1", ["eb"])
    assert filtering.matches("web-1", ["^web", "x"])
    assert filtering.matches("w(b", ["w(b"])
    assert not filtering.matches("web-1", ["^eb", "("])


def test_prune_filters_by_labels_and_time() -> None:
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
    ("body", "problem"),
    [
        ({"Image": 1}, "number into Go struct field .Image of type string"),
        ({"Tty": 1}, "number into Go struct field .Tty of type bool"),
        ({"Env": "A=1"}, "string into Go struct field .Env of type array"),
        ({"Env": ["A=1", None]}, "null into Go struct field .Env of type string"),
        ({"Labels": {"a": 1}}, "number into Go struct field .Labels of type string"),
        ({"HostConfig": {"Memory": True}}, "bool into Go struct field HostConfig.Memory of type"),
    ],
)  # fmt: skip
def test_fields_of_another_type_are_errors(body: dict[str, Any], problem: str) -> None:
    with pytest.raises(BadParameter, match=f"cannot unmarshal {problem}"):
        fields.check(body)


def test_fields_may_be_null_and_unknown() -> None:
    fields.check({"Image": None, "Whatever": 3, "Cmd": "x", "HostConfig": {"Memory": 1.0}})
