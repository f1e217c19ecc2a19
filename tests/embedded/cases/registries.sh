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

### push and pull: missing images
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

### image: invalid names
docker image inspect Bad
docker images --filter 'reference=['
docker images --filter 'reference=[a-c]*' --format '{{.Repository}}'
docker images --filter 'reference=[^a-c]*' --format '{{.Repository}}'
docker image prune -f --filter dangling=false --filter label=zz
docker search --filter stars=x x
docker search --filter is-official=maybe x
docker search 127.0.0.1:1/x
docker search $REGISTRY/x

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

### unreachable registries
docker pull scratch
printf 'FROM busybox\nCOPY --from=scratch / /\n' | docker build -
docker tag busybox 127.0.0.1:1/x
docker push 127.0.0.1:1/x
docker rmi 127.0.0.1:1/x
