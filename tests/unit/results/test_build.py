"""Progress of a build: steps, states, logs and line numbers."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest

from docker_magics.engine.buildkit import trace
from docker_magics.engine.buildkit.protobuf import encode
from docker_magics.errors import BadRequest, BuildFailed, EngineError, Interrupted
from docker_magics.results.build import Build, ClassicBuild
from docker_magics.results.buildkit import BuildKitBuild

STAMP = encode({1: 1_700_000_000})
LATER = encode({1: 1_700_000_002})


def line(**messages: bytes) -> dict[str, Any]:
    """Return a message of BuildKit's trace."""
    numbers = {"vertex": 1, "status": 2, "log": 3, "warning": 4}
    data = b"".join(encode({numbers[kind]: message}) for kind, message in messages.items())
    return {"id": trace.TRACE_ID, "aux": base64.b64encode(data).decode()}


def vertex(digest: str, name: str, *inputs: str, **more: int | bytes) -> bytes:
    numbers = {"cached": 4, "started": 5, "completed": 6, "error": 7}
    fields: dict[int, int | bytes] = {1: digest.encode(), 3: name.encode()}
    fields |= {numbers[key]: value for key, value in more.items()}
    return encode(fields) + b"".join(encode({2: digest.encode()}) for digest in inputs)


def built(kind: type[Build], *messages: Any, **options: Any) -> Build:
    """Return a build that has received these messages; errors are raised as the engine's."""

    def send() -> Iterator[Any]:
        for message in messages:
            if isinstance(message, Exception):
                raise message
            yield message

    lines = {"[3/3] RUN make": 4}
    made = kind(
        send,
        lambda: None,
        lambda step: lines.get(step) if isinstance(step, str) else len(step),
        lambda _image: None,
        lambda message: "docker login" if "denied" in message else None,
        **options,
    )
    for arrival in made.arrivals():
        made.update(arrival)
    return made


STEPS = (
    line(vertex=vertex("c", "[3/3] RUN make", "b", started=STAMP, completed=LATER)),
    line(vertex=vertex("x", "[internal] load metadata", started=STAMP)),
    line(vertex=vertex("e", "exporting to image", started=STAMP, completed=STAMP)),
    line(vertex=vertex("a", "[1/3] FROM busybox", started=STAMP, completed=STAMP)),
    line(vertex=vertex("b", "[2/3] COPY . /", "a", cached=1, started=STAMP, completed=STAMP)),
    line(log=encode({1: b"c", 3: 1, 4: b"\x1b[31mred\x1b[0m\n"})),
)
IMAGE = {"id": "moby.image.id", "aux": {"ID": "sha256:1"}}


def test_steps_are_listed_in_order() -> None:
    build = built(BuildKitBuild, *STEPS, IMAGE, tags=["me/app:1"])
    assert build.text().splitlines() == [
        "Built me/app:1: 4 steps, 1 CACHED",
        "#1 DONE     [1/3] FROM busybox 0.0s",
        "#2 CACHED   [2/3] COPY . /",
        "#3 DONE     [3/3] RUN make 2.0s",
        "#4 DONE     exporting to image 0.0s",
    ]
    assert build.result() == "sha256:1"


def test_plain_progress_contains_all_output() -> None:
    build = built(BuildKitBuild, *STEPS, IMAGE, plain=True)
    assert "#3 | red" in build.text().splitlines()
    assert build.html().startswith("<pre")


def test_a_failed_step() -> None:
    failed = line(vertex=vertex("c", "[3/3] RUN make", "b", started=STAMP, error=b"exit code: 2"))
    build = built(BuildKitBuild, *STEPS, failed, {"error": "denied"}, in_cell=True)
    text = build.text()
    assert "[3/3] RUN make" in text
    assert "(line 5 of the cell)\n#3 | red" in text
    with pytest.raises(BuildFailed, match=r"^line 5 of the cell: denied") as raised:
        build.result()
    assert raised.value.line == 4
    assert raised.value.hint == "docker login"
    assert "<details open>" in build.html()


def test_a_pull_in_a_step_is_one_bar() -> None:
    pull = line(vertex=vertex("a", "[1/1] FROM redis", started=STAMP))
    layers = [
        line(status=encode({1: name, 2: b"a", 4: current, 5: 2_000_000}))
        for name, current in ((b"l1", 500_000), (b"l2", 2_000_000))
    ]
    build = built(BuildKitBuild, pull, *layers)
    assert "running  [1/1] FROM redis 2.5MB/4MB " in build.text()
    assert 'value="2500000" max="4000000"' in build.html()


def test_warnings_name_the_line() -> None:
    place = encode({1: encode({1: 2})})
    warned = line(warning=encode({1: b"a", 3: b"mind the gap", 7: place}))
    build = built(BuildKitBuild, *STEPS, warned, in_cell=True)
    assert "WARNING: mind the gap (line 3 of the cell)" in build.text()
    assert "WARNING: mind the gap (line 3 of the cell)" in build.html()


def test_untrusted_text_is_escaped() -> None:
    evil = b"<script>alert(1)</script>\x1b[2J"
    name = line(vertex=vertex("a", evil.decode(), started=STAMP, error=evil))
    log = line(log=encode({1: b"a", 3: 1, 4: evil}), warning=encode({1: b"a", 3: evil}))
    build = built(BuildKitBuild, name, log, tags=[evil.decode()])
    assert "<script" not in build.html()
    assert "\x1b" not in build.html() + build.text()
    classic = built(ClassicBuild, {"stream": evil.decode()})
    assert "<script" not in classic.html()
    assert "\x1b" not in classic.html() + classic.text()


def test_the_classic_log_is_unchanged() -> None:
    build = built(
        ClassicBuild,
        {"sent": 3_000_000},
        {"stream": "Step 1/2 : FROM a\n"},
        {"id": "l1", "status": "Downloading", "progress": "1MB/2MB"},
    )
    assert build.text().splitlines() == [
        "Sending build context 3MB",
        "Step 1/2 : FROM a",
        "l1: Downloading 1MB/2MB",
    ]


@pytest.mark.parametrize("step", ["Step {}/2 : RUN {}\n", "[1/2] STEP {}/2: RUN {}\n"])
def test_the_classic_builder_s_current_step(step: str) -> None:
    steps = [{"stream": step.format(number, number)} for number in (1, 2)]
    with pytest.raises(BuildFailed) as raised:
        built(ClassicBuild, *steps, {"error": "no"}).result()
    assert raised.value.line == 2


def test_the_classic_builder_s_error() -> None:
    refusal = BadRequest("dockerfile parse error on line 7: unknown instruction: RUNN")
    with pytest.raises(BuildFailed, match="unknown instruction") as raised:
        built(ClassicBuild, refusal).result()
    assert raised.value.line == 7
    with pytest.raises(BadRequest):
        built(ClassicBuild, BadRequest("invalid tag"))


def test_quiet_shows_only_the_id() -> None:
    assert built(ClassicBuild, {"stream": "sha256:1\n"}, quiet=True).result() == "sha256:1"
    with pytest.raises(EngineError, match="did not report the ID"):
        built(ClassicBuild, {"stream": "hello\n"}).result()


def test_an_interrupt() -> None:
    build = built(BuildKitBuild, *STEPS)
    build.interrupt(1)
    assert build.text().startswith("Cancelled building the image")
    with pytest.raises(Interrupted, match="finished steps stay in the cache"):
        build.result()


def test_earlier_steps_are_folded_but_not_the_failed_one() -> None:
    steps = [
        line(
            vertex=vertex(f"s{n}", f"[{n}/14] RUN {n}", f"s{n - 1}", started=STAMP, completed=STAMP)
        )
        for n in range(14)
    ]
    failed = line(vertex=vertex("s1", "[1/14] RUN 1", "s0", started=STAMP, error=b"exit code: 2"))
    build = built(BuildKitBuild, *steps, failed)
    earlier, _, rest = build.html().partition("</details>")
    assert "<details><summary>3 earlier lines</summary>" in earlier
    assert [n for n in range(14) if f"RUN {n}<" in earlier] == [0, 2, 3]
    assert [n for n in range(14) if f"RUN {n}<" in rest] == [1, *range(4, 14)]
    assert len(build.text().splitlines()) == 15


def test_earlier_lines_of_logs_are_folded() -> None:
    log = "".join(f"line {n}\n" for n in range(12))
    step = line(log=encode({1: b"c", 3: 1, 4: log.encode()}))
    earlier, _, last = built(BuildKitBuild, *STEPS, step).html().rpartition("</details><pre")
    assert "3 earlier lines" in earlier
    assert "line 1<" in earlier
    assert "line 2\n" in last
    assert last.count("line ") == 10


def test_a_classic_log_shows_all_steps_of_a_short_dockerfile() -> None:
    short = "".join(f"line {n}\n" for n in range(24))
    assert "<details>" not in built(ClassicBuild, {"stream": short}).html()
    long = f"first\n{short}"
    assert "1 earlier line</summary>" in built(ClassicBuild, {"stream": long}).html()
    assert "details" not in built(ClassicBuild, {"stream": "line\n" * 10}).html()
