"""Values are parsed and formatted like in Go, with Go's error messages."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

from docker_magics.wire import go


def refused(parse: Callable[..., Any], text: str, message: str, **options: int) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        parse(text, **options)


@pytest.mark.parametrize(
    ("text", "binary", "decimal"),
    [
        ("32", 32, 32),
        ("32b", 32, 32),
        ("32B", 32, 32),
        ("32k", 32 << 10, 32_000),
        ("32K", 32 << 10, 32_000),
        ("32kb", 32 << 10, 32_000),
        ("32KiB", 32 << 10, 32_000),
        ("32 m", 32 << 20, 32_000_000),
        ("1.5m", 3 << 19, 1_500_000),
        ("0.5m", 1 << 19, 500_000),
        (".5k", 512, 500),
        ("5.k", 5120, 5000),
        ("1e3", 1000, 1000),
        ("0x1p4", 16, 16),
        ("32.3 kB", 33_075, 32_299),  # like in Go: 32.3 * 1000 is slightly below 32300
        ("7g", 7 << 30, 7 * 10**9),
        ("7t", 7 << 40, 7 * 10**12),
        ("2p", 2 << 50, 2 * 10**15),
        ("5 ", 5, 5),
        ("0", 0, 0),
        ("-0", 0, 0),
        ("+1k", 1024, 1000),
    ],
)
def test_sizes(text: str, binary: int, decimal: int) -> None:
    assert go.ram_in_bytes(text) == binary
    assert go.from_human_size(text) == decimal


@pytest.mark.parametrize("parse", [go.ram_in_bytes, go.from_human_size])
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "invalid size: ''"),
        ("hello", "invalid size: 'hello'"),
        ("k", "invalid size: 'k'"),
        ("-1", "invalid size: '-1'"),
        ("-1m", "invalid size: '-1m'"),
        ("1e300", "invalid size: '1e300'"),
        ("1e308p", "invalid size: '1e308p'"),
        ("5bb", "invalid suffix: 'bb'"),
        ("5BB", "invalid suffix: 'bb'"),
        ("5x", "invalid suffix: 'x'"),
        ("5kx", "invalid suffix: 'kx'"),
        ("5kib!", "invalid suffix: 'kib!'"),
        ("5KIBB", "invalid suffix: 'KIBB'"),
        ("5e", "invalid suffix: 'e'"),
        ("1..5", 'strconv.ParseFloat: parsing "1..5": invalid syntax'),
        ("5 k b", 'strconv.ParseFloat: parsing "5 k": invalid syntax'),
        ("5  k", 'strconv.ParseFloat: parsing "5 ": invalid syntax'),
        (" ", 'strconv.ParseFloat: parsing "": invalid syntax'),
        (" 5", 'strconv.ParseFloat: parsing " 5": invalid syntax'),
        (".", 'strconv.ParseFloat: parsing ".": invalid syntax'),
        ("0x10", 'strconv.ParseFloat: parsing "0x10": invalid syntax'),
        ("1e999", 'strconv.ParseFloat: parsing "1e999": value out of range'),
    ],
)
def test_invalid_sizes(parse: Callable[[str], int], text: str, message: str) -> None:
    refused(parse, text, message)


def test_floats() -> None:
    assert go.parse_float("0.25") == 0.25
    assert go.parse_float("-1e-3") == -0.001
    assert go.parse_float("0x1p-2") == 0.25
    refused(go.parse_float, "x", 'strconv.ParseFloat: parsing "x": invalid syntax')
    refused(go.parse_float, "", 'strconv.ParseFloat: parsing "": invalid syntax')


def test_rationals() -> None:
    assert go.parse_rational("0.1") == Fraction(1, 10)
    assert go.parse_rational("0x1F") == 31
    assert go.parse_rational("-1_000e-1") == -100
    for text in ("", "1/2", "1e99999", "0x1p99999", "."):
        with pytest.raises(ValueError):  # noqa: PT011 - callers have a message of their own
            go.parse_rational(text)


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [
        ("0", 0),
        ("-0", 0),
        ("0s", 0),
        ("1h1.5m", 3_690_000_000_000),
        ("-2s", -2_000_000_000),
        ("+5s", 5_000_000_000),
        ("1µs", 1000),
        ("1μs", 1000),  # the Greek letter
        ("1us", 1000),
        ("10ns", 10),
        (".5ms", 500_000),
        ("5.s", 5_000_000_000),
        ("0.3333333333333333333h", 1_199_999_999_999),
        ("3h2m1s", 10_921_000_000_000),
        ("-9223372036854775808ns", -(1 << 63)),
    ],
)
def test_durations(text: str, nanoseconds: int) -> None:
    assert go.parse_duration(text) == nanoseconds


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", 'time: invalid duration ""'),
        ("-", 'time: invalid duration "-"'),
        ("s", 'time: invalid duration "s"'),
        (".s", 'time: invalid duration ".s"'),
        ("--1s", 'time: invalid duration "--1s"'),
        ("9223372036854775808ns", 'time: invalid duration "9223372036854775808ns"'),
        ("5", 'time: missing unit in duration "5"'),
        ("1h5", 'time: missing unit in duration "1h5"'),
        ("1..5s", 'time: missing unit in duration "1..5s"'),
        ("5d", 'time: unknown unit "d" in duration "5d"'),
        ("1h5d", 'time: unknown unit "d" in duration "1h5d"'),
        ("1h 2m", 'time: unknown unit "h " in duration "1h 2m"'),
        ('5"', r'time: unknown unit "\"" in duration "5\""'),
    ],
)
def test_invalid_durations(text: str, message: str) -> None:
    refused(go.parse_duration, text, message)


@pytest.mark.parametrize(
    ("nanoseconds", "text"),
    [
        (0, "0s"),
        (1, "1ns"),
        (1100, "1.1µs"),
        (2_200_000, "2.2ms"),
        (500_000_000, "500ms"),
        (3_300_000_000, "3.3s"),
        (10_000_000_000, "10s"),
        (90_000_000_000, "1m30s"),
        (245_001_000_000, "4m5.001s"),
        (3_600_000_000_000, "1h0m0s"),
        (-1_500_000_000, "-1.5s"),
        (1_234_567_890_123_456_789, "342935h31m30.123456789s"),
    ],
)
def test_durations_are_written(nanoseconds: int, text: str) -> None:
    assert go.format_duration(nanoseconds) == text
    assert go.parse_duration(text) == nanoseconds


def test_booleans() -> None:
    assert all(map(go.parse_bool, ("1", "t", "T", "true", "TRUE", "True")))
    assert not any(map(go.parse_bool, ("0", "f", "F", "false", "FALSE", "False")))
    for text in ("", "yes", "tRUE", " true"):
        refused(go.parse_bool, text, f'strconv.ParseBool: parsing "{text}": invalid syntax')
        assert not go.is_bool(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [("0x1F", 31), ("0b101", 5), ("0o17", 15), ("017", 15), ("1_000", 1000), ("-0x10", -16)],
)
def test_integers_with_a_prefix(text: str, value: int) -> None:
    assert go.parse_int(text, 0) == value
    if text != "017":
        refused(go.parse_int, text, f'strconv.ParseInt: parsing "{text}": invalid syntax')


def test_decimal_integers() -> None:
    assert go.parse_int("017") == go.atoi("+17") == go.parse_uint("17") == 17
    assert go.parse_int("-9223372036854775808") == -(1 << 63)
    assert go.parse_uint("18446744073709551615") == (1 << 64) - 1
    assert go.parse_uint("65535", bits=16) == 65535


@pytest.mark.parametrize("text", ["", "x", " 1", "1 ", "1.0", "--1", "٣", 'a"b'])
def test_invalid_integers(text: str) -> None:
    reason = f"parsing {go.quote(text)}: invalid syntax"
    refused(go.atoi, text, f"strconv.Atoi: {reason}")
    refused(go.parse_int, text, f"strconv.ParseInt: {reason}", base=0)
    refused(go.parse_uint, text, f"strconv.ParseUint: {reason}")


def test_integers_out_of_range() -> None:
    large = "9223372036854775808"
    refused(go.atoi, large, f'strconv.Atoi: parsing "{large}": value out of range')
    refused(go.parse_int, "128", 'strconv.ParseInt: parsing "128": value out of range', bits=8)
    refused(go.parse_uint, "65536", 'strconv.ParseUint: parsing "65536": value out of range', bits=16)  # fmt: skip  # noqa: E501
    refused(go.parse_uint, "-1", 'strconv.ParseUint: parsing "-1": invalid syntax')
    refused(go.parse_uint, "+1", 'strconv.ParseUint: parsing "+1": invalid syntax')


def test_file_modes() -> None:
    assert go.file_mode("755") == go.file_mode("0755") == 0o755
    assert go.file_mode("1777") == 0o1777
    for text in ("", "8", "0o17", "-1", "rwx", "1_7"):
        refused(go.file_mode, text, f'strconv.ParseUint: parsing "{text}": invalid syntax')


@pytest.mark.parametrize(
    ("text", "literal"),
    [
        ("plain é", '"plain é"'),
        ('say "hi"\\', r'"say \"hi\"\\"'),
        ("a\nb\tc\x1b", r'"a\nb\tc\x1b"'),
        ("\u200b", r'"\u200b"'),
    ],
)
def test_quotes(text: str, literal: str) -> None:
    assert go.quote(text) == literal


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.2, "Less than a second"),
        (1, "1 second"),
        (59, "59 seconds"),
        (60, "About a minute"),
        (119, "About a minute"),
        (120, "2 minutes"),
        (3599, "59 minutes"),
        (3600, "About an hour"),
        (2 * 3600, "2 hours"),
        (47 * 3600, "47 hours"),
        (48 * 3600, "2 days"),
        (14 * 86400, "2 weeks"),
        (60 * 86400, "2 months"),
        (2 * 365 * 86400, "2 years"),
    ],
)
def test_human_durations(seconds: float, text: str) -> None:
    assert go.human_duration(seconds) == text


def test_times() -> None:
    assert go.parse_time("2024-01-01T23:59:59+00:00").hour == 23
    with pytest.raises(ValueError, match="hour out of range"):
        go.parse_time("2024-01-01T24:00:00+00:00")
