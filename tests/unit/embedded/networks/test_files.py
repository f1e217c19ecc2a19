"""The hosts, resolv.conf and hostname files of containers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from unit.embedded.fakes import FakeContainers, container

from docker_magics.embedded.networks import endpoints, files
from docker_magics.embedded.records.container import Container


def connect(made: Container, network: str, address: str, address6: str = "") -> Container:
    """Set a container's addresses on a network."""
    made.networks[network] = endpoints.requested({})
    made.networks[network] |= {"IPAddress": address, "GlobalIPv6Address": address6}
    return made


def written(made: Container, *others: Container, **settings: Any) -> dict[str, str]:
    """Write the files; return their texts."""
    files.write(
        made,
        FakeContainers(made, *others),
        **{"engine_dns": False, "upstream": None, "host_gateway": "172.17.0.1"} | settings,
    )
    return {name: (made.folder / name).read_text() for name in ("hosts", "hostname", "resolv.conf")}


def test_the_hosts_file_has_addresses_extra_hosts_and_links(tmp_path: Path) -> None:
    config = {"Hostname": "web.example", "Domainname": "org"}
    host_config = {
        "ExtraHosts": ["router:10.1.1.1", "six:[fd00::1]", "up:host-gateway"],
        "Links": ["db:database"],
    }
    web = connect(
        container(tmp_path, "web", config=config, host_config=host_config),
        "net",
        "10.0.0.2",
        "fd00::2",
    )
    db = connect(container(tmp_path, "db", config={"Hostname": "db-host"}), "bridge", "172.17.0.3")
    lines = written(web, db, neighbours=["10.0.0.9\tcache"])["hosts"].splitlines()
    assert lines[0] == "127.0.0.1\tlocalhost"
    assert lines[6:] == [
        "10.1.1.1\trouter",
        "fd00::1\tsix",
        "172.17.0.1\tup",
        "172.17.0.3\tdatabase db-host db",
        "10.0.0.9\tcache",
        "10.0.0.2\tweb.example.org web",
        "fd00::2\tweb.example.org web",
    ]


def test_a_link_without_an_address_is_not_written(tmp_path: Path) -> None:
    web = container(tmp_path, "web", host_config={"Links": ["db", "gone"]})
    db = connect(container(tmp_path, "db"), "bridge", "")
    assert len(written(web, db)["hosts"].splitlines()) == 6


def test_the_engines_name_server_hides_the_others(tmp_path: Path) -> None:
    web = container(tmp_path, host_config={"Dns": ["9.9.9.9"], "DnsSearch": ["example.org", "."]})
    assert written(web, engine_dns=True)["resolv.conf"] == (
        "nameserver 127.0.0.11\nsearch example.org\noptions ndots:0\n"
    )
    web.host_config["DnsOptions"] = ["ndots:2", "rotate"]
    assert written(web, engine_dns=True)["resolv.conf"].endswith("options ndots:2 rotate\n")


def test_without_the_engines_name_server_the_users_are_used(tmp_path: Path) -> None:
    web = container(tmp_path, host_config={"Dns": ["9.9.9.9", "9.9.9.10"]})
    assert written(web)["resolv.conf"] == "nameserver 9.9.9.9\nnameserver 9.9.9.10\n"
    assert (
        written(container(tmp_path), upstream="10.0.2.3")["resolv.conf"] == "nameserver 10.0.2.3\n"
    )


@pytest.mark.parametrize(
    ("servers", "usable"),
    [
        (["127.0.0.53", "10.0.0.53"], ["10.0.0.53"]),
        (["127.0.0.53", "::1"], ["8.8.8.8", "8.8.4.4"]),
        ([], ["8.8.8.8", "8.8.4.4"]),
    ],
)
def test_loopback_name_servers_of_the_host_are_omitted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, servers: list[str], usable: list[str]
) -> None:
    monkeypatch.setattr(files, "name_servers", lambda: servers)
    text = written(container(tmp_path))["resolv.conf"]
    assert text == "".join(f"nameserver {server}\n" for server in usable)


def test_host_mode_copies_the_hosts_files(tmp_path: Path) -> None:
    web = container(tmp_path, config={"Hostname": "h"}, host_config={"NetworkMode": "host"})
    texts = written(web)
    assert texts["hostname"] == "h\n"
    for name in ("hosts", "resolv.conf"):
        path = Path("/etc") / name
        assert texts[name] == (path.read_text() if path.exists() else texts[name])
    web.host_config["Dns"] = ["9.9.9.9"]
    assert written(web)["resolv.conf"] == "nameserver 9.9.9.9\n"


def test_a_shared_network_shares_the_files(tmp_path: Path) -> None:
    donor = connect(container(tmp_path, "donor"), "net", "10.0.0.2")
    texts = written(donor, engine_dns=True)
    guest = container(tmp_path, "guest", host_config={"NetworkMode": f"container:{donor.id}"})
    assert written(guest, donor) == texts


@pytest.mark.parametrize("end", ["\n", "\r", "\0", "\x0b", "\u2028", "\ud800"])
def test_a_name_with_a_control_character_adds_no_line(tmp_path: Path, end: str) -> None:
    bad = f"x{end}6.6.6.6\tbank"
    host_config = {
        "ExtraHosts": [f"{bad}:10.1.1.1", "router:10.1.1.2"],
        "Links": [f"db:{bad}"],
        "DnsSearch": [bad],
        "DnsOptions": [bad],
    }
    web = container(tmp_path, "web", config={"Hostname": "web"}, host_config=host_config)
    db = connect(container(tmp_path, "db"), "bridge", "172.17.0.3")
    texts = written(connect(web, "net", "10.0.0.2"), db, neighbours=[f"10.0.0.9\t{bad}"])
    assert texts["hosts"].splitlines()[6:] == ["10.1.1.2\trouter", "10.0.0.2\tweb"]
    assert "bank" not in texts["resolv.conf"]
