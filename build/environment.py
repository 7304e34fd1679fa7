"""The virtual environment in .venv, with exactly the locked and hashed dependencies.

What was installed is remembered in stamp files, so that a second run only compares two hashes.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

from build.problem import ROOT, Problem

VENV = ROOT / ".venv"
LOCKS = {"runtime": ROOT / "requirements.lock", "development": ROOT / "build" / "development.lock"}


def ensure(development: bool = False) -> Path:
    """The environment's Python, after making and filling the environment as far as needed.

    Raises Problem when that fails.
    """
    python = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if _read(VENV / "made-with") != _maker() or not python.exists():
        _make(python)
    parts = ["runtime", "development"] if development else ["runtime"]
    stale = [part for part in parts if _read(_stamp(part)) != _fingerprint(part)]
    if stale:
        _install(python, stale)
        for part in stale:
            _stamp(part).write_text(_fingerprint(part), encoding="utf-8")
    return python


def tool_environment() -> dict[str, str]:
    """This process's environment variables without those that lead a Python to other packages."""
    return {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "PYTHONHOME"}}


def _make(python: Path) -> None:
    if VENV.exists() and Path(sys.prefix).resolve() == VENV.resolve():
        raise Problem(f"{VENV} must be made anew, but runs this command. Start it with another Python.")
    print(f"Making the environment {VENV} …", flush=True)
    own_pip = importlib.util.find_spec("ensurepip") is not None
    if not own_pip and importlib.util.find_spec("pip") is None:
        raise Problem(
            f"{sys.executable} has neither ensurepip nor pip, so nothing can be installed. "
            "Install one: on Debian and Ubuntu, `sudo apt-get install -y python3-venv`."
        )
    try:
        venv.EnvBuilder(clear=True, with_pip=own_pip, symlinks=os.name != "nt").create(VENV)
    except (OSError, subprocess.CalledProcessError) as error:
        raise Problem(f"The environment {VENV} could not be made: {error}") from error
    if not python.exists():
        raise Problem(f"The environment {VENV} was made, but holds no {python.name}. Delete it and try again.")
    # The program is imported from the checkout, whatever folder it is started in.
    packages = Path(sysconfig.get_path("purelib", "venv", {"base": str(VENV), "platbase": str(VENV)}))
    (packages / "socket-explorer.pth").write_text(f"{ROOT}\n", encoding="locale")
    (VENV / "made-with").write_text(_maker(), encoding="utf-8")


def _install(python: Path, parts: list[str]) -> None:
    names = " and ".join(parts)
    print(f"Installing the locked {names} dependencies …", flush=True)
    command = [str(python), "-m", "pip"]
    if subprocess.run([*command, "--version"], capture_output=True, check=False).returncode != 0:
        command = [sys.executable, "-m", "pip", "--python", str(python)]  # pip 22.3 and newer
    command += ["install", "--require-hashes", "--disable-pip-version-check", "--no-input"]
    if not sys.stdout.isatty():
        command.append("--quiet")
    for part in parts:
        command += ["--requirement", str(LOCKS[part])]
    if subprocess.run(command, env=tool_environment(), check=False).returncode != 0:
        raise Problem(
            f"pip could not install the locked {names} dependencies; its own message stands above. "
            "The first time it needs a network connection and about 500 MB of disk. Then try again."
        )


def _stamp(part: str) -> Path:
    return VENV / f"installed-{part}"


def _fingerprint(part: str) -> str:
    return hashlib.sha256(LOCKS[part].read_bytes()).hexdigest()


def _maker() -> str:
    """What the environment depends on beside the locks: this Python and the checkout's place."""
    return f"{sys.version}\n{sys.base_prefix}\n{ROOT}\n"


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
