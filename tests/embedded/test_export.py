"""docker export of containers that run."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

from embedded.shared import client, load_busybox, running


def test_a_container_can_change_its_image_s_files_after_an_export(tmp_path: Path) -> None:
    """The export reads the layers without taking the container's overlay from it."""
    with running(tmp_path), client(tmp_path) as api:
        load_busybox(tmp_path)
        box = api.containers.run("busybox", ["sleep", "1d"], detach=True)
        assert box.exec_run(["sh", "-c", "echo new > /new; rm /etc/group"]).exit_code == 0
        for _ in range(2):
            exported = io.BytesIO(b"".join(box.export()))
            with tarfile.open(fileobj=exported) as archive:
                names = archive.getnames()
            assert "new" in names
            assert "etc/passwd" in names
            assert "etc/group" not in names
        result = box.exec_run(["sh", "-c", "echo line >> /etc/passwd && touch /etc/other"])
        assert result.exit_code == 0, result.output
        box.remove(force=True)
