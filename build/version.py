"""The program's version, read without importing it, and what Windows shows of it."""

from __future__ import annotations

import re
from typing import Any

from build.problem import ROOT, Problem

DESCRIPTION = "Socket Explorer"
COPYRIGHT = "Socket Explorer contributors, MIT licence"


def version() -> str:
    """The version in explorer/__init__.py, as "1.2.3". Raises Problem when there is none."""
    path = ROOT / "explorer" / "__init__.py"
    found = re.search(r'^__version__ = "([^"]+)"$', path.read_text(encoding="utf-8"), re.MULTILINE)
    if found is None:
        raise Problem(f'{path} does not say `__version__ = "…"`.')
    return found[1]


def four_numbers(text: str) -> tuple[int, int, int, int]:
    """A version as Windows counts it: "1.2.3rc1" is 1, 2, 3, 0."""
    leading = [re.match(r"\d+", part) for part in f"{text}.0.0.0".split(".")]
    first, second, third, fourth = (int(found[0]) if found else 0 for found in leading[:4])
    return first, second, third, fourth


def windows_version_resource() -> Any:
    """PyInstaller's version resource (on Windows only): Explorer shows it in the file's properties."""
    from PyInstaller.utils.win32 import versioninfo as info

    numbers = four_numbers(version())
    strings = {
        "CompanyName": "Socket Explorer contributors",
        "FileDescription": DESCRIPTION,
        "FileVersion": version(),
        "InternalName": "socket-explorer",
        "LegalCopyright": COPYRIGHT,
        "OriginalFilename": "socket-explorer.exe",
        "ProductName": "Socket Explorer",
        "ProductVersion": version(),
    }
    table = info.StringTable("040904B0", [info.StringStruct(name, text) for name, text in strings.items()])
    language = info.VarFileInfo([info.VarStruct("Translation", [0x0409, 0x04B0])])  # US English, Unicode
    return info.VSVersionInfo(
        ffi=info.FixedFileInfo(filevers=numbers, prodvers=numbers),
        kids=[info.StringFileInfo([table]), language],
    )
