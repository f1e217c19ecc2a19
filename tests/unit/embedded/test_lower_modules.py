"""Times, patterns, filters and errors of the API."""

from __future__ import annotations

import errno

import pytest

from docker_magics.embedded import clock, errors, filtering, patterns
from docker_magics.embedded.errors import ApiError, BadParameter

SECOND = 1_000_000_000


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("0", 0),
        ("1700000000", 1700000000 * SECOND),
        ("1.5", 1_500_000_000),
        ("1.000000001", 1_000_000_001),
        ("2023-11-14T22:13:20Z", 1700000000 * SECOND),
        ("2023-11-14T22:13:20.123456789Z", 1700000000 * SECOND + 123456789),
        ("2023-11-14T23:13:20+01:00", 1700000000 * SECOND),
        ("2023-11-14T22:13", 1699999980 * SECOND),
        ("2023-11-14T22", 1699999200 * SECOND),
        ("2023-11-14", 1699920000 * SECOND),
        ("1970-01-01T00:00:00.5", SECOND // 2),
    ],
)
def test_times_of_clients(text: str, ns: int) -> None:
    assert clock.parse_client_time(text) == ns


def test_durations_are_before_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now_ns", lambda: 10_000 * SECOND)
    assert clock.parse_client_time("1h30m") == (10_000 - 5400) * SECOND
    assert clock.parse_client_time("-10s") == 10_010 * SECOND


@pytest.mark.parametrize(
    "text", ["", "x", "yesterday", "2023-13-01", "2023-02-30T00:00:00Z", "1.2.3", "1h x"]
)
def test_other_texts_are_rejected(text: str) -> None:
    with pytest.raises(BadParameter):
        clock.parse_client_time(text)


@pytest.mark.parametrize(
    ("ns", "text"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (1, "1970-01-01T00:00:00.000000001Z"),
        (1_500_000_000, "1970-01-01T00:00:01.5Z"),
    ],
)
def test_stamps(ns: int, text: str) -> None:
    assert clock.stamp(ns) == text
    assert clock.parse(text) == ns


@pytest.mark.parametrize(
    ("text", "normalized"),
    [
        ("2020-01-02T03:04:05Z", "2020-01-02T03:04:05Z"),
        ("2020-01-02T03:04:05.1200+00:00", "2020-01-02T03:04:05.12Z"),
        ("2020-01-02T03:04:05.000+09:30", "2020-01-02T03:04:05+09:30"),
        (clock.ZERO, clock.ZERO),
        # of a hostile image
        (
            f"2020-01-02T03:04:05.{'0' * 200_000}10Z",
            f"2020-01-02T03:04:05.{'0' * 200_000}1Z",
        ),
    ],
)
def test_times_as_go_prints_them(text: str, normalized: str) -> None:
    assert clock.normalized(text) == normalized


def test_the_zero_time_and_now() -> None:
    assert clock.parse(clock.ZERO) == 0
    before = clock.now_ns()
    assert before <= clock.parse(clock.stamp()) <= clock.now_ns()
    assert abs(clock.parse(clock.stamp_seconds()) - before) < 3 * SECOND


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("*", "abc"), ("a*c", "abbc"), ("a?c", "abc"), ("[a-c]x", "bx"), ("[^a]x", "bx"),
        (r"\*", "*"), (r"[\]]", "]"), ("*/*", "a/b"), ("", ""), ("[&~|]", "~"), ("a.c", "a.c"),
        ("[[]", "["),
    ],
)  # fmt: skip
def test_patterns_that_match(pattern: str, name: str) -> None:
    assert patterns.matches(pattern, name)


@pytest.mark.parametrize(
    ("pattern", "name"),
    [("*", "a/b"), ("?", "/"), ("a", "ab"), ("[^a]", "a"), ("a.c", "abc"), (r"\*", "x"), ("", "a")],
)
def test_patterns_that_do_not_match(pattern: str, name: str) -> None:
    assert not patterns.matches(pattern, name)


def test_a_pattern_that_takes_exponential_time_by_backtracking() -> None:
    assert not patterns.matches("*a" * 12 + "b", "a" * 200)
    assert patterns.matches("*a" * 12 + "*b", "a" * 200 + "b")


@pytest.mark.parametrize("pattern", ["[", "[a", "[]", "\\", "[z-a]"])
def test_wrong_patterns(pattern: str) -> None:
    with pytest.raises(BadParameter, match="syntax error in pattern"):
        patterns.matches(pattern, "a")


@pytest.mark.parametrize(
    ("values", "value"), [(["1"], True), (["true"], True), (["0"], False), (["false", "0"], False)]
)
def test_boolean_filters(values: list[str], *, value: bool) -> None:
    assert filtering.parse_bool("dangling", values) is value


@pytest.mark.parametrize("values", [[], ["x"], ["true", "false"], ["True"]])
def test_other_values_are_rejected(values: list[str]) -> None:
    with pytest.raises(BadParameter, match="Invalid filter 'dangling="):
        filtering.parse_bool("dangling", values)


def test_unknown_filters_are_rejected() -> None:
    filtering.refuse_unknown({"label": ["a"]}, {"label"})
    with pytest.raises(BadParameter, match="Invalid filter 'x'"):
        filtering.refuse_unknown({"x": []}, {"label"})


def test_any_error_becomes_one_of_the_api(caplog: pytest.LogCaptureFixture) -> None:
    error = BadParameter("no")
    assert errors.as_api_error(error) is error
    for number in (errno.ENOSPC, errno.EDQUOT):
        assert str(errors.as_api_error(OSError(number, ""))) == errors.DISK_FULL
    assert caplog.text == ""
    unknown = errors.as_api_error(KeyError("x"))
    assert (str(unknown), unknown.status) == ("KeyError: 'x'", 500)
    assert type(unknown) is ApiError
    assert "KeyError" in caplog.text


def test_value_errors_become_bad_parameters() -> None:
    with pytest.raises(BadParameter, match="wrong"), errors.as_bad_parameter():
        raise ValueError("wrong")
    with errors.as_bad_parameter():
        pass
