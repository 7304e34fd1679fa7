"""The ways of serving: named, with settings and limits."""

from __future__ import annotations

import pytest

from explorer.core import serving
from explorer.core.errors import InputError
from explorer.core.fields import whole
from explorer.core.socket_spec import Choice, SocketSpec


def test_there_are_five_ways_and_one_is_the_default() -> None:
    assert [kind.name for kind in serving.kinds()] == ["selectors", "iterative", "thread", "process", "asyncio"]
    assert SocketSpec("x").serving == serving.DEFAULT
    assert all(kind.label and kind.summary.endswith(".") for kind in serving.kinds())


@pytest.mark.parametrize("name", ["thread", "process"])
def test_what_costs_a_worker_a_client_has_a_limit(name: str) -> None:
    assert whole(serving.settings(Choice(name))["most"]) > 1
    assert whole(serving.settings(Choice(name, {"most": 2}))["most"]) == 2
    assert serving.find_kind(name).workers == name


@pytest.mark.parametrize(
    ("given", "path", "words"),
    [
        ({"kind": "fork"}, "$.serving.kind", "no serving called 'fork' (known: selectors, iterative"),
        ({"kind": "thread", "most": 0}, "$.serving.most", "Most threads must be from 1 to 2,000; 0 is not."),
        ({"kind": "asyncio", "most": 5}, "$.serving.most", "There is no setting called 'most' here (known: none)."),
        ("thread", "$.serving", "must be an object"),
    ],
)
def test_mistakes_are_named_with_their_place(given: object, path: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        serving.check_choice(given)
    assert caught.value.path == path
    assert words in caught.value.message


def test_a_choice_is_kept_as_it_was_given() -> None:
    assert serving.check_choice({"kind": "process", "most": 3}) == Choice("process", {"most": 3})
