"""Root filesystems of containers: image layers below, changes on top, and storage drivers."""
