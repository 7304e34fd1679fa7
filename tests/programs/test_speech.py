"""Lines as programs hear them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from explorer.programs.speech import BLOCK, Said, lines_of


def test_lines_and_their_ends() -> None:
    assert list(lines_of(b"a\r\n b \n\nc")) == [Said(b"a", b"\r\n"), Said(b"b", b"\n"), Said(b"", b"\n"), Said(b"c")]
    assert list(lines_of(b"")) == [Said(b"")]
    assert list(lines_of(b"\r\n")) == [Said(b"", b"\r\n")]


@given(st.lists(st.tuples(st.sampled_from((0, 1, 5, BLOCK - 1, BLOCK, 2 * BLOCK)), st.booleans()), max_size=30))
def test_long_messages_have_the_same_lines(lines: list[tuple[int, bool]]) -> None:
    said = [Said(b"x" * size, b"\r\n" if returns else b"\n") for size, returns in lines]
    payload = b"".join(one.text + one.ending for one in said)
    assert list(lines_of(payload + b"end")) == [*said, Said(b"end")]
    assert list(lines_of(payload)) == (said or [Said(b"")])
