"""Other right answers, and wrong ones, of section 07."""

_STAGE = """\
%%dockerfile -t me/ship:1
FROM busybox AS build
RUN dd if=/dev/zero of=/compiler bs=1000000 count=20
RUN wc -c < /compiler > /result.txt
FROM busybox
"""
_COPY = "COPY --from=build /result.txt /result.txt\n"
_CAT = 'CMD ["cat", "/result.txt"]'
_CLINIC = """\
from docker_magics import docker
docker("build -t me/clinic:1 -", input='''
FROM busybox
{check}
CMD ["sh", "-c", "sleep 2; touch /tmp/ready; sleep 600"]
''')
%docker run -d --name clinic me/clinic:1
"""
_STABLE = "localhost:5007/me/site:stable"

RIGHT = {
    "07.1": [
        f"{_STAGE}WORKDIR /\nUSER 65534:65534\n{_COPY}{_CAT}",
        """\
%%dockerfile -t me/ship:1
FROM busybox
RUN dd if=/dev/zero of=/compiler bs=1000000 count=20 \\
    && wc -c < /compiler > /result.txt && rm /compiler
USER nobody
CMD cat /result.txt""",
    ],
    "07.2": [
        _CLINIC.format(check='HEALTHCHECK --interval=1s CMD [ "test", "-e", "/tmp/ready" ]'),
        _CLINIC.format(check="HEALTHCHECK --interval=1000ms CMD ls /tmp/ready || exit 1"),
    ],
    "07.3": [
        f"%docker image tag me/site:3 {_STABLE}\n%docker push -a localhost:5007/me/site",
        (
            "%docker tag me/site:3 127.0.0.1:5007/me/site:stable\n"
            "%docker image push --quiet 127.0.0.1:5007/me/site:stable"
        ),
    ],
}
WRONG = {
    "07.1": [
        f"{_STAGE}{_COPY}{_CAT}",
        _STAGE.replace("FROM busybox\n", f"USER nobody\nFROM busybox\n{_COPY}{_CAT}"),
        f"{_STAGE}USER nobody\n{_CAT}",
        f"{_STAGE}{_COPY}USER nobody",
        f"{_STAGE}COPY --from=build / /\nUSER nobody\n{_CAT}",
        """\
%%dockerfile -t me/ship:1
FROM busybox
RUN dd if=/dev/zero of=/compiler bs=1000000 count=20
RUN wc -c < /compiler > /result.txt
RUN rm /compiler
USER nobody
CMD ["cat", "/result.txt"]""",
    ],
    "07.2": [
        _CLINIC.format(check="HEALTHCHECK --interval=1s CMD true"),
        _CLINIC.format(check="HEALTHCHECK NONE"),
        _CLINIC.format(check="HEALTHCHECK --interval=1s CMD test -f /tmp/ready || exit 0"),
        _CLINIC.format(check="HEALTHCHECK --interval=3s CMD test -f /tmp/ready"),
        _CLINIC.format(check="HEALTHCHECK CMD test -f /tmp/ready"),
        _CLINIC.format(check="HEALTHCHECK --interval=1s CMD test -f /tmp/redy"),
    ],
    "07.3": [
        f"%docker tag me/site:3 {_STABLE}",
        f"%docker tag {_STABLE} me/site:3",
        "%docker push me/site:3",
        f"%docker tag busybox {_STABLE}\n%docker push {_STABLE}",
        "%docker tag me/site:3 localhost:5007/me/site:3\n%docker push localhost:5007/me/site:3",
    ],
}
