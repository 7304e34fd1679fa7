"""Packaging: what is left out, what the archive keeps, and that a failing self-test is a failure."""

from __future__ import annotations

import os
import sys
import tarfile
import zipfile

import pytest

import explorer
from build import package, trimming, version
from build.problem import Problem


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("PySide6/QtWidgets.abi3.so", True),
        ("PySide6/Qt/lib/libQt6Widgets.so.6", True),
        ("PySide6/Qt/lib/libQt6Network.so.6", False),
        ("PySide6/Qt/lib/libQt6QuickControls2.so.6", False),
        ("PySide6/Qt6Qml.dll", False),
        ("PySide6\\Qt6Core.dll", True),
        ("PySide6\\opengl32sw.dll", False),
        ("PySide6/Qt/lib/QtQuick.framework/Versions/A/QtQuick", False),
        ("PySide6/Qt/lib/QtGui.framework/Versions/A/QtGui", True),
        ("PySide6/Qt/plugins/platforms/libqxcb.so", True),
        ("PySide6/Qt/plugins/platforms/libqeglfs.so", False),
        ("PySide6/plugins/platforms/qwindows.dll", True),
        ("PySide6/Qt/plugins/platforms/libqcocoa.dylib", True),
        ("PySide6/Qt/plugins/sqldrivers/libqsqlite.so", False),
        ("PySide6/Qt/plugins/iconengines/libqsvgicon.so", True),
        ("PySide6/Qt/translations/qtbase_de.qm", False),
        ("psutil/_psutil_linux.abi3.so", True),
        ("resources/icons/socket-explorer.svg", True),
    ],
)
def test_what_is_left_out(path, kept):
    assert trimming.is_wanted(path) is kept


def test_libraries_that_nothing_kept_needs_are_left_out():
    files = [
        ("PySide6/QtGui.abi3.so", "/gui", "EXTENSION"),
        ("PySide6/Qt/plugins/platforms/libqxcb.so", "/xcb", "BINARY"),
        ("libxcb.so.1", "/libxcb", "BINARY"),
        ("libXau.so.6", "/libXau", "BINARY"),
        ("libgtk-3.so.0", "/libgtk", "BINARY"),
        ("libcairo.so.2", "/libcairo", "BINARY"),
        ("libpython3.11.so.1.0", "/libpython", "BINARY"),
        ("libQt6Gui.so.6", "PySide6/Qt/lib/libQt6Gui.so.6", "SYMLINK"),
    ]
    imports = {"/xcb": ["libxcb.so.1", "libc.so.6"], "/libxcb": ["libXau.so.6"], "/libgtk": ["libcairo.so.2"]}
    kept = trimming.needed(files, lambda file: imports.get(file, []))
    assert {file[0] for file in files} - {file[0] for file in kept} == {"libgtk-3.so.0", "libcairo.so.2"}


def test_what_was_left_out_though_needed_is_named():
    kept = [("PySide6/plugins/platforms/qwindows.dll", "/qwindows", "BINARY"), ("a.txt", "/a", "DATA")]
    removed = [("PySide6\\Qt6Network.dll", "/network", "BINARY"), ("PySide6/Qt6Sql.dll", "/sql", "BINARY")]
    imports = {"/qwindows": ["Qt6Network.dll", "Qt6Gui.dll"], "/a": ["Qt6Sql.dll"]}
    said = trimming.lost(kept, removed, lambda file: imports[file])
    assert said == ["PySide6/plugins/platforms/qwindows.dll needs Qt6Network.dll, which was left out."]


def test_the_version_is_the_programs():
    assert version.version() == explorer.__version__


@pytest.mark.parametrize(
    ("text", "numbers"),
    [("0.1.0", (0, 1, 0, 0)), ("1.2.3rc1", (1, 2, 3, 0)), ("2.0", (2, 0, 0, 0)), ("1.2.dev3", (1, 2, 0, 0))],
)
def test_windows_counts_four_numbers(text, numbers):
    assert version.four_numbers(text) == numbers


def test_the_archives_name_says_version_and_system(monkeypatch):
    monkeypatch.setattr("sys.platform", "win32")
    monkeypatch.setattr("platform.machine", lambda: "AMD64")
    assert package.archive_name() == f"socket-explorer-{explorer.__version__}-windows-amd64.zip"


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "socket-explorer"
    (folder / "inner").mkdir(parents=True)
    (folder / "inner" / "data").write_bytes(b"x" * 10)
    (folder / "program").write_bytes(b"#!/bin/sh\n")
    (folder / "program").chmod(0o755)
    return folder


@pytest.mark.skipif(os.name != "posix", reason="links and modes are those of POSIX")
def test_a_tar_archive_keeps_links_and_modes_and_names_no_user(folder, tmp_path):
    (folder / "link").symlink_to("inner/data")
    archive = package.pack(folder, tmp_path / "a.tar.gz")
    with tarfile.open(archive) as tar:
        members = {member.name: member for member in tar}
    assert members["socket-explorer/link"].linkname == "inner/data"
    assert members["socket-explorer/program"].mode & 0o111
    assert {(member.uid, member.uname) for member in members.values()} == {(0, "")}


@pytest.mark.skipif(sys.platform == "darwin", reason="there the system's own tool packs")
def test_a_zip_archive_holds_every_file(folder, tmp_path):
    archive = package.pack(folder, tmp_path / "a.zip")
    with zipfile.ZipFile(archive) as packed:
        assert packed.read("socket-explorer/inner/data") == b"x" * 10
        assert "socket-explorer/program" in packed.namelist()


@pytest.mark.skipif(os.name != "posix", reason="the stand-in is a shell script")
@pytest.mark.parametrize(
    ("script", "problem"),
    [
        ('[ "$1" = --self-test ] && [ "$QT_QPA_PLATFORM" = offscreen ] && [ -d "$SOCKET_EXPLORER_DATA" ]', None),
        ("exit 3", "failed with exit status 3; no archive was made"),
        ("exec sleep 30", "did not end within 0.2 s"),
    ],
)
def test_the_packaged_programs_self_test_decides(folder, monkeypatch, script, problem):
    (folder / "program").write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    if problem is None:
        package.self_test(folder / "program")
        return
    if "0.2" in problem:
        monkeypatch.setattr(package, "SELF_TEST_SECONDS", 0.2)
    with pytest.raises(Problem, match=problem):
        package.self_test(folder / "program")


def test_scripts_get_pythons_library_but_what_serves_who_develops() -> None:
    every = ["wave", "_wave", "tkinter", "pdb", "sqlite3", "unittest"]
    assert trimming.for_scripts(every) == ["sqlite3", "wave"]
