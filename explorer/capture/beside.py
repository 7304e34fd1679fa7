"""Small JSON files that are kept beside a capture, in its folder: read with care, never half written, never lost.

A file that cannot be read whole is never overwritten: before another is written it is set aside under another name.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any


class BesideFile:
    """name: the file's, such as ``notes.json``. doubtful: what lies there holds more than was understood."""

    def __init__(self, folder: Path, name: str) -> None:
        self.path = folder / name
        self.doubtful = False

    def read(self, largest: int) -> Any:
        """What lies there, a file of up to `largest` bytes. Raises FileNotFoundError, and ValueError with the why."""
        try:
            if self.path.stat().st_size > largest:
                raise ValueError(f"it is larger than any {self.path.name} that this program writes")
            return json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise
        except OSError as error:
            raise ValueError(error.strerror or str(error)) from None
        except RecursionError:
            raise ValueError("it is nested too deeply") from None

    def write(self, text: str) -> Path | None:
        """Put this in its place, so that a crash leaves the old file or the new one; "" for no file.

        What the old file's new name is, if it was set aside; else None. Raises OSError.
        """
        aside = None
        if self.doubtful:
            aside = _free_name(self.path)
            os.rename(self.path, aside)
            self.doubtful = False
        if text:
            fresh = self.path.with_name(self.path.name + ".new")
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
            os.replace(fresh, self.path)
        else:
            self.path.unlink(missing_ok=True)
        return aside


def checked_list(given: Any, version: int, name: str, what: str) -> list[Any]:
    """The list called `name` of a file of `what`. Raises ValueError when it is no such file."""
    if not isinstance(given, dict) or type(given.get("version")) is not int:
        raise ValueError(f"it is no file of {what}")
    if given["version"] != version:
        raise ValueError(f"it has format {given['version']}, and this program reads format {version}")
    if not isinstance(given.get(name), list):
        raise ValueError(f"its list of {what} is missing")
    return list(given[name])


def written_list(version: int, name: str, items: list[dict[str, Any]]) -> str:
    """The text of a file with this list, an item a line; "" without items."""
    lines = ",\n".join(json.dumps(item, ensure_ascii=False) for item in items)
    return f'{{"version": {version}, "{name}": [\n{lines}\n]}}\n' if items else ""


def copy_beside(source: Path, target: Path, name: str) -> None:
    """Give the copy of a capture this file, and what was set aside of it. Raises OSError."""
    stem, suffix = os.path.splitext(name)
    for path in sorted(source.glob(f"{stem}*{suffix}")):
        if path.is_file():
            shutil.copyfile(path, target / path.name)
            os.chmod(target / path.name, 0o600)


def _free_name(path: Path) -> Path:
    number = 1
    while (aside := path.with_name(f"{path.stem}-set-aside-{number}{path.suffix}")).exists():
        number += 1
    return aside
