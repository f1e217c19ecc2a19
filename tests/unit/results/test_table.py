"""Listings as DataFrames: typed values, displayed as the CLI displays them, escaped."""

from __future__ import annotations

import copy
import html
import json
import pickle
import time
from typing import Any

import pandas as pd
import pytest

from docker_magics.commands._disk_usage import summed_up
from docker_magics.commands.container.ls import containers, ports
from docker_magics.commands.container.stats import stats, usage
from docker_magics.commands.image._names import tagged
from docker_magics.commands.image.history import history
from docker_magics.commands.image.ls import images
from docker_magics.commands.network.ls import networks
from docker_magics.commands.system._verbose import verbose
from docker_magics.commands.system.df import DISK_USAGE, totals
from docker_magics.commands.volume.ls import VOLUMES
from docker_magics.errors import DockerMagicsError
from docker_magics.results.listing import Listing, render_listing
from docker_magics.results.table import Table
from docker_magics.results.tables import Tables

#: pandas 2.0 has no DataFrame.map.
_MAP = "map(str)" if hasattr(pd.DataFrame, "map") else "applymap(str)"
HOSTILE = "<img src=x onerror=alert(1)>\x1b[2J\n\t"


def container(name: str = "web", **more: Any) -> dict[str, Any]:
    """Return a container as the API lists it."""
    return {
        "Id": "a1b2c3d4e5f6" + "0" * 52,
        "Names": [f"/{name}"],
        "Image": "busybox",
        "ImageID": "sha256:" + "1" * 64,
        "Command": "sleep 1000",
        "Created": int(time.time()) - 300,
        "Ports": [],
        "State": "running",
        "Status": "Up 5 minutes",
        "Labels": {"b": "2", "a": "1"},
        "Mounts": [],
        "NetworkSettings": {"Networks": {"bridge": {}}},
        **more,
    }


def table(*objects: dict[str, Any], size: bool = False) -> Table:
    made = render_listing(containers(trunc=True, size=size), objects)
    assert isinstance(made, Table)
    return made


def test_columns_and_types() -> None:
    listing_table = table(container())
    assert list(listing_table.columns) == [
        *("CONTAINER ID", "IMAGE", "COMMAND", "CREATED", "STATUS", "PORTS", "NAMES"),
    ]
    assert str(listing_table.dtypes["CREATED"]) == "datetime64[ns, UTC]"
    assert listing_table.loc[0, "CONTAINER ID"] == "a1b2c3d4e5f6"
    assert listing_table.loc[0, "COMMAND"] == '"sleep 1000"'


def test_a_listing_is_displayed_like_the_cli() -> None:
    assert str(table(container())) == (
        "CONTAINER ID   IMAGE     COMMAND        CREATED         STATUS         PORTS     NAMES\n"
        'a1b2c3d4e5f6   busybox   "sleep 1000"   5 minutes ago   Up 5 minutes             web'
    )


LISTINGS: list[tuple[Listing, list[str]]] = [
    (containers(trunc=True, size=True), ["CREATED", "SIZE"]),
    (images(trunc=True, digests=False), ["CREATED", "SIZE"]),
    (history(trunc=True, readable=True), ["CREATED", "SIZE"]),
    (networks(trunc=True), ["NETWORK ID"]),
    (VOLUMES, ["VOLUME NAME"]),
    (stats(trunc=True), ["CPU %", "PIDS"]),
]


@pytest.mark.parametrize(("listing", "some"), LISTINGS)
def test_an_empty_result_keeps_columns_and_types(listing: Listing, some: list[str]) -> None:
    empty = render_listing(listing, [])
    assert isinstance(empty, Table)
    assert len(empty) == 0
    assert set(some) <= set(empty.columns)
    kinds = {"CREATED": "datetime64[ns, UTC]", "SIZE": "int64", "CPU %": "float64", "PIDS": "int64"}
    for heading in some:
        if heading in kinds:
            assert str(empty.dtypes[heading]) == kinds[heading]


def test_slices_and_filters_show_the_same_way() -> None:
    listing_table = table(container("web"), container("db"))
    part = listing_table[listing_table["NAMES"] == "db"][["NAMES", "CREATED"]]
    assert isinstance(part, Table)
    assert str(part) == "NAMES     CREATED\ndb        5 minutes ago"


def _changed(change: str) -> Table:
    """Return a listing of two containers after a change of its columns."""
    ps = table(container(SizeRw=5_133_888), container("db", SizeRw=7), size=True)
    exec(change, {"ps": ps, "pd": pd})  # noqa: S102 - the test's own code
    return ps


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ('ps["CREATED"] = ps["CREATED"].dt.strftime("%H:%M")', ":"),
        ('ps["CREATED"] = ps["CREATED"].dt.date', "20"),
        ('ps["CREATED"] = ps["CREATED"].dt.tz_localize(None)', "20"),
        ('ps["CREATED"] = ps["CREATED"].dt.tz_convert("Asia/Seoul")', "+09:00"),
        ('ps["CREATED"] = pd.Timestamp.now("UTC") - ps["CREATED"]', "0 days 00:05:0"),
        ('ps["SIZE"] = ps["SIZE"].map("{:,}".format)', "5,133,888"),
        ('ps["SIZE"] /= 1e6', "5.133888"),
        ('ps["SIZE"] = ps["SIZE"].where(ps["SIZE"] > 9)', "NaN"),
        ('ps["SIZE"] = ps["SIZE"].astype("Int64").where(ps["SIZE"] > 9)', "NaN"),
        ('ps["SIZE"] = [[1, 2], {"a": None}]', "{'a': None}"),
        ('ps["NAMES"] = ps["NAMES"].where(ps["NAMES"] == "web")', "NaN"),
        ('ps["CREATED"] = None', "busybox"),
        ('ps["NEW"] = ps["SIZE"] > 9', "True"),
    ],
)
def test_a_changed_column_is_shown_as_pandas_shows_it(change: str, text: str) -> None:
    changed = _changed(change)
    assert text in repr(changed)
    assert html.escape(text) in changed._repr_html_()
    assert "ago" not in repr(changed["NAMES"])


@pytest.mark.parametrize(
    "derive", ["isna()", "astype(str)", _MAP, "head(0).astype(str)", "nunique()", "T"]
)
def test_derived_tables_can_be_shown(derive: str) -> None:
    ps = _changed("")
    derived = eval(f"ps.{derive}", {"ps": ps})  # noqa: S307 - the test's own code
    assert "ago" not in repr(derived)
    assert derive != "isna()" or "False" in derived._repr_html_()


def test_missing_numbers_are_shown_as_pandas_shows_them() -> None:
    row = usage({"id": "a" * 64, "name": "/web"}, "web")
    listing_table = render_listing(stats(trunc=True), [row])
    assert isinstance(listing_table, Table)
    listing_table["CPU %"] = float("nan")
    assert "NaN" in repr(listing_table)
    assert "nan%" not in repr(listing_table)


def test_excel_gets_times_without_a_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[pd.DataFrame] = []
    monkeypatch.setattr(pd.DataFrame, "to_excel", lambda table, _file: written.append(table))
    table(container()).to_excel("file.xlsx")
    assert str(written[0].dtypes["CREATED"]) == "datetime64[ns]"


def test_sizes_are_bytes() -> None:
    listing_table = table(container(SizeRw=2, SizeRootFs=21_500_000), size=True)
    assert listing_table.loc[0, "SIZE"] == 2
    assert "2B (virtual 21.5MB)" in str(listing_table)
    assert "2B (virtual 21.5MB)" in str(listing_table.sort_values("SIZE"))


def test_untrusted_text_is_escaped() -> None:
    listing_table = table(container(HOSTILE))
    assert "<img" not in listing_table._repr_html_()
    assert "&lt;img src" in listing_table._repr_html_()
    assert "\x1b" not in listing_table._repr_html_() + str(listing_table)
    assert len(str(listing_table).splitlines()) == 2


def test_long_tables_show_the_number_of_rows() -> None:
    listing_table = table(*(container(f"c{number}") for number in range(500)))
    with pd.option_context("display.max_rows", 10):
        assert str(listing_table).endswith("… 500 rows in total")
        assert listing_table._repr_html_().count("<tr>") == 11


def test_another_index_is_displayed_by_pandas() -> None:
    listing_table = table(container()).set_index("NAMES")
    assert "web" in str(listing_table)
    assert "web" in listing_table._repr_html_()


def test_copies() -> None:
    listing_table = table(container())
    assert str(copy.deepcopy(listing_table)) == str(listing_table)
    assert pickle.loads(pickle.dumps(listing_table)).equals(pd.DataFrame(listing_table))  # noqa: S301 - its own


def test_quiet_and_formats() -> None:
    listing = containers(trunc=True, size=False)
    assert render_listing(listing, [container()], quiet=True) == ["a1b2c3d4e5f6"]
    assert render_listing(listing, [container()], form='{{.Names}} {{.Label "a"}}') == "web 1\n"
    assert render_listing(listing, [container()], form="table {{.Names}}\\t{{.ID}}") == (
        "NAMES     CONTAINER ID\nweb       a1b2c3d4e5f6\n"
    )


@pytest.mark.parametrize(
    ("published", "text"),
    [
        ([], ""),
        ([(80, 0, "")], "80/tcp"),
        ([(80, 8080, "0.0.0.0")], "0.0.0.0:8080->80/tcp"),
        ([(80, 8080, "::")], "[::]:8080->80/tcp"),
        ([(9000, 0, ""), (9001, 0, ""), (9002, 0, "")], "9000-9002/tcp"),
        ([(80, 80, "0.0.0.0"), (81, 81, "0.0.0.0")], "0.0.0.0:80-81->80-81/tcp"),
        ([(90, 0, ""), (80, 8080, "0.0.0.0")], "90/tcp, 0.0.0.0:8080->80/tcp"),
    ],
)
def test_ports(published: list[tuple[int, int, str]], text: str) -> None:
    bindings = [
        {"PrivatePort": private, "PublicPort": public, "IP": address, "Type": "tcp"}
        for private, public, address in published
    ]
    assert ports(bindings) == text


def test_images_have_a_row_for_each_name() -> None:
    image = {
        "Id": "sha256:" + "2" * 64,
        "RepoTags": ["me/app:1", "localhost:5000/app:2"],
        "RepoDigests": ["me/app@sha256:" + "3" * 64, "other@sha256:" + "4" * 64],
        "Created": 1,
        "Size": 1,
    }
    rows = [(row.repository, row.tag) for row in tagged(image, digests=False)]
    assert rows == [("me/app", "1"), ("localhost:5000/app", "2"), ("other", "<none>")]
    dangling = {"Id": "x", "RepoTags": None, "RepoDigests": None}
    assert [(row.repository, row.tag) for row in tagged(dangling, digests=True)] == [
        ("<none>", "<none>")
    ]


def test_images_of_any_time_can_be_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    year_1, year_10000, year_1600 = -62135596800, 253402300800, -11676096000
    listing = images(trunc=True, digests=False)
    rows = [
        row
        for seconds in (year_1, year_10000, year_1600, 0)
        for row in tagged(
            {"Id": "x", "RepoTags": ["a:1"], "Created": seconds, "Size": 1}, digests=False
        )
    ]
    made = render_listing(listing, rows)
    assert isinstance(made, Table)
    assert list(made["CREATED"].isna()) == [True, True, True, False]
    form = "{{.CreatedSince}}|{{.CreatedAt}}"
    first, second, *_ = str(render_listing(listing, rows, form=form)).splitlines()
    assert first == "|0001-01-01 00:00:00 +0000 UTC"
    assert second.split("|")[1] == "9999-12-31 23:59:59 +0000 UTC"
    classic = str(render_listing(listing, rows, form="table")).splitlines()
    assert classic[1].split()[3] == "N/A"


def test_disk_usage() -> None:
    usage = summed_up(
        {
            "LayersSize": 100,
            "Images": [
                {"Size": 60, "SharedSize": 10, "Containers": 1},
                {"Size": 50, "SharedSize": 10, "Containers": 0},
            ],
            "Containers": [{"State": "running", "SizeRw": 4}, {"State": "exited", "SizeRw": 6}],
            "Volumes": [{"UsageData": {"Size": 8, "RefCount": 0}}],
            "BuildCache": [{"Size": 5, "InUse": False, "Shared": False}],
        }
    )
    listing_table = render_listing(DISK_USAGE, totals(usage))
    assert isinstance(listing_table, Table)
    assert listing_table["RECLAIMABLE"].tolist() == [40, 6, 8, 5]
    assert listing_table["ACTIVE"].tolist() == [1, 1, 0, 0]
    assert "40B (40%)" in str(listing_table)


@pytest.mark.parametrize(
    ("form", "problem"),
    [
        ("{{.Label}}", "wrong number of args for Label: want 1 got 0"),
        ('{{.ID "x"}}', "wrong number of args for ID: want 0 got 1"),
        ("{{slice .ID 0 99}}", "error calling slice: index out of range: 99"),
        ("{{.Nope}}", "can't evaluate field Nope"),
    ],
)
def test_format_errors(form: str, problem: str) -> None:
    with pytest.raises(DockerMagicsError, match="template parsing error: template") as caught:
        render_listing(containers(trunc=True, size=False), [container()], form=form)
    assert problem in caught.value.message
    assert caught.value.exit_code == 1


USAGE = {
    "Images": [
        {
            "Id": "sha256:" + "a" * 64,
            "RepoTags": ["app:1", "app:2"],
            "Created": int(time.time()) - 300,
            "Size": 60,
            "SharedSize": 10,
            "Containers": 1,
        }
    ],
    "Volumes": [
        {"Name": "used", "Driver": "local", "Scope": "local", "Mountpoint": "/m", "Labels": None}
        | {"UsageData": {"Size": 8, "RefCount": 2}}
    ],
    "BuildCache": [
        {"ID": "x" * 25, "Type": "regular", "Size": 5, "CreatedAt": "2024-01-02T03:04:05Z"}
        | {"LastUsedAt": None, "UsageCount": 1, "InUse": True, "Shared": False}
    ],
}


def test_disk_usage_of_each_object() -> None:
    listing_table = verbose(summed_up(USAGE), "")
    assert isinstance(listing_table, Tables)
    assert list(listing_table) == ["Images", "Containers", "Local Volumes", "Build Cache"]
    assert listing_table["Images"]["TAG"].tolist() == ["1"]
    assert listing_table["Images"]["UNIQUE SIZE"].tolist() == [50]
    assert listing_table["Local Volumes"]["LINKS"].tolist() == [2]
    assert listing_table["Build Cache"]["CACHE ID"].tolist() == ["x" * 12 + "*"]
    assert str(listing_table["Containers"].dtypes["SIZE"]) == "int64"
    assert "Local Volumes\nVOLUME NAME" in repr(listing_table)
    assert "<h4>Build Cache</h4><table" in listing_table._repr_html_()


def test_disk_usage_of_each_object_in_a_format() -> None:
    form = "{{range .Images}}{{.Repository}} {{.Containers}}{{end}} {{len .BuildCache}}"
    assert verbose(summed_up(USAGE), form) == "app 1 1\n"
    assert json.loads(str(verbose(summed_up(USAGE), "json")))["Volumes"][0]["Links"] == "2"


def test_stats_of_both_cgroup_versions() -> None:
    answer = {
        "id": "a" * 64,
        "name": "/web",
        "cpu_stats": {
            "cpu_usage": {"total_usage": 300},
            "system_cpu_usage": 2000,
            "online_cpus": 2,
        },
        "precpu_stats": {"cpu_usage": {"total_usage": 100}, "system_cpu_usage": 1000},
        "memory_stats": {"usage": 100, "limit": 1000, "stats": {"inactive_file": 20}},
        "networks": {"eth0": {"rx_bytes": 5, "tx_bytes": 6}},
        "blkio_stats": {"io_service_bytes_recursive": [{"op": "Read", "value": 7}]},
        "pids_stats": {"current": 3},
    }
    used = usage(answer, "web")
    assert (used.cpu, used.memory, used.memory_percent) == (40.0, 80, 8.0)
    assert (used.received, used.sent, used.read, used.written) == (5, 6, 7, 0)
    answer["memory_stats"]["stats"] = {"total_inactive_file": 40}
    assert usage(answer, "web").memory == 60


def test_ps_links_to_the_dashboard() -> None:
    listing_table = table(container())
    assert ">live: %docker ui</a>" in listing_table._repr_html_()
    assert "docker ui" not in str(listing_table)
    assert "live:" not in listing_table[listing_table["NAMES"] == "web"]._repr_html_()
