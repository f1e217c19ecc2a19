"""`make matrix`: try old and new versions of Python and of the packages.

Each combination gets a virtual environment in build/matrix, runs the tests that need no engine,
and then the quickstart notebook. The table goes to docs/versions.md.

`python -m tools.matrix [--ends]` with `--ends` tries the oldest and the newest versions alone.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.uv import uv

ROOT = Path(__file__).parent.parent
_FOLDER = ROOT / "build/matrix"
_TABLE = ROOT / "docs/versions.md"
_PYTHONS = ("3.11", "3.12", "3.13", "3.14")
_SHOWN = ("ipython", "ipykernel", "ipywidgets", "traitlets", "pandas")
#: What the tests and the quickstart need beside the package.
_TOOLS = (
    *("pytest", "pytest-timeout", "pytest-xdist", "hypothesis", "jsonschema", "psutil", "pyyaml"),
    *("nbclient", "nbconvert", "nbformat"),
)
_TESTS = ("tests/unit", "tests/wire", "tests/golden", "--ignore=tests/unit/embedded")
#: What Colab had with Python 3.12; installing docker_magics must change none of it.
_COLAB = (
    *("ipython==7.34.0", "ipykernel==6.17.1", "ipywidgets==7.7.1", "traitlets==5.7.1"),
    *("pandas==2.2.2", "jupyter-client==6.1.12", "tornado==6.4.2"),
)
#: What it has with Python 3.13. source: googlecolab/backend-info, pip-freeze.txt of 2026-08-19.
_COLAB_OF_2026_08 = (
    *("ipython==7.34.0", "ipykernel==6.17.1", "ipywidgets==7.7.1", "traitlets==5.7.1"),
    *("pandas==2.2.3", "numpy==2.1.3", "jupyter-client==7.4.9", "jupyter-server==2.20.0"),
    *("tornado==6.5.7", "pyzmq==26.2.1", "psutil==5.9.5", "requests==2.32.4", "urllib3==2.5.0"),
    *("anywidget==0.9.21", "zstandard==0.25.0", "h11==0.16.0", "h2==4.4.1"),
)
#: What Kaggle has: Colab's, and what github.com/Kaggle/docker-python changes.
_KAGGLE = (
    *("ipython==7.34.0", "ipykernel==6.17.1", "ipywidgets==8.1.5", "traitlets==5.7.1"),
    *("pandas==2.2.2", "jupyter-server==2.12.5", "docker"),
)


@dataclass(frozen=True)
class Combination:
    """Versions that are tried together.

    Attributes:
        name: its name in the table.
        python: the minor version of Python.
        pins: packages that are there before docker_magics is installed, with their versions.
        resolution: which versions of its requirements uv chooses.
    """

    name: str
    python: str
    pins: Sequence[str] = ()
    resolution: str = "highest"


# pandas 2.0 was built for numpy 1, but does not say so; traitlets is no requirement of our own.
_OLDEST = Combination("oldest", "3.11", ("numpy<2", "traitlets==5.7.1"), resolution="lowest-direct")
_COLAB_LIKE = Combination("as on Colab", "3.12", _COLAB)
_NEW_COLAB_LIKE = Combination("as on Colab since August 2026", "3.13", _COLAB_OF_2026_08)
_KAGGLE_LIKE = Combination("as on Kaggle", "3.12", _KAGGLE)


@dataclass(frozen=True)
class Outcome:
    """What a combination did.

    Attributes:
        combination: the combination.
        versions: package -> version, of the packages in the table.
        tests: the last line of pytest's summary.
        passed: whether all tests passed.
        quickstart: whether the quickstart notebook ran.
    """

    combination: Combination
    versions: dict[str, str]
    tests: str
    passed: bool
    quickstart: bool


def find_python(version: str) -> Path | None:
    """Return an interpreter of this minor version on PATH or among pyenv's, or None."""
    named = [shutil.which(f"python{version}")] if shutil.which(f"python{version}") else []
    by_pyenv = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    for path in [*map(str, named), *map(str, by_pyenv)]:
        answer = subprocess.run([path, "-c", code], capture_output=True, text=True, check=False)
        if answer.stdout.strip() == version:
            return Path(path)
    return None


def combinations(*, ends: bool) -> Iterator[tuple[Combination, Path]]:
    """Yield what this machine has a Python for, with the interpreter."""
    pythons = {version: find_python(version) for version in _PYTHONS}
    newest = [Combination("newest", version) for version in _PYTHONS if pythons[version]]
    places = [_COLAB_LIKE, _NEW_COLAB_LIKE, _KAGGLE_LIKE]
    wanted = [_OLDEST, newest[-1]] if ends else [_OLDEST, *places, *newest]
    for combination in wanted:
        if (python := pythons[combination.python]) is None:
            print(f"Skipping {combination.name}: there is no Python {combination.python}.")
        else:
            yield combination, python


def attempt(combination: Combination, python: Path) -> Outcome:
    """Install a combination, and run the tests and the quickstart with it.

    Raises:
        CalledProcessError: a package cannot be installed.
        SystemExit: installing docker_magics changed a version of `pins`.
    """
    print(f"== {combination.name}, Python {combination.python}", flush=True)
    environment = _FOLDER / f"{combination.name.replace(' ', '-')}-{combination.python}"
    uv("venv", "--clear", "--python", python, environment)
    interpreter = environment / "bin/python"
    versions = _install(combination, interpreter)
    tests = [str(interpreter), "-m", "pytest", "-q", "-n", "2", "-o", "filterwarnings=", *_TESTS]
    run = subprocess.run(tests, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    if run.returncode:
        print(run.stdout)
    summary = re.sub(r" in .*", "", run.stdout.strip().splitlines()[-1].strip("= "))
    demo = subprocess.run([interpreter, "-m", "tools.demo"], cwd=ROOT, check=False)
    return Outcome(combination, versions, summary, run.returncode == 0, demo.returncode == 0)


def _install(combination: Combination, interpreter: Path) -> dict[str, str]:
    """Install the package, and what the tests need without changing a version; return those."""
    install = ("pip", "install", "--python", interpreter)
    if combination.pins:
        uv(*install, *combination.pins)
    before = _versions(interpreter)
    uv(*install, "--resolution", combination.resolution, f"{ROOT}[compose]")
    versions = _versions(interpreter)
    if changed := {name for name in before if before[name] != versions[name]}:
        raise SystemExit(f"cannot install docker_magics beside {combination.name}: {changed}")
    fixed = interpreter.parent / "fixed.txt"
    fixed.write_text("".join(f"{name}=={version}\n" for name, version in versions.items()))
    uv(*install, "--constraints", fixed, *_TOOLS)
    return versions


def _versions(interpreter: Path) -> dict[str, str]:
    listing = json.loads(uv("pip", "list", "--python", interpreter, "--format", "json"))
    versions = {package["name"]: package["version"] for package in listing}
    versions.pop("docker-magics", None)  # no index has it
    return versions


def table(outcomes: Sequence[Outcome]) -> str:
    """Return the outcomes as a table in Markdown."""
    head = ["", "Python", *_SHOWN, "tests without an engine", "quickstart"]
    rows = [head, ["---"] * len(head)]
    for outcome in outcomes:
        versions = [outcome.versions.get(name, "") for name in _SHOWN]
        ran = "runs" if outcome.quickstart else "fails"
        named = [outcome.combination.name, outcome.combination.python]
        rows.append([*named, *versions, outcome.tests, ran])
    return "".join("| " + " | ".join(row) + " |\n" for row in rows)


def main() -> int:
    """Try the combinations; return 1 if one fails."""
    parser = argparse.ArgumentParser(prog="python -m tools.matrix", description=__doc__)
    parser.add_argument("--ends", action="store_true", help="the oldest and the newest alone")
    options = parser.parse_args()
    outcomes = [attempt(*wanted) for wanted in combinations(ends=options.ends)]
    text = table(outcomes)
    print(text)
    if not options.ends:
        _TABLE.write_text(f"# Versions\n\nWritten by `make matrix`.\n\n{text}")
    return 0 if all(outcome.passed and outcome.quickstart for outcome in outcomes) else 1


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(main())
