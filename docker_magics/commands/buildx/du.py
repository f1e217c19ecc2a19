"""docker buildx du: show the disk usage of the build cache."""

from __future__ import annotations

from typing import Any

from docker_magics.cli.command import Command
from docker_magics.commands import _flags
from docker_magics.commands._disk_usage import disk_usages
from docker_magics.commands.system._verbose import build_cache
from docker_magics.engine.client import Engine
from docker_magics.results.listing import render_listing


class BuildxDu(Command):
    """Disk usage"""

    usage = "[OPTIONS]"

    format: str = _flags.format_of_listing()

    def run(self, engine: Engine) -> Any:
        """Return the entries of the build cache, as the last table of `docker system df -v`.

        Returns:
            A Table with the columns CACHE ID, CACHE TYPE (str), SIZE (int64; bytes), CREATED, LAST
            USED (datetime64, UTC), USAGE (int64), SHARED (str).

        source: Engine API, SystemDataUsage.
        """
        entries = disk_usages(engine, items=True).build_cache.items
        return render_listing(build_cache(), entries, form=self.format)
