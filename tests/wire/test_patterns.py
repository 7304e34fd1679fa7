"""Patterns: what each kind finds, and the sentence for what cannot be one."""

from __future__ import annotations

import re
import struct
import time

import pytest
import re2
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.core.errors import InputError
from explorer.wire.patterns import KINDS, PatternOptions, find_kind
from explorer.wire.patterns.compiled import AnyOf, Everywhere, Expression, Shape, compile_bytes
from explorer.wire.patterns.expression import _Translation, over_bytes
from explorer.wire.patterns.number import WIDTHS
from explorer.wire.placed_error import PlacedError
from explorer.wire.text import ENCODINGS
from tests.fakes.untraced import untraced


def found(kind: str, typed: str, data: bytes, **options: object) -> list[bytes]:
    """The bytes of each match."""
    pattern = find_kind(kind).make(typed, PatternOptions(**options))  # type: ignore[arg-type]
    hits = list(pattern.find(data))
    assert all(end - begin <= pattern.longest for begin, end in hits)
    return [data[begin:end] for begin, end in hits]


def told(kind: str, typed: str, **options: object) -> InputError:
    with pytest.raises(InputError) as caught:
        find_kind(kind).make(typed, PatternOptions(**options))  # type: ignore[arg-type]
    return caught.value


def test_kinds_are_known_by_name() -> None:
    assert [kind.name for kind in KINDS] == ["text", "hex", "regex", "number"]
    assert all(kind.help.endswith(".") and kind.example and kind.label for kind in KINDS)
    with pytest.raises(KeyError):
        find_kind("smell")


# -- text ------------------------------------------------------------------------------------------

CASED = st.text("sSßẞſkK\u212aéÉσςΣıİiIﬀﬁﬅftTaåÅ\u212bDŽdžDž1 ", min_size=1, max_size=6)


@given(typed=CASED, other=CASED)
@settings(max_examples=300, deadline=None)
def test_texts_are_the_same_when_their_case_foldings_are(typed: str, other: str) -> None:
    data = other.encode()
    whole = (0, len(data)) in find_kind("text").make(typed, PatternOptions()).find(data)
    assert whole == (typed.casefold() == other.casefold())


@given(
    text=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8), encoding=st.sampled_from(ENCODINGS)
)
@settings(max_examples=200, deadline=None)
def test_a_text_finds_itself_in_every_encoding(text: str, encoding: object) -> None:
    name = encoding.name  # type: ignore[attr-defined]
    try:
        data = text.encode(name)
    except UnicodeEncodeError:
        assert "does not exist in" in told("text", text, encoding=name).message
        return
    for match_case in (True, False):
        assert data in found("text", text, b"\0" + data + b"\0", encoding=name, match_case=match_case)


def test_capitals_of_other_alphabets() -> None:
    assert found("text", "strasse", "STRASSE straße".encode()) == [b"STRASSE", "straße".encode()]
    assert found("text", "привет", "ПРИВЕТ".encode("koi8-r"), encoding="koi8-r") == ["ПРИВЕТ".encode("koi8-r")]
    assert found("text", "Ñ", b"\xd1\xf1", encoding="latin-1") == [b"\xd1", b"\xf1"]
    assert found("text", "Ñ", b"\xd1\xf1", encoding="latin-1", match_case=True) == [b"\xd1"]
    assert found("text", "é", "ã\x89".encode("latin-1")) == []  # no byte is taken for a Latin-1 letter


def test_bytes_that_are_too_many_are_refused_with_a_sentence() -> None:
    """What a hit may begin in is read again with each further part of its connection."""
    for kind, typed in (("text", "a" * 65_537), ("hex", "61" * 65_537)):
        assert "65,536 at most" in told(kind, typed, match_case=True).message
    assert len(found("text", "a" * 65_536, b"a" * 65_537, match_case=True)) == 2


def test_overlapping_places_are_all_found() -> None:
    assert len(found("text", "aa", b"aaaa")) == 3
    assert len(found("text", "AA", b"aaaa")) == 3
    assert len(found("hex", "61 ?? 61", b"aaaaa")) == 3
    assert len(found("number", "0", bytes(6), width="4")) == 3


# -- hex -------------------------------------------------------------------------------------------

NIBBLES = st.lists(st.sampled_from("0123456789abcdef?"), min_size=2, max_size=12).filter(
    lambda digits: len(digits) % 2 == 0 and set(digits) != {"?"}
)


@given(digits=NIBBLES, data=st.binary(max_size=200), repeat=st.integers(1, 20))
@settings(max_examples=300, deadline=None)
def test_a_shape_is_found_where_its_digits_fit(digits: list[str], data: bytes, repeat: int) -> None:
    typed, data = "".join(digits), data * repeat
    data += bytes.fromhex(typed.replace("?", "1"))
    written = data.hex()
    expected = [
        at
        for at in range(len(data) - len(typed) // 2 + 1)
        if all(want in ("?", have) for want, have in zip(typed, written[2 * at : 2 * at + len(typed)], strict=True))
    ]
    pattern = find_kind("hex").make(typed, PatternOptions())
    assert [begin for begin, _ in pattern.find(data)] == expected
    assert expected[-1] == len(data) - len(typed) // 2


def test_what_stands_everywhere_is_found_as_well() -> None:
    """The part that is looked for first is everywhere: another way is taken, with the same result."""
    data = b"\0\0\0\x01" * 5000
    for pattern in (AnyOf([b"\0\0\0\x01\0\0\0\x02"]), Shape(b"\x01\0\x02", b"\xff\0\xff"), AnyOf([b"\x01\x05"])):
        assert list(pattern.find(data)) == []
        wanted = b"\0\0\0\x01\0\0\0\x02" if pattern.longest == 8 else b"\x01\x05\x02"[: pattern.longest]
        begin = data.find(wanted[:1])
        assert (len(data), len(data) + len(wanted)) in list(pattern.find(data + wanted)), begin


def test_what_stands_at_every_place_is_found_at_each() -> None:
    assert list(AnyOf([b"aa"]).find(b"a" * 100)) == [(at, at + 2) for at in range(99)]
    with pytest.raises(InputError, match="nothing to look for yet"):
        AnyOf([b""])


@pytest.mark.parametrize(
    ("typed", "matches"), [("48??6?0a", b"H\xff\x6f\n"), ("48 ?? 6?,0A", b"Hab\n"), ("0x4? ??", b"A\0")]
)
def test_ways_to_write_wildcards(typed: str, matches: bytes) -> None:
    assert found("hex", typed, matches) == [matches]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("4??", "odd number"),
        ("4?6 5", "'4?6' has an odd number of digits; every byte has two, so one is missing. ? stands for one digit,"),
        ("4?6 5", "?? for one byte."),
        ("(a+", "Character 1: '(' is no hex digit"),
        ("48 {0x4z", "Character 4: '{' is no hex digit"),
        ("(48) +", "Character 6:"),
        ("4? g1", "Character 4: 'g' is neither"),
        ("?? ??", "fits every byte"),
        ("", "no hex digits"),
        ("48 6", "odd number"),
    ],
)
def test_hex_that_cannot_be_found(typed: str, sentence: str) -> None:
    assert sentence in told("hex", typed).message


# -- regular expressions ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "data", "matches"),
    [
        (r"\d+", b"a12b3", [b"12", b"3"]),
        (r"\x00.\xff", b"\0a\xff\0\n\xff", [b"\0a\xff"]),
        (r"(?s:\x00.\xff)", b"\0\n\xff", [b"\0\n\xff"]),
        ("^b+$", b"a\nbb\nb", [b"bb", b"b"]),
        ("é+", "éÉe".encode(), ["éÉ".encode()]),
        (r"[\x80-\xff]+", b"a\x80\xffb", [b"\x80\xff"]),
        (r"\xe9", b"\xe9\xc9", [b"\xe9"]),
        (r"\Qa.b\E+", b"a.bb axb", [b"a.bb"]),
        ("[]a]+", b"]a", [b"]a"]),
        (r"[[:digit:]]+|\pN", b"12", [b"12"]),
        ("get", b"GET get", [b"GET", b"get"]),
        ("(?-i:get)", b"GET get", [b"get"]),
    ],
)
def test_expressions_over_bytes(typed: str, data: bytes, matches: list[bytes]) -> None:
    assert found("regex", typed, data) == matches


def test_an_expression_as_it_is_looked_for() -> None:
    assert over_bytes("é+a", "utf-8").isascii()
    assert compile_bytes(over_bytes("é+a", "utf-8").encode(), False).search("ééa".encode())
    with pytest.raises(InputError, match="closes it"):
        over_bytes("a(", "utf-8")
    with pytest.raises(PlacedError, match="no range of characters") as caught:
        over_bytes("é[z-a]", "utf-8")
    assert caught.value.position == 2


def test_characters_are_bytes_of_the_chosen_encoding() -> None:
    assert found("regex", "ñ+", b"\xf1\xd1", encoding="cp1252") == [b"\xf1\xd1"]
    assert found("regex", "[ñ]+", b"\xf1", encoding="cp1252") == [b"\xf1"]
    assert found("regex", "get", b"GET", match_case=True) == []


@pytest.mark.parametrize(
    ("typed", "position", "sentence"),
    [
        ("ab(?=c)", 2, "looks ahead, which is not available"),
        ("(?<!c)a", 0, "looks behind"),
        (r"(a)\1", 3, "refers back to a group"),
        ("(?>a)", 0, "nothing is ever tried twice"),
        ("a(b", 1, "has no ) that closes it"),
        ("ab)", 2, "closes no ("),
        ("ab[c", 2, "has no ] that closes it"),
        ("ab*+", 2, "repeats twice"),
        ("+a", 0, "nothing does"),
        ("ab{3,2}", 2, "the smaller number comes first"),
        ("é[z-a]", 2, "no range of characters"),
        (r"a\y", 1, "has no meaning here"),
        ("a\\", 1, "nothing behind it"),
        (r"a\x4", 1, "is no byte"),
        (r"\x{100}", 0, "is no byte"),
        ("[é]", 1, "is 2 bytes long"),
        (r"a\xzz", 1, "is no byte"),
    ],
)
def test_an_impossible_expression_is_explained_at_its_place(typed: str, position: int, sentence: str) -> None:
    error = told("regex", typed)
    assert isinstance(error, PlacedError)
    assert error.position == position
    assert sentence in error.message


def test_what_has_no_sentence_of_its_own_is_told_in_the_words_of_re2() -> None:
    error = _Translation("a", "utf-8", False).explain(re2.error(b"something new: a"))
    assert (type(error), error.message) == (InputError, "This is no regular expression: something new: a.")


def test_a_backslash_before_a_character_that_ascii_lacks_changes_nothing() -> None:
    assert found("regex", "\\é+", "éé".encode()) == ["éé".encode()]


def test_matches_without_bytes_are_left_out() -> None:
    assert list(Expression(b"a*").find(b"aab")) == [(0, 2)]


@pytest.mark.parametrize("typed", ["a*", "^", "$", r"\b", "a?|b", "(?:)"])
def test_what_fits_nothing_at_all_is_refused(typed: str) -> None:
    assert "without any bytes" in told("regex", typed).message


def test_an_expression_that_grows_too_large_is_refused() -> None:
    assert "." in told("regex", "(?:(?:a{30}){30}b{90}){1000}").message


@given(typed=st.text(st.sampled_from("ab()[]{}*+?|\\^$.-:xQEpk=!<>#019,é\n"), max_size=12))
@settings(max_examples=400, deadline=None)
def test_whatever_is_typed_is_an_expression_or_a_sentence(typed: str) -> None:
    try:
        pattern = find_kind("regex").make(typed, PatternOptions())
    except InputError:
        return
    assert all(begin < end for begin, end in pattern.find(b"ab0\n\xc3\xa9(){}"))


HOSTILE = [
    ("regex", "a{1000}{1000}", "1,000,000 steps, and 4,000 is the most"),
    ("regex", "(a{1000}){1000}", "1,000,000 steps, and 4,000 is the most"),
    ("regex", "x{0,1000}" * 200, "grows too large"),
    ("regex", "(?:x{0,30}){30}" * 130, "117,000 steps"),
    ("regex", "é{1000}é{0,1000}" * 3, "grows too large"),
    ("regex", "(" * 20_000 + "a" + ")" * 20_000, "40,001 characters long; 2,048 at most"),
    ("regex", "a" * 1_000_000, "1,000,000 characters long"),
    ("regex", "[[:" * 600, "has no ] that closes it"),
    ("regex", r"\x{" * 600, r"\x{\x{\x{\x{\x{\x{\x… is no byte"),
    ("regex", r"a\p{" * 400, "is no kind of characters"),
    ("text", "a" * 1_000_000, "Turn on “Match case”"),
    ("hex", "0? " * 300_000, "300,000 bytes long"),
    ("number", "1" * 1_000_000, "does not fit"),
]


@pytest.mark.parametrize(("kind", "typed", "sentence"), HOSTILE)
def test_what_would_take_minutes_is_refused_at_once(kind: str, typed: str, sentence: str) -> None:
    with untraced():
        begun = time.perf_counter()
        error = told(kind, typed)
        taken = time.perf_counter() - begun
    assert sentence in error.message
    assert len(error.message) < 300
    assert taken < 0.4


@pytest.mark.parametrize(
    "typed",
    ["(" * 1000 + "a" + ")" * 1000, r"\pL" * 500, "a{1000}", "[a-q][^u-z]{13}x", "(?:x?){900}x", r"[\pL\P{Nd}]" * 150],
)
def test_what_is_large_but_possible_is_found_at_once(typed: str) -> None:
    with untraced():
        begun = time.perf_counter()
        pattern = find_kind("regex").make(typed, PatternOptions())
        for _ in pattern.find(b"ax" * 8192):
            pass
        taken = time.perf_counter() - begun
    assert taken < 0.4


@pytest.mark.parametrize("typed", [r"\p{Klingon}", r"\pX", r"a\p{", r"\p", r"[\p{Klingon}]", r"\p{é}"])
def test_a_property_that_does_not_exist_is_told(typed: str) -> None:
    assert "is no kind of characters" in told("regex", typed).message


@pytest.mark.parametrize("match_case", [True, False])
@pytest.mark.parametrize("typed", [r"\pL", r"\PL", r"\p{Lu}", r"\p{^Lu}", r"[\pN_]", r"[^\pN_]", r"\p{Greek}|a"])
def test_properties_stand_for_the_bytes_that_re2_says(typed: str, match_case: bool) -> None:
    every = bytes(range(256))
    expected = [match.group() for match in compile_bytes(typed.encode(), not match_case).finditer(every)]
    assert found("regex", typed, every, match_case=match_case) == expected


def test_time_is_linear_for_what_is_slow_elsewhere() -> None:
    pattern = Expression(b"(?:a+)+b")
    with untraced():
        begun = time.perf_counter()
        assert list(pattern.find(b"a" * 200_000)) == []
        taken = time.perf_counter() - begun
    assert taken < 0.5


@given(data=st.binary(max_size=60).map(lambda data: bytes(b"ab\n"[byte % 3] for byte in data)))
def test_matches_are_those_of_the_standard_library(data: bytes) -> None:
    for typed in (b"a+b", b"^a", b"b$", b"(?:ab|b)a?", b"[^b]{2,}"):
        expected = [match.span() for match in re.compile(b"(?m)" + typed).finditer(data)]
        assert list(Expression(b"(?m)" + typed).find(data)) == expected


@given(
    typed=st.lists(
        st.sampled_from([*"aabbAB()|*+?{}1,2[].", "(?:", "\\Q", "\\{", "ab", "b{", "{1}", "{,2}", "{1,}"])
    ).map("".join),
    data=st.binary(max_size=80).map(lambda data: bytes(b"abAB1,.{}|"[byte % 10] for byte in data)),
    match_case=st.booleans(),
)
@settings(max_examples=1500, deadline=None)
def test_looking_for_what_is_required_first_changes_nothing(typed: str, data: bytes, match_case: bool) -> None:
    try:
        pattern = find_kind("regex").make(typed, PatternOptions(match_case=match_case))
    except InputError:
        return
    assert isinstance(pattern, Expression)
    plain = Expression(b"(?m)" + typed.encode(), not match_case)
    assert list(pattern.find(data)) == list(plain.find(data))


@pytest.mark.parametrize(
    ("typed", "required"),
    [
        ("[a-z]+ ne+dle", " ne"),
        ("abc?de", "ab"),
        ("ab{2,30}cd", "cd"),
        ("(ab|cd)ef", "ef"),
        ("abc|def", ""),
        ("(?i)abc", ""),
        (r"a\.bcd\x41", "bcd"),
        (r"\Qab\Ecd", "cd"),
        (".", ""),
        ("foobar{x|zz", ""),
        ("foobar{x}zz", "foobar"),
        ("fo{,3}bar", "bar"),
        ("foo{2,}ba", "fo"),
    ],
)
def test_what_every_match_must_hold(typed: str, required: str) -> None:
    assert _Translation(typed, "utf-8", False).required.text == required


def test_a_brace_that_counts_nothing_hides_no_alternative() -> None:
    assert found("regex", "foobar{x|zz", b"..zz..") == [b"zz"]
    assert found("regex", "fo{1,x}o|zz", b"..zz..") == [b"zz"]
    assert found("regex", "fo{1,2}|zz", b"..zz..") == [b"zz"]


# -- numbers ---------------------------------------------------------------------------------------


@given(data=st.data(), width=st.sampled_from([1, 2, 3, 4, 6, 8]), order=st.sampled_from(["little", "big", "either"]))
def test_a_number_is_found_as_its_bytes(data: st.DataObject, width: int, order: str) -> None:
    value = data.draw(st.integers(-(1 << (8 * width - 1)), (1 << (8 * width)) - 1))
    typed = data.draw(st.sampled_from([str(value), hex(value), f" {value:,} ", f"{value:_}"]))
    for written in ("little", "big") if order == "either" else (order,):
        stands = value.to_bytes(width, written, signed=value < 0)
        assert stands in found("number", typed, stands, width=str(width), order=order)


@given(value=st.floats(width=32, allow_nan=False))
def test_a_floating_number_is_found(value: float) -> None:
    for width, code in (("float32", "f"), ("float64", "d")):
        for order, sign in (("little", "<"), ("big", ">")):
            stands = struct.pack(sign + code, value)
            assert stands in found("number", repr(value), stands, width=width, order=order)


@pytest.mark.parametrize(
    ("typed", "width", "sentence"),
    [
        ("300", "1", "does not fit into 1 byte (-128 to 255). Choose a larger width."),
        ("-129", "1", "does not fit into 1 byte"),
        ("0x10000", "2", "does not fit into 2 bytes"),
        ("9" * 5000, "8", "does not fit into 8 bytes"),
        ("1.5", "4", "Choose float 32 or float 64"),
        ("1,5", "4", "is not a whole number"),
        ("١٢", "4", "is not a whole number"),
        ("", "4", "Write the number to find"),
        ("1e39", "float32", "too large for float 32"),
        ("1e400", "float64", "too large even for float 64"),
        ("0x10", "float32", "in decimal"),
        ("nan", "float64", "is not a number"),
    ],
)
def test_a_number_that_cannot_be_found(typed: str, width: str, sentence: str) -> None:
    assert width in {name for name, _ in WIDTHS}
    assert sentence in told("number", typed, width=width).message


def test_a_text_too_long_for_an_expression_says_so() -> None:
    with pytest.raises(InputError, match="too long"):
        Everywhere(b"(?:ab|cd)" * 400_000, 1)
