### build: all instructions
mkdir -p ctx/dir; echo a >ctx/a; echo b >ctx/dir/b
(cd ctx && tar cf archive.tar a dir)
cat >ctx/Dockerfile <<'END'
# a comment
ARG BASE=busybox
FROM $BASE
ARG VERSION=1
ENV NAME=value OTHER="two words"
ENV OLD style
LABEL one=1 two="2 2"
MAINTAINER someone
WORKDIR /work
COPY a dir/b ./
COPY --chown=nobody:nogroup dir /copied/
ADD archive.tar /added/
RUN echo running $NAME $VERSION; sleep 0.2; echo error >&2
RUN ["echo", "exec form"]
USER nobody
EXPOSE 80 53/udp
VOLUME /data ["/more"]
STOPSIGNAL SIGINT
SHELL ["/bin/sh", "-ec"]
HEALTHCHECK --interval=5s --retries=2 CMD true
ONBUILD RUN echo triggered
ENTRYPOINT ["echo"]
CMD ["default", "words"]
END
docker build -t all:1 ctx
docker build -t all:1 ctx

### build: modes of copied folders
mkdir -p modes/sub; chmod 700 modes; chmod 711 modes/sub; touch modes/sub/file
cat >modes/Dockerfile <<'END'
FROM busybox
WORKDIR /app
COPY . .
COPY sub /new/
COPY sub/file /one/two/
RUN stat -c '%n %a' /app /app/sub /new /one /one/two
END
docker build modes | grep '^/'

### build: the config that results from all instructions
docker image inspect all:1 --format '{{json .Config}}'
docker history all:1 --format '{{.CreatedBy}}|{{.Size}}'
docker run --rm all:1
docker run --rm --entrypoint sh all:1 -c 'ls -l /work /copied /added | tr -s " " | cut -d" " -f1,3,4,9; pwd; id -u'

### build: ONBUILD
printf 'FROM all:1\nRUN echo child\n' | docker build -t child -
docker history child --format '{{.CreatedBy}}' | head -3
docker rmi child

### build: arguments and labels
printf 'ARG V=1\nFROM busybox\nARG V\nARG W=w\nRUN echo "v=$V w=$W"\n' >ctx/args
docker build -f ctx/args --build-arg V=2 --build-arg UNUSED=3 --label l=1 -t args ctx
docker image inspect args --format '{{json .Config.Labels}}'
docker history args --format '{{.CreatedBy}}' | head -3
docker build -q -f ctx/args ctx | wc -c
docker build --no-cache -q -f ctx/args ctx | wc -c
docker rmi args

### build: failures
printf 'FROM busybox\nRUN echo before; exit 3\n' | docker build -
printf 'FROM busybox\nRUN no-such-command\n' | docker build -
printf 'FROM busybox\nRUN ["no-such-command"]\n' | docker build -
printf 'FROM not-here-at-all-xyz:1\n' | docker build - 2>&1 | head -3

### build: invalid Dockerfiles
printf 'FROM busybox\nNONSENSE x\n' | docker build -
printf 'RUN true\n' | docker build -
printf '' | docker build -
printf '# only a comment\n' | docker build -

### build: COPY errors
printf 'FROM busybox\nCOPY missing /\n' >ctx/bad; docker build -f ctx/bad ctx
printf 'FROM busybox\nCOPY a dir /one\n' >ctx/bad; docker build -f ctx/bad ctx
printf 'FROM busybox\nCOPY ../outside /\n' >ctx/bad; docker build -f ctx/bad ctx

### build: instructions without required arguments
printf 'FROM busybox\nENV\n' | docker build -
printf 'FROM busybox\nENV a\n' | docker build -
printf 'FROM busybox\nEXPOSE nonsense\n' | docker build -
printf 'FROM busybox\nUSER\n' | docker build -
printf 'FROM\n' | docker build -
printf 'FROM busybox AS\n' | docker build -

### build: invalid flags
printf 'FROM busybox\nCOPY --chown a b\n' | docker build -
printf 'FROM busybox\nCOPY --from=x --from=y /a /y\n' | docker build -
printf 'FROM --platform busybox\n' | docker build -
printf 'FROM --platform=foo/bar/baz/qux busybox\n' | docker build -
printf 'FROM busybox\nHEALTHCHECK --interval CMD true\n' | docker build -
printf 'FROM busybox\nHEALTHCHECK --interval=-1s CMD true\n' | docker build -
printf 'FROM busybox\nHEALTHCHECK --interval=5 CMD true\n' | docker build -
printf 'FROM busybox\nHEALTHCHECK --retries=x CMD true\n' | docker build -
printf 'FROM busybox\nONBUILD --x RUN a\n' | docker build -
printf 'FROM busybox\nSTOPSIGNAL --x a\n' | docker build -

### build: invalid values
printf 'FROM busybox\nWORKDIR ""\n' | docker build -
printf 'FROM busybox\nWORKDIR /etc/passwd\n' | docker build -
printf 'FROM busybox\nVOLUME $X\n' | docker build -
printf 'FROM busybox\nENV $X=b\n' | docker build -
printf 'FROM busybox\nEXPOSE 80/foo\n' | docker build -
printf 'FROM busybox\nEXPOSE 65536\n' | docker build -
printf 'FROM busybox\nEXPOSE 10-5\n' | docker build -
printf 'FROM busybox\nEXPOSE a:80:80\n' | docker build -
printf 'FROM busybox\nEXPOSE x:80\n' | docker build -
printf 'FROM busybox\nEXPOSE 1-2:3-5\n' | docker build -
docker build --security-opt nonsense ctx

### build: invalid base images
printf 'FROM Busybox\n' | docker build -
printf 'FROM ${X:?no}\n' | docker build -
printf 'FROM busybox AS a\nFROM a\nCOPY --from=9 /x /\n' | docker build -
printf 'FROM busybox AS a\nFROM a\nCOPY --from=1 /x /\n' | docker build -
printf 'FROM busybox AS a\nFROM a\nCOPY --from=Bad:: /x /\n' | docker build -
printf 'FROM busybox AS a\nFROM a\nCOPY --from=a /nope /\n' | docker build -
printf 'FROM busybox AS a\nARG S=a\nFROM a\nCOPY --from=$S /nope /\n' | docker build -
printf 'FROM busybox AS a\nFROM a\n' | docker build --target 0 -
printf 'FROM busybox\nONBUILD NONSENSE x\n' | docker build -q -t triggers - >/dev/null
printf 'FROM triggers\n' | docker build -
docker rmi triggers | head -1

### build: without a command
printf 'FROM busybox\nRUN\n' | docker build -
printf 'FROM busybox\nRUN []\n' | docker build -
printf 'FROM busybox\nENTRYPOINT\nCMD\n' | docker build -q -t empty - >/dev/null
docker image inspect empty --format '{{json .Config.Entrypoint}} {{json .Config.Cmd}}'
docker rmi empty | head -1
docker container prune -f >/dev/null

### build: unknown flags and triggers
printf 'FROM busybox\nCOPY --from=nothing-xyz /a /\n' | docker build - 2>&1 | head -2
printf 'FROM busybox\nCOPY --nonsense a /\n' | docker build -
printf 'FROM busybox\nHEALTHCHECK --nonsense=1 CMD x\n' | docker build -
printf 'FROM busybox\nHEALTHCHECK\n' | docker build -
printf 'FROM busybox\nSTOPSIGNAL NONSENSE\n' | docker build -
printf 'FROM busybox\nONBUILD FROM x\n' | docker build -
printf 'FROM busybox\nONBUILD ONBUILD RUN x\n' | docker build -
printf 'FROM busybox\nSHELL sh\n' | docker build -
printf 'FROM busybox\nWORKDIR\n' | docker build -
printf 'FROM busybox\nVOLUME\n' | docker build -
printf 'FROM busybox\nCMD echo "unclosed\n' | docker build - | tail -1 | cut -c1-18

### build: errors before the first step
docker build -f missing ctx
docker build no-such-folder
docker build -t Bad ctx
docker build --target nothing ctx
docker ps -aq | wc -l

### build: stages
cat >ctx/stages <<'END'
FROM busybox AS first
RUN echo made >/made
FROM busybox AS second
COPY --from=first /made /copied
RUN cat /copied
FROM second
COPY --from=0 /made /again
COPY --from=busybox /etc/passwd /passwd
CMD ["cat", "/again"]
END
docker build -f ctx/stages -t stages ctx
docker run --rm stages

### build: targets
docker build -f ctx/stages --target first -t only-first ctx
docker run --rm only-first cat /made
docker history stages --format '{{.CreatedBy}}' | head -4
docker rmi stages only-first

### build: .dockerignore
printf 'dir\n*.tar\n!dir/b\nDockerfile\n' >ctx/.dockerignore
printf 'FROM busybox\nCOPY . /c\nRUN find /c | sort\n' >ctx/ignoring
docker build -f ctx/ignoring ctx
rm ctx/.dockerignore

### build: the cache
printf 'FROM busybox\nCOPY a /a\nRUN echo cached\n' >ctx/cache
docker build -f ctx/cache -t cache ctx
touch ctx/a
docker build -f ctx/cache -t cache ctx
echo other >ctx/a
docker build -f ctx/cache -t cache ctx
docker build -f ctx/cache --no-cache -t cache ctx
docker rmi cache
docker image prune -f | tail -1 | cut -d: -f1

### build: leftovers
printf 'FROM busybox\nRUN echo x >/x\n' | docker build -t left:1 -
printf 'FROM left:1\nRUN echo y >/y\n' | docker build -t left:2 -
docker rmi left:1
docker rmi left:2
docker images -a --filter label=nothing

### build: escapes and quirks
cat >ctx/quirks <<'END'
FROM busybox
ENV A=old
ENV A=new B=$A C=${A:-x} D=${Z:-default} E=${A:+set} F=\$A
RUN echo "$B $C $D $E $F" \
  # a comment within
  && echo continued
ENV P=/a/b
WORKDIR $P
WORKDIR c
RUN pwd
CMD ['x']
LABEL a="quoted \"x\""
EXPOSE 8000-8002
COPY a "name with space"
COPY ["a", "json form"]
RUN ls
END
docker build -f ctx/quirks -t quirks ctx
docker image inspect quirks --format '{{json .Config.Env}} {{json .Config.Cmd}} {{json .Config.Labels}} {{json .Config.ExposedPorts}} {{.Config.WorkingDir}}'
docker rmi quirks

### build: healthcheck and entrypoint forms
printf 'FROM busybox\nHEALTHCHECK NONE\nENTRYPOINT echo shell form\nCMD ignored\n' | docker build -t forms -
docker image inspect forms --format '{{json .Config.Healthcheck}} {{json .Config.Entrypoint}} {{json .Config.Cmd}}'
docker run --rm forms
printf 'FROM all:1\nENTRYPOINT ["true"]\n' | docker build -t forms -
docker image inspect forms --format '{{json .Config.Entrypoint}} {{json .Config.Cmd}} {{json .Config.OnBuild}}'
docker rmi forms

### build: ports, labels, health
cat >ctx/more <<'END'
FROM busybox
EXPOSE 80:90 1.2.3.4:1-3:5-7/udp 53/UDP ${X:-7}
HEALTHCHECK --retries=2 CMD a b
HEALTHCHECK CMD ["x", "y z"]
HEALTHCHECK NONE
ARG HTTP_PROXY
RUN echo $HTTP_PROXY $http_proxy
END
docker build -f ctx/more --label b=2 --label a='q "$X"' --label e= --build-arg HTTP_PROXY=http://p --build-arg http_proxy=http://q -t more ctx
docker image inspect more --format '{{json .Config.ExposedPorts}} {{json .Config.Labels}} {{json .Config.Healthcheck}}'
docker history more --format '{{.CreatedBy}}' --no-trunc
printf 'FROM busybox\nRUN true\n' | docker build --build-arg HTTP_PROXY=http://p -q -t more - >/dev/null
docker history more --format '{{.CreatedBy}}' | head -1
docker rmi more | head -1

### build: results of COPY
mkdir -p cc/d; echo 1 >cc/a; ln -s a cc/link; mkfifo cc/d/fifo; (cd cc && tar czf t.tgz a)
cat >cc/Dockerfile <<'END'
FROM busybox AS one
RUN mkdir -p /o/p; echo 1 >/o/p/f; chown 3:4 /o/p/f; chmod 700 /o
FROM busybox
COPY --from=one /o /x/
COPY --from=one --chown=9 /o/p/f /x/own
ADD t.tgz /y
ADD --chown=7:7 t.tgz /z/
COPY d /w
RUN find /w /x /y /z -exec stat -c '%n %a %u:%g %F' {} + | sort
END
docker build cc

### build: the cache and paths
printf 'FROM busybox\nCOPY a /x\n' >cc/Dockerfile; docker build cc
printf 'FROM busybox\nCOPY link /x\n' >cc/Dockerfile; docker build cc | grep -c Using
chmod 600 cc/a; docker build cc | grep -c Using
mv cc/a cc/b; printf 'FROM busybox\nCOPY b /x\n' >cc/Dockerfile; docker build cc | grep -c Using
printf 'FROM busybox\nCOPY http://127.0.0.1/x /\n' | docker build -
printf 'FROM busybox\nADD t.tgz /etc/passwd\n' >cc/Dockerfile; docker build cc 2>&1 | tail -1 | cut -d: -f1

### build: options
printf 'FROM busybox\nRUN hostname >/dev/null; grep -c extra /etc/hosts; df -k /dev/shm | tail -1 | tr -s " " | cut -d" " -f2\nRUN ls /sys/class/net\n' | docker build --add-host extra:1.2.3.4 --shm-size 16m --network none -
printf 'FROM busybox\nRUN true\n' | docker build --force-rm --memory 64m -t o1 -t o2:x -
docker images --format '{{.Repository}}:{{.Tag}}' --filter reference='o*' | sort
printf 'FROM busybox\nRUN true\n' | docker build --network nothing --no-cache -
printf 'FROM busybox\nRUN true\n' | docker build --rm=false --no-cache -q - >/dev/null
docker ps -aq | wc -l
docker container prune -f >/dev/null
docker rmi o1 o2:x

### prune: images of builds
docker image prune -f

### build: quiet failures, stage names, owners
printf 'FROM busybox\nRUN echo out; exit 3\n' | docker build -q -; echo $?
printf 'FROM busybox AS a\nFROM busybox AS a\n' | docker build -; echo $?
printf 'FROM busybox\nRUN echo a \\\n\n  b\n' | docker build -
printf 'FROM busybox\nADD http://127.0.0.1:1/x /x\n' | docker build -
printf 'FROM busybox\nCOPY --chown=nosuch a /x\n' >ctx/owner; docker build -f ctx/owner ctx
printf 'FROM busybox\nCOPY --chown=nobody a /x\n' >ctx/owner; docker build -f ctx/owner ctx
printf 'FROM busybox\nCOPY a\n' >ctx/owner; docker build -f ctx/owner ctx
docker build --isolation nonsense ctx
docker build http://127.0.0.1:1/x.tar
docker build --build-arg NO=1 -f ctx/args ctx | grep -i warn
docker container prune -f >/dev/null

### build: from a URL
mkdir -p web; printf 'FROM busybox\nRUN echo remote\n' >web/Dockerfile; echo text >web/file; tar cf web/ctx.tar -C web Dockerfile file
docker run -d --name files -p 127.0.0.1::80 -v $PWD/web:/w busybox httpd -f -h /w; sleep 0.3
at=$(docker port files 80)
docker build http://$at/Dockerfile | grep -v context
docker build http://$at/ctx.tar | grep -v context
docker build http://$at/nope
printf "FROM busybox\nADD --chown=5:6 http://$at/file /x/\nRUN stat -c '%%n %%a %%u %%s' /x/file\n" | docker build -
printf "FROM busybox\nADD http://$at/nope /x/\n" | docker build -
docker import http://$at/nope
docker rm -f files

### cleaning up
docker rmi all:1 | grep -v -e deleted
