"""`make lab`: run JupyterLab on the notebooks, with an engine; both end together."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tools import images, provision

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
#: Further images for sections 02, 03 and 05 of the course.
_COURSE = ("redis", "node")


def main() -> int:
    """Run JupyterLab until it is closed; return its exit code."""
    try:
        with provision.engine("busybox", "hello-world") as host:
            _provide_the_course(host)
            command = [sys.executable, "-m", "jupyterlab", str(NOTEBOOKS / "01-quickstart.ipynb")]
            command += ["--allow-root"] if os.geteuid() == 0 else []
            return subprocess.run(command, check=False).returncode
    except provision.EXPECTED_ERRORS as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0


def _provide_the_course(host: str) -> None:
    for name in _COURSE:
        try:
            images.provide(host, name)
        except images.ImageError as error:
            print(f"cannot provide the course's image {name}: {error}")


if __name__ == "__main__":
    sys.exit(main())
