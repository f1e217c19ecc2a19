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

### network: missing networks
docker network inspect nothing
docker network inspect plain nothing --format '{{.Name}}'
docker network rm nothing
docker network rm bridge
docker network rm plain given nothing

### network: invalid values
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

### network: invalid drivers and names
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

### network: config-only
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

### network: invalid addresses
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

### network: connect and disconnect, errors
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

### network: internal networks publish no ports
docker network create --internal inside >/dev/null
docker run -d --name hidden --network inside -p $PORT:80 busybox sleep 1000
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

### network: internal networks and IPv6
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
