"""Solutions of section 03, client commands."""

CELLS = {
    "03.1": "%docker run --name shout busybox echo HELLO",
    "03.2": """\
%docker run -d --name alpha busybox sleep 600
%docker rename alpha omega
""",
    "03.3": """\
%docker create --name twice hello-world
%docker start -a twice
%docker start -a twice
""",
    "03.4": """\
%docker run -d --name polite redis
%docker exec polite sh -c 'until redis-cli ping; do sleep 0.1; done'
%docker stop polite
""",
    "03.5": """\
%docker run -d --name abrupt busybox sleep 600
%docker kill abrupt
""",
    "03.6": """\
%docker run -d --name cafe busybox sleep 600
%docker exec cafe sh -c 'echo kimchi > /menu'
""",
    "03.7": """\
%docker run -d --name counter redis
%docker exec counter sh -c 'until redis-cli set visits 3; do sleep 0.1; done'
""",
    "03.8": "%docker rm -f litter-1 litter-2",
}
