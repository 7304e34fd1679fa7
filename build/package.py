"""`python3 build package`: the program as a folder that needs no Python, tested, and as an archive.

What it leaves in build/out/: dist/ with the program, and the archive to hand to someone.
On Linux it runs where the C library is at least as new as here: build on the oldest system meant to run it.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Sequence
from pathlib import Path

from build import environment, system_libraries
from build.problem import OUT, ROOT, Problem
from build.version import version

SPEC = ROOT / "build" / "socket-explorer.spec"
DIST = OUT / "dist"
SELF_TEST_SECONDS = 120
MEGABYTE = 1_000_000


def run(arguments: Sequence[str]) -> int:
    """Build, test and pack. Raises Problem when any of it fails; a failing self-test leaves no archive."""
    if arguments:
        raise Problem(f"python3 build package takes no arguments, got: {' '.join(arguments)}")
    python = environment.ensure(development=True)
    system_libraries.ensure()
    if sys.platform == "linux" and (shutil.which("objdump") is None or shutil.which("strip") is None):
        system_libraries.ensure_packages(["binutils"], "Packaging needs objdump and strip.")
    shutil.rmtree(DIST, ignore_errors=True)
    _freeze(python)
    folder, program = _places()
    if sys.platform == "linux":
        _add_desktop_files(folder)
    self_test(program)
    archive = pack(folder, OUT / archive_name())
    print(f"{folder.relative_to(ROOT)}: {_size(folder) / MEGABYTE:.0f} MB")
    print(f"{archive.relative_to(ROOT)}: {archive.stat().st_size / MEGABYTE:.0f} MB, ready to hand out")
    return 0


def self_test(program: Path) -> None:
    """Run the packaged program's `--self-test` as on a bare machine. Raises Problem when it fails."""
    print("Testing the packaged program …", flush=True)
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as scratch:
        variables = environment.tool_environment() | {
            "QT_QPA_PLATFORM": "offscreen",
            "SOCKET_EXPLORER_DATA": scratch,
        }
        try:
            done = subprocess.run(
                [str(program), "--self-test"], cwd=scratch, env=variables, timeout=SELF_TEST_SECONDS, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise Problem(f"{program} --self-test did not end within {SELF_TEST_SECONDS} s.") from error
    if done.returncode != 0:
        raise Problem(f"{program} --self-test failed with exit status {done.returncode}; no archive was made.")
    print(f"Self-test passed in {time.monotonic() - started:.1f} s")


def archive_name() -> str:
    """The archive's file name: version, system and machine are in it."""
    system = {"darwin": "macos", "win32": "windows"}.get(sys.platform, sys.platform)
    ending = "tar.gz" if sys.platform == "linux" else "zip"
    return f"socket-explorer-{version()}-{system}-{platform.machine().lower()}.{ending}"


def pack(folder: Path, archive: Path) -> Path:
    """Write the folder into the archive, links and modes kept. The archive."""
    archive.unlink(missing_ok=True)
    if archive.name.endswith(".tar.gz"):
        with tarfile.open(archive, "w:gz", compresslevel=6) as tar:
            tar.add(folder, arcname=folder.name, filter=_owned_by_nobody)
    elif sys.platform == "darwin":  # a signed bundle must keep its links, which zipfile does not
        subprocess.run(["ditto", "-c", "-k", "--keepParent", str(folder), str(archive)], check=True)
    else:
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
            for path in sorted(folder.rglob("*")):
                packed.write(path, Path(folder.name) / path.relative_to(folder))
    return archive


def _freeze(python: Path) -> None:
    command = [str(python), "-m", "PyInstaller", "--noconfirm", "--clean", "--log-level=WARN"]
    command += [f"--workpath={OUT / 'work'}", f"--distpath={DIST}", str(SPEC)]
    if subprocess.run(command, cwd=ROOT, env=environment.tool_environment(), check=False).returncode != 0:
        raise Problem("PyInstaller could not make the program; its own message stands above.")


def _places() -> tuple[Path, Path]:
    """What was built: the folder to hand out, and the executable in it."""
    if sys.platform == "darwin":
        bundle = DIST / "Socket Explorer.app"
        return bundle, bundle / "Contents" / "MacOS" / "socket-explorer"
    folder = DIST / "socket-explorer"
    return folder, folder / ("socket-explorer.exe" if os.name == "nt" else "socket-explorer")


def _add_desktop_files(folder: Path) -> None:
    shutil.copy(ROOT / "resources" / "socket-explorer.desktop", folder)
    shutil.copy(ROOT / "resources" / "icons" / "socket-explorer.svg", folder)
    shutil.copy(ROOT / "LICENSE", folder)


def _owned_by_nobody(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


def _size(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*") if not path.is_dir())
