"""What the program remembers between starts: a versioned INI file in the user's data folder.

Every value is checked when it is read; one that makes no sense (edited by hand, written by another
version) is as good as absent.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
from pathlib import Path
from typing import Literal, cast

from PySide6.QtCore import QByteArray, QSettings

from explorer.core.errors import InputError
from explorer.paths import data_dir
from explorer.workspace import Workspace, parse, render

VERSION = 1
RECENT = 8
HISTORY = 100
HOSTS = 20
KEEP_CAPTURES = 5


class Settings:
    """Preferences. Writing is cheap; Qt stores it at the next turn of the event loop and at `save`."""

    def __init__(self, folder: Path | None = None) -> None:
        folder = folder or data_dir()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _keep_private(folder / "settings.ini")
        self._store = QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat)
        if self._store.value("version", VERSION, int) != VERSION:
            self._store.clear()
        self._store.setValue("version", VERSION)

    def save(self) -> None:
        self._store.sync()

    @property
    def theme(self) -> Literal["system", "light", "dark"]:
        value = self._store.value("look/theme", "system")
        if value == "light":
            return "light"
        return "dark" if value == "dark" else "system"

    @theme.setter
    def theme(self, mode: str) -> None:
        self._store.setValue("look/theme", mode)

    @property
    def high_contrast(self) -> bool:
        return bool(self._store.value("look/high_contrast", False, bool))

    @high_contrast.setter
    def high_contrast(self, high: bool) -> None:
        self._store.setValue("look/high_contrast", high)

    @property
    def zoom(self) -> float:
        """1.0 is the system's own font size."""
        value = self._number("look/zoom", 1.0)
        return value if 0.5 <= value <= 3 else 1.0

    @zoom.setter
    def zoom(self, zoom: float) -> None:
        self._store.setValue("look/zoom", zoom)

    def blob(self, name: str) -> QByteArray | None:
        """A geometry or layout that Qt wrote; Qt checks it when it restores it."""
        value = self._store.value(f"layout/{name}")
        return value if isinstance(value, QByteArray) and not value.isEmpty() else None

    def set_blob(self, name: str, value: QByteArray) -> None:
        self._store.setValue(f"layout/{name}", value)

    def forget_layout(self) -> None:
        self._store.remove("layout")

    @property
    def recent(self) -> list[Path]:
        """Workspaces opened or saved lately, the latest first."""
        return [Path(text) for text in self._texts("files/recent")][:RECENT]

    def add_recent(self, path: Path) -> None:
        others = [known for known in self.recent if known != path]
        self._store.setValue("files/recent", json.dumps([str(one) for one in [path, *others]][:RECENT]))

    def remove_recent(self, path: Path) -> None:
        self._store.setValue("files/recent", json.dumps([str(one) for one in self.recent if one != path]))

    @property
    def history(self) -> list[str]:
        """What was sent lately, as it was typed."""
        return self._texts("send/history")[-HISTORY:]

    @history.setter
    def history(self, lines: list[str]) -> None:
        kept = [line for line in lines if len(line) <= 4096][-HISTORY:]
        self._store.setValue("send/history", json.dumps(kept))

    @property
    def composer(self) -> dict[str, str]:
        """How the composer was used last (see `SendPane.choices`)."""
        return self._choices("send/composer")

    @composer.setter
    def composer(self, choices: dict[str, str]) -> None:
        self._store.setValue("send/composer", json.dumps(choices))

    @property
    def patterns(self) -> list[str]:
        """What was looked for lately (see `explorer.ui.find_history`)."""
        return self._texts("find/history")[-HISTORY:]

    @patterns.setter
    def patterns(self, lines: list[str]) -> None:
        self._store.setValue("find/history", json.dumps(lines[-HISTORY:]))

    @property
    def find_choices(self) -> dict[str, str]:
        """How Find was used last (see `FindOptions.choices`)."""
        return self._choices("find/choices")

    @find_choices.setter
    def find_choices(self, choices: dict[str, str]) -> None:
        self._store.setValue("find/choices", json.dumps(choices))

    @property
    def bench(self) -> list[str]:
        """What the framing bench showed last (see `explorer.ui.models.bench_choices`)."""
        return self._texts("bench/framings")[:HISTORY]

    @bench.setter
    def bench(self, lines: list[str]) -> None:
        self._store.setValue("bench/framings", json.dumps(lines[:HISTORY]))

    @property
    def ruler(self) -> dict[str, str]:
        """How the chunk ruler was shown last (see `explorer.ui.models.ruler_choices`)."""
        return self._choices("ruler/choices")

    @ruler.setter
    def ruler(self, choices: dict[str, str]) -> None:
        self._store.setValue("ruler/choices", json.dumps(choices))

    @property
    def load(self) -> str:
        """The load that was asked for last (see `explorer.ui.models.load_choices`)."""
        value = self._store.value("load/plan", "")
        return value if isinstance(value, str) else ""

    @load.setter
    def load(self, text: str) -> None:
        self._store.setValue("load/plan", text)

    @property
    def log_level(self) -> str:
        """The level from which on the log shows lines (see `explorer.ui.models.log_level`)."""
        value = self._store.value("log/level", "")
        return value if isinstance(value, str) else ""

    @log_level.setter
    def log_level(self, level: str) -> None:
        self._store.setValue("log/level", level)

    @property
    def chat(self) -> str:
        """What the chat shows of whole servers (see `explorer.ui.models.chat_choice`)."""
        value = self._store.value("chat/shows", "")
        return value if isinstance(value, str) else ""

    @chat.setter
    def chat(self, text: str) -> None:
        self._store.setValue("chat/shows", text)

    @property
    def hosts(self) -> list[str]:
        """Hosts typed lately, the latest first."""
        return self._texts("hosts/recent")[:HOSTS]

    @hosts.setter
    def hosts(self, hosts: list[str]) -> None:
        self._store.setValue("hosts/recent", json.dumps(hosts[:HOSTS]))

    @property
    def session(self) -> Workspace | None:
        """The sockets and snippets of the last session; None before the first one ended. Setting it raises
        InputError, and the earlier one stays, when it could not be read again (see `workspace.render`)."""
        text = self._store.value("files/session", "")
        if not isinstance(text, str) or not text:
            return None
        try:
            return parse(text)
        except InputError:
            return None

    @session.setter
    def session(self, workspace: Workspace) -> None:
        self._store.setValue("files/session", render(workspace))

    @property
    def keep_captures(self) -> int:
        """How many captures stay in the user's folder before removing older ones is offered."""
        value = int(self._number("captures/keep", KEEP_CAPTURES))
        return value if 1 <= value <= 1000 else KEEP_CAPTURES

    @property
    def quota(self) -> int | None:
        """Bytes that a capture may take; None for the default (see `explorer.capture.writer`)."""
        value = int(self._number("captures/quota", 0))
        return value if value > 0 else None

    @quota.setter
    def quota(self, quota: int | None) -> None:
        self._store.setValue("captures/quota", quota or 0)

    @property
    def bytes_view(self) -> dict[str, object]:
        """How bytes were shown last (see `BytesPane.choices`)."""
        try:
            found = json.loads(cast(str, self._store.value("bytes/view", "{}")))
        except (TypeError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    @bytes_view.setter
    def bytes_view(self, choices: dict[str, object]) -> None:
        self._store.setValue("bytes/view", json.dumps(choices))

    @property
    def form_folded(self) -> bool:
        """Whether the form of the chosen socket was put away."""
        return bool(self._store.value("form/folded", False, bool))

    @form_folded.setter
    def form_folded(self, folded: bool) -> None:
        self._store.setValue("form/folded", folded)

    def _number(self, key: str, default: float) -> float:
        try:
            value = float(cast(str, self._store.value(key, default)))
        except (TypeError, ValueError):
            return default
        return value if math.isfinite(value) else default

    def _choices(self, key: str) -> dict[str, str]:
        """Short texts by name."""
        try:
            found = json.loads(cast(str, self._store.value(key, "{}")))
        except (TypeError, ValueError):
            return {}
        if not isinstance(found, dict):
            return {}
        return {name: value for name, value in found.items() if isinstance(value, str) and len(value) <= 100}

    def _texts(self, key: str) -> list[str]:
        try:
            found = json.loads(cast(str, self._store.value(key, "[]")))
        except (TypeError, ValueError):
            return []
        return [text for text in found if isinstance(text, str)] if isinstance(found, list) else []


def _keep_private(file: Path) -> None:
    """Passwords of programs stand in the session: on POSIX only the user may read it. Qt keeps a file's rights."""
    with contextlib.suppress(OSError):  # where nothing may be written, nothing will stand there
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT, 0o600))
        file.chmod(0o600)
