from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import explorer.net
from tests.fakes.running_engine import RunningEngine

# The engine imports ways of serving, loads, sequences and more when they are first wanted. That may be on a thread
# that coverage does not trace, as that of an engine whose time is measured, and then their definitions would count as
# never run: which modules, would hang on the order of the tests. So all of them are imported while tests are collected.
for _module in pkgutil.walk_packages(explorer.net.__path__, "explorer.net."):
    importlib.import_module(_module.name)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningEngine]:
    """An engine with a capture, ended and closed afterwards."""
    with RunningEngine(tmp_path / "capture") as engine:
        yield engine
