"""The pure parts of the embedded engine's builder."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from docker_magics.embedded.builder import check, checksum
from docker_magics.embedded.builder.cache import Cache
from docker_magics.embedded.builder.stage import Stage
from docker_magics.embedded.containers.environment import PATH
from docker_magics.embedded.errors import BadParameter
from docker_magics.embedded.images.image import Image
from docker_magics.wire import digest
from docker_magics.wire import dockerfile as language

REFUSED = {
    "RUN true": "no build stage in current context",
    "FROM a b": "FROM requires either one or three arguments",
    "FROM a AS 1": 'invalid name for build stage: "1"',
    "FROM a\nNONSENSE x": "unknown instruction: NONSENSE",
    "FROM a\nCOPY x": "COPY requires at least two arguments",
    "FROM a\nADD --from=b x y": "Unknown flag: from",
    "FROM a\nCOPY --checksum=sha256:0 x y": "Unknown flag: checksum",
    "FROM a\nRUN --nonsense=1 x": "Unknown flag: nonsense",
    "FROM a\nUSER": "USER requires exactly one argument",
    "FROM a\nONBUILD ONBUILD RUN x": "Chaining ONBUILD",
    "FROM a\nONBUILD FROM b": "FROM isn't allowed as an ONBUILD trigger",
    "FROM a\nSHELL sh -c": "SHELL requires the arguments to be in JSON form",
    "FROM a\nHEALTHCHECK NONE x": "HEALTHCHECK NONE takes no arguments",
    "FROM a\nHEALTHCHECK --retries=0 CMD x": "--retries must be at least 1 (not 0)",
    "FROM a\nHEALTHCHECK --interval=1us CMD x": 'Interval "interval" cannot be less than 1ms',
}


@pytest.mark.parametrize("text", REFUSED)
def test_a_dockerfile_that_makes_no_sense_is_refused_with_the_line(text: str) -> None:
    with pytest.raises((BadParameter, language.DockerfileError)) as caught:
        check.instructions(language.parse(text).instructions)
    assert REFUSED[text] in str(caught.value)
    if "\n" in text:
        assert "line 2" in str(caught.value)


def test_a_dockerfile_that_makes_sense_passes() -> None:
    text = (
        "ARG V=1\nFROM a:$V AS b\nRUN --mount=type=cache,target=/c x\nCOPY --from=b --chmod=0 x /"
    )
    check.instructions(language.parse(text).instructions)


DATA = b"downloaded"
DIGEST = digest.of(DATA)
URL = "http://host/file"
BAD_CHECKSUMS = {
    (DIGEST, ("file",)): "checksum can't be specified for non-HTTP(S) sources",
    (DIGEST, ("git@host:a/b.git",)): "checksum can't be specified for non-HTTP(S) sources",
    (DIGEST, (URL, URL)): "checksum can't be specified for multiple sources",
    (DIGEST, ()): "checksum can't be specified for multiple sources",
    (DIGEST.removeprefix("sha256:"), (URL,)): "invalid checksum digest format",
    (DIGEST.upper().replace("SHA", "sha"), (URL,)): "invalid checksum digest format",
    (DIGEST[:-1], (URL,)): "invalid checksum digest length",
    (f"md5:{'0' * 32}", (URL,)): "unsupported digest algorithm",
}


@pytest.mark.parametrize(("text", "sources"), BAD_CHECKSUMS)
def test_a_checksum_that_makes_no_sense_is_refused(text: str, sources: tuple[str, ...]) -> None:
    with pytest.raises(BadParameter) as caught:
        checksum.check(text, sources)
    assert str(caught.value) == BAD_CHECKSUMS[text, sources]


def test_a_download_has_to_have_its_checksum() -> None:
    checksum.check("", ("file", "other"))
    checksum.check(DIGEST, (URL,))
    checksum.verify(DATA, "")
    checksum.verify(DATA, DIGEST)
    other = digest.of(b"other")
    with pytest.raises(BadParameter, match=f"^digest mismatch {DIGEST}: {other}$"):
        checksum.verify(DATA, other)


def image(name: str, parent: str, step: str, created: str = "1", **config: Any) -> Image:
    about = {
        "created": created,
        "config": config,
        "history": [{"created_by": step}],
        "rootfs": {"type": "layers", "diff_ids": []},
    }
    return Image(name, about, (), parent, "")


def test_the_cache_goes_by_parent_step_and_configuration() -> None:
    """Of several the newest; what differs between containers does not count."""
    base = image("sha256:base", "", "base")
    found = [
        base,
        image("sha256:old", base.id, "RUN x", "1", Env=["A=1"]),
        image("sha256:new", base.id, "RUN x", "2", Env=["A=1"], Hostname="h"),
        image("sha256:other", base.id, "RUN x", "3", Env=["A=2"]),
        image("sha256:child", "sha256:new", "RUN x", "4", Env=["A=1"]),
    ]
    engine: Any = SimpleNamespace(images=SimpleNamespace(all=lambda: found))
    cache = Cache(engine, None, off=False)
    hit = cache.find(base, "RUN x", {"Env": ["A=1"], "Labels": None, "Image": "i"})
    assert hit is not None
    assert hit.id == "sha256:new"
    assert cache.find(base, "RUN y", {"Env": ["A=1"]}) is None
    assert cache.find(base, "RUN x", {"Env": ["A=3"]}) is None
    assert Cache(engine, None, off=True).find(base, "RUN x", {"Env": ["A=1"]}) is None


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, [PATH]),
        (["A=1"], ["A=1", PATH]),
        (["PATH=/bin", "A=1"], ["PATH=/bin", "A=1"]),
        (["PATH="], ["PATH="]),
    ],
)
def test_a_stage_has_a_path(given: list[str] | None, expected: list[str]) -> None:
    stage = Stage("", None)
    stage.start_from(image("sha256:a", "", "step", Env=given))
    assert stage.config["Env"] == expected
    stage.start_from(None)
    assert stage.config["Env"] == [PATH]
