"""Run npm scripts of the front end, after installing its locked packages.

`python -m tools.npm SCRIPT ...` runs scripts of package.json. With `--if-available` it skips them
where npm or a package is missing and prints how to get it; in CI it fails. Needs only Python.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import subprocess
import sys
from pathlib import Path

from tools import debian

ROOT = Path(__file__).parent.parent
PACKAGES = ROOT / "node_modules"
#: A copy of the lock file that `npm ci` installed last.
_STAMP = PACKAGES / ".installed-lock.json"


class NpmUnavailableError(Exception):
    """npm or a package is missing; the message says how to get it."""


def install() -> Path:
    """Install the packages of package-lock.json, unless they are installed.

    Returns:
        The folder of the packages.

    Raises:
        NpmUnavailableError: npm is missing, or it cannot install the packages.
    """
    if packages := debian.missing("bundle"):
        raise NpmUnavailableError(f"npm is needed: {debian.install_command(packages)}")
    with (ROOT / "package-lock.json").open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # parallel tests install once
        lock = file.read()
        if not _STAMP.exists() or _STAMP.read_bytes() != lock:
            _install_locked()
            _STAMP.write_bytes(lock)
    return PACKAGES


def _install_locked() -> None:
    command = ["npm", "ci", "--no-audit", "--no-fund"]
    npm = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if npm.returncode:
        raise NpmUnavailableError(f"cannot install the front end's packages: {npm.stderr.strip()}")


def run(script: str) -> int:
    """Run a script of package.json; return its exit code."""
    return subprocess.run(["npm", "run", "--silent", script], cwd=ROOT, check=False).returncode


def main() -> int:
    """Run the scripts of the command line in turn, up to the first one that fails."""
    parser = argparse.ArgumentParser(prog="python -m tools.npm", description=__doc__)
    parser.add_argument("--if-available", action="store_true")
    parser.add_argument("scripts", nargs="+", metavar="SCRIPT")
    arguments = parser.parse_args()
    debian.ensure("bundle")
    try:
        install()
    except NpmUnavailableError as error:
        print(f"skipped: npm run {' '.join(arguments.scripts)} ({error})", flush=True)
        return int(not arguments.if_available or bool(os.environ.get("CI")))
    return next(filter(None, map(run, arguments.scripts)), 0)


if __name__ == "__main__":
    sys.exit(main())
