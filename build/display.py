"""A screen to draw on: a virtual one of known size on Linux, the real one elsewhere."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from build import environment, system_libraries
from build.problem import Problem


@contextmanager
def screen(size: str = "1920x1200") -> Iterator[dict[str, str]]:
    """Environment variables under which a program has a screen of that size in pixels (Linux).

    Raises Problem when Xvfb is missing and cannot be installed.
    """
    variables = environment.tool_environment()
    if sys.platform != "linux":
        yield variables
        return
    if shutil.which("Xvfb") is None:
        system_libraries.ensure_packages(["xvfb"], "This needs a virtual screen, Xvfb.")
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{size}x24", "-nolisten", "tcp", "-noreset"]
    server = subprocess.Popen(command, pass_fds=[writing], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        os.close(writing)
        with os.fdopen(reading) as answer:
            number = answer.readline().strip()  # written once it takes connections; empty when it ended
        if not number:
            raise Problem(f"Xvfb ended at once with exit status {server.wait()}. Try `Xvfb :99` by hand to see why.")
        variables.pop("WAYLAND_DISPLAY", None)
        yield {**variables, "DISPLAY": f":{number}", "QT_QPA_PLATFORM": "xcb"}
    finally:
        server.terminate()
        server.wait()
