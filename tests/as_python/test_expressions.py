"""Regular expressions of the app and of Python's `re` fit the same bytes and remember the same."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.as_python.api import NoScript
from explorer.as_python.expressions import to_re
from explorer.core.errors import InputError
from explorer.wire.patterns.expression import compile_groups

ATOMS = st.sampled_from(
    (
        "a", "B", ".", r"\s", r"\S", r"\d", r"\w", r"\x0b", r"\xe9", r"\x{42}", "é", "[a-c]", "[^a]", "[[:alpha:]]",
        r"[\s\d]", r"[^\S\n]", "[a[]", "[]a]", r"[\xe9k]", r"\pN", r"[\pLx]", "{", "{,2}", r"\C", r"\Q.*\E", "(?i)",
        "(?s)", "(?U)", "(?-m)", "(?i-s)", "^", "$", r"\b", r"\A", r"\z", r"\0", r"\a", "(?i:k)", "[--/]",
        "[a&&b]", "ß", "ſ",
    )
)  # fmt: skip
TEXTS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map("|".join),
        st.builds("({})".format, inner),
        st.builds("(?:{})".format, inner),
        st.builds("(?<g>{})".format, inner),
        st.builds("(?:{}){}".format, inner, st.sampled_from(("+", "+?", "?", "{2}", "{1,2}?", "??"))),
    ),
    max_leaves=6,
)
DATA = st.binary(max_size=12) | st.text("aAbBkKcé \n\v\t.1{}_-&[", max_size=10).map(str.encode)


def both(typed: str, data: bytes, ignore_case: bool) -> tuple[object, object]:
    """What each finds: where, and its groups."""
    theirs = compile_groups(typed, "utf-8", ignore_case).search(data)
    ours = to_re(typed, "utf-8", ignore_case)
    found = re.search(ours.text.encode(), data, re.MULTILINE | (re.IGNORECASE if ignore_case else 0))
    return (
        theirs and (theirs.span(), [one or b"" for one in theirs.groups()]),
        found and (found.span(), [one or b"" for one in found.groups()]),
    )


@settings(max_examples=600)
@given(TEXTS, st.lists(DATA, min_size=1, max_size=4), st.booleans())
def test_they_find_the_same(typed: str, samples: list[bytes], ignore_case: bool) -> None:
    try:
        compile_groups(typed, "utf-8", ignore_case)
    except InputError:
        return  # the app says what is wrong
    if typed.count("(?<g>") > 1:
        return  # Python's re wants each name once
    for data in samples:
        theirs, ours = both(typed, data, ignore_case)
        assert ours == theirs, (typed, to_re(typed, "utf-8", ignore_case).text, data)


@pytest.mark.parametrize(
    ("typed", "ours"),
    [
        (r"OK (?P<n>\d+)", r"OK (?P<n>\d+)"),
        (r"a\sb\z", r"a[\t\n\f\r ]b\Z"),
        ("a(?i)b|c", "a(?i:b)|(?i:c)"),
        ("[[:digit:]_]+", r"[0-9\x5f]+"),
        ("(?U)a+b+?", "a+?b+"),
        ("x{,3}", r"x\{,3}"),
        ("é", r"(?:\xc3\xa9)"),
        (r"(?<id>\x{41})", r"(?P<id>\x41)"),
    ],
)
def test_what_is_written(typed: str, ours: str) -> None:
    assert to_re(typed, "utf-8").text == ours


def test_what_the_app_refuses_is_refused() -> None:
    with pytest.raises(InputError) as refused:
        to_re("(?=a)", "utf-8")
    assert not isinstance(refused.value, NoScript)
