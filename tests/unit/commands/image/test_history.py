"""The layers of an image, listed and drawn."""

from __future__ import annotations

from unit.commands.stub_engine import StubEngine, run

_LAYERS = [
    {"Id": "sha256:" + "a" * 64, "Created": 1_700_000_000, "Size": 1500, "Comment": "c",
     "CreatedBy": "RUN /bin/sh -c make # buildkit", "Tags": ["x:1"]},
    {"Id": "<missing>", "Created": 0, "Size": 0, "Comment": "",
     "CreatedBy": '/bin/sh -c #(nop)  CMD ["sh"]', "Tags": None},
]  # fmt: skip
_KEY = "GET /images/x/history"


def test_layers_are_listed_newest_first() -> None:
    engine = StubEngine({_KEY: _LAYERS})
    table = run("history x", engine)
    assert list(table["SIZE"]) == [1500, 0]
    assert run("history -q --no-trunc x", engine) == ["sha256:" + "a" * 64, "<missing>"]
    text = str(run("history --format '{{.Size}} {{.Comment}}' x", engine))
    assert text.splitlines()[0] == "1.5kB c"


def test_layers_are_drawn_from_the_base_up() -> None:
    picture = run("history --plot x", StubEngine({_KEY: _LAYERS}))._repr_html_()
    assert "x: 1.5kB in 2 steps" in picture
    assert picture.index("CMD [") < picture.index("RUN make")
