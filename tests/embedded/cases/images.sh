### image: local images
docker images --format '{{.Repository}}:{{.Tag}} {{.Digest}}' | sort
docker image ls -q busybox | wc -l
docker images --filter reference='busy*' --format '{{.Repository}}'
docker images --filter dangling=true -q
docker images nothing-like-it

### image: inspect of a missing image
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

### image: rmi of a missing image
docker rmi nothing-like-it
docker rmi -f nothing-like-it
docker rmi nothing-like-it nor-this
docker rmi not/:valid

### save and load
docker tag busybox saved:a
docker tag busybox saved:b
docker save -o saved.tar saved:a saved:b
tar tf saved.tar | grep -v -e '[0-9a-f]\{64\}' -e blobs -e index.json -e oci-layout | sort
docker rmi saved:a saved:b
docker load -i saved.tar
docker load -q -i saved.tar

### save and load: several images, and errors
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

### rmi: layers used by a container
printf 'FROM busybox\nRUN echo 1 >/one\nRUN echo 2 >/two\n' | docker build -q -t h:1 - >/dev/null
docker create --name holds h:1
docker rmi h:1
docker rmi -f h:1
docker rm holds

### save: the manifest
docker tag busybox s:1; docker tag busybox s:2
docker save s:1 s:2 | tar xO manifest.json | grep -o '"RepoTags":[^]]*'
docker rmi s:1 s:2

### import and load: invalid and empty archives
mkdir -p web; echo text >web/file; tar cf web/ctx.tar -C web file
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
