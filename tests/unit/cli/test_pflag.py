"""Test the flag parser on generated lines against the rules of pflag.

Each generated piece of a line has its expected meaning, so the rules below are the oracle,
independent of the parser:

1.  An argument that does not begin with `-`, and the argument `-`, is an operand.
2.  `--name=value`: the value is everything after the first `=`; it may be empty.
3.  `--name value`: the next argument is the value, even `-x`, `--` or `--name`.
4.  `--bool` does not consume the next argument; only `--bool=value` sets a value.
5.  `-nvalue`, `-n value`, `-n=value`: as 2 and 3; `-n=` is the value `=`.
6.  Letters of booleans may precede another letter in one argument: `-itd`, `-itp80:80`.
7.  `-it=false`: i is on, t is false.
8.  The argument `--` ends the flags and is dropped; all arguments after it are operands.
9.  If flags may not follow operands, the first operand ends the flags, and all arguments after it
    are operands, including `--`.

source: github.com/spf13/pflag v1.0.6, flag.go.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import NamedTuple

import pytest

from docker_magics.cli.pflag import FlagSet
from docker_magics.errors import FlagError

LINES = 30_000


@dataclass(frozen=True)
class Rule:
    """A flag with what the parser must know of it."""

    long: str
    short: str | None
    bare: str | None


INTERACTIVE = Rule("interactive", "i", "true")
TTY = Rule("tty", "t", "true")
INIT = Rule("init", None, "true")
PUBLISH = Rule("publish", "p", None)
ENV = Rule("env", "e", None)
NAME = Rule("name", None, None)
NETWORK = Rule("network", None, None)
FLAGS = (INTERACTIVE, TTY, INIT, PUBLISH, ENV, NAME, NETWORK)
SWITCHES = [flag for flag in FLAGS if flag.bare]
VALUED = [flag for flag in FLAGS if not flag.bare]
SHORT_SWITCHES = [flag for flag in SWITCHES if flag.short]
SHORT_VALUED = [flag for flag in VALUED if flag.short]
SPELLINGS = {"net": "network"}

VALUES = ("80:80", "a=b", "x", "=", "", "-x", "--", "--name", "-", "false", "a b", "é", "-it", "==")
OPERANDS = ("busybox", "-", "sh", "", "a=b", "café", "x--y")


class Piece(NamedTuple):
    """Words of a line, and the flag_values that they must give."""

    args: list[str]
    flag_values: list[tuple[str, str]]


def long_with_equals(dice: random.Random) -> Piece:
    flag, value = dice.choice(FLAGS), dice.choice(VALUES)
    return Piece([f"--{flag.long}={value}"], [(flag.long, value)])


def long_with_next_word(dice: random.Random) -> Piece:
    flag, value = dice.choice(VALUED), dice.choice(VALUES)
    return Piece([f"--{flag.long}", value], [(flag.long, value)])


def long_switch(dice: random.Random) -> Piece:
    flag = dice.choice(SWITCHES)
    return Piece([f"--{flag.long}"], [(flag.long, "true")])


def other_spelling(dice: random.Random) -> Piece:
    value = dice.choice(VALUES)
    args = dice.choice([["--net", value], [f"--net={value}"]])
    return Piece(args, [("network", value)])


def letters(dice: random.Random) -> Piece:
    switches = dice.choices(SHORT_SWITCHES, k=dice.randint(1, 3))
    flag_values = [(flag.long, "true") for flag in switches]
    word = "-" + "".join(flag.short or "" for flag in switches)
    match dice.randint(0, 4):
        case 0:
            return Piece([word], flag_values)
        case 1:
            value = dice.choice([value for value in VALUES if value])
            flag_values[-1] = (switches[-1].long, value)
            return Piece([f"{word}={value}"], flag_values)
        case 2:
            flag, value = dice.choice(SHORT_VALUED), dice.choice(VALUES)
            return Piece([f"{word}{flag.short}", value], [*flag_values, (flag.long, value)])
        case 3:
            flag, value = dice.choice(SHORT_VALUED), dice.choice([v for v in VALUES if v])
            return Piece([f"{word}{flag.short}={value}"], [*flag_values, (flag.long, value)])
        case _:
            flag = dice.choice(SHORT_VALUED)
            value = dice.choice([v for v in VALUES if v and not (v[0] == "=" and len(v) > 1)])
            return Piece([f"{word}{flag.short}{value}"], [*flag_values, (flag.long, value)])


PIECES = (long_with_equals, long_with_next_word, long_switch, other_spelling, letters)


def line(
    dice: random.Random, *, interspersed: bool
) -> tuple[list[str], list[tuple[str, str]], list[str]]:
    """Words, and the flag_values and operands that they must give."""
    args: list[str] = []
    flag_values: list[tuple[str, str]] = []
    operands: list[str] = []
    for _ in range(dice.randint(0, 5)):
        if interspersed and dice.random() < 0.3:
            operand = dice.choice(OPERANDS)
            args.append(operand)
            operands.append(operand)
        else:
            piece = dice.choice(PIECES)(dice)
            args += piece.args
            flag_values += piece.flag_values
    match dice.randint(0, 2):
        case 0:
            rest = dice.choices((*VALUES, *OPERANDS), k=dice.randint(0, 3))
            return [*args, "--", *rest], flag_values, [*operands, *rest]
        case 1 if not interspersed:
            rest = [dice.choice(OPERANDS), *dice.choices((*VALUES, "--"), k=dice.randint(0, 3))]
            return [*args, *rest], flag_values, [*operands, *rest]
        case _:
            return args, flag_values, operands


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("interspersed", [True, False])
def test_generated_lines_have_the_expected_meaning(*, interspersed: bool, seed: int) -> None:
    dice = random.Random(28_02_02 + seed)
    flags = FlagSet(FLAGS, spellings=SPELLINGS, interspersed=interspersed)
    for _ in range(LINES // 8):
        args, flag_values, operands = line(dice, interspersed=interspersed)
        parsed = flags.parse(args)
        assert [(item.flag.long, item.value) for item in parsed.flag_values] == flag_values, args
        assert parsed.operands == operands, args


@pytest.mark.parametrize(
    ("args", "flag_values", "operands"),
    [
        (["-p=80:80"], [("publish", "80:80")], []),
        (["-e", "-x"], [("env", "-x")], []),
        (["-it=false"], [("interactive", "true"), ("tty", "false")], []),
        (["--init=false"], [("init", "false")], []),
        (["--init", "false"], [("init", "true")], ["false"]),
        (["-p="], [("publish", "=")], []),
        (["--name="], [("name", "")], []),
        (["-e", "--", "--", "-e"], [("env", "--")], ["-e"]),
    ],
)
def test_edge_cases(
    args: list[str], flag_values: list[tuple[str, str]], operands: list[str]
) -> None:
    parsed = FlagSet(FLAGS).parse(args)
    assert [(item.flag.long, item.value) for item in parsed.flag_values] == flag_values
    assert parsed.operands == operands


def test_operands_end_the_flags_of_run() -> None:
    parsed = FlagSet(FLAGS, interspersed=False).parse(["-i", "busybox", "--", "cmd", "-t"])
    assert [item.flag.long for item in parsed.flag_values] == ["interactive"]
    assert parsed.operands == ["busybox", "--", "cmd", "-t"]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--nam"], "unknown flag: --nam, did you mean --name?"),
        (["--zzz=1"], "unknown flag: --zzz (see"),
        (["-x"], "unknown shorthand flag: 'x' in -x"),
        (["-ixt"], "unknown shorthand flag: 'x' in -xt"),
        (["-t="], "unknown shorthand flag: '=' in -="),
        (["--name"], "flag needs an argument: --name"),
        (["-ie"], "flag needs an argument: 'e' in -e"),
        (["---"], "bad flag syntax: ---"),
        (["--=x"], "bad flag syntax: --=x"),
    ],
)
def test_parse_errors(args: list[str], message: str) -> None:
    with pytest.raises(FlagError) as caught:
        FlagSet(FLAGS).parse(args)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 125
