"""Go projects: go.mod."""

from __future__ import annotations

import re
from pathlib import Path

from .project import Project, command, exposed, first_number, read

#: The version of Go for projects that name none.
_VERSION = "1.25"
_SERVES = "net/http"
_LISTENS = r"\"[\w.]*:(\d{2,5})\""
_PORT = 8080


def detect(folder: Path) -> Project | None:
    """Return the Go project of a folder, or None."""
    if not (folder / "go.mod").is_file():
        return None
    match = re.search(r"^go (\d+\.\d+)", read(folder / "go.mod"), re.MULTILINE)
    version = match[1] if match else _VERSION
    package = _main_package(folder)
    files = sorted([*folder.glob("*.go"), *(folder / package).glob("*.go")])
    serves = any(_SERVES in read(file) for file in files)
    port = (first_number(_LISTENS, files) or _PORT) if serves else None
    dockerfile = [
        f"FROM golang:{version} AS build",
        "WORKDIR /src",
        "COPY go.* ./",
        "RUN go mod download",
        "COPY . .",
        f"RUN CGO_ENABLED=0 go build -o /bin/app ./{package}",
        "",
        "FROM alpine:3",
        "COPY --from=build /bin/app /bin/app",
        "USER nobody",
        *exposed(port),
        command("/bin/app"),
    ]
    return Project(f"Go {version}", dockerfile, ("bin", "*.test", "*.out"), port)


def _main_package(folder: Path) -> str:
    """Return the folder of the program: cmd/NAME, or "" for the project's own folder."""
    if any("package main" in read(file) for file in folder.glob("*.go")):
        return ""
    programs = sorted(file.parent for file in folder.glob("cmd/*/main.go"))
    named = (path.name for path in programs if re.fullmatch(r"[\w.-]+", path.name))
    return next((f"cmd/{name}" for name in named), "")
