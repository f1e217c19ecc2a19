"""Section 04, second part: something is broken."""

from __future__ import annotations

from collections.abc import Iterator

from docker_magics.course.gap import Gap, differs, no_image, run_says, wrong_base
from docker_magics.course.images import container_output, is_based_on
from docker_magics.course.lab import Lab
from docker_magics.course.language import code
from docker_magics.phrase import Phrase

from .building import SECTION

__all__ = ["SECTION"]


@SECTION.exercise(
    8,
    title=Phrase("A folder that is forgotten", "잊어버린 폴더"),
    task=Phrase(
        "The image of the cell below builds, but its container finds no file. Build it as `me/page:1`, so that it prints `hello` out of `/site/page.txt`.",
        "아래 셀의 이미지는 빌드는 되지만 컨테이너가 파일을 찾지 못해요. `/site/page.txt`에 적힌 `hello`를 출력하도록 `me/page:1`로 다시 빌드하세요.",
    ),
    solution="""\
%%dockerfile -t me/page:1
FROM busybox
WORKDIR /site
RUN echo hello > page.txt
CMD ["cat", "/site/page.txt"]""",
    why=Phrase(
        "Each `RUN` is a new process, which knows nothing of the `cd` before. `WORKDIR` sets the folder for all later steps, and makes it.",
        "`RUN`마다 프로세스가 새로 시작되므로 앞에서 한 `cd`는 남지 않아요. `WORKDIR`은 그다음 모든 단계의 폴더를 정하고, 폴더가 없으면 만들어요.",
    ),
    makes=("image me/page:1",),
    given="""\
%%dockerfile -t me/lost:1
FROM busybox
RUN mkdir /site
RUN cd /site
RUN echo hello > page.txt
CMD ["cat", "/site/page.txt"]""",
)
def _page(lab: Lab) -> Iterator[Gap]:
    folder = (
        Phrase(
            "Where did the file go? `%docker run --rm me/lost:1 ls /`",
            "파일은 어디로 갔을까요? `%docker run --rm me/lost:1 ls /`",
        ),
        code("WORKDIR /site"),
    )
    if lab.image("me/page:1") is None:
        yield no_image("me/page:1", *folder)
        return
    if not is_based_on(lab, "me/page:1", "busybox"):
        yield wrong_base("me/page:1", "busybox")
    if (content := container_output(lab, "me/page:1", "cat", "/site/page.txt")) != "hello":
        where = Phrase("`/site/page.txt` in the image", "이미지의 `/site/page.txt`")
        yield differs(where, content, "hello", *folder)
    elif (output := container_output(lab, "me/page:1")) != "hello":
        yield differs(run_says("me/page:1"), output, "hello", *folder)
