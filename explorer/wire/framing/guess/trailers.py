"""Checksums at the end of messages that a framing finds: tried on some of them first, then by the framer on all."""

from __future__ import annotations

import string
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice, product
from typing import Literal

from explorer.core.fields import Value
from explorer.core.socket_spec import Choice
from explorer.wire.checksums import CHECKSUMS
from explorer.wire.framing.api import Frame
from explorer.wire.framing.guess.proposals import PIECE, Proposal, Stop
from explorer.wire.framing.registry import make_framer
from explorer.wire.framing.trailer import Trailer

LEAST = 8  # messages that must agree, no two the same
DIFFERENT = 4  # checksums among theirs: one that never changes may be anything
TRIED = 64  # messages, the shortest of the first ones
MOST_START = 8  # bytes at the front that may be uncovered
MOST_MARK = 1  # and that stand before the checksum, the same in all messages
_HEX = string.hexdigits.encode("ascii")


def with_checksum(proposal: Proposal, samples: Sequence[bytes], stop: Stop) -> Proposal | None:
    """The proposal with a checksum that all messages end with; None where there is none."""
    settings = dict(proposal.choice.settings)
    if settings.get("keep"):
        return None  # the delimiter stands where the checksum would
    kept = {name: value for name, value in settings.items() if name != "skip"}
    marked = b""  # the end mark, which a check behind it may cover
    if settings.get("behind"):
        marked = bytes.fromhex(str(settings.get("end", "03")))
    for given, also in product((settings, kept) if "skip" in settings else (settings,), {b"": 0, marked: 0}):
        trailer = _trailer(list(_messages(Choice(proposal.choice.kind, given), samples)), also, stop)
        if trailer:
            return _proposal(proposal, given, trailer)
    return None


def _messages(choice: Choice, samples: Sequence[bytes]) -> Iterator[bytes]:
    """Different messages of the first that the framing finds, the shortest first."""
    found: list[bytes] = []
    for sample in samples:
        framer = make_framer(choice)
        for at in range(0, len(sample), PIECE):
            found += [item.payload for item in framer.feed(sample[at : at + PIECE]) if isinstance(item, Frame)]
            if len(found) > 4 * TRIED:
                break
    return islice(sorted(set(found), key=len), TRIED)


def _trailer(messages: Sequence[bytes], also: bytes, stop: Stop) -> Trailer | None:
    """The checksum that all of these messages end with. also: what it covers besides them."""
    if len(messages) < LEAST:
        return None
    hexes = all(len(message) > 2 and not message[-2:].strip(_HEX) for message in messages)
    forms = (True, False) if hexes else (False,)
    for gap, start, as_hex in product(range(MOST_MARK + 1), range(MOST_START + 1), forms):
        for checksum in CHECKSUMS:
            if stop():
                return None
            digits = checksum.size * (2 if as_hex else 1)
            got, end = messages[0][-digits:], len(messages[0]) - digits - gap
            if end <= start:
                continue
            # A quick look at one message, before all are looked at.
            made = checksum.of(messages[0][start:end] + also).to_bytes(checksum.size, "big")
            for order in _orders(got, made, as_hex):
                mark = messages[0][-gap - digits : -digits] if gap else b""
                trailer = Trailer(checksum, order, as_hex, start, mark, also)
                if all(_ends(message, trailer) for message in messages):
                    different = len({message[-trailer.size :] for message in messages})
                    return trailer if different >= DIFFERENT else None
    return None


def _orders(got: bytes, made: bytes, as_hex: bool) -> Iterator[Literal["big", "little"]]:
    """The byte orders in which what came is the checksum that was made."""
    if as_hex:
        got = bytes.fromhex(got.decode("ascii")) if not got.strip(_HEX) else b""
    if got == made:
        yield "big"
    if got == made[::-1] and len(made) > 1:
        yield "little"


def _ends(message: bytes, trailer: Trailer) -> bool:
    """Whether the message ends with this checksum of at least one byte."""
    body = message[: -trailer.size]
    return len(message) > trailer.least and trailer.is_(message[-trailer.size :], trailer.of(body))


def _proposal(proposal: Proposal, settings: dict[str, Value], trailer: Trailer) -> Proposal:
    settings = {**settings, "checksum": trailer.checksum.name}
    order = ""
    if trailer.checksum.size > 1 and trailer.order == "little":
        settings["checksum_order"] = "little"
    if trailer.checksum.size > 1:
        order = f" {trailer.order}-endian"
    if trailer.as_hex:
        settings["checksum_as"] = "hex"
    uncovered: list[str] = []
    if trailer.start:
        settings["checksum_from"] = trailer.start
        uncovered.append("the first byte" if trailer.start == 1 else f"the first {trailer.start} bytes")
    if trailer.mark:
        settings["checksum_mark"] = trailer.mark.hex()
        uncovered.append(f"the {trailer.mark.hex(' ')} before it")
    if trailer.also:
        settings["checksum_also"] = trailer.also.hex()
    width = f"{trailer.digits} hex digits" if trailer.as_hex else _bytes(trailer.digits)
    without = f" without {' and '.join(uncovered)}" if uncovered else ""
    besides = f" and of the {trailer.also.hex(' ')} after it" if trailer.also else ""
    said = f"{trailer.checksum.label}, {width}{order}, of what stands before it{without}{besides}"

    def reason(count: int) -> str:
        return f"{proposal.reason(count)} The end of each is its checksum ({said})."

    label = f"{proposal.label}, {trailer.checksum.label}"
    return replace(proposal, choice=Choice(proposal.choice.kind, settings), label=label, reason=reason)


def _bytes(number: int) -> str:
    return "1 byte" if number == 1 else f"{number:,} bytes"
