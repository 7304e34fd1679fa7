"""pcapng: tshark decodes every packet, finds no fault, and follows each conversation to the same bytes."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from explorer.capture.export.packets import addresses, checksum
from explorer.capture.export.registry import export
from explorer.capture.library import open_capture
from explorer.capture.reader import Reader
from explorer.capture.stream import Scope
from explorer.core.calls import CallFlag, CallKind
from explorer.core.endpoint import Endpoint
from tests.capture.making import accepted, catalog_of, closed, echo_exchange, small_writer, socket_record, traffic

pytestmark = pytest.mark.needs("tshark")

CHECKS = ("ip.check_checksum:TRUE", "tcp.check_checksum:TRUE", "udp.check_checksum:TRUE")


def tshark(file: Path, *arguments: str) -> str:
    checks = [part for check in CHECKS for part in ("-o", check)]
    command = ["tshark", "-n", "-r", str(file), *checks, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=50).stdout


def fields(file: Path, *names: str, only: str = "") -> list[list[str]]:
    wanted = [part for name in names for part in ("-e", name)]
    chosen = ["-Y", only] if only else []
    lines = tshark(file, "-T", "fields", *wanted, *chosen).splitlines()
    return [line.split("\t") for line in lines]


def follow(file: Path, protocol: str, stream: int = 0) -> tuple[bytes, bytes]:
    """(from the client, from the server)."""
    lines = tshark(file, "-q", "-z", f"follow,{protocol},raw,{stream}").splitlines()
    client, server = bytearray(), bytearray()
    for line in lines:
        if re.fullmatch(r"\t?[0-9a-f]+", line):
            (server if line.startswith("\t") else client).extend(bytes.fromhex(line.strip()))
    return bytes(client), bytes(server)


def exported(reader: Reader, tmp_path: Path, scope: Scope = Scope()):  # noqa: B008 - frozen
    out = tmp_path / "out.pcapng"
    result = export(reader, catalog_of(reader), scope, out)
    assert not result.cancelled
    assert result.size == out.stat().st_size
    return out, result


def assert_no_fault(file: Path) -> None:
    faults = fields(file, "frame.number", "_ws.expert.message", only="_ws.expert.severity >= 0x600000 || _ws.malformed")
    assert faults == []
    bad = "ip.checksum.status == 0 || tcp.checksum.status == 0 || udp.checksum.status == 0"
    assert fields(file, "frame.number", only=bad) == []


def test_an_echo_exchange(tmp_path):
    exchange = echo_exchange(tmp_path / "capture")
    file, result = exported(open_capture(exchange.folder), tmp_path)
    assert result.remarks == ()
    assert_no_fault(file)
    assert follow(file, "tcp") == (exchange.received, exchange.sent)
    rows = fields(file, "ip.src", "tcp.srcport", "ip.dst", "tcp.dstport", "tcp.flags.str", "tcp.len")
    there, back = ["127.0.0.1", "51514", "127.0.0.1", "9000"], ["127.0.0.1", "9000", "127.0.0.1", "51514"]
    marks = [(row[:4] == there, row[4].replace("·", ""), row[5]) for row in rows]
    assert marks == [
        (True, "S", "0"), (False, "AS", "0"), (True, "A", "0"),
        (True, "AP", "6"), (False, "A", "0"), (False, "AP", "6"), (True, "A", "0"),
        (True, "AP", "6"), (False, "A", "0"), (False, "AP", "6"), (True, "A", "0"),
        (True, "AF", "0"), (False, "A", "0"), (False, "AF", "0"), (True, "A", "0"),
    ]  # fmt: skip
    assert all(row[:4] in (there, back) for row in rows)


def test_times_are_those_of_the_calls(tmp_path):
    exchange = echo_exchange(tmp_path / "capture")
    reader = open_capture(exchange.folder)
    file, _ = exported(reader, tmp_path)
    times = [int(row[0].replace(".", "")) for row in fields(file, "frame.time_epoch", only="tcp.len > 0")]
    traffic_times = [call.time for call in reader.calls(0, reader.count) if call.received or call.sent][:-1]
    assert times == [reader.header.started + time for time in traffic_times]


def test_the_file_says_that_it_was_reconstructed(tmp_path):
    exchange = echo_exchange(tmp_path / "capture")
    file, _ = exported(open_capture(exchange.folder), tmp_path)
    assert b"Reconstructed by Socket Explorer from socket calls" in file.read_bytes()[:400]


@pytest.mark.parametrize(
    ("local", "peer", "expected"),
    [
        ("[::1]:9000", "[::1]:50000", "::1"),
        ("[fe80::1%eth0]:9000", "[fe80::2%2]:50000", "fe80::2"),
        ("[::ffff:127.0.0.1]:9000", "[::ffff:127.0.0.1]:50000", "127.0.0.1"),
        ("192.0.2.1:9000", "192.0.2.7:50000", "192.0.2.7"),
        ("0.0.0.0:9000", "127.0.0.2:50000", "127.0.0.2"),
    ],
)
def test_large_calls_are_cut_into_segments(tmp_path, local, peer, expected):
    writer = small_writer(tmp_path / "capture")
    socket_record(writer)
    accepted(writer, 1, peer, local)
    data = [bytes((number * 7 + at) % 251 for at in range(70_001)) for number in range(3)]
    for one in data:
        traffic(writer, CallKind.recv, one)
        traffic(writer, CallKind.send, one[::-1])
    closed(writer, 1, "local")
    file, _ = exported(Reader.of(writer), tmp_path)
    writer.close()
    assert_no_fault(file)
    assert follow(file, "tcp") == (b"".join(data), b"".join(one[::-1] for one in data))
    sizes = {int(row[0]) for row in fields(file, "tcp.len")}
    assert max(sizes) in (1440, 1460, 65_483)
    version = "ipv6" if ":" in expected else "ip"
    assert fields(file, f"{version}.src", only="tcp.len > 0 && tcp.dstport == 9000")[0] == [expected]


def test_udp_datagrams_and_a_cut_one(tmp_path):
    writer = small_writer(tmp_path / "capture")
    socket_record(writer, transport="udp")
    writer.add_detail(CallKind.bind, 1, 0, {"address": "0.0.0.0:9000", "local": "0.0.0.0:9000"})
    for number, peer in ((1, "127.0.0.1:50001"), (2, "127.0.0.1:50002")):
        writer.add_detail(CallKind.peer, 1, number, {"peer": peer, "local": "0.0.0.0:9000"})
    parts = [b"", b"odd", bytes(65_507)]
    for part in parts:
        traffic(writer, CallKind.recvfrom, part, 1, flags=CallFlag.DATAGRAM)
        traffic(writer, CallKind.sendto, part + b"!" if len(part) < 9 else b"big", 2, flags=CallFlag.DATAGRAM)
    traffic(writer, CallKind.recvfrom, b"cut", 2, flags=CallFlag.DATAGRAM | CallFlag.CUT, extra=100)
    writer.add(CallKind.sendto, 1, 2, asked=9, errno=111)
    file, _ = exported(Reader.of(writer), tmp_path)
    writer.close()
    assert_no_fault(file)
    assert follow(file, "udp", 0) == (b"".join(parts), b"")
    rows = fields(file, "udp.srcport", "udp.dstport", "udp.length", "frame.cap_len", "frame.len")
    assert len(rows) == 7
    assert rows[-1] == ["50002", "9000", "108", str(28 + 3), str(28 + 100)]


def test_both_ends_are_written_once(tmp_path):
    writer = small_writer(tmp_path / "capture")
    socket_record(writer, 1, "server")
    socket_record(writer, 2, "client", role="client")
    detail = {"address": "127.0.0.1:9000", "local": "127.0.0.1:51514"}
    writer.add_detail(CallKind.connect, 2, 1, detail)
    accepted(writer, 2)
    traffic(writer, CallKind.send, b"hello", 1, 2)
    traffic(writer, CallKind.recv, b"hello", 2, 1)
    file, result = exported(Reader.of(writer), tmp_path)
    assert follow(file, "tcp") == (b"hello", b"")
    assert "for 1 connection:" in result.remarks[0]
    file, result = exported(Reader.of(writer), tmp_path, Scope(2))
    assert follow(file, "tcp") == (b"hello", b"")
    assert result.remarks == ()
    writer.close()


def test_ways_to_end(tmp_path):
    """Resets, half-closes, time-outs, calls about unknown peers, lost bytes; and a port used again."""
    writer = small_writer(tmp_path / "capture")
    socket_record(writer)
    for connection, reason in ((1, "reset"), (2, "timeout"), (3, "local"), (4, "eof")):
        accepted(writer, connection)
        traffic(writer, CallKind.recv, b"data %d" % connection, connection)
        if connection == 3:
            writer.add_detail(CallKind.shutdown, 1, 3, {"how": "SHUT_WR"})
        if connection == 4:
            writer.add(CallKind.recv, 1, 4, asked=10, flags=CallFlag.END)
        closed(writer, connection, reason)
    traffic(writer, CallKind.recv, b"whose?", 77)
    traffic(writer, CallKind.recv, b"lost", 4)
    writer.close()
    data = tmp_path / "capture" / "bytes-000000.bin"
    data.write_bytes(data.read_bytes()[:-4])
    file, result = exported(open_capture(tmp_path / "capture"), tmp_path)
    assert [follow(file, "tcp", stream)[0] for stream in range(4)] == [b"data 1", b"data 2", b"data 3", b"data 4"]
    assert len(fields(file, "frame.number", only="tcp.flags.reset == 1")) == 1
    ends = [row[0] for row in fields(file, "tcp.stream", only="tcp.flags.fin == 1")]
    assert ends == ["2", "3", "3"]
    assert any(": 1 call with" in remark for remark in result.remarks)
    assert any("zeros stand in: 4 bytes" in remark for remark in result.remarks)


def test_checksums_against_the_sum_written_out():
    for data in (b"", b"\0\0", b"\xff\xff", b"\x45\0\0\x1c", bytes(range(256)), b"odd"):
        padded = data + bytes(len(data) % 2)
        total = sum(int.from_bytes(padded[at : at + 2], "big") for at in range(0, len(padded), 2))
        while total >> 16:
            total = (total & 0xFFFF) + (total >> 16)
        assert checksum(b"", data) % 0xFFFF == (0xFFFF - total) % 0xFFFF


def test_addresses_that_do_not_fit_together():
    way = addresses(Endpoint("::1", 1), Endpoint("127.0.0.1", 2))
    assert way.target == bytes(10) + b"\xff\xff" + bytes([127, 0, 0, 1])
    assert addresses(Endpoint("", 1), Endpoint("name.example", 2)).target == bytes(4)
    assert addresses(Endpoint("", 1), Endpoint("2001:db8::1", 2)).source == bytes(16)


def test_the_check_for_faults_can_fail(tmp_path):
    exchange = echo_exchange(tmp_path / "capture")
    file, _ = exported(open_capture(exchange.folder), tmp_path)
    data = file.read_bytes()
    file.write_bytes(data.replace(b"hello\n", b"jello\n", 1))
    with pytest.raises(AssertionError):
        assert_no_fault(file)
