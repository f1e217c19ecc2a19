"""A rootless container engine in Python that speaks the Docker Engine API.

`python -m docker_magics.embedded --host unix:///PATH --root DIR` runs it in the foreground.
"""

#: The versions of the Engine API that the engine supports.
API_VERSION = "1.51"
MIN_API_VERSION = "1.22"
