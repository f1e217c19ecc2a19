### run: names and conflicts
docker run -d --name one busybox sleep 1000
docker run -d --name one busybox sleep 1000
docker create --name one busybox
docker run --rm --name 'b@d' busybox true
docker run --rm --name x busybox true

### rename
docker rename one two
docker rename two two
docker run -d --name other busybox sleep 1000
docker rename two other
docker rename nothing any
docker rename two 'not valid'
docker rename two ''
docker ps --format '{{.Names}}' | sort
docker rm two
docker rm -f two other

### create and start
docker create --name made busybox sh -c 'echo started; exit 4'
docker ps -a --filter name=made --format '{{.Names}} {{.Status}} {{.State}} {{.Command}}'
docker start made
docker wait made
docker start -a made
docker inspect made --format '{{.State.Status}} {{.State.ExitCode}} {{.State.Running}} {{.State.Pid}}'

### start: a missing container
docker start nothing
docker start -a nothing
docker start nothing made
docker wait made
docker logs made
docker rm made

### start: with stdin
docker create -i --name reads busybox cat
echo fed | docker start -ai reads
docker start -a reads nothing
docker rm reads

### start: a missing command
docker create --name missing-command busybox no-such-command
docker start missing-command
docker start -a missing-command
docker inspect missing-command --format '{{.State.Status}} {{.State.ExitCode}} {{.State.Error}}'
docker ps -a --filter name=missing-command --format '{{.Status}}'
docker rm missing-command

### stop, restart, kill
docker run -d --name trap busybox sh -c 'trap "echo stopping; exit 5" TERM; trap "echo int" INT; echo up; while :; do sleep 0.1; done'
sleep 0.5
docker stop trap
docker stop trap
docker inspect trap --format '{{.State.Status}} {{.State.ExitCode}}'
docker start trap
sleep 0.5

### kill: signals
docker kill -s INT trap
sleep 0.5
docker kill -s NONSENSE trap
docker kill -s 99 trap

### restart
docker restart -t 3 trap
sleep 0.5
docker logs trap
docker kill trap
docker kill trap
docker inspect trap --format '{{.State.ExitCode}} {{.State.OOMKilled}} {{.State.Dead}} {{.State.Error}}'

### stop: a missing container
docker kill nothing
docker stop nothing
docker restart nothing
docker restart -t 0 trap
docker stop -t 0 trap
docker stop -s KILL trap
docker rm trap

### stop: signals
docker run -d --name int --stop-signal INT busybox sh -c 'trap "exit 9" INT; while :; do sleep 0.1; done'
sleep 0.5
docker stop int
docker inspect int --format '{{.State.ExitCode}}'
docker start int
sleep 0.5
docker kill -s 2 int
docker wait int
docker rm int

### pause and unpause
docker run -d --name still busybox sleep 1000
docker pause still
docker pause still
docker ps --filter name=still --format '{{.State}}'
docker inspect still --format '{{.State.Status}} {{.State.Paused}} {{.State.Running}}'
docker exec still true
docker start still
docker cp still:/etc/passwd - | tar t
docker unpause still
docker unpause still

### pause: stopped containers
docker pause nothing
docker unpause nothing
docker stop -t 0 still
docker pause still
docker unpause still
docker rm still

### rm and its errors
docker create -v anonymous --name gone busybox 2>&1
docker create -v /anonymous --name gone busybox
docker rm -v gone
docker volume ls -q | wc -l
docker rm nothing
docker rm -f nothing

### rm: running containers
docker run -d --name busy busybox sleep 1000
docker rm busy
docker rm -f busy nothing
docker rm --link busy
docker rm

### wait
docker run -d --name w1 busybox sh -c 'sleep 0.3; exit 1'
docker run -d --name w2 busybox sh -c 'sleep 0.6; exit 2'
docker wait w1 w2
docker wait nothing
docker wait w1 nothing
docker rm w1 w2

### update
docker run -d --name upd -m 64m busybox sleep 1000
docker update -m 128m --memory-swap 256m upd
docker update --restart always upd
docker inspect upd --format '{{.HostConfig.Memory}} {{.HostConfig.MemorySwap}} {{.HostConfig.RestartPolicy.Name}}'

### update: errors
docker update --restart nonsense upd
docker update -m 1m upd
docker update --cpus 0.5 upd
docker inspect upd --format '{{.HostConfig.NanoCpus}}'
docker update --cpu-quota 5000 upd
docker update nothing
docker update --cpus 1 nothing
docker rm -f upd
docker run -d --name rmd --rm busybox sleep 1000
docker update --restart always rmd
docker rm -f rmd

### restart policies
docker run -d --name again --restart on-failure:2 busybox sh -c 'echo run; exit 3'
sleep 3
docker inspect again --format '{{.RestartCount}} {{.State.Status}} {{.State.ExitCode}}'
docker logs again
docker rm again

### restart policies: manually stopped
docker run -d --name always --restart always busybox sh -c 'sleep 0.3'
sleep 2.5
docker inspect always --format '{{gt .RestartCount 1}}'
docker stop always
sleep 0.5
docker inspect always --format '{{.State.Status}}'
docker rm always

### restarting: commands during the delay
docker run -d --name loop --restart always busybox false
sleep 4
until [ $(docker inspect loop --format '{{.State.Restarting}}') = true ]; do sleep 0.05; done
docker ps --filter status=restarting --format '{{.Names}} {{.State}}'
docker inspect loop --format '{{.State.Status}} {{.State.Running}} {{.State.Restarting}} {{.State.ExitCode}}'
docker exec loop true >/dev/null 2>&1 || echo refused
docker kill loop
docker pause loop
docker top loop
docker rm loop
docker stop loop
docker inspect loop --format '{{.State.Status}}'
docker rm loop

### health
docker run -d --name ill --health-cmd 'echo checked; exit 1' --health-interval 0.3s --health-retries 2 --health-timeout 2s busybox sleep 1000
sleep 2
docker inspect ill --format '{{.State.Health.Status}} {{(index .State.Health.Log 0).ExitCode}} {{(index .State.Health.Log 0).Output}} {{gt .State.Health.FailingStreak 1}}'
docker ps --filter health=unhealthy --format '{{.Names}}'
docker ps --filter name=ill --format '{{.Status}}'
docker inspect ill --format '{{json .Config.Healthcheck}}'
docker rm -f ill

### health: healthy
docker run -d --name well --health-cmd true --health-interval 0.3s busybox sleep 1000
docker inspect well --format '{{.State.Health.Status}} {{.State.Health.FailingStreak}} {{json .State.Health.Log}}'
sleep 1
docker inspect well --format '{{.State.Health.Status}}'
docker rm -f well

### health: a check has the container's variables
docker run -d --name vars -e GIVEN=1 --health-cmd 'echo "$GIVEN $PATH $HOME"; test -n "$HOSTNAME"' --health-interval 0.3s busybox sleep 1000
sleep 1
docker inspect vars --format '{{.State.Health.Status}} {{(index .State.Health.Log 0).Output}}'
docker rm -f vars

### health: timeouts
docker run -d --name slow --health-cmd 'sleep 5' --health-interval 0.3s --health-timeout 0.5s --health-retries 1 busybox sleep 1000
sleep 2
docker inspect slow --format '{{.State.Health.Status}} {{(index .State.Health.Log 0).ExitCode}} {{(index .State.Health.Log 0).Output}}'
docker rm -f slow
docker create --name unchecked --no-healthcheck busybox
docker inspect unchecked --format '{{json .Config.Healthcheck}}'
docker rm unchecked

### kill: effect on the restart policy
docker run -d --name reborn --restart always busybox sh -c 'trap "exit 3" USR1; while :; do sleep 0.1; done'
sleep 0.5
docker kill -s USR1 reborn
sleep 1.5
docker inspect reborn --format '{{.State.Status}} {{.RestartCount}} {{.State.ExitCode}}'
docker rm -f reborn
docker run -d --name reborn --stop-signal TERM --restart always busybox sh -c 'trap "exit 3" USR1; while :; do sleep 0.1; done'
sleep 0.5
docker kill -s USR1 reborn
sleep 1.5
docker inspect reborn --format '{{.State.Status}} {{.RestartCount}} {{.State.ExitCode}}'
docker rm -f reborn

### stop, start and restart of a paused container
docker run -d --name still busybox sleep 1000
docker pause still; docker stop -t 0 still; docker inspect still -f '{{.State.Status}}'
docker start still; docker pause still; docker kill still; docker inspect still -f '{{.State.Status}}'
docker start still; docker pause still; docker restart -t 0 still; docker inspect still -f '{{.State.Status}}'
docker pause still; docker rm still; docker rm -f still

### several containers at once
docker run -d --name s1 busybox sleep 1000; docker run -d --name s2 busybox sleep 1000
docker stop -t 0 s1 nosuch s2
docker start s1 nosuch s2
docker restart -t 0 s1 nosuch
docker kill s1 nosuch s2
docker inspect s1 s2 nosuch --format '{{.Name}} {{.State.ExitCode}}'
docker rm s1 nosuch s2

### rm: a container of --rm with an anonymous volume
docker run -d --rm --name own -v /anonymous busybox sleep 1000 >/dev/null
docker rm -f own; docker volume ls -q | wc -l; docker volume prune -f | tail -1 | cut -c1-15

### update: each limit
docker create --name up busybox >/dev/null
docker update -m 32m up; docker update -m 64m --memory-swap 128m up; docker update --memory-reservation 1g up
docker update --pids-limit 50 up; docker update --pids-limit -1 up; docker update --blkio-weight 500 up; docker update --restart on-failure:3 up
docker inspect up --format '{{.HostConfig.Memory}} {{.HostConfig.MemorySwap}} {{.HostConfig.MemoryReservation}} {{.HostConfig.PidsLimit}} {{.HostConfig.BlkioWeight}} {{json .HostConfig.RestartPolicy}}'
docker rm up
