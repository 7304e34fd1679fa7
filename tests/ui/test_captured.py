"""What the window shows of a capture from disk: the facts of the capture, not the defaults of a form."""

from __future__ import annotations

from pathlib import Path

from explorer.capture.reader import Reader
from explorer.core.calls import CallKind
from explorer.core.socket_spec import DEFAULT_BUFFER_SIZE, Choice, SocketSpec
from explorer.ui.captured import list_captured
from tests.capture.making import echo_exchange, small_writer


def test_a_socket_is_shown_as_it_was_given(tmp_path: Path) -> None:
    writer = small_writer(tmp_path / "capture")
    spec = SocketSpec(
        "me", "udp", "client", "localhost", 9_000, 65_536, "latin-1", Choice("line"), Choice("repeat", {"interval": 5})
    )
    detail = {
        "name": "me",
        "transport": "udp",
        "role": "client",
        "host": "localhost",
        "port": 9_000,
        "buffer_size": 65_536,
        "encoding": "latin-1",
        "framing": {"kind": "line"},
        "program": {"kind": "repeat", "interval": 5},
    }
    writer.add_detail(CallKind.socket, 4, 0, detail)
    writer.close()
    [entry] = list_captured(Reader(writer.folder)).sockets
    assert (entry.number, entry.spec) == (4, spec)


def test_of_an_earlier_version_the_address_comes_from_the_calls(tmp_path: Path) -> None:
    [entry] = list_captured(Reader(echo_exchange(tmp_path / "capture").folder)).sockets
    assert (entry.spec.host, entry.spec.port, entry.spec.program) == ("127.0.0.1", 0, Choice("echo"))
    assert entry.spec.buffer_size == DEFAULT_BUFFER_SIZE
