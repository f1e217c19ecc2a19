### run: labels
docker create --name labelled --label a=1 --label b busybox
docker inspect labelled --format '{{json .Config.Labels}}'
printf 'x=file\n# no\ny=2\n' >labels.list
docker create --name labelled2 --label-file labels.list busybox
docker inspect labelled2 --format '{{index .Config.Labels "x"}} {{index .Config.Labels "y"}}'
docker ps -a --filter label=a --format '{{.Names}} {{.Label "a"}}'
docker ps -a --filter label=a=2 --format '{{.Names}}'
docker rm labelled labelled2

### run: values in inspect
docker create --name echo --cpus 0.5 -m 64m --memory-reservation 32m --pids-limit 99 --cpu-shares 512 --cpuset-cpus 0 --ulimit nofile=100:200 --ulimit core=0 --init --stop-signal SIGINT --stop-timeout 7 --restart on-failure:3 --cap-add NET_ADMIN --cap-drop MKNOD --security-opt no-new-privileges --shm-size 32m --sysctl net.ipv4.ip_forward=1 --oom-score-adj 100 --group-add 99 --log-opt max-size=1m --log-driver json-file --privileged=false --pid host --uts host --ipc private --tty --interactive busybox sleep 5
docker inspect echo --format '{{.HostConfig.NanoCpus}} {{.HostConfig.Memory}} {{.HostConfig.MemorySwap}} {{.HostConfig.MemoryReservation}} {{.HostConfig.PidsLimit}} {{.HostConfig.CpuShares}} {{.HostConfig.CpusetCpus}} {{json .HostConfig.Ulimits}} {{.HostConfig.Init}}'

### run: stop options in inspect
docker inspect echo --format '{{.Config.StopSignal}} {{.Config.StopTimeout}} {{json .HostConfig.RestartPolicy}} {{.HostConfig.CapAdd}} {{.HostConfig.CapDrop}} {{.HostConfig.SecurityOpt}} {{.HostConfig.ShmSize}} {{.HostConfig.Sysctls}} {{.HostConfig.OomScoreAdj}} {{.HostConfig.GroupAdd}} {{json .HostConfig.LogConfig}}'

### run: namespaces in inspect
docker inspect echo --format '{{.HostConfig.PidMode}} {{.HostConfig.UTSMode}} {{.HostConfig.IpcMode}} {{.Config.Tty}} {{.Config.OpenStdin}} {{.Config.StdinOnce}} {{.Config.AttachStdin}}'

### run: inspect before the start
docker inspect echo --format '{{.Path}} {{.Args}} {{.State.Status}} {{json .State}} {{.RestartCount}} {{.Driver}} {{.Platform}} {{.AppArmorProfile}} {{.MountLabel}} {{.ExecIDs}}'
docker rm echo

### run: whole inspect of a plain container
docker create --name plain busybox
docker inspect plain --format '{{json .Config}}'
docker inspect plain --format '{{json .Mounts}} {{.ResolvConfPath}} {{.Name}} {{.Image}}'
docker inspect plain --format '{{range $k, $v := .NetworkSettings.Networks}}{{$k}} {{json $v.IPAMConfig}} {{json $v.Links}} {{json $v.Aliases}} {{$v.IPAddress}}{{end}} {{json .NetworkSettings.Ports}}'
docker rm plain

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

### ps: filters by image, age, network and volume
docker ps -a --filter ancestor=busybox --format '{{.Names}}'
docker ps -a --filter ancestor=nothing --format '{{.Names}}'
docker ps -a --filter before=p2 --format '{{.Names}}'
docker ps -a --filter since=p2 --format '{{.Names}}'
docker ps -a --filter since=nothing --format '{{.Names}}'
docker ps -a --filter network=bridge --format '{{.Names}}'
docker ps -a --filter volume=/vol --format '{{.Names}}'

### ps: invalid filters
docker ps -a --filter status=nonsense
docker ps -a --filter nonsense=1
docker ps -a --filter exited=x
docker ps -a --filter health=nonsense
docker ps -a --filter publish=80 --format '{{.Names}}'
docker ps -a --filter is-task=true

### ps: --last, --latest, mounts and JSON
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

### stats
docker run -d --name measured busybox sleep 1000
docker stats --no-stream --format '{{.Name}} {{.PIDs}}' measured
docker stats --no-stream --format '{{.Container}} {{.Name}}'
docker stats --no-stream nothing

### stats: stopped containers
docker stop -t 0 measured
docker stats --no-stream --format '{{.Name}} {{.CPUPerc}} {{.MemUsage}} {{.NetIO}} {{.BlockIO}} {{.PIDs}}' measured
docker rm measured

### inspect: several objects, and by type
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

### inspect: whole, of an exited container
docker run -d --name whole --network none --tmpfs /t --label a=b -e A=1 --memory 20m --cap-add NET_ADMIN --add-host a:1.1.1.1 --health-cmd true --ulimit nofile=1000 --sysctl net.ipv4.ip_forward=0 busybox sleep 1000 >/dev/null
docker kill whole; docker inspect whole | grep -v -e 'Dir"' -e 'Path"' -e SandboxKey -e GwPriority; docker rm whole
docker run -d --name donor --ipc shareable busybox sleep 1000 >/dev/null
docker create --name taker --network container:donor --pid container:donor --ipc container:donor busybox >/dev/null
docker inspect taker --format '{{.HostConfig.NetworkMode}} {{.HostConfig.PidMode}} {{.HostConfig.IpcMode}} {{.Config.Hostname}}'
docker exec donor sh -c 'echo shared >/dev/shm/f'; docker run --rm --ipc container:donor busybox cat /dev/shm/f
docker rm -f taker donor

### ps: the ports column
docker run -d --name pa -p 127.0.0.1::80 --expose 99 busybox sleep 1000 >/dev/null
docker ps -a --filter publish=80 --format '{{.Names}}'; docker ps -a --filter expose=80-90/tcp --format '{{.Names}}'; docker ps -a --filter expose=99/udp -q
docker ps --filter expose=x; docker ps --filter publish=1-x
docker kill -s -1 pa; docker stop -t 0 pa; docker ps -a --filter expose=80 -q; docker rm pa

### inspect: maps in the order of their keys
docker network create --label z=1 --label y=2 -o z=1 -o b=1 --subnet 10.99.1.0/24 --aux-address z=10.99.1.4 --aux-address a=10.99.1.5 ordered
docker network inspect ordered | grep -v -e '"Id"' -e Created -e EnableIPv4
docker network rm ordered
docker volume create --label z=1 --label b=2 -o type=tmpfs -o o=size=1m -o device=tmpfs ordered
docker volume inspect ordered | grep -v -e Created -e Mountpoint
docker volume rm ordered
printf 'FROM busybox\nLABEL z=1 a=2\nEXPOSE 90 80\nVOLUME /z /a\n' | docker build -q -t ordered - >/dev/null
docker image inspect ordered busybox | grep -v -e 'Dir"' -e Version -e Created -e LastTag -e Size -e sha256 -e Hostname -e Domainname -e Attach -e Tty -e Stdin -e '"Image"'
docker rmi ordered | head -1
