from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.running_engine import RunningEngine


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningEngine]:
    """An engine with a capture, ended and closed afterwards."""
    with RunningEngine(tmp_path / "capture") as engine:
        yield engine
