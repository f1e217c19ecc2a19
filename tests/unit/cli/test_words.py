"""Split command lines into arguments: quotes, {python}, $(docker ...), variables."""

from __future__ import annotations

import shlex
from contextlib import chdir
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from docker_magics.cli.words import as_typed, hides_result, split
from docker_magics.errors import UsageError

#: On a busy machine, making inputs is slow.
busy_machine = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
TABLE = pd.DataFrame({"CONTAINER ID": ["a1", "b2"], "N": [1, 2]})
NAMES: dict[str, Any] = {
    "name": "two words",
    "names": ["a", "b c"],
    "df": TABLE,
    "empty": [],
    "number": 7,
    "path": Path("/tmp/x y"),
    "table": {"key": "v"},
    "module": shlex,
    "pi": 3.14159,
    "size": 1234,
    "tag": "{number}",
    "nothing": None,
}


def ids(line: str) -> str:
    """Return the output of a docker command with two containers."""
    return {"ps -aq": "a1\nb2\n", "ps -q": "", "images --format '{{.ID}}'": "i1\ni2"}[line]


@pytest.mark.parametrize(
    ("line", "args"),
    [
        ("", []),
        ("  ps   -a ", ["ps", "-a"]),
        ("run 'a b' \"c d\"", ["run", "a b", "c d"]),
        ("-e A='x y'z", ["-e", "A=x yz"]),
        ("a\\ b \\' \\\"", ["a b", "'", '"']),
        ("'' \"\"", ["", ""]),
        ('"a\\"b\\\\c\\n"', ['a"b\\c\\n']),
        ("run \\\n  busybox", ["run", "busybox"]),
        ("ps -a # all of them", ["ps", "-a"]),
        ("busybox#1 a#b", ["busybox#1", "a#b"]),
        ("ps --format {{.Names}}", ["ps", "--format", "{{.Names}}"]),
        ("ps --format '{{.Names}} {{.ID}}'", ["ps", "--format", "{{.Names}} {{.ID}}"]),
        ('inspect -f "{{json .State}}"', ["inspect", "-f", "{{json .State}}"]),
        ("sh -c 'echo $i {name}'", ["sh", "-c", "echo $i {name}"]),
        ("sh -c 'for i in 1; do echo $i; done'", ["sh", "-c", "for i in 1; do echo $i; done"]),
        ('awk "{print $1}"', ["awk", "{print $1}"]),
        ("curl -d '{\"a\": 1}'", ["curl", "-d", '{"a": 1}']),
        ("한글 'é ü'", ["한글", "é ü"]),
    ],
)
def test_split(line: str, args: list[str]) -> None:
    assert split(line, NAMES, ids) == args


@busy_machine
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n"))))
def test_quoted_arguments_are_unchanged(args: list[str]) -> None:
    line = shlex.join(args)
    assert split(line, NAMES, ids) == args


@busy_machine
@given(st.text("ab \"'\\"))
def test_splitting_agrees_with_a_shell(line: str) -> None:
    try:
        expected = shlex.split(line)
    except ValueError:
        return
    assert split(line, NAMES, ids) == expected


@pytest.mark.parametrize(
    ("line", "args"),
    [
        ("run --name {name} x", ["run", "--name", "two words", "x"]),
        ('rm -f {df["CONTAINER ID"]}', ["rm", "-f", "a1", "b2"]),
        ("rm {names}", ["rm", "a", "b c"]),
        ("rm {empty}", ["rm"]),
        ("-e A={name}", ["-e", "A=two words"]),
        ("-p{number}:{number + 1}", ["-p7:8"]),
        ("x{names}y", ["x['a', 'b c']y"]),
        ('rm "{names}"', ["rm", "a", "b c"]),
        ("rm $names", ["rm", "a", "b c"]),
        ('echo "{names[1]}: {table}"', ["echo", "b c: {'key': 'v'}"]),
        ('echo "{table}"', ["echo", "{'key': 'v'}"]),
        ("$name ${name} \"$name/${number}\" '$name'", [*["two words"] * 2, "two words/7", "$name"]),
        ("n${number}$number n$1 $$name", ["n77", "n$1", "$$name"]),
        ('a\\$name "\\$name"', ["a$name", "$name"]),
        ("w{number:02d} {number!r:>3} {3.14159:.2f}", ["w07", "  7", "{3.14159:.2f}"]),
        (
            "{pi:.2f} {size:,} {pi:{number}.1f} {name!r}",
            ["3.14", "1,234", "    3.1", "'two words'"],
        ),
        ("{'key' in table} {number != 8} {table['key']}", ["True", "True", "v"]),
        (
            "a{3} {2,3} {number,8} {-1} {number:a,b}",
            ["a{3}", "{2,3}", "{number,8}", "{-1}", "{number:a,b}"],
        ),
        ("sh -c \"grep 'a{3}'\"", ["sh", "-c", "grep 'a{3}'"]),
        ('{"a":1} "{\\"a\\": {number}}"', ["{a:1}", '{"a": 7}']),
        (
            '"%{http_code}" "{print}" "{status: 1}" "{number: \'x\'}"',
            ["%{http_code}", "{print}", "{status: 1}", "{number: 'x'}"],
        ),
        ('{{title}} "{{json .}}" {{.ID}}{number}', ["{{title}}", "{{json .}}", "{{.ID}}7"]),
        ("find {} \\; x;", ["find", "{}", ";", "x"]),
        ("{'a;'.upper()} ;  # comment", ["A;"]),
        ("{tag}", ["{number}"]),
        ("{df.N}", ["1", "2"]),
        ("{[n for n in {1: 2}]}", ["1"]),
        ('"{name}!"', ["two words!"]),
        ("-v {path}:/data", ["-v", "/tmp/x y:/data"]),
        ("'{name}'", ["{name}"]),
        ('"{nothing_of_that_name}"', ["{nothing_of_that_name}"]),
        ("{}", ["{}"]),
    ],
)
def test_python_values_are_inserted(line: str, args: list[str]) -> None:
    assert split(line, NAMES, ids) == args


@pytest.mark.parametrize(
    ("line", "args"),
    [
        ("rm $(docker ps -aq)", ["rm", "a1", "b2"]),
        ("rm `docker ps -aq` c", ["rm", "a1", "b2", "c"]),
        ("rm $(docker ps -q)", ["rm"]),
        ('echo "$(docker ps -aq)"', ["echo", "a1\nb2"]),
        ("x$(docker ps -aq)y", ["xa1", "b2y"]),
        ("rmi $(docker images --format '{{.ID}}')", ["rmi", "i1", "i2"]),
        ("sh -c 'echo $(docker ps -aq)'", ["sh", "-c", "echo $(docker ps -aq)"]),
        ("sh -c 'echo $(date)'", ["sh", "-c", "echo $(date)"]),
        ("x$( docker ps -aq )", ["xa1", "b2"]),
        ('"$(docker ps -q)" $(docker ps -q)', [""]),
    ],
)
def test_docker_commands_are_substituted(line: str, args: list[str]) -> None:
    assert split(line, NAMES, ids) == args


def test_a_command_that_is_not_run_stays_one_argument(tmp_path: Path) -> None:
    assert split("rm -f $(docker ps -aq) x") == ["rm", "-f", "$(docker ps -aq)", "x"]
    assert split('-e "A=`docker ps -q`"') == ["-e", "A=$(docker ps -q)"]
    with chdir(tmp_path):
        assert split("-v $(pwd):/d") == ["-v", f"{tmp_path}:/d"]


def test_variables_and_tilde_are_expanded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("THERE", "a b")
    monkeypatch.delenv("NOT_THERE", raising=False)
    monkeypatch.setenv("HOME", "/home/me")
    monkeypatch.chdir(tmp_path)
    assert split("-e X=$THERE ${THERE}c '$THERE' \"$THERE\"") == [
        *("-e", "X=a b", "a bc", "$THERE", "a b"),
    ]
    assert split("$THERE", {"THERE": 1}) == ["1"]
    assert split("-v ~/data:/data a~b ~") == ["-v", "/home/me/data:/data", "a~b", "/home/me"]
    assert split("-v $(pwd):/app", {}, ids) == ["-v", f"{tmp_path}:/app"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("run 'a", "no closing ' for the one at column 5"),
        ('run "a', 'no closing " for the one at column 5'),
        ("ps | grep x", "cannot use '|'"),
        ("ps; ps", "cannot use ';'"),
        ("save x > y", "cannot use '>'"),
        ("load < y", "cannot use '<'"),
        ("{nope}", "{nope}: NameError"),
        ("{df}", "select a column"),
        ("{table}", "select a column"),
        ("{module}", "cannot use a module as an argument"),
        ("{1/0}", "ZeroDivisionError"),
        ('"{1/0}"', "ZeroDivisionError"),
        ("{nothing}", "cannot use a NoneType as an argument"),
        ("{number:q}", "Unknown format code"),
        ("$NOT_THERE", "write it in single quotes: '$NOT_THERE'"),
        ('sh -c "echo $NOT_THERE"', "neither a Python nor an environment variable"),
        ("${name:-x}", "cannot replace ${name:-x}"),
        ("$(id -u)", "Use Python: write x = !id -u above, and {x[0]} here"),
        ('"`hostname`"', "cannot run `hostname`"),
        ("$((1+2))", "cannot run $((1+2))"),
        ("$(docker ps", "no end of the command that begins at column 1"),
        ("run “a b”", 'Write " instead'),
        ("docker ps -a | wc -l", "!docker ps -a | wc -l"),
        ("ps && ps", "cannot use '&&'"),
        ("ps || true", "cannot use '||'"),
        ("logs web 2>&1", "cannot use '>'"),
        ("run x &", "-d, which runs"),
    ],
)
def test_errors(line: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        split(line, NAMES, ids)
    assert message in str(caught.value)


def test_pwd_is_the_current_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PWD", "/where/the/server/was/started")
    monkeypatch.chdir(tmp_path)
    assert split('-v $PWD:/w -v "${PWD}":/w -v $(pwd):/w') == ["-v", f"{tmp_path}:/w"] * 3


def test_an_expression_is_evaluated_once() -> None:
    numbers = iter(range(9))
    assert split('{next(n)} "{next(n)}" x{next(n)} "{next(n)}!"', {"n": numbers}) == [
        *("0", "1", "x2", "3!"),
    ]


def test_words_as_typed_run_no_code() -> None:
    line = "explain rm {1/0} $nothing $(docker ps -q) \"`docker ps`\" 'a b'"
    assert list(as_typed(line)) == [
        *("explain", "rm", "{1/0}", "$nothing", "$(docker ps -q)", "$(docker ps)", "a b"),
    ]


@pytest.mark.parametrize(
    ("line", "hidden"),
    [
        ("ps;", True),
        ("ps ; ", True),
        ("ps; # all", True),
        ("ps", False),
        ("ps # all;", False),
        ("run x \\;", False),
        ("run x sh -c 'a;'", False),
        ("ps; ps", False),
        ("run 'a;", False),
    ],
)
def test_a_semicolon_at_the_end_hides_the_result(line: str, hidden: bool) -> None:  # noqa: FBT001
    assert hides_result(line) == hidden
