"""Which command was asked for, and the help text."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from build import bench, checks, lock, package, run, screenshots
from build.problem import Problem

COMMANDS: dict[str, Callable[[Sequence[str]], int]] = {
    "run": run.run,
    "test": checks.run,
    "bench": bench.run,
    "package": package.run,
    "screenshots": screenshots.run,
    "lock": lock.run,
}

USAGE = """\
usage: python3 build COMMAND [-- ARGS]

  run          set everything up and start the program; ARGS go to it
  test         lint, types, import contracts and all tests; ARGS go to pytest
  bench        measure speed; ARGS go to the measurements
  package      make the program that needs no Python, in build/out/
  screenshots  draw the pictures in resources/screenshots/
  lock         choose the dependencies' versions anew (needs uv)
"""


def main(arguments: Sequence[str]) -> int:
    """Run the command. The exit status: 2 for wrong usage, 1 for a failure, else the command's own."""
    name, rest = (arguments[0], list(arguments[1:])) if arguments else ("", [])
    if name in {"-h", "--help", "help"}:
        print(USAGE, end="")
        return 0
    if name not in COMMANDS:
        print(f"There is no command {name!r}.\n\n{USAGE}" if name else USAGE, end="", file=sys.stderr)
        return 2
    if rest and rest[0] != "--":
        print(f"Arguments for {name} come after `--`: python3 build {name} -- {' '.join(rest)}", file=sys.stderr)
        return 2
    try:
        return COMMANDS[name](rest[1:])
    except Problem as problem:
        print(problem, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
