"""Which framings the bench shows: kept between starts, and compared by what they do."""

from __future__ import annotations

from pathlib import Path

import pytest

from explorer.core.errors import InputError
from explorer.core.socket_spec import Choice
from explorer.settings import Settings
from explorer.ui.models.bench_choices import MOST, OWN, BenchChoices, BenchRegistry, another, same_framing
from explorer.wire.framing.registry import kinds

LENGTH = Choice("length", {"width": 2, "order": "little"})


def test_they_come_back_through_the_settings(tmp_path: Path) -> None:
    settings = Settings(tmp_path)
    choices = BenchChoices()
    told: list[int] = []
    choices.changed.connect(lambda: told.append(1))
    choices.choose([OWN, LENGTH, Choice("raw")], received=False)
    choices.choose([OWN, LENGTH, Choice("raw")], received=False)
    assert told == [1]
    settings.bench = choices.lines
    settings.save()
    again = BenchChoices()
    again.load(Settings(tmp_path).bench)
    assert again.framings == (OWN, LENGTH, Choice("raw"))
    assert not again.received


def test_what_cannot_be_read_is_left_out() -> None:
    choices = BenchChoices()
    long = '{"kind": "fixed", "size": 1' + " " * 3000 + "}"
    wrong = ["", "{", "[]", '{"kind": "none"}', '{"kind": "length", "width": 99}', long]
    choices.load(["received", *wrong, '{"kind": "fixed", "size": 4}'])
    assert choices.framings == (Choice("fixed", {"size": 4}),)
    assert choices.received
    choices.load(["received", *['{"kind": "raw"}'] * 9])
    assert len(choices.framings) == MOST
    choices.load([])
    assert not choices.framings
    assert choices.received


def test_the_sockets_own_stands_first_and_is_no_framing_of_a_socket() -> None:
    registry = BenchRegistry()
    assert [kind.name for kind in registry.kinds()] == ["own", *(kind.name for kind in kinds())]
    assert registry.check_choice({"kind": "own"}) == OWN
    assert registry.check_choice({"kind": "fixed", "size": 3}) == Choice("fixed", {"size": 3})
    with pytest.raises(InputError):
        registry.check_choice({"kind": "own", "size": 3})
    with pytest.raises(InputError):
        registry.kinds()[0].make({})
    assert registry.kinds()[0].picture({}) == ()


def test_settings_left_out_count_as_their_defaults() -> None:
    assert same_framing(Choice("line"), Choice("line", {"ending": "lf"}))
    assert not same_framing(Choice("line"), Choice("line", {"ending": "crlf"}))
    assert not same_framing(Choice("line"), Choice("raw"))
    assert same_framing(OWN, OWN)
    assert not same_framing(Choice("fixed"), Choice("fixed", {"size": 2}))  # one of them is none


def test_a_further_column_shows_what_none_shows_yet() -> None:
    shown: list[Choice] = []
    for _ in range(3):
        shown.append(another(shown))
    assert [framing.kind for framing in shown] == ["raw", "line", "length"]
    for framing in shown:
        assert BenchRegistry().check_choice(framing.to_json()) == framing
