"""The help of `docker` alone."""

from __future__ import annotations

import re

from docker_magics.cli.global_options import GlobalOptions
from docker_magics.cli.help import page_of

#: source: docker/cli 29.7.2.
_COMMON = """\
Common Commands:
  run         Create and run a new container from an image
  exec        Execute a command in a running container
  ps          List containers
  build       Build an image from a Dockerfile
  pull        Download an image from a registry
  push        Upload an image to a registry
  images      List images
  login       Authenticate to a registry
  logout      Log out from a registry
  search      Search Docker Hub for images
  version     Show the Docker version information
  info        Display system-wide information

Management Commands:
"""


def test_the_overview_has_the_sections_of_docker_and_one_of_the_notebook() -> None:
    page = page_of(GlobalOptions(help=True), [])
    assert page is not None
    assert _COMMON in page
    assert re.findall(r"^(\w+) (?:Commands|Options):$", page, re.MULTILINE) == [
        *("Common", "Management", "Swarm", "Notebook", "Global")
    ]
    names = re.findall(r"^  ([a-z]+) ", page, re.MULTILINE)
    assert len(names) == len(set(names))
    assert {"compose", "console", "swarm", "wait"} < set(names)
