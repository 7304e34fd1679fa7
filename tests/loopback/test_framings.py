"""Each framing over real TCP against a device that shares no code with it, with bytes cut anywhere, both ways.

The kinds and their presets come from the registry: a new one is tested as soon as `dialects` can speak it, and fails
here before.
"""

from __future__ import annotations

import random
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from explorer.capture.catalog import Catalog
from explorer.capture.messages import Messages, open_messages
from explorer.capture.stream import Scope
from explorer.core.fields import Value
from explorer.core.pace import Pace
from explorer.core.socket_spec import Choice, SocketOptions, SocketSpec
from explorer.core.states import CloseReason
from explorer.net.limits import raise_open_files
from explorer.wire.framing.registry import check_choice, kinds, make_framer
from tests.fakes.running_engine import RunningEngine
from tests.loopback.device import Device, Sent, Speech, converse, dial, read_messages, send_all
from tests.loopback.dialects import DIALECTS
from tests.net.peers import listener, port_of

MANY = 10_000  # messages of the first settings of each kind, in each direction
FEW = 500  # of all others
ECHOED = 300
BATCH = 100  # messages at once


@dataclass(frozen=True)
class Variant:
    """A framing with settings, and how many messages are sent under it."""

    name: str
    kind: str
    settings: Mapping[str, Value]
    count: int = FEW

    def __str__(self) -> str:
        return self.name

    @property
    def choice(self) -> Choice:
        return check_choice({"kind": self.kind, **self.settings})


MORE = (
    Variant("line with a CRC in hex", "line", {"checksum": "crc32", "checksum_as": "hex"}),
    Variant("line, little-endian hex", "line",
            {"ending": "any", "checksum": "crc16-x25", "checksum_as": "hex", "checksum_order": "little"}),
    Variant("delimiter that stays", "delimiter", {"hex": "0d0a", "keep": True}),
    Variant("delimiter of equal bytes", "delimiter", {"hex": "01 01 01"}),
    Variant("delimiter with a sum", "delimiter", {"hex": "1c0d", "checksum": "xor8"}),
    Variant("fixed with a CRC", "fixed", {"size": 12, "checksum": "crc16-xmodem"}, MANY),
    Variant("fixed, one byte", "fixed", {"size": 1}),
    Variant("length with a CRC", "length", {"width": 2, "skip": 2, "checksum": "crc16-modbus",
                                            "checksum_order": "little"}),
    Variant("length that the checksum covers", "length", {"width": 1, "checksum": "lrc"}),
    Variant("length with a header that the checksum covers not", "length",
            {"width": 2, "offset": 3, "checksum": "crc16-ccitt-false", "checksum_from": 3}),
    Variant("length of eight bytes, cut within", "length", {"width": 8, "order": "little", "skip": 3}),
    Variant("varint with Adler", "varint", {"checksum": "adler32"}),
    Variant("netstring with Fletcher", "netstring", {"checksum": "fletcher16"}),
    Variant("SLIP with a CRC", "slip", {"checksum": "crc16-x25", "checksum_order": "little"}),
    Variant("COBS with a CRC", "cobs", {"checksum": "crc32", "checksum_order": "little"}),
    Variant("STX ETX with a sum", "stx_etx", {"checksum": "sum8", "checksum_from": 1}),
    Variant("DLE STX with a CRC", "stx_etx", {"prefixed": True, "checksum": "crc8"}),
    Variant("STX ETX with three bytes behind it", "stx_etx", {"behind": 3}),
    Variant("delimiter with a marked sum", "delimiter", {"hex": "0d", "checksum": "sum8", "checksum_as": "hex",
                                                         "checksum_mark": "3a3a", "checksum_also": "0d"}),
)  # fmt: skip


def variants() -> Iterator[Variant]:
    """Kinds without time: each with its presets, or as it is where it has none, and with some settings more."""
    for kind in kinds():
        if kind.name in ("raw", "idle"):
            continue
        presets = [(preset.label, preset.settings) for preset in kind.presets] or [("as it is", {})]
        for place, (label, settings) in enumerate(presets):
            most = place == 0 and kind.name != "fixed"  # whose first preset is long
            yield Variant(f"{kind.name}: {label}", kind.name, settings, MANY if most else FEW)
    yield from MORE


VARIANTS = tuple(variants())
TIMED = tuple(kind.name for kind in kinds() if kind.name == "idle")


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningEngine]:
    with RunningEngine(tmp_path / "capture", segment_bytes=1 << 20, segment_records=1 << 13) as engine:
        yield engine


def found_in(running: RunningEngine, scope: Scope, received: bool, framing: Choice | None = None) -> Messages:
    """The messages of the capture under the socket's own framing, as the Messages tab finds them."""
    reader = running.reader
    catalog = Catalog(reader)
    while catalog.advance():
        pass
    messages = open_messages(reader, catalog, scope, framing, received, not received)
    while messages.advance(500):
        pass
    return messages


def payloads(messages: Messages) -> list[bytes]:
    """All messages, none of which may be broken."""
    rows = [messages.message(row) for row in range(messages.rows)]
    assert [row.error for row in rows if row.error] == []
    return [messages.payload(row) for row in rows]


def test_the_device_speaks_every_kind() -> None:
    assert {kind.name for kind in kinds()} == {"raw", *DIALECTS}


# -- what a device sends -----------------------------------------------------------------------------


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
def test_what_a_device_sends_is_found(running: RunningEngine, variant: Variant) -> None:
    speech = Speech(variant.kind, variant.settings, "to us")
    messages = [speech.make() for _ in range(variant.count)]
    spec = SocketSpec("server", framing=variant.choice, buffer_size=speech.chance.choice((11, 64, 300, 4096)))
    number, local = running.listen(spec)
    chunks = speech.chunks(b"".join(sent.wire for sent in messages))
    Device(lambda: send_all(local.port, chunks)).result()
    connection = running.opened(number).connection
    closed = running.closed(connection)
    assert (closed.reason, closed.messages_in) == (CloseReason.EOF, len(messages))
    assert payloads(found_in(running, Scope(number), received=True)) == [sent.message for sent in messages]


# -- what is sent to a device ------------------------------------------------------------------------


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
def test_what_is_sent_is_read_by_a_device(running: RunningEngine, variant: Variant) -> None:
    speech = Speech(variant.kind, variant.settings, "to the device")
    messages = [speech.make() for _ in range(variant.count)]
    framer = make_framer(variant.choice)
    with listener() as listening:
        device = Device(lambda: read_messages(listening, speech))
        spec = SocketSpec(
            "client", role="client", port=port_of(listening), framing=variant.choice,
            pace=Pace(send_size=speech.chance.choice((300, 2000)), send_random=True),
        )  # fmt: skip
        number, connection = running.connect(spec)
        for batch in batches(messages):
            running.send(b"".join(framer.encode(sent.content) for sent in batch), number)
        running.end("finish", number)
        assert device.result() == [sent.content for sent in messages]
        assert running.closed(connection).reason is CloseReason.EOF
    assert payloads(found_in(running, Scope(number), received=False)) == [sent.message for sent in messages]


def batches(messages: list[Sent]) -> list[list[Sent]]:
    return [messages[place : place + BATCH] for place in range(0, len(messages), BATCH)]


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
def test_a_device_gets_its_messages_back(running: RunningEngine, variant: Variant) -> None:
    speech = Speech(variant.kind, variant.settings, "echo")
    messages = [speech.make() for _ in range(ECHOED)]
    spec = SocketSpec(
        "echo", framing=variant.choice, program=Choice("echo"), buffer_size=97, options=SocketOptions(no_delay=True)
    )  # fmt: skip
    number, local = running.listen(spec)
    if not speech.dialect.comes_back():
        with dial(local.port) as sock:
            sock.sendall(messages[0].wire)
            assert "cannot be sent back as it came" in running.failed(number).failure.means
        return
    device = Device(lambda: converse(local.port, speech, batches(messages)))
    assert device.result() == [sent.content for sent in messages]
    closed = running.closed(running.opened(number).connection)
    assert (closed.messages_in, closed.messages_out) == (len(messages), len(messages))


# -- without boundaries, and by silence --------------------------------------------------------------


def test_raw_bytes_are_the_same_however_they_were_cut(running: RunningEngine) -> None:
    speech = Speech("line", {}, "raw")
    chunks = speech.chunks(b"".join(speech.make().wire for _ in range(MANY)))
    number, local = running.listen(SocketSpec("server", buffer_size=777))
    Device(lambda: send_all(local.port, chunks)).result()
    connection = running.opened(number).connection
    closed = running.closed(connection)
    reads = payloads(found_in(running, Scope(number), received=True))
    assert b"".join(reads) == b"".join(chunks)
    assert closed.messages_in == len(reads)


SILENT = 60  # milliseconds that part messages; nothing here keeps a machine from working for so long
LINES = 250  # connections, so that many messages take few silences
ROUNDS = 40


class Bus:
    """Some connections of one device, which says something on each of them, is silent, and goes on."""

    def __init__(self, port: int, count: int, silence: float, arrived: Callable[[int], None]) -> None:
        """silence: seconds. arrived: waits until so many bytes are there; silence counts from then on."""
        self._socks = [dial(port) for _ in range(count)]
        self._silence = silence
        self._arrived = arrived
        self.ports = [port_of(sock) for sock in self._socks]

    def say(self, rounds: list[list[list[bytes]]], read: bool = False) -> list[bytes]:
        """Each round has the pieces of one message for each connection. read: wait for all of them to come back."""
        said, pause = 0, threading.Event()
        try:
            for messages in rounds:
                for sock, pieces in zip(self._socks, messages, strict=True):
                    for piece in pieces:
                        sock.sendall(piece)
                        said += len(piece)
                self._arrived(said)
                if read:
                    for sock, pieces in zip(self._socks, messages, strict=True):
                        whole = b"".join(pieces)
                        assert sock.recv(len(whole), socket.MSG_WAITALL) == whole
                else:
                    pause.wait(self._silence)
        finally:
            for sock in self._socks:
                sock.close()
        return []


def timed_messages(settings: Mapping[str, Value], rounds: int, lines: int) -> list[list[Sent]]:
    speech = Speech("idle", settings, "bus")
    return [[speech.make() for _ in range(lines)] for _ in range(rounds)]


def by_connection(running: RunningEngine, number: int, bus: Bus) -> list[list[bytes]]:
    """The messages that the capture holds, by the device's connections."""
    opened = {running.opened(number, skip).remote.port: running.opened(number, skip) for skip in range(len(bus.ports))}
    numbers = [opened[port].connection for port in bus.ports]
    messages = found_in(running, Scope(number), received=True)
    heard: dict[int, list[bytes]] = {connection: [] for connection in numbers}
    for row in map(messages.message, range(messages.rows)):
        assert not row.error
        heard[row.connection].append(messages.payload(row))
    return [heard[connection] for connection in numbers]


@pytest.mark.parametrize("kind", TIMED)
@pytest.mark.parametrize("checksum", [{}, {"checksum": "crc16-modbus", "checksum_order": "little"}])
def test_silence_parts_the_messages_of_many_lines(
    running: RunningEngine, kind: str, checksum: Mapping[str, Value]
) -> None:
    settings: dict[str, Value] = {"ms": SILENT, **checksum}
    rounds = timed_messages(settings, ROUNDS if not checksum else 3, LINES)
    spec = SocketSpec(
        "bus", framing=Choice(kind, settings), buffer_size=64, options=SocketOptions(backlog=LINES)
    )  # fmt: skip
    raise_open_files()
    number, local = running.listen(spec)

    def arrived(size: int) -> None:
        running.until(lambda: running.tally.received >= size, f"{size} bytes")

    bus = Bus(local.port, LINES, (SILENT + 5) / 1000, arrived)
    chance = random.Random(4)

    def pieces(wire: bytes) -> list[bytes]:
        cut = chance.randrange(len(wire))
        return [part for part in (wire[:cut], wire[cut:]) if part]

    Device(lambda: bus.say([[pieces(sent.wire) for sent in messages] for messages in rounds])).result()
    assert sum(running.closed(running.opened(number, skip).connection).messages_in for skip in range(LINES)) == (
        len(rounds) * LINES
    )
    said = [[messages[line].message for messages in rounds] for line in range(LINES)]
    assert by_connection(running, number, bus) == said


@pytest.mark.parametrize("kind", TIMED)
def test_short_silences_of_presets_part_messages_that_come_whole(running: RunningEngine, kind: str) -> None:
    """However busy the machine: a message is one read, and the next is sent when the silence is sure to be over."""
    presets = next(found for found in kinds() if found.name == kind).presets
    assert presets
    for preset in presets:
        rounds = timed_messages(preset.settings, 5, 1)
        number, local = running.listen(SocketSpec("device", framing=Choice(kind, preset.settings)))
        before, silence = running.tally.received, int(str(preset.settings["ms"])) / 1000

        def arrived(size: int, before: int = before) -> None:
            running.until(lambda: running.tally.received >= before + size, f"{size} bytes")

        bus = Bus(local.port, 1, silence + 0.001, arrived)
        bus.say([[[sent.wire] for sent in messages] for messages in rounds])
        running.closed(running.opened(number).connection)
        assert by_connection(running, number, bus) == [[sent.message for [sent] in rounds]], preset.label


@pytest.mark.parametrize("kind", TIMED)
def test_a_device_is_answered_once_it_is_silent(running: RunningEngine, kind: str) -> None:
    settings: dict[str, Value] = {"ms": SILENT, "checksum": "crc16-modbus"}
    rounds = timed_messages(settings, 3, 20)
    number, local = running.listen(SocketSpec("bus", framing=Choice(kind, settings), program=Choice("echo")))
    bus = Bus(local.port, 20, 0, lambda size: None)
    Device(lambda: bus.say([[[sent.wire] for sent in messages] for messages in rounds], read=True)).result()
    for skip in range(20):
        closed = running.closed(running.opened(number, skip).connection)
        assert (closed.messages_in, closed.messages_out) == (3, 3)


# -- programs of others ------------------------------------------------------------------------------

TEXT = [b"first", b"", b"with a \xe2\x82\xac and a tab\t", b"x" * 3000, b"last"]


def talk(*command: str, data: bytes = b"") -> bytes:
    """Run a program with `data` as its input; its output."""
    done = subprocess.run(command, input=data, capture_output=True, timeout=20, check=False)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return done.stdout


@pytest.mark.needs("ncat")
def test_ncat_ends_its_lines_with_cr_lf(running: RunningEngine) -> None:
    spec = SocketSpec("echo", framing=Choice("line", {"ending": "crlf"}), program=Choice("echo"), buffer_size=50)
    number, local = running.listen(spec)
    lines = b"".join(line + b"\n" for line in TEXT)
    assert talk("ncat", "--crlf", local.host, str(local.port), data=lines) == lines.replace(b"\n", b"\r\n")
    assert payloads(found_in(running, Scope(number), received=True)) == TEXT
    assert payloads(found_in(running, Scope(number), received=False)) == TEXT
    assert running.closed(running.opened(number).connection).messages_in == len(TEXT)


@pytest.mark.needs("socat")
def test_socat_turns_line_feeds_into_cr_lf_and_back(running: RunningEngine) -> None:
    spec = SocketSpec(
        "echo", framing=Choice("delimiter", {"hex": "0d0a"}), program=Choice("echo"),
        pace=Pace(send_size=5, send_random=True),
    )  # fmt: skip
    number, local = running.listen(spec)
    lines = b"".join(line + b"\n" for line in TEXT)
    assert talk("socat", "-t10", "-", f"TCP4:{local},crlf", data=lines) == lines
    assert payloads(found_in(running, Scope(number), received=True)) == TEXT


@pytest.mark.needs("curl")
def test_curl_sends_the_lines_of_a_head_and_an_empty_one(running: RunningEngine) -> None:
    number, local = running.listen(SocketSpec("http", framing=Choice("line", {"ending": "crlf"}), buffer_size=13))
    with subprocess.Popen(["curl", "-s", "--max-time", "20", f"http://{local}/"], stdout=subprocess.PIPE) as curl:
        connection = running.opened(number).connection
        running.until(lambda: running.bytes_of(connection, received=True).endswith(b"\r\n\r\n"), "the head")
        framer = make_framer(Choice("line", {"ending": "crlf"}))
        head = [b"HTTP/1.1 200 OK", b"Content-Length: 6", b""]
        running.send(b"".join(map(framer.encode, head)) + b"framed", number, connection)
        assert curl.stdout is not None
        assert curl.stdout.read() == b"framed"
    running.closed(connection)
    lines = payloads(found_in(running, Scope(number), received=True))
    assert (lines[0], lines[-1]) == (b"GET / HTTP/1.1", b"")
    head_framing = Choice("delimiter", {"hex": "0d0a0d0a"})
    [whole] = payloads(found_in(running, Scope(number), received=True, framing=head_framing))
    assert whole.split(b"\r\n") == lines[:-1]
