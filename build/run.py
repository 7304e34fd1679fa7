"""`python3 build run`: set up what is missing, then become the program."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence

from build import environment, system_libraries


def run(arguments: Sequence[str]) -> int:
    """Start the program from the checkout, in the folder the user is in. Its exit status."""
    python = environment.ensure()
    system_libraries.ensure()
    # -P: a folder `explorer` where the user happens to be is not the program.
    command = [str(python), "-P", "-m", "explorer", *arguments]
    if os.name == "posix":
        sys.stdout.flush()
        os.execv(command[0], command)
    return subprocess.run(command, check=False).returncode
