"""Content views: JSON, HTTP, text and hex of any bytes, and what is said of wrong ones."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.wire.content import api
from explorer.wire.content.api import MOST_LINES, Hints, Line, Rendered
from explorer.wire.content.http_head import body_of, parse_head
from explorer.wire.content.json_scan import JsonScan
from explorer.wire.content.registry import VIEWS, choose, find_view
from explorer.wire.hexdump import line_width
from explorer.wire.text import ENCODINGS
from explorer.wire.visible import is_seen
from tests.fakes.untraced import untraced

UTF8 = Hints()
ANY = st.one_of(
    st.binary(max_size=60),
    st.lists(
        st.sampled_from([
            b'{"a":', b"[", b"]", b"}", b",", b"1", b'"x', b'"', b"\\u00", b"-", b"1e", b"true", b"\n", b"\r\n", b" ",
            b"GET / HTTP/1.1\r\n", b"HTTP/1.1 200 OK\r\n", b"Content-Length: 5\r\n", b"Content-Length: x\r\n",
            b"Transfer-Encoding: chunked\r\n", b"5\r\nhello\r\n", b"0\r\n\r\n", b" folded\r\n",
            b"Content-Encoding: br\r\n", b"Content-Length: \x07\r\n",
            b"content-type: application/json; charset=utf-16-le\r\n", b"\x00", b"\xff", "\u202e\u00e9".encode(), b"\t",
        ]),
        max_size=14,
    ).map(b"".join),
)  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


def render(name: str, data: bytes, hints: Hints = UTF8) -> Rendered:
    view = find_view(name)
    assert view is not None
    return view.render(data, hints)


def name_of(data: bytes, hints: Hints = UTF8) -> str:
    return choose(data, hints).name


def check_line(line: Line) -> None:
    assert "\n" not in line.text
    assert all(map(is_seen, line.text))
    behind = 0
    for one in line.toned:
        assert behind <= one.start < one.start + one.size <= len(line.text)
        behind = one.start + one.size


@given(ANY, st.sampled_from([one.name for one in ENCODINGS]), st.booleans())
def test_any_bytes_are_shown_by_every_view(data: bytes, encoding: str, whole: bool) -> None:
    hints = Hints(encoding, whole)
    assert choose(data, hints) in VIEWS
    for view in VIEWS:
        view.accepts(data, hints)
        shown = view.render(data, hints)
        for line in shown.lines:
            check_line(line)
        for sentence in (*shown.facts, *shown.problems):
            assert sentence.strip()
            assert all(map(is_seen, sentence))


# -- JSON -----------------------------------------------------------------------------------------


@given(VALUES, st.sampled_from([None, 1, "\t"]), st.booleans(), st.sampled_from([b"", b"\n", b"\r\n "]))
def test_pretty_json_means_the_same(value: Any, indent: Any, ascii_only: bool, end: bytes) -> None:
    data = json.dumps(value, indent=indent, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass") + end
    shown = render("json", data)
    assert not shown.problems
    assert json.loads(shown.text) == value
    assert (name_of(data) == "json") == isinstance(value, dict | list)


@given(st.text(alphabet='{}[]",:\\u0aeE+-.1 \ntrfls', max_size=24))
def test_what_is_json_is_what_the_library_says(text: str) -> None:
    scan = JsonScan(text)
    tokens = list(scan)
    try:
        json.loads(text, parse_constant=pytest.fail)
        valid = True
    except ValueError:
        valid = False
    if scan.values <= 1:
        assert (scan.mistake is None) == valid
    assert [token.text for token in tokens] == [text[token.start : token.start + len(token.text)] for token in tokens]


def test_numbers_and_strings_stay_as_they_were_written() -> None:
    shown = render("json", b'[1.0, 1e400, 0.10, -0, 12345678901234567890, "\\u00e9\\/", "\xc3\xa9"]')
    assert shown.text.split() == [
        "[", "1.0,", "1e400,", "0.10,", "-0,", "12345678901234567890,", '"\\u00e9\\/",', '"é"', "]",
    ]  # fmt: skip


def test_unseen_characters_of_a_string_are_escaped() -> None:
    text = render("json", '["\u202e\x7f\U000e0001"]'.encode()).text
    assert '"\\u202e\\u007f\\udb40\\udc01"' in text
    assert json.loads(text) == ["\u202e\x7f\U000e0001"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_tells_the_encoding(encoding: str) -> None:
    data = '{"é": 1}\n'.encode(encoding)
    assert name_of(data) == "json"
    assert render("json", data).text == '{\n  "é": 1\n}'


def test_utf8_is_found_where_the_socket_is_set_to_utf16() -> None:
    assert render("json", b'{"a": 1}', Hints("utf-16-le")).text == '{\n  "a": 1\n}'
    assert render("json", '{"a": 1}'.encode("utf-16-le"), Hints("utf-16-le")).text == '{\n  "a": 1\n}'


def test_names_that_come_twice_are_kept_and_told() -> None:
    shown = render("json", b'{"a": 1, "b": {"a": 2}, "a": 3}')
    assert json.loads(shown.text, object_pairs_hook=list) == [("a", 1), ("b", [("a", 2)]), ("a", 3)]
    assert [sentence for sentence in shown.problems if '("a")' in sentence]
    assert not render("json", b'[{"a": 1}, {"a": 2}]').problems


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('{"a": 1,}', 'Line 1, column 9: Expected a "name", not }.'),
        ("[1, 2,, 3]", "Line 1, column 7: Expected a value, not ,."),
        ('{"a" 1}', "Line 1, column 6: Expected :, not 1."),
        ("[1\n 2]", "Line 2, column 2: Expected , or ], not 2."),
        ("[01]", "Line 1, column 2: This is not how JSON writes a number."),
        ("[NaN]", "Line 1, column 2: Expected a value or ], not NaN."),
        ("['a']", 'Line 1, column 2: Strings stand in double quotes: "…".'),
        ('["a\tb"]', "Line 1, column 4: A string holds U+0009 as it is; it has to be escaped."),
        ('["\\x"]', "Line 1, column 3: No such escape in a string; a backslash is written \\\\."),
        ('["abc', "Line 1, column 6: The text ends within a string."),
        ("[[1", "Line 1, column 4: The text ends while 2 brackets are open."),
        ("", "Line 1, column 1: There is no value."),
        ("[1] x", "Line 1, column 5: Expected a value, not x."),
        ("[1] 2", "Line 1, column 5: The value is complete, but more text follows on the same line."),
        ("]", "Line 1, column 1: Expected a value, not ]."),
    ],
)
def test_the_place_of_a_mistake_is_told(text: str, sentence: str) -> None:
    shown = render("json", text.encode())
    assert shown.problems == (f"⚠ {sentence}",)
    assert f"⚠ {sentence}" in shown.text.split("\n")


def test_what_a_mistake_begins_is_shown_as_it_is() -> None:
    assert render("json", b'[1, oops, 2]\n"rest"').text.endswith('oops, 2]\\n\n"rest"')


def test_several_values_on_lines_of_their_own() -> None:
    shown = render("json", b'{"a":1}\n{"b":2}\n')
    assert shown.text == '{\n  "a": 1\n}\n{\n  "b": 2\n}'
    assert shown.facts == ("2 values, one after another.",)


def test_json_that_was_cut_is_no_mistake() -> None:
    assert not render("json", b'{"a": [1, "x', Hints(whole=False)).problems
    assert name_of(b'{"a": [1, "x', Hints(whole=False)) == "json"


@pytest.mark.parametrize("data", [b"[INFO] started", b"[12:30:45] line", b"{x}", b"[", b"42", b'"text"', b"{ not json"])
def test_other_text_is_not_taken_for_json(data: bytes) -> None:
    assert name_of(data) == "text"


def test_depth_and_size_are_bounded() -> None:
    with untraced():
        begin = time.perf_counter()
        deep = render("json", b"[" * 200_000 + b"]" * 200_000)
        wide = render("json", b"[" + b"1," * 200_000 + b"1]")
        text = render("text", b"\n" * 300_000)
        took = time.perf_counter() - begin
    assert took < 4
    assert any("levels deep" in fact for fact in deep.facts)
    assert max(len(line.text) for line in deep.lines) < 80
    for shown in (deep, wide, text):
        assert len(shown.lines) == MOST_LINES
        assert any("first 100,000 lines" in fact for fact in shown.facts)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("json", b"[1,2,3,4,5,6,7,8,9]"),
        ("text", b"a\n" * 9),
        ("hex", bytes(16 * 9)),
        ("http", b"GET / HTTP/1.0\r\nA: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\nE: 5\r\n\r\n"),
        ("http", b"HTTP/1.0 200 OK\r\nContent-Length: 18\r\n\r\n" + b"a\n" * 9),
    ],
)
def test_lines_beyond_the_most_are_left_out(name: str, data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "MOST_LINES", 5)
    shown = render(name, data)
    assert len(shown.lines) == 5
    assert shown.facts[0] == "Only the first 5 lines are shown. Bytes shows all of it, and can save it."


def test_what_is_nested_very_deeply_is_not_indented_further() -> None:
    shown = render("json", b"[" * 200 + b"]" * 200)
    assert any(fact.startswith("Nested 200 levels deep") for fact in shown.facts)


# -- HTTP -----------------------------------------------------------------------------------------

REQUEST = (
    b"POST /items?x=1 HTTP/1.1\r\nHost: example.org\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n"
)


def test_a_request_with_its_body() -> None:
    shown = render("http", REQUEST + b'{"a": [1]')
    assert name_of(REQUEST) == "http"
    lines = shown.text.split("\n")
    assert lines[:5] == [
        "POST /items?x=1 HTTP/1.1",
        "Host:           example.org",
        "Content-Type:   application/json",
        "Content-Length: 9",
        "",
    ]
    assert lines[5:8] == ["{", '  "a": [', "    1"]
    assert shown.facts == ("Body of 9 bytes, as Content-Length says.",)
    assert shown.problems == ("⚠ Line 1, column 10: The text ends while 1 bracket is open.",)


def problems(data: bytes, hints: Hints = UTF8) -> str:
    return " ".join(render("http", data, hints).problems)


def test_content_length_against_what_is_there() -> None:
    assert "Content-Length says 9 bytes; 3 are here." in problems(REQUEST + b"[1,")
    assert not problems(REQUEST + b"[1,", Hints(whole=False))
    assert "5 bytes follow that belong to no message" in problems(REQUEST + b"[1,2,3,4]extra")
    twice = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"
    assert "given differently (1 and 2)" in problems(twice)
    assert "is no number" in problems(b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n")
    both = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    assert "Both Content-Length and Transfer-Encoding" in problems(both)


def test_wrong_lines_are_marked_where_they_stand() -> None:
    data = b"GET / HTTP/1.1\r\nHost: a\r\n b\r\nX : 1\r\nwhat\r\n: 2\r\nA(b): 3\r\nok: 4\r\n\r\n"
    marks = [line.partition("⚠ ")[2] for line in render("http", data).text.split("\n")[1:]]
    assert marks == [
        "", "a folded line, which is obsolete", "blanks before the colon", "no colon", "no name before the colon",
        "not a field name", "",
    ]  # fmt: skip
    assert parse_head(data).all("host") == ["a b"]


def test_a_request_without_host_and_a_head_without_end() -> None:
    assert "No Host field" in problems(b"GET / HTTP/1.1\r\n\r\n")
    assert not problems(b"GET / HTTP/1.0\r\n\r\n")
    assert "empty line at its end is missing" in problems(b"GET / HTTP/1.0\r\nA: b\r\n")
    assert "does not begin with" in problems(b"hello\r\n\r\n")


@given(
    st.lists(st.binary(min_size=1, max_size=20), max_size=5), st.sampled_from([b"\r\n", b"\n"]), st.binary(max_size=9)
)
def test_chunks_are_put_together(parts: list[bytes], end: bytes, rest: bytes) -> None:
    head = b"HTTP/1.1 200 OK" + end + b"Transfer-Encoding: gzip, chunked" + end * 2
    wire = b"".join(b"%x;q=1%b%b%b" % (len(part), end, part, end) for part in parts) + b"0" + end + b"T: 1" + end * 2
    taken = parse_head(head + wire + rest)
    assert taken.whole
    assert taken.size == len(head)
    body = body_of(taken, wire + rest)
    assert body.data == b"".join(parts)
    assert body.size == len(wire)
    assert not body.problem
    for cut in range(len(wire)):
        assert body_of(taken, wire[:cut]).problem
        assert b"".join(parts).startswith(body_of(taken, wire[:cut]).data)


def test_chunks_that_are_wrong() -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert "no line end" in problems(head + b"2\r\nabc\r\n0\r\n\r\n")
    assert "no size of a chunk" in problems(head + b"2\r\nab\r\nzz\r\n")
    assert "last chunk is missing" in problems(head + b"2\r\nab\r\n")


def test_what_a_body_is_shown_as() -> None:
    def of(fields: bytes, body: bytes) -> Rendered:
        return render("http", b"HTTP/1.1 200 OK\r\n%bContent-Length: %d\r\n\r\n%b" % (fields, len(body), body))

    assert '"a": 1' in of(b"", b'{"a":1}').text
    assert "h\\n" in of(b"", b"h\n").text
    assert "00000000  1f 8b" in of(b"Content-Encoding: gzip\r\n", b"\x1f\x8b\x08").text
    assert "bytes are shown" in " ".join(of(b"Content-Encoding: gzip\r\n", b"\x1f\x8b\x08").facts)
    assert "00000000  00 01" in of(b"", b"\x00\x01\x02").text
    assert "é" in of(b"Content-Type: text/plain; charset=latin-1\r\n", b"\xe9").text
    assert "é" in of(b"Content-Type: text/plain; charset=nonsense\r\n", "é".encode()).text
    packed = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n\x1f\x8b"
    assert "2 bytes so far; it lasts until the connection closes" in " ".join(render("http", packed).facts)
    packed = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n\x1f\x8b"
    assert "not chunked, so the end of the body cannot be known" in problems(packed)
    assert "No body: a response 204" in " ".join(render("http", b"HTTP/1.1 204 No Content\r\n\r\n").facts)
    assert "until the connection closes" in " ".join(render("http", b"HTTP/1.1 200 OK\r\n\r\nabc").facts)


def test_messages_one_after_another() -> None:
    shown = render("http", b"GET /a HTTP/1.0\r\n\r\n" * 3)
    assert shown.facts == ("3 messages, one after another.",)
    assert shown.text.count("GET /a HTTP/1.0") == 3


@pytest.mark.parametrize("data", [b"GET /\r\n", b"HTTP/1.1 OK\r\n", b"hello HTTP/1.1", b"GET / HTTP/2.0\r\n"])
def test_other_text_is_not_taken_for_http(data: bytes) -> None:
    assert name_of(data) == "text"


# -- text and hex ---------------------------------------------------------------------------------


def test_text_shows_what_cannot_be_seen() -> None:
    shown = render("text", "a\tb\r\nbell\x07 \u202ebidi\rlast".encode())
    assert shown.text == "a→      b\\r\\n\nbell␇ <U+202E>bidi\\r\nlast"
    assert not shown.problems


def test_text_that_is_none_is_counted() -> None:
    shown = render("text", b"ab\xffcd\xfe")
    assert shown.text == "ab\ufffdcd\ufffd"
    assert shown.problems == ("⚠ 2 places are no utf-8 text, shown as \ufffd. Is the encoding right?",)
    assert not render("text", "\ufffd".encode()).problems
    assert not render("text", "é".encode()[:1], Hints(whole=False)).problems


@pytest.mark.parametrize(
    ("data", "encoding", "name"),
    [
        (b"hello\n", "utf-8", "text"), ("日本".encode(), "utf-8", "text"),
        ("hé".encode("utf-16-le"), "utf-16-le", "text"),
        (bytes(range(64)), "utf-8", "hex"), (bytes(range(128, 160)), "latin-1", "hex"), (b"", "utf-8", "hex"),
        (b"\x1b[31mred\x1b[0m", "utf-8", "text"),
    ],
)  # fmt: skip
def test_text_is_told_from_other_bytes(data: bytes, encoding: str, name: str) -> None:
    assert name_of(data, Hints(encoding)) == name


def test_hex() -> None:
    shown = render("hex", bytes(range(20)))
    assert len(shown.lines) == 2
    assert shown.lines[1].text == "00000010  10 11 12 13                                       |····|"


@pytest.mark.parametrize(("per_row", "width"), [(16, 78), (8, 45), (4, 29)])
def test_hex_has_rows_as_long_as_there_is_room_for(per_row: int, width: int) -> None:
    data = bytes(range(64))
    assert line_width(per_row) == width
    rendered = render("hex", data, Hints(per_row=per_row))
    assert rendered.by_row
    assert [len(line.text) for line in rendered.lines] == [width] * (64 // per_row)
    assert rendered.lines[1].text.startswith(f"{per_row:08x}  {per_row:02x} {per_row + 1:02x}")
    packed = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 64\r\n\r\n" + data
    rendered = render("http", packed, Hints(per_row=per_row))
    assert rendered.by_row
    assert len(rendered.lines[-1].text) == width
    assert not render("json", b'{"a": 1}', Hints(per_row=per_row)).by_row
