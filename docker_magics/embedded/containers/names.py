"""Names for containers that were created without one.

source: the idea of moby pkg/namesgenerator: an adjective and someone who mattered.
"""

from __future__ import annotations

import random
from collections.abc import Container

_ADJECTIVES = (
    "able", "brave", "bright", "calm", "clever", "curious", "eager", "fearless", "gentle",
    "happy", "honest", "jolly", "keen", "kind", "lively", "lucid", "merry", "modest", "nimble",
    "patient", "quiet", "ready", "sharp", "steady", "sunny", "swift", "tidy", "vivid", "warm",
    "wise", "witty", "zealous",
)  # fmt: skip
_SURNAMES = (
    "babbage", "bartik", "boole", "curie", "darwin", "dijkstra", "einstein", "euclid", "euler",
    "franklin", "galileo", "gauss", "goodall", "hamilton", "hopper", "hypatia", "jang", "johnson",
    "kepler", "knuth", "lamarr", "lovelace", "mayer", "meitner", "mendel", "newton", "noether",
    "pascal", "perlman", "ritchie", "shannon", "thompson", "torvalds", "turing", "wozniak",
)  # fmt: skip


def generate(taken: Container[str]) -> str:
    """Return a free name such as `calm_hopper`; after some attempts, with a number."""
    for attempt in range(1000):
        name = f"{random.choice(_ADJECTIVES)}_{random.choice(_SURNAMES)}"  # noqa: S311 - no secret
        if attempt > 5:
            name += str(random.randrange(10 ** (attempt // 50 + 1)))  # noqa: S311
        if name not in taken:
            return name
    raise RuntimeError("cannot generate a name: all are taken")
