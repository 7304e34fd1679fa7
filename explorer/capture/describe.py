"""A call in words, the same in the Calls table, the exports and every other view.

Written as it would stand in code: ``recv(1024)``, ``bind(("127.0.0.1", 9000))``; the result as a person
would say it: ``37 bytes``, ``ok``, ``ECONNREFUSED``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from explorer.capture.catalog import CapturedConnection, Catalog, endpoint
from explorer.capture.errno_names import name_of
from explorer.capture.previews import Shown, as_text, preview_of
from explorer.capture.reader import Reader
from explorer.capture.span import Place
from explorer.capture.words import counted
from explorer.core.calls import OBSERVATIONS, PAYLOAD, Call, CallFlag, CallKind
from explorer.core.endpoint import Endpoint
from explorer.wire.visible import visible_text

__all__ = ["CallText", "address", "as_text", "describe", "errno_name", "preview", "preview_as", "who"]

PREVIEW = 80  # bytes of a call that its row shows

Detail = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CallText:
    """who: e.g. ``echo :51514``; call: as in code; result: what came of it; failed: it is an error."""

    who: str
    call: str
    result: str
    failed: bool


def describe(call: Call, detail: Detail, catalog: Catalog) -> CallText:
    """`detail` is `Reader.detail(call)` ({} for traffic)."""
    peer = catalog.connection(call.connection) if call.connection else None
    failed = call.errno != 0 and not call.flags & CallFlag.PENDING
    if call.kind in PAYLOAD:
        written = _traffic_call(call, peer)
        result = _traffic_result(call)
    else:
        written = _WRITTEN[call.kind](detail)
        result = _rare_result(call, detail)
    if failed:
        result = errno_name(call, detail, catalog.reader.header.platform)
    return CallText(visible_text(who(call, catalog)), visible_text(written), visible_text(result), failed)


def who(call: Call, catalog: Catalog) -> str:
    """The socket's name, and the peer's port when the call is about one connection."""
    socket = catalog.socket(call.socket)
    name = socket.name if socket else f"socket {call.socket}"
    if not call.connection:
        return name
    peer = catalog.connection(call.connection)
    return f"{name} :{peer.remote.port}" if peer else f"{name} #{call.connection}"


def errno_name(call: Call, detail: Detail, platform: str) -> str:
    """``ECONNREFUSED``; for a name look-up ``EAI_NONAME``. platform: where it was recorded (`Header.platform`)."""
    named = detail.get("error")
    if isinstance(named, str) and named:
        return named
    return name_of(call.errno, platform)


def preview(reader: Reader, call: Call, catalog: Catalog) -> str:
    """The first bytes of a call's traffic as visible text; "" for calls that carry none.

    Bytes that are no text show as ``\\xHH``, unseen characters as escapes.
    """
    socket = catalog.socket(call.socket)
    return preview_as(reader, call, socket.encoding if socket else "utf-8").text


def preview_as(reader: Reader, call: Call, encoding: str) -> Shown:
    """The same in an encoding, and whether it may be another when more has come."""
    if call.kind not in PAYLOAD or call.flags & CallFlag.DETAIL:
        return Shown("")
    data = reader.data(call.offset, min(call.size, PREVIEW))
    return preview_of(reader, Place(call.number, 0), data, call.size, encoding)


# -- traffic ---------------------------------------------------------------------------------------


def _traffic_call(call: Call, peer: CapturedConnection | None) -> str:
    if call.received:
        return f"{call.kind.name}({call.asked})"
    offered = counted(max(call.asked, call.size), "byte")
    if call.kind is CallKind.sendto and peer is not None:
        return f"sendto({offered}, {address(peer.remote)})"
    return f"{call.kind.name}({offered})"


def _traffic_result(call: Call) -> str:
    if call.flags & CallFlag.END:
        return "0 bytes: the peer has finished"
    if call.flags & CallFlag.CUT:
        if call.extra > call.size:
            return (
                f"{call.size:,} of {counted(call.extra, 'byte')}: the datagram was cut, {call.extra - call.size:,} lost"
            )
        return f"{counted(call.size, 'byte')}: the datagram was cut, the rest is lost"
    if call.sent and call.size < call.asked:
        return f"{call.size:,} of {counted(call.asked, 'byte')}"
    return counted(call.size, "byte")


# -- rare calls ------------------------------------------------------------------------------------


def address(where: Endpoint | str | None) -> str:
    """As Python writes it: ``("127.0.0.1", 9000)``."""
    found = endpoint(where) if isinstance(where, str) else where
    if found is None:
        return str(where or "")
    return f"({json.dumps(found.host)}, {found.port})"


def _socket(detail: Detail) -> str:
    return f"socket({_shown(detail, 'family')}, {_shown(detail, 'type')})"


def _getaddrinfo(detail: Detail) -> str:
    return f"getaddrinfo({json.dumps(detail.get('host', ''))}, {_shown(detail, 'port')})"


def _setsockopt(detail: Detail) -> str:
    return f"setsockopt({_shown(detail, 'level')}, {_shown(detail, 'option')}, {_shown(detail, 'asked')})"


def _shown(detail: Detail, name: str) -> str:
    return str(detail.get(name, "?"))


_WRITTEN: dict[CallKind, Callable[[Detail], str]] = {
    CallKind.socket: _socket,
    CallKind.getaddrinfo: _getaddrinfo,
    CallKind.setsockopt: _setsockopt,
    CallKind.bind: lambda detail: f"bind({address(detail.get('address'))})",
    CallKind.listen: lambda detail: f"listen({_shown(detail, 'backlog')})",
    CallKind.connect: lambda detail: f"connect({address(detail.get('address'))})",
    CallKind.accept: lambda detail: "accept()",
    CallKind.shutdown: lambda detail: f"shutdown({_shown(detail, 'how')})",
    CallKind.close: lambda detail: "close()",
    CallKind.peer: lambda detail: f"new peer {_shown(detail, 'peer')}",
    CallKind.note: lambda detail: str(detail.get("text", "")),
    CallKind.worker: lambda detail: f"calls are made by {_shown(detail, 'worker')} ({_shown(detail, 'id')})",
}

_CLOSED = {
    "eof": "ok, the peer had finished",
    "reset": "ok, the connection was reset",
    "timeout": "ok, nothing came for too long",
}


def _rare_result(call: Call, detail: Detail) -> str:
    if call.flags & CallFlag.PENDING:
        return "EINPROGRESS (goes on)"
    if call.kind in OBSERVATIONS:
        return ""
    if call.kind is CallKind.getaddrinfo:
        results = detail.get("results")
        return ", ".join(map(str, results)) if isinstance(results, list) else "ok"
    if call.kind is CallKind.setsockopt:
        got = detail.get("got")
        return f"got {got}" if got is not None and got != detail.get("asked") else "ok"
    if call.kind is CallKind.accept:
        return str(detail.get("peer", "ok"))
    if call.kind is CallKind.close:
        return _CLOSED.get(str(detail.get("reason")), "ok")
    if call.kind in (CallKind.bind, CallKind.connect):
        local = detail.get("local")
        return f"ok, local address {local}" if local and local != detail.get("address") else "ok"
    return "ok"
