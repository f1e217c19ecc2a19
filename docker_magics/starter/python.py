"""Python projects: requirements.txt, pyproject.toml, uv.lock, or scripts alone."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

from .project import Project, command, exposed, read

#: The version of Python for projects that name none.
_VERSION = "3.13"
_MAIN_FILES = ("main.py", "app.py", "server.py", "api.py", "run.py", "__main__.py")
_IGNORES = ("__pycache__", "*.py[cod]", "*.egg-info", ".venv", "venv", ".pytest_cache")
_APP = r"^(\w+)(?::\s*\w+)?\s*=\s*(?:\w+\.)?{kind}\("


class _Start(NamedTuple):
    """The start command of a project.

    Attributes:
        framework: the web framework, or "".
        arguments: the command.
        port: the TCP port that it listens on, or None.
        lacks: packages that the command needs, and the project does not name.
    """

    framework: str
    arguments: tuple[str, ...]
    port: int | None
    lacks: tuple[str, ...] = ()


def detect(folder: Path) -> Project | None:
    """Return the Python project of a folder, or None."""
    scripts = sorted(folder.glob("*.py"))
    names = ("requirements.txt", "pyproject.toml", "setup.py")
    if not scripts and not any((folder / name).is_file() for name in names):
        return None
    settings = _settings(folder)
    start = _start(folder, settings, scripts)
    version = _version(folder, settings)
    dockerfile = [
        f"FROM python:{version}-slim",
        "ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1",
        "WORKDIR /app",
        "RUN useradd --uid 10001 --create-home app",
        *_installed(folder, settings, start),
        "USER app",
        *exposed(start.port),
        command(*start.arguments),
    ]
    kind = f"Python {version}" + (f" ({start.framework})" if start.framework else "")
    return Project(kind, dockerfile, _IGNORES, start.port)


def _settings(folder: Path) -> dict[str, Any]:
    """Return the table [project] of pyproject.toml, empty if there is none."""
    try:
        settings = tomllib.loads(read(folder / "pyproject.toml")).get("project")
    except tomllib.TOMLDecodeError:
        settings = None
    return settings if isinstance(settings, dict) else {}


def _version(folder: Path, settings: dict[str, Any]) -> str:
    """Return the version that .python-version names, or the oldest that the project allows."""
    required = str(settings.get("requires-python", ""))
    for text in (read(folder / ".python-version"), required.partition(">=")[2]):
        if match := re.match(r"\s*(3\.\d+)", text):
            return match[1]
    return _VERSION


def _dependencies(folder: Path, settings: dict[str, Any]) -> set[str]:
    """Return the normalized names of the required packages, with extras: `fastapi[standard]`."""
    lines = [*read(folder / "requirements.txt").splitlines()]
    lines += map(str, settings.get("dependencies") or [])
    matches = (re.match(r"\s*([\w.-]+(?:\[[^\]]*\])?)", line) for line in lines)
    return {match[1].lower().replace("_", "-") for match in matches if match}


def _installed(folder: Path, settings: dict[str, Any], start: _Start) -> list[str]:
    """Return the instructions that copy the project and install what it needs."""
    more = [f"RUN pip install {' '.join(start.lacks)}"] if start.lacks else []
    if (folder / "uv.lock").is_file():
        return [
            "RUN pip install uv",
            "COPY pyproject.toml uv.lock ./",
            "RUN uv sync --frozen --no-dev --no-install-project",
            "COPY . .",
            "RUN uv sync --frozen --no-dev",
            "ENV PATH=/app/.venv/bin:$PATH",
        ]
    if (folder / "requirements.txt").is_file():
        install = ["COPY requirements.txt .", "RUN pip install -r requirements.txt"]
        return [*install, *more, "COPY . ."]
    if settings or (folder / "setup.py").is_file():
        return ["COPY . .", "RUN pip install .", *more]
    return [*more, "COPY . ."]


def _start(folder: Path, settings: dict[str, Any], scripts: list[Path]) -> _Start:
    needed = _dependencies(folder, settings)
    names = {name.partition("[")[0] for name in needed}
    if (folder / "manage.py").is_file():
        return _django(folder, names)
    main = _main_file(folder, scripts)
    if "streamlit" in names and main:
        address = ("--server.address=0.0.0.0", "--server.port=8501")
        return _Start("Streamlit", ("streamlit", "run", main, *address), 8501)
    if "fastapi" in names or _app(scripts, "FastAPI"):
        lacks = () if {"uvicorn", "fastapi[standard]"} & (names | needed) else ("uvicorn",)
        module, name = _app(scripts, "FastAPI") or ("main", "app")
        arguments = ("uvicorn", f"{module}:{name}", "--host", "0.0.0.0", "--port", "8000")  # noqa: S104 - inside of the container
        return _Start("FastAPI", arguments, 8000, lacks)
    if "flask" in names or _app(scripts, "Flask"):
        return _flask(names, *(_app(scripts, "Flask") or ("app", "app")))
    if declared := settings.get("scripts"):
        return _Start("", (str(next(iter(declared))),), None)
    return _Start("", ("python", main) if main else ("python",), None)


def _django(folder: Path, names: set[str]) -> _Start:
    package = next((path.parent.name for path in sorted(folder.glob("*/wsgi.py"))), None)
    if "gunicorn" in names and package:
        return _Start("Django", ("gunicorn", "--bind", "0.0.0.0:8000", f"{package}.wsgi"), 8000)
    return _Start("Django", ("python", "manage.py", "runserver", "0.0.0.0:8000"), 8000)


def _flask(names: set[str], module: str, name: str) -> _Start:
    if "gunicorn" in names:
        return _Start("Flask", ("gunicorn", "--bind", "0.0.0.0:8000", f"{module}:{name}"), 8000)
    address = ("--host", "0.0.0.0", "--port", "8000")  # noqa: S104 - inside of the container
    lacks = () if "flask" in names else ("flask",)
    return _Start("Flask", ("flask", "--app", f"{module}:{name}", "run", *address), 8000, lacks)


def _app(scripts: list[Path], kind: str) -> tuple[str, str] | None:
    """Return the module and variable of a web application: `app = FastAPI()`."""
    for script in scripts:
        if match := re.search(_APP.format(kind=kind), read(script), re.MULTILINE):
            return script.stem, match[1]
    return None


def _main_file(folder: Path, scripts: list[Path]) -> str | None:
    named = [name for name in _MAIN_FILES if (folder / name).is_file()]
    started = [script.name for script in scripts if '"__main__"' in read(script)]
    candidates = [*named, *started, *(script.name for script in scripts if script.stem != "setup")]
    return candidates[0] if candidates else None
