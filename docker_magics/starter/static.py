"""Static sites: a folder with an index.html."""

from __future__ import annotations

from pathlib import Path

from .project import Project

_FOLDERS = ("", "public", "dist", "site", "docs", "build", "html", "www")


def detect(folder: Path) -> Project | None:
    """Return the static site of a folder, or None."""
    candidates = (name for name in _FOLDERS if (folder / name / "index.html").is_file())
    name = next(candidates, None)
    if name is None:
        return None
    dockerfile = ["FROM nginx:alpine", f"COPY {name or '.'} /usr/share/nginx/html", "EXPOSE 80"]
    return Project("a static site", dockerfile, (), 80)
