"""The lines of a byte view from an arrangement of its stream, and what rules say in words."""

from __future__ import annotations

import sys

from explorer.capture.arrangement import Arrangement, CallRule, MessageRule, Rule
from explorer.capture.errno_names import name_of
from explorer.core.calls import Call, CallFlag
from explorer.ui.widgets.byte_scene import Tone, VisibleRow

WIDTHS = (8, 16, 32)
"""Bytes a row may hold, where it is not made to fit the pane."""
LEAST_FIT, MOST_FIT, FIT_STEP = 4, 64, 4
"""Bytes of a row that fits the pane: within these, and a multiple of the last."""
_UNITS = ((1_000_000_000, "s"), (1_000_000, "ms"), (1_000, "µs"))


def visible_rows(rows: Arrangement, top: int, count: int, platform: str) -> tuple[VisibleRow, ...]:
    """The lines from row `top` on, as many as there are, up to `count`. platform: whose error numbers they are."""
    return tuple(_visible_row(rows, row, platform) for row in range(top, min(rows.count, top + count)))


def _visible_row(rows: Arrangement, row: int, platform: str) -> VisibleRow:
    line = rows.line(row)
    rule = rows.rule(row) if line.start == line.stop else None
    if rule is None:
        return VisibleRow(line.start, line.stop, line.label)
    said = rule_text(rule, platform)
    return VisibleRow(line.start, line.stop, None, said, tone_of(rule), isinstance(rule, MessageRule))


def tone_of(rule: Rule) -> Tone:
    """Of which direction a rule speaks, or that it tells of an error."""
    if isinstance(rule, CallRule):
        return "error" if rule.call.errno else "received" if rule.call.received else "sent"
    return "error" if rule.message.error else "received" if rule.message.received else "sent"


def rule_text(rule: Rule, platform: str = sys.platform) -> str:
    """``recv #12 · 37 of 1024 B · +4.1 ms``, ``message 12 ← · 37 B · +4.1 ms``, ``message 13 ← · 5 B · same recv``."""
    said = _call_words(rule.call, platform) if isinstance(rule, CallRule) else _message_words(rule)
    if isinstance(rule, MessageRule) and rule.same_call:  # no time was measured between the two
        return f"{said} · same {'recv' if rule.message.received else 'send'}"
    return f"{said} · {gap_text(rule.gap)}" if rule.gap is not None else said


def _call_words(call: Call, platform: str) -> str:
    name = f"{call.kind.name} #{call.number}"
    if call.errno:
        return f"{name} · {name_of(call.errno, platform)}"
    if call.flags & CallFlag.END:
        return f"{name} · end of the stream"
    if call.flags & CallFlag.CUT:
        whole = f" of {call.extra}" if call.extra else ""
        return f"{name} · {call.size}{whole} B of a datagram that was cut"
    if not call.size and call.flags & CallFlag.DATAGRAM:
        return f"{name} · empty datagram"
    asked = f" of {call.asked}" if call.asked and call.asked != call.size else ""
    return f"{name} · {call.size}{asked} B"


def _message_words(rule: MessageRule) -> str:
    message = rule.message
    name = f"message {message.number + 1} {'←' if message.received else '→'}"
    if not message.error:
        wire = f", {message.size} on the wire" if message.size != message.payload_size else ""
        return f"{name} · {message.payload_size} B{wire}"
    shown = f" · {rule.shown} of {message.size} B here" if rule.shown < message.size else ""
    return f"{name} · {message.error}{shown}"


def gap_text(gap: int) -> str:
    """A time between two rules, given in nanoseconds: ``+4.1 ms``, ``+12 µs``, ``+1.5 s``."""
    sign, size = ("+", gap) if gap >= 0 else ("−", -gap)
    for unit, name in _UNITS:
        if size >= unit:
            value = size / unit
            return f"{sign}{value:,.0f} {name}" if value >= 99.95 else f"{sign}{value:.1f} {name}"
    return f"{sign}{size} ns"
