"""Go templates: outputs and errors are those of Go's text/template."""

from __future__ import annotations

from typing import Any

import pytest

from docker_magics.results.gotemplate import (
    Struct,
    Template,
    TemplateError,
    TemplateSyntaxError,
    format_value,
)

DATA: dict[str, Any] = {
    "Name": "/web",
    "Id": "0123456789abcdef",
    "Count": 3,
    "Empty": "",
    "Null": None,
    "State": {"Status": "running", "Running": True, "ExitCode": 0},
    "Config": {"Labels": {"b": "2", "a": "1"}, "Env": ["A=1", "B=2"], "Cmd": ["sleep", "10"]},
    "HostConfig": {"CapAdd": None, "NanoCpus": 5, "Tmpfs": None, "PidsLimit": None},
    "Ports": {"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8080"}], "90/tcp": None},
    "Size": 1.5e21,
}


@pytest.mark.parametrize(
    ("source", "output"),
    [
        ("plain", "plain"),
        ("{{.Name}} {{.State.Status}} {{.Count}}", "/web running 3"),
        ("{{/* comment */}}x", "x"),
        ("{{0123}}", "83"),
        ('{{printf "%9999999d" 1}}', "%!(NOVERB)%!(EXTRA int=1)"),
        ("a  {{- .Count -}}  b", "a3b"),
        ("{{if .State.Running}}up{{else}}down{{end}}", "up"),
        ("{{if .Empty}}a{{else if .Count}}b{{else}}c{{end}}", "b"),
        (
            "{{with .Empty}}a{{else}}b{{end}}{{with .State}}{{.Status}}{{$.Name}}{{end}}",
            "brunning/web",
        ),
        ("{{range $k, $v := .Config.Labels}}{{$k}}={{$v}};{{end}}", "a=1;b=2;"),
        ("{{range .Config.Env}}{{.}},{{else}}none{{end}}", "A=1,B=2,"),
        ("{{range .Null}}x{{else}}none{{end}}", "none"),
        ("{{range 3}}{{.}}{{end}}", "012"),
        ("{{range .Config.Cmd}}{{if eq . `10`}}{{break}}{{end}}{{.}}{{end}}", "sleep"),
        ("{{range .Config.Cmd}}{{if eq . `sleep`}}{{continue}}{{end}}{{.}}{{end}}", "10"),
        ("{{$x := 1}}{{$x = 2}}{{$x}}", "2"),
        ('{{define "T"}}<{{.}}>{{end}}{{template "T" .Name}}', "</web>"),
        ('{{block "B" .Count}}[{{.}}]{{end}}', "[3]"),
        ('{{(index (index .Ports "80/tcp") 0).HostPort}}', "8080"),
        ('{{index .Config.Labels "none"}}|{{index .Config.Env 1}}|{{index "abc" 1}}', "|B=2|98"),
        ("{{len .Config.Env}} {{len `é`}} {{len .HostConfig.CapAdd}}", "2 2 0"),
        ("{{slice .Id 0 4}} {{slice .Id 12}} {{slice .Config.Cmd 1}}", "0123 cdef [10]"),
        ("{{and 1 0}} {{or 0 `x`}} {{not true}} {{.Count | or 0}}", "0 x false 3"),
        (
            "{{eq .Count 1 3}} {{ne 1 2}} {{lt 1 2}} {{le 2 2}} {{gt 1 2}} {{ge 1 2}}",
            "true true true true false false",
        ),
        (
            '{{printf "%s-%05d|%-4s|%4s|%x|%+d" .Name 42 "a" "b" 255 7}}',
            "/web-00042|a   |   b|ff|+7",
        ),
        (
            '{{printf "%q %v %t %% %T %.2f %g" "q" .Null true 1 2.5 0.1}}',
            '"q" <no value> true % int 2.50 0.1',
        ),
        (
            '{{printf "%d"}} {{printf "x" 1}} {{printf "%d" "a"}}',
            "%!d(MISSING) x%!(EXTRA int=1) %!d(string=a)",
        ),
        ('{{print "a" 1 2 "b"}}|{{println "x" 1}}', "a1 2b|x 1\n"),
        ("{{html `<a>`}} {{js `it's`}} {{urlquery `a b&c`}}", "&lt;a&gt; it\\'s a+b%26c"),
        ('{{split "a:b" ":"}} {{join (split "a:b" ":") "+"}} {{title "hello"}}', "[a b] a+b Hello"),
        ('{{lower "A"}} {{upper "b"}} {{pad "x" 1 2}}| {{truncate "abcdef" 3}}', "a B  x  | abc"),
        ("{{json .Config.Labels}} {{json `<&>`}}", '{"b":"2","a":"1"} "\\u003c\\u0026\\u003e"'),
        (
            "{{.Config.Labels}} {{.Config.Cmd}} {{.Ports}}",
            "map[a:1 b:2] [sleep 10] map[80/tcp:[{0.0.0.0 8080}] 90/tcp:<nil>]",
        ),
        (
            "{{.HostConfig.CapAdd}} {{.HostConfig.Tmpfs}} {{.HostConfig.PidsLimit}}",
            "[] map[] <nil>",
        ),
        (
            "{{.HostConfig.NanoCPUs}} {{.HostConfig.Resources.NanoCpus}} {{.Config.StopSignal}}",
            "5 5 ",
        ),
        ("{{.Size}} {{true}} {{0x10}} {{'a'}} {{1.5}}", "1.5e+21 true 16 97 1.5"),
        ("{{.Nope}} {{.Nope.More}} {{.Null.More}}", "<no value> <no value> <no value>"),
        ('{{"tab\\t\\x41"}}', "tab\tA"),
        ("{{.Name | }}", "/web"),
    ],
)
def test_output(source: str, output: str) -> None:
    assert Template(source).render(DATA) == output


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("{{.Name", "unclosed action"),
        ('{{"open}}', "unterminated quoted string"),
        ("{{ } ", "bad character U+007D '}'"),
        ("{{if .Name}}x", "unexpected EOF"),
        ("{{end}}", "unexpected {{end}}"),
        ("{{break}}", "{{break}} outside {{range}}"),
        ("{{nope .}}", 'function "nope" not defined'),
        ("{{$y}}", 'undefined variable "$y"'),
        ("{{(.Name}}", "unclosed left paren"),
        ("{{template}}", 'unexpected "}}" in template clause'),
        ("{{define x}}{{end}}", 'unexpected "x" in define clause'),
        ("{{block}}{{end}}", 'unexpected "}}" in block clause'),
        ("{{0_}}", 'bad number syntax: "0_"'),
        ("{{99999999999999999999}}", 'integer overflow: "99999999999999999999"'),
        ("{{.Name)}}", "unexpected right paren"),
        ("{{)}}", "unexpected right paren"),
        ("{{.Name , 1}}", 'unexpected "," in command'),
        ("{{if}}x{{end}}", "missing value for if"),
        ("{{.Name ! 1}}", 'unexpected "!" in command'),
    ],
)
def test_syntax_error(source: str, problem: str) -> None:
    with pytest.raises(TemplateSyntaxError) as caught:
        Template(source)
    assert caught.value.message == f"template parsing error: template: :1: {problem}"


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("{{.Nope}}", '1:2: executing "" at <.Nope>: map has no entry for key "Nope"'),
        (
            "a\n{{.State.Nope}}",
            '2:8: executing "" at <.State.Nope>: map has no entry for key "Nope"',
        ),
        ("{{json and}}", "wrong number of args for and: want at least 1 got 0"),
        (
            '{{define "x"}}{{template "x"}}{{end}}{{template "x"}}',
            "exceeded maximum template depth",
        ),
        ("{{.Null.More}}", "nil pointer evaluating interface {}.More"),
        ("{{.Name.More}}", "can't evaluate field More in type interface {}"),
        ("{{range .Name}}{{end}}", "range can't iterate over /web"),
        ("{{index .Config.Cmd 9}}", "error calling index: index out of range: 9"),
        ("{{index .Null 1}}", "error calling index: index of untyped nil"),
        ('{{index .Config.Cmd "a"}}', "cannot index slice/array with type string"),
        ("{{slice .Id 70}}", "index out of range: 70"),
        ("{{slice .Id 3 1}}", "invalid slice index: 3 > 1"),
        ("{{slice 5}}", "can't slice item of type int"),
        ("{{len 5}}", "len of type int"),
        ('{{eq 1 "a"}}', "incompatible types for comparison: int and string"),
        ('{{lt 1 "a"}}', "incompatible types for comparison: int and string"),
        ("{{eq 1}}", "missing argument for comparison"),
        ("{{call 1}}", "non-function of type int"),
        ("{{lower 5}}", "<5>: expected string; found 5"),
        ("{{lower nil}}", "cannot assign nil to string"),
        ("{{lower .Count}}", "wrong type for value; expected string; got int"),
        ('{{pad "a" "b" 1}}', 'expected integer; found "b"'),
        ("{{join .Name .Name}}", "error calling join: expected slice, got string"),
        ("{{not 1 2}}", "wrong number of args for not: want 1 got 2"),
        ("{{or}}", "wrong number of args for or: want at least 1 got 0"),
        ("{{printf}}", "wrong number of args for printf: want at least 1 got 0"),
        ("{{nil}}", "nil is not a command"),
        ("{{5 6}}", "can't give argument to non-function 5"),
        ('{{template "gone" .Name}}', 'template "gone" not defined'),
    ],
)
def test_execution_error(source: str, problem: str) -> None:
    with pytest.raises(TemplateError) as caught:
        Template(source, strict=True).render(DATA)
    assert caught.value.message.endswith(problem)


def test_structs_have_renamed_fields_and_zero_values() -> None:
    data = Struct(
        {"ID": ("Id", ""), "Size": ("size", 0)}, {"Id": "a1", "size": None}, "types.Thing"
    )
    assert Template("{{.ID}} {{.Size}} {{json .}}").render(data) == 'a1 0 {"Id":"a1","size":null}'
    with pytest.raises(TemplateError, match="field Nope in type types"):
        Template("{{.Nope}}").render(data)
    with pytest.raises(TemplateError, match="ID has arguments but cannot be invoked as function"):
        Template("{{.ID 1}}").render(data)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "1"),
        (0.1, "0.1"),
        (1e21, "1e+21"),
        (float("nan"), "NaN"),
        (float("-inf"), "-Inf"),
        (1.5e-7, "1.5e-07"),
        ({"Name": "always", "MaximumRetryCount": 2}, "{always 2}"),
        ({"a": {}, "b": None}, "map[a:{} b:<nil>]"),
        (None, "<no value>"),
    ],
)
def test_values_print_as_in_go(value: Any, text: str) -> None:
    assert format_value(value) == text
