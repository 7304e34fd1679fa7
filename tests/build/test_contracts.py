"""The import contracts catch what they are for: each forbidden import, put into a copy, breaks the one named."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest

from build.problem import ROOT


def check(folder):
    command = [sys.executable, str(ROOT / "build" / "contracts.py"), "--no-logo", "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    folder = tmp_path_factory.mktemp("contracts")
    shutil.copytree(ROOT / "explorer", folder / "explorer", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def test_the_program_keeps_them(checkout):
    done = check(checkout)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 broken" in done.stdout


def test_each_forbidden_import_breaks_its_contract(checkout):
    added = {
        "core": "import PySide6.QtCore",
        "wire": "import explorer.net",
        "programs": "import socket",
        "capture": "import PySide6.QtCore",
        "net": "import PySide6.QtCore",
        "bridge": "import explorer.capture",
        "ui": "import socket",
    }
    modules = {room: checkout / "explorer" / room / "added.py" for room in added}
    for room, line in added.items():
        modules[room].write_text(f"{line}\n", encoding="utf-8")
    done = check(checkout)
    for module in modules.values():
        module.unlink()
    assert done.returncode == 1
    broken = {line.removesuffix(" BROKEN") for line in done.stdout.splitlines() if line.endswith(" BROKEN")}
    assert broken >= {
        "Each room imports only from the rooms below it",
        "core uses the standard library alone",
        "wire and programs do no I/O",
        "capture knows neither Qt nor programs nor sockets",
        "net knows no Qt",
        "bridge joins core and net, with QtCore only",
        "ui reaches sockets through bridge alone",
    }
