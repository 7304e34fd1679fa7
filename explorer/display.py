"""Whether a window can open, found out before Qt tries: Qt ends the whole process when it cannot."""

from __future__ import annotations

import ctypes
import os
import sys


def display_problem() -> str:
    """Why no window can open here, as a sentence; "" when nothing speaks against it."""
    if not sys.platform.startswith(("linux", "freebsd")) or os.environ.get("QT_QPA_PLATFORM", "xcb") != "xcb":
        return ""
    if os.environ.get("WAYLAND_DISPLAY") and "QT_QPA_PLATFORM" not in os.environ:
        return ""
    name = os.environ.get("DISPLAY")
    if not name:
        return "There is no display to open a window on (neither DISPLAY nor WAYLAND_DISPLAY is set)."
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return "The system library libxcb, which windows need, is missing (Debian: apt install libxcb1)."
    return "" if _answers(xcb) else f"The display {name!r} (from DISPLAY) does not answer."


def _answers(xcb: ctypes.CDLL) -> bool:
    """Whether the X server that DISPLAY names lets us in (xcb_connect(3))."""
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connect.argtypes = [ctypes.c_char_p, ctypes.POINTER(ctypes.c_int)]
    xcb.xcb_connection_has_error.restype = ctypes.c_int
    xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(None, None)
    try:
        return bool(xcb.xcb_connection_has_error(connection) == 0)
    finally:
        xcb.xcb_disconnect(connection)
