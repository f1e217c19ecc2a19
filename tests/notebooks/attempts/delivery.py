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
_CHECK = "HEALTHCHECK --interval=1s CMD test -f /tmp/ready"
_GUARD = "%docker rm -f guard\n%docker run -d --name guard --health-interval 1s"
_WORK = "busybox sh -c 'touch /tmp/ready; sleep 600'"
_STABLE = "localhost:5007/me/site:stable"

RIGHT = {
    "07.4": [
        f"{_GUARD} --health-cmd 'ls /tmp/ready || exit 1' {_WORK}",
        f"{_GUARD} --health-cmd 'test -f /ready' busybox sh -c 'touch /ready; sleep 600'",
    ],
    "07.1": [
        f"{_STAGE}WORKDIR /\nUSER 65534:65534\n{_COPY}{_CAT}",
        """\
%%dockerfile -t me/ship:1
FROM busybox
RUN dd if=/dev/zero of=/compiler bs=1000000 count=20 \\
    && wc -c < /compiler > /result.txt && rm /compiler
USER nobody
CMD cat /result.txt""",
        f'{_STAGE}{_COPY}USER nobody\nENTRYPOINT ["cat"]\nCMD ["/result.txt"]',
        _STAGE.replace(" AS build", "") + _COPY.replace("build", "0") + f"USER nobody\n{_CAT}",
    ],
    "07.2": [
        _CLINIC.format(check='HEALTHCHECK --interval=1s CMD [ "test", "-e", "/tmp/ready" ]'),
        _CLINIC.format(check="HEALTHCHECK --interval=1000ms CMD ls /tmp/ready || exit 1"),
        _CLINIC.format(check=_CHECK).replace('["sh", "-c", "', "").replace('"]', ""),
        _CLINIC.format(check=_CHECK).replace("CMD [", "ENTRYPOINT ["),
    ],
    "07.3": [
        f"%docker image tag me/site:3 {_STABLE}\n%docker push -a localhost:5007/me/site",
        (
            "%docker tag me/site:3 127.0.0.1:5007/me/site:stable\n"
            "%docker image push --quiet 127.0.0.1:5007/me/site:stable"
        ),
        f"%docker tag me/site:3 {_STABLE}\n%docker push {_STABLE}\n%docker rmi {_STABLE}",
    ],
}
WRONG = {
    "07.4": [
        "%docker restart -t 0 guard",
        f"{_GUARD} {_WORK}".replace("--health-interval 1s", ""),
        f"{_GUARD} --health-cmd true {_WORK}",
        f"{_GUARD} --health-cmd 'test -f /tmp/redy' --health-retries 1 {_WORK}",
        f"{_GUARD} --health-cmd 'test -f /tmp/ready' {_WORK}\n%docker kill guard",
        f"{_GUARD} --no-healthcheck {_WORK}".replace("--health-interval 1s", ""),
    ],
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
        _STAGE.replace("\nFROM busybox\n", f"\nFROM scratch\n{_COPY.replace('/result.txt', '/')}")
        + f"USER nobody\n{_CAT}",
        '%%dockerfile -t me/ship:1\nFROM busybox\nUSER nobody\nCMD ["echo", "20000000"]',
        "%docker tag me/freight:1 me/ship:1",
        f"{_STAGE}{_COPY}USER daemon\n{_CAT}",
    ],
    "07.2": [
        _CLINIC.format(check="HEALTHCHECK --interval=1s CMD true"),
        _CLINIC.format(check="HEALTHCHECK NONE"),
        _CLINIC.format(check="HEALTHCHECK --interval=1s CMD test -f /tmp/ready || exit 0"),
        _CLINIC.format(check="HEALTHCHECK --interval=3s CMD test -f /tmp/ready"),
        _CLINIC.format(check="HEALTHCHECK CMD test -f /tmp/ready"),
        _CLINIC.format(check="HEALTHCHECK --interval=1s CMD test -f /tmp/redy"),
        _CLINIC.format(check=_CHECK).replace("busybox", "redis"),
        _CLINIC.format(check=_CHECK).replace("sleep 2; ", ""),
        _CLINIC.format(check=f"RUN touch /tmp/ready\n{_CHECK}"),
        _CLINIC.format(check=_CHECK) + "%docker pause clinic",
        _CLINIC.format(check=_CHECK).replace("--name clinic", "--name clinic --no-healthcheck"),
    ],
    "07.3": [
        f"%docker tag me/site:3 {_STABLE}",
        f"%docker tag {_STABLE} me/site:3",
        "%docker push me/site:3",
        f"%docker tag busybox {_STABLE}\n%docker push {_STABLE}",
        "%docker tag me/site:3 localhost:5007/me/site:3\n%docker push localhost:5007/me/site:3",
        f"%docker tag me/site:3 {_STABLE}\n%docker push {_STABLE}\n%docker stop -t 0 shelf",
    ],
}
