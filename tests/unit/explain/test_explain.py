"""Command lines are explained without an engine."""

from __future__ import annotations

import json
import shlex
import string
from pathlib import Path
from typing import Any

import pytest

from docker_magics import docker
from docker_magics.cli import index
from docker_magics.errors import DockerMagicsError, FlagError, OperandError, UnknownCommand
from docker_magics.explain.line import explain_line
from docker_magics.explain.texts import texts
from docker_magics.phrase import LANGUAGES
from docker_magics.session import Session

_WIRE = Path(__file__).parents[2] / "wire"
_RECORDS = ("cases", "more", "swarm")


def _lines(record: str) -> list[str]:
    """Return the recorded command lines of a file."""
    cases = json.loads((_WIRE / f"{record}.json").read_text(encoding="utf-8"))
    return [case["line"] for case in cases]


@pytest.fixture(autouse=True)
def _no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail on every request."""
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    monkeypatch.delenv("DOCKER_MAGICS_LANG", raising=False)


def parts(line: str, language: str = "en") -> list[tuple[str, str, str]]:
    explained = explain_line(shlex.split(line), texts(language))
    return [(part.text, part.full, part.meaning) for part in explained]


def meanings(line: str, language: str = "en") -> dict[str, str]:
    return {text: meaning for text, _, meaning in parts(line, language)}


def refusal(line: str, language: str = "") -> tuple[type[Exception], str] | None:
    """Return the error of a line from the parser or, with a language, from explain."""
    args = shlex.split(line)
    try:
        if language:
            explain_line(args, texts(language))
        else:
            Session().parse(args)
    except DockerMagicsError as error:
        return type(error), str(error)
    return None


@pytest.mark.parametrize("record", _RECORDS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_recorded_line_is_explained(language: str, record: str) -> None:
    """Lines that the parser accepts are explained; others fail with the same error."""
    for line in _lines(record):
        why = refusal(line)
        assert refusal(line, language) == why, line
        if why is None:
            explained = explain_line(shlex.split(line), texts(language))
            assert all(part.text and part.meaning for part in explained), line


@pytest.mark.parametrize("record", _RECORDS)
def test_every_argument_is_explained(record: str) -> None:
    for line in (recorded for recorded in _lines(record) if refusal(recorded) is None):
        explained = " ".join(part.text for part in explain_line(shlex.split(line), texts("en")))
        given = [word for word in shlex.split(line) if not word.startswith("-")]
        assert [word for word in given if word not in " ".join(shlex.split(explained))] == [], line


def test_every_command_and_flag_has_a_text() -> None:
    for entry in set(index.spellings().values()):
        command = index.load(entry)
        for language in LANGUAGES:
            assert texts(language).command(entry.name, entry.summary)
            for flag in command.flags():
                if flag.long != "help":
                    assert texts(language).flag(entry.name, flag), (entry.name, flag.long)


def test_the_line_of_the_first_lesson() -> None:
    assert parts("run -d -p 8080:80 nginx") == [
        ("run", "docker container run", "Create and run a new container from an image"),
        (
            "-d",
            "--detach",
            "Runs in the background: the cell returns at once and shows the container's ID",
        ),
        (
            "-p 8080:80",
            "--publish",
            "Port 8080 of this machine is forwarded to port 80 of the container",
        ),
        (
            "nginx",
            "docker.io/library/nginx:latest",
            "The image library/nginx of the registry docker.io; no tag is named, so it is latest",
        ),
    ]


@pytest.mark.parametrize(
    ("line", "text", "meaning"),
    [
        ("run -m 512m x", "-m 512m", "512MiB = 536870912 bytes"),
        ("run --memory-swap -1 x", "--memory-swap -1", "no limit"),
        ("run --rm=false x", "--rm=false", "Switched off: Removes the container"),
        ("run --health-interval 1m30s x", "--health-interval 1m30s", "1m30s = 90 s"),
        ("run -p 127.0.0.1:8080:80/udp x", "-p 127.0.0.1:8080:80/udp", "by udp; only this machine"),
        ("run -p 80 x", "-p 80", "A free port of this machine"),
        (
            "run -p 8000-8002:80-82 x",
            "-p 8000-8002:80-82",
            "Port 8000-8002 of this machine is forwarded",
        ),
        ("run -p 8000-8002:80 x", "-p 8000-8002:80", "A free port of 8000-8002"),
        ("run -p 99999:80 x", "-p 99999:80", "docker refuses it: invalid hostPort: 99999"),
        ("run -v data:/d:ro x", "-v data:/d:ro", "can read it, not change it"),
        ("run -v /srv:/d x", "-v /srv:/d", "/srv of this machine is at /d"),
        ("run -v /d x", "-v /d", "A new volume without a name is at /d"),
        (
            "run --mount type=tmpfs,target=/t x",
            "--mount type=tmpfs,target=/t",
            "in memory is at /t",
        ),
        ("run -e A=1 x", "-e A=1", "finds 1 in the environment variable A"),
        ("run -e NO_SUCH x", "-e NO_SUCH", "but it has none"),
        ("run --restart on-failure:3 x", "--restart on-failure:3", "again, at most 3 times"),
        ("run --network container:db x", "--network container:db", "network of the container db"),
        ("run --network lab x", "--network lab", "joins the network lab"),
        ("run x echo 'a b'", "echo 'a b'", "in place of the image's own command"),
        ("run --entrypoint sh x -c ls", "-c ls", "program of --entrypoint gets"),
        ("exec -u 1:2 web ls -l", "-u 1:2", "as the user 1 and the group 2"),
        ("exec web ls -l", "ls -l", "beside what runs there already"),
        ("build -t me/app .", "-t me/app", "docker.io/me/app:latest"),
        ("build --build-arg V=2 .", "--build-arg V=2", "ARG V of the Dockerfile is 2"),
        ("logs --tail 5 web", "--tail 5", "Only the last 5 lines"),
        ("ps -f status=exited", "-f status=exited", "Only those with status = exited"),
        ("image prune --filter label!=a", "--filter 'label!=a'", "Only those without label = a"),
        ("image prune --filter until=24h", "--filter until=24h", "from longer ago than this: 24h"),
        ("import a.tar", "a.tar", "The archive with the files: a.tar"),
        ("cp web:/a b", "web:/a", "/a in the container web"),
        ("pull localhost:5000/a:1", "localhost:5000/a:1", "a of the registry localhost:5000"),
        ("run A", "A", "docker refuses it: invalid reference format"),
        ("container", "container", "Manage containers"),
        ("-H tcp://h:1 ps", "-H tcp://h:1", "Daemon socket to connect to: tcp://h:1"),
        ("run --help", "--help", "Shows the help"),
        ("help run", "help", "Shows the help"),
        ("trace run x", "trace", "Run a command and show"),
    ],
)
def test_values_are_explained(line: str, text: str, meaning: str) -> None:
    assert meaning in meanings(line)[text]


def test_combined_short_flags_are_separate() -> None:
    assert [text for text, *_ in parts("run -it=false -pe x")][1:3] == ["-i", "-t false"]
    assert [full for _, full, _ in parts("run -dit x")][1:4] == [
        "--detach",
        "--interactive",
        "--tty",
    ]


def test_arguments_after_the_image_belong_to_the_container() -> None:
    assert [text for text, *_ in parts("run busybox ls -d --rm")] == [
        "run",
        "busybox",
        "ls -d --rm",
    ]


def test_aliases_are_named() -> None:
    assert parts("ps")[0] == ("ps", "docker container ls", "List containers")
    assert "= docker container ls" in repr(docker("explain ps"))


def test_the_result_is_a_table() -> None:
    table = docker("explain run -d nginx")
    assert list(table.columns) == ["WORDS", "FULL", "MEANING"]
    assert list(table["WORDS"]) == ["run", "-d", "nginx"]
    page = table._repr_html_()
    assert "<code" in page
    assert "=&nbsp;--detach" in page


def test_untrusted_text_is_escaped() -> None:
    page = docker("explain run --name '<script>\x1b[2J' x '<img>'")._repr_html_()
    assert "<script" not in page
    assert "<img" not in page
    assert "\x1b" not in page


def test_nested_docker_commands_are_not_run() -> None:
    table = docker("explain rm -f $(docker ps -aq) `docker ps -q`")
    assert list(table["WORDS"])[2:] == ["$(docker ps -aq)", "$(docker ps -q)"]
    assert "docker runs that first" in table["MEANING"][2]


def test_python_values_are_inserted() -> None:
    assert docker("explain run -p {port}:80 x", port=8080)["WORDS"][1] == "-p 8080:80"


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("explain rnu x", UnknownCommand),
        ("explain run --detahc x", FlagError),
        ("explain run -m lots x", FlagError),
        ("explain run", OperandError),
        ("explain", OperandError),
        ("explain --lang fr ps", FlagError),
    ],
)
def test_wrong_lines_raise_the_usual_errors(line: str, error: type[DockerMagicsError]) -> None:
    with pytest.raises(error) as caught:
        docker(line)
    assert "\n" not in caught.value.message


def test_help_of_explain() -> None:
    assert docker("explain --help").startswith("Usage:  docker explain [OPTIONS] COMMAND")


def test_korean(monkeypatch: pytest.MonkeyPatch) -> None:
    sentence = "이 컴퓨터의 8080번 포트로 들어온 연결을 컨테이너의 80번 포트로 보내요"
    assert meanings("run -p 8080:80 nginx", "ko")["-p 8080:80"] == sentence
    assert docker("explain --lang ko run -p 8080:80 nginx")["MEANING"][1] == sentence
    monkeypatch.setenv("DOCKER_MAGICS_LANG", "ko_KR.UTF-8")
    assert docker("explain run -p 8080:80 nginx")["MEANING"][1] == sentence
    assert docker("explain --lang en ps")["MEANING"][0] == "List containers"


def test_korean_has_every_command_and_flag() -> None:
    korean = texts("ko")
    entries = set(index.spellings().values())
    named = {entry.name: entry.summary for entry in entries}
    named |= {group: index.purpose(group) for group in index.groups()}
    assert [name for name, text in named.items() if korean.command(name, text).isascii()] == []
    assert [
        f"{entry.name} --{flag.long}"
        for entry in entries
        for flag in index.load(entry).flags()
        if flag.long != "help" and korean.flag(entry.name, flag).isascii()
    ] == []


def test_both_languages_have_the_same_sentences() -> None:
    english, korean = (texts(name).content["sentences"] for name in LANGUAGES)
    assert list(english) == list(korean)
    for name in english:
        assert _names(english[name]) == _names(korean[name]), name


def test_both_languages_have_the_same_keys_of_compose_files() -> None:
    english, korean = (texts(name).content["compose_keys"] for name in LANGUAGES)
    assert list(english) == list(korean)
    assert not any(sentence.isascii() for sentence in korean.values())


def test_lines_of_compose() -> None:
    explained = parts("docker compose -p x up -d --build")
    assert [text for text, _, _ in explained] == ["compose", "-p x", "up", "-d", "--build"]
    assert explained[2][2].startswith("Creates and starts what the file describes")
    assert parts("compose publish")[1][2] == (
        "A command of Docker Compose: docker compose publish --help"
    )


def _names(sentence: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def test_texts_mention_existing_commands_and_flags() -> None:
    known: dict[str, Any] = {
        entry.name: index.load(entry) for entry in set(index.spellings().values())
    }
    for language in LANGUAGES:
        content = texts(language).content
        assert set(content["commands"]) <= set(known) | set(index.groups())
        for name, flags in content["flags"].items():
            if name not in {"*", "docker"}:
                there = {
                    flag.long
                    for full, command in known.items()
                    if full == name or full.startswith(f"{name} ")
                    for flag in command.flags()
                }
                assert set(flags) <= there, (language, name)
