"""Servers as Docker Hub's official images have them, built from Debian's packages.

Their entrypoints begin as root, prepare a volume's folder, and drop privileges.
"""

from __future__ import annotations

import contextlib
import io
import socket
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import docker

from tools import images

#: Begins as root, gives the volume to the server's user, and becomes this user.
_AS_USER = """#!/bin/sh
set -e
if [ "$(id -u)" = 0 ]; then
    mkdir -p "$DATA"
    find "$DATA" ! -user {user} -exec chown {user} '{{}}' +
    chmod 700 "$DATA"
    exec gosu {user} "$0" "$@"
fi
{prepare}
exec "$@"
"""
#: What Debian's gosu does, which is not in every image here.
_GOSU = """#!/bin/sh
user=$1
shift
exec chroot --userspec="$user" --skip-chdir / "$@"
"""
_SUPERVISED = """
[program:sshd]
command=/usr/sbin/sshd -D
[program:cron]
command=/usr/sbin/cron -f
"""
_INIT_POSTGRES = """
PATH=$(echo /usr/lib/postgresql/*/bin):$PATH
if [ ! -s "$DATA/PG_VERSION" ]; then
    initdb --username=postgres --auth=trust >/dev/null
    echo 'host all all all trust' >>"$DATA/pg_hba.conf"
fi
"""
_INIT_MARIADB = """
if [ ! -d "$DATA/mysql" ]; then
    mariadb-install-db --datadir="$DATA" --auth-root-authentication-method=normal >/dev/null
    cat >"$DATA/init.sql" <<EOF
create user if not exists guest;
grant all on *.* to guest;
create database if not exists d;
EOF
fi
"""
#: Like the official image's: the volume gets WordPress if it is empty.
_FILL_WORDPRESS = """#!/bin/sh
set -e
if [ ! -e "$DATA/index.php" ]; then
    cp -RL /usr/share/wordpress/. "$DATA"
    cp /wp-config.php "$DATA"
    chown -R www-data: "$DATA"
fi
exec "$@"
"""
_CONFIGURE_WORDPRESS = """<?php
define('DB_NAME', 'd');
define('DB_USER', 'guest');
define('DB_PASSWORD', '');
define('DB_HOST', 'db');
define('WP_HOME', 'http://server');
define('WP_SITEURL', 'http://server');
define('WP_HTTP_BLOCK_EXTERNAL', true);
$table_prefix = 'wp_';
require ABSPATH . 'wp-settings.php';
"""
_INSTALL_WORDPRESS = """
define('WP_INSTALLING', true);
$_SERVER = ['HTTP_HOST' => 'server', 'SERVER_PROTOCOL' => 'HTTP/1.0'] + $_SERVER;
require '/var/www/html/wp-load.php';
require ABSPATH . 'wp-admin/includes/upgrade.php';
wp_install('blog 42', 'admin', 'admin@example.org', true, '', 'secret');
"""
_APACHE = (
    "STOPSIGNAL SIGWINCH",
    "RUN install -d /run/apache2 /run/lock",
    'CMD ["sh", "-c", ". /etc/apache2/envvars; exec apache2 -D FOREGROUND"]',
)
_GET = b"GET / HTTP/1.0\r\n\r\n"
_WEB = "wget -qO- http://server/"


@dataclass(frozen=True)
class Service:
    """A server, how to ask it, and what it answers.

    Attributes:
        packages: Debian's packages, separated by spaces.
        lines: of its Dockerfile.
        port: where it listens.
        data: the folder of its volume.
        greeting: what to send to the port.
        answers: what is in the answer.
        ask: a command of a second container, which knows it as `server`.
        reply: what this command prints.
        write: a command in the server that stores something.
        read: a command in the server that prints it: 42.
        asks_from: the image of the second container; empty for the server's.
        entrypoint: a script; its argument is the command.
        database: another service, whose container is called db.
        nightly: whether it is left out by default.
    """

    packages: str
    lines: tuple[str, ...]
    port: int
    data: str
    greeting: bytes
    answers: bytes
    ask: str
    reply: str
    write: str = "sh -c 'echo 42 >$DATA/answer'"
    read: str = "sh -c 'cat $DATA/answer'"
    asks_from: str = ""
    entrypoint: str = '#!/bin/sh\nexec "$@"\n'
    database: str = ""
    nightly: bool = True

    @property
    def dockerfile(self) -> str:
        """The text of its Dockerfile, without FROM."""
        usual = (
            "COPY --chmod=755 entrypoint gosu /usr/local/bin/",
            f"ENV DATA={self.data}",
            *self.lines,
            f"VOLUME {self.data}",
            f"EXPOSE {self.port}",
            'ENTRYPOINT ["entrypoint"]',
        )
        return "\n".join([*usual, ""])


SERVICES = {
    "redis": Service(
        packages="redis-server",
        lines=("WORKDIR /data", 'CMD ["redis-server", "--protected-mode", "no"]'),
        entrypoint=_AS_USER.format(user="redis", prepare=""),
        port=6379,
        data="/data",
        greeting=b"PING\r\n",
        answers=b"+PONG",
        ask="redis-cli -h server ping",
        reply="PONG",
        write="redis-cli set answer 42",
        read="redis-cli get answer",
        nightly=False,
    ),
    "nginx": Service(
        packages="nginx-light",
        lines=(
            "RUN ln -sf /dev/stdout /var/log/nginx/access.log",
            "RUN ln -sf /dev/stderr /var/log/nginx/error.log",
            "STOPSIGNAL SIGQUIT",
            'CMD ["nginx", "-g", "daemon off;"]',
        ),
        port=80,
        data="/var/www/html",
        greeting=_GET,
        answers=b"Welcome to nginx",
        ask=_WEB,
        reply="Welcome to nginx",
        asks_from="busybox",
        nightly=False,
    ),
    "postgres": Service(
        packages="postgresql",
        lines=(
            "RUN install -d -m 1777 /run/postgresql",
            "ENV PGDATA=/var/lib/postgresql/data",
            "STOPSIGNAL SIGINT",
            'CMD ["postgres", "-c", "listen_addresses=*"]',
        ),
        entrypoint=_AS_USER.format(user="postgres", prepare=_INIT_POSTGRES),
        port=5432,
        data="/var/lib/postgresql/data",
        greeting=b"\0\0\0\x08\x04\xd2\x16\x2f",  # SSLRequest
        answers=b"N",
        ask="psql -h server -U postgres -Atc 'select 41 + 1'",
        reply="42",
        write="psql -U postgres -c 'create table t as select 42'",
        read="psql -U postgres -Atc 'select * from t'",
        nightly=False,
    ),
    "mariadb": Service(
        packages="mariadb-server",
        lines=(
            "RUN rm -rf /var/lib/mysql && install -d -m 1777 /run/mysqld /var/lib/mysql",
            'CMD ["mariadbd", "--bind-address=0.0.0.0", "--init-file=/var/lib/mysql/init.sql"]',
        ),
        entrypoint=_AS_USER.format(user="mysql", prepare=_INIT_MARIADB),
        port=3306,
        data="/var/lib/mysql",
        greeting=b"",
        answers=b"MariaDB",
        ask="mariadb -h server -u guest -Nse 'select 41 + 1'",
        reply="42",
        write="mariadb -u root -e 'create table d.t select 42'",
        read="mariadb -u root -Nse 'select * from d.t'",
    ),
    "php-apache": Service(
        packages="apache2 libapache2-mod-php",
        lines=(
            "RUN rm -f /var/www/html/index.html",
            "RUN echo '<?php echo 6 * 7;' >/var/www/html/index.php",
            *_APACHE,
        ),
        port=80,
        data="/var/www/html",
        greeting=_GET,
        answers=b"\r\n\r\n42",
        ask=_WEB,
        reply="42",
        asks_from="busybox",
    ),
    "wordpress": Service(
        packages="wordpress apache2 libapache2-mod-php php-mysql mariadb-client",
        lines=(
            "RUN rm -f /var/www/html/index.html",
            "COPY wp-config.php install.php /",
            *_APACHE,
        ),
        entrypoint=_FILL_WORDPRESS,
        database="mariadb",
        port=80,
        data="/var/www/html",
        greeting=b"GET /wp-admin/ HTTP/1.0\r\n\r\n",
        answers=b"X-Redirect-By: WordPress",
        ask="wget -qO- http://server/wp-login.php",
        reply="WordPress",
        write="php /install.php",
        read="mariadb -h db -u guest -Nse "
        "'select option_value from d.wp_options where option_name = \"blogname\"'",
        asks_from="busybox",
    ),
    "rabbitmq": Service(
        packages="rabbitmq-server",
        lines=(
            # Debian's own /usr/sbin/rabbitmq-server does not exec: as PID 1 it ignores SIGTERM
            "ENV PATH=/usr/lib/rabbitmq/bin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "ENV HOME=/var/lib/rabbitmq RABBITMQ_NODENAME=rabbit@localhost",
            "ENV RABBITMQ_LOGS=-",
            'CMD ["rabbitmq-server"]',
        ),
        entrypoint=_AS_USER.format(user="rabbitmq", prepare=""),
        port=5672,
        data="/var/lib/rabbitmq",
        greeting=b"AMQP\0\0\x09\1",
        answers=b"RabbitMQ",
        ask="sh -c 'printf \"AMQP\\0\\0\\11\\1\" | nc -w 5 server 5672'",
        reply="RabbitMQ",
        write="rabbitmqctl add_vhost 42",
        read="sh -c 'rabbitmqctl -q list_vhosts | grep 42'",
        asks_from="busybox",
    ),
    "node": Service(
        packages="nodejs",
        lines=(
            "ENV APP=\"require('http').createServer((_, a) => a.end('42')).listen(3000);\"",
            "ENV END=\"process.on('SIGTERM', process.exit)\"",
            'CMD ["sh", "-c", "exec node -e \\"$APP$END\\""]',
        ),
        port=3000,
        data="/data",
        greeting=_GET,
        answers=b"42",
        ask="wget -qO- http://server:3000",
        reply="42",
        asks_from="busybox",
    ),
    "sshd": Service(
        packages="openssh-server openssh-client supervisor cron",
        lines=(
            "RUN mkdir -p /run/sshd",
            "RUN install -d -m 700 /root/.ssh && ssh-keygen -q -t ed25519 -N '' -f /root/.ssh/id",
            "RUN cp /root/.ssh/id.pub /root/.ssh/authorized_keys",
            "COPY --chmod=644 all.conf /etc/supervisor/conf.d/",
            'CMD ["supervisord", "-n"]',
        ),
        port=22,
        data="/home",
        greeting=b"",
        answers=b"SSH-2.0-OpenSSH",
        ask="ssh -tt -i /root/.ssh/id -o StrictHostKeyChecking=no server 'echo answer $((41 + 1))'",
        reply="answer 42",
        write="sh -c 'supervisorctl status cron | grep RUNNING && echo 42 >/home/answer'",
    ),
}


def context(name: str) -> bytes:
    """Return the build context of a service's image, FROM `NAME-base`."""
    service = SERVICES[name]
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        files = {"Dockerfile": f"FROM {name}-base\n{service.dockerfile}"}
        files |= {"entrypoint": service.entrypoint, "gosu": _GOSU, "all.conf": _SUPERVISED}
        files |= {
            "wp-config.php": _CONFIGURE_WORDPRESS,
            "install.php": f"<?php{_INSTALL_WORDPRESS}",
        }
        for path, text in files.items():
            info = tarfile.TarInfo(path)
            info.size = len(text.encode())
            tar.addfile(info, io.BytesIO(text.encode()))
    return buffer.getvalue()


def base(name: str) -> Path:
    """Return the root filesystem with a service's packages as a tar."""
    if name in images.RECIPES:
        return images.built(name)
    packages = SERVICES[name].packages.split()
    return images.built(f"service-{name}", images.debian_root(*packages))


@contextlib.contextmanager
def image(api: docker.DockerClient, name: str) -> Iterator[None]:
    """Build a service's image; remove it and the service's volume afterwards."""
    api.api.import_image_from_file(str(base(name)), f"{name}-base", "latest")
    api.images.build(fileobj=io.BytesIO(context(name)), custom_context=True, tag=name)
    try:
        yield
    finally:
        api.volumes.get(f"{name}-data").remove()
        api.images.remove(name)
        api.images.remove(f"{name}-base")


def answer_of(port: int, greeting: bytes) -> bytes:
    """Return what a port of this machine answers; empty if it does not."""
    received = b""
    with (
        contextlib.suppress(OSError),
        socket.create_connection(("127.0.0.1", port), timeout=3) as connection,
    ):
        connection.sendall(greeting)
        while len(received) < 1000 and (data := connection.recv(1000)):
            received += data
    return received
