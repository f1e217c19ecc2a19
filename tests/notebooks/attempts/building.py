"""Other right answers, and wrong ones, of section 04."""

RIGHT = {
    "04.2": ["%%dockerfile -t me/tea:1\nFROM busybox\nCMD echo green tea"],
    "04.1": [
        "%%dockerfile -t me/menu:1\nFROM busybox\nRUN printf 'rice\\nsoup\\n' > /menu.txt",
        (
            "%%dockerfile -t me/menu:1\nFROM busybox\nRUN echo rice > /menu.txt\n"
            'RUN echo soup >> /menu.txt\nENTRYPOINT ["cat", "/menu.txt"]'
        ),
    ],
    "04.3": ["%%dockerfile -t me/vote:1\nFROM busybox\nCMD echo dogs\nCMD echo cats"],
    "04.5": ["%docker image tag me/tea:1 me/tea\n%docker image tag me/tea cafe/green:2026"],
    "04.6": [
        (
            "%%dockerfile -t me/fast:1\nFROM busybox\nRUN sleep 0\nRUN echo big > /big.txt\n"
            'RUN echo "the news of today" > /news.txt'
        ),
    ],
    "04.7": [
        (
            "%%dockerfile -t me/light:1\nFROM busybox AS big\n"
            "RUN dd if=/dev/zero of=/big.bin bs=1000000 count=20\n"
            "RUN wc -c < /big.bin > /size.txt\nFROM busybox\nCOPY --from=big /size.txt /size.txt"
        ),
        (
            "%%dockerfile -t me/light:1\nFROM busybox\n"
            "RUN dd if=/dev/zero bs=20000000 count=1 | wc -c > /size.txt"
        ),
    ],
    "04.8": [
        (
            "%%dockerfile -t me/page:1\nFROM busybox\nRUN mkdir /site && cd /site && "
            'echo hello > page.txt\nCMD ["cat", "/site/page.txt"]'
        ),
        (
            "%%dockerfile -t me/page:1\nFROM busybox\nRUN mkdir /site\n"
            "RUN echo hello > /site/page.txt\nWORKDIR /site\nCMD cat page.txt"
        ),
    ],
    "04.4": [
        (
            "%%dockerfile -t me/lunch:1\nFROM busybox\n"
            "RUN mkdir /lunch && echo bibimbap > /lunch/today.text\n"
            'RUN cp /lunch/today.text /menu.txt\nCMD ["cat", "/menu.txt"]'
        ),
    ],
}
WRONG = {
    "04.8": [
        "%docker tag me/lost:1 me/page:1",
        (
            "%%dockerfile -t me/page:1\nFROM busybox\nRUN mkdir /site\nRUN cd /site\n"
            'RUN echo hello > page.txt\nCMD ["cat", "/page.txt"]'
        ),
        (
            "%%dockerfile -t me/page:1\nFROM busybox\nWORKDIR /site\nRUN echo hello > page.txt\n"
            'CMD ["cat /site/page.txt"]'
        ),
        "%%dockerfile -t me/page:1\nFROM busybox\nWORKDIR /site\nCMD echo hello",
        (
            "%%dockerfile -t me/page:1\nFROM redis\nWORKDIR /site\nRUN echo hello > page.txt\n"
            'CMD ["cat", "/site/page.txt"]'
        ),
    ],
    "04.2": [
        "%%dockerfile -t me/tea:1\nFROM busybox\nRUN echo green tea",
        '%%dockerfile -t me/tea:1\nFROM busybox\nCMD ["echo", "black tea"]',
        '%%dockerfile -t me/tea\nFROM busybox\nCMD ["echo", "green tea"]',
        '%%dockerfile -t me/tea:1\nFROM redis\nCMD ["echo", "green tea"]',
    ],
    "04.1": [
        "%%dockerfile -t me/menu:1\nFROM busybox\nRUN echo rice soup > /menu.txt",
        (
            "%%dockerfile -t me/menu:1\nFROM busybox\n"
            "RUN echo rice > /menu.txt\nRUN echo soup > /menu.txt"
        ),
        (
            "%%dockerfile -t me/menu:1\nFROM busybox\n"
            "CMD echo rice > /menu.txt; echo soup >> /menu.txt"
        ),
        (
            "%docker run --name menu busybox sh -c 'echo rice > /menu.txt; echo soup >> /menu.txt'"
            "\n%docker commit menu me/menu:1\n%docker rm menu"
        ),
    ],
    "04.3": [
        '%%dockerfile -t me/vote:1\nFROM busybox\nCMD ["echo", "cats"]\nCMD ["echo", "dogs"]',
        '%%dockerfile -t me/vote:1\nFROM busybox\nRUN echo dogs\nCMD ["echo", "cats"]',
        '%%dockerfile -t me/vote:1\nFROM busybox\nCMD ["echo", "cats"]',
    ],
    "04.5": [
        "%docker tag me/tea:1 me/tea:latest",
        "%docker tag busybox me/tea:latest\n%docker tag busybox cafe/green:2026",
        "%docker tag me/tea:1 me/tea:2026\n%docker tag me/tea:1 cafe/green",
    ],
    "04.6": [
        (
            "%%dockerfile -t me/fast:1\nFROM busybox\nRUN sleep 0\n"
            'RUN echo "the news of today" > /news.txt\nRUN echo "a big download" > /big.txt'
        ),
        (
            "%%dockerfile -t me/fast:1\nFROM busybox\n"
            "RUN sleep 0 && echo big > /big.txt && echo news > /news.txt"
        ),
        "%%dockerfile -t me/fast:1\nFROM busybox\nRUN sleep 0 && echo big > /big.txt",
        (
            "%%dockerfile -t me/fast:1\nFROM busybox\nRUN echo big > /big.txt\n"
            "RUN sleep 0 && echo news > /news.txt"
        ),
    ],
    "04.7": [
        "%%dockerfile -t me/light:1\nFROM busybox\nRUN echo 20000000 > /size.txt",
        "%%dockerfile -t me/light:1\nFROM busybox\nENV N=20000000\nRUN echo $N > /size.txt",
        (
            "%%dockerfile -t me/light:1\nFROM busybox\n"
            "RUN dd if=/dev/zero of=/big.bin bs=1000000 count=20 && wc -c < /big.bin > /size.txt\n"
            "RUN rm /big.bin"
        ),
        (
            "%%dockerfile -t me/light:1\nFROM busybox\n"
            "RUN dd if=/dev/zero of=/big.bin bs=1000 count=20 && wc -c < /big.bin > /size.txt"
            " && rm /big.bin"
        ),
    ],
    "04.4": [
        '%%dockerfile -t me/lunch:1\nFROM busybox\nCMD ["echo", "bibimbap"]',
        (
            "%%dockerfile -t me/lunch:1\nFROM busybox\nRUN mkdir /lunch\n"
            'RUN echo bibimbap > /lunch/today.txt\nCMD ["cat", "/lunch/today.txt"]'
        ),
        "%%dockerfile -t me/lunch:1\nFROM busybox\nRUN echo bibimbap > /menu.txt",
    ],
}
