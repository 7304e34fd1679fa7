"""Runs the measurements and prints the table: python -m tests.bench [MODULE ...]. Exit status 1 when a number fails."""

from __future__ import annotations

import importlib
import platform
import sys

from tests.bench.row import Row

MODULES = (
    "streams",
    "window",
    "many_clients",
    "many_clients_window",
    "hex_paint",
    "hex_messages",
    "browse",
    "find",
    "filter_calls",
    "filter_messages",
    "framing",
    "ruler",
    "startup",
)


def main(chosen: list[str]) -> int:
    print(f"Python {platform.python_version()} on {platform.system()} {platform.release()}, {platform.machine()}")
    print(f"{'what':66} {'value':>12}         target")
    failed: list[Row] = []
    for name in chosen or MODULES:
        for row in importlib.import_module(f"tests.bench.{name}").rows():
            mark = "ok" if row.ok else "FAILS"
            print(f"{row.name:66} {row.value:12,.2f} {row.unit:7} {row.target:14} {mark}", flush=True)
            if not row.ok:
                failed.append(row)
    print(f"{len(failed)} of the numbers do not hold" if failed else "all numbers hold")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
