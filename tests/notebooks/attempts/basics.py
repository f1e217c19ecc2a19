"""Other right answers, and wrong ones, of section 02."""

RIGHT = {
    "02.1": [
        "%docker create --name first hello-world\n%docker start -a first",
        "%docker container run --name=first hello-world:latest",
        "%docker run -d --name first $(docker images -q hello-world)",
    ],
    "02.2": [
        "%docker container create --name=waiting busybox:latest sleep 600",
        "%docker create -it --name other busybox\n%docker rename other waiting",
    ],
    "02.3": [
        "%docker run --name diary busybox sh -c 'date > /diary.txt'",
        (
            "%docker run -d --name diary busybox sleep 600\n"
            "%docker exec diary sh -c 'echo hello > /diary.txt'"
        ),
    ],
    "02.4": [
        "%docker run -d -h seoul --name kitchen busybox sleep 600",
        (
            "%docker run -d --name kitchen --cap-add SYS_ADMIN busybox "
            "sh -c 'hostname seoul; exec sleep 600'"
        ),
    ],
    "02.5": [
        (
            "%docker run -d --name twin-b busybox sleep 600\n"
            "%docker run -d --name twin-a busybox sh -c 'echo x > /secret; sleep 600'"
        ),
    ],
    "02.6": [
        "%docker run -d --name small -m 33554432 busybox sleep 600",
        (
            "%docker run -d --name small busybox sleep 600\n"
            "%docker update -m 32m --memory-swap 64m small"
        ),
        (
            "%%compose -p tiny\nservices:\n  one: { image: busybox, container_name: small, "
            "mem_limit: 32m, command: sleep 600 }"
        ),
    ],
}
WRONG = {
    "02.1": [
        "%docker run --name first busybox echo 'Hello from Docker!'",
        "%docker create --name first hello-world",
        "%docker run hello-world --name first",
    ],
    "02.2": [
        "%docker run --name waiting busybox true",
        "%docker create --name waiting hello-world",
        "%docker create busybox",
        "%docker run --name waiting busybox no-such-program",
        "%docker create --name waiting busybox\n%docker start waiting",
    ],
    "02.3": [
        "%docker run --name diary busybox touch /diary.txt",
        "%docker run --name diary busybox echo hello '>' /diary.txt",
        "%docker run --name diary busybox sh -c 'echo > /diary.txt'",
        "%docker run --rm --name diary busybox sh -c 'echo hello > /diary.txt'",
        (
            "_ = Path('here').write_text('hello')\n%docker create --name diary busybox\n"
            "%docker cp here diary:/diary.txt"
        ),
    ],
    "02.4": [
        "%docker run -d --name seoul busybox sleep 600",
        "%docker run -d --name kitchen busybox sleep 600",
        "%docker run --name kitchen --hostname seoul busybox true",
        "%docker run -d --name kitchen --hostname seoul busybox",
        ("%docker run -d --name kitchen --hostname seoul busybox sleep 600\n%docker pause kitchen"),
    ],
    "02.5": [
        "%docker run -d --name twin-a busybox sleep 600\n%docker exec twin-a touch /secret",
        (
            "%docker run -d --name twin-a busybox sleep 600\n"
            "%docker run -d --name twin-b busybox sleep 600\n%docker exec twin-a mkdir /secret"
        ),
        (
            "%docker run -d --name twin-a busybox sleep 600\n"
            "%docker run -d --name twin-b busybox sleep 600\n"
            "%docker exec twin-a touch /secret\n%docker exec twin-b touch /secret"
        ),
        (
            "%docker run -d --name twin-a busybox sleep 600\n"
            "%docker run --name twin-b busybox true\n%docker exec twin-a touch /secret"
        ),
        (
            "%docker run -d --name twin-a busybox sleep 600\n"
            "%docker run -d --name twin-b busybox sleep 600\n"
            "%docker exec twin-a touch /secret\n%docker pause twin-b"
        ),
    ],
    "02.6": [
        "%docker run -d --name small busybox sleep 600",
        "%docker run -d --name small --memory 64m busybox sleep 600",
        "%docker run --name small --memory 32m busybox true",
        "%docker run -d --name small --memory-reservation 32m busybox sleep 600",
        "%docker run -d --name small --memory 32g busybox sleep 600",
        "%docker run -d --name small --memory 32m busybox",
        "%docker run -d --name small busybox sleep 600 --memory 32m",
    ],
}
