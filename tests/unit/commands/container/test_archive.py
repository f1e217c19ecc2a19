"""Archives of containers are untrusted: members must not escape the folder."""

from __future__ import annotations

import io
import stat
import tarfile
from pathlib import Path

import pytest

from docker_magics.commands.container._archive import Place, extraction_target, split
from docker_magics.commands.container._extract import unpack
from docker_magics.errors import UsageError


def _archive(*members: tarfile.TarInfo) -> io.BytesIO:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:
        for member in members:
            content = b"stranger" if member.isfile() else b""
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    data.seek(0)
    return data


def _member(
    name: str, kind: bytes = tarfile.REGTYPE, link: str = "", mode: int = 0o644
) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname, member.mode = kind, link, mode
    return member


def _extract(folder: Path, *members: tarfile.TarInfo) -> list[str]:
    return unpack(_archive(*members), str(folder), lambda name: name)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The target folder; files next to it must not change."""
    (tmp_path / "secret").write_text("mine")
    inside = tmp_path / "inside"
    inside.mkdir()
    return inside


@pytest.mark.parametrize(
    "members",
    [
        [_member("../secret")],
        [_member("a/../../secret")],
        [_member("link", tarfile.SYMTYPE, ".."), _member("link/secret")],
        [_member("link", tarfile.SYMTYPE, "../secret"), _member("link")],
        [_member("link", tarfile.SYMTYPE, "/../../etc/passwd")],
        [_member("hard", tarfile.LNKTYPE, "../secret")],
        [_member("link", tarfile.SYMTYPE, "."), _member("out", tarfile.SYMTYPE, "link/../..")],
        [_member("link", tarfile.SYMTYPE, "."), _member("hard", tarfile.LNKTYPE, "link/x")],
        [_member("d", tarfile.DIRTYPE), _member("d/link", tarfile.SYMTYPE, "../..")],
        [_member("null", tarfile.CHRTYPE)],
        [_member("disk", tarfile.BLKTYPE)],
    ],
    ids=lambda members: "+".join(f"{member.name}>{member.linkname}" for member in members),
)
def test_escaping_members_are_skipped(folder: Path, members: list[tarfile.TarInfo]) -> None:
    """Skip them with a message; extract the rest."""
    messages = _extract(folder, *members, _member("good"))
    assert any("skipped" in message or "invalid symlink" in message for message in messages)
    assert (folder / "good").read_text() == "stranger"
    assert (folder.parent / "secret").read_text() == "mine"
    for path in folder.rglob("*"):
        assert path.resolve().is_relative_to(folder)
        assert stat.S_ISREG(path.stat().st_mode) or path.is_dir()


def test_absolute_names_are_made_relative(folder: Path) -> None:
    _extract(folder, _member("/etc/thing"))
    assert (folder / "etc/thing").read_text() == "stranger"


def test_absolute_links_and_pipes_are_kept_as_the_cli_keeps_them(folder: Path) -> None:
    """Nothing is written through a link, wherever it leads."""
    messages = _extract(
        folder,
        _member("link", tarfile.SYMTYPE, str(folder.parent)),
        _member("link/secret"),
        _member("file", tarfile.SYMTYPE, str(folder.parent / "secret")),
        _member("file"),
        _member("pipe", tarfile.FIFOTYPE, mode=0o600),
        _member("dangling", tarfile.SYMTYPE, "/no/such/file"),
    )
    assert messages == ["skipped: 'link/secret' leads through a link"]
    assert (folder / "link").readlink() == folder.parent
    assert (folder / "dangling").readlink() == Path("/no/such/file")
    assert stat.S_ISFIFO((folder / "pipe").stat().st_mode)
    assert (folder / "file").read_text() == "stranger"
    assert (folder.parent / "secret").read_text() == "mine"


def test_links_inside_the_folder_are_kept(folder: Path) -> None:
    messages = _extract(
        folder,
        _member("d/e/file"),
        _member("d/link", tarfile.SYMTYPE, "e/file"),
        _member("d/e/up", tarfile.SYMTYPE, "../../d/e/file"),
        _member("hard", tarfile.LNKTYPE, "d/e/file"),
        _member("nowhere", tarfile.SYMTYPE, "not/there"),
    )
    assert messages == []
    assert (folder / "d/link").read_text() == (folder / "d/e/up").read_text() == "stranger"
    assert (folder / "hard").stat().st_nlink == 2
    assert (folder / "nowhere").is_symlink()


def test_a_read_only_folder_is_filled(folder: Path) -> None:
    _extract(folder, _member("d", tarfile.DIRTYPE, mode=0o555), _member("d/file"))
    assert (folder / "d/file").read_text() == "stranger"
    assert stat.S_IMODE((folder / "d").stat().st_mode) == 0o555
    (folder / "d").chmod(0o755)


def test_modes_are_kept_except_setuid(folder: Path) -> None:
    _extract(folder, _member("tool", mode=0o4751), _member("shared", mode=0o666))
    assert stat.S_IMODE((folder / "tool").stat().st_mode) == 0o751
    assert stat.S_IMODE((folder / "shared").stat().st_mode) == 0o666


def test_an_existing_link_is_replaced(folder: Path) -> None:
    """The link's target is not written."""
    (folder / "name").symlink_to(folder.parent / "secret")
    _extract(folder, _member("name"))
    assert (folder / "name").read_text() == "stranger"
    assert not (folder / "name").is_symlink()
    assert (folder.parent / "secret").read_text() == "mine"


def test_a_truncated_archive_is_an_error(folder: Path) -> None:
    data = _archive(_member("a")).getvalue()
    with pytest.raises(UsageError, match="unexpected EOF"):
        unpack(io.BytesIO(data[:600]), str(folder), lambda name: name)


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("/a/b", ("/a", "b")),
        ("/a/b/", ("/a", "b")),
        ("/a/b/.", ("/a/b", ".")),
        ("/", ("/", "/")),
        ("a", (".", "a")),
    ],
)
def test_split(path: str, parts: tuple[str, str]) -> None:
    assert split(path) == parts


def test_the_target_decides_the_name() -> None:
    """Like cp: into an existing folder, or under the new name."""
    file, tree = Place("/x/f"), Place("/x/d", is_folder=True)
    assert extraction_target(file, Place("/to", is_folder=True)) == ("/to", None)
    assert extraction_target(file, Place("/to/new", exists=False)) == ("/to", "new")
    assert extraction_target(tree, Place("/to/new/", exists=False)) == ("/to", "new")
    with pytest.raises(UsageError, match="cannot copy directory"):
        extraction_target(tree, Place("/to/file"))
    with pytest.raises(UsageError, match="no such directory"):
        extraction_target(file, Place("/to/new/", exists=False))
