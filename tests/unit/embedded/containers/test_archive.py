"""Files of containers as archives; a folder replaces a container's root."""

from __future__ import annotations

import base64
import contextlib
import io
import json
import os
import socket
import stat
import tarfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from unit.embedded import fakes

from docker_magics.embedded.containers.archive import Archiver
from docker_magics.embedded.containers.path_stat import go_mode, path_stat
from docker_magics.embedded.containers.tree import pack_tree
from docker_magics.embedded.errors import ApiError, BadParameter, Forbidden, NotFound
from docker_magics.embedded.records.container import Container
from docker_magics.embedded.storage.rootfs import Rootfs


class Trees:
    """Opens file trees of one folder, and counts open ones."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.opened = 0

    @contextlib.contextmanager
    def _open(self, _container: Container) -> Iterator[Rootfs]:
        self.opened += 1
        try:
            with Rootfs(self.folder) as root:
                yield root
        finally:
            self.opened -= 1

    open = open_rootfs = _open


class Api:
    """An archiver of one container, with a folder as its root."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "root"
        self.root.mkdir()
        self.trees = Trees(self.root)
        self.archiver = Archiver(self.trees)
        self.web = fakes.container(folder)

    def write(self, name: str, text: str = "text") -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def stat(self, path: str) -> Any:
        return json.loads(base64.b64decode(self.archiver.stat(self.web, path)))

    def pack(self, path: str) -> dict[str, tarfile.TarInfo]:
        _, pieces = self.archiver.pack(self.web, path)
        return members(b"".join(pieces))

    def unpack(
        self, path: str, archive_: bytes, *, replace_kinds: bool = True, to_user: bool = False
    ) -> None:
        self.archiver.unpack(
            self.web, path, io.BytesIO(archive_), replace_kinds=replace_kinds, to_user=to_user
        )


def members(data: bytes) -> dict[str, tarfile.TarInfo]:
    with tarfile.open(fileobj=io.BytesIO(data)) as opened:
        return {info.name: info for info in opened}


def tar(*names: str, compression: str = "") -> bytes:
    """Return an archive of files, and of folders for names that end in a slash."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=f"w:{compression}") as opened:  # type: ignore[call-overload]
        for name in names:
            info = tarfile.TarInfo(name.rstrip("/"))
            info.uid, info.gid = os.getuid(), os.getgid()
            if name.endswith("/"):
                info.type, info.mode = tarfile.DIRTYPE, 0o755
                opened.addfile(info)
            else:
                data = b"from the archive"
                info.size = len(data)
                opened.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


@pytest.fixture
def api(tmp_path: Path) -> Api:
    return Api(tmp_path)


# --- descriptions


def test_the_description_of_a_file_and_a_folder(api: Api) -> None:
    path = api.write("etc/motd", "hello")
    path.chmod(0o4750)
    os.utime(path, ns=(0, 1_000_000_000))
    assert api.stat("/etc/motd") == {
        "name": "motd",
        "size": 5,
        "mode": 0o750 | 1 << 23,
        "mtime": "1970-01-01T00:00:01Z",
        "linkTarget": "",
    }
    folder = api.stat("etc/")
    assert folder["name"] == "etc"
    assert folder["mode"] & (1 << 31)
    assert api.stat("/")["name"] == "/"
    assert api.trees.opened == 0


@pytest.mark.parametrize(
    ("link", "target", "expected"),
    [
        ("a", "etc/motd", "/etc/motd"),
        ("a", "/etc", "/etc"),
        ("a", "../../../etc/motd", "/etc/motd"),
        ("a", "nowhere", "/nowhere"),
        ("etc/a", "../b", "/b"),
    ],
)
def test_a_link_s_target_is_inside_the_container(
    api: Api, link: str, target: str, expected: str
) -> None:
    api.write("etc/motd")
    (api.root / link).symlink_to(target)
    described = api.stat(f"/{link}")
    assert described["mode"] & (1 << 27)
    assert described["linkTarget"] == expected


def test_circular_links_end(api: Api) -> None:
    (api.root / "a").symlink_to("b")
    (api.root / "b").symlink_to("a")
    assert api.stat("/a")["linkTarget"] in {"/a", "/b"}


@pytest.mark.parametrize("path", ["/nope", "/etc/motd/", "/etc/motd/.", "/etc/motd/x", "/nope/x"])
def test_paths_that_do_not_exist(api: Api, path: str) -> None:
    api.write("etc/motd")
    with pytest.raises(NotFound, match=rf"Could not find the file {path} in container web$"):
        api.stat(path)
    with pytest.raises(NotFound, match=r"in container web$"):
        api.pack(path)
    assert api.trees.opened == 0, "it is closed after an error"


def test_an_empty_path_is_an_error(api: Api) -> None:
    for call in (api.stat, api.pack, lambda path: api.unpack(path, b"")):
        with pytest.raises(BadParameter, match="bad parameter: pathcannot be empty"):
            call("")


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        (stat.S_IFREG | 0o644, 0o644),
        (stat.S_IFDIR | stat.S_ISVTX | 0o777, 1 << 31 | 1 << 20 | 0o777),
        (stat.S_IFCHR | 0o600, 1 << 26 | 1 << 21 | 0o600),
        (stat.S_IFBLK | 0o600, 1 << 26 | 0o600),
        (stat.S_IFIFO, 1 << 25),
        (stat.S_IFSOCK, 1 << 24),
        (stat.S_IFREG | stat.S_ISGID | 0o711, 1 << 22 | 0o711),
    ],
)
def test_modes_in_go_s_representation(mode: int, expected: int) -> None:
    assert go_mode(mode) == expected


# --- out of a container


def test_a_file_is_packed_by_its_name_and_root_s_name(api: Api) -> None:
    api.write("etc/motd", "hello")
    [(name, info)] = api.pack("/etc/motd").items()
    assert (name, info.size, info.uname) == ("motd", 5, "" if os.getuid() else "root")
    assert api.trees.opened == 0


def test_a_folder_is_packed_with_its_content(api: Api) -> None:
    api.write("srv/b/deep")
    api.write("srv/a")
    (api.root / "srv/link").symlink_to("/etc/passwd")
    os.link(api.root / "srv/a", api.root / "srv/z")
    packed = api.pack("/srv")
    assert list(packed) == ["srv", "srv/a", "srv/b", "srv/b/deep", "srv/link", "srv/z"]
    assert packed["srv/link"].linkname == "/etc/passwd"
    assert packed["srv/z"].islnk()
    assert packed["srv/z"].linkname == "srv/a"
    assert list(api.pack("/srv/."))[1:3] == ["./a", "./b"]


def test_a_link_is_packed_as_a_link_and_followed_with_a_slash(api: Api) -> None:
    api.write("srv/a")
    (api.root / "link").symlink_to("srv")
    assert api.pack("/link")["link"].issym()
    assert list(api.pack("/link/")) == ["link", "link/a"]


def test_sockets_and_vanishing_files_are_skipped(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    api.write("srv/a")
    with socket.socket(socket.AF_UNIX) as sock, contextlib.chdir(api.root / "srv"):
        sock.bind("sock")
    real = os.listdir
    monkeypatch.setattr(os, "listdir", lambda fd: [*real(fd), "vanished"])
    assert list(api.pack("/srv")) == ["srv", "srv/a"]


def test_an_export_begins_below_the_root(api: Api) -> None:
    api.write("etc/motd")
    assert list(members(b"".join(api.archiver.export(api.web)))) == ["etc", "etc/motd"]


def test_folders_of_hidden_devices_are_packed_as_empty_ones(api: Api) -> None:
    api.write("proc/1/status")
    with Rootfs(api.root) as root:
        device = root.stat("/proc").st_dev
        packed = members(b"".join(pack_tree(root, "/proc", hidden={device})))
    assert list(packed) == ["proc"]


def test_files_in_a_running_container_s_tmpfs_are_hidden(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder has one device; only the root pretends to have another one."""
    api.write("data/f")
    fakes.start(api.web)
    assert api.stat("/data/f")["name"] == "f"
    api.web.host_config["Tmpfs"] = {"/data": ""}
    assert api.stat("/data/f")["name"] == "f"  # nothing is mounted, as under proot
    stat = Rootfs.stat
    other = SimpleNamespace(st_dev=-1)
    monkeypatch.setattr(
        Rootfs, "stat", lambda root, path: other if path == "/" else stat(root, path)
    )
    for call in (api.stat, api.pack):
        with pytest.raises(NotFound, match="Could not find the file /data/f in container web"):
            call("/data/f")
    monkeypatch.setattr(api.web, "process", None)
    assert api.stat("/data/f")["name"] == "f"


# --- into a container


@pytest.mark.parametrize("compression", ["", "gz", "xz", "bz2"])
def test_an_archive_is_unpacked_below_a_folder(api: Api, compression: str) -> None:
    api.write("srv/old")
    api.unpack("/srv", tar("new", "d/", "d/deep", compression=compression))
    assert (api.root / "srv/new").read_text() == "from the archive"
    assert (api.root / "srv/d/deep").exists()
    assert (api.root / "srv/old").exists()
    assert api.trees.opened == 0


def test_an_empty_body_is_an_empty_archive(api: Api) -> None:
    api.unpack("/", b"")
    assert list(api.root.iterdir()) == []


def test_names_do_not_lead_out_of_the_container(api: Api) -> None:
    api.write("srv/old")
    (api.root / "srv/out").symlink_to("/")
    with contextlib.suppress(ApiError):
        api.unpack("/srv", tar("../../../escaped", "out/inside"))
    outside = [path for path in api.root.parent.iterdir() if path.name == "escaped"]
    assert outside == []
    assert not Path("/inside").exists()


def test_a_file_replaces_a_folder_unless_that_is_refused(api: Api) -> None:
    api.write("srv/d/f")
    with pytest.raises(ApiError, match=r'^cannot overwrite directory "d"') as caught:
        api.unpack("/srv", tar("d"), replace_kinds=False)
    assert caught.value.status == 500
    assert (api.root / "srv/d/f").exists()
    (api.root / "srv/d/f").unlink()
    api.unpack("/srv", tar("d"))
    assert (api.root / "srv/d").is_file()


def test_invalid_targets(api: Api) -> None:
    api.write("file")
    with pytest.raises(BadParameter, match="extraction point is not a directory"):
        api.unpack("/file", tar("x"))
    with pytest.raises(NotFound, match="Could not find the file /nope in container web"):
        api.unpack("/nope", tar("x"))
    with pytest.raises(ApiError, match=r"^archive/tar: invalid tar header"):
        api.unpack("/", b"this is not an archive" * 100)


def mount(target: str, *, writable: bool, kind: str = "volume") -> dict[str, Any]:
    return {"Type": kind, "Source": "/nowhere", "Destination": target, "RW": writable}


@pytest.mark.parametrize(
    ("path", "mounts", "readonly_root", "refusal"),
    [
        ("/", [], True, "container rootfs is marked read-only"),
        ("/", [], False, ""),
        ("/data", [mount("/data", writable=False)], False, "mounted volume is marked read-only"),
        ("/data/in", [mount("/data", writable=False)], False, "mounted volume is"),
        ("/data2", [mount("/data", writable=False)], False, ""),
        ("/data", [mount("/data", writable=True)], True, ""),
        ("/data/in", [mount("/data/in", writable=True), mount("/data", writable=False)], False, ""),
        ("/data/in", [mount("/data", writable=True), mount("/data/in", writable=False)], False,
         "mounted volume is"),
        ("/link", [mount("/data", writable=False)], False, "mounted volume is"),
    ],
)  # fmt: skip
def test_read_only_places(
    api: Api,
    path: str,
    mounts: list[Any],
    readonly_root: bool,  # noqa: FBT001
    refusal: str,
) -> None:
    (api.root / "data/in").mkdir(parents=True)
    (api.root / "data2").mkdir()
    (api.root / "link").symlink_to("data")
    api.web.record["Mounts"] = mounts
    api.web.host_config["ReadonlyRootfs"] = readonly_root
    with pytest.raises(Forbidden, match=refusal) if refusal else contextlib.nullcontext():
        api.unpack(path, tar("new"))
    assert (api.root / path.lstrip("/") / "new").exists() == (not refusal)


def test_files_belong_to_the_container_s_user(api: Api) -> None:
    api.write("etc/passwd", f"bob:x:{os.getuid()}:{os.getgid()}::/:/bin/sh\n")
    api.web.config["User"] = "bob"
    api.unpack("/", tar("mine"), to_user=True)
    status = (api.root / "mine").stat()
    assert (status.st_uid, status.st_gid) == (os.getuid(), os.getgid())
    api.web.config["User"] = "nobody-here"
    with pytest.raises(BadParameter, match="nobody-here"):
        api.unpack("/", tar("x"), to_user=True)


def test_files_of_the_host_that_are_mounted_are_not_replaced(api: Api, tmp_path: Path) -> None:
    source = tmp_path / "secret"
    source.write_text("the host's")
    api.write("etc/hosts", "mounted")
    api.write("conf", "mounted")
    api.web.record["Mounts"] = [{**mount("/conf", writable=True, kind="bind"), "Source": str(source)}]  # type: ignore[typeddict-item]  # fmt: skip  # noqa: E501
    for stopped in (True, False):
        if not stopped:
            fakes.start(api.web)
        for name in ("conf", *(() if stopped else ("etc/hosts",))):
            with pytest.raises(ApiError):
                api.unpack("/", tar(name))
            assert (api.root / name).read_text() == "mounted"
    api.web.process = None
    api.unpack("/", tar("etc/hosts"))
    assert (api.root / "etc/hosts").read_text() == "from the archive"


def test_a_description_of_an_unreadable_path_is_an_error(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lstat(_root: Rootfs, _path: str) -> os.stat_result:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Rootfs, "lstat", lstat)
    with Rootfs(api.root) as root, pytest.raises(Exception, match="/x: Permission denied"):
        path_stat(root, "/x")
