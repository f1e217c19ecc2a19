"""The list of an image's Debian packages."""

from __future__ import annotations

from tools.course.packages import Package, parse

_STATUS = """\
Package: bash
Status: install ok installed
Version: 5.2-1
Description: a shell
 Source: not a field

Package: libc6
Source: glibc
Version: 2.36-9

Package: busybox-static
Source: busybox (1:1.35.0-4)
Version: 1:1.35.0-4+b1

Package: old
Status: deinstall ok config-files
Version: 1
"""


def test_packages_and_their_sources() -> None:
    assert list(parse(_STATUS)) == [
        Package("bash", "5.2-1", "bash", "5.2-1"),
        Package("libc6", "2.36-9", "glibc", "2.36-9"),
        Package("busybox-static", "1:1.35.0-4+b1", "busybox", "1:1.35.0-4"),
    ]
