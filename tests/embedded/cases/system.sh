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

### swarm: inactive
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
docker create --name exported busybox >/dev/null; docker export exported | docker import - evi >/dev/null; docker commit -m hi exported evc >/dev/null; docker rmi evi evc >/dev/null
docker network create en >/dev/null; docker network connect en exported; docker network disconnect en exported; docker start exported >/dev/null
docker run -d --name en1 busybox sleep 1000 >/dev/null; docker network connect en en1; docker network disconnect en en1; docker rm -f en1 exported >/dev/null; docker network rm en >/dev/null
sleep 0.3
until=$(date +%s.%N)
docker events --since $since --until $until --filter type=image --format '{{.Action}} {{.Actor.ID}} {{json .Actor.Attributes}}'
docker events --since $since --until $until --filter type=network --filter network=en --format '{{.Action}}'
docker events --since $since --until $until --filter container=exported --format '{{.Action}} {{.Actor.Attributes.comment}} {{.Actor.Attributes.imageRef}}'
docker events --since $since --until $until --filter event=attach --format '{{.Type}} {{.Action}}'

### events: whole
since=$(date +%s.%N)
docker run --rm --name whole --label l=1 busybox true
sleep 0.3
docker events --since $since --until $(date +%s.%N)
docker events --since $since --until $(date +%s.%N) --filter container=whole --filter event=die
docker events --since $since --until $(date +%s.%N) --filter image=busybox --filter label=l --format '{{.Action}}'

### events: stopping a container of --rm
since=$(date +%s.%N)
docker run -d --rm --name selfish busybox sleep 1000 >/dev/null
docker stop -t 0 selfish
sleep 0.5
docker events --since $since --until $(date +%s.%N) --format '{{.Type}} {{.Action}}'
docker run -d --rm --name selfish busybox sleep 1000 >/dev/null
docker restart -t 0 selfish
docker ps --format '{{.Names}}'
sleep 1 # dockerd may still be about to remove it
docker rm -f selfish

### errors of the CLI
docker run
docker nonsense
docker run --nonsense busybox
docker ps --format '{{.Nothing}}'
docker inspect --format '{{.Nothing}}' busybox
docker ps --format '{{nonsense}}'
docker container inspect busybox
docker volume inspect busybox
