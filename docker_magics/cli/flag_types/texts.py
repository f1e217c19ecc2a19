"""Structured texts: pairs, comma-separated lists, environment variables, labels.

source: docker/cli, opts/opts.go, opts/env.go, pkg/kvfile/kvfile.go; Go's encoding/csv.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable

_BLANK = r"[ \t]"
_CSV_FIELD = r'"((?:[^"]|"")*)"(?=,|$)|([^",]*)(?=,|$)'


def csv_values(text: str) -> list[str]:
    """Split comma-separated values; a value in double quotes may contain commas."""
    if not text:
        return []
    field, values, position = re.compile(_CSV_FIELD), list[str](), 0
    while position <= len(text):
        match = field.match(text, position)
        if match is None:
            raise ValueError(_csv_error(text, position))
        quoted, plain = match.groups()
        values.append(plain if quoted is None else quoted.replace('""', '"'))
        position = match.end() + 1
    return values


def _csv_error(text: str, position: int) -> str:
    if text[position] != '"':
        column = text.index('"', position) + 1
        return f'parse error on line 1, column {column}: bare " in non-quoted-field'
    closing = re.compile(r'"(?:[^"]|"")*"').match(text, position)
    column = closing.end() if closing else len(text) + 1
    return f'parse error on line 1, column {column}: extraneous or missing " in quoted-field'


def fields(text: str) -> list[str]:
    """Split a list of `key=value` fields.

    Raises:
        ValueError: the list is empty.
    """
    values = csv_values(text)
    if not values:
        raise ValueError("EOF")
    return values


def filter_pair(text: str) -> list[tuple[str, str]]:
    """Parse `key=value` of a --filter into a list of one pair; "" into an empty list.

    source: docker/cli, opts/opts.go: FilterOpt.Set.
    """
    key, equals, value = text.partition("=")
    if not text:
        return []
    if not equals:
        raise ValueError("bad format of filter (expected name=value)")
    return [(key.strip().lower(), value.strip())]


def environment(text: str) -> str:
    """Check `NAME=value`; `NAME` alone gets the value of this process's variable, if set."""
    name, equals, _ = text.partition("=")
    if not name:
        raise ValueError(f"invalid environment variable: {text}")
    if not equals and name in os.environ:
        return f"{name}={os.environ[name]}"
    return text


def stream(text: str) -> str:
    """Check a stream's name: stdin, stdout or stderr."""
    if text.lower() not in {"stdin", "stdout", "stderr"}:
        raise ValueError("valid streams are STDIN, STDOUT and STDERR")
    return text.lower()


def label(text: str) -> str:
    """Check a label: `key=value` or `key`."""
    key = text.partition("=")[0].lstrip(" \t")
    if not key:
        raise ValueError(f"invalid label '{text}': empty name")
    if re.search(_BLANK, key):
        raise ValueError(f"label '{key}' contains whitespaces")
    return text


def mapping(pairs: Iterable[str]) -> dict[str, str]:
    """Convert `key=value` texts to a dict; the value of a key alone is ""."""
    return {key: value for key, _, value in (pair.partition("=") for pair in pairs)}


def read_pairs(name: str, look_up: Callable[[str], str | None] | None = None) -> list[str]:
    """Read the `KEY=value` lines of an env or label file.

    Args:
        name: the file's path.
        look_up: returns the value of a key alone; if None, such keys are skipped.

    Raises:
        ValueError: the file cannot be read, or a line is invalid.
    """
    pairs: list[str] = []
    try:
        with open(name, "rb") as file:  # noqa: PTH123 - Path("") is a folder
            text = file.read().decode("utf-8-sig")
    except IsADirectoryError:
        raise ValueError(f"invalid env file ({name}): read {name}: is a directory") from None
    except OSError as error:
        raise ValueError(f"open {name}: {str(error.strerror).lower()}") from None
    except UnicodeDecodeError as error:
        raise ValueError(f"invalid env file ({name}): {_not_utf8(error)}") from None
    for raw_line in text.split("\n"):
        line = raw_line.removesuffix("\r").lstrip()
        if not line or line.startswith("#"):
            continue
        key, equals, _ = line.partition("=")
        if not key:
            raise ValueError(f"invalid env file ({name}): no variable name on line '{line}'")
        if re.search(_BLANK, key):
            raise ValueError(f"invalid env file ({name}): variable '{key}' contains whitespaces")
        value = look_up(key) if look_up and not equals else None
        if equals:
            pairs.append(line)
        elif value is not None:
            pairs.append(f"{key}={value}")
    return pairs


def _not_utf8(error: UnicodeDecodeError) -> str:
    """Return an error with the invalid line's number, and its bytes as Go prints them."""
    line = error.object.count(b"\n", 0, error.start)
    content = " ".join(map(str, error.object.split(b"\n")[line].removesuffix(b"\r")))
    return f"invalid utf8 bytes at line {line + 1}: [{content}]"
