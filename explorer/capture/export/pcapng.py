"""pcapng, which Wireshark and tshark open: each connection as a TCP or UDP conversation.

Packets are reconstructed from socket calls (see `conversation`); the file's own comment says so. They are
raw IP packets (LINKTYPE_RAW) with times in nanoseconds. Where both ends of a connection are in the
capture, it is written once, as the accepting end saw it: on a wire it would be one conversation too.

Format: IETF draft-ietf-opsawg-pcapng. The three blocks needed are written here: the writers that exist
for Python (python-pcapng, dpkt) bring no types, and python-pcapng takes 20 microseconds a packet where this takes 1.2.
"""

from __future__ import annotations

import struct
from collections import Counter
from typing import BinaryIO

from explorer.capture.catalog import CapturedConnection
from explorer.capture.export.api import ExportFormat, ExportJob
from explorer.capture.export.conversation import TcpConversation
from explorer.capture.export.packets import Addresses, addresses, udp_packet
from explorer.capture.words import counted
from explorer.core.calls import PAYLOAD, Call, CallFlag, CallKind

COMMENT = (
    "Reconstructed by Socket Explorer from socket calls: bytes, order, directions, addresses and times are real; "
    "packet borders, sequence numbers and packets without data (SYN, ACK, FIN, RST) were added."
)
_LINKTYPE_RAW = 101
_NANOSECONDS = 9  # if_tsresol: 10^-9 s
_SECTION, _INTERFACE, _PACKET = 0x0A0D_0D0A, 1, 6
_END_OF_OPTIONS = bytes(4)
_LAST_TIME = (1 << 64) - 1
_PACKET_HEADER = struct.Struct("<IIIIIII")
_COMMENT_OPTION, _APPLICATION_OPTION, _NAME_OPTION, _RESOLUTION_OPTION = 1, 4, 2, 9


def _option(code: int, value: bytes) -> bytes:
    return struct.pack("<HH", code, len(value)) + value + bytes(-len(value) % 4)


def _block(kind: int, body: bytes) -> bytes:
    size = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + size + body + size


def file_header(application: str) -> bytes:
    """The section header and the one interface."""
    section = struct.pack("<IHHq", 0x1A2B_3C4D, 1, 0, -1)
    section += (
        _option(_COMMENT_OPTION, COMMENT.encode()) + _option(_APPLICATION_OPTION, application.encode()) + bytes(4)
    )
    interface = struct.pack("<HHI", _LINKTYPE_RAW, 0, 0)
    interface += _option(_NAME_OPTION, b"socket calls") + _option(_RESOLUTION_OPTION, bytes([_NANOSECONDS]))
    return _block(_SECTION, section + _END_OF_OPTIONS) + _block(_INTERFACE, interface + _END_OF_OPTIONS)


def packet_block(time: int, packet: bytes, whole: int) -> bytes:
    """time: nanoseconds since 1970; whole: the packet's size on the wire, of which `packet` was kept."""
    time = min(time, _LAST_TIME)  # a damaged record may tell any
    pad = -len(packet) % 4
    total = 32 + len(packet) + pad
    header = _PACKET_HEADER.pack(_PACKET, total, 0, time >> 32, time & 0xFFFF_FFFF, len(packet), whole)
    return b"".join((header, packet, bytes(pad), struct.pack("<I", total)))


class _Export:
    """One export under way."""

    def __init__(self, job: ExportJob, out: BinaryIO) -> None:
        self.job = job
        self.out = out
        self._ways: dict[int, Addresses] = {}
        self._tcp: dict[int, TcpConversation] = {}
        self._twins: set[int] = set()
        self.unknown = 0  # calls whose peer is not known
        self.missing = 0  # bytes that the capture lacks
        self._choose()

    @property
    def twins(self) -> int:
        return len(self._twins)

    def _choose(self) -> None:
        """Addresses of all connections in the scope, and which of them are another's other end."""
        scope = self.job.scope
        served: Counter[tuple[str, Addresses]] = Counter()
        connecting: list[CapturedConnection] = []
        for connection in self.job.catalog.connections:
            if scope.connection not in (None, connection.number) or scope.socket not in (None, connection.socket):
                continue
            way = self._ways[connection.number] = addresses(connection.local, connection.remote)
            if connection.accepted:
                served[connection.transport, way] += 1
            else:
                connecting.append(connection)
        for connection in connecting:
            key = (connection.transport, self._ways[connection.number].back())
            if served[key] > 0:
                served[key] -= 1
                self._twins.add(connection.number)

    def take(self, call: Call) -> None:
        connection = self.job.catalog.connection(call.connection) if call.connection else None
        if connection is None:
            self.unknown += call.kind in PAYLOAD and call.size > 0
        elif call.connection not in self._twins:
            if connection.transport == "tcp":
                self._take_tcp(call, connection)
            elif call.kind in PAYLOAD and not call.errno and not call.flags & CallFlag.END:
                self._take_datagram(call)

    def _take_tcp(self, call: Call, connection: CapturedConnection) -> None:
        conversation = self._tcp.get(call.connection)
        if conversation is None:
            conversation = self._tcp[call.connection] = TcpConversation(
                self._ways[call.connection], connection.accepted, call.connection * 100_003
            )
        packets: list[bytes] = []
        if call.kind in PAYLOAD and call.size:
            packets = conversation.data(call.received, self._bytes(call))
        elif call.kind in (CallKind.accept, CallKind.connect) and not call.errno:
            packets = conversation.open()
        elif call.flags & CallFlag.END:
            packets = conversation.finish(remote=True)
        elif call.kind is CallKind.shutdown and not call.errno:
            packets = conversation.finish(remote=False)
        elif call.kind is CallKind.close:
            packets = self._closed(conversation, connection)
            del self._tcp[call.connection]
        for packet in packets:
            self._write(call, packet, len(packet))

    def _closed(self, conversation: TcpConversation, connection: CapturedConnection) -> list[bytes]:
        if connection.closed == "reset":
            return conversation.reset(remote=True)
        if connection.closed == "timeout":
            return []
        return conversation.finish(remote=False)

    def _take_datagram(self, call: Call) -> None:
        way = self._ways[call.connection]
        data = self._bytes(call)
        whole = max(len(data), call.extra if call.flags & CallFlag.CUT else 0)
        packet = udp_packet(way.back() if call.received else way, data, whole)
        self._write(call, packet, len(packet) + whole - len(data))

    def _bytes(self, call: Call) -> bytes:
        data = self.job.reader.traffic(call)
        self.missing += call.size - len(data)
        return data.ljust(call.size, b"\0")

    def _write(self, call: Call, packet: bytes, whole: int) -> None:
        self.out.write(packet_block(self.job.reader.header.started + call.time, packet, whole))


def write(job: ExportJob, out: BinaryIO) -> None:
    out.write(file_header(job.reader.header.program))
    export = _Export(job, out)
    for call in job.calls():
        export.take(call)
    if export.twins:
        job.remarks.append(
            f"Both ends are in the capture for {counted(export.twins, 'connection')}: written once, "
            "as the accepting end saw it."
        )
    if export.unknown:
        job.remarks.append(
            f"Left out, because the capture does not tell the peer: {counted(export.unknown, 'call')} with traffic."
        )
    if export.missing:
        job.remarks.append(f"Missing from the capture, zeros stand in: {counted(export.missing, 'byte')}.")


FORMAT = ExportFormat(".pcapng", "pcapng", "Packets for Wireshark and tshark, reconstructed from the calls.", write)
