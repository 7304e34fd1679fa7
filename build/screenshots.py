"""`python3 build screenshots`: the pictures in resources/screenshots/, of the real window."""

from __future__ import annotations

from collections.abc import Sequence

from build.bench import run_on_screen


def run(arguments: Sequence[str]) -> int:
    """The exit status of the script that draws them."""
    return run_on_screen("tests.screenshots", arguments)
