"""Solutions of section 02, Docker basics."""

CELLS = {
    "02.1": "%docker run --name first hello-world",
    "02.2": "%docker create --name waiting busybox",
    "02.3": "%docker run --name diary busybox sh -c 'echo hello > /diary.txt'",
    "02.4": "%docker run -d --name small --memory 32m busybox sleep 600",
    "02.5": "%docker run -d --name kitchen --hostname seoul busybox sleep 600",
    "02.6": """\
%docker run -d --name twin-a busybox sleep 600
%docker run -d --name twin-b busybox sleep 600
%docker exec twin-a touch /secret
""",
}
