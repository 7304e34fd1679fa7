"""`python3 build test`: lint, types, import contracts, then all tests with coverage.

Every check runs, whatever those before it found. What failed is told to pytest, so that its closing
line, the last of the run, counts it.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence

from build import environment, system_libraries
from build.problem import OUT, ROOT

CHECKS = {
    "ruff check": ["ruff", "check", "."],
    "ruff format": ["ruff", "format", "--check", "."],
    "mypy": ["mypy"],
    "import contracts": ["build.contracts", "--no-logo"],
}


def run(arguments: Sequence[str]) -> int:
    """With arguments for pytest, coverage is not measured: a part of the tests says nothing about it."""
    python = str(environment.ensure(development=True))
    system_libraries.ensure()
    OUT.mkdir(parents=True, exist_ok=True)
    variables = environment.tool_environment()
    failed = []
    for name, command in CHECKS.items():
        print(f"-- {name}", flush=True)
        if subprocess.run([python, "-m", *command], cwd=ROOT, env=variables, check=False).returncode != 0:
            failed.append(name)
    print("-- pytest", flush=True)
    tests = [python, "-m", "pytest", "-p", "build.pytest_gate", *(f"--failed-check={name}" for name in failed)]
    tests += arguments or ["--cov", "--cov-branch", "--cov-report=", "--coverage-floors"]
    return subprocess.run(tests, cwd=ROOT, env=variables, check=False).returncode
