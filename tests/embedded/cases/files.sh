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

### cp: into a container, errors
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

### cp: out of a container, errors
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

### commit: errors
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

### import: errors
cat ex.tar | docker import - imported:3
docker import missing.tar x
echo nonsense | docker import - x:y
docker import -c 'RUN x' ex.tar x:y
docker import ex.tar Bad
docker rm ex
docker rmi imported:1 imported:2 imported:3

### cp: kernel files, and empty input
docker run -d --name kernel busybox sleep 1000
docker cp kernel:/proc/1/comm .
docker cp kernel:/sys/kernel/mm .
docker cp kernel:/dev/null - | tar t
docker cp kernel:/ - 2>/dev/null | tar t | grep -e '^/\?proc' -e '^/\?etc/passwd'
docker cp - kernel:/tmp </dev/null && echo nothing
docker cp kernel: out
docker rm -f kernel

### commit: more changes
docker run --name kk --entrypoint sh busybox -c true
docker commit kk img:1 | cut -c1-7
docker history img:1 --format '{{.CreatedBy}}' | head -1
docker commit -c 'STOPSIGNAL 9' kk
docker rm kk; docker rmi img:1

### import: from a URL
docker import http://127.0.0.1:1/x.tar
docker run -d --name files --network host -v $PWD:/w busybox httpd -f -h /w -p 127.0.0.1:$PORT
mkdir -p layer; echo x >layer/x; tar c -C layer x >layer.tar; sleep 0.3
docker import http://127.0.0.1:$PORT/layer.tar web:1 | tail -1 | cut -c1-7
docker history web:1 --format '{{.Comment}}'
docker rm -f files; docker rmi web:1 | head -1
printf 'FROM busybox\nADD http://127.0.0.1:1/x /x\n' | docker build -

### diff: unchanged folders
docker run --name same -v /v --tmpfs /t busybox sh -c 'chmod 700 /root; rm -r /var; mkdir /var; chmod 711 /sys 2>/dev/null; ln -s x /lnk; mv /bin/zcat /bin/zzcat; echo v >/v/f'
docker diff same | sort; docker export same | tar tv --numeric-owner | awk '{print $1, $2, $6, $7, $8}' | grep -v ' bin/' | sort; docker rm -v same

### cp: unchanged folders, mounts, tmpfs
mkdir -p stay/d; echo 1 >stay/one; chmod 700 stay
docker run -d --name st -v stv:/v --tmpfs /t busybox sh -c 'echo m >/t/f; sleep 1000' >/dev/null; sleep 0.3
since=$(date +%s.%N); docker cp st:/v - >/dev/null; sleep 0.2
docker events --since $since --until $(date +%s.%N) --format '{{.Type}} {{.Action}}'
docker cp stay/. st:/tmp; docker exec st ls -ld /tmp | cut -c1-10
docker cp st:/t/f .; docker cp stay/one st:/etc/hostname
docker rm -f st; docker volume rm stv
