"""The wheel holds the program, its resources and its command."""

from __future__ import annotations

import subprocess
import sys
import zipfile

import pytest

import explorer
from build.problem import ROOT


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    (path,) = folder.iterdir()
    with zipfile.ZipFile(path) as opened:
        yield opened


def test_resources_lie_inside_the_package(wheel):
    names = set(wheel.namelist())
    assert {"explorer/paths.py", "explorer/resources/icons/socket-explorer.svg"} <= names
    assert {name.split("/")[0] for name in names} == {"explorer", f"socket_explorer-{explorer.__version__}.dist-info"}
    assert not any("screenshots" in name for name in names)


def test_the_command_and_the_needs_are_declared(wheel):
    meta = f"socket_explorer-{explorer.__version__}.dist-info"
    assert "socket-explorer = explorer.cli:main" in wheel.read(f"{meta}/entry_points.txt").decode()
    metadata = wheel.read(f"{meta}/METADATA").decode()
    assert "Requires-Python: >=3.11" in metadata
    assert "Requires-Dist: psutil>=6" in metadata
