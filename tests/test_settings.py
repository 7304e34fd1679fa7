"""What is remembered between starts, and what is not believed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray

from explorer.core.errors import InputError
from explorer.core.snippet import Snippet
from explorer.core.socket_spec import SocketSpec
from explorer.settings import RECENT, Settings
from explorer.workspace import Workspace

WORKSPACE = Workspace((SocketSpec("a", port=5),), (Snippet("poll", "hex", "01 03"),))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other rights")
def test_only_the_user_reads_what_is_remembered(tmp_path: Path) -> None:
    """Passwords of programs stand there as they are."""
    file = tmp_path / "settings.ini"
    file.write_text("")
    file.chmod(0o644)
    settings = Settings(tmp_path)
    assert file.stat().st_mode & 0o777 == 0o600
    settings.session = WORKSPACE
    settings.save()
    assert file.stat().st_mode & 0o777 == 0o600
    assert "poll" in file.read_text()


def test_values_come_back_at_the_next_start(settings: Settings, tmp_path: Path) -> None:
    settings.theme, settings.zoom, settings.quota = "dark", 1.5, 7_000
    settings.high_contrast = True
    settings.history = ["one", "two\n"]
    settings.hosts = ["device.example"]
    settings.log_level = "warning"
    settings.session = WORKSPACE
    settings.add_recent(Path("/w/a.json"))
    settings.set_blob("state", QByteArray(b"\1\2"))
    settings.save()
    again = Settings(tmp_path)
    assert (again.theme, again.zoom, again.quota) == ("dark", 1.5, 7_000)
    assert again.high_contrast
    assert again.history == ["one", "two\n"]
    assert again.hosts == ["device.example"]
    assert again.log_level == "warning"
    assert again.session == WORKSPACE
    assert again.recent == [Path("/w/a.json")]
    assert again.blob("state") == QByteArray(b"\1\2")


def test_a_first_start_has_defaults(settings: Settings) -> None:
    assert (settings.theme, settings.zoom, settings.quota, settings.session) == ("system", 1.0, None, None)
    assert not settings.high_contrast
    assert settings.recent == []
    assert settings.blob("state") is None


def test_recent_files_are_few_the_latest_first(settings: Settings) -> None:
    for number in range(RECENT + 3):
        settings.add_recent(Path(f"/{number}"))
    settings.add_recent(Path(f"/{RECENT}"))
    assert settings.recent[0] == Path(f"/{RECENT}")
    assert len(settings.recent) == RECENT == len(set(settings.recent))
    settings.remove_recent(Path(f"/{RECENT}"))
    assert Path(f"/{RECENT}") not in settings.recent


def test_nonsense_in_the_file_is_as_good_as_absent(tmp_path: Path) -> None:
    (tmp_path / "settings.ini").write_text(
        "[General]\nversion=1\n[look]\ntheme=pink\nzoom=banana\n[files]\nrecent={\nsession=[]\n"
        "[captures]\nkeep=inf\nquota=nan\n[send]\nhistory=7\n[layout]\nstate=text\n",
        encoding="utf-8",
    )
    settings = Settings(tmp_path)
    assert (settings.theme, settings.zoom, settings.quota) == ("system", 1.0, None)
    assert (settings.recent, settings.session, settings.history) == ([], None, [])
    assert settings.keep_captures == 5
    assert settings.blob("state") is None


def test_another_version_begins_afresh(tmp_path: Path) -> None:
    (tmp_path / "settings.ini").write_text("[General]\nversion=99\n[look]\ntheme=dark\n", encoding="utf-8")
    assert Settings(tmp_path).theme == "system"


def test_a_session_that_could_not_be_read_again_is_refused(settings: Settings) -> None:
    settings.session = WORKSPACE
    with pytest.raises(InputError):
        settings.session = Workspace((SocketSpec("\ud800", port=5),))
    assert settings.session == WORKSPACE


def test_the_layout_can_be_forgotten(settings: Settings) -> None:
    settings.set_blob("state", QByteArray(b"\1"))
    settings.forget_layout()
    assert settings.blob("state") is None


def test_the_composers_choices_are_kept_and_nonsense_is_not(tmp_path: Path) -> None:
    settings = Settings(tmp_path)
    assert settings.composer == {}
    settings.composer = {"every": "25", "hex_editor": "text,hex"}
    settings.save()
    assert Settings(tmp_path).composer == {"every": "25", "hex_editor": "text,hex"}
    for wrong in ("[]", "{", '{"every": 1, "times": "5"}'):
        settings._store.setValue("send/composer", wrong)
        assert settings.composer == ({"times": "5"} if "times" in wrong else {})


def test_what_was_chosen_in_find_is_kept_and_nonsense_is_not(tmp_path: Path) -> None:
    settings = Settings(tmp_path)
    assert settings.find_choices == {}
    settings.find_choices = {"kind": "hex", "case": "match"}
    settings.save()
    assert Settings(tmp_path).find_choices == {"kind": "hex", "case": "match"}
    for wrong in ("[]", "{", '{"kind": 1, "case": "match"}'):
        settings._store.setValue("find/choices", wrong)
        assert settings.find_choices == ({"case": "match"} if "case" in wrong else {})
