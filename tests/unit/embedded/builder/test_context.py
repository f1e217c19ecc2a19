"""Build contexts: archives, URLs, Dockerfiles, .dockerignore."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from unit.embedded.builder.support import context as archive

from docker_magics.embedded.builder import context
from docker_magics.embedded.builder.context import Context, download_context, unpack_context
from docker_magics.embedded.errors import ApiError, BadParameter
from docker_magics.embedded.registry.cancellation import Cancellation
from docker_magics.embedded.registry.web import Download
from docker_magics.wire import digest


def opened(
    folder: Path, body: bytes, name: str = "Dockerfile", remote: str = ""
) -> tuple[Context, dict[str, str]]:
    """Open a context; return it and its files. It is removed afterwards."""
    with tempfile.TemporaryDirectory(dir=folder) as inner:
        place = Path(inner)
        if remote:
            made = download_context(remote, place, name, folder, Cancellation())
        else:
            made = unpack_context(io.BytesIO(body), place, name)
        files = {
            str(path.relative_to(place)): path.read_text()
            for path in place.rglob("*")
            if path.is_file()
        }
        return made, files


@pytest.mark.parametrize("pack", [lambda data: data, gzip.compress, bz2.compress])
def test_an_archive(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    source, files = opened(tmp_path, pack(archive({"Dockerfile": "FROM a", "d/f": "1"})))
    assert files == {"Dockerfile": "FROM a", "d/f": "1"}
    assert (source.name, source.text) == ("Dockerfile", "FROM a")
    assert [line.text for line in source.parse().instructions] == ["FROM a"]
    assert list(tmp_path.iterdir()) == []


def test_an_invalid_archive_is_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(BadParameter):
        opened(tmp_path, b"garbage" * 500)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("file", "name"),
    [("Dockerfile", "Dockerfile"), ("dockerfile", "Dockerfile"), ("d/My.file", "d/My.file")],
)
def test_the_name_of_the_dockerfile(tmp_path: Path, file: str, name: str) -> None:
    source, _ = opened(tmp_path, archive({file: "\ufeffFROM a"}), name)
    assert (source.name, source.text) == (name, "FROM a")


@pytest.mark.parametrize("name", ["Dockerfile", "d", "../Dockerfile", "link", "my.file"])
def test_a_missing_dockerfile(tmp_path: Path, name: str) -> None:
    (tmp_path / "tmp").mkdir()
    (tmp_path / "Dockerfile").write_text("FROM outside")
    body = archive({"d/f": "", "My.file": ""}, links={"link": "../../Dockerfile"})
    with pytest.raises(BadParameter) as caught:
        opened(tmp_path / "tmp", body, name)
    assert str(caught.value) == f"Cannot locate specified Dockerfile: {name}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the Dockerfile (x) cannot be empty"),
        ("ENV A", "failed to parse x: ENV must have two arguments"),
        ("# escape=!\nFROM a", "failed to parse x: invalid escape token '!' does not match ` or \\"),  # noqa: E501
    ],
)  # fmt: skip
def test_a_dockerfile_that_cannot_be_parsed(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(BadParameter) as caught:
        Context(tmp_path, "x", text).parse()
    assert str(caught.value) == message


def test_ignored_files(tmp_path: Path) -> None:
    """The client has already excluded the others; the builder itself needs these two."""
    files = {"Dockerfile": "FROM a", ".dockerignore": "*\n!f", "f": "1"}
    source, left = opened(tmp_path, archive(files))
    assert left == {"f": "1"}
    assert source.text == "FROM a"
    assert opened(tmp_path, archive(files | {".dockerignore": "f"}))[1].keys() == files.keys()


def test_a_bad_dockerignore(tmp_path: Path) -> None:
    body = archive({"Dockerfile": "FROM a", ".dockerignore": "!"})
    with pytest.raises(BadParameter) as caught:
        opened(tmp_path, body)
    assert str(caught.value) == 'error reading .dockerignore: illegal exclusion pattern: "!"'


def test_a_hostile_context_removes_nothing_outside(tmp_path: Path) -> None:
    tmp = tmp_path / "tmp"
    tmp.mkdir()
    (tmp_path / "Dockerfile").write_text("FROM outside")
    (tmp_path / "secret").write_text("*")
    body = archive(
        {"Dockerfile": "FROM a", "file/Dockerfile": "FROM b", ".dockerignore": "*"},
        links={"out": str(tmp_path)},
    )
    with pytest.raises(BadParameter):
        opened(tmp, body, "out/Dockerfile")
    assert (tmp_path / "Dockerfile").exists()
    body = archive({"Dockerfile": "FROM a"}, links={".dockerignore": str(tmp_path / "secret")})
    assert "Dockerfile" in opened(tmp, body)[1]


# --- URLs


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[bytes, str]]:
    """The content and media types of URLs."""
    pages: dict[str, tuple[bytes, str]] = {}

    @contextlib.contextmanager
    def download(url: str, tmp: Path, _: Cancellation, prefix: str) -> Iterator[Download]:
        if url not in pages:
            raise ApiError(f"{prefix}failed to GET {url} with status 404")
        data, media_type = pages[url]
        with tempfile.TemporaryFile(dir=tmp, buffering=0) as file:
            file.write(data)
            yield Download(file, media_type, digest.of(data))

    monkeypatch.setattr(context, "download", download)
    return pages


def test_a_dockerfile_behind_a_url(tmp_path: Path, web: dict[str, tuple[bytes, str]]) -> None:
    web["http://h/D"] = (b"\xef\xbb\xbfFROM a", "text/plain; charset=utf-8")
    source, files = opened(tmp_path, b"", remote="http://h/D")
    assert (source.text, files) == ("FROM a", {})


def test_an_archive_behind_a_url(tmp_path: Path, web: dict[str, tuple[bytes, str]]) -> None:
    body = gzip.compress(archive({"my": "FROM a", "f": "1"}))
    web["https://h/c"] = (body, "application/x-gzip")
    source, files = opened(tmp_path, b"", "my", "https://h/c")
    assert (source.text, files["f"]) == ("FROM a", "1")


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("git@host:a/b.git", ("cannot fetch remote context git@host:a/b.git: expected http or"
         " https; clone it, and send the folder")),
        ("ftp://h/c", ("cannot fetch remote context ftp://h/c: expected http or https; clone it,"
         " and send the folder")),
        ("http://h/a.git", ("cannot fetch remote context http://h/a.git: Git is not supported;"
         " clone it, and send the folder")),
        ("http://h/a.git#main:d", ("cannot fetch remote context http://h/a.git#main:d: Git is not"
         " supported; clone it, and send the folder")),
        ("http://h/page", ("Error processing remote context http://h/page: unsupported"
         " Content-Type text/html")),
        ("http://h/gone", ("error downloading remote context http://h/gone: failed to GET"
         " http://h/gone with status 404")),
    ],
)  # fmt: skip
def test_invalid_urls(
    tmp_path: Path, web: dict[str, tuple[bytes, str]], url: str, message: str
) -> None:
    web["http://h/page"] = (b"", "text/html")
    with pytest.raises(ApiError) as caught:
        opened(tmp_path, b"", remote=url)
    assert str(caught.value) == message
    assert list(tmp_path.iterdir()) == []
