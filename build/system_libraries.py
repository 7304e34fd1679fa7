"""The system's libraries that Qt loads on Linux: found, installed on Debian and Ubuntu, or named.

Qt's own message for a missing one ("could not load the platform plugin") aborts the program and
does not say what to install.
"""

from __future__ import annotations

import ctypes
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from build.problem import Problem

QT_LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libX11.so.6": "libx11-6",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-glx.so.0": "libxcb-glx0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxcb.so.1": "libxcb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libzstd.so.1": "libzstd1",
}
"""Each library that PySide6's core, widgets, xcb and wayland files name as needed, and its Debian package."""

FONT_PACKAGE = "fonts-dejavu-core"
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts", "/etc/fonts/fonts")
FONT_ENDINGS = (".ttf", ".otf", ".ttc", ".pfb", ".pcf.gz")

_CACHE_MARKS = {"x86_64": "x86-64", "aarch64": "AArch64"}
"""How `ldconfig -p` marks libraries for a machine, where it also lists those for others."""


def ensure() -> None:
    """Install what Qt needs and this Linux lacks, or raise Problem naming it. Nothing to do elsewhere."""
    if sys.platform != "linux":
        return
    lacking = _lacking()
    if not lacking:
        return
    ensure_packages(sorted(set(lacking.values())), f"Qt needs what this system lacks: {', '.join(lacking)}.")
    lacking = _lacking()
    if lacking:
        raise Problem(f"Packages were installed, but Qt still lacks {', '.join(lacking)}.")


def ensure_packages(packages: Sequence[str], why: str) -> None:
    """Install Debian packages, or raise Problem with the one command to type. `why` is a sentence."""
    install = f"apt-get install -y --no-install-recommends {' '.join(packages)}"
    if not _is_debian():
        raise Problem(f"{why} Install that with this system's package manager. Debian's names: {' '.join(packages)}")
    prefix = _privilege()
    if prefix is None:
        raise Problem(f"{why} This command installs that; then try again:\n\n  sudo {install}\n")
    print(f"{why} Installing: {' '.join(packages)} …", flush=True)
    quiet = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive"]
    subprocess.run([*quiet, "apt-get", "update", "-qq"], stdin=subprocess.DEVNULL, check=False)
    if subprocess.run([*quiet, *install.split(), "-qq"], stdin=subprocess.DEVNULL, check=False).returncode != 0:
        raise Problem(f"apt-get could not install them; its own message stands above. To try by hand:\n\n  {install}\n")


def _lacking() -> dict[str, str]:
    """What is missing, and the Debian package that has it."""
    lacking = {name: QT_LIBRARIES[name] for name in missing(QT_LIBRARIES)}
    if not has_font(FONT_FOLDERS):
        lacking["any font"] = FONT_PACKAGE
    return lacking


def missing(libraries: Iterable[str]) -> list[str]:
    """Those that the dynamic loader does not find. Asks its cache first: loading each takes longer."""
    cached = _cached_libraries()
    return [name for name in libraries if name not in cached and not _loads(name)]


def has_font(folders: Iterable[str]) -> bool:
    """Whether any font file lies in these folders."""
    for folder in folders:
        for _, _, files in os.walk(os.path.expanduser(folder)):
            if any(name.lower().endswith(FONT_ENDINGS) for name in files):
                return True
    return False


def parse_cache(listing: str, machine: str) -> set[str]:
    """The library names in what `ldconfig -p` prints, for one machine as `platform.machine()` names it."""
    mark = _CACHE_MARKS.get(machine, "")
    names = set()
    for line in listing.splitlines():
        name, arrow, _ = line.partition(" => ")
        library, _, kind = name.strip().partition(" ")
        if arrow and mark in kind:
            names.add(library)
    return names


def _cached_libraries() -> set[str]:
    for program in ("/sbin/ldconfig", "/usr/sbin/ldconfig"):
        try:
            listing = subprocess.run([program, "-p"], capture_output=True, check=True, text=True).stdout
        except (OSError, subprocess.CalledProcessError):
            continue  # another kind of loader: each library is tried
        return parse_cache(listing, platform.machine())
    return set()


def _loads(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def _is_debian() -> bool:
    return Path("/etc/debian_version").exists() and shutil.which("apt-get") is not None


def _privilege() -> list[str] | None:
    """What to put before a command that root must run; None when that is not possible unasked."""
    if sys.platform != "win32" and os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo and subprocess.run([sudo, "-n", "true"], capture_output=True, check=False).returncode == 0:
        return [sudo, "-n"]
    return None
