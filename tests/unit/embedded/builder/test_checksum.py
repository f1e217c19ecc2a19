"""`ADD --checksum`."""

from __future__ import annotations

import pytest

from docker_magics.embedded.builder import checksum
from docker_magics.embedded.errors import BadParameter
from docker_magics.wire import digest

DATA = b"downloaded"
DIGEST = digest.of(DATA)
URL = "http://host/file"
BAD_CHECKSUMS = {
    (DIGEST, ("file",)): "checksum can't be specified for non-HTTP(S) sources",
    (DIGEST, ("git@host:a/b.git",)): "checksum can't be specified for non-HTTP(S) sources",
    (DIGEST, (URL, URL)): "checksum can't be specified for multiple sources",
    (DIGEST, ()): "checksum can't be specified for multiple sources",
    (DIGEST.removeprefix("sha256:"), (URL,)): "invalid checksum digest format",
    (DIGEST.upper().replace("SHA", "sha"), (URL,)): "invalid checksum digest format",
    (DIGEST[:-1], (URL,)): "invalid checksum digest length",
    (f"md5:{'0' * 32}", (URL,)): "unsupported digest algorithm",
}


@pytest.mark.parametrize(("text", "sources"), BAD_CHECKSUMS)
def test_an_invalid_checksum_is_an_error(text: str, sources: tuple[str, ...]) -> None:
    with pytest.raises(BadParameter) as caught:
        checksum.check_checksum(text, sources)
    assert str(caught.value) == BAD_CHECKSUMS[text, sources]


def test_a_download_must_match_its_checksum() -> None:
    checksum.check_checksum("", ("file", "other"))
    checksum.check_checksum(DIGEST, (URL,))
    checksum.verify(DIGEST, "")
    checksum.verify(DIGEST, DIGEST)
    other = digest.of(b"other")
    with pytest.raises(BadParameter, match=f"^digest mismatch {DIGEST}: {other}$"):
        checksum.verify(DIGEST, other)
