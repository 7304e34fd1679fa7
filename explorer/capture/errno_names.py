"""Names of error numbers on the system that wrote a capture: a number means another error elsewhere.

Only what calls on sockets fail with. Numbers: Linux asm-generic/errno.h; macOS sys/errno.h; Windows
errno.h, and winsock2.h from 10,000 on, without its prefix WSA.
"""

from __future__ import annotations

import errno
import sys

_EVERYWHERE = {
    1: "EPERM", 2: "ENOENT", 4: "EINTR", 5: "EIO", 9: "EBADF", 12: "ENOMEM", 13: "EACCES", 14: "EFAULT",
    19: "ENODEV", 22: "EINVAL", 23: "ENFILE", 24: "EMFILE", 28: "ENOSPC", 32: "EPIPE",
}  # fmt: skip

# The same names in the same order stand in a row of numbers on each system.
_ROW = (
    "EINPROGRESS", "EALREADY", "ENOTSOCK", "EDESTADDRREQ", "EMSGSIZE", "EPROTOTYPE", "ENOPROTOOPT",
    "EPROTONOSUPPORT", "ESOCKTNOSUPPORT", "EOPNOTSUPP", "EPFNOSUPPORT", "EAFNOSUPPORT", "EADDRINUSE",
    "EADDRNOTAVAIL", "ENETDOWN", "ENETUNREACH", "ENETRESET", "ECONNABORTED", "ECONNRESET", "ENOBUFS",
    "EISCONN", "ENOTCONN", "ESHUTDOWN", "ETOOMANYREFS", "ETIMEDOUT", "ECONNREFUSED",
)  # fmt: skip

NAMES: dict[str, dict[int, str]] = {
    "linux": {
        **_EVERYWHERE, 11: "EAGAIN", 71: "EPROTO",
        **dict(enumerate(_ROW[2:], 88)), 95: "ENOTSUP",
        112: "EHOSTDOWN", 113: "EHOSTUNREACH", 114: "EALREADY", 115: "EINPROGRESS",
    },
    "darwin": {
        **_EVERYWHERE, 35: "EAGAIN",
        **dict(enumerate(_ROW, 36)), 45: "ENOTSUP",
        64: "EHOSTDOWN", 65: "EHOSTUNREACH", 100: "EPROTO", 102: "EOPNOTSUPP",
    },
    "win32": {
        **_EVERYWHERE, 11: "EAGAIN",
        10_004: "EINTR", 10_009: "EBADF", 10_013: "EACCES", 10_014: "EFAULT", 10_022: "EINVAL", 10_024: "EMFILE",
        10_035: "EWOULDBLOCK",
        **dict(enumerate(_ROW, 10_036)),
        10_064: "EHOSTDOWN", 10_065: "EHOSTUNREACH",
    },
}  # fmt: skip


def name_of(number: int, platform: str) -> str:
    """``ECONNREFUSED``, or ``errno 999``. platform: `sys.platform` where the number was recorded."""
    known = errno.errorcode if platform == sys.platform else NAMES.get(platform, {})
    return known.get(number, f"errno {number}").removeprefix("WSA")
