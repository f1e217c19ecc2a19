"""`python -m tools.course images ARCHIVE`, `... offline ARCHIVE` and `... site`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from subprocess import CalledProcessError

from nbclient.exceptions import CellExecutionError

from tools import images, provision
from tools.course import archive, offline, site

ROOT = Path(__file__).parent.parent.parent


def main() -> int:
    """Run the command of the command line; return the exit code."""
    options = _options()
    try:
        with provision.engine(*images.RECIPES) as host:
            if options.command == "images":
                archive.save(host, options.archive)
            elif options.command == "offline":
                offline.pack(host, options.archive)
            else:
                site.build(options.folder, site.course())
    except (*provision.EXPECTED_ERRORS, CellExecutionError, CalledProcessError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.course", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    saving = commands.add_parser("images", help="save the course's images to a file")
    saving.add_argument("archive", type=Path, help="the file, .tar or .tar.gz")
    packing = commands.add_parser(
        "offline", help="pack notebooks, packages and images for laptops without internet"
    )
    packing.add_argument("archive", type=Path, help="the file, .tar")
    making = commands.add_parser(
        "site", help="run the notebooks and export them as pages and slides"
    )
    making.add_argument("folder", type=Path, nargs="?", default=ROOT / "build/site")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
