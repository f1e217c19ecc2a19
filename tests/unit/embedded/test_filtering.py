"""Filters of listings and prunes."""

from __future__ import annotations

import pytest

from docker_magics.embedded import clock, filtering
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
    with pytest.raises(BadParameter, match="invalid filter 'dangling="):
        filtering.parse_bool("dangling", ["maybe"])
