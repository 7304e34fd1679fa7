"""Each kind of framing, with many settings and contents, is the first guess for a stream that was made with it."""

from __future__ import annotations

import random

import pytest

from explorer.core.fields import Value
from explorer.core.socket_spec import Choice
from explorer.wire.framing.guess import guess
from explorer.wire.framing.registry import find_kind, kinds
from tests.fakes.framed_streams import CONTENTS, WORDS, borders, stream, with_header, words

LENGTHS: tuple[dict[str, Value], ...] = (
    {"width": 1},
    {"width": 2},
    {"width": 2, "order": "little"},
    {"width": 3},
    {"width": 3, "order": "little", "adjustment": 1},
    {"width": 4},
    {"width": 4, "order": "little"},
    {"width": 5},
    {"width": 8},
    {"width": 8, "order": "little"},
    {"width": 2, "adjustment": -2},
    {"width": 4, "adjustment": -4},
    {"width": 1, "offset": 1},
    {"width": 2, "offset": 3},
    {"width": 2, "offset": 2, "adjustment": -4},
    {"width": 4, "offset": 1, "adjustment": -4},
    {"width": 4, "order": "little", "offset": 4, "adjustment": -8},
)
MARKED = (
    Choice("netstring"),
    Choice("slip"),
    Choice("cobs"),
    Choice("stx_etx"),
    Choice("stx_etx", {"start": "01", "end": "04"}),
    Choice("stx_etx", {"start": "0b", "end": "1c"}),
    Choice("stx_etx", {"prefixed": True}),
)
TEXT_ENDS = ("00", "03", "0d", "1e", "3b", "7c", "1c0d", "2424", "5d5d3e5d5d3e")


def found_at(choice: Choice, samples: list[bytes], ended: bool = False) -> int | None:
    """The place among the guesses of one that cuts the samples into the same messages."""
    wanted = borders(choice, samples)
    places = [place for place, one in enumerate(guess(samples, ended)) if borders(one.choice, samples) == wanted]
    return places[0] if places else None


@pytest.mark.parametrize("content", ["jsons", "values", "blocks"])
@pytest.mark.parametrize("settings", LENGTHS, ids=str)
def test_lengths_are_found(settings: dict[str, Value], content: str) -> None:
    if content == "blocks" and settings["width"] == 1:
        pytest.skip("one byte cannot say so much")
    choice = Choice("length", settings)
    data = stream(choice, with_header(settings, CONTENTS[content]), 30, seed=len(content))
    assert found_at(choice, [data]) == 0


@pytest.mark.parametrize("content", ["words", "values", "blocks", "mixed"])
@pytest.mark.parametrize("choice", MARKED, ids=lambda choice: str(choice.to_json()))
def test_coded_messages_are_found(choice: Choice, content: str) -> None:
    assert found_at(choice, [stream(choice, CONTENTS[content], 25, seed=3)]) == 0


@pytest.mark.parametrize("content", ["words", "jsons", "values", "noise", "mixed"])
def test_varints_are_found(content: str) -> None:
    choice = Choice("varint")

    def twice(rng: random.Random) -> bytes:
        return b"\x08" + CONTENTS[content](rng) * rng.randint(1, 4)

    assert found_at(choice, [stream(choice, twice, 60, seed=4)]) == 0


@pytest.mark.parametrize("ending", ["lf", "crlf"])
@pytest.mark.parametrize("content", ["words", "jsons"])
def test_lines_are_found(content: str, ending: str) -> None:
    choice = Choice("line", {"ending": ending})
    assert found_at(choice, [stream(choice, CONTENTS[content], 40, seed=5)]) == 0


@pytest.mark.parametrize("delimiter", TEXT_ENDS)
@pytest.mark.parametrize("content", ["words", "jsons"])
@pytest.mark.parametrize("count", [10, 40])
def test_delimiters_of_text_are_found(delimiter: str, content: str, count: int) -> None:
    choice = Choice("delimiter", {"hex": delimiter})
    assert found_at(choice, [stream(choice, CONTENTS[content], count, seed=6)]) == 0


@pytest.mark.parametrize("delimiter", ["fffe", "0d0a", "5d5d3e5d5d3e", "ffffff", "a55a"])
@pytest.mark.parametrize("content", ["jsons", "values", "blocks"])
def test_delimiters_of_any_bytes_are_found(delimiter: str, content: str) -> None:
    choice = Choice("delimiter", {"hex": delimiter})
    data = stream(choice, CONTENTS[content], 40, seed=7)
    # JSON that ends with CR LF each is text: lines cut it in the same places.
    assert found_at(choice, [data]) == 0


@pytest.mark.parametrize("size", [3, 7, 12, 33, 512])
def test_one_size_is_found(size: int) -> None:
    """Records with a constant mark, a small type, and values."""
    rng = random.Random(size)
    records = [
        (b"\xaa" + bytes([rng.randint(1, 3)]) + rng.randbytes(size // 2)).ljust(size, b"\0")[:size] for _ in range(120)
    ]
    assert found_at(Choice("fixed", {"size": size}), [b"".join(records)]) == 0


PRESETS = [(kind.name, preset.label) for kind in kinds() if kind.name not in ("raw", "idle") for preset in kind.presets]
# An empty line or a dot between lines of text: the lines are the better guess, what is between them comes after.
AMBIGUOUS = ("Empty line (CR LF CR LF)", "Line with a dot")


@pytest.mark.parametrize(("kind", "label"), PRESETS)
def test_what_a_preset_names_is_found(kind: str, label: str) -> None:
    [settings] = [dict(preset.settings) for preset in find_kind(kind).presets if preset.label == label]
    choice = Choice(kind, settings)
    text = words if kind in ("line", "delimiter") else CONTENTS["mixed"]
    size = settings.get("size")
    if settings.get("checksum_as") == "hex":
        made = with_nmea
    elif isinstance(size, int):
        cut = size - ("checksum" in settings)

        def made(rng: random.Random) -> bytes:
            return (b"\xff\x01" + bytes([rng.choice((4, 8))]) + rng.randbytes(2)).ljust(cut, b"\0")
    else:
        made = with_header(settings, text)
    samples = [stream(choice, made, 60, seed=8)]
    if settings.get("ending") == "any":
        samples = [samples[0] + b"more\r\n"]
    place = found_at(choice, samples)
    assert place == (1 if label in AMBIGUOUS else 0)


def with_nmea(rng: random.Random) -> bytes:
    return f"$GPGGA,{rng.randint(0, 235959):06},{rng.choice(WORDS)}".encode()


@pytest.mark.parametrize("seed", range(4))
def test_several_streams_tell_more_than_one(seed: int) -> None:
    """One message each, in so many connections: that each ends where it says is the evidence."""
    choice = Choice("length", {"width": 2, "skip": 2})
    samples = [stream(choice, CONTENTS["noise"], 1, seed=100 * seed + number) for number in range(12)]
    assert found_at(choice, samples, ended=True) == 0


def test_a_stream_that_stops_within_a_message() -> None:
    choice = Choice("length", {"width": 4, "skip": 4})
    data = stream(choice, CONTENTS["jsons"], 40, seed=9)[:-11]
    [first, *_] = guess([data])
    assert (first.choice.kind, first.messages) == ("length", 39)
