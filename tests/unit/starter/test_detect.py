"""docker init recognizes projects, and its Dockerfiles can be parsed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from docker_magics.starter.detect import detect
from docker_magics.starter.project import Project
from docker_magics.wire import dockerfile

#: Name -> the files of a project, what it is, its port, and its CMD.
PROJECTS: dict[str, tuple[dict[str, str], str, int | None, list[str] | None]] = {
    "script": ({"run.py": ""}, "Python 3.13", None, ["python", "run.py"]),
    "fastapi": (
        {
            "requirements.txt": "fastapi>=0.1\nuvicorn\n",
            "api.py": "from fastapi import FastAPI\nservice = FastAPI()\n",
            ".python-version": "3.12.4\n",
        },
        "Python 3.12 (FastAPI)",
        8000,
        ["uvicorn", "api:service", "--host", "0.0.0.0", "--port", "8000"],
    ),
    "flask": (
        {"requirements.txt": "Flask==3\ngunicorn\n", "app.py": "app = Flask(__name__)\n"},
        "Python 3.13 (Flask)",
        8000,
        ["gunicorn", "--bind", "0.0.0.0:8000", "app:app"],
    ),
    "django": (
        {"requirements.txt": "Django\n", "manage.py": "", "site/wsgi.py": ""},
        "Python 3.13 (Django)",
        8000,
        ["python", "manage.py", "runserver", "0.0.0.0:8000"],
    ),
    "streamlit": (
        {"requirements.txt": "streamlit", "app.py": ""},
        "Python 3.13 (Streamlit)",
        8501,
        ["streamlit", "run", "app.py", "--server.address=0.0.0.0", "--server.port=8501"],
    ),
    "package": (
        {"pyproject.toml": '[project]\nrequires-python=">=3.11"\n[project.scripts]\nhello="a:b"\n'},
        "Python 3.11",
        None,
        ["hello"],
    ),
    "uv": (
        {"pyproject.toml": '[project]\nname="x"\n', "uv.lock": "", "main.py": ""},
        "Python 3.13",
        None,
        ["python", "main.py"],
    ),
    "broken": ({"pyproject.toml": "project = 1\n["}, "Python 3.13", None, ["python"]),
    "express": (
        {
            "package.json": json.dumps(
                {"engines": {"node": ">=20"}, "scripts": {"start": "node server.js"}}
            ),
            "package-lock.json": "{}",
            "server.js": "app.listen(process.env.PORT || 4000)",
        },
        "Node 20",
        4000,
        ["npm", "start"],
    ),
    "next": (
        {
            "package.json": json.dumps({"scripts": {"build": "next build", "start": "next start"}}),
            "pnpm-lock.yaml": "",
        },
        "Node 22",
        3000,
        ["npm", "start"],
    ),
    "vite": (
        {
            "package.json": json.dumps(
                {"scripts": {"build": "vite build"}, "devDependencies": {"vite": "7"}}
            ),
            "yarn.lock": "",
        },
        "Node 22, a static page",
        80,
        None,
    ),
    "plain node": ({"package.json": "[]", "index.js": ""}, "Node 22", 3000, ["node", "index.js"]),
    "go": (
        {
            "go.mod": "module x\n\ngo 1.24.1\n",
            "main.go": 'package main\nimport "net/http"\nhttp.ListenAndServe(":9000", nil)',
        },
        "Go 1.24",
        9000,
        ["/bin/app"],
    ),
    "go tool": (
        {"go.mod": "module x\n", "cmd/tool/main.go": "package main\n", "x.go": "package x"},
        "Go 1.25",
        None,
        ["/bin/app"],
    ),
    "maven": (
        {"pom.xml": "<java.version>17</java.version> spring-boot-starter-web"},
        "Java 17 (Maven)",
        8080,
        ["java", "-jar", "/app.jar"],
    ),
    "gradle": (
        {
            "build.gradle.kts": "JavaLanguageVersion.of(19)",
            "src/main/resources/application.properties": "server.port=9999\n",
        },
        "Java 21 (Gradle)",
        9999,
        ["java", "-jar", "/app.jar"],
    ),
    "site": ({"public/index.html": "<p>"}, "a static site", 80, None),
}


def write(folder: Path, files: dict[str, str]) -> Path:
    """Write files into a folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def _project(folder: Path) -> Project:
    project = detect(folder)
    assert project is not None
    return project


def _instructions(project: Project) -> list[Any]:
    return list(dockerfile.parse(project.files()["Dockerfile"]).instructions)


@pytest.mark.parametrize("name", PROJECTS)
def test_a_project_is_recognized(name: str, tmp_path: Path) -> None:
    files, kind, port, arguments = PROJECTS[name]
    project = _project(write(tmp_path, files))
    assert (project.kind, project.port) == (kind, port)
    assert project == detect(tmp_path)
    instructions = _instructions(project)
    commands = [json.loads(line[4:]) for line in project.dockerfile if line.startswith("CMD")]
    assert commands == ([arguments] if arguments else [])
    assert instructions[0].keyword == "FROM"
    exposed = [f"EXPOSE {port}"] if port else []
    assert [line for line in project.dockerfile if line.startswith("EXPOSE")] == exposed


def test_a_folder_without_a_project(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("")
    assert detect(tmp_path) is None


def test_names_of_files_are_data(tmp_path: Path) -> None:
    (tmp_path / 'x"]\nRUN evil.py').write_text("")
    dockerfile_text = _project(tmp_path).files()["Dockerfile"]
    assert 'CMD ["python", "x\\"]\\nRUN evil.py"]\n' in dockerfile_text


def test_the_compose_file_publishes_the_port(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("")
    compose = _project(tmp_path).files()["compose.yaml"]
    assert compose == 'services:\n  app:\n    build: .\n    ports:\n      - "8080:80"\n'


def test_packages_that_are_missing_are_installed(tmp_path: Path) -> None:
    write(tmp_path, {"main.py": "app = FastAPI()", "requirements.txt": "fastapi"})
    assert "RUN pip install uvicorn" in _project(tmp_path).dockerfile
