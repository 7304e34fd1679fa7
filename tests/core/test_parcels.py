from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.core.parcels import MOST, BrokenParcel, Parcel, Unpacker, pack

HEADS = st.dictionaries(st.text(max_size=5), st.one_of(st.integers(), st.text(max_size=8), st.none()), max_size=4)


@given(st.lists(st.tuples(HEADS, st.binary(max_size=40)), max_size=6), st.lists(st.integers(0, 400), max_size=8))
def test_parcels_come_out_as_they_went_in_however_they_are_cut(
    parcels: list[tuple[dict[str, object], bytes]], cuts: list[int]
) -> None:
    stream = b"".join(pack(head, body) for head, body in parcels)
    unpacker, found, place = Unpacker(), [], 0
    for cut in [*sorted(cuts), len(stream)]:
        found += unpacker.feed(stream[place:cut])
        place = max(place, cut)
    assert found == [Parcel(head, body) for head, body in parcels]


def test_what_is_no_parcel_is_refused() -> None:
    with pytest.raises(BrokenParcel, match="announced"):
        Unpacker().feed(b"\xff" * 8)
    with pytest.raises(BrokenParcel, match="no JSON:"):
        Unpacker().feed(b"\0\0\0\1\0\0\0\0{")
    with pytest.raises(BrokenParcel, match="no JSON object"):
        Unpacker().feed(b"\0\0\0\2\0\0\0\0[]")
    with pytest.raises(BrokenParcel, match="may hold"):
        pack({}, bytes(MOST + 1))


def test_a_parcel_of_which_the_end_is_missing_waits() -> None:
    whole = pack({"a": 1}, b"body")
    unpacker = Unpacker()
    assert unpacker.feed(whole[:-1]) == []
    assert unpacker.feed(whole[-1:]) == [Parcel({"a": 1}, b"body")]
