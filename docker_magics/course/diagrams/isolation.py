"""The diagrams of namespaces and cgroups: what a container sees, and what it may use.

source: namespaces(7), cgroups(7).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from docker_magics.course.lab import Lab
from docker_magics.course.language import chosen
from docker_magics.phrase import Phrase
from docker_magics.results import human
from docker_magics.results.drawing import (
    BLUE,
    GREEN,
    LINE,
    MUTED,
    ORANGE,
    WIDTH,
    Picture,
    box,
    text,
)

from .running import running

_NAMESPACES = {
    "pid": Phrase("processes", "프로세스"),
    "net": Phrase("network", "네트워크"),
    "mnt": Phrase("files, mounts", "파일, 마운트"),
    "uts": Phrase("host name", "호스트 이름"),
    "ipc": Phrase("shared memory", "공유 메모리"),
    "user": Phrase("users", "사용자"),
    "cgroup": Phrase("view of limits", "보이는 제한"),
}


def namespaces(container: str, *, lang: str | None = None) -> Picture:
    """Draw the namespaces of this notebook and of a running container, by inode number.

    The container's numbers are read inside it with readlink. A box across both sides is a namespace
    that they share.

    Args:
        container: the container's name or ID; its image needs a shell and readlink.
        lang: "en" or "ko"; the default is the language of DOCKER_MAGICS_LANG.
    """
    language, lab = chosen(lang), Lab()
    outside = _links(_outside())
    exec_output = _links(_inside(lab, container))
    process = running(lab, container, language)["State"]["Pid"]
    sides = Phrase("this notebook", "이 노트북")[language], container
    head = text(150, 44, sides[0], weight=600) + text(460, 44, sides[1], weight=600)
    rows, descriptions = [], []
    for place, (kind, what) in enumerate(_NAMESPACES.items()):
        numbers = outside.get(kind, "?"), exec_output.get(kind, "?")
        rows.append(_row(54 + 32 * place, f"{kind}: {what[language]}", *numbers, language))
        descriptions.append(f"{kind} ({what[language]}): {_compared(*numbers)[language]}")
    is_apart = outside.get("pid") != exec_output.get("pid")
    notes = [_process(process, is_apart=is_apart)[language], *_warnings(lab, language)]
    bottom = 54 + 32 * len(_NAMESPACES) + 14
    note_lines = "".join(
        text(0, bottom + 17 * place, note, fill=MUTED) for place, note in enumerate(notes)
    )
    title = Phrase("Namespaces: what each side sees", "네임스페이스: 양쪽에서 보이는 것")
    height = bottom + 17 * len(notes)
    return Picture(
        title[language], height, head + "".join(rows) + note_lines, [*descriptions, *notes]
    )


def _row(y: int, label: str, outside: str, exec_output: str, language: str) -> str:
    if outside == exec_output:
        boxes = box(
            150, y, WIDTH - 152, 27, [_compared(outside, exec_output)[language]], colour=ORANGE
        )
    else:
        boxes = box(150, y, 298, 27, [outside], colour=BLUE) + box(
            460, y, 298, 27, [exec_output], colour=GREEN
        )
    return text(0, y + 18, label) + boxes


def _compared(outside: str, exec_output: str) -> Phrase:
    if outside == exec_output:
        return Phrase(f"shared, {exec_output}", f"공유, {exec_output}")
    return Phrase(
        f"{outside} outside, {exec_output} in the container",
        f"밖에서는 {outside}, 컨테이너에서는 {exec_output}",
    )


def _process(process: int, *, is_apart: bool) -> Phrase:
    if not is_apart:
        return Phrase(
            f"The container's first process is {process} on both sides.",
            f"컨테이너의 첫 프로세스는 양쪽에서 모두 {process}번이에요.",
        )
    return Phrase(
        f"The container's first process is 1 inside, and {process} on the host.",
        f"컨테이너의 첫 프로세스는 안에서는 1번, 호스트에서는 {process}번이에요.",
    )


def _outside() -> str:
    if not Path("/proc/self/ns").is_dir():  # not Linux
        return ""
    return "\n".join(str(Path("/proc/self/ns", kind).readlink()) for kind in _NAMESPACES)


def _inside(lab: Lab, container: str) -> str:
    script = 'for kind in "$@"; do readlink /proc/self/ns/$kind; done'
    return lab.exec_output(container, "sh", "-c", script, "-", *_NAMESPACES)


def _links(listing: str) -> dict[str, str]:
    """Parse lines of `net:[4026532395]` into namespace -> inode number."""
    return dict(re.findall(r"^(\w+):\[(\d+)\]$", listing, re.MULTILINE))


def _warnings(lab: Lab, language: str) -> list[str]:
    prefix = Phrase("The engine says", "엔진 메시지")[language]
    return [f"{prefix}: {warning}" for warning in lab.warnings()]


#: The files of each limit and of current usage: cgroups version 2, and version 1.
_FILES = {
    "memory": ("memory.max", "memory/memory.limit_in_bytes"),
    "cpu": ("cpu.max", "cpu/cpu.cfs_quota_us"),
    "pids": ("pids.max", "pids/pids.max"),
}
_USED = {
    "memory": ("memory.current", "memory/memory.usage_in_bytes"),
    "pids": ("pids.current", "pids/pids.current"),
}
_LIMITS = {
    "memory": Phrase("memory", "메모리"),
    "cpu": Phrase("CPU", "CPU"),
    "pids": Phrase("processes", "프로세스 수"),
}
_HEADINGS = (
    (120, Phrase("asked for", "설정한 제한")),
    (300, Phrase("the kernel's file, read inside", "커널의 파일 (안에서 읽음)")),
    (600, Phrase("in use now", "지금 사용량")),
)


def cgroups(container: str, *, lang: str | None = None) -> Picture:
    """Draw the resource limits of a running container: as requested, and as the kernel has them.

    Args:
        container: the container's name or ID; its image needs a shell and cat.
        lang: "en" or "ko"; the default is the language of DOCKER_MAGICS_LANG.
    """
    language, lab = chosen(lang), Lab()
    asked = running(lab, container, language)["HostConfig"]
    files = _files(lab, container)
    rows = [
        (name[language], _asked(asked, kind), _held(files, kind)[language], _in_use(files, kind))
        for kind, name in _LIMITS.items()
    ]
    notes = _warnings(lab, language)
    parts = [text(x, 44, heading[language], weight=600) for x, heading in _HEADINGS]
    parts += [_limit(54 + 32 * place, *row) for place, row in enumerate(rows)]
    parts += [text(0, 172 + 17 * place, note, fill=MUTED) for place, note in enumerate(notes)]
    headings = [heading[language] for _, heading in _HEADINGS]
    descriptions = [
        f"{name}: "
        + "; ".join(
            f"{heading_text}: {value}" for heading_text, value in zip(headings, row, strict=True)
        )
        for name, *row in rows
    ]
    title = Phrase("Cgroups: what it may use", "cgroup: 얼마나 쓸 수 있는지")
    height = 160 + 17 * len(notes)
    return Picture(title[language], height, "".join(parts), [*descriptions, *notes])


def _limit(y: int, name: str, asked: str, held: str, used: str) -> str:
    return (
        text(0, y + 18, name)
        + box(120, y, 168, 27, [asked], colour=BLUE)
        + box(300, y, 288, 27, [held], colour=GREEN)
        + box(600, y, 158, 27, [used], colour=LINE)
    )


def _files(lab: Lab, container: str) -> dict[str, str]:
    """Read the cgroup files that exist in the container: path -> first line."""
    names = [name for paths in (*_FILES.values(), *_USED.values()) for name in paths]
    script = (
        "cd /sys/fs/cgroup 2>/dev/null || exit 0;"
        ' for name in "$@"; do [ -r $name ] && echo "$name $(cat $name)"; done; true'
    )
    output = lab.exec_output(container, "sh", "-c", script, "-", *names)
    return dict(line.split(" ", 1) for line in output.splitlines() if " " in line)


def _asked(asked: Mapping[str, Any], kind: str) -> str:
    match kind:
        case "memory":
            return human.binary_size(asked["Memory"]) if asked.get("Memory") else "-"
        case "cpu":
            return f"{asked['NanoCpus'] / 1e9:g} CPU" if asked.get("NanoCpus") else "-"
    return str(asked.get("PidsLimit") or "-")


def _held(files: Mapping[str, str], kind: str) -> Phrase:
    for name in _FILES[kind]:
        if name in files:
            held = f"{name.rpartition('/')[2]}: {files[name]}"
            return Phrase(held, held)
    return Phrase("none: no limit is enforced here", "없음: 이 엔진에서는 제한이 걸리지 않음")


def _in_use(files: Mapping[str, str], kind: str) -> str:
    used = next((files[name] for name in _USED.get(kind, ()) if name in files), "-")
    return human.binary_size(int(used)) if kind == "memory" and used.isdigit() else used
