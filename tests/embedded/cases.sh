# What the docker CLI says, compared between Docker Engine and the embedded engine.
# Each `### name` begins a case: a script for sh, run in one folder, in this order. $REGISTRY is a registry.

### image: the local ones
docker images --format '{{.Repository}}:{{.Tag}} {{.Digest}}' | sort
docker image ls -q busybox | wc -l
docker images --filter reference='busy*' --format '{{.Repository}}'
docker images --filter dangling=true -q
docker images nothing-like-it

### image: inspect of what is missing
docker image inspect nothing-like-it
docker image inspect busybox nothing-like-it --format '{{.RepoTags}} {{.Os}}'
docker inspect nothing-like-it
docker inspect --type container busybox
docker inspect --type nonsense busybox

### image: inspect, many fields
docker image inspect busybox --format '{{.RepoTags}} {{.RepoDigests}} {{.Os}}/{{.Architecture}} {{json .Config.Cmd}} {{json .Config.Env}} {{json .Config.Labels}} {{len .RootFS.Layers}} {{.RootFS.Type}} {{.Author}} {{.Comment}}'
docker image inspect busybox --format '{{json .Config}}'
docker image inspect busybox --format '{{.Nothing}}'

### image: tag and its errors
docker tag busybox two/three:four
docker tag busybox two/Upper
docker tag busybox bad:tag:again
docker tag nothing-like-it some:thing
docker tag busybox two/three
docker images --format '{{.Repository}}:{{.Tag}}' two/three | sort
docker rmi two/three two/three:four

### image: history
docker history busybox --format '{{.CreatedBy}}|{{.Comment}}|{{.Size}}'
docker history --no-trunc busybox --format '{{.ID}} {{.CreatedBy}}'
docker history nothing-like-it
docker history -q busybox | wc -l

### image: rmi of what is missing
docker rmi nothing-like-it
docker rmi -f nothing-like-it
docker rmi nothing-like-it nor-this
docker rmi not/:valid

### push and pull: a tag
docker tag busybox $REGISTRY/app:1
docker push $REGISTRY/app:1
docker push -q $REGISTRY/app:1
docker rmi $REGISTRY/app:1
docker pull $REGISTRY/app:1
docker pull $REGISTRY/app:1
docker pull -q $REGISTRY/app:1

### push and pull: by digest
digest=$(docker image inspect $REGISTRY/app:1 --format '{{index .RepoDigests 0}}')
docker rmi $REGISTRY/app:1
docker pull $digest
docker images --digests --format '{{.Repository}} {{.Tag}} {{.Digest}}' $REGISTRY/app
docker image inspect $digest --format '{{.RepoTags}} {{.RepoDigests}}'
docker rmi $digest
docker pull $REGISTRY/app@sha256:0000000000000000000000000000000000000000000000000000000000000000

### push and pull: all tags
docker tag busybox $REGISTRY/many:a
docker tag busybox $REGISTRY/many:b
docker tag hello-world $REGISTRY/many:c
docker push -a $REGISTRY/many
docker rmi $REGISTRY/many:a $REGISTRY/many:b $REGISTRY/many:c
docker pull -a $REGISTRY/many
docker images --format '{{.Tag}}' $REGISTRY/many | sort
docker rmi $(docker images --format '{{.Repository}}:{{.Tag}}' $REGISTRY/many | sort)

### push and pull: what is missing
docker pull $REGISTRY/app:nope
docker pull $REGISTRY/nope
docker pull $REGISTRY/nope:1
docker pull -a $REGISTRY/nope
docker push $REGISTRY/never-tagged
docker push -a $REGISTRY/never-tagged
docker push $REGISTRY/app:never
docker pull 127.0.0.1:1/nobody/listens
docker pull BAD
docker run --rm $REGISTRY/nope true
docker create $REGISTRY/nope:2 true
docker run --pull never not-here-at-all true

### login: failures
docker login -u someone -p wrong 127.0.0.1:1
docker logout 127.0.0.1:1

### search: errors
docker search --limit 101 x
docker search --filter nonsense=1 x

### run: output and exit codes
docker run --rm busybox echo hello
docker run --rm busybox sh -c 'echo out; echo err >&2; exit 3'
docker run --rm hello-world | head -2

### run: commands that cannot be run
docker run --rm busybox no-such-command
docker run --rm busybox /etc
docker run --rm busybox /etc/passwd

### run: exit codes of signals
docker run --rm busybox sh -c 'kill -9 $$'
docker run --rm busybox sh -c 'exit 300'
docker run busybox --rm
docker rm -v $(docker ps -lq)

### run: standard input
echo one | docker run --rm -i busybox cat
printf 'a\nb\n' | docker run --rm -i busybox wc -l
echo lost | docker run --rm busybox cat
docker run --rm -i busybox cat </dev/null

### run: a terminal without one
docker run --rm -t busybox echo in a terminal </dev/null
docker run --rm -it busybox true </dev/null
head -c 300000 /dev/zero | docker run --rm -i busybox sh -c 'wc -c'

### run: the environment
docker run --rm -e A=1 -e B= -e HOME=/x busybox sh -c 'env | grep -v HOSTNAME | sort'

### run: the environment from a file
printf 'X=from file\n# comment\nY\n' >env.list
Y=taken docker run --rm --env-file env.list busybox sh -c 'echo "$X $Y"'
docker run --rm --env-file missing.list busybox true
docker run --rm -e =x busybox true

### run: folder and user
docker run --rm -w /tmp busybox pwd
docker run --rm -w /made/here busybox pwd
docker run --rm -w relative busybox pwd

### run: users
docker run --rm -u nobody busybox id
docker run --rm -u 1234:5678 busybox id
docker run --rm -u 33 busybox sh -c 'id -u; id -g'

### run: users that there are not
docker run --rm -u nosuchuser busybox id
docker run --rm -u nobody:nosuchgroup busybox id
docker run --rm -u nobody:root --group-add 77 busybox id

### run: entrypoint
docker run --rm --entrypoint echo busybox from the entrypoint
docker run --rm --entrypoint '' busybox echo none
docker run --rm --entrypoint /bin/ls busybox -d /etc
docker run --rm --entrypoint nosuch busybox
docker run --rm --entrypoint '' busybox

### run: volumes
docker run --rm -v data:/d busybox sh -c 'echo kept >/d/f'
docker run --rm -v data:/d:ro busybox sh -c 'cat /d/f; echo x >/d/g'
docker run --rm -v data:/d busybox ls /d
docker run --rm -v "$PWD:/here" busybox sh -c 'echo written >/here/written'
cat written
docker run --rm -v "$PWD/not-there-yet:/x" busybox ls /x
ls -d not-there-yet

### run: volumes that are refused
docker run --rm -v data:relative busybox true
docker run --rm -v data:/d:nonsense busybox true
docker run --rm -v 'bad name:/d' busybox true
docker run --rm -v /:/ busybox true
docker run --rm -v a:/x -v b:/x busybox true
docker volume rm data

### run: mounts
docker run --rm --mount type=volume,src=mounted,dst=/m busybox sh -c 'touch /m/x; ls /m'
docker run --rm --mount type=bind,src=$PWD,dst=/m,readonly busybox sh -c 'touch /m/y'
docker run --rm --mount type=bind,src=/no/such/folder,dst=/m busybox true
docker run --rm --mount type=tmpfs,dst=/t,tmpfs-size=1m busybox sh -c 'df /t | tail -1 | cut -c1-20'
docker run --rm --tmpfs /t:size=2m,mode=700 busybox sh -c 'ls -ld /t | cut -c1-10; mount | grep " /t "'

### run: mounts that are refused
docker run --rm --mount type=nonsense,dst=/m busybox true
docker run --rm --mount type=volume,dst=rel busybox true
docker run --rm --mount type=bind,dst=/m busybox true
docker volume rm mounted

### run: read only
docker run --rm --read-only busybox touch /x
docker run --rm --read-only --tmpfs /tmp busybox touch /tmp/x
docker run --rm --read-only -v ro-data:/d busybox touch /d/x
docker volume rm ro-data

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

### run: ports
docker run -d --name web -p 127.0.0.1::80 -p 53/udp --expose 99 busybox sleep 1000
docker port web | sort
docker port web 80
docker port web 80/tcp
docker port web 99
docker port web 1234/udp
docker port nothing
docker inspect web --format '{{json .Config.ExposedPorts}} {{json .HostConfig.PortBindings}}'
docker ps --format '{{.Names}} {{.Ports}}' | tr ',' '\n' | sort
docker rm -f web

### run: ports that are refused
docker run --rm -p 99999:80 busybox true
docker run --rm -p 80:nonsense busybox true
docker run --rm -p 1.2.3.4.5:80:80 busybox true

### run: a port that is taken
docker run -d --name first -p 127.0.0.1:18231:80 busybox sleep 1000
docker run -d --name second -p 127.0.0.1:18231:80 busybox sleep 1000 2>&1 | sed 's/endpoint second.*//'
docker ps -a --format '{{.Names}} {{.State}}' | sort
docker rm -f first second

### run: names of the machine
docker run --rm --hostname box busybox sh -c 'hostname; tail -1 /etc/hosts | cut -f2; cat /etc/hostname'
docker run --rm --hostname box.domain.org busybox sh -c 'hostname; tail -1 /etc/hosts | cut -f2'
docker run --rm --hostname box --domainname domain.org busybox sh -c 'hostname; tail -1 /etc/hosts | cut -f2'

### run: further hosts and name servers
docker run --rm --add-host db:10.9.8.7 busybox grep -w db /etc/hosts
docker run --rm --add-host db:nonsense busybox true
docker run --rm --add-host gate:host-gateway busybox grep -c gate /etc/hosts
docker run --rm --dns 9.9.9.9 --dns-search example.org --dns-option ndots:3 busybox cat /etc/resolv.conf
docker run --rm --dns nonsense busybox true
docker run --rm --hostname 'bad_name!' busybox true

### run: labels
docker create --name labelled --label a=1 --label b busybox
docker inspect labelled --format '{{json .Config.Labels}}'
printf 'x=file\n# no\ny=2\n' >labels.list
docker create --name labelled2 --label-file labels.list busybox
docker inspect labelled2 --format '{{index .Config.Labels "x"}} {{index .Config.Labels "y"}}'
docker ps -a --filter label=a --format '{{.Names}} {{.Label "a"}}'
docker ps -a --filter label=a=2 --format '{{.Names}}'
docker rm labelled labelled2

### run: network modes
docker run --rm --network none busybox sh -c 'ls /sys/class/net'
docker run --rm --network nothing busybox true

### run: another container's network
docker run -d --name base busybox sleep 1000
docker run --rm --network container:base busybox sh -c 'hostname | wc -c'
docker run --rm --network container:nothing busybox true
docker run --rm --network container:base -p 80:80 busybox true
docker run --rm --network container:base --hostname x busybox true
docker run --rm --network host -p 80:80 busybox echo ok
docker inspect base --format '{{.HostConfig.NetworkMode}} {{range $k, $v := .NetworkSettings.Networks}}{{$k}}{{end}}'
docker rm -f base
docker ps -aq

### run: links
docker run -d --name server --hostname srv busybox sleep 1000
docker run --rm --link server:alias busybox sh -c 'grep alias /etc/hosts | cut -f2'
docker run --rm --link server busybox sh -c 'grep server /etc/hosts | cut -f2; ping -c1 -W2 server >/dev/null && echo reached'
docker run --rm --link nothing:alias busybox true
docker run --rm --name linked --link server:alias busybox env | grep -i alias | sort
docker rm -f server

### run: what inspect echoes
docker create --name echo --cpus 0.5 -m 64m --memory-reservation 32m --pids-limit 99 --cpu-shares 512 --cpuset-cpus 0 --ulimit nofile=100:200 --ulimit core=0 --init --stop-signal SIGINT --stop-timeout 7 --restart on-failure:3 --cap-add NET_ADMIN --cap-drop MKNOD --security-opt no-new-privileges --shm-size 32m --sysctl net.ipv4.ip_forward=1 --oom-score-adj 100 --group-add 99 --log-opt max-size=1m --log-driver json-file --privileged=false --pid host --uts host --ipc private --tty --interactive busybox sleep 5
docker inspect echo --format '{{.HostConfig.NanoCpus}} {{.HostConfig.Memory}} {{.HostConfig.MemorySwap}} {{.HostConfig.MemoryReservation}} {{.HostConfig.PidsLimit}} {{.HostConfig.CpuShares}} {{.HostConfig.CpusetCpus}} {{json .HostConfig.Ulimits}} {{.HostConfig.Init}}'

### run: what inspect echoes of stopping
docker inspect echo --format '{{.Config.StopSignal}} {{.Config.StopTimeout}} {{json .HostConfig.RestartPolicy}} {{.HostConfig.CapAdd}} {{.HostConfig.CapDrop}} {{.HostConfig.SecurityOpt}} {{.HostConfig.ShmSize}} {{.HostConfig.Sysctls}} {{.HostConfig.OomScoreAdj}} {{.HostConfig.GroupAdd}} {{json .HostConfig.LogConfig}}'

### run: what inspect echoes of namespaces
docker inspect echo --format '{{.HostConfig.PidMode}} {{.HostConfig.UTSMode}} {{.HostConfig.IpcMode}} {{.Config.Tty}} {{.Config.OpenStdin}} {{.Config.StdinOnce}} {{.Config.AttachStdin}}'

### run: what inspect echoes before the start
docker inspect echo --format '{{.Path}} {{.Args}} {{.State.Status}} {{json .State}} {{.RestartCount}} {{.Driver}} {{.Platform}} {{.AppArmorProfile}} {{.MountLabel}} {{.ExecIDs}}'
docker rm echo

### run: whole inspect of a plain container
docker create --name plain busybox
docker inspect plain --format '{{json .Config}}'
docker inspect plain --format '{{json .Mounts}} {{.ResolvConfPath}} {{.Name}} {{.Image}}'
docker inspect plain --format '{{range $k, $v := .NetworkSettings.Networks}}{{$k}} {{json $v.IPAMConfig}} {{json $v.Links}} {{json $v.Aliases}} {{$v.IPAddress}}{{end}} {{json .NetworkSettings.Ports}}'
docker rm plain

### run: values that the daemon refuses
docker run --rm -m 1m busybox true
docker run --rm -m 64m --memory-swap 32m busybox true
docker run --rm --memory-swap 64m busybox true

### run: CPUs that the daemon refuses
docker run --rm --cpus 1000 busybox true
docker run --rm --cpus 1 --cpu-quota 1000 busybox true

### run: restart policies that the daemon refuses
docker run --rm --restart sometimes busybox true
docker run --rm --restart always busybox true
docker run --rm --restart no:3 busybox true
docker run --restart always:3 busybox true

### run: names that the daemon does not know
docker run --rm --cap-add NONSENSE busybox true
docker run --rm --stop-signal NONSENSE busybox true
docker run --rm --log-opt nonsense=1 busybox true
docker run --rm --runtime nonsense busybox true
docker run --rm --ipc nonsense busybox true
docker run --rm --pid nonsense busybox true
docker run --rm --uts nonsense busybox true
docker run --rm --cgroupns nonsense busybox true
docker run --rm --userns nonsense busybox true

### run: numbers that the daemon refuses
docker run --rm --oom-score-adj 5000 busybox true
docker run --rm --blkio-weight 5 busybox true
docker run --rm --cpuset-cpus 999 busybox true
docker run --rm --cpuset-cpus x busybox true
docker run --rm --shm-size -1 busybox true

### run: further values that the daemon refuses
docker run --rm --security-opt nonsense busybox true
docker run --rm --security-opt no-such=1 busybox true
docker run --rm --device /dev/nonsense busybox true
docker run --rm --health-interval 1us --health-cmd true busybox true

### run: addresses that the daemon refuses
docker run --rm --mac-address nonsense busybox true
docker run --rm --ip 10.1.1.1 busybox true
docker run --rm --network-alias x busybox true
docker run --rm --volumes-from nothing busybox true
docker run --rm --storage-opt size=1G busybox true
docker run --rm --isolation nonsense busybox true
docker ps -a --format '{{.Names}} {{.Status}}' | sort
docker container prune -f >/dev/null

### run: ulimit, init, capabilities
docker run --rm --ulimit nofile=77:88 busybox sh -c 'ulimit -n; ulimit -Hn'

### run: init
docker run --rm --init busybox sh -c 'echo $$ | grep -c 1; ps -o pid,args | grep -c "^ *1 /sbin/docker-init"'

### run: capabilities
docker run --rm busybox sh -c 'grep CapEff /proc/self/status'
docker run --rm --cap-drop ALL busybox sh -c 'grep CapEff /proc/self/status'
docker run --rm --cap-drop ALL --cap-add CHOWN busybox sh -c 'grep CapEff /proc/self/status'
docker run --rm busybox sh -c 'mount -t tmpfs x /tmp'

### run: /dev
docker run --rm --shm-size 8m busybox sh -c 'df -k /dev/shm | tail -1 | tr -s " " | cut -d" " -f2'
docker run --rm busybox sh -c 'df -k /dev/shm | tail -1 | tr -s " " | cut -d" " -f2'
docker run --rm busybox sh -c 'ls /dev | sort | tr "\n" " "'

### create and start
docker create --name made busybox sh -c 'echo started; exit 4'
docker ps -a --filter name=made --format '{{.Names}} {{.Status}} {{.State}} {{.Command}}'
docker start made
docker wait made
docker start -a made
docker inspect made --format '{{.State.Status}} {{.State.ExitCode}} {{.State.Running}} {{.State.Pid}}'

### start: what is missing
docker start nothing
docker start -a nothing
docker start nothing made
docker wait made
docker logs made
docker rm made

### start: with input
docker create -i --name reads busybox cat
echo fed | docker start -ai reads
docker start -a reads nothing
docker rm reads

### start: a command that is missing
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

### stop: what is missing
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

### pause: what does not run
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

### rm: what runs
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

### top
docker run -d --name topped busybox sleep 1000
docker top topped -o args
docker top topped -o pid,nonsense
docker top nothing
docker stop -t 0 topped
docker top topped
docker rm topped

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

### logs: refused
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

### logs: details, and none
docker run --name details --log-opt labels=a --label a=1 --log-opt env=E -e E=2 busybox echo hi
docker logs --details details
docker run --name unlogged --log-driver none busybox echo shown
docker logs unlogged
docker rm half term slow details unlogged

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

### exec: what does not run
docker exec nothing true
docker exec --env-file missing box true
docker exec box sh -c 'kill -9 $$'
docker stop -t 0 box
docker exec box true
docker rm box

### update
docker run -d --name upd -m 64m busybox sleep 1000
docker update -m 128m --memory-swap 256m upd
docker update --restart always upd
docker inspect upd --format '{{.HostConfig.Memory}} {{.HostConfig.MemorySwap}} {{.HostConfig.RestartPolicy.Name}}'

### update: refused
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

### restart policies
docker run -d --name again --restart on-failure:2 busybox sh -c 'echo run; exit 3'
sleep 3
docker inspect again --format '{{.RestartCount}} {{.State.Status}} {{.State.ExitCode}}'
docker logs again
docker rm again

### restart policies: stopped by hand
docker run -d --name always --restart always busybox sh -c 'sleep 0.3'
sleep 2.5
docker inspect always --format '{{gt .RestartCount 1}}'
docker stop always
sleep 0.5
docker inspect always --format '{{.State.Status}}'
docker rm always

### restarting: what can be done
docker run -d --name loop --restart always busybox false
sleep 2
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

### health: good
docker run -d --name well --health-cmd true --health-interval 0.3s busybox sleep 1000
docker inspect well --format '{{.State.Health.Status}} {{.State.Health.FailingStreak}} {{json .State.Health.Log}}'
sleep 1
docker inspect well --format '{{.State.Health.Status}}'
docker rm -f well

### health: too slow
docker run -d --name slow --health-cmd 'sleep 5' --health-interval 0.3s --health-timeout 0.5s --health-retries 1 busybox sleep 1000
sleep 2
docker inspect slow --format '{{.State.Health.Status}} {{(index .State.Health.Log 0).ExitCode}} {{(index .State.Health.Log 0).Output}}'
docker rm -f slow
docker create --name unchecked --no-healthcheck busybox
docker inspect unchecked --format '{{json .Config.Healthcheck}}'
docker rm unchecked

### ps: formats and filters
docker run -d --name p1 --label x=1 busybox sleep 1000
docker run --name p2 --label x=2 busybox sh -c 'exit 3'
docker create --name p3 -v /vol busybox
docker ps -a --format '{{.Names}} {{.Image}} {{.Command}} {{.State}} {{.Networks}} {{.Ports}} {{.LocalVolumes}} {{.Labels}}'
docker ps -a
docker ps -a --no-trunc --format '{{.Command}}'

### ps: filters by state and name
docker ps -a --filter status=exited --format '{{.Names}}'
docker ps -a --filter status=created --format '{{.Names}}'
docker ps -a --filter exited=3 --format '{{.Names}}'
docker ps -a --filter name=p --format '{{.Names}}'
docker ps -a --filter 'name=^p[12]$' --format '{{.Names}}'
docker ps -a --filter name=p1 --filter name=p3 --format '{{.Names}}'

### ps: filters by what belongs to it
docker ps -a --filter ancestor=busybox --format '{{.Names}}'
docker ps -a --filter ancestor=nothing --format '{{.Names}}'
docker ps -a --filter before=p2 --format '{{.Names}}'
docker ps -a --filter since=p2 --format '{{.Names}}'
docker ps -a --filter since=nothing --format '{{.Names}}'
docker ps -a --filter network=bridge --format '{{.Names}}'
docker ps -a --filter volume=/vol --format '{{.Names}}'

### ps: filters that are refused
docker ps -a --filter status=nonsense
docker ps -a --filter nonsense=1
docker ps -a --filter exited=x
docker ps -a --filter health=nonsense
docker ps -a --filter publish=80 --format '{{.Names}}'
docker ps -a --filter is-task=true

### ps: the last ones
docker ps -n 2 --format '{{.Names}}'
docker ps -l --format '{{.Names}}'
docker ps -q | wc -l
docker ps -a --format '{{.Mounts}}' --filter name=p3
docker ps -a --format json --filter name=p2 | tr ',' '\n' | grep -v -e ID -e Created -e Running
docker rm -fv p1 p2 p3

### ps: sizes
docker run --name sized busybox sh -c 'head -c 5000 /dev/zero >/big'
docker ps -as --format '{{.Names}} {{.Size}}'
docker inspect -s sized --format '{{.SizeRw}}'
docker inspect sized --format '{{.SizeRw}}'
docker rm sized

### names: ambiguous and prefixes
docker create --name abc busybox
id=$(docker inspect abc --format '{{.Id}}')
docker inspect $(echo $id | cut -c1-10) --format '{{.Name}}'
docker inspect $id --format '{{.Name}}'
docker inspect /abc --format '{{.Name}}'
docker create --name $(echo $id | cut -c1-8) busybox >/dev/null
docker inspect $(echo $id | cut -c1-8) --format '{{eq .Name "/abc"}}'
docker rm $(echo $id | cut -c1-8) abc | tail -1
docker inspect ''
docker rm ''

### diff
docker run --name changed busybox sh -c 'echo x >/new; rm /etc/group; echo y >>/etc/passwd; mkdir /folder; touch /folder/file'
docker diff changed | sort
docker diff nothing
docker rm changed

### cp: into a container
docker create --name target busybox
mkdir -p src/sub; echo one >src/one; echo two >src/sub/two
docker cp src/one target:/one
docker cp src target:/copied
docker cp src target:/tmp
docker cp src/. target:/tmp/inside

### cp: into a container, refused
docker cp src/one target:/missing/folder/one
docker cp src/one target:/missing/
docker cp src target:/one
docker cp nothing target:/x
docker cp src/one nothing:/x
docker cp src/one target:relative

### cp: archives into a container
tar c -C src one | docker cp - target:/tmp
tar c -C src one | docker cp - target:/tmp/one
echo nonsense | docker cp - target:/tmp
tar c -C src one | docker cp - target:/nowhere
docker diff target | sort
docker rm target

### cp: out of a container
docker run --name source busybox sh -c 'mkdir -p /d/e; echo f >/d/f; echo g >/d/e/g; ln -s f /d/link; ln -s /nowhere /d/broken; chmod 600 /d/f'
docker cp source:/d out
ls -R out
docker cp source:/d/f out/renamed
stat -c %a out/renamed
docker cp source:/d/link linked; readlink linked

### cp: links and archives out of a container
docker cp -L source:/d/link followed; cat followed
docker cp source:/d - | tar tv --numeric-owner | awk '{print $1, $2, $6, $7, $8}' | sort
docker cp source:/d/. - | tar t | sort
docker cp source:/d/f - | tar xO

### cp: out of a container, refused
docker cp source:/nothing .
docker cp source:/d/f no/such/folder/
docker cp source:/d/f src/one/two
docker cp source:/d source:/e
docker cp out src
docker cp -q source:/d/f quiet
docker cp source:/d/broken - | tar t
docker cp -L source:/d/broken .
docker rm source

### cp: volumes and running containers
docker run -d --name running -v cpvol:/v -v $PWD:/ro:ro --tmpfs /t busybox sleep 1000
docker cp src/one running:/v/one
docker exec running cat /v/one
docker cp src/one running:/ro/x
docker cp running:/etc/hostname - | tar t
docker cp -a src/one running:/tmp/kept
docker exec running stat -c '%u:%g' /tmp/kept /v/one
docker rm -f running
docker volume rm cpvol

### cp: a read-only container
docker create --name rofs --read-only busybox
docker cp src/one rofs:/x
docker rm rofs

### commit
docker run --name base busybox sh -c 'echo data >/data'
docker commit base made:1

### commit: changes
docker commit -m message -a author -c 'CMD ["cat", "/data"]' -c 'ENV X=1' -c 'EXPOSE 80' -c 'LABEL l=1' -c 'USER nobody' -c 'WORKDIR /tmp' -c 'VOLUME /v' -c 'ENTRYPOINT ["/bin/sh", "-c"]' base made:2
docker image inspect made:2 --format '{{.Comment}} {{.Author}} {{json .Config.Cmd}} {{json .Config.Env}} {{json .Config.ExposedPorts}} {{json .Config.Labels}} {{.Config.User}} {{.Config.WorkingDir}} {{json .Config.Volumes}} {{json .Config.Entrypoint}} {{len .RootFS.Layers}}'
docker history made:2 --format '{{.CreatedBy}}|{{.Comment}}'
docker run --rm made:1 cat /data

### commit: refused
docker commit base
docker commit base Bad
docker commit nothing x
docker commit -c 'RUN x' base x
docker commit -c 'NONSENSE x' base x
docker rmi made:1
docker rm base
docker rmi made:2
docker image prune -f | grep -v -e deleted -e reclaimed

### export and import
docker run --name ex busybox sh -c 'mkdir /x; echo y >/x/y'
docker export ex | tar t | grep ^x
docker export -o ex.tar ex
docker export nothing

### import
docker import ex.tar imported:1
docker import -m note -c 'CMD ["cat", "/x/y"]' -c 'ENV A=b' ex.tar imported:2
docker run --rm imported:2
docker run --rm imported:1
docker image inspect imported:2 --format '{{.Comment}} {{json .Config.Cmd}} {{json .Config.Env}} {{len .RootFS.Layers}} {{.Parent}}'
docker history imported:2 --format '{{.CreatedBy}}|{{.Comment}}'

### import: refused
cat ex.tar | docker import - imported:3
docker import missing.tar x
echo nonsense | docker import - x:y
docker import -c 'RUN x' ex.tar x:y
docker import ex.tar Bad
docker rm ex
docker rmi imported:1 imported:2 imported:3

### save and load
docker tag busybox saved:a
docker tag busybox saved:b
docker save -o saved.tar saved:a saved:b
tar tf saved.tar | grep -v -e '[0-9a-f]\{64\}' -e blobs -e index.json -e oci-layout | sort
docker rmi saved:a saved:b
docker load -i saved.tar
docker load -q -i saved.tar

### save and load: several, and refused
docker save busybox hello-world | docker load | sort
docker save nothing >/dev/null
docker load -i missing.tar
echo nonsense | docker load
docker save $(docker images -q --no-trunc saved:a) | docker load
docker rmi saved:a saved:b

### rmi: conflicts and order
docker tag busybox t:1
docker tag busybox t:2
docker rmi $(docker images -q t:1)
docker create --name uses t:1
docker rmi t:1
docker rmi t:2
docker rm uses

### rmi: running containers
docker tag hello-world h:1
docker run -d --name runs busybox sleep 1000
docker rmi busybox
docker rmi -f $(docker images -q busybox)
docker rmi h:1
docker rm -f runs
docker images --format '{{.Repository}}:{{.Tag}}' | sort

### rmi: layers that a container holds
printf 'FROM busybox\nRUN echo 1 >/one\nRUN echo 2 >/two\n' | docker build -q -t h:1 - >/dev/null
docker create --name holds h:1
docker rmi h:1
docker rmi -f h:1
docker rm holds

### image: names that are refused
docker image inspect Bad
docker images --filter 'reference=['
docker images --filter 'reference=[a-c]*' --format '{{.Repository}}'
docker images --filter 'reference=[^a-c]*' --format '{{.Repository}}'
docker image prune -f --filter dangling=false --filter label=zz
docker search --filter stars=x x
docker search --filter is-official=maybe x
docker search 127.0.0.1:1/x
docker search $REGISTRY/x

### build: all instructions
mkdir -p ctx/dir; echo a >ctx/a; echo b >ctx/dir/b
(cd ctx && tar cf archive.tar a dir)
cat >ctx/Dockerfile <<'END'
# a comment
ARG BASE=busybox
FROM $BASE
ARG VERSION=1
ENV NAME=value OTHER="two words"
ENV OLD style
LABEL one=1 two="2 2"
MAINTAINER someone
WORKDIR /work
COPY a dir/b ./
COPY --chown=nobody:nogroup dir /copied/
ADD archive.tar /added/
RUN echo running $NAME $VERSION; sleep 0.2; echo error >&2
RUN ["echo", "exec form"]
USER nobody
EXPOSE 80 53/udp
VOLUME /data ["/more"]
STOPSIGNAL SIGINT
SHELL ["/bin/sh", "-ec"]
HEALTHCHECK --interval=5s --retries=2 CMD true
ONBUILD RUN echo triggered
ENTRYPOINT ["echo"]
CMD ["default", "words"]
END
docker build -t all:1 ctx
docker build -t all:1 ctx

### build: modes of folders that are copied
mkdir -p modes/sub; chmod 700 modes; chmod 711 modes/sub; touch modes/sub/file
cat >modes/Dockerfile <<'END'
FROM busybox
WORKDIR /app
COPY . .
COPY sub /new/
COPY sub/file /one/two/
RUN stat -c '%n %a' /app /app/sub /new /one /one/two
END
docker build modes | grep '^/'

### build: what all instructions come to
docker image inspect all:1 --format '{{json .Config}}'
docker history all:1 --format '{{.CreatedBy}}|{{.Size}}'
docker run --rm all:1
docker run --rm --entrypoint sh all:1 -c 'ls -l /work /copied /added | tr -s " " | cut -d" " -f1,3,4,9; pwd; id -u'

### build: ONBUILD
printf 'FROM all:1\nRUN echo child\n' | docker build -t child -
docker history child --format '{{.CreatedBy}}' | head -3
docker rmi child

### build: arguments and labels
printf 'ARG V=1\nFROM busybox\nARG V\nARG W=w\nRUN echo "v=$V w=$W"\n' >ctx/args
docker build -f ctx/args --build-arg V=2 --build-arg UNUSED=3 --label l=1 -t args ctx
docker image inspect args --format '{{json .Config.Labels}}'
docker history args --format '{{.CreatedBy}}' | head -3
docker build -q -f ctx/args ctx | wc -c
docker build --no-cache -q -f ctx/args ctx | wc -c
docker rmi args

### build: failures
printf 'FROM busybox\nRUN echo before; exit 3\n' | docker build -
printf 'FROM busybox\nRUN no-such-command\n' | docker build -
printf 'FROM busybox\nRUN ["no-such-command"]\n' | docker build -
printf 'FROM not-here-at-all-xyz:1\n' | docker build - 2>&1 | head -3

### build: what is no Dockerfile
printf 'FROM busybox\nNONSENSE x\n' | docker build -
printf 'RUN true\n' | docker build -
printf '' | docker build -
printf '# only a comment\n' | docker build -

### build: copies that fail
printf 'FROM busybox\nCOPY missing /\n' >ctx/bad; docker build -f ctx/bad ctx
printf 'FROM busybox\nCOPY a dir /one\n' >ctx/bad; docker build -f ctx/bad ctx
printf 'FROM busybox\nCOPY ../outside /\n' >ctx/bad; docker build -f ctx/bad ctx

### build: instructions without what they need
printf 'FROM busybox\nENV\n' | docker build -
printf 'FROM busybox\nENV a\n' | docker build -
printf 'FROM busybox\nEXPOSE nonsense\n' | docker build -
printf 'FROM busybox\nUSER\n' | docker build -
printf 'FROM\n' | docker build -
printf 'FROM busybox AS\n' | docker build -

### build: flags that are refused
printf 'FROM busybox\nCOPY --chown a b\n' | docker build -
printf 'FROM busybox\nCOPY --from=x --from=y /a /y\n' | docker build -
printf 'FROM --platform busybox\n' | docker build -
printf 'FROM --platform=foo/bar/baz/qux busybox\n' | docker build -
printf 'FROM busybox\nHEALTHCHECK --interval CMD true\n' | docker build -
printf 'FROM busybox\nHEALTHCHECK --interval=-1s CMD true\n' | docker build -
printf 'FROM busybox\nHEALTHCHECK --interval=5 CMD true\n' | docker build -
printf 'FROM busybox\nHEALTHCHECK --retries=x CMD true\n' | docker build -
printf 'FROM busybox\nONBUILD --x RUN a\n' | docker build -
printf 'FROM busybox\nSTOPSIGNAL --x a\n' | docker build -

### build: values that are refused
printf 'FROM busybox\nWORKDIR ""\n' | docker build -
printf 'FROM busybox\nWORKDIR /etc/passwd\n' | docker build -
printf 'FROM busybox\nVOLUME $X\n' | docker build -
printf 'FROM busybox\nENV $X=b\n' | docker build -
printf 'FROM busybox\nEXPOSE 80/foo\n' | docker build -
printf 'FROM busybox\nEXPOSE 65536\n' | docker build -
printf 'FROM busybox\nEXPOSE 10-5\n' | docker build -
printf 'FROM busybox\nEXPOSE a:80:80\n' | docker build -
printf 'FROM busybox\nEXPOSE x:80\n' | docker build -
printf 'FROM busybox\nEXPOSE 1-2:3-5\n' | docker build -
docker build --security-opt nonsense ctx

### build: bases that are refused
printf 'FROM Busybox\n' | docker build -
printf 'FROM ${X:?no}\n' | docker build -
printf 'FROM busybox AS a\nFROM a\nCOPY --from=9 /x /\n' | docker build -
printf 'FROM busybox AS a\nFROM a\nCOPY --from=1 /x /\n' | docker build -
printf 'FROM busybox AS a\nFROM a\nCOPY --from=Bad:: /x /\n' | docker build -
printf 'FROM busybox AS a\nFROM a\nCOPY --from=a /nope /\n' | docker build -
printf 'FROM busybox AS a\nARG S=a\nFROM a\nCOPY --from=$S /nope /\n' | docker build -
printf 'FROM busybox AS a\nFROM a\n' | docker build --target 0 -
printf 'FROM busybox\nONBUILD NONSENSE x\n' | docker build -q -t triggers - >/dev/null
printf 'FROM triggers\n' | docker build -
docker rmi triggers | head -1

### build: without a command
printf 'FROM busybox\nRUN\n' | docker build -
printf 'FROM busybox\nRUN []\n' | docker build -
printf 'FROM busybox\nENTRYPOINT\nCMD\n' | docker build -q -t empty - >/dev/null
docker image inspect empty --format '{{json .Config.Entrypoint}} {{json .Config.Cmd}}'
docker rmi empty | head -1
docker container prune -f >/dev/null

### build: flags and triggers that there are not
printf 'FROM busybox\nCOPY --from=nothing-xyz /a /\n' | docker build - 2>&1 | head -2
printf 'FROM busybox\nCOPY --nonsense a /\n' | docker build -
printf 'FROM busybox\nHEALTHCHECK --nonsense=1 CMD x\n' | docker build -
printf 'FROM busybox\nHEALTHCHECK\n' | docker build -
printf 'FROM busybox\nSTOPSIGNAL NONSENSE\n' | docker build -
printf 'FROM busybox\nONBUILD FROM x\n' | docker build -
printf 'FROM busybox\nONBUILD ONBUILD RUN x\n' | docker build -
printf 'FROM busybox\nSHELL sh\n' | docker build -
printf 'FROM busybox\nWORKDIR\n' | docker build -
printf 'FROM busybox\nVOLUME\n' | docker build -
printf 'FROM busybox\nCMD echo "unclosed\n' | docker build - | tail -1 | cut -c1-18

### build: refused by the CLI or at once
docker build -f missing ctx
docker build no-such-folder
docker build -t Bad ctx
docker build --target nothing ctx
docker ps -aq | wc -l

### build: stages
cat >ctx/stages <<'END'
FROM busybox AS first
RUN echo made >/made
FROM busybox AS second
COPY --from=first /made /copied
RUN cat /copied
FROM second
COPY --from=0 /made /again
COPY --from=busybox /etc/passwd /passwd
CMD ["cat", "/again"]
END
docker build -f ctx/stages -t stages ctx
docker run --rm stages

### build: targets
docker build -f ctx/stages --target first -t only-first ctx
docker run --rm only-first cat /made
docker history stages --format '{{.CreatedBy}}' | head -4
docker rmi stages only-first

### build: .dockerignore
printf 'dir\n*.tar\n!dir/b\nDockerfile\n' >ctx/.dockerignore
printf 'FROM busybox\nCOPY . /c\nRUN find /c | sort\n' >ctx/ignoring
docker build -f ctx/ignoring ctx
rm ctx/.dockerignore

### build: the cache
printf 'FROM busybox\nCOPY a /a\nRUN echo cached\n' >ctx/cache
docker build -f ctx/cache -t cache ctx
touch ctx/a
docker build -f ctx/cache -t cache ctx
echo other >ctx/a
docker build -f ctx/cache -t cache ctx
docker build -f ctx/cache --no-cache -t cache ctx
docker rmi cache
docker image prune -f | tail -1 | cut -d: -f1

### build: what it leaves
printf 'FROM busybox\nRUN echo x >/x\n' | docker build -t left:1 -
printf 'FROM left:1\nRUN echo y >/y\n' | docker build -t left:2 -
docker rmi left:1
docker rmi left:2
docker images -a --filter label=nothing

### build: escapes and quirks
cat >ctx/quirks <<'END'
FROM busybox
ENV A=old
ENV A=new B=$A C=${A:-x} D=${Z:-default} E=${A:+set} F=\$A
RUN echo "$B $C $D $E $F" \
  # a comment within
  && echo continued
ENV P=/a/b
WORKDIR $P
WORKDIR c
RUN pwd
CMD ['x']
LABEL a="quoted \"x\""
EXPOSE 8000-8002
COPY a "name with space"
COPY ["a", "json form"]
RUN ls
END
docker build -f ctx/quirks -t quirks ctx
docker image inspect quirks --format '{{json .Config.Env}} {{json .Config.Cmd}} {{json .Config.Labels}} {{json .Config.ExposedPorts}} {{.Config.WorkingDir}}'
docker rmi quirks

### build: healthcheck and entrypoint forms
printf 'FROM busybox\nHEALTHCHECK NONE\nENTRYPOINT echo shell form\nCMD ignored\n' | docker build -t forms -
docker image inspect forms --format '{{json .Config.Healthcheck}} {{json .Config.Entrypoint}} {{json .Config.Cmd}}'
docker run --rm forms
printf 'FROM all:1\nENTRYPOINT ["true"]\n' | docker build -t forms -
docker image inspect forms --format '{{json .Config.Entrypoint}} {{json .Config.Cmd}} {{json .Config.OnBuild}}'
docker rmi forms

### build: ports, labels, health
cat >ctx/more <<'END'
FROM busybox
EXPOSE 80:90 1.2.3.4:1-3:5-7/udp 53/UDP ${X:-7}
HEALTHCHECK --retries=2 CMD a b
HEALTHCHECK CMD ["x", "y z"]
HEALTHCHECK NONE
ARG HTTP_PROXY
RUN echo $HTTP_PROXY $http_proxy
END
docker build -f ctx/more --label b=2 --label a='q "$X"' --label e= --build-arg HTTP_PROXY=http://p --build-arg http_proxy=http://q -t more ctx
docker image inspect more --format '{{json .Config.ExposedPorts}} {{json .Config.Labels}} {{json .Config.Healthcheck}}'
docker history more --format '{{.CreatedBy}}' --no-trunc
printf 'FROM busybox\nRUN true\n' | docker build --build-arg HTTP_PROXY=http://p -q -t more - >/dev/null
docker history more --format '{{.CreatedBy}}' | head -1
docker rmi more | head -1

### build: what a copy makes
mkdir -p cc/d; echo 1 >cc/a; ln -s a cc/link; mkfifo cc/d/fifo; (cd cc && tar czf t.tgz a)
cat >cc/Dockerfile <<'END'
FROM busybox AS one
RUN mkdir -p /o/p; echo 1 >/o/p/f; chown 3:4 /o/p/f; chmod 700 /o
FROM busybox
COPY --from=one /o /x/
COPY --from=one --chown=9 /o/p/f /x/own
ADD t.tgz /y
ADD --chown=7:7 t.tgz /z/
COPY d /w
RUN find /w /x /y /z -exec stat -c '%n %a %u:%g %F' {} + | sort
END
docker build cc

### build: the cache by places
printf 'FROM busybox\nCOPY a /x\n' >cc/Dockerfile; docker build cc
printf 'FROM busybox\nCOPY link /x\n' >cc/Dockerfile; docker build cc | grep -c Using
chmod 600 cc/a; docker build cc | grep -c Using
mv cc/a cc/b; printf 'FROM busybox\nCOPY b /x\n' >cc/Dockerfile; docker build cc | grep -c Using
printf 'FROM busybox\nCOPY http://127.0.0.1/x /\n' | docker build -
printf 'FROM busybox\nADD t.tgz /etc/passwd\n' >cc/Dockerfile; docker build cc 2>&1 | tail -1 | cut -d: -f1

### build: options
printf 'FROM busybox\nRUN hostname >/dev/null; grep -c extra /etc/hosts; df -k /dev/shm | tail -1 | tr -s " " | cut -d" " -f2\nRUN ls /sys/class/net\n' | docker build --add-host extra:1.2.3.4 --shm-size 16m --network none -
printf 'FROM busybox\nRUN true\n' | docker build --force-rm --memory 64m -t o1 -t o2:x -
docker images --format '{{.Repository}}:{{.Tag}}' --filter reference='o*' | sort
printf 'FROM busybox\nRUN true\n' | docker build --network nothing --no-cache -
printf 'FROM busybox\nRUN true\n' | docker build --rm=false --no-cache -q - >/dev/null
docker ps -aq | wc -l
docker container prune -f >/dev/null
docker rmi o1 o2:x

### network: create, ls, inspect, rm
docker network create plain
docker network create plain
docker network create --driver bridge --subnet 10.99.1.0/24 --gateway 10.99.1.254 --ip-range 10.99.1.128/25 --label l=1 --opt com.docker.network.driver.mtu=1400 --aux-address a=10.99.1.7 --internal --attachable given
docker network inspect given --format '{{.Name}} {{.Driver}} {{.Scope}} {{.Internal}} {{.Attachable}} {{.Ingress}} {{.EnableIPv6}} {{json .IPAM}} {{json .Options}} {{json .Labels}} {{json .Containers}} {{.ConfigOnly}} {{json .ConfigFrom}}'
docker network inspect bridge --format '{{.Name}} {{.Driver}} {{.Options}} {{.Internal}}'

### network: ls and its filters
docker network ls --format '{{.Name}} {{.Driver}} {{.Scope}}' | sort
docker network ls --filter driver=bridge --format '{{.Name}}' | sort
docker network ls --filter name=lain --format '{{.Name}}'
docker network ls --filter name=^plain$ --format '{{.Name}}'
docker network ls --filter label=l --format '{{.Name}} {{.Labels}}'
docker network ls --filter type=builtin --format '{{.Name}}' | sort
docker network ls --filter type=nonsense
docker network ls --filter nonsense=1
docker network ls --filter dangling=true --format '{{.Name}}' | sort

### network: what is missing
docker network inspect nothing
docker network inspect plain nothing --format '{{.Name}}'
docker network rm nothing
docker network rm bridge
docker network rm plain given nothing

### network: values that are refused
docker network create --subnet 10.99.2.0/24 a-net
docker network create --subnet 10.99.2.0/25 b-net
docker network create --subnet nonsense b-net
docker network create --subnet 10.99.3.0/24 --gateway 10.99.4.1 b-net
docker network create --subnet 10.99.3.0/24 --ip-range 10.99.4.0/25 b-net
docker network create --subnet 10.99.3.0/24 --aux-address x=10.99.4.1 b-net
docker network create --subnet 10.99.3.0/24 --subnet 10.99.4.0/24 b-net
docker network create --gateway 10.99.4.1 b-net
docker network create -o com.docker.network.bridge.name=thisnameismuchtoolong b-net
docker network rm a-net b-net

### network: drivers and names that are refused
docker network create --driver host b-net
docker network create --driver null b-net
docker network create --driver overlay b-net
docker network create --scope swarm b-net
docker network create --ingress b-net
docker network create --config-from nothing b-net
docker network create bridge
docker network create host
docker network create 'b@d name'
docker network rm 'b@d name'

### network: gateways and ranges
docker network create --subnet 10.99.2.0/24 --ip-range 10.99.2.128/25 --aux-address x=10.99.2.129 ranged
docker run --rm --network ranged busybox sh -c 'ip -4 addr show eth0 | grep -o "inet [0-9.]*/[0-9]*"; ip route | head -1'
docker network create --subnet 10.99.5.0/24 --gateway 10.99.5.0 b-net
docker network create --subnet 10.99.6.0/24 --gateway 10.99.6.255 b-net
docker network create --subnet 10.99.7.0/32 b-net
docker network create --subnet 10.99.4.0 b-net
docker network rm ranged

### network: options
docker network create -o com.docker.network.bridge.enable_icc=false -o com.docker.network.driver.mtu=1400 -o com.docker.network.bridge.name=br-apart apart
docker run -d --name i1 --network apart busybox sleep 1000
docker run --rm --network apart busybox sh -c 'ping -c1 -W1 i1 | tail -1; cat /sys/class/net/eth0/mtu'
docker network create -o com.docker.network.bridge.name=br-apart b-net 2>&1 | sed 's/(.*/(/'
docker network create -o com.docker.network.driver.mtu=x b-net
docker network create -o com.docker.network.bridge.enable_icc=x b-net
docker network create --scope nonsense b-net
docker network ls --filter dangling=x
docker network disconnect -f apart nothing
docker network disconnect -f nothing i1
docker network connect --ip6 fd00::1 apart i1
docker rm -f i1
docker network rm apart

### network: configuration alone
docker network create --config-only --subnet 10.99.8.0/24 --label l=1 config
docker network create --config-from config --subnet 10.99.9.0/24 b-net
docker network create --config-from config configured
docker network inspect configured --format '{{json .ConfigFrom}} {{.ConfigOnly}} {{json .IPAM.Config}} {{json .Labels}}'
docker network inspect config --format '{{json .ConfigFrom}} {{.ConfigOnly}} {{.Driver}}'
docker run --rm --network config busybox true
docker network rm config
docker network rm configured config

### network: names between containers
docker network create n1 >/dev/null
docker network create --subnet 10.99.5.0/24 n2 >/dev/null
docker run -d --name c1 --network n1 --network-alias al busybox sleep 1000
docker run -d --name c2 --network n1 --dns 10.1.2.3 busybox sleep 1000
docker exec c2 sh -c 'ping -c1 -W2 c1 >/dev/null && echo by name; ping -c1 -W2 al >/dev/null && echo by alias; ping -c1 -W2 nobody'
docker exec c2 nslookup c1 | grep -A1 Name
docker exec c2 nslookup nothing.example. >/dev/null || echo unknown
docker exec c1 cat /etc/resolv.conf
docker exec c2 cat /etc/resolv.conf
docker inspect c1 --format '{{json (index .NetworkSettings.Networks "n1").Aliases}}'

### network: connect
docker network connect --ip 10.99.5.7 --alias second n2 c1
docker network connect n2 c1
docker exec c1 sh -c 'ls /sys/class/net | sort; ip -4 addr show eth1 | grep -o "inet [0-9.]*/[0-9]*"'
docker inspect c1 --format '{{json (index .NetworkSettings.Networks "n2").IPAMConfig}} {{(index .NetworkSettings.Networks "n2").IPAddress}} {{(index .NetworkSettings.Networks "n2").Gateway}}'
docker network inspect n2 --format '{{range .Containers}}{{.Name}} {{.IPv4Address}}{{end}}'
docker network rm n2

### network: addresses that are refused
docker network connect --ip 10.99.6.1 n2 c2
docker network connect --ip 10.99.5.1 n2 c2
docker network connect --ip 10.99.5.0 n2 c2
docker network connect --ip 10.99.5.7 n2 c2
docker network connect --ip 10.1.1.1 n1 c1
docker run --rm --network n1 --ip 10.1.1.1 busybox true
docker run --rm --network n2 --ip 10.1.1.1 busybox true
docker run --rm --network n2 --ip 10.99.5.7 busybox true 2>&1 | tail -1

### network: disconnect
docker network disconnect n2 c1
docker network disconnect n2 c1
docker exec c1 ls /sys/class/net
docker network disconnect -f n1 c2
docker exec c2 ls /sys/class/net
docker stop -t 0 c2
docker network disconnect n1 c2

### network: connect and disconnect, refused
docker network connect nothing c1
docker network connect n1 nothing
docker network disconnect nothing c1
docker network disconnect n2 nothing
docker network connect host c1
docker network connect none c1
docker network disconnect host c1
docker run -d --name hosted --network host busybox sleep 1000
docker network connect n2 hosted
docker network disconnect host hosted
docker run -d --name lonely --network none busybox sleep 1000
docker network connect n2 lonely
docker rm -f c1 c2 hosted lonely
docker network rm n1 n2

### network: internal ones publish nothing
docker network create --internal inside >/dev/null
docker run -d --name hidden --network inside -p 18240:80 busybox sleep 1000
docker port hidden
docker inspect hidden --format '{{json .NetworkSettings.Ports}} {{json .HostConfig.PortBindings}}'
docker rm -f hidden
docker network rm inside

### network: internal and isolation
docker network create --internal in1 >/dev/null
docker network create out1 >/dev/null
docker run -d --name i1 --network in1 busybox sleep 1000
docker run -d --name o1 --network out1 busybox sleep 1000
docker exec o1 ip route | cut -d' ' -f1,2
docker exec i1 ping -c1 -W1 $(docker inspect o1 --format '{{.NetworkSettings.Networks.out1.IPAddress}}') >/dev/null 2>&1 || echo not reached
docker network connect in1 o1
docker exec i1 sh -c 'ping -c1 -W2 o1 >/dev/null && echo reached'
docker rename o1 renamed
docker exec i1 sh -c 'ping -c1 -W2 renamed >/dev/null && echo renamed'
docker network prune -f
docker stop -t 0 i1 renamed
docker network prune -f | sort
docker rm i1 renamed
docker network prune -f | sort
docker network create --label keep pr1 >/dev/null
docker network prune -f --filter label!=keep
docker network prune -f --filter label=keep
docker network prune -f --filter nonsense=1

### network: default route and interfaces
docker network create r1 >/dev/null; docker network create r2 >/dev/null
docker run -d --name routed --network r1 busybox sleep 1000
docker network connect r2 routed
docker exec routed sh -c 'ip route | grep -c default; ls /sys/class/net | tr "\n" " "'
docker network disconnect r1 routed
docker exec routed sh -c 'ip route | grep -c default; ls /sys/class/net | tr "\n" " "'
docker network connect r1 routed
docker exec routed sh -c 'ip route | grep -c default; ls /sys/class/net | tr "\n" " "'
docker restart -t 0 routed
docker exec routed sh -c 'ip route | grep -c default; ls /sys/class/net | tr "\n" " "'
docker rm -f routed
docker network rm r1 r2

### volume: create, ls, inspect, rm
docker volume create v1
docker volume create v1
docker volume create --label a=1 --label b v2
docker volume create | wc -c
docker volume create 'b@d name'
docker volume create x
docker volume create -o nonsense=1 v3
docker volume create -o type=tmpfs -o device=tmpfs -o o=size=1m v4

### volume: inspect and ls
docker volume inspect v1 --format '{{.Name}} {{.Driver}} {{.Scope}} {{json .Labels}} {{json .Options}}'
docker volume inspect v2 --format '{{json .Labels}}'
docker volume inspect v4 --format '{{json .Options}}'
docker volume inspect nothing
docker volume inspect v1 nothing --format '{{.Name}}'
docker volume ls --format '{{.Name}} {{.Driver}} {{.Scope}}' --filter name=v | grep ^v
docker volume ls -q --filter label=a
docker volume ls -q --filter driver=nonsense
docker volume ls -q --filter nonsense=1
docker volume ls -q --filter dangling=maybe

### volume: options
docker volume create -o type=tmpfs v5
docker volume create -o device=/x v5
docker volume create -o o=bind v5
docker volume create -o type=nfs -o device=:/x -o o=addr=127.0.0.1 v5
docker volume inspect v5 --format '{{json .Options}}'
docker volume rm v5
docker builder prune -f --filter nonsense=1

### volume: in use
docker create --name user -v v1:/v busybox >/dev/null
docker volume rm v1
docker volume rm -f v1
docker volume ls -q --filter dangling=true --filter name=v | grep ^v
docker volume rm nothing
docker volume rm -f nothing
docker rm -v user
docker volume ls -q --filter name=v1
docker volume rm v2
docker volume prune -f --filter nonsense=1
docker volume rm v1 v4
docker volume prune -f --filter label=nothing | tail -1 | cut -d: -f1

### volume: what it takes from the image
printf 'FROM busybox\nRUN mkdir /d && echo from image >/d/f && chown 5:6 /d\nVOLUME /d\n' | docker build -q -t withvol - >/dev/null
docker run --rm withvol sh -c 'cat /d/f; stat -c %%u:%%g /d'
docker run --rm -v named:/d withvol cat /d/f
docker run --rm -v nocopy:/d:nocopy withvol ls /d

### volume: anonymous ones, and volumes from
docker create --name from withvol
docker inspect from --format '{{range .Mounts}}{{.Type}} {{.Destination}} {{.Driver}} {{.Mode}} {{.RW}} {{.Propagation}}{{end}} {{json .Config.Volumes}} {{json .HostConfig.Binds}}'
docker run --rm --volumes-from from busybox cat /d/f
docker run --rm --volumes-from from:ro busybox touch /d/x
docker volume ls -q | grep -c .
docker rm -v from
docker volume rm named nocopy
docker rmi withvol

### prune: containers, images, system
docker run --name pr1 busybox true
docker run --name pr2 --label keep busybox true
docker container prune -f --filter label!=keep
docker container prune -f --filter until=10h
docker container prune -f --filter nonsense=1
docker container prune -f
docker container prune -f

### prune: images and the rest
docker image prune -f
docker image prune -f --filter nonsense=1
docker image prune -f --filter until=nonsense
printf 'FROM busybox\nLABEL prune=1\n' | docker build -q -t pruned - >/dev/null
docker image prune -af --filter label=prune
docker system prune -f
docker builder prune -f

### system: df
docker create --name dfc busybox >/dev/null
docker volume create dfv >/dev/null
docker system df --format '{{.Type}} {{.TotalCount}} {{.Active}}'
docker system df | awk '{print $1, $2}' | head -4
docker system df -v --format '{{range .Volumes}}{{.Name}} {{.Links}} {{.Size}}{{"\n"}}{{end}}'
docker system df -v | grep -e 'space usage' -e '^[A-Z]'
docker rm dfc
docker volume rm dfv

### info
docker info --format '{{.Containers}} {{.ContainersRunning}} {{.ContainersPaused}} {{.ContainersStopped}} {{.LoggingDriver}} {{.OSType}} {{.Architecture}} {{.NCPU}} {{.Driver}} {{.LiveRestoreEnabled}} {{.Swarm.LocalNodeState}} {{.IndexServerAddress}} {{.DefaultRuntime}} {{.Isolation}} {{.ExperimentalBuild}}'
docker info --format '{{.Plugins.Volume}} {{.MemTotal}} {{.Debug}} {{.InitBinary}} {{.HTTPProxy}} {{.Name}}' | sed 's/ [a-z-]* *$//'
docker version --format '{{.Server.Os}}/{{.Server.Arch}} {{.Client.Version}}'

### swarm: not one
docker node ls
docker service ls
docker stack ls
docker secret ls
docker config ls
docker swarm leave
docker swarm join-token worker
docker swarm unlock-key

### swarm: further commands
docker service create busybox
docker secret inspect x
docker node inspect self
docker swarm update --autolock
docker swarm ca

### plugin
docker plugin ls
docker plugin inspect nothing
docker plugin rm nothing
docker plugin disable nothing
docker plugin enable nothing

### stats
docker run -d --name measured busybox sleep 1000
docker stats --no-stream --format '{{.Name}} {{.PIDs}}' measured
docker stats --no-stream --format '{{.Container}} {{.Name}}'
docker stats --no-stream nothing

### stats: stopped
docker stop -t 0 measured
docker stats --no-stream --format '{{.Name}} {{.CPUPerc}} {{.MemUsage}} {{.NetIO}} {{.BlockIO}} {{.PIDs}}' measured
docker rm measured

### events: a container's life
since=$(date +%s.%N)
docker run --rm --name ev -v evvol:/v busybox true
docker run -d --name ev2 busybox sleep 1000 >/dev/null
docker pause ev2 >/dev/null; docker unpause ev2 >/dev/null
docker exec ev2 echo x >/dev/null
docker rename ev2 ev3
docker kill ev3 >/dev/null
docker start ev3 >/dev/null
docker stop -t 0 ev3 >/dev/null
docker restart -t 0 ev3 >/dev/null
docker cp ev3:/etc/passwd - >/dev/null
docker export ev3 >/dev/null
docker update -m 64m --memory-swap 64m ev3 >/dev/null
docker top ev3 >/dev/null
docker rm -f ev3 >/dev/null
docker volume rm evvol >/dev/null
sleep 0.3
docker events --since $since --until $(date +%s.%N) --format '{{.Type}} {{.Action}} {{.Actor.Attributes.name}} {{.Actor.Attributes.exitCode}} {{.Actor.Attributes.signal}}'

### events: images, networks, volumes
since=$(date +%s.%N)
docker tag busybox e:1
docker rmi e:1 >/dev/null
docker network create evn >/dev/null
docker run --rm --network evn --name evr busybox true
docker network rm evn >/dev/null
docker volume create evv >/dev/null
docker volume rm evv >/dev/null
docker save busybox >/dev/null
sleep 0.3
until=$(date +%s.%N)
docker events --since $since --until $until --format '{{.Type}} {{.Action}} {{.Actor.Attributes.name}} {{.Actor.Attributes.type}}'
docker events --since $since --until $until --filter type=network --format '{{.Action}}'
docker events --since $since --until $until --filter event=tag --filter type=image --format '{{.Type}} {{.Action}} {{.ID | len}}'
docker events --since $since --until $until --filter nonsense=1
docker events --since nonsense --until $until
docker events --since 20 --until 10

### events: pushes, pulls, builds
since=$(date +%s.%N)
docker tag busybox $REGISTRY/e:1; docker push -q $REGISTRY/e:1 >/dev/null; docker pull -q $REGISTRY/e:1 >/dev/null; docker rmi $REGISTRY/e:1 >/dev/null
printf 'FROM busybox\nENV A=1\nRUN echo a\n' | docker build -q -t evb - >/dev/null
docker save evb -o x.tar; docker load -q -i x.tar >/dev/null; docker rmi evb >/dev/null
docker create --name ee busybox >/dev/null; docker export ee | docker import - evi >/dev/null; docker commit -m hi ee evc >/dev/null; docker rmi evi evc >/dev/null
docker network create en >/dev/null; docker network connect en ee; docker network disconnect en ee; docker start ee >/dev/null
docker run -d --name en1 busybox sleep 1000 >/dev/null; docker network connect en en1; docker network disconnect en en1; docker rm -f en1 ee >/dev/null; docker network rm en >/dev/null
sleep 0.3
until=$(date +%s.%N)
docker events --since $since --until $until --filter type=image --format '{{.Action}} {{.Actor.ID}} {{json .Actor.Attributes}}'
docker events --since $since --until $until --filter type=network --filter network=en --format '{{.Action}}'
docker events --since $since --until $until --filter container=ee --format '{{.Action}} {{.Actor.Attributes.comment}} {{.Actor.Attributes.imageRef}}'
docker events --since $since --until $until --filter event=attach --format '{{.Type}} {{.Action}}'

### events: whole
since=$(date +%s.%N)
docker run --rm --name whole --label l=1 busybox true
sleep 0.3
docker events --since $since --until $(date +%s.%N)
docker events --since $since --until $(date +%s.%N) --filter container=whole --filter event=die
docker events --since $since --until $(date +%s.%N) --filter image=busybox --filter label=l --format '{{.Action}}'

### conflicting options
docker run -d --name base busybox sleep 1000
docker run --rm --network container:base --dns 1.1.1.1 busybox true
docker run --rm --network container:base --add-host a:1.1.1.1 busybox true
docker run --rm --network container:base --expose 80 busybox true
docker run --rm --network container:base --link base busybox true
printf 'FROM busybox\nEXPOSE 80\n' | docker build -q -t exposes - >/dev/null
docker run --rm --network container:base exposes echo allowed
docker rmi exposes | head -1
docker run --rm --network host --link base busybox true
docker run --rm --network container: busybox true
docker run --rm --uts host --hostname x busybox true
docker run --rm --network bridge --ip 172.17.0.9 busybox true
docker run --rm --pid container:nothing busybox true
docker run --rm --ipc container:nothing busybox true
docker create --name stopped busybox
docker run --rm --network container:stopped busybox true
docker run --rm --pid container:stopped busybox true
docker run --rm --link stopped busybox true 2>&1 | sed 's, AS .*,,'
docker rm -f base stopped

### run: volumes at odd places
docker create --name odd -v anonymous busybox
docker inspect odd --format '{{range .Mounts}}{{.Type}} {{.Destination}}{{end}}'
docker rm -v odd
docker run --rm -v a:/x busybox ls -d /a:/x
docker run --rm -v x/y:/d busybox true

### events: one that removes itself is stopped
since=$(date +%s.%N)
docker run -d --rm --name selfish busybox sleep 1000 >/dev/null
docker stop -t 0 selfish
sleep 0.5
docker events --since $since --until $(date +%s.%N) --format '{{.Type}} {{.Action}}'
docker run -d --rm --name selfish busybox sleep 1000 >/dev/null
docker restart -t 0 selfish
docker ps --format '{{.Names}}'
docker rm -f selfish

### kill: whether it is started again
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

### inspect: several, and by type
docker create --name many1 busybox >/dev/null
docker volume create many1 >/dev/null
docker network create many1 >/dev/null
docker inspect many1 --format '{{.Name}}'
docker inspect --type volume many1 --format '{{.Driver}} {{.Scope}}'
docker inspect --type network many1 --format '{{.Driver}} {{.Scope}}'
docker inspect --type image many1
docker inspect many1 nothing --format '{{.Name}}'
docker container inspect nothing
docker network rm many1; docker volume rm many1; docker rm many1

### programs that the kernel does not execute
printf 'echo hi\n' >noshebang; printf '#!/no/such\n' >badinterp; printf x >notexec; chmod +x noshebang badinterp
docker run --rm -v $PWD/noshebang:/noshebang busybox /noshebang; echo $?
docker run --rm -v $PWD/badinterp:/badinterp busybox /badinterp; echo $?
docker run --rm -v $PWD/notexec:/notexec busybox /notexec; echo $?
docker run --rm busybox ''; echo $?
docker run --rm -w /bin busybox ./ls -d /etc; echo $?
docker run --rm -w /bin busybox ls/x; echo $?
docker run --rm -w /etc/passwd busybox true; echo $?
docker run --rm -e PATH=/nowhere busybox ls; echo $?
docker run --rm -u nouser busybox true; echo $?

### exec: exit codes of what cannot be run
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

### init: what it looks like
docker run --rm --init busybox ps -o args
docker run --rm --init busybox sh -c 'kill -9 $$'; echo $?
docker run --rm --init busybox nosuch 2>&1 | sed 's/([0-9]*)/(N)/'
docker run --rm --init busybox /etc 2>&1 | sed 's/([0-9]*)/(N)/'
docker run -d --name ini --init busybox sleep 1000
docker top ini -o pid,args | tail -2 | sed 's/^ *[0-9]* //'
docker rm -f ini

### capabilities and system calls
docker run --rm --cap-add SYS_ADMIN busybox sh -c 'mkdir /mnt; mount -t tmpfs x /mnt && echo mounted; umount /mnt && echo gone'
docker run --rm busybox sh -c 'mkdir /mnt; mount -t tmpfs x /mnt; unshare -m true'
docker run --rm -u nobody --cap-add NET_ADMIN busybox grep Cap /proc/self/status
docker run --rm --network host --sysctl net.ipv4.ip_forward=1 busybox true
docker run --rm busybox sh -c 'mount | grep -e " /dev/" -e " /dev " | cut -d" " -f3,5 | sort'

### binds and tmpfs: modes that are refused
mkdir -p m; echo x >m/f
docker run --rm -v $PWD/m:/m:ro,rw busybox true
docker run --rm -v mv:/m:rprivate busybox true
docker run --rm -v $PWD/m:/m:shared busybox true 2>&1 | sed 's/ on .* but/ on PLACE but/'
docker run --rm --mount type=bind,source=$PWD/m,target=/m,bind-propagation=nonsense busybox true
docker run --rm --tmpfs relative busybox true
docker run --rm -v $PWD/m:/m --tmpfs /m busybox true
docker run --rm --read-only busybox touch /etc/hosts
docker create --name mm --mount type=tmpfs,target=/t,tmpfs-size=2m busybox
docker inspect mm --format '{{json .Mounts}}'
docker rm mm
docker volume ls -q

### volumes that are folders of the machine
mkdir -p host; echo h >host/f
docker volume create -o type=none -o device=$PWD/host -o o=bind bv
docker run --rm -v bv:/b busybox cat /b/f
docker run --rm -v bv:/b busybox sh -c 'echo new >/b/g'
docker volume rm bv
cat host/f host/g
docker volume create -o type=none -o device=/no/such -o o=bind bv
docker run --rm -v bv:/b busybox true 2>&1 | head -1 | sed "s,'[^']*','PLACE',;s,such:.*_data,such:PLACE,"
docker volume rm bv

### logging: options that are refused
docker run --rm --log-opt max-size=x busybox true
docker run --rm --log-opt max-file=x busybox true
docker run --rm --log-opt max-file=0 busybox true
docker ps -aq

### network: internal ones and IPv6
docker network create --internal int >/dev/null
docker run --rm --network int busybox sh -c 'ip route | cut -d" " -f1; ip addr | grep -c inet; ping -c1 -W1 10.1.1.1 | tail -1'
docker network rm int
docker network create --ipv6 six
docker network create --ipv6 --subnet fd00:77::/64 --subnet 10.99.7.0/24 six >/dev/null
docker network inspect six --format '{{.EnableIPv6}} {{json .IPAM.Config}}'
docker run -d --name six1 --network six --ip6 fd00:77::99 busybox sleep 1000
docker inspect six1 --format '{{with .NetworkSettings.Networks.six}}{{.GlobalIPv6Address}}/{{.GlobalIPv6PrefixLen}} {{.IPv6Gateway}} {{json .IPAMConfig}}{{end}}'
docker run --rm --network six busybox sh -c 'ip -6 addr show eth0 | grep -o "inet6 fd[0-9a-f:/]*"; ip -6 route | grep default | cut -d" " -f1-3; ping -6 -c1 -W2 six1 >/dev/null && echo reached; tail -1 /etc/hosts | cut -f1'
docker network inspect six --format '{{range .Containers}}{{.IPv4Address}} {{.IPv6Address}}{{end}}'
docker network create --ipv6 --subnet fd00:77::/80 seven
docker rm -f six1
docker network rm six

### sharing: IPC and a stopped container's sandbox
docker run -d --name base busybox sleep 1000
docker run --rm --ipc container:base busybox true
docker run -d --name open --ipc shareable busybox sleep 1000
docker run --rm --ipc container:open busybox echo shared
docker stop -t 0 base
docker inspect base --format '{{len .NetworkSettings.SandboxID}} {{json .NetworkSettings.Ports}}'
docker rm -f base open

### cp: the kernel's files, and nothing at all
docker run -d --name kernel busybox sleep 1000
docker cp kernel:/proc/1/comm .
docker cp kernel:/sys/kernel/mm .
docker cp kernel:/dev/null - | tar t
docker cp kernel:/ - 2>/dev/null | tar t | grep -e '^/\?proc' -e '^/\?etc/passwd'
docker cp - kernel:/tmp </dev/null && echo nothing
docker cp kernel: out
docker rm -f kernel

### build: quiet ones that fail, names of stages, owners
printf 'FROM busybox\nRUN echo out; exit 3\n' | docker build -q -; echo $?
printf 'FROM busybox AS a\nFROM busybox AS a\n' | docker build -; echo $?
printf 'FROM busybox\nRUN echo a \\\n\n  b\n' | docker build -
printf 'FROM busybox\nADD http://127.0.0.1:1/x /x\n' | docker build -
printf 'FROM busybox\nCOPY --chown=nosuch a /x\n' >ctx/owner; docker build -f ctx/owner ctx
printf 'FROM busybox\nCOPY --chown=nobody a /x\n' >ctx/owner; docker build -f ctx/owner ctx
printf 'FROM busybox\nCOPY a\n' >ctx/owner; docker build -f ctx/owner ctx
docker build --isolation nonsense ctx
docker build http://127.0.0.1:1/x.tar
docker build --build-arg NO=1 -f ctx/args ctx | grep -i warn
docker container prune -f >/dev/null

### commit: more changes
docker run --name kk --entrypoint sh busybox -c true
docker commit kk img:1 | cut -c1-7
docker history img:1 --format '{{.CreatedBy}}' | head -1
docker commit -c 'STOPSIGNAL 9' kk
docker rm kk; docker rmi img:1

### save: the manifest
docker tag busybox s:1; docker tag busybox s:2
docker save s:1 s:2 | tar xO manifest.json | grep -o '"RepoTags":[^]]*'
docker rmi s:1 s:2

### stop, start and restart what is paused
docker run -d --name still busybox sleep 1000
docker pause still; docker stop -t 0 still; docker inspect still -f '{{.State.Status}}'
docker start still; docker pause still; docker kill still; docker inspect still -f '{{.State.Status}}'
docker start still; docker pause still; docker restart -t 0 still; docker inspect still -f '{{.State.Status}}'
docker pause still; docker rm still; docker rm -f still

### several at once
docker run -d --name s1 busybox sleep 1000; docker run -d --name s2 busybox sleep 1000
docker stop -t 0 s1 nosuch s2
docker start s1 nosuch s2
docker restart -t 0 s1 nosuch
docker kill s1 nosuch s2
docker inspect s1 s2 nosuch --format '{{.Name}} {{.State.ExitCode}}'
docker rm s1 nosuch s2

### platforms
docker tag busybox $REGISTRY/plat; docker push -q $REGISTRY/plat; docker rmi $REGISTRY/plat
docker pull --platform linux/arm64 $REGISTRY/plat; echo $?
docker pull --platform linux/amd64 $REGISTRY/plat; echo $?
docker pull --platform nonsense/x $REGISTRY/plat; echo $?
docker pull --platform 'a/b/c/d' $REGISTRY/plat; echo $?
docker run --rm --platform linux/arm64 $REGISTRY/plat true; echo $?
docker run --rm --platform linux/amd64 busybox echo fine; echo $?
docker run --rm --pull never --platform linux/arm64 busybox true; echo $?
docker create --platform windows/amd64 --pull never busybox true; echo $?
docker run --rm --pull always $REGISTRY/plat echo again
docker run --rm --pull always -q $REGISTRY/plat echo again
docker run --rm --pull nonsense busybox true
docker rmi $REGISTRY/plat

### import: from an address
docker import http://127.0.0.1:1/x.tar
docker run -d --name files --network host -v $PWD:/w busybox httpd -f -h /w -p 127.0.0.1:18777
mkdir -p layer; echo x >layer/x; tar c -C layer x >layer.tar; sleep 0.3
docker import http://127.0.0.1:18777/layer.tar web:1 | tail -1 | cut -c1-7
docker history web:1 --format '{{.Comment}}'
docker rm -f files; docker rmi web:1 | head -1
printf 'FROM busybox\nADD http://127.0.0.1:1/x /x\n' | docker build -

### build: from an address
mkdir -p web; printf 'FROM busybox\nRUN echo remote\n' >web/Dockerfile; echo text >web/file; tar cf web/ctx.tar -C web Dockerfile file
docker run -d --name files -p 127.0.0.1::80 -v $PWD/web:/w busybox httpd -f -h /w; sleep 0.3
at=$(docker port files 80)
docker build http://$at/Dockerfile | grep -v context
docker build http://$at/ctx.tar | grep -v context
docker build http://$at/nope
printf "FROM busybox\nADD --chown=5:6 http://$at/file /x/\nRUN stat -c '%%n %%a %%u %%s' /x/file\n" | docker build -
printf "FROM busybox\nADD http://$at/nope /x/\n" | docker build -
docker import http://$at/nope
docker rm -f files

### import and load: what is refused, and nothing
docker import - nothing:1 </dev/null | cut -c1-7
docker import --platform windows web/ctx.tar x:y
docker import web/ctx.tar x@sha256:0000000000000000000000000000000000000000000000000000000000000000
docker import -c 'CMD' web/ctx.tar nothing:2 | cut -c1-7
docker image inspect nothing:2 --format '{{json .Config.Cmd}}'
docker rmi nothing:1 nothing:2 | grep -c Untagged
docker save ''
echo x >manifest.json; tar c manifest.json | docker load
echo '[{"Config":"x.json","RepoTags":["Bad:b"],"Layers":[]}]' >manifest.json; echo '{"rootfs":{"type":"layers","diff_ids":[]}}' >x.json; tar c manifest.json x.json | docker load
echo '[{"Config":"x.json","Layers":["y"]}]' >manifest.json; tar c manifest.json x.json | docker load
echo '{}' >x.json; tar c manifest.json x.json | docker load
docker image prune -f >/dev/null

### images: ls formats and filters
docker build -q -t filtered:1 --label f=1 - >/dev/null <<'END'
FROM busybox
END
docker images --filter label=f --format '{{.Repository}}:{{.Tag}}'
docker images --filter label=f=2 -q
docker images --filter before=filtered:1 --format '{{.Repository}}' | sort
docker images --filter since=busybox --format '{{.Repository}}' | sort
docker images --filter before=nothing
docker images --filter reference='filt*:1' --format '{{.Tag}}'
docker images --filter reference=filtered:2 -q
docker images --filter nonsense=1
docker images --filter dangling=maybe
docker images --no-trunc --format '{{.ID}}' filtered | cut -c1-7
docker images --format table | head -1
docker images --format '{{json .}}' filtered | tr ',' '\n' | grep -e Repository -e Tag -e Size
docker rmi filtered:1

### users and working folders at the edge
docker run --rm -u 1:2:3 busybox id
docker run --rm -u -1 busybox id
docker run --rm --group-add nosuch busybox id
docker run --rm -u nobody -w /made/dir busybox sh -c 'pwd; ls -ld /made/dir | cut -c1-30'
docker run --rm --read-only -w /made busybox pwd
docker run --name wd -w /etc/passwd busybox true; docker ps -aq
docker create --name wd -w /a//b/ busybox >/dev/null; docker inspect wd --format '{{.Config.WorkingDir}}'; docker diff wd
echo x >wdfile; docker cp wdfile wd:/a/b/; docker cp wd:/a/b/wdfile - | tar t; docker rm wd

### tmpfs: options
docker run --rm --tmpfs /t:noatime,nodiratime,size=1m,size=2m --tmpfs /dev/shm:size=1m busybox sh -c 'mount | grep -e " /t " -e " /dev/shm "'
docker run --rm --tmpfs /t:size=x busybox true
docker run --rm --mount type=tmpfs,dst=/t --tmpfs /t busybox echo one of them
docker run --rm --ipc none busybox ls /dev/shm

### mounts that do not fit
mkdir -p fit; echo f >fit/f
docker run --rm --mount type=bind,source=$PWD/fit/f,target=/etc busybox true
docker run --rm -v $PWD/fit:/etc/passwd busybox true
docker run --rm -v $PWD/fit:/b:nocopy busybox true
docker create --name vf -v /data -v $PWD/fit:/host:ro busybox >/dev/null
docker run --rm --volumes-from vf:z busybox touch /data/x /host/x
docker run --rm --volumes-from vf:nocopy busybox true
docker run --rm --volumes-from '' busybox true
docker rm -v vf

### kernel values
docker run --rm --sysctl net.nonsense=1 busybox true
docker run --rm --ipc host --sysctl kernel.shmmax=1 busybox true
docker run --rm --hostname $(head -c 70 /dev/zero | tr '\0' a) busybox true
docker run --rm --security-opt no-new-privileges:x busybox true
docker run --rm --security-opt systempaths=unconfined busybox sh -c 'mount | grep -c ^proc'
docker run --rm --storage-opt nonsense=1 busybox true
docker run --rm --gpus all busybox true
docker run --rm --blkio-weight-device /dev/nope:100 --device-read-bps /dev/nope:1mb busybox true; echo $?
docker run --rm --cpu-shares 1 busybox true
docker run --rm --network host --dns 1.1.1.1 busybox cat /etc/resolv.conf

### control groups, as programs see them
docker run --rm -m 64m --cpus 0.5 --pids-limit 7 --cpu-shares 512 busybox sh -c 'cd /sys/fs/cgroup; cat memory.max memory/memory.limit_in_bytes cpu.max cpu/cpu.cfs_quota_us cpu/cpu.shares pids.max pids/pids.max 2>/dev/null; touch memory/x pids.max 2>&1 | grep -c Read-only'

### logging: what the drivers refuse
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

### links: shown, taken away, gone
docker run -d --name la -e X=1 --expose 80 busybox sleep 1000 >/dev/null
docker run -d --name lb --link la:al busybox sleep 1000 >/dev/null
docker inspect lb --format '{{.HostConfig.Links}}'
docker exec lb env | grep ^AL_
docker rm -l lb/al; docker rm -l lb/al; docker exec lb grep -c la /etc/hosts
docker network create lnet >/dev/null; docker run -d --name lc --network lnet busybox sleep 1000 >/dev/null
docker run --rm --link lc:al busybox true
docker run -d --name ld --link la:al busybox sleep 1000 >/dev/null
docker rm -f la; docker exec ld true; docker inspect ld --format '{{.HostConfig.Links}}'
docker rm -f lb lc ld; docker network rm lnet

### inspect: whole, of one that ran
docker run -d --name whole --network none --tmpfs /t --label a=b -e A=1 --memory 20m --cap-add NET_ADMIN --add-host a:1.1.1.1 --health-cmd true --ulimit nofile=1000 --sysctl net.ipv4.ip_forward=0 busybox sleep 1000 >/dev/null
docker kill whole; docker inspect whole | grep -v -e 'Dir"' -e 'Path"' -e SandboxKey; docker rm whole
docker run -d --name donor --ipc shareable busybox sleep 1000 >/dev/null
docker create --name taker --network container:donor --pid container:donor --ipc container:donor busybox >/dev/null
docker inspect taker --format '{{.HostConfig.NetworkMode}} {{.HostConfig.PidMode}} {{.HostConfig.IpcMode}} {{.Config.Hostname}}'
docker exec donor sh -c 'echo shared >/dev/shm/f'; docker run --rm --ipc container:donor busybox cat /dev/shm/f
docker rm -f taker donor

### rm: what runs, is its own, and has volumes
docker run -d --rm --name own -v /anonymous busybox sleep 1000 >/dev/null
docker rm -f own; docker volume ls -q | wc -l; docker volume prune -f | tail -1 | cut -c1-15

### diff: folders that stay as they are
docker run --name same -v /v --tmpfs /t busybox sh -c 'chmod 700 /root; rm -r /var; mkdir /var; chmod 711 /sys 2>/dev/null; ln -s x /lnk; mv /bin/zcat /bin/zzcat; echo v >/v/f'
docker diff same | sort; docker export same | tar tv --numeric-owner | awk '{print $1, $2, $6, $7, $8}' | grep -v ' bin/' | sort; docker rm -v same

### cp: folders that stay as they are, mounts, memory
mkdir -p stay/d; echo 1 >stay/one; chmod 700 stay
docker run -d --name st -v stv:/v --tmpfs /t busybox sh -c 'echo m >/t/f; sleep 1000' >/dev/null; sleep 0.3
since=$(date +%s.%N); docker cp st:/v - >/dev/null; sleep 0.2
docker events --since $since --until $(date +%s.%N) --format '{{.Type}} {{.Action}}'
docker cp stay/. st:/tmp; docker exec st ls -ld /tmp | cut -c1-10
docker cp st:/t/f .; docker cp stay/one st:/etc/hostname
docker rm -f st; docker volume rm stv

### update: each limit
docker create --name up busybox >/dev/null
docker update -m 32m up; docker update -m 64m --memory-swap 128m up; docker update --memory-reservation 1g up
docker update --pids-limit 50 up; docker update --pids-limit -1 up; docker update --blkio-weight 500 up; docker update --restart on-failure:3 up
docker inspect up --format '{{.HostConfig.Memory}} {{.HostConfig.MemorySwap}} {{.HostConfig.MemoryReservation}} {{.HostConfig.PidsLimit}} {{.HostConfig.BlkioWeight}} {{json .HostConfig.RestartPolicy}}'
docker rm up

### commit and exec: events, and nothing for an entrypoint
docker run -d --name ce busybox sleep 1000 >/dev/null; since=$(date +%s.%N)
docker exec ce true; docker commit -c 'ENTRYPOINT []' ce ce:1 >/dev/null; sleep 0.2
docker events --since $since --until $(date +%s.%N) --format '{{.Type}} {{.Action}}|'
docker inspect ce:1 --format '{{json .Config.Entrypoint}}'; docker rm -f ce; docker rmi ce:1 >/dev/null
docker run -dt --name ce --security-opt no-new-privileges busybox sh >/dev/null
docker exec ce sh -c 'echo [$TERM]; grep NoNew /proc/self/status'; docker rm -f ce

### ps: ports as they are listed
docker run -d --name pa -p 127.0.0.1::80 --expose 99 busybox sleep 1000 >/dev/null
docker ps -a --filter publish=80 --format '{{.Names}}'; docker ps -a --filter expose=80-90/tcp --format '{{.Names}}'; docker ps -a --filter expose=99/udp -q
docker ps --filter expose=x; docker ps --filter publish=1-x
docker kill -s -1 pa; docker stop -t 0 pa; docker ps -a --filter expose=80 -q; docker rm pa

### inspect: maps in the order of their keys
docker network create --label z=1 --label y=2 -o z=1 -o b=1 --subnet 10.99.1.0/24 --aux-address z=10.99.1.4 --aux-address a=10.99.1.5 ordered
docker network inspect ordered | grep -v -e '"Id"' -e Created
docker network rm ordered
docker volume create --label z=1 --label b=2 -o type=tmpfs -o o=size=1m -o device=tmpfs ordered
docker volume inspect ordered | grep -v -e Created -e Mountpoint
docker volume rm ordered
printf 'FROM busybox\nLABEL z=1 a=2\nEXPOSE 90 80\nVOLUME /z /a\n' | docker build -q -t ordered - >/dev/null
docker image inspect ordered busybox | grep -v -e 'Dir"' -e Version -e Created -e LastTag -e Size -e sha256
docker rmi ordered | head -1

### registries that are not there
docker pull scratch
printf 'FROM busybox\nCOPY --from=scratch / /\n' | docker build -
docker tag busybox 127.0.0.1:1/x
docker push 127.0.0.1:1/x
docker rmi 127.0.0.1:1/x

### the CLI's own refusals
docker run
docker nonsense
docker run --nonsense busybox
docker ps --format '{{.Nothing}}'
docker inspect --format '{{.Nothing}}' busybox
docker ps --format '{{nonsense}}'
docker container inspect busybox
docker volume inspect busybox

### cleaning up
docker rmi all:1 | grep -v -e deleted
docker image prune -f >/dev/null
docker ps -a
docker images --format '{{.Repository}}:{{.Tag}}' | sort
docker volume ls
docker network ls --format '{{.Name}}' | sort
