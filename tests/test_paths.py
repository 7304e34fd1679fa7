"""Resources are found wherever the program lies; the data folder follows each platform's rule."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from explorer import paths

HOME = Path("/home/ada") if os.name == "posix" else Path("C:/Users/ada")


@pytest.mark.parametrize(
    ("platform", "environment", "expected"),
    [
        ("linux", {}, HOME / ".local" / "share" / "socket-explorer"),
        ("linux", {"XDG_DATA_HOME": str(HOME / "data")}, HOME / "data" / "socket-explorer"),
        ("linux", {"XDG_DATA_HOME": "not/absolute"}, HOME / ".local" / "share" / "socket-explorer"),
        ("freebsd14", {}, HOME / ".local" / "share" / "socket-explorer"),
        ("darwin", {"XDG_DATA_HOME": "/ignored"}, HOME / "Library" / "Application Support" / "Socket Explorer"),
        ("win32", {"LOCALAPPDATA": "D:/Local"}, Path("D:/Local/Socket Explorer")),
        ("win32", {}, HOME / "AppData" / "Local" / "Socket Explorer"),
        ("linux", {"SOCKET_EXPLORER_DATA": "/chosen", "XDG_DATA_HOME": "/other"}, Path("/chosen")),
        ("win32", {"SOCKET_EXPLORER_DATA": "E:/chosen", "LOCALAPPDATA": "D:/"}, Path("E:/chosen")),
    ],
)
def test_the_data_folder_follows_the_platforms_rule(platform, environment, expected):
    assert paths.data_dir_on(platform, environment, HOME) == expected


def test_the_captures_folder_is_made_for_its_owner_alone(tmp_path, monkeypatch):
    monkeypatch.setenv(paths.DATA_VARIABLE, str(tmp_path / "above" / "data"))
    folder = paths.captures_dir()
    assert folder == tmp_path / "above" / "data" / "captures"
    assert folder.is_dir()
    if os.name == "posix":
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert stat.S_IMODE(folder.parent.stat().st_mode) == 0o700


@pytest.mark.skipif(os.name != "posix", reason="Windows folders have no mode bits")
def test_a_captures_folder_open_to_others_is_closed(tmp_path, monkeypatch):
    monkeypatch.setenv(paths.DATA_VARIABLE, str(tmp_path))
    (tmp_path / "captures").mkdir(mode=0o755)
    assert stat.S_IMODE(paths.captures_dir().stat().st_mode) == 0o700


def test_a_captures_folder_that_cannot_be_made_is_an_os_error(tmp_path, monkeypatch):
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv(paths.DATA_VARIABLE, str(tmp_path / "file"))
    with pytest.raises(OSError, match="captures"):
        paths.captures_dir()


def test_resources_are_found_in_the_source_checkout():
    assert paths.resources_dir() == Path(__file__).resolve().parents[1] / "resources"
    assert paths.resource("icons", "socket-explorer.svg").is_file()


def test_resources_are_found_in_an_installed_wheel(tmp_path, monkeypatch):
    (tmp_path / "explorer" / "resources" / "icons").mkdir(parents=True)
    monkeypatch.setattr(paths, "__file__", str(tmp_path / "explorer" / "paths.py"))
    assert paths.resources_dir() == tmp_path.resolve() / "explorer" / "resources"


def test_resources_are_found_in_the_packaged_program(tmp_path, monkeypatch):
    (tmp_path / "resources" / "icons").mkdir(parents=True)
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    assert paths.resources_dir() == tmp_path / "resources"


def test_missing_resources_are_named(tmp_path, monkeypatch):
    with pytest.raises(FileNotFoundError, match=r"no-such\.svg is missing"):
        paths.resource("icons", "no-such.svg")
    monkeypatch.setattr(paths, "__file__", str(tmp_path / "explorer" / "paths.py"))
    with pytest.raises(FileNotFoundError, match="resources are missing"):
        paths.resources_dir()
