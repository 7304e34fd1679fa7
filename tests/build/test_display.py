"""The virtual screen is there while it is asked for, and gone afterwards."""

from __future__ import annotations

import subprocess
import sys

import pytest

from build import display
from build.problem import Problem

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="other systems have a screen"),
    pytest.mark.needs("Xvfb"),
]

ASK_SIZE = """
from PySide6.QtWidgets import QApplication
app = QApplication([])
print(app.platformName(), app.primaryScreen().size().toTuple())
"""


def test_a_window_can_be_opened_on_it(monkeypatch):
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-9")
    with display.screen("800x600") as variables:
        command = [sys.executable, "-c", ASK_SIZE]
        said = subprocess.run(command, env=variables, capture_output=True, text=True, check=True).stdout
    assert said.strip() == "xcb (800, 600)"


def test_it_ends_with_the_block_even_after_an_error(monkeypatch):
    servers = []
    start = subprocess.Popen

    def remember(*arguments, **options):
        servers.append(start(*arguments, **options))
        return servers[-1]

    monkeypatch.setattr("subprocess.Popen", remember)
    with pytest.raises(RuntimeError, match="inside"), display.screen():
        raise RuntimeError("inside")
    assert servers[0].returncode is not None


def test_a_server_that_does_not_start_is_told():
    with pytest.raises(Problem, match="Xvfb ended at once"), display.screen("not-a-size"):
        pytest.fail("there is no screen")
