"""What a child of a test does: it answers, fails, hangs or goes, as it is told."""

from __future__ import annotations

import os
import subprocess
import sys

from explorer.worker import Parent


def main(parent: Parent) -> None:
    import explorer

    parent.send({"ready": os.getpid(), "where": explorer.__file__, "variables": sorted(os.environ), "open": _open()})
    while True:
        head, body = parent.receive()
        match head.get("do"):
            case "answer":
                parent.send({"answer": head["text"]}, body)
            case "fail":
                raise ValueError("as asked")
            case "spin":
                while True:
                    pass
            case "leave":
                os._exit(7)
            case "flood":
                for number in range(head["parcels"]):
                    parent.send({"number": number}, b"x" * 50_000)
            case "child":
                other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
                parent.send({"child": other.pid})
            case "end":
                return


def _open() -> list[int]:
    """Descriptors that are open, where the system tells."""
    try:
        return sorted(int(name) for name in os.listdir("/proc/self/fd"))
    except OSError:
        return []
