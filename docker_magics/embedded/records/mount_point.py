"""What is mounted into a container. source: Engine API, MountPoint."""

from __future__ import annotations

from typing import NotRequired, TypedDict


class RequestedVolume(TypedDict):
    """The volume that a mount point needs, as `Volumes.create` takes it; an empty name for a new
    one.
    """

    name: str
    driver: str
    labels: dict[str, str] | None
    options: dict[str, str] | None


class MountPoint(TypedDict):
    """A bind, a volume, an image or a tmpfs. Fields after Propagation are the engine's own.

    Attributes:
        Name: of a volume, or of an image as the user wrote it.
        Driver: of a volume.
        Source: the host's path; empty for a tmpfs.
        Anonymous: whether the volume was created for this container alone.
        Create: whether a bind's missing source is created as a folder.
        FromBinds: whether it comes from HostConfig.Binds.
        ImageId, ImageLayers: the image, and the folders of its layers, bottom first.
        Inherited: whether it comes from another container (VolumesFrom).
        NoCopy: whether a new volume stays empty instead of receiving the image's files.
        NonRecursive, ReadOnlyNonRecursive, ReadOnlyForceRecursive: the BindOptions of a bind.
        Options: of a tmpfs, as mount(8) takes them.
        Requested: the volume; `mounts.create_volumes` replaces it by Name and Source.
        Subpath: the part of the volume or image that is mounted.
    """

    Type: str
    Name: NotRequired[str]
    Source: str
    Destination: str
    Driver: NotRequired[str]
    Mode: str
    RW: bool
    Propagation: str
    Anonymous: NotRequired[bool]
    Create: NotRequired[bool]
    FromBinds: NotRequired[bool]
    ImageId: NotRequired[str]
    ImageLayers: NotRequired[list[str]]
    Inherited: NotRequired[bool]
    NoCopy: NotRequired[bool]
    NonRecursive: NotRequired[bool]
    ReadOnlyNonRecursive: NotRequired[bool]
    ReadOnlyForceRecursive: NotRequired[bool]
    Options: NotRequired[str]
    Requested: NotRequired[RequestedVolume]
    Subpath: NotRequired[str]


#: The engine's own fields, which the API does not show.
INTERNAL_FIELDS = frozenset({
    "Anonymous", "Create", "FromBinds", "ImageId", "ImageLayers", "Inherited", "NoCopy",
    "NonRecursive", "Options", "ReadOnlyForceRecursive", "ReadOnlyNonRecursive", "Requested",
    "Subpath",
})  # fmt: skip
