"""Solutions of section 04, building images."""

CELLS = {
    "04.1": """\
%%dockerfile -t me/tea:1
FROM busybox
CMD ["echo", "green tea"]
""",
    "04.2": """\
%%dockerfile -t me/menu:1
FROM busybox
RUN echo rice > /menu.txt
RUN echo soup >> /menu.txt
""",
    "04.3": """\
%%dockerfile -t me/vote:1
FROM busybox
CMD ["echo", "dogs"]
CMD ["echo", "cats"]
""",
    "04.4": """\
%docker tag me/tea:1 me/tea:latest
%docker tag me/tea:1 cafe/green:2026
""",
    "04.5": """\
%%dockerfile -t me/fast:1
FROM busybox
RUN sleep 2 && echo "a big download" > /big.txt
RUN echo "the news of today" > /news.txt
""",
    "04.6": """\
%%dockerfile -t me/light:1
FROM busybox
RUN dd if=/dev/zero of=/big.bin bs=1M count=20 && wc -c < /big.bin > /size.txt && rm /big.bin
""",
}
