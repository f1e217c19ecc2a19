"""docker manifest annotate: set the platform of an image in a local manifest list."""

from __future__ import annotations

from docker_magics.cli.command import Command, flag, operand
from docker_magics.engine.client import Engine
from docker_magics.errors import UsageError

from ._experimental import experimental
from ._image import platform_fields, reference_of
from ._store import ManifestStore, NoSuchManifest

#: source: docker/cli, cli/command/manifest/util.go: validOSArches.
_PLATFORMS = {
    "darwin": ("386", "amd64", "arm", "arm64"),
    "dragonfly": ("amd64",),
    "freebsd": ("386", "amd64", "arm"),
    "linux": ("386", "amd64", "arm", "arm64", "mips64", "mips64le", "ppc64le", "riscv64", "s390x"),
    "netbsd": ("386", "amd64", "arm"),
    "openbsd": ("386", "amd64", "arm"),
    "plan9": ("386", "amd64"),
    "solaris": ("amd64",),
    "windows": ("386", "amd64"),
}


class ManifestAnnotate(Command):
    """Add additional information to a local image manifest"""

    usage = "[OPTIONS] MANIFEST_LIST MANIFEST"
    long = experimental("annotate")

    arch: str = flag("--arch string", "Set architecture")
    os: str = flag("--os string", "Set operating system")
    os_features: list[str] = flag("--os-features strings", "Set operating system feature")
    os_version: str = flag("--os-version string", "Set operating system version")
    variant: str = flag("--variant string", "Set architecture variant")
    manifest_list: str = operand()
    manifest: str = operand()

    def run(self, engine: Engine) -> None:  # noqa: ARG002 - the CLI's configuration folder has it
        """Change the image in the list.

        Raises:
            UsageError: the list does not have the image, or the platform does not exist.

        source: docker/cli, cli/command/manifest/annotate.go.
        """
        target, reference = reference_of(self.manifest_list), reference_of(self.manifest)
        store = ManifestStore()
        try:
            image = store.image(target, reference)
        except NoSuchManifest as error:
            problem = f"manifest for image {self.manifest} does not exist in {self.manifest_list}"
            raise UsageError(problem) from error
        platform = image["Descriptor"].get("platform") or {}
        given = {
            "os": self.os,
            "architecture": self.arch,
            "variant": self.variant,
            "os.version": self.os_version,
        }
        platform |= {key: value for key, value in given.items() if value}
        if self.os_features:
            features = [*platform.get("os.features", []), *self.os_features]
            platform["os.features"] = list(dict.fromkeys(features))
        if platform.get("architecture") not in _PLATFORMS.get(platform.get("os", ""), ()):
            raise UsageError(
                "manifest entry for image has unsupported os/arch combination:"
                f" {self.os}/{self.arch}"
            )
        image["Descriptor"]["platform"] = platform_fields(platform)
        store.save(target, reference, image)
