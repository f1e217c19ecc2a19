"""docker buildx bake with hostile files: it ends with one line, in bounded time and memory."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from unit.commands.stub_engine import StubEngine, run

from docker_magics.errors import UsageError
from docker_magics.hcl import limits


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def _printed(line: str) -> dict[str, Any]:
    printed: dict[str, Any] = json.loads(run(f"buildx bake --print {line}", StubEngine()))
    return printed


#: Expressions of values that would fill the memory, or of steps without an end.
_LARGE = [
    "d20",
    "jsonencode([for a in big : [for b in big : [for c in big : big]]])",
    "length([for a in big : [for b in big : [for c in big : [for d in big : 1]]]])",
    '"%{ for a in big }%{ for b in big }%{ for c in big }x%{ endfor }%{ endfor }%{ endfor }"',
    'indent(999999, join("\\n", big))',
    'join(format("%9999s", ""), big)',
    'replace(format("%999999s", ""), " ", "12345")',
    'replace(format("%9999s", ""), "", format("%9999s", ""))',
    'regex_replace(format("%9999s", ""), "", format("%9999s", ""))',
    'regex("(.?){60}x", join("", big))',
    'regex("((a{1000}){1000}){1000}", "a")',
    'regex("[${join("", big)}]{9}x", join("", big))',
    'regex(join("|", big), "x")',
    'join("", formatlist("%9999s", big))',
    'format("%99999s%99999s", "", "")',
    "length(distinct([for a in big : [for b in big : [for c in big : a]]]))",
    "f20(1)",
]


@pytest.mark.parametrize("expression", _LARGE)
def test_an_expression_without_end_is_one_line(
    expression: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "_MAX", 100_000)
    functions = ["params = [n]\nresult = n"]
    functions += [f"params = [n]\nresult = f{n}(f{n}(n))" for n in range(20)]
    values = {"big": "range(1000)", "d0": "big", "A": expression}
    values |= {f"d{n + 1}": f"[d{n}, d{n}]" for n in range(20)}
    lines = [f"{name} = {value}" for name, value in values.items()]
    lines += [f'function "f{n}" {{\n{body}\n}}' for n, body in enumerate(functions)]
    Path("large.hcl").write_text("\n".join([*lines, 'target "default" { tags = [A] }']))
    message = r"large.hcl, line \d+: its values and steps are more than 100000"
    with pytest.raises(UsageError, match=message):
        run("buildx bake --print -f large.hcl", StubEngine())


def test_a_large_matrix_is_one_line() -> None:
    axes = ", ".join(f"{axis} = range(1000)" for axis in "abc")
    text = f'target "t" {{\nname = "t-${{a}}-${{b}}-${{c}}"\nmatrix = {{ {axes} }}\n}}'
    Path("m.hcl").write_text(text)
    with pytest.raises(UsageError, match="its values and steps are more than"):
        run("buildx bake --print -f m.hcl t", StubEngine())


def test_many_ways_to_the_same_target_or_group() -> None:
    names = [f"n{number}" for number in range(40)]
    pairs = list(itertools.pairwise(names))
    targets = {name: {"inherits": [other, other]} for name, other in pairs}
    groups = {name: {"targets": [f"g{other}", f"g{other}", other]} for name, other in pairs}
    targets["n39"] = {"args": {"A": "1"}, "inherits": ["n0"]}
    groups["n39"] = {"targets": ["n39"]}
    file = {"target": targets, "group": {f"g{name}": group for name, group in groups.items()}}
    Path("docker-bake.json").write_text(json.dumps(file))
    assert _printed("n0")["target"]["n0"]["args"] == {"A": "1"}
    assert list(_printed("gn0")["target"]) == sorted(names[1:])
