"""Section 04, building images: instructions, names, the cache, layers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from docker_magics.course.exercise import Section
from docker_magics.course.gap import Gap, differs, gap, no_image, run_says, wrong_base
from docker_magics.course.images import (
    added_steps,
    container_output,
    find_step,
    is_based_on,
    is_instruction,
    is_written_down,
)
from docker_magics.course.lab import Lab
from docker_magics.course.language import code
from docker_magics.phrase import Phrase

SECTION = Section("04", Phrase("Building images", "이미지 만들기"))

_BIG = 5_000_000
_SIZE = "20000000"


@SECTION.exercise(
    1,
    title=Phrase("Made at build time", "빌드할 때 만들어 두기"),
    task=Phrase(
        "Build an image named `me/menu:1` from `busybox` that has a file `/menu.txt` with the two lines `rice` and `soup`, made by `RUN`.",
        "`busybox`를 베이스 이미지로 해서 `me/menu:1` 이미지를 만드세요. `/menu.txt` 파일에 `rice`와 `soup` 두 줄이 있어야 하고, `RUN`으로 만들어야 해요.",
    ),
    solution="""\
%%dockerfile -t me/menu:1
FROM busybox
RUN echo rice > /menu.txt
RUN echo soup >> /menu.txt""",
    why=Phrase(
        "`>` writes a new file, `>>` appends a line. One `RUN` with both commands does as well.",
        "`>`는 파일을 새로 쓰고 `>>`는 한 줄을 덧붙여요. `RUN` 하나에 두 명령을 써도 돼요.",
    ),
    makes=("image me/menu:1",),
)
def _menu(lab: Lab) -> Iterator[Gap]:
    write = (
        Phrase(
            "`>` writes a new file, `>>` appends a line. One `RUN` or two: both do.",
            "`>`는 파일을 새로 쓰고 `>>`는 한 줄을 덧붙여요. `RUN`은 하나여도 둘이어도 괜찮아요.",
        ),
        Phrase(
            "`RUN echo rice > /menu.txt`, then `RUN echo soup >> /menu.txt`",
            "`RUN echo rice > /menu.txt`, 그다음 `RUN echo soup >> /menu.txt`",
        ),
    )
    if (image := lab.image("me/menu:1")) is None:
        yield no_image("me/menu:1", *write)
        return
    yield from _base(lab, "me/menu:1")
    if lab.was_committed(image):
        yield gap(
            "the image is a container's files (`docker commit`), not a build",
            "빌드하지 않고 컨테이너를 이미지로 저장했어요(`docker commit`)",
            *write,
        )
    lines = container_output(lab, "me/menu:1", "cat", "/menu.txt").splitlines()
    if [line.strip() for line in lines] != ["rice", "soup"]:
        yield differs(
            Phrase("`/menu.txt` in the image", "이미지의 `/menu.txt`"),
            " / ".join(lines),
            "rice / soup",
            *write,
        )
    elif any(is_instruction(step, "COPY", "ADD") for step in _added(lab, "me/menu:1")):
        yield gap(
            "the file was copied, not made by `RUN`",
            "파일을 `RUN`으로 만들지 않고 복사했어요",
            *write,
        )


@SECTION.exercise(
    2,
    title=Phrase("An image of your own", "나만의 이미지"),
    task=Phrase(
        "Build an image named `me/tea:1` from `busybox` whose start command prints `green tea`.",
        "`busybox`를 베이스 이미지로 해서, 시작 명령이 `green tea`를 출력하는 `me/tea:1` 이미지를 만드세요.",
    ),
    solution="""\
%%dockerfile -t me/tea:1
FROM busybox
CMD ["echo", "green tea"]""",
    why=Phrase(
        "`FROM` names the base image, `CMD` the start command. `RUN echo` would print during the build only.",
        "`FROM`은 베이스 이미지를, `CMD`는 시작 명령을 정해요. `RUN echo`는 빌드할 때만 출력해요.",
    ),
    makes=("image me/tea:1",),
)
def _tea(lab: Lab) -> Iterator[Gap]:
    write = (
        Phrase(
            "Two instructions are enough: `FROM` and `CMD`. The cell begins with `%%dockerfile -t me/tea:1`.",
            "지시어 두 개면 충분해요. `FROM`과 `CMD`예요. 셀의 첫 줄은 `%%dockerfile -t me/tea:1`이에요.",
        ),
        code('CMD ["echo", "green tea"]'),
    )
    if lab.image("me/tea:1") is None:
        yield no_image("me/tea:1", *write)
        return
    yield from _base(lab, "me/tea:1")
    if (output := container_output(lab, "me/tea:1")) != "green tea":
        yield differs(run_says("me/tea:1"), output, "green tea", *write)


@SECTION.exercise(
    3,
    title=Phrase("The last one counts", "마지막 것만 남아요"),
    task=Phrase(
        "Build an image named `me/vote:1` from `busybox` with two `CMD` lines: one prints `cats`, one prints `dogs`. A container of it is to print `cats`.",
        "`busybox`를 베이스 이미지로 해서 `CMD`가 두 줄 있는 `me/vote:1` 이미지를 만드세요. 한 줄은 `cats`를, 한 줄은 `dogs`를 출력해요. 컨테이너를 실행하면 `cats`가 나와야 해요.",
    ),
    solution="""\
%%dockerfile -t me/vote:1
FROM busybox
CMD ["echo", "dogs"]
CMD ["echo", "cats"]""",
    why=Phrase(
        "The later `CMD` overwrites the earlier one, so `cats` comes last.",
        "뒤의 `CMD`가 앞의 것을 덮어쓰니까 `cats`를 마지막에 써요.",
    ),
    makes=("image me/vote:1",),
)
def _vote(lab: Lab) -> Iterator[Gap]:
    last = (
        Phrase("A later `CMD` overwrites an earlier one.", "뒤에 나온 `CMD`가 앞의 것을 덮어써요."),
        Phrase(
            'So `CMD ["echo", "cats"]` is the last line.',
            '그러니 `CMD ["echo", "cats"]`가 마지막 줄이어야 해요.',
        ),
    )
    if lab.image("me/vote:1") is None:
        yield no_image("me/vote:1", *last)
        return
    yield from _base(lab, "me/vote:1")
    if (output := container_output(lab, "me/vote:1")) != "cats":
        yield differs(run_says("me/vote:1"), output, "cats", *last)
    commands = [step for step in _added(lab, "me/vote:1") if is_instruction(step, "CMD")]
    if find_step(commands, "dogs") < 0:
        yield gap(
            "`docker history me/vote:1` shows no `CMD` with `dogs`",
            "`docker history me/vote:1`에 `dogs`가 있는 `CMD`가 보이지 않아요",
            code('CMD ["echo", "dogs"]'),
        )


@SECTION.exercise(
    4,
    title=Phrase("A build that fails", "실패하는 빌드"),
    task=Phrase(
        "**The cell below ends with an error.** Fix the mistake and build it again as `me/lunch:1`: a container prints `bibimbap`, from the file `/menu.txt`.",
        "**아래 셀은 오류로 끝나요.** 잘못된 곳을 고쳐서 `me/lunch:1`로 다시 빌드하세요. 컨테이너는 `/menu.txt` 파일의 `bibimbap`을 출력해야 해요.",
    ),
    solution="""\
%%dockerfile -t me/lunch:1
FROM busybox
RUN mkdir /lunch
RUN echo bibimbap > /lunch/today.txt
RUN cp /lunch/today.txt /menu.txt
CMD ["cat", "/menu.txt"]""",
    why=Phrase(
        "The error names the step and the line: `cp` found no `today.text`, as the file is `today.txt`.",
        "오류에 단계와 줄이 나와요. 파일 이름이 `today.txt`인데 `cp`는 `today.text`를 찾았어요.",
    ),
    makes=("image me/lunch:1",),
    given="""\
%%dockerfile -t me/lunch:1
FROM busybox
RUN mkdir /lunch
RUN echo bibimbap > /lunch/today.txt
RUN cp /lunch/today.text /menu.txt
CMD ["cat", "/menu.txt"]""",
)
def _lunch(lab: Lab) -> Iterator[Gap]:
    read = (
        Phrase(
            "Read the error: which step failed, and which file did it not find?",
            "오류를 읽어 보세요. 어느 단계가 실패했고, 어떤 파일을 찾지 못했나요?",
        ),
        Phrase("`today.text` should be `today.txt`.", "`today.text`를 `today.txt`로 고치세요."),
    )
    if lab.image("me/lunch:1") is None:
        yield no_image("me/lunch:1", *read)
        return
    yield from _base(lab, "me/lunch:1")
    if (output := container_output(lab, "me/lunch:1")) != "bibimbap":
        yield differs(run_says("me/lunch:1"), output, "bibimbap", *read)
    if (menu := container_output(lab, "me/lunch:1", "cat", "/menu.txt")) != "bibimbap":
        yield differs(Phrase("`/menu.txt`", "`/menu.txt`"), menu, "bibimbap", *read)


@SECTION.exercise(
    5,
    title=Phrase("Three names, one image", "이름은 셋, 이미지는 하나"),
    task=Phrase(
        "Give your image `me/tea:1` two more names: `me/tea:latest` and `cafe/green:2026`. It stays one image.",
        "04.2에서 만든 `me/tea:1` 이미지에 `me/tea:latest`와 `cafe/green:2026`이라는 이름을 더 붙이세요. 이미지는 여전히 하나예요.",
    ),
    solution="""\
%docker tag me/tea:1 me/tea:latest
%docker tag me/tea:1 cafe/green:2026""",
    why=Phrase(
        "`tag` gives the same image one more name; nothing is copied.",
        "`tag`는 같은 이미지에 이름을 하나 더 붙여요. 아무것도 복사하지 않아요.",
    ),
    makes=("image me/tea:latest", "image cafe/green:2026"),
    needs=("04.2",),
)
def _names(lab: Lab) -> Iterator[Gap]:
    image = lab.image("me/tea:1")
    if image is None:
        yield no_image(
            "me/tea:1",
            Phrase("Exercise 04.2 builds it.", "04.2 문제에서 만드는 이미지예요."),
        )
        return
    for name in ("me/tea:latest", "cafe/green:2026"):
        other = lab.image(name)
        tag = (
            Phrase(
                "`docker tag` gives an image one more name; nothing is copied.",
                "`docker tag`는 이미지에 이름을 하나 더 붙여요. 아무것도 복사하지 않아요.",
            ),
            code(f"%docker tag me/tea:1 {name}"),
        )
        if other is None:
            yield no_image(name, *tag)
        elif other["Id"] != image["Id"]:
            yield gap(
                f"`{name}` is a different image from `me/tea:1`",
                f"`{name}` 이미지가 `me/tea:1`과 달라요",
                *tag,
            )


@SECTION.exercise(
    6,
    title=Phrase("In the right order", "알맞은 순서로"),
    task=Phrase(
        "The Dockerfile in the cell below repeats its slow step whenever the text changes. Put its lines into a better order, and build it as `me/fast:1`.",
        "아래 셀의 Dockerfile은 글이 바뀔 때마다 느린 단계를 되풀이해요. 줄의 순서를 더 좋게 바꿔서 `me/fast:1`로 빌드하세요.",
    ),
    solution="""\
%%dockerfile -t me/fast:1
FROM busybox
RUN sleep 2 && echo "a big download" > /big.txt
RUN echo "the news of today" > /news.txt""",
    why=Phrase(
        "What rarely changes comes first: when the news changes, the download is taken from the cache.",
        "잘 바뀌지 않는 것을 앞에 써요. 뉴스가 바뀌어도 다운로드는 캐시된 결과를 써요.",
    ),
    makes=("image me/fast:1",),
    given="""\
%%dockerfile -t me/slow:1
FROM busybox
RUN echo "the news of today" > /news.txt
RUN sleep 2 && echo "a big download" > /big.txt""",
)
def _fast(lab: Lab) -> Iterator[Gap]:
    order = (
        Phrase("What often changes belongs at the end.", "자주 바뀌는 것은 뒤쪽에 두어야 해요."),
        Phrase(
            "The `RUN sleep ...` line comes right after `FROM`.",
            "`RUN sleep ...` 줄이 `FROM` 바로 뒤에 와야 해요.",
        ),
    )
    if lab.image("me/fast:1") is None:
        yield no_image("me/fast:1", *order)
        return
    yield from _base(lab, "me/fast:1")
    made = _added(lab, "me/fast:1")
    big, news = find_step(made, "/big.txt"), find_step(made, "/news.txt")
    slow = find_step(made, "sleep")
    if min(big, news, slow) < 0:
        yield gap(
            "one of the two `RUN` steps is gone", "두 `RUN` 단계 가운데 하나가 사라졌어요", *order
        )
    elif news in (big, slow):
        yield gap(
            "both are in one step, which is repeated whenever the text changes",
            "둘이 한 단계에 있어서, 글이 바뀌면 둘 다 다시 해요",
            *order,
        )
    elif max(big, slow) > news:
        yield gap(
            "the slow step still comes after the one that often changes",
            "느린 단계가 아직 자주 바뀌는 단계 뒤에 있어요",
            *order,
        )


@SECTION.exercise(
    7,
    title=Phrase("A lighter image", "더 가벼운 이미지"),
    task=Phrase(
        f"The image of the cell below carries 20 MB that nobody sees. Build it as `me/light:1` so that `/size.txt` still has the measured size, {_SIZE}, and no step leaves more than 5 MB.",
        f"아래 셀의 이미지는 아무에게도 보이지 않는 20 MB를 들고 다녀요. `/size.txt`에는 여전히 재서 얻은 크기 {_SIZE}이 들어 있으면서, 어느 단계도 5 MB 넘게 남기지 않도록 `me/light:1`로 빌드하세요.",
    ),
    solution="""\
%%dockerfile -t me/light:1
FROM busybox
RUN dd if=/dev/zero of=/big.bin bs=1000000 count=20 && wc -c < /big.bin > /size.txt && rm /big.bin""",
    why=Phrase(
        "A layer keeps what is there at the end of its step. The file is made, measured and removed in one step, so that no layer has it.",
        "레이어에는 그 단계가 끝났을 때 있는 것만 남아요. 한 단계 안에서 만들고, 재고, 지우면 어느 레이어에도 남지 않아요.",
    ),
    makes=("image me/light:1",),
    given="""\
%%dockerfile -t me/heavy:1
FROM busybox
RUN dd if=/dev/zero of=/big.bin bs=1000000 count=20
RUN wc -c < /big.bin > /size.txt
RUN rm /big.bin""",
)
def _light(lab: Lab) -> Iterator[Gap]:
    join = (
        Phrase(
            "A later step cannot shrink an earlier layer.",
            "나중 단계는 앞 단계의 레이어를 줄이지 못해요.",
        ),
        Phrase(
            "Make, measure and remove the file in one `RUN`, joined with `&&`.",
            "파일을 만들고, 재고, 지우는 일을 `&&`로 이어서 `RUN` 하나로 하세요.",
        ),
    )
    if lab.image("me/light:1") is None:
        yield no_image("me/light:1", *join)
        return
    yield from _base(lab, "me/light:1")
    if (output := container_output(lab, "me/light:1", "cat", "/size.txt")) != _SIZE:
        yield differs(Phrase("`/size.txt`", "`/size.txt`"), output, _SIZE, *join)
    made = _added(lab, "me/light:1")
    if any(is_written_down(step, _SIZE) for step in made):
        yield gap(
            "the size was written down, not measured", "크기를 재지 않고 적어 넣었어요", *join
        )
    heaviest = max((step["Size"] for step in made), default=0)
    if heaviest > _BIG:
        yield gap(
            f"one step leaves {heaviest / 1e6:.0f} MB: see `%docker history me/light:1 --plot`",
            f"{heaviest / 1e6:.0f} MB를 남기는 단계가 있어요. `%docker history me/light:1 --plot`을 보세요",
            *join,
        )


def _added(lab: Lab, image: str) -> list[dict[str, Any]]:
    return added_steps(lab, image, "busybox")


def _base(lab: Lab, image: str) -> Iterator[Gap]:
    if not is_based_on(lab, image, "busybox"):
        yield wrong_base(image, "busybox")
