"""Sizes and times are formatted as docker formats them."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd
import pytest

from docker_magics.results import human


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0B"), (999, "999B"), (1000, "1kB"), (1_984_000, "1.98MB"), (2_500_000_000, "2.5GB")],
)
def test_size(count: int, text: str) -> None:
    assert human.size(count) == text


def test_size_with_four_digits_and_in_powers_of_1024() -> None:
    assert human.size(1_984_000, 4) == "1.984MB"
    assert human.binary_size(25_275_000_000) == "23.54GiB"
    assert human.binary_size(680 * 1024) == "680KiB"


def test_ago_of_timestamps_and_numbers() -> None:
    now = datetime.now(UTC)
    assert human.ago(now.timestamp() - 300) == "5 minutes ago"
    assert human.ago(pd.Timestamp(now) - pd.Timedelta(hours=3)) == "3 hours ago"
    assert human.ago(pd.NaT) == human.ago(None) == "N/A"


def test_go_times() -> None:
    assert human.go_time_rfc3339("2026-11-24T15:03:43.021482338Z") == (
        "2026-11-24 15:03:43.021482338 +0000 UTC"
    )
    assert human.go_time_rfc3339("2026-11-24T15:03:43+01:00") == "2026-11-24 15:03:43 +0100 +0100"


def test_natural_order() -> None:
    assert sorted(["web10", "web2", "db"], key=human.natural) == ["db", "web2", "web10"]


def test_short_id_and_ellipsis() -> None:
    assert human.short_id("sha256:0123456789abcdef") == "0123456789ab"
    assert human.short_id("0123456789abcdef") == "0123456789ab"
    assert human.ellipsis("abcdef", 4) == "abc…"
    assert human.ellipsis("abc", 4) == "abc"
