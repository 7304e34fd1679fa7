"""Descriptions of settings and what they refuse."""

from __future__ import annotations

import pytest

from explorer.core.errors import InputError
from explorer.core.fields import Field, check, hex_bytes

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


def test_an_error_without_a_place_is_only_its_sentence() -> None:
    assert str(InputError("", "No.")) == "No."
    assert str(InputError("port", "No.")) == "port: No."
