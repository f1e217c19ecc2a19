"""docker system df: the responses of new and old engines, and the text of the docker CLI."""

from __future__ import annotations

import pytest
from unit.commands.stub_engine import StubEngine, run

from docker_magics.results.listing import AS_TEXT

_CACHE = {
    "ID": "x" * 25,
    "Type": "regular",
    "Size": 7,
    "CreatedAt": "2024-01-01T00:00:00Z",
    "UsageCount": 1,
}
_TOTALS = {"TotalCount": 3, "ActiveCount": 1, "TotalSize": 3_143_000, "Reclaimable": 35_280}


def test_the_engine_sums_up() -> None:
    engine = StubEngine({"GET /system/df": {"ImageUsage": _TOTALS}}, api="1.52")
    table = run("system df", engine)
    assert table["TOTAL"].tolist() == [3, 0, 0, 0]
    assert table["RECLAIMABLE"].tolist() == [35_280, 0, 0, 0]
    assert engine.query("GET /system/df") == {"verbose": False}
    text = run("system df --format {{.Type}}={{.Reclaimable}}", engine)
    assert text.splitlines()[0] == "Images=35.28kB (1%)"


def test_images_in_use_are_not_reclaimable() -> None:
    images = [
        {"Containers": 1, "Size": 80, "SharedSize": 20},
        {"Containers": -1, "Size": 30, "SharedSize": 0},
        {"Containers": 0, "Size": 40, "SharedSize": 25},
    ]
    engine = StubEngine({"GET /system/df": {"Images": images, "LayersSize": 100}})
    assert run("system df", engine)["RECLAIMABLE"].tolist()[0] == 15


def test_verbose_text() -> None:
    usage = {"BuildCacheUsage": {"TotalSize": 7, "Items": [_CACHE]}}
    engine = StubEngine({"GET /system/df": usage}, api="1.52")
    token = AS_TEXT.set(True)
    try:
        lines = str(run("system df -v", engine)).splitlines()
    finally:
        AS_TEXT.reset(token)
    assert engine.query("GET /system/df") == {"verbose": True}
    assert lines[0] == "Images space usage:"
    assert lines[2].split("   ")[:2] == ["REPOSITORY", "TAG"]
    assert "Local Volumes space usage:" in lines
    assert "Build cache usage: 7B" in lines
    assert lines[-1].startswith("xxxxxxxxxxxx   regular      7B")


@pytest.mark.parametrize(
    ("container", "health"),
    [
        ({"Status": "Up 2 minutes (healthy)"}, "healthy"),
        ({"Status": "Up 2 seconds (health: starting)"}, "starting"),
        ({"Status": "Exited (0) 2 hours ago"}, ""),
        ({"Status": "Up 2 minutes (Paused)"}, ""),
        ({"Status": "Up 2 minutes", "Health": {"Status": "none"}}, "none"),
    ],
)
def test_health_of_ps(container: dict[str, object], health: str) -> None:
    engine = StubEngine({"GET /containers/json": [container]})
    assert run("ps --format {{.HealthStatus}}", engine) == f"{health}\n"
