"""Descriptions of settings and what they refuse."""

from __future__ import annotations

import pytest

from explorer.core.errors import InputError
from explorer.core.fields import MOST_ROWS, Field, check, hex_bytes, rows_of, whole

FIELDS = (
    Field("size", "int", None, "Size", "How large.", minimum=1, maximum=10, unit="bytes"),
    Field("mark", "hex", "0a", "Mark", "Which bytes.", minimum=1, maximum=2),
    Field("keep", "bool", False, "Keep", "Whether."),
    Field("order", "choice", "big", "Order", "Which.", choices=("big", "little")),
    Field("note", "text", "", "Note", "Anything."),
    Field("least", "int", 5, "Least", "At least.", minimum=5),
    Field("most", "int", 5, "Most", "At most.", maximum=5),
    Field("one", "hex", "00", "One", "One byte.", minimum=1, maximum=1),
    Field("two", "int", 2, "Two", "Never more or less.", minimum=2, maximum=2, unit="ms"),
)


def test_what_is_not_given_is_completed() -> None:
    assert check(FIELDS, {"size": 3, "mark": "0d 0a"}) == {
        "size": 3, "mark": "0d 0a", "keep": False, "order": "big", "note": "", "least": 5, "most": 5, "one": "00",
        "two": 2,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("given", "path", "part"),
    [
        ({}, "$.f.size", "Size is missing"),
        ({"size": 0}, "$.f.size", "from 1 to 10 bytes"),
        ({"size": True}, "$.f.size", "whole number"),
        ({"size": 1.5}, "$.f.size", "whole number"),
        ({"size": 1, "mark": "0"}, "$.f.mark", "pairs"),
        ({"size": 1, "mark": "0g"}, "$.f.mark", "'g' (character 2) is not a hex digit"),
        ({"size": 1, "mark": ""}, "$.f.mark", "from 1 to 2 bytes"),
        ({"size": 1, "mark": 5}, "$.f.mark", "must be text"),
        ({"size": 1, "keep": 1}, "$.f.keep", "true or false"),
        ({"size": 1, "order": "middle"}, "$.f.order", "big, little"),
        ({"size": 1, "sise": 1}, "$.f.sise", "no setting called 'sise'"),
        ({"size": 1, "least": 4}, "$.f.least", "at least 5"),
        ({"size": 1, "most": 6}, "$.f.most", "at most 5"),
        ({"size": 1, "one": "0102"}, "$.f.one", "One must be exactly 1 byte; 2 is not."),
        ({"size": 1, "two": 3}, "$.f.two", "Two must be exactly 2 ms; 3 is not."),
    ],
)
def test_the_place_of_what_is_wrong_is_named(given: dict[str, object], path: str, part: str) -> None:
    with pytest.raises(InputError) as caught:
        check(FIELDS, given, "$.f")
    assert caught.value.path == path
    assert part in caught.value.message


def test_nothing_known_is_said_so() -> None:
    with pytest.raises(InputError, match="known: none"):
        check((), {"max": 1})


def test_hex_digits_may_stand_apart() -> None:
    assert hex_bytes("0D 0a", "x") == b"\r\n"


def test_what_is_no_hex_digit_is_counted_with_the_blanks_before_it() -> None:
    with pytest.raises(InputError, match="'g' \\(character 9\\) is not a hex digit"):
        hex_bytes("01 02 03g", "x")


@pytest.mark.parametrize(
    ("users", "path", "sentence"),
    [
        ([{"name": "x", "word": 12345678}], "$.users[0].word", "Password must be text."),
        ([["ann", 12345678]], "$.users[0]", "A row of Users must be an object."),
        ({"ann": 12345678}, "$.users", "Users must be a list of rows."),
    ],
)
def test_no_sentence_holds_a_secret(users: object, path: str, sentence: str) -> None:
    with pytest.raises(InputError) as caught:
        check((TABLE,), {"users": users})
    assert (caught.value.path, caught.value.message) == (path, sentence)


def test_other_wrong_values_are_shown() -> None:
    plain = Field("lines", "rows", (), "Lines", "Text.", columns=(Field("text", "text", "", "Text", "Any."),))
    with pytest.raises(InputError, match=r"A row of Lines must be an object, not 5\."):
        check((plain,), {"lines": [5]})


def test_an_error_without_a_place_is_only_its_sentence() -> None:
    assert str(InputError("", "No.")) == "No."
    assert str(InputError("port", "No.")) == "port: No."


TABLE = Field(
    "users", "rows", (), "Users", "Who may enter.", maximum=3,
    columns=(
        Field("name", "text", None, "Name", "Who.", minimum=1, maximum=8),
        Field("word", "secret", "", "Password", "What nobody else knows."),
        Field("level", "int", 1, "Level", "How much.", minimum=0),
    ),
)  # fmt: skip


def test_the_rows_of_a_table_are_completed() -> None:
    values = check((TABLE,), {"users": [{"name": "ann", "word": "x"}, {"name": "bob", "level": 2}]})
    assert rows_of(values["users"]) == (
        {"name": "ann", "word": "x", "level": 1},
        {"name": "bob", "word": "", "level": 2},
    )
    assert check((TABLE,), values) == values  # as it was checked before
    assert check((TABLE,), {}) == {"users": ()}


@pytest.mark.parametrize(
    ("users", "path", "words"),
    [
        ("ann", "$.f.users", "must be a list of rows"),
        ([{"name": "x"}] * 4, "$.f.users", "at most 3 rows; 4 is not."),
        (["ann"], "$.f.users[0]", "must be an object"),
        ([{"name": "x"}, {}], "$.f.users[1].name", "Name is missing"),
        ([{"name": ""}], "$.f.users[0].name", "from 1 to 8 characters; 0 is not."),
        ([{"name": "x", "word": 5}], "$.f.users[0].word", "must be text"),
        ([{"name": "x", "age": 5}], "$.f.users[0].age", "There is no setting called 'age'"),
    ],
)
def test_a_wrong_cell_is_named_with_its_row(users: object, path: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        check((TABLE,), {"users": users}, "$.f")
    assert caught.value.path == path
    assert words in caught.value.message


def test_a_table_is_bounded_where_nobody_said_so() -> None:
    many = Field("lines", "rows", (), "Lines", "Any.", columns=(Field("text", "text", "", "Text", "Any."),))
    with pytest.raises(InputError, match="at most 1,000 rows"):
        check((many,), {"lines": [{}] * (MOST_ROWS + 1)})


def test_values_of_another_type_are_bugs() -> None:
    assert whole(5) == 5
    with pytest.raises(TypeError):
        whole("5")
    with pytest.raises(TypeError):
        rows_of("ann")
