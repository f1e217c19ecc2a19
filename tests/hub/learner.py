"""A learner at a JupyterHub, who logs in and runs cells over HTTP and WebSocket, as a page does."""

from __future__ import annotations

import json
import time
import uuid
from typing import Any

import requests
import websocket

LONGEST_S = 240


class Learner:
    """A learner with a running server and kernel.

    Attributes:
        name: the user's name.
    """

    def __init__(self, hub: str, name: str) -> None:
        """Log in, and start the user's server and a kernel.

        Args:
            hub: the URL of the hub, without a slash at its end.
            name: the user's name; the hub accepts any password.

        Raises:
            TimeoutError: the server does not start.
            requests.HTTPError: the hub or the server refuses a request.
        """
        self.name = name
        self._session = requests.Session()
        self._server = f"{hub}/user/{name}"
        self._log_in(hub)
        self._wait_for_server(hub)
        kernel = self._request("POST", "/api/kernels", json={})
        self._socket = self._connect(f"/api/kernels/{kernel.json()['id']}/channels")

    def run(self, code: str) -> str:
        """Run a cell; return what it prints, its result and its error, as text."""
        request = _execute_request(code)
        self._socket.send(json.dumps(request))
        texts = []
        while True:
            message = json.loads(self._socket.recv())
            if message["parent_header"].get("msg_id") != request["header"]["msg_id"]:
                continue
            if message["content"].get("execution_state") == "idle":
                return "".join(texts)
            texts.append(_text(message))

    def close(self) -> None:
        """Close the connections; the server keeps running."""
        self._socket.close()
        self._session.close()

    def _log_in(self, hub: str) -> None:
        self._session.get(f"{hub}/hub/login").raise_for_status()
        form = {"username": self.name, "password": "x", "_xsrf": self._xsrf("/hub/")}
        self._session.post(f"{hub}/hub/login", data=form).raise_for_status()

    def _wait_for_server(self, hub: str) -> None:
        """Start the server and wait for it; then get its cookies, by the redirects of OAuth."""
        self._session.get(f"{hub}/hub/spawn/{self.name}").raise_for_status()
        deadline = time.monotonic() + LONGEST_S
        while not self._is_ready(hub):
            if time.monotonic() > deadline:
                raise TimeoutError(f"the server of {self.name} did not start")
            time.sleep(0.5)
        self._session.get(f"{self._server}/files/")  # a page, unlike /api, redirects to the login

    def _is_ready(self, hub: str) -> bool:
        answer = self._session.get(f"{hub}/hub/api/users/{self.name}")
        answer.raise_for_status()
        return any(server["ready"] for server in answer.json()["servers"].values())

    def _request(self, method: str, path: str, **options: Any) -> requests.Response:
        headers = {"X-XSRFToken": self._xsrf(f"/user/{self.name}/")}
        answer = self._session.request(method, self._server + path, headers=headers, **options)
        answer.raise_for_status()
        return answer

    def _connect(self, path: str) -> websocket.WebSocket:
        url = self._server + path
        prepared = self._session.prepare_request(requests.Request("GET", url))
        return websocket.create_connection(
            url.replace("http", "ws", 1),
            cookie=prepared.headers["Cookie"],
            header=["Sec-Fetch-Mode: websocket"],
            timeout=LONGEST_S,
        )

    def _xsrf(self, path: str) -> str | None:
        return self._session.cookies.get("_xsrf", path=path)


def _execute_request(code: str) -> dict[str, Any]:
    """Return a message of Jupyter's protocol, https://jupyter-client.readthedocs.io."""
    header = {
        "msg_id": uuid.uuid4().hex,
        "msg_type": "execute_request",
        "session": uuid.uuid4().hex,
        "username": "",
        "version": "5.3",
    }
    content = {"code": code, "silent": False, "allow_stdin": False}
    return {
        "header": header,
        "parent_header": {},
        "metadata": {},
        "content": content,
        "channel": "shell",
    }


def _text(message: dict[str, Any]) -> str:
    content = message["content"]
    match message["header"]["msg_type"]:
        case "stream":
            return str(content["text"])
        case "execute_result" | "display_data":
            return str(content["data"].get("text/plain", ""))
        case "error":
            return "\n".join(content["traceback"])
    return ""
