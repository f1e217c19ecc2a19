"""`python -m docker_magics ps -a` is `docker-magics ps -a`."""

from __future__ import annotations

import sys

from docker_magics.program import main

if __name__ == "__main__":
    sys.exit(main())
