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

### run: invalid ports
docker run --rm -p 99999:80 busybox true
docker run --rm -p 80:nonsense busybox true
docker run --rm -p 1.2.3.4.5:80:80 busybox true

### run: a port in use
docker run -d --name first -p 127.0.0.1:$PORT:80 busybox sleep 1000
docker run -d --name second -p 127.0.0.1:$PORT:80 busybox sleep 1000 2>&1 | sed 's/endpoint second.*//'
docker ps -a --format '{{.Names}} {{.State}}' | sort
docker rm -f first second

### run: host names
docker run --rm --hostname box busybox sh -c 'hostname; tail -1 /etc/hosts | cut -f2; cat /etc/hostname'
docker run --rm --hostname box.domain.org busybox sh -c 'hostname; tail -1 /etc/hosts | cut -f2'
docker run --rm --hostname box --domainname domain.org busybox sh -c 'hostname; tail -1 /etc/hosts | cut -f2'

### run: extra hosts and name servers
docker run --rm --add-host db:10.9.8.7 busybox grep -w db /etc/hosts
docker run --rm --add-host db:nonsense busybox true
docker run --rm --add-host gate:host-gateway busybox grep -c gate /etc/hosts
docker run --rm --dns 9.9.9.9 --dns-search example.org --dns-option ndots:3 busybox cat /etc/resolv.conf
docker run --rm --dns nonsense busybox true
docker run --rm --hostname 'bad_name!' busybox true

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
docker run --rm --network bridge --ip 10.1.1.9 busybox true
docker run --rm --pid container:nothing busybox true
docker run --rm --ipc container:nothing busybox true
docker create --name stopped busybox
docker run --rm --network container:stopped busybox true
docker run --rm --pid container:stopped busybox true
docker run --rm --link stopped busybox true 2>&1 | sed 's, AS .*,,'
docker rm -f base stopped

### sharing: IPC and a stopped container's sandbox
docker run -d --name base busybox sleep 1000
docker run --rm --ipc container:base busybox true
docker run -d --name open --ipc shareable busybox sleep 1000
docker run --rm --ipc container:open busybox echo shared
docker stop -t 0 base
docker inspect base --format '{{len .NetworkSettings.SandboxID}} {{json .NetworkSettings.Ports}}'
docker rm -f base open

### links: inspect, rm --link, a removed target
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
