"""What the packaged program leaves out of Qt and Python: parts that nothing in it uses.

The self-test of the packaged program, run after each build, guards against leaving out too much.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import PurePosixPath

EXCLUDED_MODULES = [
    "PySide6.QtDesigner",
    "PySide6.QtHelp",
    "PySide6.QtNetwork",
    "PySide6.QtOpenGL",
    "PySide6.QtOpenGLWidgets",
    "PySide6.QtPrintSupport",
    "PySide6.QtQml",
    "PySide6.QtQuick",
    "PySide6.QtQuickControls2",
    "PySide6.QtQuickWidgets",
    "PySide6.QtSql",
    "PySide6.QtTest",
    "PySide6.QtUiTools",
    "PySide6.QtXml",
    "hypothesis",
    "mypy",
    "pip",
    "pydoc_data",
    "pytest",
    "setuptools",
    "tkinter",
    "unittest",
]

NOT_FOR_SCRIPTS = {
    "antigravity", "bdb", "cProfile", "distutils", "doctest", "ensurepip", "idlelib", "lib2to3", "modulefinder", "pdb",
    "profile", "pstats", "pydoc", "pydoc_data", "test", "this", "tkinter", "trace", "turtle", "turtledemo", "unittest",
    "venv", "zipapp",
}  # fmt: skip
"""Parts of Python that show windows, or serve who develops."""


def for_scripts(every: Iterable[str]) -> list[str]:
    """What of Python's library users' scripts may import, of the names of its modules on this system."""
    return sorted(name for name in every if not name.startswith("_") and name not in NOT_FOR_SCRIPTS)


WANTED_PLUGINS = {
    "iconengines": {"qsvgicon"},
    "imageformats": {"qico", "qicns", "qsvg"},  # PNG is built in
    "platforminputcontexts": {"composeplatforminputcontextplugin", "ibusplatforminputcontextplugin"},
    "platforms": {"qcocoa", "qoffscreen", "qwayland", "qwindows", "qxcb"},
    "platformthemes": {"qxdgdesktopportal"},  # the system's file dialogs, and its dark mode
    "styles": {"qmacstyle", "qmodernwindowsstyle"},
    "wayland-decoration-client": {"adwaita", "bradient"},
    "wayland-graphics-integration-client": {"qt-plugin-wayland-egl"},
    "wayland-shell-integration": {"qt-shell", "xdg-shell"},
    "xcbglintegrations": {"qxcb-egl-integration", "qxcb-glx-integration"},
}
"""The Qt plugins kept, by folder; names without `lib` and ending."""

UNWANTED_LIBRARIES = (
    "Designer",
    "EglFS",
    "EglFs",
    "Help",
    "Network",
    "Pdf",
    "PrintSupport",
    "Qml",
    "Quick",
    "Sql",
    "Test",
    "VirtualKeyboard",
    "Xml",
)
"""Qt libraries left out: those whose names begin so after `Qt6` or `libQt6`, or as `Qt….framework`."""

DRAWN_BY_SOFTWARE = "opengl32sw.dll"
"""20 MB on Windows, for OpenGL without a driver; widgets do not draw with OpenGL."""


Entry = tuple[str, str, str]
"""A file as PyInstaller lists it: its path in the program's folder, where it comes from, its kind."""


def is_wanted(destination: str) -> bool:
    """Whether a file of the program, at that path in its folder, is kept."""
    path = PurePosixPath(destination.replace("\\", "/"))
    parts = path.parts
    if "PySide6" not in parts:
        return True
    if path.name == DRAWN_BY_SOFTWARE or "translations" in parts or "qml" in parts:
        return False
    if "plugins" in parts:
        folder = parts[parts.index("plugins") + 1]
        return _plugin_name(path.name) in WANTED_PLUGINS.get(folder, set())
    return not any(_is_library(part, unwanted) for part in parts for unwanted in UNWANTED_LIBRARIES)


def needed(files: Iterable[Entry], imports: Callable[[str], Iterable[str]]) -> list[Entry]:
    """Those files that the program loads itself, and the libraries that these need, on Linux.

    What was left out had brought libraries of the system along, such as GTK; they lie at the top of
    the program's folder. `imports` tells the file names that a file names as needed.
    """
    files = list(files)
    libraries = {file[0]: file for file in files if _is_from_system(file)}
    kept = [file for file in files if file[0] not in libraries]
    for file in kept:  # grows on the way
        for name in imports(file[1]):
            if library := libraries.pop(name, None):
                kept.append(library)
    return kept


def lost(kept: Iterable[Entry], removed: Iterable[Entry], imports: Callable[[str], Iterable[str]]) -> list[str]:
    """A sentence for each file left out that one kept needs: the self-test does not load every platform's plugin."""
    gone = {PurePosixPath(file[0].replace("\\", "/")).name for file in removed}
    return [
        f"{file[0]} needs {name}, which was left out."
        for file in kept
        if file[2] in {"BINARY", "EXTENSION"}
        for name in sorted(gone.intersection(imports(file[1])))
    ]


def _is_from_system(file: Entry) -> bool:
    name, _, kind = file
    return kind == "BINARY" and "/" not in name and not name.startswith("libpython")


def _plugin_name(file: str) -> str:
    return file.removeprefix("lib").split(".")[0]


def _is_library(part: str, name: str) -> bool:
    if part.endswith(".framework"):
        return part.startswith(f"Qt{name}")
    return part.removeprefix("lib").startswith(f"Qt6{name}")
