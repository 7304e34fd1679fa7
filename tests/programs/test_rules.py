"""Rules: which one fits a message, what it answers, what is refused, and what a user is told about them."""

from __future__ import annotations

import json
import re
import string
import time
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.core.errors import InputError
from explorer.core.fields import Value, check
from explorer.core.socket_spec import Choice
from explorer.programs.api import Action, Close, Line, Reset, Send, Wait
from explorer.programs.registry import check_choice, find_kind, prepare
from explorer.programs.rule_answers import LONGEST_ANSWER, Unmade
from explorer.programs.rule_checks import check_rules
from explorer.programs.rule_matching import HOWS, make_matcher
from explorer.programs.rule_trial import try_message
from explorer.programs.rules import KIND
from explorer.wire.framing.registry import make_framer
from tests.fakes.untraced import untraced
from tests.fakes.world import world


def values(*rules: Mapping[str, Any], **more: Any) -> Mapping[str, Value]:
    return check(KIND.fields, {"rules": list(rules), **more}, "")


def rule(match: str = "exact", pattern: str = "", answer: str = "ok", **more: Any) -> dict[str, Any]:
    return {"match": match, "pattern": pattern, "answer": answer, **more}


def answers(settings: Mapping[str, Value], *messages: bytes, seed: int = 1) -> list[list[Action]]:
    program = KIND.make(settings)(world(seed))
    return [list(program.message(message)) for message in messages]


def answer_to(message: bytes, *rules: Mapping[str, Any], **more: Any) -> list[Action]:
    return answers(values(*rules, **more), message)[0]


# -- which rule fits --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("match", "pattern", "fits", "fits_not"),
    [
        ("any", "", [b"", b"x", b"\xff"], []),
        ("exact", "ping", [b"ping"], [b"pin", b"pings", b"PING", b""]),
        ("exact", "", [b""], [b"x"]),
        ("starts", "GET ", [b"GET /", b"GET "], [b"get /", b"GET", b" GET /"]),
        ("contains", "b", [b"abc", b"b"], [b"", b"ac", b"B"]),
        ("ends", r"\r\n", [b"\r\n", b"x\r\n"], [b"\r", b"\r\nx"]),
        ("regex", r"^a(\d+)$", [b"a1", b"b\na22"], [b"a", b"ab1", b"a1b"]),
    ],
)
def test_how_patterns_fit(match: str, pattern: str, fits: list[bytes], fits_not: list[bytes]) -> None:
    settings = values(rule(match, pattern))
    assert answers(settings, *fits) == [[Send(b"ok")]] * len(fits)
    assert answers(settings, *fits_not) == [[]] * len(fits_not)


@pytest.mark.parametrize(
    ("match", "pattern", "fits", "fits_not"),
    [
        ("exact", "48 ?? 6?", [b"H\0a", b"H\xffo"], [b"H\0a!", b"H\0q", b"h\0a"]),
        ("starts", "02 ?1", [b"\x02\x11", b"\x02\xa1..."], [b"\x02\x10", b"\x02"]),
        ("ends", "0d0a", [b"\r\n", b"x\r\n"], [b"\n"]),
        ("contains", "ff ?? fe", [b"..\xff\0\xfe.."], [b"\xff\xfe"]),
    ],
)
def test_hex_has_places_that_do_not_count(match: str, pattern: str, fits: list[bytes], fits_not: list[bytes]) -> None:
    settings = values(rule(match, pattern, "06", written="hex"))
    assert answers(settings, *fits) == [[Send(b"\x06")]] * len(fits)
    assert answers(settings, *fits_not) == [[]] * len(fits_not)


@pytest.mark.parametrize("match", ["exact", "starts", "ends", "contains", "regex"])
def test_capitals_may_not_count(match: str) -> None:
    settings = values(rule(match, "grüße", ignore_case=True))
    told = answers(settings, "GRÜSSE".encode(), "Grüße".encode(), b"gruesse")
    assert told == [[Send(b"ok")], [Send(b"ok")], []]


def test_the_first_rule_that_fits_decides_and_those_that_are_off_do_not() -> None:
    rules = (
        rule("starts", "a", "off", enabled=False),
        rule("starts", "ab", "first"),
        rule("starts", "a", "second"),
        rule("any", "", "last"),
    )
    assert answers(values(*rules), b"abc", b"acc", b"x") == [[Send(b"first")], [Send(b"second")], [Send(b"last")]]


@given(
    how=st.sampled_from(["exact", "starts", "contains", "ends"]),
    pattern=st.binary(min_size=1, max_size=4),
    message=st.lists(st.sampled_from([b"a", b"\0", b"\xff", b"ab", b"\n"])).map(b"".join) | st.binary(max_size=12),
    wild=st.integers(0, 7),
)
def test_bytes_fit_as_an_expression_of_them_does(how: str, pattern: bytes, message: bytes, wild: int) -> None:
    digits = [f"{byte:02x}" for byte in pattern]
    expected = [
        b"[" + re.escape(bytes([byte])) + b"]" if byte not in b"]\\^-" else re.escape(bytes([byte])) for byte in pattern
    ]
    if wild < len(pattern) - 1:
        digits[wild], expected[wild] = "??", b"."
    front, back = {"exact": (rb"\A", rb"\Z"), "starts": (rb"\A", b""), "ends": (b"", rb"\Z"), "contains": (b"", b"")}[
        how
    ]
    fits = re.search(front + b"".join(expected) + back, message, re.DOTALL) is not None
    matcher = make_matcher(how, " ".join(digits), "hex", "utf-8", False)
    assert (matcher.match(message) is not None) == fits
    if not fits:
        assert matcher.why_not(message).endswith(".")


@given(st.sampled_from(HOWS), st.text(string.ascii_letters + "ßſKéÉ", min_size=1, max_size=5), st.booleans())
def test_text_fits_itself_in_any_encoding_and_case(how: str, text: str, ignore_case: bool) -> None:
    for encoding in ("utf-8",) if how == "regex" else ("utf-8", "utf-16-le"):  # its letters are bytes
        matcher = make_matcher(how, text, "text", encoding, ignore_case)
        for said in (text, text.upper(), text.lower()) if ignore_case and how != "regex" else (text,):
            assert matcher.match(said.encode(encoding)) is not None


# -- answers ----------------------------------------------------------------------------------------


def test_answers_repeat_parts_of_the_message() -> None:
    settings = values(
        rule("regex", r"(?P<what>\w+)=(\d+)?", "{{what}}: {{2}} [{{1}}] {{message}} {{{1}}}"),
    )
    assert answers(settings, b"a=12", b"..b=") == [[Send(b"a: 12 [a] a=12 {a}")], [Send(b"b:  [b] ..b= {b}")]]


def test_answers_have_the_fields_of_messages() -> None:
    settings = values(
        rule("any", "", "{{counter:u8}} 00 {{length:u8}} {{message}} {{crc16-modbus:le}}", written="hex"),
    )
    first, second = answers(settings, b"AB", b"C")
    assert first == [Send(b"\x00\x00\x04AB" + bytes.fromhex(crc(b"\x00\x00\x04AB")))]
    assert second == [Send(b"\x01\x00\x03C" + bytes.fromhex(crc(b"\x01\x00\x03C")))]


def crc(data: bytes) -> str:
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)
    return value.to_bytes(2, "little").hex()


def test_the_counter_is_one_for_all_connections_and_time_and_chance_are_the_world_s() -> None:
    setup = KIND.make(values(rule("any", "", "{{counter}} {{time:iso}} {{random:2}}")))
    here = world(5)
    one, other = setup(here), setup(here)
    said = [next(iter(program.message(b""))) for program in (one, other, one)]
    texts = [action.payload for action in said if isinstance(action, Send)]
    assert [text[:2] for text in texts] == [b"0 ", b"1 ", b"2 "]
    assert all(text[2:26] == b"2026-11-21T08:30:05.250Z" for text in texts)
    assert len({text[27:] for text in texts}) == 3
    again = KIND.make(values(rule("any", "", "{{counter}} {{time:iso}} {{random:2}}")))(world(5))
    assert next(iter(again.message(b""))) == said[0]


@pytest.mark.parametrize(
    ("then", "expected"),
    [
        ("send", [Wait(0.25), Send(b"ok")]),
        ("send_close", [Wait(0.25), Send(b"ok"), Close()]),
        ("close", [Wait(0.25), Close()]),
        ("reset", [Wait(0.25), Reset()]),
        ("ignore", []),
    ],
)
def test_what_is_done(then: str, expected: list[Action]) -> None:
    assert answer_to(b"x", rule("any", then=then, delay=250)) == expected
    without_delay = [action for action in expected if not isinstance(action, Wait)]
    assert answer_to(b"x", otherwise=then, otherwise_answer="ok") == without_delay


def test_a_greeting_comes_over_tcp_alone() -> None:
    setup = KIND.make(values(greeting=r"hello {{counter}}\r\n"))
    assert list(setup(world()).opened("peer")) == [Send(b"hello 0\r\n")]
    assert list(KIND.make(values())(world()).opened("peer")) == []


def test_an_answer_that_cannot_be_made_is_told_in_its_place() -> None:
    long = answer_to(bytes(LONGEST_ANSWER // 2), rule("any", "", "{{message}}{{message}}!"))
    wide = answer_to(bytes(300), rule("any", "", "{{length:u8}}{{message}}"))
    for [action], words in ((long, "4,194,305 bytes"), (wide, "has no room in u8")):
        assert isinstance(action, Unmade)
        with pytest.raises(InputError, match=words):
            action.wire_bytes(make_framer(Choice("raw")))


@given(
    st.lists(st.sampled_from(["{{message}}", "{{1}}", "{{name}}", "x", "{", "}", "{{}}", "{{counter}}"]), max_size=6)
)
def test_what_is_repeated_is_repeated_as_it_came(pieces: list[str]) -> None:
    text = "".join(pieces)
    settings = values(rule("regex", r"(\xff+)(?P<name>.*)", text))
    message = b"..\xff\xff{{counter}}"
    known = {
        "{{message}}": message,
        "{{1}}": b"\xff\xff",
        "{{name}}": b"{{counter}}",
        "{{}}": b"{{",
        "{{counter}}": b"0",
    }
    if any(one == "{" and other.startswith("{") for one, other in pairwise(pieces)):
        return  # of three braces, the last two begin a field
    expected = b"".join(known.get(piece, piece.encode()) for piece in pieces)
    assert answers(settings, message) == [[Send(expected)]]


# -- mistakes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "column", "words"),
    [
        (rule("starts", ""), "pattern", "Enter what to look for"),
        (rule("exact", "4", written="hex"), "pattern", "odd number"),
        (rule("exact", "zz", written="hex"), "pattern", "hex digit"),
        (rule("contains", "??", written="hex"), "pattern", "fits every byte"),
        (rule("regex", "(a"), "pattern", "no \\) that closes it"),
        (rule("regex", "a(?=b)"), "pattern", "looks ahead"),
        (rule("regex", r"(a)\1"), "pattern", "refers back"),
        (rule("exact", r"\q"), "pattern", "Character 1"),
        (rule("exact", r"\xff", ignore_case=True), "pattern", "no capitals"),
        (rule("any", "", "{{1}}"), "answer", "no group 1"),
        (rule("regex", "(a)", "{{2}}"), "answer", r"no group 2. Parts of the message are \{\{message\}\}, \{\{1\}\}"),
        (rule("regex", "(a)", "abc {{nmae}}"), "answer", "Character 5: There is no field and no group called 'nmae'"),
        (rule("any", "", "{{counter:u99}}"), "answer", "u99"),
        (rule("any", "", "xyz{{crc99}}"), "answer", "crc99"),
        (rule("any", "", "0", written="hex"), "answer", "pairs|digit"),
    ],
)
def test_a_mistake_is_told_at_its_cell(wrong: dict[str, Any], column: str, words: str) -> None:
    fine = rule("any")
    with pytest.raises(InputError, match=words) as caught:
        KIND.make(values(fine, fine, wrong))
    assert caught.value.path == f"rules[2].{column}"
    KIND.make(values(fine, {**wrong, "enabled": False}))  # what is off may be unfinished


def test_a_mistake_has_its_place_in_the_workspace() -> None:
    with pytest.raises(InputError) as caught:
        prepare(Choice("rules", {"rules": ({"match": "regex", "pattern": "("},)}), "$.sockets[0].program")
    assert caught.value.path == "$.sockets[0].program.rules[0].pattern"
    with pytest.raises(InputError) as caught:
        KIND.make(values(otherwise="send", otherwise_answer="{{1}}"))
    assert caught.value.path == "otherwise_answer"


def test_the_json_is_readable() -> None:
    given = {"kind": "rules", "rules": [{"match": "starts", "pattern": "set ", "answer": "{{message}} done\\r\\n"}]}
    choice = check_choice(given)
    assert json.loads(json.dumps(choice.to_json())) == given


# -- rules that can never decide --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rules", "framing", "row", "words"),
    [
        ([rule("any"), rule("exact", "a")], None, 1, "Row 1 above fits every message"),
        ([rule("regex", "(?s:.*)"), rule("exact", "a")], None, 1, "Row 1 above fits every message"),
        ([rule("regex", "a+"), rule("regex", "a+", "other")], None, 1, "fits row 1 above"),
        ([rule("starts", "a"), rule("exact", "b"), rule("starts", "ab")], None, 2, "fits row 1 above"),
        ([rule("contains", "b"), rule("ends", "abc")], None, 1, "fits row 1 above"),
        ([rule("regex", r"^\d+$"), rule("exact", "12")], None, 1, "fits row 1 above"),
        ([rule("starts", "AB", ignore_case=True), rule("exact", "ab", ignore_case=True)], None, 1, "row 1"),
        ([rule("regex", r"a[^\d\D]")], None, 0, "No message at all"),
        ([rule("exact", r"ping\r\n")], Choice("line"), 0, "No message under this framing is exactly this"),
        ([rule("contains", r"a\nb")], Choice("line"), 0, "holds what ends a message"),
        ([rule("exact", "abc")], Choice("fixed", {"size": 4}), 0, "No message under this framing"),
        ([rule("starts", "abcde")], Choice("fixed", {"size": 4}), 0, "every message 4"),
        ([rule("contains", "abcdef")], Choice("line", {"max": 5}), 0, "at most 5"),
        ([rule("any", "", "")], None, 0, "Its answer is empty"),
    ],
)
def test_a_rule_that_can_never_decide_is_told(
    rules: list[dict[str, Any]], framing: Choice | None, row: int, words: str
) -> None:
    [(place, sentence)] = check_rules(values(*rules), framing)
    assert place == row
    assert words in sentence


@pytest.mark.parametrize(
    ("rules", "framing"),
    [
        ([rule("exact", "a"), rule("any")], None),
        ([rule("any", enabled=False), rule("exact", "a")], None),
        ([rule("exact", "a"), rule("exact", "A", ignore_case=True)], None),
        ([rule("starts", "s", ignore_case=True), rule("exact", "ss", ignore_case=True)], None),  # ß begins with no s
        ([rule("starts", "ab"), rule("starts", "a")], None),
        ([rule("ends", "a"), rule("starts", "a")], None),
        ([rule("exact", "6?", "06", written="hex"), rule("exact", "a?", "06", written="hex")], None),
        ([rule("exact", "ping")], Choice("line")),
        ([rule("exact", "abcd")], Choice("fixed", {"size": 4})),
        ([rule("exact", r"\0\x04ab")], Choice("length", {"width": 2, "adjustment": -2})),
        ([rule("contains", r"\r\n")], Choice("raw")),
    ],
)  # fmt: skip
def test_a_rule_that_may_decide_is_not(rules: list[dict[str, Any]], framing: Choice | None) -> None:
    assert check_rules(values(*rules), framing) == []


WORDS = st.text("ab", max_size=3)
SOME = st.builds(
    lambda how, pattern, fold, on: rule(how, pattern, ignore_case=fold, enabled=on),
    st.sampled_from(["exact", "starts", "contains", "ends"]), WORDS.filter(bool), st.booleans(), st.booleans(),
)  # fmt: skip


@given(st.lists(SOME, min_size=2, max_size=4))
def test_what_is_told_to_be_hidden_never_decides(rules: list[dict[str, Any]]) -> None:
    settings = values(*rules)
    hidden = {row for row, _ in check_rules(settings)}
    messages = [""]
    for _ in range(3):
        messages += [text + letter for text in messages for letter in "abAB"]
    deciding = {try_message(settings, message.encode(), world()).row for message in set(messages)}
    assert not hidden & deciding


# -- trying a message -------------------------------------------------------------------------------


def test_a_message_is_tried_without_a_network() -> None:
    settings = values(
        rule("exact", "ping", enabled=False),
        rule("exact", "ping"),
        rule("starts", "set:"),
        rule("contains", "xyz"),
        rule("exact", "73 ?? 79", "06", written="hex"),
        rule("regex", r"(?P<key>\w+) (\d+)", "{{key}}!", delay=500, then="send_close"),
        rule("any"),
    )
    tried = try_message(settings, b"set 12", world())
    assert tried.row == 5
    assert tried.groups == {"1": b"set", "2": b"12", "key": b"set"}
    assert tried.actions == (Wait(0.5), Send(b"set!"), Close())
    assert dict(tried.why_not) == {
        0: "This rule is off.",
        1: "The message has 6 bytes, the pattern 4.",
        2: "Byte 4 of the message is 20; the pattern wants 3a (“:”).",
        3: "The bytes of the pattern are nowhere in the message.",
        4: "The message has 6 bytes, the pattern 3.",
        6: "It fits too, but row 6 comes first.",
    }
    assert dict(try_message(settings, b"sxz", world()).why_not)[4] == (
        "Byte 3 of the message is 7a (“z”); the pattern wants 79 (“y”)."
    )


def test_what_fits_nothing_is_tried_too() -> None:
    settings = values(rule("exact", "a"), otherwise="send", otherwise_answer="no {{message}}")
    tried = try_message(settings, b"b", world())
    assert (tried.row, tried.actions) == (None, (Send(b"no b"),))


@given(st.lists(SOME, max_size=4), st.text("abAB", max_size=4))
def test_trying_says_what_the_program_does(rules: list[dict[str, Any]], text: str) -> None:
    settings = values(*rules, otherwise="close")
    tried = try_message(settings, text.encode(), world())
    assert list(tried.actions) == answers(settings, text.encode())[0]
    assert {row for row, _ in tried.why_not} == set(range(len(rules))) - {tried.row}


# -- the rest ---------------------------------------------------------------------------------------


def test_the_picture_is_what_the_rules_do() -> None:
    assert KIND.picture(check(KIND.fields, {})) == (
        Line("peer", "ping"),
        Line("us", "pong 0"),
        Line("peer", r"^set (?P<what>\w+) (?P<value>\S+)"),
        Line("us", "{{what}} is {{value}} now"),
        Line("peer", "bye"),
        Line("us", "See you"),
        Line("note", "The connection is closed."),
        Line("peer", "anything else"),
        Line("note", "Nobody answers."),
    )
    assert KIND.picture(values(rule("regex", "("))) == ()


def test_what_the_settings_begin_with_is_sound() -> None:
    settings = check(KIND.fields, {})
    assert check_rules(settings, KIND.framing) == []
    assert answers(settings, b"PING", b"set colour blue", b"bye", b"?") == [
        [Send(b"pong 0")], [Send(b"colour is blue now")], [Send(b"See you"), Close()], [],
    ]  # fmt: skip
    assert find_kind("rules") is KIND


def test_many_rules_over_a_long_message_take_bounded_time() -> None:
    kinds = [
        rule("regex", r"(\w+)@(\w+)\.(com|org){}"), rule("contains", "needle{}"), rule("ends", "tail{}"),
        rule("contains", "Needle{}", ignore_case=True), rule("contains", "ff ?? fe {:02x}", "06", written="hex"),
    ]  # fmt: skip
    rules = [
        {**kinds[place % 5], "pattern": str(kinds[place % 5]["pattern"]).replace("{}", str(place)).replace(
            "{:02x}", f"{place:02x}")}
        for place in range(200)
    ]  # fmt: skip
    program = KIND.make(values(*rules))(world())
    message = (b"ab 12 needle Nee@x.co " * 48_000)[: 1 << 20]
    with untraced():
        begun = time.perf_counter()
        actions = list(program.message(message))
        assert time.perf_counter() - begun < 5.0
    assert set(actions) == {Wait(0.0)}  # others have their turn meanwhile
    assert len(actions) == 200 // 9
