"""The assembler: programs do what their source says, by the interpreter of bpf.py."""

from __future__ import annotations

import operator
import random

import pytest
from unit.embedded.runtime.bpf import Call, run

from docker_magics.embedded.runtime import bpf

YES, NO = 1, 2
OPERATORS = {
    "EQ": operator.eq,
    "NE": operator.ne,
    "LT": operator.lt,
    "LE": operator.le,
    "GT": operator.gt,
    "GE": operator.ge,
}
#: Values around the borders of the two halves of an argument.
EDGES = sorted(
    {
        (high << 32) + low
        for high in (0, 1, 5, 0xFFFFFFFF)
        for low in (0, 1, 39, 40, 41, 0x7FFFFFFF, 0xFFFFFFFF)
    }
)


@pytest.mark.parametrize("name", OPERATORS)
@pytest.mark.parametrize("argument", [0, 5])
def test_arguments_of_64_bits_are_compared(name: str, argument: int) -> None:
    for value in EDGES:
        assembler = bpf.Assembler()
        no, yes = assembler.answer(NO), assembler.answer(YES)
        assembler.compare(argument, name, value, yes, no)
        for given in EDGES:
            call = Call(0, arguments=(*(7,) * argument, given))
            assert (run(assembler.program(), call) == YES) == OPERATORS[name](given, value)


@pytest.mark.parametrize("name", OPERATORS)
def test_of_an_int_the_upper_half_is_ignored(name: str) -> None:
    for value in (0, 40, 0xFFFFFFFF):
        assembler = bpf.Assembler()
        no, yes = assembler.answer(NO), assembler.answer(YES)
        assembler.compare(0, name, value, yes, no, bits=32)
        for given in EDGES:
            expected = OPERATORS[name](given & 0xFFFFFFFF, value)
            assert (run(assembler.program(), Call(0, arguments=(given,))) == YES) == expected


def test_masked_arguments_are_compared() -> None:
    for mask in (0x7E020000, 1 << 40, 0xFFFFFFFFFFFFFFFF, 0):
        for value in (0, 0x20000, 1 << 40):
            assembler = bpf.Assembler()
            no, yes = assembler.answer(NO), assembler.answer(YES)
            assembler.compare_masked(1, mask, value, yes, no)
            for given in (*EDGES, 0x20000, 0x10000011, 1 << 40):
                call = Call(0, arguments=(0, given))
                assert (run(assembler.program(), call) == YES) == (given & mask == value)


@pytest.mark.parametrize("count", [1, 2, 3, 200, 1000])
def test_intervals_are_found_however_far_the_jumps_are(count: int) -> None:
    noise = random.Random(count)
    starts = [0, *sorted(noise.sample(range(1, 1 << 32), count - 1))]
    assembler = bpf.Assembler()
    labels = [assembler.answer(number) for number in range(count)]
    assembler.load(bpf.NUMBER_AT, assembler.search(list(zip(starts, labels, strict=True))))
    for number, start in enumerate(starts):
        assert run(assembler.program(), Call(start)) == number
        end = starts[number + 1] if number + 1 < count else 1 << 32
        assert run(assembler.program(), Call(end - 1)) == number


def test_an_instruction_goes_on_wherever_it_should() -> None:
    assembler = bpf.Assembler()
    far = assembler.answer(YES)
    for _ in range(300):
        assembler.answer(NO)
    masked = assembler.mask(0xF, assembler.test(bpf.EQUAL, 3, far, assembler.answer(NO)))
    assembler.answer(NO)
    assembler.load(bpf.NUMBER_AT, masked)
    assert run(assembler.program(), Call(0x13)) == YES
    assert run(assembler.program(), Call(0x14)) == NO
