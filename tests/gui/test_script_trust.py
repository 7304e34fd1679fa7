"""Which scripts count as written here."""

from __future__ import annotations

from pathlib import Path

import pytest

from explorer.trust import is_trusted
from explorer.ui.script_trust import ScriptTrust

GOOD = "def on_message(connection, message):\n    return message\n"


@pytest.fixture
def scripts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ScriptTrust:
    monkeypatch.setenv("SOCKET_EXPLORER_DATA", str(tmp_path))
    return ScriptTrust()


def test_what_is_written_here_may_run_and_what_came_may_not(scripts: ScriptTrust) -> None:
    assert not scripts.trusts(GOOD)
    scripts.came(GOOD)
    assert scripts.asks(GOOD)
    scripts.wrote(GOOD + "x = 1")
    assert scripts.trusts(GOOD + "x = 1")
    assert not scripts.trusts(GOOD)


def test_what_was_written_before_it_came_stays_written(scripts: ScriptTrust) -> None:
    scripts.wrote(GOOD)
    scripts.came(GOOD)
    assert scripts.trusts(GOOD)
    assert not scripts.settle(GOOD)
    assert is_trusted(GOOD)


@pytest.mark.parametrize(
    "again",
    [
        GOOD,
        GOOD.replace("\n", "\r\n"),
        GOOD + "\n",
        GOOD.replace(" ", "\xa0"),
        "\ufdd0" + GOOD,
        GOOD + "\0",
        GOOD + "\ud800",
    ],
)
def test_foreign_text_that_is_made_again_stays_foreign(scripts: ScriptTrust, again: str) -> None:
    scripts.came(GOOD)
    scripts.wrote(GOOD + "x")
    scripts.wrote(again)
    assert not scripts.trusts(again)
    assert not scripts.settle(again)
    assert not is_trusted(again)


def test_of_a_trusted_script_another_line_end_may_be_written(scripts: ScriptTrust) -> None:
    scripts.came(GOOD)
    assert not scripts.trust(GOOD)
    scripts.came(GOOD)
    scripts.wrote(GOOD + "\n")
    assert scripts.trusts(GOOD + "\n")
