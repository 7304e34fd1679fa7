"""Where files lie: the program's resources, and the folder for the user's captures. No Qt.

Resources are found in a source checkout (`resources/` beside `explorer/`), in an installed wheel
(`explorer/resources/`) and in the packaged program (unpacked beside the executable).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

DATA_VARIABLE = "SOCKET_EXPLORER_DATA"
"""Environment variable that names another data folder: for tests, and for portable use."""


def resources_dir() -> Path:
    """The folder with icons/, themes/ and the workspace schema.

    Raises FileNotFoundError when the installation is incomplete.
    """
    for folder in _resource_folders():
        if (folder / "icons").is_dir():
            return folder
    searched = ", ".join(str(folder) for folder in _resource_folders())
    raise FileNotFoundError(f"The program's resources are missing (looked in {searched}). Install it again.")


def resource(*parts: str) -> Path:
    """The resource at that path: `resource("icons", "socket-explorer.svg")`. Raises FileNotFoundError."""
    path = resources_dir().joinpath(*parts)
    if not path.exists():
        raise FileNotFoundError(f"The program's file {path} is missing. Install it again.")
    return path


def data_dir() -> Path:
    """The user's data folder for this program, by the platform's rule. It is not created."""
    return data_dir_on(sys.platform, os.environ, Path.home())


def data_dir_on(platform: str, environment: Mapping[str, str], home: Path) -> Path:
    """The data folder on a platform (as `sys.platform` names it) for a user with that home folder."""
    chosen = environment.get(DATA_VARIABLE)
    if chosen:
        return Path(chosen)
    if platform == "darwin":
        return home / "Library" / "Application Support" / "Socket Explorer"
    if platform == "win32":
        local = environment.get("LOCALAPPDATA")
        return (Path(local) if local else home / "AppData" / "Local") / "Socket Explorer"
    # The XDG base directory rule: a relative path is to be ignored.
    shared = environment.get("XDG_DATA_HOME", "")
    return (Path(shared) if os.path.isabs(shared) else home / ".local" / "share") / "socket-explorer"


def captures_dir() -> Path:
    """The folder in which captures are kept: created when absent, readable by its owner only.

    Raises OSError when it cannot be created.
    """
    folder = data_dir() / "captures"
    # `mode` is for the last folder only: those above may be shared with other programs.
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    if os.name == "posix":
        folder.chmod(0o700)  # an older folder, or an unusual umask
    return folder


def _resource_folders() -> list[Path]:
    package = Path(__file__).resolve().parent
    folders = [package / "resources", package.parent / "resources"]
    unpacked = getattr(sys, "_MEIPASS", None)  # set by PyInstaller's start-up code
    if unpacked is not None:
        folders.insert(0, Path(unpacked) / "resources")
    return folders
