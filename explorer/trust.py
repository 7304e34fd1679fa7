"""Which scripts the user trusts: code that came with a file runs only after he said so. No Qt.

What is kept is the SHA-256 of each script, in a file of the user's data folder, one a line, the latest last. A script
of which one character was changed is another script.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path

from explorer.core.errors import ShownError
from explorer.core.scripts import source_of
from explorer.core.socket_spec import SocketSpec
from explorer.paths import data_dir

FILE = "trusted-scripts"
MOST = 10_000  # scripts; then the oldest are forgotten


def is_trusted(source: str, folder: Path | None = None) -> bool:
    """Whether the user trusted exactly this script. From any thread."""
    return _fingerprint(source) in _known(folder or data_dir())


def trust(source: str, folder: Path | None = None) -> None:
    """From now on, in every start of the program. Raises ShownError when that cannot be kept."""
    folder = folder or data_dir()
    known = _known(folder)
    fingerprint = _fingerprint(source)
    if fingerprint in known:
        return
    lines = [*known, fingerprint][-MOST:]
    fresh = folder / f"{FILE}.{os.getpid()}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
                file.writelines(f"{line}\n" for line in lines)
            fresh.replace(folder / FILE)
        except OSError:
            with contextlib.suppress(OSError):
                fresh.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise ShownError(
            f"That the script is trusted cannot be kept in {folder}: {error.strerror or error}. "
            "See that there is room, and that you may write there, then try again."
        ) from None


def untrusted(specs: Iterable[SocketSpec], folder: Path | None = None) -> list[SocketSpec]:
    """Those of these sockets whose script the user did not trust yet."""
    found = []
    for spec in specs:
        source = source_of(spec.program)
        if source is not None and not is_trusted(source, folder):
            found.append(spec)
    return found


def _known(folder: Path) -> dict[str, None]:
    """In order. What cannot be read trusts nothing."""
    try:
        text = (folder / FILE).read_text("ascii")
    except (OSError, UnicodeDecodeError):
        return {}
    return dict.fromkeys(text.split())


def _fingerprint(source: str) -> str:
    import hashlib  # seldom needed: not a part of every start

    return hashlib.sha256(source.encode("utf-8", "surrogatepass")).hexdigest()
