### run: volumes
docker run --rm -v data:/d busybox sh -c 'echo kept >/d/f'
docker run --rm -v data:/d:ro busybox sh -c 'cat /d/f; echo x >/d/g'
docker run --rm -v data:/d busybox ls /d
docker run --rm -v "$PWD:/here" busybox sh -c 'echo written >/here/written'
cat written
docker run --rm -v "$PWD/not-there-yet:/x" busybox ls /x
ls -d not-there-yet

### run: invalid volumes
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

### run: invalid mounts
docker run --rm --mount type=nonsense,dst=/m busybox true
docker run --rm --mount type=volume,dst=rel busybox true
docker run --rm --mount type=bind,dst=/m busybox true
docker volume rm mounted

### run: read only
docker run --rm --read-only busybox touch /x
docker run --rm --read-only --tmpfs /tmp busybox touch /tmp/x
docker run --rm --read-only -v ro-data:/d busybox touch /d/x
docker volume rm ro-data

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

### volume: initial content from the image
printf 'FROM busybox\nRUN mkdir /d && echo from image >/d/f && chown 5:6 /d\nVOLUME /d\n' | docker build -q -t withvol - >/dev/null
docker run --rm withvol sh -c 'cat /d/f; stat -c %%u:%%g /d'
docker run --rm -v named:/d withvol cat /d/f
docker run --rm -v nocopy:/d:nocopy withvol ls /d

### volume: anonymous volumes and --volumes-from
docker create --name from withvol
docker inspect from --format '{{range .Mounts}}{{.Type}} {{.Destination}} {{.Driver}} {{.Mode}} {{.RW}} {{.Propagation}}{{end}} {{json .Config.Volumes}} {{json .HostConfig.Binds}}'
docker run --rm --volumes-from from busybox cat /d/f
docker run --rm --volumes-from from:ro busybox touch /d/x
docker volume ls -q | grep -c .
docker rm -v from
docker volume rm named nocopy
docker rmi withvol

### run: volumes at unusual paths
docker create --name odd -v anonymous busybox
docker inspect odd --format '{{range .Mounts}}{{.Type}} {{.Destination}}{{end}}'
docker rm -v odd
docker run --rm -v a:/x busybox ls -d /a:/x
docker run --rm -v x/y:/d busybox true

### binds and tmpfs: invalid modes
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

### volumes that bind host folders
mkdir -p host; echo h >host/f
docker volume create -o type=none -o device=$PWD/host -o o=bind bv
docker run --rm -v bv:/b busybox cat /b/f
docker run --rm -v bv:/b busybox sh -c 'echo new >/b/g'
docker volume rm bv
cat host/f host/g
docker volume create -o type=none -o device=/no/such -o o=bind bv
docker run --rm -v bv:/b busybox true 2>&1 | head -1 | sed "s,'[^']*','PLACE',;s,such:.*_data,such:PLACE,"
docker volume rm bv

### tmpfs: options
docker run --rm --tmpfs /t:noatime,nodiratime,size=1m,size=2m --tmpfs /dev/shm:size=1m busybox sh -c 'mount | grep -e " /t " -e " /dev/shm "'
docker run --rm --tmpfs /t:size=x busybox true
docker run --rm --mount type=tmpfs,dst=/t --tmpfs /t busybox echo one of them
docker run --rm --ipc none busybox ls /dev/shm

### conflicting mounts
mkdir -p fit; echo f >fit/f
docker run --rm --mount type=bind,source=$PWD/fit/f,target=/etc busybox true
docker run --rm -v $PWD/fit:/etc/passwd busybox true
docker run --rm -v $PWD/fit:/b:nocopy busybox true
docker create --name vf -v /data -v $PWD/fit:/host:ro busybox >/dev/null
docker run --rm --volumes-from vf:z busybox touch /data/x /host/x
docker run --rm --volumes-from vf:nocopy busybox true
docker run --rm --volumes-from '' busybox true
docker rm -v vf
### mounts at /proc, /sys and /dev
mkdir kernel; echo fake >kernel/f
docker run --rm -v $PWD/kernel/f:/proc/cpuinfo:ro -v $PWD/kernel/f:/proc/uptime busybox cat /proc/cpuinfo /proc/uptime
for target in /proc /proc/sys/net /proc/1; do docker run --rm -v $PWD/kernel:$target busybox true 2>/dev/null; echo $?; done
docker run --rm -v $PWD/kernel/f:/proc/version busybox true 2>/dev/null; echo $?
docker run --rm -v $PWD/kernel:/dev busybox ls /dev 2>/dev/null; echo $?; ls kernel
docker run --rm -v $PWD/kernel:/dev -v /dev/null:/dev/null --device /dev/zero busybox ls /dev; ls kernel
docker run --rm -v $PWD/kernel:/dev/shm busybox ls /dev/shm
docker run --rm -v $PWD/kernel:/dev/new busybox ls /dev/new
docker run --rm -v $PWD/kernel:/sys/fs/cgroup busybox ls /sys/fs/cgroup
docker run --rm -v $PWD/kernel:/sys/firmware busybox sh -c 'ls /sys/firmware; touch /sys/firmware/x'
docker run --rm -v $PWD/kernel:/sys busybox ls /sys
docker run --rm -v /sys:/sys:ro busybox sh -c 'ls /sys/firmware; ls -d /sys/kernel'
docker run --rm -v /proc:/proc busybox sh -c 'stat -c %F /proc/keys; sysctl -w kernel.domainname=x'
docker run --rm -v /dev:/dev busybox sh -c 'ls -d /dev/shm /dev/pts; stat -c %F /dev/null'
docker run --rm -v /dev:/dev -t busybox tty | tr -d 0-9
### targets that are links
docker run --name links busybox sh -c 'mkdir /real; echo x >/real/x; ln -s /real /linked; ln -s /new/folder /dangling; ln -s / /top; ln -s /proc/sys /kernel'
docker commit links links >/dev/null; docker rm links
docker run --rm -v /linked links sh -c 'ls /linked /real; grep -c " /real " /proc/mounts'
docker run --rm -v $PWD/kernel:/dangling links ls /dangling /new/folder
docker run --rm -v $PWD/kernel/f:/dangling/f links ls /new/folder
for target in /kernel /kernel/net; do docker run --rm -v $PWD/kernel:$target links true 2>/dev/null; echo $?; done
docker rmi links >/dev/null
### the mode of a tmpfs
docker run --rm --tmpfs /tmp --tmpfs /etc --tmpfs /run/new --tmpfs /run/other:mode=750 busybox stat -c '%a %n' /tmp /etc /run/new /run/other
