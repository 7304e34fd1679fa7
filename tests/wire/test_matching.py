"""Messages and what they should be like; what is remembered, and where it is put."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.core.errors import InputError
from explorer.core.filling import Filling
from explorer.core.sequence import How, Match, RepeatStep, Sequence, WaitStep
from explorer.core.snippet import Mode
from explorer.wire.escapes import escape
from explorer.wire.matching import make_matcher
from explorer.wire.remembered import check_name, example_of, fill_in, fill_in_match, remembered_by, used_in
from explorer.wire.typed_message import read_message


def fits(match: Match, data: bytes) -> bool:
    return make_matcher(match, "utf-8").message(data) is not None


@pytest.mark.parametrize(
    ("match", "right", "wrong"),
    [
        (Match("exact", "a\\n"), b"a\n", b"a\nb"),
        (Match("exact", ""), b"", b"a"),
        (Match("starts", "ab"), b"abc", b"cab"),
        (Match("contains", "b"), b"abc", b"ac"),
        (Match("ends", "bc"), b"abc", b"bca"),
        (Match("ends", "bc"), b"bc", b"c"),
        (Match("exact", "48 ?9", "hex"), b"Hi", b"Ha"),
        (Match("starts", "48 ??", "hex"), b"Hello", b"H"),
        (Match("contains", "0? ff", "hex"), b"x\x01\xffx", b"x\x11\xffx"),
        (Match("ends", "ff ?0", "hex"), b"x\xff\x30", b"x\xff\x31"),
        (Match("regex", "^b+$"), b"a\nbb\nc", b"abb"),
        (Match("regex", "\\xff."), b"\xff\xfe", b"\xff"),
    ],
)
def test_what_fits(match: Match, right: bytes, wrong: bytes) -> None:
    assert fits(match, right)
    assert not fits(match, wrong)


@given(st.binary(max_size=20), st.binary(min_size=1, max_size=4), st.binary(max_size=20))
def test_they_agree_with_plain_python(before: bytes, part: bytes, behind: bytes) -> None:
    data = before + part + behind
    for written, pattern in (("text", escape(part, "utf-8")), ("hex", part.hex(" "))):
        starts, ends = data.startswith(part), data.endswith(part)
        for how, expected in (("exact", data == part), ("starts", starts), ("contains", True), ("ends", ends)):
            assert fits(Match(how, pattern, written), data) == expected  # type: ignore[arg-type]


HOWS = st.sampled_from(["exact", "starts", "contains", "ends"])


@given(st.binary(max_size=30), st.binary(min_size=1, max_size=4), HOWS)
def test_more_bytes_of_a_stream_change_no_match(data: bytes, part: bytes, how: How) -> None:
    """So it does not matter when one looks: the first prefix that matches tells the same as the whole."""
    matcher = make_matcher(Match(how, part.hex(), "hex"), "utf-8")
    whole = matcher.stream(data)
    first = next((found for end in range(len(data) + 1) if (found := matcher.stream(data[:end])) is not None), None)
    assert (whole is None) == (first is None)
    if whole is not None and first is not None:
        assert whole.end == first.end
        assert data[: whole.end].endswith(part)


def test_groups_by_number_and_name() -> None:
    found = make_matcher(Match("regex", r"(?P<user>\w+) (\d+)?"), "utf-8").message(b"ann ")
    assert found is not None
    assert dict(found.groups) == {"1": b"ann", "2": b"", "user": b"ann"}


@given(st.binary(max_size=12), st.sampled_from(["latin-1", "utf-8"]))
def test_what_is_remembered_is_sent_as_it_was(value: bytes, encoding: str) -> None:
    modes: tuple[Mode, ...] = ("text", "hex")
    for mode in modes:
        message = read_message(mode, fill_in("{{user}}", mode, {"user": value}), encoding, True)
        assert message.fill(Filling(0, 0, 0)) == value
    match = fill_in_match(Match("exact", "{{user}}"), {"user": value}, {"user"})
    assert make_matcher(match, encoding).message(value) is not None
    match = fill_in_match(Match("regex", "^{{user}}$"), {"user": value}, {"user"})
    assert b"\n" in value or make_matcher(match, encoding).message(value) is not None


def test_fields_of_messages_and_plain_braces_stay() -> None:
    assert fill_in("{{}}a}} {{counter}} {{{n}}}", "text", {"n": b"1"}) == "{{}}a}} {{counter}} {\\x31}"
    assert [name for _, name in used_in("{{counter}} {{n}} {{}} {{1}} {{crc32:le}}")] == ["n", "1"]
    assert fill_in_match(Match("regex", "a{{n}}{{m}}"), {"n": b"1"}, {"n"}).pattern == "a(?:\\x31){{m}}"
    with pytest.raises(InputError, match="Nothing is remembered as 'x' yet"):
        fill_in("{{x}}", "text", {})
    with pytest.raises(InputError, match="too long"):
        fill_in("{{x}}" * 100, "text", {"x": bytes(65_536)})


def test_names() -> None:
    for wrong in ("", "a b", "0", "é", "counter", "crc32", "x" * 51):
        with pytest.raises(InputError):
            check_name(wrong, "here")
    steps = (WaitStep(Match("regex", "(?P<a>.)(.){{n}}")), RepeatStep(1, (WaitStep(Match("regex", "(")),), "n"))
    assert remembered_by(Sequence("s", "", steps)) == {"a", "1", "2", "n"}
    assert remembered_by(Sequence("s", "", (RepeatStep(2, (WaitStep(Match("exact", "(a)")),)),))) == frozenset()


@pytest.mark.parametrize(
    ("match", "says"),
    [
        (Match("regex", "0a", "hex"), "written as text"),
        (Match("regex", ""), "Write a regular expression"),
        (Match("regex", "a("), "has no ) that closes it"),
        (Match("contains", ""), "nothing to look for yet"),
        (Match("starts", " ", "hex"), "nothing to look for yet"),
        (Match("contains", "?? ??", "hex"), "fits every byte"),
        (Match("ends", "4", "hex"), "odd number"),
    ],
)
def test_patterns_that_say_nothing_are_refused(match: Match, says: str) -> None:
    with pytest.raises(InputError, match=re.escape(says)):
        make_matcher(match, "utf-8")


def test_hex_may_stand_in_brackets_as_in_a_program() -> None:
    assert fits(Match("exact", "{0x48, 0x69}", "hex"), b"Hi")


def test_no_hex_at_all_fits_the_empty_message_only() -> None:
    assert fits(Match("exact", "", "hex"), b"")
    assert not fits(Match("exact", "", "hex"), b"a")


def test_what_is_remembered_in_patterns() -> None:
    plain = Match("exact", "no braces")
    assert fill_in_match(plain, {}, {"n"}) is plain
    filled = fill_in_match(Match("contains", "0a{{n}}0d", "hex"), {"n": b"\x01\x02"}, {"n"})
    assert make_matcher(filled, "utf-8").message(b"x\n\x01\x02\r") is not None
    with pytest.raises(InputError, match="Nothing is remembered as 'n' yet"):
        fill_in_match(Match("exact", "{{n}}"), {}, {"n"})
    assert example_of(Match("regex", "^{{n}}$"), {"n"}).pattern == r"^(?:\x30)$"
    assert fill_in("no braces", "text", {}) == "no braces"
    check_name("user_2", "here")
