"""What all registries of kinds share, with a kind that is none of the program's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pytest

from explorer.core import kinds
from explorer.core.errors import InputError
from explorer.core.fields import Field, Value
from explorer.core.socket_spec import Choice


@dataclass(frozen=True)
class Drink:
    name: str
    fields: tuple[Field, ...]
    make: Callable[[Mapping[str, Value]], str]


def _tea(values: Mapping[str, Value]) -> str:
    if values["milk"] and values["lemon"]:
        raise InputError("lemon", "Milk and lemon do not go together.")
    return f"tea for {values['cups']}"


_FIELDS = (
    Field("cups", "int", 1, "Cups", "How many.", minimum=1, maximum=9),
    Field("milk", "bool", False, "Milk", "White."),
    Field("lemon", "bool", False, "Lemon", "Sour."),
)
DRINKS = (Drink("water", (), lambda values: "water"), Drink("tea", _FIELDS, _tea))


def test_a_kind_is_found_by_its_name() -> None:
    assert kinds.find(DRINKS, "tea", "drink", "$.drink") is DRINKS[1]


def test_things_are_made_of_completed_values() -> None:
    assert kinds.make(DRINKS, Choice("tea"), "drink", "$") == "tea for 1"
    assert kinds.make(DRINKS, Choice("tea", {"cups": 3}), "drink", "$") == "tea for 3"


def test_a_choice_keeps_what_was_given() -> None:
    given = {"kind": "tea", "cups": 2}
    assert kinds.check_choice(DRINKS, given, "drink", "$") == Choice("tea", {"cups": 2})


@pytest.mark.parametrize(
    ("given", "path", "sentence"),
    [
        (7, "$.drink", 'A drink must be an object such as {"kind": "water"}, not 7.'),
        ([{"password": "x"}], "$.drink", 'A drink must be an object such as {"kind": "water"}.'),
        ({}, "$.drink.kind", "The drink's kind is missing."),
        ({"kind": "milk"}, "$.drink.kind", "There is no drink called 'milk' (known: water, tea)."),
        ({"kind": "tea", "milk": True, "lemon": True}, "$.drink.lemon", "Milk and lemon do not go together."),
    ],
)
def test_mistakes_are_sentences_with_their_place(given: object, path: str, sentence: str) -> None:
    with pytest.raises(InputError) as caught:
        kinds.check_choice(DRINKS, given, "drink", "$.drink")
    assert (caught.value.path, caught.value.message) == (path, sentence)
