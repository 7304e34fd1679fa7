"""What the system holds the process of the user's functions to (see `explorer.net.script_child`)."""

from __future__ import annotations

import contextlib
import signal
import sys
from typing import Protocol


class Limits(Protocol):
    def time(self, seconds: float) -> None:
        """End the process so many seconds from now; 0: no longer."""

    def memory(self, most: int) -> None:
        """`most` bytes beside what has been taken by now."""


class OwnLimits:
    """Those of this very process, for good. What the system cannot do, the engine sees to."""

    def time(self, seconds: float) -> None:
        """What ends a call even when the engine is gone and Python itself is stuck in it."""
        if sys.platform != "win32":
            with contextlib.suppress(ValueError):  # the script has its own SIGALRM
                signal.setitimer(signal.ITIMER_REAL, seconds)

    def memory(self, most: int) -> None:
        if sys.platform == "win32":
            return
        import resource

        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if sys.platform != "linux":
            return  # the engine looks at it
        with open("/proc/self/statm") as sizes:
            taken = int(sizes.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (taken + most, taken + most))
