"""`python3 build bench`: the measurements in tests/bench, with a window on a screen."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence

from build import display, environment, system_libraries
from build.problem import ROOT


def run(arguments: Sequence[str]) -> int:
    """The measurements' exit status: 1 when a number does not hold."""
    return run_on_screen("tests.bench", arguments)


def run_on_screen(module: str, arguments: Sequence[str]) -> int:
    """Run a module of the tests where it can open windows. Its exit status."""
    python = environment.ensure(development=True)
    system_libraries.ensure()
    with display.screen() as variables:
        return subprocess.run([str(python), "-m", module, *arguments], cwd=ROOT, env=variables, check=False).returncode
