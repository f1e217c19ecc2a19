### top
docker run -d --name topped busybox sleep 1000
docker top topped -o args
docker top topped -o pid,nonsense
docker top nothing
docker stop -t 0 topped
docker top topped
docker rm topped

### exec
docker run -d --name box -e FROM=run -w /tmp busybox sleep 1000
docker exec box echo hello
docker exec box sh -c 'echo $FROM; pwd; exit 7'
docker exec -e FROM=exec box sh -c 'echo $FROM'
docker exec -w /etc box pwd
docker exec -w /nowhere box pwd

### exec: users
docker exec -u nobody box id
docker exec -u nosuch box id
docker exec -u 5:6 box id

### exec: input and terminals
echo piped | docker exec -i box cat
docker exec -it box true </dev/null
docker exec -t box sh -c 'tty >/dev/null && echo a terminal' </dev/null

### exec: commands that cannot be run
docker exec box no-such-command
docker exec box /etc
docker exec -d box touch /made
sleep 0.3
docker exec box ls /made
docker exec -d box no-such-command

### exec: stopped containers
docker exec nothing true
docker exec --env-file missing box true
docker exec box sh -c 'kill -9 $$'
docker stop -t 0 box
docker exec box true
docker rm box

### attach
docker run -d --name att -i busybox sh -c 'read x; echo got $x; exit 6'
docker wait att &
echo typed | docker attach att >/dev/null
wait
docker attach att
docker attach nothing
docker rm att
docker run -d --name att2 busybox sh -c 'sleep 0.5; echo late'
docker attach --no-stdin att2
docker rm att2

### exec: exit codes of commands that cannot be run
docker run -d --name box busybox sleep 1000
docker exec box ./ls; echo $?
docker exec box /etc/passwd; echo $?
docker exec box ''; echo $?
docker exec -t box nosuch </dev/null; echo $?
docker exec -u nouser box ls; echo $?
docker exec -w relative box pwd; echo $?
docker exec -w /etc/passwd box pwd; echo $?
docker exec --detach-keys nonsense,,, box true; echo $?
docker top box -o pid,args | tail -1 | cut -d' ' -f2-
docker rm -f box

### init: the process
docker run --rm --init busybox ps -o args
docker run --rm --init busybox sh -c 'kill -9 $$'; echo $?
docker run --rm --init busybox nosuch 2>&1 | sed 's/([0-9]*)/(N)/'
docker run --rm --init busybox /etc 2>&1 | sed 's/([0-9]*)/(N)/'
docker run -d --name ini --init busybox sleep 1000
docker top ini -o pid,args | tail -2 | sed 's/^ *[0-9]* //'
docker rm -f ini

### commit and exec: events, and an empty entrypoint
docker run -d --name ce busybox sleep 1000 >/dev/null; since=$(date +%s.%N)
docker exec ce true; docker commit -c 'ENTRYPOINT []' ce ce:1 >/dev/null; sleep 0.2
docker events --since $since --until $(date +%s.%N) --format '{{.Type}} {{.Action}}|'
docker inspect ce:1 --format '{{json .Config.Entrypoint}}'; docker rm -f ce; docker rmi ce:1 >/dev/null
docker run -dt --name ce --security-opt no-new-privileges busybox sh >/dev/null
docker exec ce sh -c 'echo [$TERM]; grep NoNew /proc/self/status'; docker rm -f ce
