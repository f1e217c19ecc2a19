"""`python -m docker_magics.embedded --host unix:///PATH --root DIR` runs the engine."""

from __future__ import annotations

import contextlib
import os
import sys

from . import descriptors

if __name__ == "__main__":
    descriptors.open_stdio()
    from . import private_environment, syscalls
    from .runtime import interpreter

    descriptors.close_all(but=private_environment.inherit())
    with contextlib.suppress(OSError):  # without it, no driver that needs it is chosen
        interpreter.execute_again()
    syscalls.set_name("docker-engine")  # otherwise it is the number of a descriptor
    from .daemon import main

    code = main()
    sys.stdout.flush()
    os._exit(code)
