"""Texts with a form: pairs, lists separated by commas, environment variables, labels.

source: docker/cli, opts/opts.go, opts/env.go, pkg/kvfile/kvfile.go; Go's encoding/csv.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable

_BLANK = re.compile(r"[ \t]")
_CSV_FIELD = re.compile(r'"((?:[^"]|"")*)"(?=,|$)|([^",]*)(?=,|$)')


def csv_values(text: str) -> list[str]:
    """Values separated by commas; one in double quotes may have commas itself."""
    if not text:
        return []
    values: list[str] = []
    at = 0
    while at <= len(text):
        match = _CSV_FIELD.match(text, at)
        if match is None:
            raise ValueError(_csv_fault(text, at))
        quoted, plain = match.groups()
        values.append(plain if quoted is None else quoted.replace('""', '"'))
        at = match.end() + 1
    return values


def _csv_fault(text: str, at: int) -> str:
    if text[at] != '"':
        column = text.index('"', at) + 1
        return f'parse error on line 1, column {column}: bare " in non-quoted-field'
    closing = re.compile(r'"(?:[^"]|"")*"').match(text, at)
    column = closing.end() if closing else len(text) + 1
    return f'parse error on line 1, column {column}: extraneous or missing " in quoted-field'


def fields(text: str) -> list[str]:
    """The fields of a flag that is a list of `key=value`; there is at least one."""
    found = csv_values(text)
    if not found:
        raise ValueError("EOF")
    return found


def filter_pair(text: str) -> list[tuple[str, str]]:
    """`key=value` of a --filter; an empty one is none.

    source: docker/cli, opts/opts.go: FilterOpt.Set.
    """
    key, equals, value = text.partition("=")
    if not text:
        return []
    if not equals:
        raise ValueError("bad format of filter (expected name=value)")
    return [(key.strip().lower(), value.strip())]


def environment(text: str) -> str:
    """`NAME=value`; `NAME` alone takes the value that it has here, where it has one."""
    name, equals, _ = text.partition("=")
    if not name:
        raise ValueError(f"invalid environment variable: {text}")
    if not equals and name in os.environ:
        return f"{name}={os.environ[name]}"
    return text


def stream(text: str) -> str:
    """One of a process's streams: stdin, stdout, stderr."""
    if text.lower() not in {"stdin", "stdout", "stderr"}:
        raise ValueError("valid streams are STDIN, STDOUT and STDERR")
    return text.lower()


def label(text: str) -> str:
    """`key=value` or `key`."""
    key = text.partition("=")[0].lstrip(" \t")
    if not key:
        raise ValueError(f"invalid label '{text}': empty name")
    if _BLANK.search(key):
        raise ValueError(f"label '{key}' contains whitespaces")
    return text


def mapping(pairs: Iterable[str]) -> dict[str, str]:
    """`key=value` texts as a mapping; a key alone has an empty value."""
    return {key: value for key, _, value in (pair.partition("=") for pair in pairs)}


def read_pairs(name: str, look_up: Callable[[str], str | None] | None = None) -> list[str]:
    """The `KEY=value` lines of an env or label file.

    Args:
        name: the file's path.
        look_up: the value of a key that stands alone; without one such keys are left out.

    Raises:
        ValueError: it is no such file, or cannot be read.
    """
    found: list[str] = []
    try:
        with open(name, "rb") as file:  # noqa: PTH123 - Path("") is a folder
            text = file.read().decode("utf-8-sig")
    except IsADirectoryError:
        raise ValueError(f"invalid env file ({name}): read {name}: is a directory") from None
    except OSError as error:
        raise ValueError(f"open {name}: {str(error.strerror).lower()}") from None
    except UnicodeDecodeError as error:
        raise ValueError(f"invalid env file ({name}): {_not_utf8(error)}") from None
    for each in text.split("\n"):
        line = each.removesuffix("\r").lstrip()
        if not line or line.startswith("#"):
            continue
        key, equals, _ = line.partition("=")
        if not key:
            raise ValueError(f"invalid env file ({name}): no variable name on line '{line}'")
        if _BLANK.search(key):
            raise ValueError(f"invalid env file ({name}): variable '{key}' contains whitespaces")
        value = look_up(key) if look_up and not equals else None
        if equals:
            found.append(line)
        elif value is not None:
            found.append(f"{key}={value}")
    return found


def _not_utf8(error: UnicodeDecodeError) -> str:
    """Which line it is, and its bytes as Go prints them."""
    line = error.object.count(b"\n", 0, error.start)
    content = " ".join(map(str, error.object.split(b"\n")[line].removesuffix(b"\r")))
    return f"invalid utf8 bytes at line {line + 1}: [{content}]"
