### logs
docker run --name talks busybox sh -c 'for i in 1 2 3 4 5; do echo line $i; done; sleep 0.2; echo to stderr >&2'
docker logs talks
docker logs --tail 2 talks
docker logs --tail 0 talks
docker logs --tail all talks 2>/dev/null
docker logs --tail nonsense talks

### logs: times
docker logs -n 1 -t talks
docker logs -f talks
docker logs --since 1h talks
docker logs --since 2100-01-01 talks
docker logs --until 2000-01-01 talks
sleep 2; docker logs --until 1s --tail 1 talks

### logs: errors
docker logs --since nonsense talks
docker logs --details talks
docker logs nothing
docker rm talks

### logs: without a last newline, of a terminal, followed
docker run --name half busybox printf 'no newline'
docker logs half; echo
docker run -t --name term busybox sh -c 'echo a; echo b >&2' </dev/null
docker logs term

### logs: followed to the end
docker run -d --name slow busybox sh -c 'for i in 1 2 3; do echo $i; sleep 0.2; done'
docker logs -f slow

### logs: details, and no logs
docker run --name details --log-opt labels=a --label a=1 --log-opt env=E -e E=2 busybox echo hi
docker logs --details details
docker run --name unlogged --log-driver none busybox echo shown
docker logs unlogged
docker rm half term slow details unlogged

### logging: invalid options
docker run --rm --log-opt max-size=x busybox true
docker run --rm --log-opt max-file=x busybox true
docker run --rm --log-opt max-file=0 busybox true
docker ps -aq

### logging: errors of the drivers
docker run --name ll --log-opt max-size=0 busybox true; docker logs ll; docker rm ll
docker run --rm --log-opt compress=true busybox true
docker run --rm --log-opt mode=nonsense busybox true
docker run --rm --log-opt mode=blocking --log-opt max-buffer-size=1m busybox true
docker run --rm --log-opt env-regex='(' busybox true
docker run --rm --log-opt tag='x{{.Nope}}' busybox true
docker run --rm --log-driver local --log-opt labels=x busybox true
docker run --rm --log-driver local --log-opt max-file=1 busybox true
docker run --rm --log-driver journald busybox true

### logging: attributes and full files
docker run --name ll --log-opt tag='{{.ImageName}}/{{.Name}}' --log-opt env-regex=^A --log-opt labels-regex=b. --label bb=2 --label c=1 -e A1=2 -e AB='x y,=/' busybox echo x
docker logs --details ll; docker rm ll
docker run --name ll --log-opt max-size=500 --log-opt max-file=3 busybox sh -c 'for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22; do echo "line $i"; done' >/dev/null
docker logs ll; docker rm ll
