"""What the capture keeps of bytes with passwords in them."""

from __future__ import annotations

import re
from time import thread_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.core.fields import Rows
from explorer.core.socket_spec import Choice
from explorer.net.conversation import Conversation
from explorer.programs.api import Action
from explorer.wire.framing.api import Frame
from explorer.wire.framing.registry import make_framer
from tests.fakes.untraced import untraced

USERS: Rows = ({"user": "ada", "password": "SESAME"},)
LINES = Choice("line", {"ending": "any"})
FRAMINGS = (
    LINES,
    Choice("line", {"ending": "crlf"}),
    Choice("delimiter", {"hex": "3b"}),
    Choice("delimiter", {"hex": "3b21"}),
    Choice("length", {"width": 2, "offset": 0}),
    Choice("length", {"width": 1, "skip": 1}),
    Choice("varint"),
    Choice("netstring"),
    Choice("slip"),
    Choice("stx_etx"),
    Choice("fixed", {"size": 6}),
    Choice("cobs"),
    Choice("idle"),
    Choice("raw"),
)


def login(attempts: int = 3, mask: bool = True) -> Choice:
    return Choice("login", {"users": USERS, "attempts": attempts, "mask": mask})


def kept(framing: Choice, pieces: list[bytes], program: Choice | None = None) -> list[bytes]:
    """What the capture keeps of each recv."""
    talk = Conversation(framing, program or login(), "127.0.0.1:9")
    actions: list[Action] = list(talk.opened())
    found = []
    for time, piece in enumerate(pieces):
        found.append(talk.cover(piece) if talk.hides else piece)
        actions += talk.received(piece, time)
    return found


@pytest.mark.parametrize(
    ("pieces", "stars"),
    [
        ([b"ada\n", b"SESAME\n", b"hello\n"], [b"ada\n", b"******\n", b"hello\n"]),
        ([b"ada\r\nSESAME\r\nhello\r\n"], [b"ada\r\n******\r\nhello\r\n"]),
        ([b"ada\nSES", b"AME", b"\r", b"\nhi\n"], [b"ada\n***", b"***", b"\r", b"\nhi\n"]),
        ([b"ada\nwrong\nada\nSESAME\nada\n"], [b"ada\n*****\nada\n******\nada\n"]),
        ([b"a\nx\na\nx\na\nx\nSESAME", b"SESAME\n"], [b"a\n*\na\n*\na\n*\n******", b"******\n"]),
    ],
)
def test_passwords_become_stars(pieces: list[bytes], stars: list[bytes]) -> None:
    assert kept(LINES, pieces) == stars


def test_raw_bytes_are_taken_as_lines() -> None:
    assert kept(Choice("raw"), [b"ada\n", b"SESAME\n", b"hi\n"]) == [b"ada\n", b"******\n", b"hi\n"]
    assert kept(Choice("raw"), [b"ada\nSESAME\nhi\n"]) == [b"ada\n******\nhi\n"]
    assert kept(Choice("raw"), [b"ada", b"SESAME", b"hi"]) == [b"ada", b"******", b"hi"]


def test_without_the_setting_everything_is_kept() -> None:
    assert kept(LINES, [b"ada\nSESAME\n"], login(mask=False)) == [b"ada\nSESAME\n"]


def test_other_programs_hide_nothing() -> None:
    talk = Conversation(LINES, Choice("echo"), "127.0.0.1:9")
    assert not talk.hides


def test_lengths_and_marks_stay() -> None:
    assert kept(Choice("length", {"width": 2}), [b"\0\3ada\0", b"\6SES", b"AME\0\1x"]) == [
        b"\0\3ada\0",
        b"\6***",
        b"***\0\1x",
    ]
    assert kept(Choice("netstring"), [b"3:ada,6", b":SESAME,1:x,"]) == [b"3:ada,6", b":******,1:x,"]
    assert kept(Choice("varint"), [b"\3ada\6SESAME\1x"]) == [b"\3ada\6******\1x"]


@given(st.sampled_from(FRAMINGS), st.integers(1, 4), st.lists(st.integers(1, 12), max_size=12), st.booleans())
def test_no_password_is_kept_however_it_is_cut(framing: Choice, wrong: int, cuts: list[int], right: bool) -> None:
    """Whatever the framing, in any pieces; and the messages are still found where they were."""
    ends = framing.kind in ("raw", "idle")
    end = b"\n" if ends else b""
    passwords = [b"WRONGS"] * wrong + [b"SESAME"] * right
    names = b"banana" if framing.kind == "fixed" else b"bob"
    framer = make_framer(framing)
    messages = [text for password in passwords for text in (names + end, password + end)]
    wire = b"".join(framer.encode(message) for message in messages)
    pieces, place = [], 0
    for cut in cuts:
        pieces.append(wire[place : place + cut])
        place += cut
    pieces = [piece for piece in (*pieces, wire[place:]) if piece]
    found = kept(framing, pieces, login(attempts=10))
    assert [len(piece) for piece in found] == [len(piece) for piece in pieces]
    stream = b"".join(found)
    assert not re.search(rb"[A-Z]", stream), stream
    if framing.kind not in ("raw", "idle", "cobs", "fixed"):
        items = make_framer(framing).feed(stream)
        expected = [message if message == names else b"*" * len(message) for message in messages]
        assert [item.payload for item in items if isinstance(item, Frame)] == _seen(framing, expected)


def _seen(framing: Choice, payloads: list[bytes]) -> list[bytes]:
    """As this framing finds them: a length that is not cut off stands before them."""
    if framing.kind == "length" and "skip" not in framing.settings:
        return [len(payload).to_bytes(2, "big") + payload for payload in payloads]
    return payloads


@given(st.sampled_from(FRAMINGS), st.integers(1, 3), st.lists(st.integers(1, 12), max_size=12))
def test_behind_the_last_attempt_nothing_is_kept(framing: Choice, attempts: int, cuts: list[int]) -> None:
    """Neither in the same recv nor later: it may be another attempt, by somebody who did not look at the answers."""
    end = b"\n" if framing.kind in ("raw", "idle") else b""
    names = b"banana" if framing.kind == "fixed" else b"bob"
    framer = make_framer(framing)
    wire = b"".join(framer.encode(text + end) for _ in range(attempts) for text in (names, b"WRONGS"))
    late = b"".join(framer.encode(text + end) for text in (b"SESAME", b"MORE.."))
    pieces, place = [], 0
    for cut in cuts:
        pieces.append((wire + late)[place : place + cut])
        place += cut
    pieces = [piece for piece in (*pieces, (wire + late)[place:]) if piece]
    found = kept(framing, pieces, login(attempts=attempts))
    assert [len(piece) for piece in found] == [len(piece) for piece in pieces]
    assert not re.search(rb"[A-Z]", b"".join(found))


@pytest.mark.parametrize("framing", [Choice("raw"), LINES, Choice("length", {"width": 1}), Choice("slip")])
def test_a_flood_of_passwords_is_covered_quickly(framing: Choice) -> None:
    """Anybody can send one, before he is known."""
    message = b"\1a" if framing.kind == "length" else make_framer(framing).encode(b"a")
    flood = (message if framing.kind != "raw" else b"a\n") * (1 << 19)
    talk = Conversation(framing, login(), "127.0.0.1:9")
    with untraced():
        begun = thread_time()
        covered = talk.cover(flood)
        assert thread_time() - begun < 0.05
    assert len(covered) == len(flood)
    assert covered.count(b"a") == (1 if framing.kind == "raw" else 3)  # the names


def test_a_long_piece_is_covered_like_its_parts() -> None:
    """Also where the framer is given less at once than came."""
    names = b"".join(b"bob\nWRONG%d\n" % count for count in range(900))
    rest = b"ada\nSESAME\nHELLO\n"
    whole = kept(LINES, [names + rest], login(attempts=1000))
    assert b"".join(whole) == b"".join(kept(LINES, [names, rest], login(attempts=1000)))
    assert whole[0].endswith(b"ada\n******\nHELLO\n")
    assert b"WRONG" not in whole[0]


@given(st.lists(st.integers(1, 5), max_size=20))
def test_raw_bytes_in_small_pieces_show_no_password(cuts: list[int]) -> None:
    """Torn lines are mistaken for attempts, so the connection would be closed; nothing is shown all the same."""
    wire = b"ada\nSESAME\nada\nSESAME\n"
    pieces, place = [], 0
    for cut in cuts:
        pieces.append(wire[place : place + cut])
        place += cut
    found = b"".join(kept(Choice("raw"), [piece for piece in (*pieces, wire[place:]) if piece]))
    assert found.count(b"S") in (0, 2)  # behind a right password nothing is hidden any more


def test_a_framing_that_is_changed_meanwhile_hides_on() -> None:
    talk = Conversation(LINES, login(), "127.0.0.1:9")
    for piece in (b"ada\n", b"SES"):
        talk.cover(piece)
        list(talk.received(piece, 0))
    program = login()
    talk.replace(Choice("delimiter", {"hex": "3b"}), program)
    list(talk.take_over())
    assert talk.hides
    assert talk.cover(b"AME;SESAME;x") == b"AME;******;x"  # "SESAME" was begun as what is now the user's name
