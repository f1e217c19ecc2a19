"""docker buildx bake: its definitions, --set, and the builds of the targets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from unit.commands.stub_engine import Notes, StubEngine, run

from docker_magics.commands.buildx._bake_line import build_line
from docker_magics.commands.buildx._bake_targets import build_order, in_order, linked
from docker_magics.errors import DockerMagicsError, UsageError

_FILE: dict[str, Any] = {
    "variable": {"TAG": {"default": "dev"}, "EMPTY": {}, "ON": {"default": True}},
    "group": {"default": {"targets": ["app", "lib"]}, "all": {"targets": ["default", "tool"]}},
    "target": {
        "_base": {"args": {"V": "1"}, "labels": {"a": "b"}, "cache-from": ["user/app:cache"]},
        "app": {
            "inherits": ["_base"],
            "context": "app",
            "args": {"W": "${ON}"},
            "tags": ["app:${TAG}${EMPTY}", "$${kept}"],
            "cache-from": ["type=registry,ref=other"],
            "output": ["type=docker", "out"],
            "secret": [{"id": "s", "src": "file"}],
            "ssh": ["default", "key=a,b"],
        },
        "lib": [{"context": "lib"}, {"target": "one", "platforms": ["linux/amd64"]}],
        "tool": {"contexts": {"base": "target:lib", "none": ""}, "no-cache": True},
    },
}


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TAG", raising=False)
    _write(_FILE)


def _write(value: Any, name: str = "docker-bake.json") -> None:
    Path(name).write_text(value if isinstance(value, str) else json.dumps(value))


def _printed(line: str) -> dict[str, Any]:
    printed: dict[str, Any] = json.loads(run(f"buildx bake --print {line}", StubEngine()))
    return printed


def test_inheritance_and_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    printed = _printed("")
    assert printed["group"] == {"default": {"targets": ["app", "lib"]}}
    app, lib = printed["target"].values()
    assert app["args"] == {"V": "1", "W": "true"}
    assert app["tags"] == ["app:dev", "${kept}"]
    assert [entry["ref"] for entry in app["cache-from"]] == ["user/app:cache", "other"]
    assert app["output"] == [{"type": "docker"}, {"dest": "out", "type": "local"}]
    assert app["ssh"] == [{"id": "default"}, {"id": "key", "paths": "a,b"}]
    assert list(app)[:3] == ["context", "dockerfile", "args"]
    assert lib["target"] == "one"
    monkeypatch.setenv("TAG", "env")
    assert _printed("app")["target"]["app"]["tags"][0] == "app:env"
    assert _printed("--var TAG=var app")["target"]["app"]["tags"][0] == "app:var"


def test_groups_of_groups() -> None:
    printed = _printed("all")
    assert printed["group"]["default"]["targets"] == ["all", "app", "lib"]
    assert printed["group"]["all"]["targets"] == ["default", "tool"]
    assert list(printed["target"]) == ["app", "lib", "tool"]
    assert printed["target"]["tool"]["contexts"] == {"base": "target:lib"}


def test_set() -> None:
    settings = (
        "--set *.args.V=2 --set app.tags=x --set app.tags=y --set lib.tags+=z"
        " --set a*.platform=linux/arm64 --set lib.target=two --set app.no-cache=true"
        " --set app.secrets=id=t,source=u --set app.output=- --push --pull"
    )
    app, lib = _printed(settings)["target"].values()
    assert app["tags"] == ["x", "y"]
    assert lib["tags"] == ["z"]
    assert (app["args"]["V"], lib["args"]) == ("2", {"V": "2"})
    assert app["platforms"] == ["linux/arm64"]
    assert lib["target"] == "two"
    assert (app["no-cache"], app["pull"], lib["pull"]) == (True, True, True)
    assert app["secret"] == [{"id": "t", "src": "u"}]
    assert app["output"] == [{"dest": "-", "type": "tar"}]  # is not an image
    assert lib["output"] == [{"push": "true", "type": "image"}]
    app, lib = _printed("--load --sbom=true --provenance=mode=max")["target"].values()
    assert lib["output"] == [{"type": "docker"}]
    assert [attest["type"] for attest in lib["attest"]] == ["sbom", "provenance"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("nothing", "failed to find target nothing"),
        ("--set app", "invalid override key app, expected target.name"),
        ("--set app.target", "invalid override app.target, expected target.name=value"),
        ("--set x*.target=a", r"could not find any target matching 'x\*'"),
        ("--set app.args=a", "invalid key args, args requires name"),
        ("--set app.pull=maybe", "invalid value maybe for boolean key pull"),
        ("--set app.colour=a", "unknown key: colour"),
        ("-f none.json", "cannot read none.json: no such file"),
        ("https://x/y.git", "cannot read https://x/y.git: definitions elsewhere need the buildx"),
        ("--set app.context=- app", "context from stdin not allowed in bake"),
    ],
)
def test_wrong_lines(line: str, message: str) -> None:
    with pytest.raises(DockerMagicsError, match=message):
        run(f"buildx bake {line}", StubEngine())


_WRONG_HCL = [
    (
        'x = "a"\ntarget "default" { tags = ["${foo(x)}"] }',
        r"hcl, line 2: unsupported function foo",
    ),
    ('target "default" { tags = [upper(1, 2)] }', r"line 1: invalid arguments of upper\(\)"),
    ('target "default" { tags = ["a" }', 'line 1: expected ","'),
    ('target "default" {\n tags = ["a"] "b"\n}', "line 2: expected a new line"),
    ('target "default" {', "line 1: expected a name"),
    ('target "default" { no-cache = "yes" }', "no-cache of target default: expected true"),
    ('target "default" { args = { A = 1 + "x" } }', "line 1: expected a number"),
    ('target "default" { args = { A = 1 / 0 } }', "line 1: cannot divide by zero"),
    ('target "a b" {}', 'invalid name "a b" of a target'),
    (
        'variable "X" { default = y }\ny = X\ntarget "default" { tags = [y] }',
        "needs itself",
    ),
    ('x = "%{ if a }b"', "line 1: expected the end of the text"),
    ('x = "%{ while a }b"', 'line 1: expected "if" or "for"'),
    ('target "default" { args = "a" }', "args of target default: expected an object"),
    ('target "default" { inherits = "a" }', "inherits of target default: expected a list"),
    ('target "default" { output = ["type=tar,dest=\\"x"] }', "invalid output type=tar"),
    ('x = "abc', "line 1: expected the end of the text"),
    ("x = 1\nx = 2", 'line 2: the attribute "x" is already set'),
    ('function "f" { params = [a] }', "function f has no result"),
    (
        'variable "X" {\nvalidation {\ncondition = X != ""\nerror_message = "X is needed"\n}\n}',
        "variable X: X is needed",
    ),
]


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("{", "invalid JSON"),
        ({"target": {"default": {"tags": ["${A}"]}}}, 'there is no variable named "A"'),
        ({"target": {"default": {"matrix": {}}}}, "target default needs a matrix of lists"),
        *_WRONG_HCL,
        ({"target": {"default": "red"}}, "json: target default is not an object"),
        ({"target": ["red"]}, "json: target is not an object"),
        (
            {"target": {"default": {"contexts": {"a": "target:default"}}}},
            "target default cannot link to itself",
        ),
        (
            {
                "target": {
                    "default": {"contexts": {"a": "target:other"}},
                    "other": {"contexts": {"b": "target:default"}},
                }
            },
            "infinite loop from other to default",
        ),
    ],
)
def test_what_is_wrong(file: Any, message: str) -> None:
    is_hcl = isinstance(file, str) and file != "{"
    _write(file, "docker-bake.hcl" if is_hcl else "docker-bake.json")
    with pytest.raises(UsageError, match=message):
        run("buildx bake --print default", StubEngine())


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("[" * 2000, "cannot read the build definition: it is nested too deeply"),
        ("range(2000)", r"line 2: range\(\) has more than 1024 values"),
        ('indent(2000000, "")', r"line 2: invalid arguments of indent\(\)"),
        ('format("%2000000s", "")', r"line 2: invalid arguments of format\(\)"),
        ('format("%s")', r"line 2: invalid arguments of format\(\)"),
        ("coalesce(null)", r"line 2: invalid arguments of coalesce\(\)"),
        ('regex("(", "a")', "line 2: invalid regular expression: missing closing"),
        ("pow(10, 400)", r"line 2: invalid arguments of pow\(\)"),
        ('formatdate("' + "Y" * 100 + 'b", "")', r"line 2: invalid arguments of formatdate\(\)"),
        ('jsondecode("' + "[" * 100_000 + '")', r"line 2: invalid arguments of jsondecode\(\)"),
        ("1e400", "line 2: the number is too large"),
        ("9" * 5000, "line 2: expected a number"),
        ("9" * 100 + "*" + "9" * 100, "line 2: the number is too large"),
        ('"nan" + 1', "line 2: the number is too large"),
        (r'"\ud800"', r"line 2: invalid escape"),
        (r'"\UFFFFFFFF"', r"line 2: invalid escape"),
        (r'"\q"', r"line 2: invalid escape"),
        ("again(1)", r"again\(\) calls itself"),
    ],
)
def test_what_would_hurt_is_one_line(expression: str, message: str) -> None:
    function = 'function "again" {params = [n], result = again(n)}'.replace(",", "\n")
    _write(f'target "default" {{\n args = {{ A = {expression} }}\n}}\n{function}', "hurt.hcl")
    with pytest.raises(UsageError, match=message):
        run("buildx bake --print -f hurt.hcl", StubEngine())


def test_a_variable_whose_json_is_invalid(monkeypatch: pytest.MonkeyPatch) -> None:
    _write('variable "LIST" { type = list(string) }', "list.hcl")
    _write('target "default" { tags = LIST }', "use.hcl")
    monkeypatch.setenv("LIST_JSON", "[")
    with pytest.raises(UsageError, match="cannot set the variable LIST: LIST_JSON is not JSON"):
        run("buildx bake --print -f list.hcl -f use.hcl", StubEngine())


def test_files() -> None:
    _write({"target": {"lib": {"tags": ["more"]}}}, "docker-bake.override.json")
    assert _printed("lib")["target"]["lib"]["tags"] == ["more"]
    Path("docker-bake.override.json").unlink()
    _write('target "lib" { tags = ["${TAG}"] }', "docker-bake.hcl")  # TAG is the JSON file's
    assert _printed("lib")["target"]["lib"]["tags"] == ["dev"]
    Path("docker-bake.hcl").unlink()
    terminal = Notes(b'{"target": {"default": {"tags": ["stdin"]}}}')
    assert "stdin" in run("buildx bake --print -f -", StubEngine(), terminal)
    _write("services: {a: {build: {context: ., \n  x-bake: {}}}}", "compose.yaml")
    with pytest.raises(UsageError, match="x-bake needs the buildx plugin"):
        run("buildx bake --print -f compose.yaml", StubEngine())
    for file in Path().iterdir():
        file.unlink()
    with pytest.raises(UsageError, match="cannot find a build definition"):
        run("buildx bake", StubEngine())


def test_the_line_of_a_target() -> None:
    targets = {"lib": {"tags": ["l"]}, "app": _FILE["target"]["tool"] | {"pull": False}}
    ordered = in_order(targets, ["app"], [])
    assert list(ordered) == ["lib", "app"]
    app = linked(ordered["app"], {"lib": "sha256:1"})
    assert build_line(app) == [
        "--build-context=base=docker-image://sha256:1",
        "--no-cache",
        "--file=Dockerfile",
        ".",
    ]
    remote = {"context": "https://example.com/a.git", "dockerfile": "sub/Dockerfile"}
    assert build_line(remote) == ["--file=sub/Dockerfile", remote["context"]]
    options = {
        "context": "cwd://app",
        "dockerfile": "Dockerfile",
        "args": {"A": "1"},
        "extra-hosts": {"h": "1.2.3.4"},
        "ssh": [{"id": "key", "paths": "a"}, {"id": "default"}],
        "secret": [{"id": "s", "src": "f"}],
        "platforms": ["linux/amd64", "linux/arm64"],
    }
    assert build_line(options) == [
        "--secret=id=s,src=f",
        "--ssh=key=a",
        "--ssh=default",
        "--build-arg=A=1",
        "--add-host=h=1.2.3.4",
        "--platform=linux/amd64,linux/arm64",
        "--file=app/Dockerfile",
        "app",
    ]


def test_a_compose_file() -> None:
    _write(
        """
services:
  web:
    image: "me/web:1"
    build:
      context: ./app
      args: {V: 7, W: $$x}
      additional_contexts: {o: "service:api.x"}
      secrets: [s]
      ssh: [default]
  api.x: {build: {context: ., ulimits: {nofile: 5}, extra_hosts: ["h:1.2.3.4"], no_cache: true}}
  plain: {image: busybox}
secrets: {s: {file: ./x}}
""",
        "my.yaml",
    )
    api, web = _printed("-f my.yaml")["target"].values()
    assert api == {
        "context": ".",
        "dockerfile": "Dockerfile",
        "no-cache": True,
        "ulimits": ["nofile=5:5"],
        "extra-hosts": {"h": "1.2.3.4"},
    }
    assert web["contexts"] == {"o": "target:api_x"}
    assert (web["tags"], web["args"]) == (["me/web:1"], {"V": "7", "W": "$x"})
    assert web["secret"] == [{"id": "s", "src": "./x"}]


def test_targets_that_others_build_on_are_images_for_them() -> None:
    files = {"output": [{"type": "local", "dest": "out"}], "tags": ["l"]}
    targets = {
        "lib": files,
        "app": {"contexts": {"base": "target:lib"}},
        "image": {"output": [{"type": "docker"}], "tags": ["i"]},
        "user": {"contexts": {"base": "target:image"}},
    }
    builds = build_order(targets, ["lib", "app", "image", "user"])
    assert list(builds) == ["target:lib", *targets]
    assert (builds["target:lib"], builds["lib"]) == ({}, files)
    assert builds["image"] == targets["image"]
    app = linked(builds["app"], {"target:lib": "sha256:1", "lib": "out"})
    assert app["contexts"] == {"base": "docker-image://sha256:1"}
    assert build_order(targets, ["app"])["lib"] == {}


def test_pull_with_a_target_as_context_is_rejected_before_anything_is_built() -> None:
    engine = StubEngine()
    with pytest.raises(UsageError, match="cannot use --pull with the context base"):
        run("buildx bake --pull tool", engine)
    assert not engine.requests


_CASES = Path(__file__).parent / "bake"


@pytest.mark.parametrize(
    "file", [*_CASES.glob("*.hcl"), *_CASES.glob("*.json")], ids=lambda file: str(file.name)
)
def test_bake_prints_what_buildx_prints(file: Path) -> None:
    """Compare with what `docker buildx bake --print -f FILE` of buildx 0.29.1 printed."""
    printed = run(f"buildx bake --print -f {file}", StubEngine())
    assert printed.strip() == file.with_name(f"{file.name}.printed").read_text().strip()


def test_variables_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    _write(
        """
variable "L" {
  type = list(string)
  default = ["a"]
}
variable "J" { type = list(number) }
variable "N" { default = 1 }
variable "B" { default = true }
variable "U" { default = ["q"] }
target "default" {
  args = { L = join("+", L), J = jsonencode(J), N = N + 1, B = B, U = join("+", U) }
}
""",
        "file.hcl",
    )
    for name, text in {"L": "x,y", "J_JSON": "[3]", "N": "3", "B": "0"}.items():
        monkeypatch.setenv(name, text)
    args = _printed("-f file.hcl")["target"]["default"]["args"]
    assert args == {"L": "x+y", "J": "[3]", "N": "4", "B": "false", "U": "q"}
    for name in ("U", "N", "B"):
        monkeypatch.setenv(name, "x")
        with pytest.raises(UsageError, match=f"cannot set the variable {name} to x"):
            _printed("-f file.hcl")
        monkeypatch.delenv(name)
