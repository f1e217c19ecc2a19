"""docker login: verify a registry's credentials by the engine and store them as the CLI does."""

from __future__ import annotations

from docker_magics.cli.command import Command, flag, operand
from docker_magics.engine import auth
from docker_magics.engine.client import Engine
from docker_magics.errors import Unauthorized, UsageError
from docker_magics.results.text import Text


class Login(Command):
    """Authenticate to a registry.
    Defaults to Docker Hub if no server is specified.
    """

    usage = "[OPTIONS] [SERVER]"

    password: str | None = flag(
        "-p, --password string", "Password or Personal Access Token (PAT)", default=None
    )
    password_stdin: bool = flag(
        "--password-stdin", "Take the Password or Personal Access Token (PAT) from stdin"
    )
    username: str | None = flag("-u, --username string", "Username", default=None)
    server: str | None = operand(optional=True)

    def run(self, engine: Engine) -> Text:
        """Return `Login Succeeded`. No message contains the password.

        source: Engine API, SystemAuth.
        """
        self._check()
        server = auth.HUB if self.server in {None, "docker.io"} else str(self.server)
        credentials = self._stored(server) or self._prompted(server)
        answer = engine.post("/auth", body=credentials) or {}
        if token := answer.get("IdentityToken"):
            credentials = {**credentials, "identitytoken": token, "password": ""}
        if warning := auth.save(server, credentials):
            self.terminal.notify(warning)
        return Text(answer.get("Status") or "Login Succeeded")

    def _check(self) -> None:
        if self.password_stdin and self.password is not None:
            raise UsageError(
                "conflicting options: cannot specify both --password and --password-stdin"
            )
        if self.password_stdin and self.username is None:
            raise UsageError("the --password-stdin option requires --username to be set")
        if self.username == "":
            raise UsageError("username is empty")
        if self.password == "":
            raise UsageError("password is empty")
        if self.password is not None:
            self.terminal.notify(
                "WARNING! The password is saved in the notebook and its history."
                " Use --password-stdin."
            )

    def _stored(self, server: str) -> dict[str, str] | None:
        if self.username is not None or self.password is not None:
            return None
        return auth.credentials_for(server)

    def _prompted(self, server: str) -> dict[str, str]:
        username = self.username or self.terminal.ask("Username: ")
        if self.password_stdin:
            password = self.terminal.stdin.read().decode().removesuffix("\n").removesuffix("\r")
        else:
            password = self.password or self.terminal.ask("Password: ", secret=True)
        if not password:
            raise Unauthorized("expected a password, got none")
        return {"username": username, "password": password, "serveraddress": server}
