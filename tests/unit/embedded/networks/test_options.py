"""The driver options of bridge networks."""

from __future__ import annotations

import pytest

from docker_magics.embedded.errors import BadParameter
from docker_magics.embedded.networks import options

BRIDGE = "com.docker.network.bridge."
MTU = "com.docker.network.driver.mtu"


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        (f"{BRIDGE}name", "b" * 16, "numerical result out of range"),
        (f"{BRIDGE}enable_icc", "maybe", 'strconv.ParseBool: parsing "maybe": invalid syntax'),
        (f"{BRIDGE}enable_ip_masquerade", "", f"failed to parse {BRIDGE}enable_ip_masquerade"),
        (f"{BRIDGE}inhibit_ipv4", "yes", "inhibit_ipv4 value: yes"),
        (MTU, "many", f"failed to parse {MTU} value: many (strconv.Atoi: parsing"),
        (MTU, "-1", "invalid MTU number: -1"),
        (MTU, "9" * 20, "value out of range"),
        (f"{BRIDGE}host_binding_ipv4", "x", "host_binding_ipv4 value: x (nil ip)"),
    ],
)
def test_values_that_cannot_be_parsed_are_rejected(name: str, value: str, message: str) -> None:
    with pytest.raises(BadParameter) as error:
        options.check({name: value})
    assert message in str(error.value)


def test_the_first_wrong_option_is_reported_in_dockerds_order() -> None:
    with pytest.raises(BadParameter, match="enable_icc"):
        options.check({MTU: "x", f"{BRIDGE}enable_icc": "x"})


def test_options_have_values_and_defaults() -> None:
    assert options.MTU.read({}) == 0
    assert options.MTU.read({MTU: "1400"}) == 1400
    assert options.ICC.read({}) is True
    assert options.ICC.read({f"{BRIDGE}enable_icc": "F"}) is False
    assert options.BRIDGE_NAME.read({f"{BRIDGE}name": "course0"}) == "course0"


def test_every_option_accepts_a_valid_value_and_unknown_options_are_ignored() -> None:
    valid = dict.fromkeys((option.name for option in options.OPTIONS), "1")
    valid[f"{BRIDGE}host_binding_ipv4"] = "127.0.0.1"
    options.check({**valid, "com.example.colour": "blue"})
    for option in options.OPTIONS:
        assert option.read(valid) is not None
