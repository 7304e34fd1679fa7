"""`python3 build COMMAND`: works with a bare Python, on a fresh machine."""

import sys
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036 - an older one may well be what runs this
    sys.exit(f"Socket Explorer needs Python 3.11 or newer; this is {sys.version.split()[0]}. Install a newer one.")

# Python put this folder first on its path. Its modules are the package `build`, beside `explorer`.
HERE = Path(__file__).resolve().parent
sys.path = [str(HERE.parent), *(entry for entry in sys.path if Path(entry).resolve() != HERE)]

from build.commands import main  # noqa: E402

if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # a path may hold any character
    sys.exit(main(sys.argv[1:]))
