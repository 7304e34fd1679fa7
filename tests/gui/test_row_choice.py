"""Rows chosen one beside the other: runs split and stay in order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from explorer.ui.widgets.row_choice import toggled


@given(st.lists(st.integers(0, 12), max_size=20))
def test_a_row_is_chosen_or_no_longer(rows: list[int]) -> None:
    parts: list[range] = [range(3, 7)]
    chosen = {3, 4, 5, 6}
    for row in rows:
        parts = toggled(parts, row)
        chosen ^= {row}
        assert [one for part in parts for one in part] == sorted(chosen)
        assert all(parts)
