"""For all tests: which other programs are missing, no thread left running, no touch of the user's own files."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Iterator

import pytest
from hypothesis import settings

# Before any import of Qt: windows are drawn in memory, the same on every system.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# The same examples in every run, so that a run that passed passes again and coverage is the same everywhere.
# To look further: pytest --hypothesis-profile=explore (other examples each time, and ten times as many).
settings.register_profile("steady", derandomize=True, database=None)
settings.register_profile("explore", max_examples=1000)
settings.load_profile("steady")

PEERS = ("ncat", "socat", "curl", "tshark")
"""Programs of others that tests talk to or check files with."""

THREAD_GRACE = 2.0
"""Seconds for a thread that was told to end; a test that leaves one running longer has failed."""


def pytest_report_header() -> str:
    missing = [name for name in PEERS if shutil.which(name) is None]
    if not missing:
        return f"other programs: all found ({', '.join(PEERS)})"
    return f"other programs: MISSING {', '.join(missing)}; tests that need them are skipped"


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker in item.iter_markers("needs"):
        missing = [name for name in marker.args if shutil.which(name) is None]
        if missing:
            pytest.skip(f"needs {', '.join(missing)}")


@pytest.fixture(autouse=True)
def no_thread_left() -> Iterator[None]:
    """Fail the test that leaves a Python thread running."""
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + THREAD_GRACE
    left = _started_since(before)
    for thread in left:
        thread.join(max(0.0, deadline - time.monotonic()))
    left = [thread for thread in left if thread.is_alive()]
    if left:
        pytest.fail(f"threads left running: {', '.join(thread.name for thread in left)}")


@pytest.fixture(autouse=True, scope="session")
def own_data_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Captures and settings of tests go to a folder of their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOCKET_EXPLORER_DATA", str(tmp_path_factory.mktemp("data")))
        yield


def _started_since(before: set[threading.Thread]) -> list[threading.Thread]:
    # A dummy stands for a thread that Python did not start, as Qt's, and may outlive it.
    dummy = threading._DummyThread
    return [thread for thread in threading.enumerate() if thread not in before and not isinstance(thread, dummy)]
