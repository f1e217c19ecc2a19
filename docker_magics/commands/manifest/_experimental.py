"""The notice in the help of `docker manifest`.

source: docker/cli, cli/cobra.go: experimental commands.
"""

from __future__ import annotations


def experimental(verb: str) -> str:
    """Return the notice of a verb."""
    return (
        "EXPERIMENTAL:\n"
        f"  docker manifest {verb} is an experimental feature.\n"
        "  Experimental features provide early access to product functionality. These\n"
        "  features may change between releases without warning, or can be removed from a\n"
        "  future release. Learn more about experimental features in our documentation:\n"
        "  https://docs.docker.com/go/experimental/"
    )
