"""How the user looks at the sockets of a capture, kept beside it in its folder: framing and text encoding.

A capture records with what a socket was started. What was chosen for it later stands in `views.json`, in UTF-8:

    {"version": 1, "views": [{"socket": 2, "framing": {"kind": "length", "width": 2}, "encoding": "latin-1"}]}

Of each socket it holds what differs from the record; a socket as recorded is not in it. A choice counts for all
bytes of its socket, however often that was started. A file that cannot be read whole, such as one of a later
version, is set aside before another is written.
"""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from explorer.capture.beside import BesideFile, checked_list, copy_beside, written_list
from explorer.capture.words import counted
from explorer.core.errors import InputError
from explorer.core.socket_spec import Choice
from explorer.wire.framing.registry import check_choice

FILE = "views.json"
VERSION = 1
_LARGEST = 16 << 20  # bytes of a file that is read
_MOST = 1 << 32  # numbers of sockets are lower
_LEFT = "The file is left as it is; when a framing or an encoding is changed, it is kept under another name."


@dataclass(frozen=True, slots=True)
class View:
    """Under which framing and encoding a socket's bytes are shown; None: as the capture recorded it."""

    framing: Choice | None = None
    encoding: str | None = None


class ViewsFile:
    """The views of one capture. warning: after `load`, a sentence about what could not be read; else ""."""

    def __init__(self, folder: Path) -> None:
        self._file = BesideFile(folder, FILE)
        self.path = self._file.path
        self.warning = ""

    def load(self) -> dict[int, View]:
        """By the sockets' numbers: what lies there, as far as it can be read and used."""
        self.warning, self._file.doubtful = "", False
        try:
            views, wrong = _parse(self._file.read(_LARGEST))
        except FileNotFoundError:
            return {}
        except ValueError as error:
            self._refuse(
                f"The framings and encodings chosen in this capture cannot be read ({self.path}): {error}. Its "
                "sockets are shown as they were recorded."
            )
            return {}
        if wrong:
            first = "" if len(wrong) == 1 else ", the first because of this"
            self._refuse(
                f"{counted(len(wrong), 'choice')} of framing or encoding in this capture cannot be used "
                f"({self.path}){first}: {wrong[0]} What was recorded is used instead."
            )
        return views

    def _refuse(self, sentence: str) -> None:
        self._file.doubtful = True
        self.warning = f"{sentence} {_LEFT}"

    def save(self, views: Mapping[int, View]) -> Path | None:
        """Write them, so that a crash leaves the old file or the new one; without views, no file.

        What the old file's new name is, if it was set aside; else None. Raises OSError.
        """
        items = [_as_json(socket, view) for socket, view in sorted(views.items()) if view != View()]
        return self._file.write(written_list(VERSION, "views", items))


def copy_views(source: Path, target: Path, views: Mapping[int, View] | None) -> None:
    """Give the copy of a capture these views (None: those of its file), and what was set aside or could not be
    read. Raises OSError."""
    copy_beside(source, target, FILE)
    if views is not None:
        file = ViewsFile(target)
        if file.load() != views:
            file.save(views)


def _as_json(socket: int, view: View) -> dict[str, Any]:
    found: dict[str, Any] = {"socket": socket}
    if view.framing is not None:
        found["framing"] = view.framing.to_json()
    if view.encoding is not None:
        found["encoding"] = view.encoding
    return found


def _parse(given: Any) -> tuple[dict[int, View], list[str]]:
    """The views, and a sentence for each that is wrong. Raises ValueError when it is no file of views at all."""
    views: dict[int, View] = {}
    wrong: list[str] = []
    for one in checked_list(given, VERSION, "views", "views"):
        number = one.get("socket") if isinstance(one, dict) else None
        if type(number) is not int or not 0 < number < _MOST:
            wrong.append("One tells no number of a socket.")
        elif number in views:
            wrong.append(f"Socket {number} is in it twice.")
        elif (view := _view(one, number, wrong)) != View():
            views[number] = view
    return views, wrong


def _view(given: Mapping[str, Any], number: int, wrong: list[str]) -> View:
    """As far as it can be used; what cannot is told in `wrong`."""
    framing, encoding = given.get("framing"), given.get("encoding")
    chosen = None
    if framing is not None:
        try:
            chosen = check_choice(framing)
        except InputError as error:
            wrong.append(f"Framing of socket {number}: {error.message}")
    if encoding is not None and not _is_encoding(encoding):
        wrong.append(f"There is no text encoding called {encoding!r}, as for socket {number}.")
        encoding = None
    return View(chosen, encoding)


def _is_encoding(name: object) -> bool:
    """Whether text can be decoded by it. A workspace may name more encodings than a form offers."""
    if not isinstance(name, str):
        return False
    try:
        codecs.lookup(name)
        "".encode(name)
    except (LookupError, ValueError):
        return False
    return True
