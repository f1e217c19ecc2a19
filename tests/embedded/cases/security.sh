### a seccomp profile
cat > deny.json <<'END'
{"defaultAction": "SCMP_ACT_ALLOW",
 "syscalls": [{"names": ["mkdir", "mkdirat", "no_such_call"], "action": "SCMP_ACT_ERRNO"}]}
END
docker run --name confined --security-opt seccomp=deny.json busybox sh -c 'mkdir /x; touch /y && echo made'
docker inspect -f '{{.HostConfig.SecurityOpt}}' confined
docker start -a confined
docker rm confined
docker run -d --name confined --security-opt seccomp=deny.json busybox sleep 100 >/dev/null
docker exec confined mkdir /x
docker rm -f confined

### invalid seccomp profiles
invalid() {
  echo "$1" > invalid.json
  docker run --rm --security-opt seccomp=invalid.json busybox true
}
invalid '{"defaultAction": "NOPE", "syscalls": []}'
invalid '{"syscalls": [{"names": ["mkdir"], "action": "SCMP_ACT_ERRNO"}]}'
invalid '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir"], "action": "SCMP_ACT_NOPE"}]}'
invalid '{"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_NOPE"]}'
invalid '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": [""], "action": "SCMP_ACT_ERRNO"}]}'
invalid '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir"], "action": "SCMP_ACT_ERRNO", "args": [{"index": 9, "value": 1, "op": "SCMP_CMP_EQ"}]}]}'
invalid '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir"], "action": "SCMP_ACT_ERRNO", "args": [{"index": 0, "value": 1, "op": "NOPE"}]}]}'
invalid '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir"], "action": "SCMP_ACT_NOTIFY"}]}'
invalid '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir"], "action": "SCMP_ACT_ERRNO", "includes": {"minKernel": "x"}}]}'
invalid '{"syscalls": "x"}'
invalid '{"defaultAction": 5}'
invalid '[]'
invalid '{}'

### default seccomp filter
docker run --rm busybox sh -c 'unshare -m true; unshare -U true; mount -t tmpfs x /mnt; swapoff /x; dmesg >/dev/null'
docker run --rm --cap-add SYS_ADMIN busybox unshare -m true
docker run --rm --cap-drop SYS_CHROOT busybox chroot / true
docker run --rm --security-opt seccomp=unconfined busybox unshare -U true
docker run --rm busybox grep Seccomp: /proc/self/status

### other security options
for option in label=disable label=foo label:type:x apparmor=unconfined no-new-privileges=false foo foo=bar foo:bar = seccomp no-new-privileges=maybe seccomp=/none; do
  docker run --rm --security-opt "$option" busybox grep NoNew /proc/self/status
done

### commands on a paused container
docker run -d --name still busybox sleep 1000 >/dev/null
docker pause still; docker pause still
docker exec still true; docker attach --no-stdin still; docker start still; docker rm still
docker inspect -f '{{.State.Status}} {{.State.Running}} {{.State.Paused}}' still
docker cp still:/etc/passwd - | tar t
docker commit still paused-image >/dev/null; docker inspect -f '{{.State.Status}}' still; docker rmi paused-image >/dev/null
docker kill -s USR1 still; docker inspect -f '{{.State.Status}}' still
docker pause still; docker stop -t 1 still; docker inspect -f '{{.State.Status}} {{.State.Paused}} {{.State.ExitCode}}' still
docker unpause still; docker rm still
docker run -d --name still --stop-signal QUIT busybox sleep 1000 >/dev/null
docker pause still; docker kill -s USR1 still; docker inspect -f '{{.State.Status}}' still
docker kill -s QUIT still; docker inspect -f '{{.State.Status}}' still
docker pause still; docker rm -f still
