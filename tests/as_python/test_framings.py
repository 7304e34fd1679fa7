"""Framings of scripts find the same messages as the app's own framers, and send the same bytes."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.as_python.api import FramingPart, NoScript, Wanted
from explorer.as_python.framings.registry import framing_part
from explorer.as_python.imports import imports_of
from explorer.core.errors import InputError
from explorer.core.fields import whole
from explorer.core.socket_spec import Choice
from explorer.wire.checksums import CHECKSUMS
from explorer.wire.framing.api import Frame
from explorer.wire.framing.registry import find_kind
from tests.fakes import any_framing

KINDS = [kind.name for kind in any_framing.KINDS if kind.name != "raw"]
MS = 1_000_000


def run(part: FramingPart) -> dict[str, Any]:
    """What the script's code defines."""
    names: dict[str, Any] = {}
    code = f"{part.constants}\n{part.code}"
    lines = [*(f"import {name}" for name in imports_of(code)), code]
    exec(compile("\n".join(lines), "<fragment>", "exec"), names)
    return names


def theirs(choice: Choice, stream: list[any_framing.Timed]) -> list[bytes]:
    found, _, _ = any_framing.run(any_framing.make(choice), stream)
    return [item.payload for item in found if isinstance(item, Frame)]


def ours(choice: Choice, stream: list[any_framing.Timed]) -> list[bytes]:
    """What the script finds in the same chunks, which came at these times."""
    part = framing_part(choice, Wanted(found=True, sends=False, as_found=False, datagrams=False))
    framer = run(part)["Framer"]()
    if not part.timed:
        return [message for _, data in stream for message in framer.feed(data)]
    gap = whole(choice.settings.get("ms", 20)) * MS
    messages, last = [], stream[0][0] if stream else 0
    for time, data in stream:
        if time - last >= gap:
            messages += framer.silent()
        if data:
            framer.feed(data)
            last = time
    return [*messages, *framer.silent()]


@pytest.mark.parametrize("kind", KINDS)
@given(seed=st.integers(0, 2**32))
def test_a_script_finds_the_same_messages_in_any_chunks(kind: str, seed: int) -> None:
    chance = random.Random(seed)
    choice = any_framing.some_choice(find_kind(kind), chance)
    stream = any_framing.some_stream(choice, chance)
    chunks = list(any_framing.cut_up(stream, chance))

    assert ours(choice, chunks) == theirs(choice, stream)


@pytest.mark.parametrize("kind", KINDS)
@given(seed=st.integers(0, 2**32))
def test_a_script_sends_the_same_bytes(kind: str, seed: int) -> None:
    chance = random.Random(seed)
    choice = any_framing.some_choice(find_kind(kind), chance)
    payload = any_framing.some_payload(chance)
    part = framing_part(choice, Wanted(found=False, sends=True, as_found=False, datagrams=False))
    encode = run(part).get("encode", bytes)
    try:
        wire = any_framing.make(choice).encode(payload)
    except InputError:
        assert part.checked
        with pytest.raises(ValueError, match=r"\.$"):
            encode(payload)
        return

    if "checksum" in choice.settings and len(payload) < whole(choice.settings.get("offset", 0)):
        return  # part of the checksum stands where the header should: the app sends it where, by chance, it fits

    assert encode(payload) == wire


@pytest.mark.parametrize("kind", KINDS)
@given(seed=st.integers(0, 2**32))
def test_a_script_sends_messages_back_as_they_came(kind: str, seed: int) -> None:
    chance = random.Random(seed)
    choice = any_framing.some_choice(find_kind(kind), chance)
    framer = any_framing.make(choice)
    messages = theirs(choice, any_framing.some_stream(choice, chance))
    try:
        part = framing_part(choice, Wanted(found=True, sends=True, as_found=True, datagrams=False))
    except NoScript:
        with pytest.raises(InputError):
            framer.restore(b"12345678")
        return
    encode = run(part).get("encode", bytes)

    assert [encode(message) for message in messages] == [framer.restore(message) for message in messages]


@pytest.mark.parametrize("checksum", CHECKSUMS, ids=lambda checksum: checksum.name)
def test_every_checksum_is_computed_in_plain_python(checksum: Any) -> None:
    choice = Choice("line", {"checksum": checksum.name})
    part = framing_part(choice, Wanted(found=True, sends=False, as_found=False, datagrams=False))
    compute = run(part)["checksum"]

    assert compute(b"123456789") == checksum.check
    assert [compute(data) for data in (b"", b"\0", b"\xff" * 9)] == [
        checksum.of(data) for data in (b"", b"\0", b"\xff" * 9)
    ]


def test_each_datagram_has_its_own_messages() -> None:
    part = framing_part(Choice("idle", {"max": 4}), Wanted(found=True, sends=False, as_found=False, datagrams=True))
    names = run(part)

    assert [names["Framer"]().feed(data) for data in (b"abcd", b"", b"abcde")] == [[b"abcd"], [], []]


def test_only_what_is_wanted_is_written() -> None:
    line = Choice("line")

    assert "encode" not in framing_part(line, Wanted(True, False, False, False)).code
    assert "Framer" not in framing_part(line, Wanted(False, True, False, False)).code
    assert framing_part(line, Wanted(False, False, False, False)) == FramingPart()
