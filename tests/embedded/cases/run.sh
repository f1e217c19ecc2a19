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

### run: stdin
echo one | docker run --rm -i busybox cat
printf 'a\nb\n' | docker run --rm -i busybox wc -l
echo lost | docker run --rm busybox cat
docker run --rm -i busybox cat </dev/null

### run: -t without a terminal
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

### run: unknown users
docker run --rm -u nosuchuser busybox id
docker run --rm -u nobody:nosuchgroup busybox id
docker run --rm -u nobody:root --group-add 77 busybox id

### run: entrypoint
docker run --rm --entrypoint echo busybox from the entrypoint
docker run --rm --entrypoint '' busybox echo none
docker run --rm --entrypoint /bin/ls busybox -d /etc
docker run --rm --entrypoint nosuch busybox
docker run --rm --entrypoint '' busybox

### run: values that the daemon rejects
docker run --rm -m 1m busybox true
docker run --rm -m 64m --memory-swap 32m busybox true
docker run --rm --memory-swap 64m busybox true

### run: CPUs that the daemon rejects
docker run --rm --cpus 1000 busybox true
docker run --rm --cpus 1 --cpu-quota 1000 busybox true

### run: restart policies that the daemon rejects
docker run --rm --restart sometimes busybox true
docker run --rm --restart always busybox true
docker run --rm --restart no:3 busybox true
docker run --restart always:3 busybox true

### run: unknown names
docker run --rm --cap-add NONSENSE busybox true
docker run --rm --stop-signal NONSENSE busybox true
docker run --rm --log-opt nonsense=1 busybox true
docker run --rm --runtime nonsense busybox true
docker run --rm --ipc nonsense busybox true
docker run --rm --pid nonsense busybox true
docker run --rm --uts nonsense busybox true
docker run --rm --cgroupns nonsense busybox true
docker run --rm --userns nonsense busybox true

### run: numbers that the daemon rejects
docker run --rm --oom-score-adj 5000 busybox true
docker run --rm --blkio-weight 5 busybox true
docker run --rm --cpuset-cpus 999 busybox true
docker run --rm --cpuset-cpus x busybox true
docker run --rm --shm-size -1 busybox true

### run: more values that the daemon rejects
docker run --rm --security-opt nonsense busybox true
docker run --rm --security-opt no-such=1 busybox true
docker run --rm --device /dev/nonsense busybox true
docker run --rm --health-interval 1us --health-cmd true busybox true

### run: addresses that the daemon rejects
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

### programs that the kernel cannot execute
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

### capabilities and system calls
docker run --rm --cap-add SYS_ADMIN busybox sh -c 'mkdir /mnt; mount -t tmpfs x /mnt && echo mounted; umount /mnt && echo gone'
docker run --rm busybox sh -c 'mkdir /mnt; mount -t tmpfs x /mnt; unshare -m true'
docker run --rm -u nobody --cap-add NET_ADMIN busybox grep Cap /proc/self/status
docker run --rm --network host --sysctl net.ipv4.ip_forward=1 busybox true
docker run --rm busybox sh -c 'mount | grep -e " /dev/" -e " /dev " | cut -d" " -f3,5 | sort'

### users and working directories, edge cases
docker run --rm -u 1:2:3 busybox id
docker run --rm -u -1 busybox id
docker run --rm --group-add nosuch busybox id
docker run --rm -u nobody -w /made/dir busybox sh -c 'pwd; ls -ld /made/dir | cut -c1-30'
docker run --rm --read-only -w /made busybox pwd
docker run --name wd -w /etc/passwd busybox true; docker ps -aq
docker create --name wd -w /a//b/ busybox >/dev/null; docker inspect wd --format '{{.Config.WorkingDir}}'; docker diff wd
echo x >wdfile; docker cp wdfile wd:/a/b/; docker cp wd:/a/b/wdfile - | tar t; docker rm wd

### sysctls and security options
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

### control groups inside containers
docker run --rm -m 64m --cpus 0.5 --pids-limit 7 --cpu-shares 512 busybox sh -c 'cd /sys/fs/cgroup; cat memory.max memory/memory.limit_in_bytes cpu.max cpu/cpu.cfs_quota_us cpu/cpu.shares pids.max pids/pids.max 2>/dev/null; touch memory/x pids.max 2>&1 | grep -c Read-only'
