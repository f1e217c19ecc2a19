"""COPY and ADD: the plan and its effect on an image's files."""

from __future__ import annotations

import contextlib
import gzip
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from unit.embedded.builder.support import context

from docker_magics.embedded.builder.copy_apply import apply_copy
from docker_magics.embedded.builder.copy_flags import CopyFlags, parse_flags
from docker_magics.embedded.builder.copy_plan import CopyPlan, plan_copy
from docker_magics.embedded.dockerfile.variables import Variables
from docker_magics.embedded.errors import ApiError, BadParameter, NotFound
from docker_magics.embedded.images import unpack
from docker_magics.embedded.registry.web import Download
from docker_magics.embedded.storage.rootfs import Rootfs
from docker_magics.wire import digest, dockerfile

TREE = {
    "a.txt": "a",
    "b.txt": "b",
    "c.md": "c",
    "d/e/f.txt": "f",
    "d/e/g.md": "g",
    "d/h.txt": "h",
    "space in name": "s",
}
VARIABLES = Variables({"V": "a", "G": "3"})


def no_download(url: str) -> Download:
    raise AssertionError(f"{url} must not be fetched")


class Copying:
    """A context and an image's files, each in a folder."""

    def __init__(self, folder: Path) -> None:
        self.context = folder / "context"
        self.image = folder / "image"
        self.image.mkdir()
        self.write(TREE)
        self.fetch: Callable[[str], Download] = no_download
        self.opened = contextlib.ExitStack()
        self.root = self.opened.enter_context(Rootfs(self.context))

    def write(self, files: Mapping[str, str | bytes]) -> None:
        for name, content in files.items():
            path = self.context / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
            path.chmod(0o644)

    def downloads(self, data: bytes) -> list[str]:
        """Download the data from every URL; return the list of URLs that were asked for."""
        urls: list[str] = []

        def fetch(url: str) -> Download:
            urls.append(url)
            opened = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - closed by the fixture
            file = self.opened.enter_context(opened)
            file.write(data)
            return Download(file, "", digest.of(data))

        self.fetch = fetch
        return urls

    def plan(self, text: str, workdir: str = "/") -> CopyPlan:
        return self.planned(text, workdir)[0]

    def planned(self, text: str, workdir: str) -> tuple[CopyPlan, CopyFlags]:
        instruction = dockerfile.parse(text).instructions[0]
        flags = parse_flags(instruction, VARIABLES)
        plan = plan_copy(self.root, instruction, VARIABLES, flags, workdir, self.fetch)
        assert plan.label  # the digest can be computed
        return plan, flags

    def copy(self, text: str, workdir: str = "/") -> dict[str, str]:
        """Copy; return the image's files and their content."""
        plan, flags = self.planned(text, workdir)
        with Rootfs(self.image) as root:
            apply_copy(plan, root, flags)
        return files_in(self.image)


def files_in(folder: Path) -> dict[str, str]:
    """Return the files below a folder; a link's content is its target."""
    return {
        str(path.relative_to(folder)): f"-> {path.readlink()}"
        if path.is_symlink()
        else path.read_text()
        for path in sorted(folder.rglob("*"))
        if path.is_symlink() or path.is_file()
    }


@pytest.fixture
def copying(tmp_path: Path) -> Iterator[Copying]:
    copying = Copying(tmp_path)
    with copying.opened:
        yield copying


#: Instruction, working directory: the files that it makes.
COPIES: dict[tuple[str, str], dict[str, str]] = {
    ("COPY a.txt /x", "/"): {"x": "a"},
    ("COPY a.txt x", "/w"): {"w/x": "a"},
    ("COPY a.txt /x/", "/w"): {"x/a.txt": "a"},
    ("COPY a.txt .", "/w"): {"w/a.txt": "a"},
    ("COPY a.txt /x/.", "/"): {"x/a.txt": "a"},
    ("COPY a.txt ../x", "/w"): {"x": "a"},
    ("COPY $V.txt /$V", "/"): {"a": "a"},
    ("COPY /a.txt b.txt /x/", "/"): {"x/a.txt": "a", "x/b.txt": "b"},
    ('COPY ["space in name", "/x/"]', "/"): {"x/space in name": "s"},
    ("COPY d /x", "/"): {"x/e/f.txt": "f", "x/e/g.md": "g", "x/h.txt": "h"},
    ("COPY d/ /x/", "/"): {"x/e/f.txt": "f", "x/e/g.md": "g", "x/h.txt": "h"},
    ("COPY d/e/../h.txt /x", "/"): {"x": "h"},
    ("COPY *.txt /x/", "/"): {"x/a.txt": "a", "x/b.txt": "b"},
    ("COPY [ac].* /x/", "/"): {"x/a.txt": "a", "x/c.md": "c"},
    ("COPY d/*/?.md /x/", "/"): {"x/g.md": "g"},
    ("COPY */e /x/", "/"): {"x/f.txt": "f", "x/g.md": "g"},
    ("COPY --exclude=*.txt d /x/", "/"): {"x/e/f.txt": "f", "x/e/g.md": "g"},
    ("COPY --exclude=**/*.txt --exclude=!d/e/f.txt d /x/", "/"): {"x/e/g.md": "g"},
    ("COPY --exclude=e --exclude=!e/g.md d /x/", "/"): {"x/e/g.md": "g", "x/h.txt": "h"},
    ("COPY --exclude=a.* *.txt /x/", "/"): {"x/b.txt": "b"},
    ("COPY --parents d/e/f.txt a.txt /x/", "/"): {"x/d/e/f.txt": "f", "x/a.txt": "a"},
    ("COPY --parents d/e /x/", "/"): {"x/d/e/f.txt": "f", "x/d/e/g.md": "g"},
    ("COPY --parents=false d/e /x/", "/"): {"x/f.txt": "f", "x/g.md": "g"},
    ('COPY <<one <<"two" /x/\n$V\none\n$V\ntwo\n', "/"): {"x/one": "a\n", "x/two": "$V\n"},
    ("COPY <<-one a.txt /x/\n\ttab\none\n", "/"): {"x/one": "tab\n", "x/a.txt": "a"},
    ("ADD c.md /x", "/"): {"x": "c"},
}  # fmt: skip


@pytest.mark.parametrize(("text", "workdir"), COPIES)
def test_copied_files(copying: Copying, text: str, workdir: str) -> None:
    assert copying.copy(text, workdir) == COPIES[text, workdir]


REFUSED = {
    "COPY a.txt b.txt /x": "When using COPY with more than one source file, the destination must"
    " be a directory and end with a /",
    "ADD *.txt /x": "When using ADD with more than one source file, the destination must be a"
    " directory and end with a /",
    "COPY ../a.txt /x": "COPY failed: forbidden path outside the build context: ../a.txt ()",
    "COPY d/../../a.txt /x": (
        "COPY failed: forbidden path outside the build context: d/../../a.txt ()"
    ),
    "COPY gone /x": "COPY failed: file not found in build context or excluded by .dockerignore:"
    " stat gone: file does not exist",
    "ADD /gone/ /x": "ADD failed: file not found in build context or excluded by .dockerignore:"
    " stat gone: file does not exist",
    "COPY --from=b gone /x": "COPY failed: stat gone: file does not exist",
    "COPY a.txt/x /x": "COPY failed: file not found in build context or excluded by .dockerignore:"
    " stat a.txt/x: file does not exist",
    "COPY *.gone /x": "COPY failed: no source files were specified",
    "COPY a.txt/* /x": "COPY failed: no source files were specified",
    "COPY https://h/f /x": "COPY failed: source can't be a URL for COPY",
    "COPY --chmod=999 a.txt /x": (
        "invalid chmod parameter: '999'. it should be octal string and between 0 and 07777"
    ),
    "COPY --chmod=10000 a.txt /x": (
        "invalid chmod parameter: '10000'. it should be octal string and between 0 and 07777"
    ),
    "COPY --exclude=[ d /x": "syntax error in pattern: [",
    f"ADD --checksum=sha256:{'0' * 64} a.txt /x": (
        "checksum can't be specified for non-HTTP(S) sources"
    ),
    "ADD http://host/ /": "cannot determine filename for source http://host/",
}


@pytest.mark.parametrize("text", REFUSED)
def test_copy_errors(copying: Copying, text: str) -> None:
    copying.downloads(b"")
    with pytest.raises((BadParameter, NotFound)) as caught:
        copying.plan(text)
    assert str(caught.value) == REFUSED[text]


# --- links


def test_links_in_a_folder_are_copied_as_they_are(copying: Copying) -> None:
    (copying.context / "d/link").symlink_to("/etc/passwd")
    (copying.context / "d/loop").symlink_to("loop")
    (copying.context / "d/up").symlink_to("../..")
    copied = copying.copy("COPY d /x")
    assert copied["x/link"] == "-> /etc/passwd"
    assert copied["x/loop"] == "-> loop"
    assert copied["x/up"] == "-> ../.."


@pytest.mark.parametrize("target", ["/etc/passwd", "../../../../../../../../etc/passwd", "link"])
def test_a_link_out_of_the_context_is_an_error(copying: Copying, target: str) -> None:
    (copying.context / "link").symlink_to(target)
    (copying.context / "out").symlink_to("/")
    with pytest.raises(NotFound):
        copying.plan("COPY link /x")
    with pytest.raises(NotFound):
        copying.plan("COPY out/etc/passwd /x")
    assert copying.copy("COPY out/a.txt /x") == {"x": "a"}


def test_links_in_the_image_are_resolved_inside_it(copying: Copying, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (copying.image / "outside").mkdir()
    (copying.image / "up").symlink_to("../outside")
    (copying.image / "absolute").symlink_to(outside)
    copying.copy("COPY a.txt /up/x")
    assert (copying.image / "outside/x").read_text() == "a"
    for text in ("COPY a.txt /absolute/x", "COPY d /absolute/"):
        with pytest.raises(ApiError, match="file exists"):
            copying.copy(text)
    assert list(outside.iterdir()) == []


# --- targets, owners and modes


def test_a_file_into_an_existing_folder(copying: Copying) -> None:
    (copying.image / "x").mkdir()
    assert copying.copy("COPY a.txt /x") == {"x/a.txt": "a"}


@pytest.mark.parametrize("text", ["COPY d /f", "COPY a.txt /f/", "COPY a.txt /f/x"])
def test_a_target_that_is_a_file(copying: Copying, text: str) -> None:
    (copying.image / "f").write_text("file")
    with pytest.raises(ApiError, match=r"^failed to copy files: /f"):
        copying.copy(text)
    assert files_in(copying.image) == {"f": "file"}


@pytest.mark.parametrize(
    ("flag", "mode"),
    [("", 0o640), ("--chmod=751", 0o751), ("--chmod=0600", 0o600), ("--chmod=4711", 0o4711)],
)
def test_modes(copying: Copying, flag: str, mode: int) -> None:
    (copying.context / "a.txt").chmod(0o640)
    plan, flags = copying.planned(f"COPY {flag} a.txt /x", "/")
    with Rootfs(copying.image) as root:
        apply_copy(plan, root, flags)
    assert (copying.image / "x").stat().st_mode & 0o7777 == mode


USERS = "root:x:0:0:root:/:/bin/sh\nuser:x:7:8::/:/bin/sh\n"
GROUP = "root:x:0:\nuser:x:8:\nstaff:x:9:\n"


@pytest.mark.parametrize(
    ("flags", "owner"),
    [
        ("", (0, 0)),
        ("--chown=user", (7, 8)),
        ("--chown=user:staff", (7, 9)),
        ("--chown=$G:4", (3, 4)),
        ("--chown=5", (5, 5)),
        ("--from=stage", (os.geteuid(), os.getegid())),
    ],
)
def test_owners(
    copying: Copying, monkeypatch: pytest.MonkeyPatch, flags: str, owner: tuple[int, int]
) -> None:
    """Without --chown, root owns files of the context; files of an image keep their owner."""
    (copying.image / "etc").mkdir()
    (copying.image / "etc/passwd").write_text(USERS)
    (copying.image / "etc/group").write_text(GROUP)
    owners: list[Any] = []
    monkeypatch.setattr(unpack, "chown", lambda _file, uid, gid: owners.append((uid, gid)))
    copying.copy(f"COPY {flags} a.txt /x")
    assert set(owners) == {owner}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nobody", "can't find uid for user nobody: no such user: nobody"),
        ("0:nobody", "can't find gid for group nobody: no such group: nobody"),
    ],
)
def test_an_owner_that_does_not_exist(copying: Copying, text: str, message: str) -> None:
    with pytest.raises(BadParameter) as caught:
        copying.copy(f"COPY --chown={text} a.txt /x")
    prefix = "unable to convert uid/gid chown string to host mapping: "
    assert str(caught.value) == prefix + message
    assert files_in(copying.image) == {}


def test_flags_as_the_history_shows_them() -> None:
    instruction = dockerfile.parse("COPY --chown=$V:g --chmod=0755 --from=$V x /").instructions[0]
    flags = parse_flags(instruction, VARIABLES)
    assert flags.as_text() == "--chown=a:g --chmod=755 "
    assert flags.source == "$V"
    assert CopyFlags().as_text() == ""


# --- archives and downloads


@pytest.mark.parametrize("pack", [lambda data: data, gzip.compress])
def test_add_unpacks_archives_and_copy_does_not(
    copying: Copying, pack: Callable[[bytes], bytes]
) -> None:
    copying.write({"t": pack(context({"in/f": "1"}, links={"in/up": "../../.."}))})
    assert copying.copy("ADD t /x") == {"x/in/f": "1", "x/in/up": "-> ../../.."}
    plan = copying.plan("COPY t /x")
    assert (plan.archives, len(list(plan.files()))) == ([], 1)


def test_add_copies_compressed_files_that_are_not_archives(copying: Copying) -> None:
    copying.write({"f.gz": gzip.compress(b"text"), "bad.gz": b"\x1f\x8bgarbage", "short": b"u"})
    plan = copying.plan("ADD f.gz bad.gz short /x/")
    assert plan.archives == []
    assert [file.name for file in plan.files()] == ["f.gz", "bad.gz", "short"]


def test_a_pipe_is_not_opened(copying: Copying) -> None:
    os.mkfifo(copying.context / "pipe")
    assert copying.plan("ADD pipe /x").archives == []


@pytest.mark.parametrize(
    ("url", "target", "name"),
    [
        ("http://host/file?x=/y", "/d/", "d/file"),
        ("https://host/file", "/other", "other"),
        ("http://host/", "/other", "other"),
    ],
)
def test_add_downloads(copying: Copying, url: str, target: str, name: str) -> None:
    urls = copying.downloads(b"data")
    expected = digest.of(b"data")
    assert copying.copy(f"ADD --checksum={expected} {url} {target}") == {name: "data"}
    assert (copying.image / name).stat().st_mode & 0o777 == 0o600
    assert urls == [url]
    assert copying.plan(f"ADD {url} {target}").downloads == 1


def test_a_download_with_another_checksum(copying: Copying) -> None:
    copying.downloads(b"other")
    with pytest.raises(BadParameter, match=r"^digest mismatch sha256:"):
        copying.plan(f"ADD --checksum={digest.of(b'data')} http://host/f /x")


# --- the digest


def test_the_digest_ignores_times(copying: Copying) -> None:
    before = copying.plan("COPY d /x").label
    os.utime(copying.context / "d/h.txt", (1, 1))
    os.utime(copying.context / "d", (1, 1))
    assert copying.plan("COPY d /x").label == before
    assert copying.plan("COPY d /elsewhere").label == before


def test_the_digest_depends_on_content_modes_names_and_links(copying: Copying) -> None:
    path = copying.context / "d/h.txt"
    link = copying.context / "d/link"
    labels = [copying.plan("COPY d /x").label]
    path.write_text("H")
    labels.append(copying.plan("COPY d /x").label)
    path.chmod(0o755)
    labels.append(copying.plan("COPY d /x").label)
    path.rename(path.with_name("i.txt"))
    labels.append(copying.plan("COPY d /x").label)
    link.symlink_to("one")
    labels.append(copying.plan("COPY d /x").label)
    link.unlink()
    link.symlink_to("two")
    labels.append(copying.plan("COPY d /x").label)
    labels.append(copying.plan("COPY --exclude=e d /x").label)
    assert len(set(labels)) == 7


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("COPY a.txt /x", "file"),
        ("COPY d /x", "dir"),
        ("COPY d/e /x", "dir"),
        ("COPY a.txt b.txt /x/", "multi"),
        ("COPY a.* /x/", "file"),
        ("ADD t /x", "file"),
    ],
)
def test_the_kind_of_the_sources(copying: Copying, text: str, kind: str) -> None:
    copying.write({"t": context({"f": "1"})})
    assert copying.plan(text).label.partition(":")[0] == kind
