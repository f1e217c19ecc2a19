"""Go's regular expressions: the time to match is bounded by pattern and text, none backtracks.

A pattern is compiled to a program that is in all its states at once (a Pike VM).

source: google/re2, doc/syntax.txt; Russ Cox, Regular Expression Matching: the Virtual Machine
Approach; Go, regexp/regexp.go.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, TypeAlias

from .regexp_syntax import Assertion, Character, Choice, Group, Node, Repeat, Sequence, Test, parse

#: What is charged with the steps of a pattern.
Spend: TypeAlias = Callable[[int], None]
#: The ends of groups that a state has passed, the last one first: slot, position, earlier ones.
_Passed: TypeAlias = tuple[int, int, Any] | None
#: The next instruction, and what led to it.
_State: TypeAlias = tuple[int, _Passed]
_WORD = "[0-9A-Za-z_]"
#: The steps of a character of a pattern, and of an instruction: they take time and memory.
_CHARACTER_STEPS, _INSTRUCTION_STEPS = 10, 10


class Match(NamedTuple):
    """A match.

    Attributes:
        text: the text.
        ends: the start and end of the match, then those of each group; None if it has no part.
        names: the groups' names.
    """

    text: str
    ends: list[int | None]
    names: list[str | None]

    @property
    def start(self) -> int:
        """The position of the first character."""
        return self.ends[0] or 0

    @property
    def end(self) -> int:
        """The position behind the last character."""
        return self.ends[1] or 0

    def group(self, number: int) -> str | None:
        """Return the text of a group; that of 0 is the match."""
        start, end = self.ends[2 * number : 2 * number + 2]
        return None if end is None else self.text[start:end]

    def groups(self) -> list[str | None]:
        """Return the texts of the groups."""
        return [self.group(number + 1) for number in range(len(self.names))]

    def expanded(self, template: str) -> str:
        """Return a text with the groups in place of `$1` and `${name}`; `$$` is `$`."""
        groups = {str(number): self.group(number) for number in range(len(self.names) + 1)}
        named = zip(self.names, self.groups(), strict=True)
        groups |= {name: text for name, text in named if name}
        return re.sub(
            r"\$(?:(\$)|\{(\w+)\}|(\w+))",
            lambda name: name[1] or groups.get(name[2] or name[3]) or "",
            template,
        )


class _Consume(NamedTuple):
    test: Test
    cost: int
    following: int


class _Assert(NamedTuple):
    kind: str
    following: int


class _Save(NamedTuple):
    slot: int
    following: int


class _Split(NamedTuple):
    following: list[int]


class _Accept(NamedTuple):
    pass


_Instruction: TypeAlias = _Consume | _Assert | _Save | _Split | _Accept


class _Program:
    """The instructions of a pattern, each with the numbers of those that may follow."""

    def __init__(self, node: Node, spend: Spend) -> None:
        self.instructions: list[_Instruction] = [_Accept()]
        self._spend = spend
        self.first = self._add(node, 0)

    def _add(self, node: Node, following: int) -> int:
        """Compile a node; return its first instruction."""
        self._spend(_INSTRUCTION_STEPS)
        match node:
            case Character(test, cost):
                return self._emit(_Consume(test, cost, following))
            case Assertion(kind):
                return self._emit(_Assert(kind, following))
            case Group(number, inner):
                end = self._emit(_Save(2 * number + 1, following))
                return self._emit(_Save(2 * number, self._add(inner, end)))
            case Sequence(nodes):
                for part in reversed(nodes):
                    following = self._add(part, following)
                return following
            case Choice(nodes):
                return self._emit(_Split([self._add(part, following) for part in nodes]))
        return self._repeat(node, following)

    def _repeat(self, repeat: Repeat, following: int) -> int:
        end = following
        if repeat.most is None:
            loop = self._emit(_Accept())
            body = self._add(repeat.node, loop)
            self.instructions[loop] = _split(body, end, repeat)
            # as Go has it, x* is (x+)?: after an empty x, the loop ends
            following = body if repeat.least else self._emit(_split(body, end, repeat))
        for _ in range((repeat.most or repeat.least) - repeat.least):
            body = self._add(repeat.node, following)
            following = self._emit(_split(body, end, repeat))
        for _ in range(repeat.least - (repeat.most is None)):
            following = self._add(repeat.node, following)
        return following

    def _emit(self, instruction: _Instruction) -> int:
        self.instructions.append(instruction)
        return len(self.instructions) - 1


def _split(body: int, end: int, repeat: Repeat) -> _Split:
    return _Split([body, end] if repeat.is_greedy else [end, body])


class Regexp:
    """A compiled pattern.

    Args:
        pattern: the pattern.
        spend: is called with the number of steps that follow.

    Raises:
        HclError: the pattern is invalid.
    """

    def __init__(self, pattern: str, spend: Spend) -> None:
        spend(_CHARACTER_STEPS * len(pattern))
        node, self._names = parse(pattern)
        self._program = _Program(node, spend)
        self._spend = spend

    def search(self, text: str, start: int = 0) -> Match | None:
        """Return the first match from a position on; of several there, the preferred one."""
        accepted: _Passed = None
        states: list[_State] = []
        for position in range(start, len(text) + 1):
            if accepted is None:
                states.append((self._program.first, (0, position, None)))
            elif not states:
                break
            reached, states = self._reached(states, text, position), []
            for instruction, passed in reached:
                if isinstance(instruction, _Accept):
                    accepted = (1, position, passed)
                    break  # the states that follow are not preferred
                self._spend(instruction.cost)
                if position < len(text) and instruction.test(text[position]):
                    states.append((instruction.following, passed))
        return Match(text, self._ends(accepted), self._names) if accepted else None

    def find_all(self, text: str) -> Iterator[Match]:
        """Yield the matches, which do not overlap; an empty one does not follow another."""
        position, last_end = 0, -1
        while position <= len(text) and (match := self.search(text, position)):
            if match.end > match.start or match.start != last_end:
                yield match
            position = match.end + (match.end == position)
            last_end = match.end

    def _reached(
        self, states: list[_State], text: str, position: int
    ) -> list[tuple[_Consume | _Accept, _Passed]]:
        """Return what states come to without a character, the preferred ones first."""
        reached: list[tuple[_Consume | _Accept, _Passed]] = []
        seen: set[int] = set()
        waiting = states[::-1]
        while waiting:
            place, passed = waiting.pop()
            if place in seen:
                continue
            seen.add(place)
            match self._program.instructions[place]:
                case _Save(slot, following):
                    waiting.append((following, (slot, position, passed)))
                case _Split(alternatives):
                    waiting += [(following, passed) for following in reversed(alternatives)]
                case _Assert(kind, following):
                    if _holds(kind, text, position):
                        waiting.append((following, passed))
                case instruction:
                    reached.append((instruction, passed))
        self._spend(1 + len(seen))
        return reached

    def _ends(self, passed: _Passed) -> list[int | None]:
        ends: list[int | None] = [None] * (2 * len(self._names) + 2)
        while passed:
            slot, position, passed = passed
            if ends[slot] is None:
                ends[slot] = position
        return ends


def _holds(kind: str, text: str, position: int) -> bool:
    """Whether a position is one of an assertion."""
    before, after = text[max(position - 1, 0) : position], text[position : position + 1]
    match kind:
        case "A":
            return not before
        case "z":
            return not after
        case "^":
            return before in {"", "\n"}
        case "$":
            return after in {"", "\n"}
    is_border = bool(re.match(_WORD, before)) != bool(re.match(_WORD, after))
    return is_border == (kind == "b")
