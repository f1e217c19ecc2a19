"""Completion: commands, flags, and names from the engine."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from docker_magics.cli.complete import complete
from docker_magics.cli.complete_dockerfile import complete_dockerfile
from docker_magics.cli.words import split
from docker_magics.errors import NoEngine


def names(args: Sequence[str]) -> list[str]:
    """Return two names of each kind, like an engine."""
    return {
        "ps": ["web", "worker"],
        "images": ["redis:7", "<none>:<none>"],
        "network": ["bridge", "backend"],
        "volume": ["va", "vb"],
        "context": ["default", "embedded"],
        "stack": ["shop"],
        "config": ["settings"],
        "info": ["", "journald", "json-file", "local"],
        "buildx": ["[", ' {"name": "app"},', ' {"name": "all", "group": true}', "]"],
    }[args[0]]


@pytest.mark.parametrize(
    ("text", "candidates"),
    [
        ("sto", ["stop"]),
        ("container sto", ["stop"]),
        ("stop w", ["web", "worker"]),
        ("stop web wo", ["worker"]),
        ("stop --ti", ["--timeout"]),
        ("stop --timeout w", []),
        ("rename web w", []),
        ("run re", ["redis:7"]),
        ("run -d --network b", ["backend", "bridge"]),
        ("run -d --name x re", ["redis:7"]),
        ("logs we", ["web"]),
        ("nonsense x", []),
        ("buildx bake ", ["all", "app"]),
        ("buildx bake --print app al", ["all"]),
        ("explain ren", ["rename"]),
        ("trace rename we", ["web"]),
        ("explain stop --ti", ["--timeout"]),
        ("explain --la", ["--lang"]),
        ("volume rm ", ["va", "vb"]),
        ("stack rm ", ["shop"]),
        ("stack deploy --resolve-image ", ["always", "changed", "never"]),
        ("stack ps -f na", ["name="]),
        ("context use ", ["default", "embedded"]),
        ("inspect ", ["redis:7", "web", "worker"]),
        ("tag r", ["redis:7"]),
        ("tag redis:7 r", ["redis:7"]),
        ("push ", ["redis:7"]),
        ("run --restart ", ["always", "no", "on-failure", "unless-stopped"]),
        ("run --pull=n", ["never"]),
        ("run --platform linux/am", ["linux/amd64"]),
        ("run --cap-add CAP_NET_A", ["CAP_NET_ADMIN"]),
        ("run --log-driver j", ["journald", "json-file"]),
        ("volume create -d ", ["journald", "json-file", "local"]),
        ("service create --config ", ["settings"]),
        ("service update --network-add ba", ["backend"]),
        ("service create --update-order ", ["start-first", "stop-first"]),
        ("run --log-opt max-", ["max-buffer-size=", "max-file=", "max-size="]),
        ("run --detach-keys ", ["ctrl-"]),
        ("ps --format ", ["json", "table"]),
        ("inspect --format ", ["json"]),
        ("info -f ", ["json"]),
        ("kill -s K", ["KILL"]),
        ("inspect --type v", ["volume"]),
        ("run --network=ba", ["backend"]),
        ("run -e COMPLETE_T", ["COMPLETE_THIS"]),
        ("events --filter ", None),
        ("events --filter type=v", ["type=volume"]),
        ("ps -f status=pa", ["status=paused"]),
        ("ps --filter network=ba", ["network=backend"]),
        ("--con", ["--config", "--context"]),
        ("-", None),
        ("-H tcp://x ps --no", ["--no-trunc"]),
        ("--context default ps --no", ["--no-trunc"]),
        ("--context e", ["embedded"]),
        ("-l de", ["debug"]),
        ("run -d", ["-d"]),
        ("run busybox -", []),
        ("run -it -p 80:80 re", ["redis:7"]),
        ("stop $(docker ps --no", ["--no-trunc"]),
        ("stop `docker ps --no", ["--no-trunc"]),
        ("stop {na", ["name", "names"]),
        ("stop -t {n}{na", ["name", "names"]),
        ("stop $na", ["name", "names"]),
        ("stop ${na", ["name", "names"]),
        ("ps --format '{na", []),
        ("ps --format {{na", []),
        ("help sto", ["stop"]),
        ("help container sto", ["stop"]),
        ('run -w "/a b" re', ["redis:7"]),
        ("run -d \\\n  --nam", ["--name"]),
        ("container  sto", ["stop"]),
    ],
)
def test_complete(text: str, candidates: list[str] | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """None stands for any candidates that include what the text begins."""
    monkeypatch.setenv("COMPLETE_THIS", "1")
    offered = complete(text, names, ["name", "names", "other"])
    assert offered if candidates is None else offered == candidates


@pytest.mark.parametrize(
    ("text", "listed"),
    [
        ("start ", ["ps", "-a", "--filter", "status=created", "--filter", "status=exited"]),
        ("unpause ", ["ps", "--filter", "status=paused"]),
        ("pause ", ["ps", "--filter", "status=running"]),
        ("exec ", ["ps", "--filter", "status=running"]),
        ("stop ", ["ps", "--format"]),
        ("rm -f ", ["ps", "-a", "--format"]),
        ("rm ", ["ps", "-a", "--filter", "status=created"]),
        ("logs ", ["ps", "-a", "--format"]),
        ("-H tcp://x logs ", ["-H", "tcp://x", "ps"]),
        ("-c dev logs ", ["-c", "dev", "ps"]),
    ],
)
def test_containers_are_offered_by_their_state(text: str, listed: list[str]) -> None:
    asked: list[list[str]] = []

    def record(args: Sequence[str]) -> list[str]:
        asked.append(list(args))
        return ["web"]

    assert complete(text, record) == ["web"]
    assert asked[0][: len(listed)] == listed


@pytest.mark.parametrize(
    ("text", "candidates"),
    [
        ("build ", ["src/"]),
        ("build ./", ["./src/"]),
        ("run -v ./", ["'./a b'", "./src/"]),
        ("run -v v", ["va", "vb"]),
        ("cp s", ["src/"]),
        ("cp we", ["web:"]),
        ("cp web:/x src/m", ["src/main.py"]),
        ("run --env-file ", ["'a b'", "src/"]),
        ("build -f src/", ["src/main.py"]),
        ("load -i ~/s", ["~/src/"]),
        ("load -i none/", []),
    ],
)
def test_files(
    text: str, candidates: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "src").mkdir()
    for name in ("src/main.py", "a b", ".hidden"):
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    offered = complete(text, names)
    assert offered == candidates


@pytest.mark.parametrize(
    ("before", "line", "candidates"),
    [
        ("", "", None),
        ("", "wo", ["WORKDIR"]),
        ("", "FROM re", ["redis:7"]),
        ("FROM x AS build\nFROM y as other", "FROM b", ["build"]),
        ("FROM x AS build", "COPY --from=b", ["build"]),
        ("FROM x AS build", "COPY --fr", ["--from="]),
        ("", "ONBUILD RU", ["RUN"]),
        ("", "COPY pyproj", ["pyproject.toml"]),
        ("", "RUN apt", []),
    ],
)
def test_dockerfiles(before: str, line: str, candidates: list[str] | None) -> None:
    offered = complete_dockerfile(before, line, names)
    assert "COPY" in offered if candidates is None else offered == candidates


def test_an_empty_line_offers_every_command() -> None:
    assert {"run", "ps", "container", "image"} <= set(complete("", names))


def test_names_without_an_engine_are_empty() -> None:
    def no_engine(args: Sequence[str]) -> list[str]:
        raise NoEngine(f"no engine for {args}")

    assert complete("stop ", no_engine) == []


#: Names that a careless completion would run, split or take for a flag.
HOSTILE = [
    "web{open('/tmp/x')}",
    "web$(docker rm -f db)",
    "web`docker ps`",
    "web; ls",
    "web'\"{evil()}\"'",
    "web$HOME",
    "web #",
    "web\\",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_completed_name_is_one_argument_and_nothing_in_it_runs(name: str) -> None:
    evaluated: list[str] = []

    def record(text: str = "") -> str:
        evaluated.append(text)
        return text

    for typed in ("we", "'we", '"we'):
        [completed] = complete(f"network inspect {typed}", lambda _: [name])
        namespace = {"open": record, "evil": record}
        assert split(f"network inspect {completed}", namespace, record)[2:] == [name]
    assert not evaluated


@pytest.mark.parametrize(
    "before", ['network inspect "a ', "network inspect {f( ", "network inspect $(docker stop "]
)
def test_inside_quotes_and_expressions_only_plain_names_are_offered(before: str) -> None:
    assert complete(f"{before}we", lambda _: ["web", *HOSTILE]) == ["web"]


@pytest.mark.parametrize("name", ["--privileged", "-f", "a\nb", "a\x1b[2J", "\u202egnp", ""])
def test_flags_and_unprintable_names_are_not_offered(name: str) -> None:
    assert complete("network inspect ", lambda _: [name, "web"]) == ["web"]
