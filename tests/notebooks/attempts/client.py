"""Other right answers, and wrong ones, of section 03."""

_REDIS_UP = "%docker exec {0} sh -c 'until redis-cli ping; do sleep 0.1; done'"

RIGHT = {
    "03.1": [
        "%docker create --name shout busybox sh -c 'echo HELLO'\n%docker start -a shout",
        "%docker run -d --name shout busybox printf HELLO",
        "%docker run -it --name shout --entrypoint echo busybox HELLO",
    ],
    "03.2": [
        (
            "%docker create --name alpha busybox sleep 600\n%docker rename alpha omega\n"
            "%docker start omega"
        ),
        (
            "%docker run -d --name aplha busybox sleep 600\n%docker rename aplha alpha\n"
            "%docker rename alpha omgea\n%docker rename omgea omega"
        ),
    ],
    "03.3": ["%docker run --name twice hello-world\n%docker start -a twice"],
    "03.4": [
        "%docker run -d --name polite redis\n"
        + _REDIS_UP.format("polite")
        + "\n%docker exec polite redis-cli shutdown\n%docker wait polite",
    ],
    "03.5": [
        "%docker run -d --name abrupt redis\n%docker kill --signal 9 abrupt",
        "%docker run -d --name abrupt redis\n%docker stop -s KILL abrupt",
    ],
    "03.7": [
        (
            "%docker run -d --name cafe busybox sleep 600\n"
            "%docker exec cafe sh -c 'printf kimchi > menu'"
        ),
    ],
    "03.8": [
        "%docker run -d --name counter redis:7\n"
        + _REDIS_UP.format("counter")
        + "\n%docker exec counter sh -c 'for i in 1 2 3; do redis-cli incr visits; done'",
    ],
    "03.6": [
        "%docker rm litter-1\n%docker stop -t 0 litter-2\n%docker rm litter-2",
        "%docker rm -f $(docker ps -aq --filter name=litter)",
    ],
    "03.9": [
        "%%docker run -it --name guest busybox\necho Mina > /visitor\nexit",
        (
            "%docker create -it --name guest busybox sh\n"
            "from docker_magics import docker\n"
            "_ = docker('start -ai guest', input='echo Mina > /visitor\\nexit\\n')"
        ),
        "%%docker run -it --name guest busybox sh\necho Mina > /visitor\n(exit 130)\nexit",
    ],
    "03.10": [
        (
            "%docker rm -f lighthouse\n%docker run -d --restart=always --name lighthouse busybox "
            "sh -c 'echo turning the light on; while :; do sleep 1; done'"
        ),
    ],
    "03.11": [
        "%docker rm signpost\n%docker run -d -h seoul --name signpost busybox sleep 600",
        (
            "%docker rename signpost old\n%docker create --hostname=seoul --name signpost busybox "
            "sleep 600\n%docker start signpost\n%docker rm old"
        ),
    ],
    "03.12": [
        "%docker rm -f statue\n%docker run -dit --name statue busybox sleep 600",
        "%docker rm -f statue\n%docker run -d --name statue busybox sh -c 'sleep 600'",
    ],
}
WRONG = {
    "03.1": [
        "%docker run --name shout busybox echo hello",
        "%docker run --name shout busybox sh -c 'echo HELLO; echo HELLO'",
        "%docker run --name shout redis echo HELLO",
        "%docker create --name shout busybox echo HELLO",
    ],
    "03.2": [
        "%docker run -d --name omega busybox sleep 600",
        "%docker run -d --name alpha busybox sleep 600",
        (
            "%docker run -d --name alpha busybox sleep 600\n%docker rm -f alpha\n"
            "%docker run -d --name omega busybox sleep 600"
        ),
        (
            "%docker run -d --name alpha busybox sleep 600\n%docker rename alpha omega\n"
            "%docker kill omega"
        ),
        "%docker run -d --name alpha busybox\n%docker rename alpha omega",
        (
            "%docker run -d --name alpha busybox sleep 600\n%docker rename alpha omega\n"
            "%docker pause omega"
        ),
    ],
    "03.3": [
        "%docker run --name twice hello-world",
        "%docker create --name twice hello-world",
        "%docker run --name twice busybox sh -c 'echo Hello from Docker!; echo Hello from Docker!'",
    ],
    "03.4": [
        "%docker run -d --name polite redis\n%docker kill polite",
        "%docker run -d --name polite redis",
        "%docker run --name polite busybox true",
        "%docker run -d --name polite redis true",
        "%docker run --name polite redis redis-server --version",
        "%docker create --name polite redis",
    ],
    "03.5": [
        "%docker run -d --name abrupt redis\n"
        + _REDIS_UP.format("abrupt")
        + "\n%docker stop abrupt",
        "%docker run -d --name abrupt redis",
        "%docker run -d --name abrupt redis\n%docker stop -t 1 abrupt",
        "%docker run -d --name abrupt redis\n%docker kill -s TERM abrupt\n%docker kill abrupt",
        "%docker run --name abrupt busybox sh -c 'exit 137'",
        "%docker run --name abrupt redis sh -c 'exit 137'",
    ],
    "03.7": [
        "%docker run -d --name cafe busybox sh -c 'echo kimchi > /menu; sleep 600'",
        "%docker run -d --name cafe busybox sleep 600\n%docker exec cafe touch /menu",
        (
            "%docker run -d --name cafe busybox sleep 600\n"
            "%docker run --rm busybox sh -c 'echo kimchi > /menu'"
        ),
        "%docker run -dit --name cafe busybox\n%docker exec cafe sh -c 'echo kimchi > /menu'",
    ],
    "03.8": [
        "%docker run -d --name counter redis\n"
        + _REDIS_UP.format("counter")
        + "\n%docker exec counter redis-cli set visits 4",
        "%docker run -d --name counter redis\n"
        + _REDIS_UP.format("counter")
        + "\n%docker exec counter redis-cli set visit 3",
        "%docker run --name counter redis redis-cli set visits 3",
    ],
    "03.6": [
        "%docker rm litter-1",
        "%docker rm -f litter-1 litter-2 keeper",
        "%docker rm -f litter-1 litter-2\n%docker kill keeper",
        "%docker rm -f litter-1 litter-2\n%docker pause keeper",
    ],
    "03.9": [
        "%docker run --name guest busybox sh -c 'echo Mina > /visitor'",
        "%%docker run -it --name guest busybox sh\nls\nexit",
        "%docker run -it --name guest busybox sh -c 'echo Mina > /visitor'",
        "%docker run -dit --name guest busybox sh\n%docker exec guest sh -c 'echo Mina > /visitor'",
        (
            "%docker run -dit --name guest busybox sh\n"
            "%docker exec guest sh -c 'echo Mina > /visitor'\n%docker kill guest"
        ),
    ],
    "03.10": [
        (
            "%docker rm -f lighthouse\n%docker run -d --name lighthouse busybox "
            "sh -c 'echo turning the light on; sleep 600'"
        ),
        (
            "%docker rm -f lighthouse\n"
            "%docker run -d --restart always --name lighthouse busybox sleep 600"
        ),
        (
            "%docker rm -f lighthouse\n%docker run -d --restart always --name lighthouse busybox "
            "sh -c 'echo turning the light on; sleep 3; exit 1'"
        ),
        "%docker restart lighthouse",
        "%docker update --restart no lighthouse\n%docker kill lighthouse",
    ],
    "03.11": [
        "%docker start signpost",
        "%docker rm signpost\n%docker run -d --name signpost busybox sleep 600",
        "%docker rm signpost\n%docker run -d --name signpost --hostname seoul busybox",
        "%docker run -d --name signpost2 --hostname seoul busybox sleep 600",
        (
            "%docker rm signpost\n%docker run -d --name signpost busybox "
            "sh -c 'hostname seoul; sleep 600'"
        ),
        "%docker rm signpost\n%docker run -d --name signpost --hostname seoul redis sleep 600",
    ],
    "03.12": [
        "%docker start statue",
        "%docker update --restart always statue\n%docker start statue",
        "%docker rm -f statue\n%docker run -dit --name statue busybox",
        "%docker rm -f statue\n%docker run -d --name statue busybox sleep 60",
        "%docker rename statue old\n%docker create --name statue busybox sleep 600\n%docker rm old",
    ],
}
