"""Node projects: package.json."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, NamedTuple

from .project import Project, command, exposed, first_number, read

#: The version of Node for projects that name none.
_VERSION = "22"
_PORT = 3000
_MAIN_FILES = ("server.js", "app.js", "index.js", "main.js")
_LISTENS = r"(?:PORT\s*(?:\|\||\?\?)\s*[\"']?|\.listen\(\s*)(\d{2,5})"
_IGNORES = ("node_modules", "npm-debug.log*", ".next", "coverage")
_BUILT = ("dist", "build")


class _Manager(NamedTuple):
    """A package manager: the files that it reads, and its commands.

    Attributes:
        install: installs all packages; `production` only those that the program needs.
        prune: removes the packages that only the build needs.
    """

    files: str
    install: str
    production: str
    run: str
    prune: str


_NPM = _Manager(
    "package*.json",
    "npm install",
    "npm install --omit=dev",
    "npm run build",
    "npm prune --omit=dev",
)
#: Lock file -> the manager that wrote it.
_MANAGERS = {
    "package-lock.json": _NPM._replace(install="npm ci", production="npm ci --omit=dev"),
    "yarn.lock": _Manager(
        "package.json yarn.lock",
        "corepack enable && yarn install",
        "corepack enable && yarn install --production",
        "yarn build",
        "yarn install --production",
    ),
    "pnpm-lock.yaml": _Manager(
        "package.json pnpm-lock.yaml",
        "corepack enable && pnpm install --frozen-lockfile",
        "corepack enable && pnpm install --frozen-lockfile --prod",
        "pnpm run build",
        "pnpm prune --prod",
    ),
}


def detect(folder: Path) -> Project | None:
    """Return the Node project of a folder, or None."""
    if not (folder / "package.json").is_file():
        return None
    package = _package(folder)
    scripts = _dict(package.get("scripts"))
    manager = next((m for name, m in _MANAGERS.items() if (folder / name).is_file()), _NPM)
    base = f"node:{_version(folder, package)}-slim"
    built = "build" in scripts
    if built and (output := _page_folder(package, scripts)):
        return _page(base, manager, output)
    start = _start(folder, package, scripts)
    sources = [folder / start[-1], *(folder / name for name in _MAIN_FILES)]
    port = first_number(_LISTENS, [*sources, *sorted(folder.glob("src/*.[jt]s"))]) or _PORT
    dockerfile = [
        *(_build_stage(base, manager, prune=True) if built else []),
        f"FROM {base}",
        "ENV NODE_ENV=production",
        "WORKDIR /app",
        *(["COPY --from=build /app ./"] if built else _sources(manager.files, manager.production)),
        "USER node",
        *exposed(port),
        command(*start),
    ]
    return Project(_kind(base), dockerfile, _ignores(built=built), port)


def _page(base: str, manager: _Manager, output: str) -> Project:
    """Return a project that is built to static files, which nginx serves."""
    dockerfile = [
        *_build_stage(base, manager, prune=False),
        "FROM nginx:alpine",
        f"COPY --from=build /app/{output} /usr/share/nginx/html",
        "EXPOSE 80",
    ]
    return Project(f"{_kind(base)}, a static page", dockerfile, _ignores(built=True), 80)


def _build_stage(base: str, manager: _Manager, *, prune: bool) -> list[str]:
    return [
        f"FROM {base} AS build",
        "WORKDIR /app",
        *_sources(manager.files, manager.install),
        f"RUN {manager.run}" + (f" && {manager.prune}" if prune else ""),
        "",
    ]


def _sources(files: str, install: str) -> list[str]:
    return [f"COPY {files} ./", f"RUN {install}", "COPY . ."]


def _ignores(*, built: bool) -> tuple[str, ...]:
    return (*_IGNORES, *_BUILT) if built else _IGNORES


def _kind(base: str) -> str:
    return base.replace("node:", "Node ").removesuffix("-slim")


def _package(folder: Path) -> dict[str, Any]:
    try:
        return _dict(json.loads(read(folder / "package.json")))
    except ValueError:
        return {}


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _version(folder: Path, package: dict[str, Any]) -> str:
    """Return the major version that the project names."""
    engines = str(_dict(package.get("engines")).get("node", ""))
    for text in (read(folder / ".nvmrc"), read(folder / ".node-version"), engines):
        if match := re.search(r"(\d+)", text):
            return match[1]
    return _VERSION


def _page_folder(package: dict[str, Any], scripts: dict[str, Any]) -> str | None:
    """Return where the build writes its static files; None for a program that runs in Node."""
    packages = _dict(package.get("dependencies")) | _dict(package.get("devDependencies"))
    if "react-scripts" in packages:
        return "build"
    return "dist" if "vite" in packages and "start" not in scripts else None


def _start(folder: Path, package: dict[str, Any], scripts: dict[str, Any]) -> tuple[str, ...]:
    if "start" in scripts:
        return ("npm", "start")
    main = next((name for name in _MAIN_FILES if (folder / name).is_file()), "index.js")
    return ("node", str(package.get("main") or main))
