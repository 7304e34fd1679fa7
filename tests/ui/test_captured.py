"""What the window shows of a capture from disk: the facts of the capture, not the defaults of a form."""

from __future__ import annotations

from pathlib import Path

from explorer.capture.reader import Reader
from explorer.capture.views import View, ViewsFile
from explorer.core.calls import CallKind
from explorer.core.socket_spec import DEFAULT_BUFFER_SIZE, Choice, SocketSpec
from explorer.ui.captured import list_captured
from explorer.ui.models.log_model import Tone
from explorer.ui.models.socket_nodes import Shape, connection_node
from tests.capture.making import accepted, closed, echo_exchange, small_writer, socket_record


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


def test_how_a_server_served_comes_from_its_record(tmp_path: Path) -> None:
    """One that is not known here, as of a later version, is shown as the usual one."""
    writer = small_writer(tmp_path / "capture")
    given: list[dict[str, object]] = [
        {"serving": {"kind": "thread", "most": 7}}, {}, {"serving": {"kind": "later"}}, {"serving": "thread"},
    ]  # fmt: skip
    for number, detail in enumerate(given, 1):
        writer.add_detail(CallKind.socket, number, 0, {"name": "s", "transport": "tcp", "role": "server", **detail})
    writer.close()
    found = [entry.spec.serving for entry in list_captured(Reader(writer.folder)).sockets]
    assert found[0].kind == "thread"
    assert found[0].settings["most"] == 7
    assert [one.kind for one in found[1:]] == ["selectors"] * 3


def test_of_an_earlier_version_the_address_comes_from_the_calls(tmp_path: Path) -> None:
    [entry] = list_captured(Reader(echo_exchange(tmp_path / "capture").folder)).sockets
    assert (entry.spec.host, entry.spec.port, entry.spec.program) == ("127.0.0.1", 0, Choice("echo"))
    assert entry.spec.buffer_size == DEFAULT_BUFFER_SIZE


def test_a_connection_whose_close_is_not_in_the_capture_is_not_called_closed(tmp_path: Path) -> None:
    writer = small_writer(tmp_path / "capture")
    socket_record(writer)
    for connection, peer in ((1, "127.0.0.1:50001"), (2, "127.0.0.1:50002")):
        accepted(writer, connection, peer)
    closed(writer, 1, "eof")
    writer.close()
    found = list_captured(Reader(writer.folder)).connections.of(1)
    assert {number: entry.left_open for number, entry in found.items()} == {1: False, 2: True}
    assert not any(entry.open for entry in found.values()), "nothing can be sent to them"
    over, left = (connection_node(entry, (0, 0)) for entry in found.values())
    assert (over.kind, over.shape, over.grey) == ("closed (eof)", Shape.RING, True)
    assert (left.kind, left.shape, left.grey) == ("open at the end", Shape.LEFT, False)
    assert left.tone is Tone.MUTED, "it is not open now"
    assert left.spoken == "127.0.0.1:50002, open at the end, close not captured"
    assert left.tip.endswith("\nopen at the end of the capture: no close of it was recorded")


def test_a_socket_is_shown_as_it_was_chosen_last(tmp_path: Path) -> None:
    writer = small_writer(tmp_path / "capture")
    socket_record(writer, 1, "echo")
    socket_record(writer, 2, "other", framing={"kind": "line"})
    writer.close()
    slip = Choice("slip")
    ViewsFile(writer.folder).save({1: View(slip), 2: View(None, "cp037")})
    first, second = (entry.spec for entry in list_captured(Reader(writer.folder)).sockets)
    assert (first.framing, first.encoding) == (slip, "utf-8")
    assert (second.framing, second.encoding) == (Choice("line"), "cp037")
