"""docker cp: requests to the engine, and copied files."""

from __future__ import annotations

import base64
import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest
from unit.commands.stub_engine import Notes, Reply, StubEngine, run

from docker_magics.errors import EngineError, NotFound, UsageError

_ARCHIVE = "/containers/web/archive"
_FILE, _FOLDER = 0o644, 1 << 31 | 0o755
_LINK, _DEVICE, _SOCKET = 1 << 27 | 0o777, 1 << 26 | 0o666, 1 << 19 | 0o644


def archive(**files: str) -> bytes:
    """Return an archive of files; names that end in "_" are folders."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name.rstrip("_").replace("__", "/"))
            member.mode = 0o755 if name.endswith("_") else 0o644
            member.type = tarfile.DIRTYPE if name.endswith("_") else tarfile.REGTYPE
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content.encode()))
    return data.getvalue()


def stat(mode: int, link: str = "", content: bytes = b"") -> Reply:
    value = json.dumps({"name": "x", "mode": mode, "linkTarget": link, "size": 5}).encode()
    header = {"X-Docker-Container-Path-Stat": base64.b64encode(value).decode()}
    return Reply(content, header)


def uploaded(engine: StubEngine) -> dict[str, str]:
    """Return the files of the sent archive, name -> content; folders are None."""
    with tarfile.open(fileobj=io.BytesIO(engine.sent(f"PUT {_ARCHIVE}"))) as tar:
        contents = {}
        for member in tar:
            file = tar.extractfile(member)
            contents[member.name] = file.read().decode() if file else "<folder>"
        return contents


@pytest.mark.parametrize(
    ("target", "arrived"), [("", "hosts"), ("new", "new"), ("there/", "there/hosts")]
)
def test_a_file_is_copied_out(tmp_path: Path, target: str, arrived: str) -> None:
    (tmp_path / "there").mkdir()
    engine = StubEngine({f"GET {_ARCHIVE}": stat(_FILE, content=archive(hosts="local"))})
    notes = Notes()
    notes.shows_progress = True
    assert run(f"cp web:/etc/hosts {tmp_path}/{target}", engine, notes) is None
    assert (tmp_path / arrived).read_text() == "local"
    assert engine.query(f"GET {_ARCHIVE}") == {"path": "/etc/hosts"}
    assert notes.messages[0].startswith("Successfully copied 5B (transferred 10.2kB) to ")


def test_a_folder_is_copied_out_under_a_new_name(tmp_path: Path) -> None:
    content = archive(etc_="", etc__hosts="local", etc__etc_="", etc__etc__x="y")
    engine = StubEngine({f"GET {_ARCHIVE}": stat(_FOLDER, content=content)})
    notes = Notes()
    run(f"cp -q web:/etc {tmp_path}/new", engine, notes)
    files = {str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*") if file.is_file()}
    assert files == {"new/hosts", "new/etc/x"}
    assert notes.messages == []


def test_a_folder_does_not_replace_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    engine = StubEngine({f"GET {_ARCHIVE}": stat(_FOLDER, content=archive(etc_=""))})
    with pytest.raises(UsageError, match="cannot copy directory"):
        run(f"cp web:/etc {tmp_path}/file", engine)
    assert (tmp_path / "file").read_text() == "mine"


def test_a_link_in_the_container_is_followed_and_keeps_its_name(tmp_path: Path) -> None:
    engine = StubEngine(
        {
            f"HEAD {_ARCHIVE}": stat(_LINK, "../real/file"),
            f"GET {_ARCHIVE}": stat(_FILE, content=archive(file="x")),
        }
    )
    run(f"cp -L web:/etc/link {tmp_path}", engine)
    assert engine.query(f"GET {_ARCHIVE}") == {"path": "/real/file"}
    assert (tmp_path / "link").read_text() == "x"


def test_following_a_regular_file_changes_nothing(tmp_path: Path) -> None:
    file = stat(_FILE, content=archive(hosts="local"))
    engine = StubEngine({f"HEAD {_ARCHIVE}": file, f"GET {_ARCHIVE}": file})
    run(f"cp -L web:/etc/hosts {tmp_path}", engine)
    assert (tmp_path / "hosts").read_text() == "local"


def test_the_archive_itself_is_returned() -> None:
    content = archive(hosts="local")
    engine = StubEngine({f"GET {_ARCHIVE}": stat(_FILE, content=content)})
    assert bytes(run("cp web:/etc/hosts -", engine)) == content


def test_a_local_link_as_the_destination_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    engine = StubEngine({f"GET {_ARCHIVE}": stat(_FILE, content=archive(hosts="local"))})
    run(f"cp web:/etc/hosts {tmp_path}/link", engine)
    assert (tmp_path / "real/hosts").read_text() == "local"


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("{tmp}/no/where", 'directory "{tmp}/no" does not exist'),
        ("/dev/null", "got a device"),
        ("{tmp}/new/", "no such directory"),
    ],
)
def test_local_destinations_that_cannot_be_written(
    tmp_path: Path, target: str, message: str
) -> None:
    engine = StubEngine({f"GET {_ARCHIVE}": stat(_FILE, content=archive(hosts="local"))})
    with pytest.raises(UsageError) as refused:
        run(f"cp web:/etc/hosts {target.format(tmp=tmp_path)}", engine)
    assert message.format(tmp=tmp_path) in str(refused.value)


# -- into a container


@pytest.mark.parametrize(
    ("responses", "target", "folder", "name"),
    [
        ({f"HEAD {_ARCHIVE}": stat(_FOLDER)}, "/tmp", "/tmp", "mine"),
        ({f"HEAD {_ARCHIVE}": stat(_FILE)}, "/tmp/old", "/tmp", "old"),
        ({}, "/tmp/new", "/tmp", "new"),
        (
            {f"HEAD {_ARCHIVE}": ["in turn", stat(_LINK, "/var"), stat(_FOLDER)]},
            *("/tmp/link", "/var", "mine"),
        ),
    ],
    ids=["into a folder", "onto a file", "a new name", "through a link"],
)
def test_a_file_is_copied_in(
    tmp_path: Path, responses: dict[str, Any], target: str, folder: str, name: str
) -> None:
    (tmp_path / "mine").write_text("content")
    engine = StubEngine({**responses, f"PUT {_ARCHIVE}": b""})
    notes = Notes()
    notes.shows_progress = True
    assert run(f"cp -a {tmp_path}/mine web:{target}", engine, notes) is None
    assert uploaded(engine) == {name: "content"}
    assert engine.query(f"PUT {_ARCHIVE}") == {
        "path": folder,
        "noOverwriteDirNonDir": "true",
        "copyUIDGID": "true",
    }
    assert notes.messages[0].endswith(f" to web:{folder if folder == '/var' else target}")


def test_folders_and_their_contents_are_copied_in(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/a").write_text("A")
    engine = StubEngine({f"HEAD {_ARCHIVE}": stat(_FOLDER), f"PUT {_ARCHIVE}": b""})
    run(f"cp {tmp_path}/src web:/tmp", engine)
    assert uploaded(engine) == {"src": "<folder>", "src/a": "A"}
    run(f"cp {tmp_path}/src/. web:/tmp", engine)
    assert {name.removeprefix("./") for name in uploaded(engine)} == {".", "a"}


def test_local_links_are_copied_as_links_or_followed(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("content")
    (tmp_path / "link").symlink_to("real")
    engine = StubEngine({f"HEAD {_ARCHIVE}": stat(_FOLDER), f"PUT {_ARCHIVE}": b""})
    run(f"cp -L {tmp_path}/link web:/tmp", engine)
    assert uploaded(engine) == {"link": "content"}
    run(f"cp {tmp_path}/link web:/tmp", engine)
    with tarfile.open(fileobj=io.BytesIO(engine.sent(f"PUT {_ARCHIVE}"))) as tar:
        assert [(member.name, member.linkname) for member in tar] == [("link", "real")]


def test_an_archive_from_stdin_is_sent_unchanged() -> None:
    content = archive(hosts="local")
    engine = StubEngine({f"HEAD {_ARCHIVE}": stat(_FOLDER), f"PUT {_ARCHIVE}": b""})
    run("cp - web:/tmp", engine, Notes(content))
    assert engine.sent(f"PUT {_ARCHIVE}") == content


@pytest.mark.parametrize(
    ("mode", "source", "message"),
    [
        (_FILE, "-", 'destination "web:/x" must be a directory'),
        (_DEVICE, "-", "must be a directory or a regular file: got a device"),
        (_SOCKET, "-", "got an irregular file"),
        (_FILE, "{tmp}", "cannot copy directory"),
        (_FOLDER, "{tmp}/missing", "lstat {tmp}/missing: no such file or directory"),
    ],
)
def test_errors_of_copies_into_a_container(
    tmp_path: Path, mode: int, source: str, message: str
) -> None:
    engine = StubEngine({f"HEAD {_ARCHIVE}": stat(mode)})
    with pytest.raises(UsageError) as refused:
        run(f"cp {source.format(tmp=tmp_path)} web:/x", engine)
    assert message.format(tmp=tmp_path) in str(refused.value)
    assert f"PUT {_ARCHIVE}" not in engine.keys


def test_an_unreadable_source_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "src").mkdir()

    def refuse(*_arguments: object, **_options: object) -> None:
        raise PermissionError(13, "Permission denied", "/src/secret")

    monkeypatch.setattr(tarfile.TarFile, "add", refuse)
    engine = StubEngine({f"HEAD {_ARCHIVE}": stat(_FOLDER), f"PUT {_ARCHIVE}": b""})
    with pytest.raises(UsageError, match="/src/secret: permission denied"):
        run(f"cp {tmp_path}/src web:/tmp", engine)


def test_an_upload_reports_the_missing_container(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("x")
    message = "No such container: web"
    engine = StubEngine({f"PUT {_ARCHIVE}": (404, message), f"HEAD {_ARCHIVE}": (404, message)})
    with pytest.raises(NotFound, match=message):
        run(f"cp {tmp_path}/mine web:/tmp", engine)


@pytest.mark.parametrize(
    ("line", "error", "message"),
    [
        ("cp a:/x b:/y", UsageError, "copying between containers is not supported"),
        ("cp /x /y", UsageError, "must specify at least one container source"),
        ("cp ./a:b /y", UsageError, "must specify at least one container source"),
        ("cp '' /y", UsageError, "source can not be empty"),
        ("cp web:/x ''", UsageError, "destination can not be empty"),
    ],
)
def test_invalid_command_lines(line: str, error: type[UsageError], message: str) -> None:
    with pytest.raises(error, match=message):
        run(line, StubEngine())


def test_a_container_without_a_path_has_a_hint(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    engine = StubEngine({"PUT /containers/web/archive": (400, "cannot overwrite directory")})
    with pytest.raises(EngineError, match="Write web:/ for its root folder"):
        run(f"cp {tmp_path}/a web:", engine)
