"""Section 04, building images: instructions, names, the cache, layers."""

from __future__ import annotations

from collections.abc import Iterator

from docker_magics.course.exercise import Section
from docker_magics.course.images import added_steps, container_output, find_step, no_image
from docker_magics.course.lab import Lab
from docker_magics.course.language import Phrase, code

SECTION = Section("04", Phrase("Building images", "이미지 만들기"))

_BIG = 5_000_000


@SECTION.exercise(
    1,
    title=Phrase("An image of your own", "나만의 이미지"),
    task=Phrase(
        "Build an image named `me/tea:1` from `busybox` whose start command prints `green tea`.",
        "`busybox`를 바탕으로, 시작 명령이 `green tea`를 출력하는 `me/tea:1` 이미지를 만드세요.",
    ),
    hints=(
        Phrase(
            "Two instructions are enough: `FROM` and `CMD`.",
            "지시어 두 개면 충분해요. `FROM`과 `CMD`예요.",
        ),
        Phrase(
            "The cell begins with `%%dockerfile -t me/tea:1`.",
            "셀의 첫 줄은 `%%dockerfile -t me/tea:1`이에요.",
        ),
        Phrase('`CMD ["echo", "green tea"]`', '`CMD ["echo", "green tea"]`'),
    ),
)
def _tea(lab: Lab) -> Iterator[Phrase]:
    if lab.image("me/tea:1") is None:
        yield no_image("me/tea:1")
    elif (output := container_output(lab, "me/tea:1")) != "green tea":
        yield Phrase(
            f"`docker run --rm me/tea:1` says `{output[:40]}`, not `green tea`",
            f"`docker run --rm me/tea:1`의 결과가 `green tea`가 아니라 `{output[:40]}`이에요",
        )


@SECTION.exercise(
    2,
    title=Phrase("Made at build time", "빌드할 때 만들어 두기"),
    task=Phrase(
        "Build an image named `me/menu:1` from `busybox` that has a file `/menu.txt` with the two lines `rice` and `soup`, made by `RUN`.",
        "`busybox`를 바탕으로 `me/menu:1` 이미지를 만드세요. `/menu.txt` 파일에 `rice`와 `soup` 두 줄이 있어야 하고, `RUN`으로 만들어야 해요.",
    ),
    hints=(
        Phrase(
            "`>` writes a file anew, `>>` appends a line. One `RUN` or two: both do.",
            "`>`는 파일을 새로 쓰고 `>>`는 한 줄을 덧붙여요. `RUN`은 하나여도 둘이어도 괜찮아요.",
        ),
        Phrase(
            "`RUN echo rice > /menu.txt`, then `RUN echo soup >> /menu.txt`",
            "`RUN echo rice > /menu.txt`, 그다음 `RUN echo soup >> /menu.txt`",
        ),
    ),
)
def _menu(lab: Lab) -> Iterator[Phrase]:
    if lab.image("me/menu:1") is None:
        yield no_image("me/menu:1")
    elif (lines := container_output(lab, "me/menu:1", "cat", "/menu.txt").split()) != [
        "rice",
        "soup",
    ]:
        output = " ".join(lines)[:40]
        yield Phrase(
            f"`/menu.txt` in the image holds `{output}`, not `rice` and `soup`",
            f"이미지 안의 `/menu.txt`에 `rice`와 `soup`이 아니라 `{output}`(이)라고 쓰여 있어요",
        )


@SECTION.exercise(
    3,
    title=Phrase("The last one counts", "마지막 것만 남아요"),
    task=Phrase(
        "Build an image named `me/vote:1` from `busybox` with two `CMD` lines: one prints `cats`, one prints `dogs`. A container of it is to print `cats`.",
        "`busybox`를 바탕으로 `CMD`가 두 줄 있는 `me/vote:1` 이미지를 만드세요. 한 줄은 `cats`를, 한 줄은 `dogs`를 출력해요. 컨테이너를 실행하면 `cats`가 나와야 해요.",
    ),
    hints=(
        Phrase(
            "A later `CMD` replaces an earlier one.", "뒤에 나온 `CMD`가 앞의 `CMD`를 바꿔 버려요."
        ),
        Phrase("So `cats` stands in the last line.", "그러니 `cats`가 마지막 줄에 있어야 해요."),
    ),
)
def _vote(lab: Lab) -> Iterator[Phrase]:
    if lab.image("me/vote:1") is None:
        yield no_image("me/vote:1")
        return
    if (output := container_output(lab, "me/vote:1")) != "cats":
        yield Phrase(
            f"a container says `{output[:40]}`, not `cats`",
            f"컨테이너가 `cats`가 아니라 `{output[:40]}`(이)라고 해요",
        )
    made = added_steps(lab, "me/vote:1", "busybox")
    if find_step(made, "dogs") < 0:
        yield Phrase(
            "`docker history me/vote:1` shows no `CMD` with `dogs`",
            "`docker history me/vote:1`에 `dogs`가 있는 `CMD`가 보이지 않아요",
        )


@SECTION.exercise(
    4,
    title=Phrase("Two names, one image", "이름은 둘, 이미지는 하나"),
    task=Phrase(
        "Give your image `me/tea:1` the further names `me/tea:latest` and `cafe/green:2026`. It stays one image.",
        "방금 만든 `me/tea:1` 이미지에 `me/tea:latest`와 `cafe/green:2026`이라는 이름을 더 붙이세요. 이미지는 여전히 하나예요.",
    ),
    hints=(
        Phrase(
            "`docker tag` gives an image a further name; nothing is copied.",
            "`docker tag`는 이미지에 이름을 하나 더 붙여요. 아무것도 복사하지 않아요.",
        ),
        code("%docker tag me/tea:1 me/tea:latest"),
    ),
)
def _names(lab: Lab) -> Iterator[Phrase]:
    image = lab.image("me/tea:1")
    if image is None:
        yield no_image("me/tea:1")
        return
    for name in ("me/tea:latest", "cafe/green:2026"):
        other = lab.image(name)
        if other is None:
            yield no_image(name)
        elif other["Id"] != image["Id"]:
            yield Phrase(
                f"`{name}` is another image than `me/tea:1`",
                f"`{name}`은 `me/tea:1`과 다른 이미지예요",
            )


@SECTION.exercise(
    5,
    title=Phrase("In the right order", "알맞은 순서로"),
    task=Phrase(
        "The Dockerfile in the cell below repeats its slow step whenever the text changes. Put its lines into a better order, and build it as `me/fast:1`.",
        "아래 셀의 Dockerfile은 글이 바뀔 때마다 느린 단계를 되풀이해요. 줄의 순서를 더 좋게 바꿔서 `me/fast:1`로 빌드하세요.",
    ),
    hints=(
        Phrase(
            "What changes often belongs to the end.",
            "자주 바뀌는 것은 뒤쪽에 두어야 해요.",
        ),
        Phrase(
            "The `RUN sleep ...` line comes right after `FROM`.",
            "`RUN sleep ...` 줄이 `FROM` 바로 뒤에 와야 해요.",
        ),
    ),
)
def _fast(lab: Lab) -> Iterator[Phrase]:
    if lab.image("me/fast:1") is None:
        yield no_image("me/fast:1")
        return
    made = added_steps(lab, "me/fast:1", "busybox")
    slow, often = find_step(made, "sleep"), find_step(made, "/news.txt")
    if slow < 0 or often < 0:
        yield Phrase("one of the two `RUN` steps is gone", "두 `RUN` 단계 가운데 하나가 사라졌어요")
    elif slow > often:
        yield Phrase(
            "the slow step still comes after the one that changes often",
            "느린 단계가 아직 자주 바뀌는 단계 뒤에 있어요",
        )


@SECTION.exercise(
    6,
    title=Phrase("A lighter image", "더 가벼운 이미지"),
    task=Phrase(
        "The image of the cell below carries 20 MB that nobody sees. Build it as `me/light:1` so that `/size.txt` still says 20971520, and no step leaves more than 5 MB.",
        "아래 셀의 이미지는 아무에게도 보이지 않는 20 MB를 들고 다녀요. `/size.txt`에는 여전히 20971520이라고 쓰여 있으면서, 어느 단계도 5 MB 넘게 남기지 않도록 `me/light:1`로 빌드하세요.",
    ),
    hints=(
        Phrase(
            "A later step cannot shrink an earlier layer.",
            "나중 단계는 앞 단계의 레이어를 줄이지 못해요.",
        ),
        Phrase(
            "Make, measure and remove the file in one `RUN`, joined with `&&`.",
            "파일을 만들고, 재고, 지우는 일을 `&&`로 이어서 `RUN` 하나로 하세요.",
        ),
    ),
)
def _light(lab: Lab) -> Iterator[Phrase]:
    if lab.image("me/light:1") is None:
        yield no_image("me/light:1")
        return
    if (output := container_output(lab, "me/light:1", "cat", "/size.txt")) != "20971520":
        yield Phrase(
            f"`/size.txt` says `{output[:40]}`, not `20971520`",
            f"`/size.txt`에 `20971520`이 아니라 `{output[:40]}`(이)라고 쓰여 있어요",
        )
    heaviest = max((step["Size"] for step in added_steps(lab, "me/light:1", "busybox")), default=0)
    if heaviest > _BIG:
        yield Phrase(
            f"one step leaves {heaviest / 1e6:.0f} MB: see `%docker history me/light:1 --plot`",
            f"{heaviest / 1e6:.0f} MB를 남기는 단계가 있어요. `%docker history me/light:1 --plot`을 보세요",
        )
