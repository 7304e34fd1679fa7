"""`python3 build lock`: choose the newest versions that pyproject.toml allows, and write their hashes.

The locks name versions and hashes only, no index: they install from whichever index pip is set to.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence

from build.environment import LOCKS
from build.problem import ROOT, Problem

OPTIONS = [
    "--universal",
    "--python-version=3.11",
    "--generate-hashes",
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--no-annotate",
    "--no-header",
    "--upgrade",
    "--quiet",
]


def run(arguments: Sequence[str]) -> int:
    """Write both locks anew; arguments go to `uv pip compile`. Raises Problem when uv is missing or fails."""
    uv = shutil.which("uv")
    if uv is None:
        raise Problem("Locking needs uv, which is not on the PATH. Install it: pip install uv")
    runtime, development = LOCKS["runtime"], LOCKS["development"]
    _compile([uv, "pip", "compile", "pyproject.toml", "-o", str(runtime), *OPTIONS, *arguments])
    group = ["--group", "pyproject.toml:dev", "-c", str(runtime)]
    _compile([uv, "pip", "compile", *group, "-o", str(development), *OPTIONS, *arguments])
    return 0


def _compile(command: list[str]) -> None:
    if subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, check=False).returncode != 0:
        raise Problem("uv could not choose versions; its own message stands above.")
