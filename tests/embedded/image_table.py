"""Layers and configurations as other tools write them, by name."""

from __future__ import annotations

import tarfile
from typing import Any

from embedded import image_samples
from embedded.image_samples import (
    Sample,
    busybox,
    file,
    folder,
    hard_link,
    link,
    tar,
    with_capability,
)

EMPTY = tar()
V2 = bytes.fromhex("0100000200040000000000000000000000000000")
V3 = bytes.fromhex("010000030004000000000000000000000000000000000000")
LAYERS: dict[str, tuple[bytes, ...]] = {
    "no-layers-on-top": (),
    "equal-and-empty-layers": (EMPTY, tar(file("a", "1")), EMPTY, tar(file("a", "1")), EMPTY),
    "usr-merge-with-absolute-links": (
        tar(folder("usr"), folder("usr/lib"), link("lib", "/usr/lib"), file("usr/lib/x", "1")),
        tar(file("lib/y", "2"), folder("lib"), file("lib/z", "3")),
    ),
    "store-of-nix": (
        tar(
            folder("nix"),
            folder("nix/store", 0o555),
            folder("nix/store/1-a", 0o555),
            file("nix/store/1-a/run", "1", mode=0o555, mtime=1),
        ),
        tar(file("/nix/store/2-b/run", "2", mode=0o444, mtime=1)),
        tar(link("srv", "/nix/store/1-a"), link("opt", "/nix/store/2-b")),
    ),
    "whiteouts": (
        tar(folder("d"), file("d/a", "1"), file("d/b", "2"), folder("e"), file("e/a", "3")),
        tar(file("d/.wh.a"), file(".wh.e"), file(".wh.missing")),
    ),
    "a-folder-that-comes-back": (
        tar(folder("d"), file("d/a", "1"), folder("d/s"), file("d/s/x", "2")),
        tar(file(".wh.d")),
        tar(folder("d", 0o700), file("d/b", "3")),
    ),
    "whiteout-and-folder-in-one-layer": (
        tar(folder("d"), file("d/a", "1")),
        tar(file(".wh.d"), folder("d"), file("d/b", "2")),
    ),
    "opaque-first": (
        tar(folder("d"), file("d/a", "1"), folder("d/s"), file("d/s/x", "2")),
        tar(folder("d"), file("d/.wh..wh..opq"), file("d/b", "3")),
    ),
    "opaque-last": (
        tar(folder("d"), file("d/a", "1"), folder("d/s"), file("d/s/x", "2")),
        tar(folder("d"), file("d/b", "3"), folder("d/s"), file("d/s/y"), file("d/.wh..wh..opq")),
    ),
    "opaque-without-folder": (
        tar(folder("d"), file("d/a", "1")),
        tar(file("d/.wh..wh..opq"), file("d/b", "3")),
    ),
    "setuid-and-owners": (
        tar(
            file("su", "x", mode=0o4755),
            file("sg", "x", mode=0o2755, uid=7, gid=8),
            folder("sticky", 0o1777),
            file("high", "x", uid=65534, gid=65534),
        ),
    ),
    "capabilities": (tar(with_capability("v2", V2), with_capability("v3", V3)),),
    "user-attributes": (tar(file("u", "x", pax_headers={"SCHILY.xattr.user.note": "ä b"})),),
    "names": (
        tar(
            file("A", "1"),
            file("a", "2"),
            file("n\udcff\udcfe", "3"),
            file("한글", "4"),
            file("with space", "5"),
            file("n" * 200, "6"),
            file("back\\slash", "7"),
            link("to-odd", "n\udcff\udcfe"),
            file(f"{'d' * 150}/{'e' * 150}/f", "8"),
        ),
    ),
    "gnu-names": (
        tar(
            file("n" * 200, "6"),
            file("n\udcff", "3"),
            link("l", "t" * 200),
            form=tarfile.GNU_FORMAT,
        ),
    ),
    "ustar": (
        tar(
            folder("u"),
            file("u/a", "1"),
            file(f"{'d' * 90}/{'e' * 90}", "2"),
            form=tarfile.USTAR_FORMAT,
        ),
    ),
    "hard-links": (
        tar(file("a", "1"), hard_link("b", "a"), hard_link("c", "/a"), hard_link("e", "./b")),
        tar(file("b", "2")),
    ),
    "hard-link-to-a-removed-name": (
        tar(file("a", "1"), hard_link("b", "a")),
        tar(file(".wh.a")),
    ),
    "file-becomes-folder-and-back": (
        tar(file("a", "1"), folder("b"), file("b/x", "2"), link("c", "b")),
        tar(folder("a"), file("a/y", "3"), file("b", "4"), folder("c"), file("c/z", "5")),
    ),
    "dot-and-absolute-names": (
        tar(
            folder("./"),
            folder("./d"),
            file("./d/a", "1"),
            file("/d/b", "2"),
            file("d/../e", "3"),
        ),
    ),
    "no-parents": (tar(file("p/q/r/a", "1"), link("p/q/s", "r"), file("x/y", "2", uid=5)),),
    "times": (
        tar(
            file("epoch", "1", mtime=0),
            file("future", "2", mtime=4102444800),
            file("fraction", "3", mtime=1.5),
            file("before", "4", mtime=-86400),
        ),
    ),
    "special-files": (tar(image_samples.entry("pipe", tarfile.FIFOTYPE, mode=0o640)),),
    "root-folder": (tar(folder("./", 0o711), file("a", "1")),),
    "below-a-link": (
        tar(folder("real"), link("alias", "real")),
        tar(file("alias/a", "1")),
    ),
    "many-layers": tuple(tar(file(f"f{number}", str(number))) for number in range(40)),
}
HISTORY = {"created": "2024-05-06T07:08:09Z", "created_by": "COPY a /a # buildkit"}
CONFIGS: dict[str, dict[str, Any]] = {
    "buildkit": {
        "history": [
            {**HISTORY, "comment": "buildkit.dockerfile.v0"},
            {**HISTORY, "created_by": 'CMD ["sh"]', "empty_layer": True},
        ],
        "moby.buildkit.buildinfo.v1": "e30=",
    },
    "kaniko": {"author": "kaniko", "container": "c", "docker_version": "20.10"},
    "buildah": {
        "history": [{**HISTORY, "created_by": "/bin/sh -c #(nop) CMD", "comment": "FROM x"}]
    },
    "jib": {"created": "1970-01-01T00:00:00Z", "history": [{"author": "Jib", "created_by": "jib"}]},
    "nix": {
        "created": "1970-01-01T00:00:01+00:00",
        "config": None,
        "history": [{"comment": "store paths"}],
    },
    "ko": {"created": "0001-01-01T00:00:00Z", "author": "github.com/ko-build/ko"},
    "no-history": {"history": None},
    "null-history": {"history": []},
    "no-date": {"created": None},
    "fewer-history-entries-than-layers": {"history": [{**HISTORY, "empty_layer": True}]},
    "no-command": {"config": {}},
    "null-lists": {
        "config": {"Cmd": None, "Entrypoint": None, "Env": None, "Labels": None, "Volumes": None}
    },
    "entrypoint-alone": {"config": {"Entrypoint": ["/bin/sh", "-c", "echo hi"]}},
    "everything": {
        "config": {
            "User": "7:8",
            "WorkingDir": "/w/x",
            "ExposedPorts": {"80/tcp": {}, "53/udp": {}},
            "Volumes": {"/data": {}},
            "Healthcheck": {"Test": ["CMD-SHELL", "true"], "Interval": 10**10, "Retries": 3},
            "OnBuild": ["RUN true"],
            "Shell": ["/bin/sh", "-ec"],
            "Entrypoint": ["/bin/busybox", "sh"],
            "StopSignal": "SIGQUIT",
            "ArgsEscaped": True,
            "Labels": {"a": "b", "": "c", "d": ""},
            "Cmd": ["sh"],
            "Env": ["PATH=/bin", "A=b=c", "EMPTY=", "NAME"],
        }
    },
    "unknown-fields": {"os.version": "1", "variant": "v8", "x": {"y": []}},
}
SAMPLES = {
    **{name: Sample((busybox(), *layers)) for name, layers in LAYERS.items()},
    **{f"config-{name}": Sample((busybox(),), config) for name, config in CONFIGS.items()},
}
