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
    "07.1": [f"{_STAGE}WORKDIR /\nUSER 65534:65534\n{_COPY}{_CAT}"],
    "07.2": [_CLINIC.format(check='HEALTHCHECK --interval=1s CMD [ "test", "-e", "/tmp/ready" ]')],
    "07.3": [
        f"%docker image tag me/site:3 {_STABLE}\n%docker push -a localhost:5007/me/site",
    ],
}
WRONG = {
    "07.1": [
        f"{_STAGE}{_COPY}{_CAT}",
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
        _CLINIC.format(check="HEALTHCHECK --interval=1s CMD test -f /tmp/redy"),
    ],
    "07.3": [
        f"%docker tag me/site:3 {_STABLE}",
        f"%docker tag busybox {_STABLE}\n%docker push {_STABLE}",
        "%docker tag me/site:3 localhost:5007/me/site:3\n%docker push localhost:5007/me/site:3",
    ],
}
