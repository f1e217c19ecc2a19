"""Making images of containers over the API. source: Engine API, ImageCommit."""

from __future__ import annotations

from ..api.messages import Json, Request
from ..api.router import Route
from ..images import references
from .commit import CommitRequest, Committer
from .store import ContainerStore


class CommitRoutes:
    """Answers docker commit.

    Args:
        store: the containers.
        committer: makes images.
    """

    def __init__(self, store: ContainerStore, committer: Committer) -> None:
        self._store = store
        self._committer = committer

    def table(self) -> list[Route]:
        """Return the routes."""
        return [Route("POST", "/commit", self.commit_container)]

    def commit_container(self, request: Request) -> Json:
        """ImageCommit."""
        container = self._store.get(request.get("container"))
        commit_request = CommitRequest(
            config=request.json("container.CreateRequest", required=False),
            name=references.of_new_image(request.get("repo"), request.get("tag"), "commit with"),
            changes=request.all("changes"),
            pause=request.flag("pause", default=True),
            author=request.get("author"),
            comment=request.get("comment"),
        )
        return Json({"Id": self._committer.commit(container, commit_request).id}, 201)
