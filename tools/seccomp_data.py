"""`python -m tools.seccomp_data DEFAULT_JSON SYSCALLS_CSV`: generate the seccomp filter's data.

DEFAULT_JSON: seccomp/default.json of github.com/moby/profiles, Docker's allow-list (Apache-2.0).
SYSCALLS_CSV: src/syscalls.csv of github.com/seccomp/libseccomp, the numbers of Linux's system
    calls; its first line names the kernel.

The files that it writes are recorded in the package; each names its source.
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Any

RUNTIME = Path(__file__).parent.parent / "docker_magics" / "embedded" / "runtime"
PROFILE, NUMBERS = RUNTIME / "seccomp_default.json", RUNTIME / "seccomp_numbers.json"
_PROFILE_SOURCE = "github.com/moby/profiles, seccomp/v0.2.3, seccomp/default.json; Apache-2.0"
_NUMBERS_SOURCE = "github.com/seccomp/libseccomp, src/syscalls.csv"
#: The architectures of the table, in the order of its columns.
ARCHITECTURES = ("x86_64", "x86", "aarch64", "arm")
#: The entry of a call that an architecture does not have.
_MISSING = "PNR"


def profile(default: Path) -> str:
    """Return Docker's profile as JSON with one rule a line."""
    document = json.loads(default.read_text())
    rules = document.pop("syscalls")
    return _lines({"source": _PROFILE_SOURCE, **document}, "syscalls", rules)


def numbers(table: Path) -> str:
    """Return the calls and their numbers as JSON with one call a line."""
    with table.open(newline="") as file:
        first, *rows = csv.reader(file)
    columns = [first.index(name) for name in ARCHITECTURES]
    calls = [
        [row[0], *(None if row[at] == _MISSING else int(row[at]) for at in columns)]
        for row in rows
        if any(row[at] != _MISSING for at in columns)
    ]
    kernel = first[0].partition("(")[2].partition(")")[0]
    head = {"source": f"{_NUMBERS_SOURCE}, Linux {kernel}", "columns": ["name", *ARCHITECTURES]}
    return _lines(head, "calls", calls)


def _lines(head: dict[str, Any], key: str, rows: list[Any]) -> str:
    fields = [f" {json.dumps(name)}: {json.dumps(value)}," for name, value in head.items()]
    body = ",\n".join(f"  {json.dumps(row)}" for row in rows)
    return "\n".join(["{", *fields, f" {json.dumps(key)}: [", body, " ]", "}", ""])


def main(default: str, table: str) -> None:
    """Write both files."""
    PROFILE.write_text(profile(Path(default)))
    NUMBERS.write_text(numbers(Path(table)))


if __name__ == "__main__":
    main(*sys.argv[1:])
