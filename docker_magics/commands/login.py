"""docker login: verify a registry's credentials by the engine and store them as the CLI does."""

from __future__ import annotations

from docker_magics.cli.command import Command, flag, operand
from docker_magics.engine import auth
from docker_magics.engine.client import Engine
from docker_magics.errors import UsageError
from docker_magics.results.text import Text

#: The value of --password that means the standard input.
_STDIN = "-"
_INSECURE = "Using --password via the CLI is insecure."
#: source: docker/cli, cli/command/registry/login.go: loginWithStoredCredentials.
_EXISTING = """Authenticating with existing credentials... [Username: {}]

 Info -> To login with a different account, run 'docker logout' followed by 'docker login'

"""


class Login(Command):
    """Authenticate to a registry.
    Defaults to Docker Hub if no server is specified.
    """

    usage = "[OPTIONS] [SERVER]"

    password: str | None = flag(
        "-p, --password string",
        'Password or Personal Access Token (PAT), or "-" to read from stdin',
        default=None,
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
        credentials = self._stored(server)
        if credentials:
            self.terminal.notify(_EXISTING.format(credentials.get("username", "")))
        else:
            credentials = self._prompted(server)
        answer = engine.post("/auth", body=credentials) or {}
        if token := answer.get("IdentityToken"):
            credentials = {**credentials, "identitytoken": token, "password": ""}
        if warning := auth.save(server, credentials):
            self.terminal.notify(warning)
        return Text(answer.get("Status") or "Login Succeeded")

    @property
    def _reads_stdin(self) -> bool:
        return self.password_stdin or self.password == _STDIN

    def _check(self) -> None:
        if self.password_stdin and self.password not in {None, _STDIN}:
            raise UsageError(
                "conflicting options: cannot specify both --password and --password-stdin"
            )
        if self._reads_stdin and self.username is None:
            raise UsageError("the --password-stdin option requires --username to be set")
        if self.username == "":
            raise UsageError("username is empty")
        if self.password == "":
            raise UsageError("password is empty")
        if self.password not in {None, _STDIN}:
            place = "The password is saved in the notebook and its history."
            problem = place if self.terminal.is_cell else _INSECURE
            self.terminal.notify(f"WARNING! {problem} Use --password-stdin.")

    def _stored(self, server: str) -> dict[str, str] | None:
        if self.username is not None or self.password is not None:
            return None
        return auth.credentials_for(server)

    def _prompted(self, server: str) -> dict[str, str]:
        username = self.username or self._ask("Username: ")
        if self._reads_stdin:
            password = self.terminal.stdin.read().decode().removesuffix("\n").removesuffix("\r")
        else:
            password = self.password or self._ask("Password: ", secret=True)
        if not password.strip():
            raise UsageError("password is empty")
        return {"username": username, "password": password, "serveraddress": server}

    def _ask(self, prompt: str, *, secret: bool = False) -> str:
        try:
            return self.terminal.ask(prompt, secret=secret)
        except UsageError as error:
            error.cli_text = "error: cannot perform an interactive login from a non-TTY device"
            raise
