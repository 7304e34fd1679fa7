"""The sentence under the settings: who can connect, and what a running socket does not follow yet."""

from __future__ import annotations

from dataclasses import replace

import pytest

from explorer.core.socket_spec import SocketOptions, SocketSpec
from explorer.core.states import State
from explorer.ui.entries import SocketEntry
from explorer.ui.settings_hint import settings_hint

SPEC = SocketSpec("echo", port=9000)


@pytest.mark.parametrize(
    ("now", "starts"),
    [
        (replace(SPEC, host="::1", port=1), "Host and port: what stands here differs from what runs now"),
        (
            replace(SPEC, transport="udp", buffer_size=1, options=SocketOptions(backlog=1)),
            "Transport, buffer size and options: what stands here differs",
        ),
        (replace(SPEC, name="other", encoding="ascii"), "Only programs on this machine can connect. Stop to change"),
    ],
)
def test_settings_that_count_from_the_next_start_on_are_named(now: SocketSpec, starts: str) -> None:
    entry = SocketEntry(1, now, State.LISTEN, started=SPEC)
    assert settings_hint(entry, viewing=False).startswith(starts)
    assert "differs" not in settings_hint(replace(entry, state=State.CLOSED), viewing=False)
    assert settings_hint(entry, viewing=True).startswith("A capture from disk")
