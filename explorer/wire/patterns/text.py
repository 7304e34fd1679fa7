"""Text to find: in any encoding, capitals counting or not.

Without regard to capitals two texts are the same when their full case foldings are (Unicode 3.13, rule D144):
``STRASSE`` finds ``straße``, and ``k`` the Kelvin sign, wherever the encoding has these characters.
"""

from __future__ import annotations

from collections.abc import Set
from functools import lru_cache

from explorer.core.errors import InputError
from explorer.wire.patterns.compiled import AnyOf, Everywhere, Pattern, check_length, quoted
from explorer.wire.patterns.kind import Option, PatternOptions
from explorer.wire.text import ENCODINGS

_LAST_CASED = 0x1E943  # Adlam; no character behind it has capitals
_LONGEST_FOLD = 3  # characters that one character may fold to
_LONGEST_KNOT = 8  # characters up to which all ways to join some of them into one are looked for


class TextKind:
    name = "text"
    label = "Text"
    example = "text"
    help = "Text as it stands in the traffic, in the chosen encoding. Without “Match case” capitals do not count."
    options: Set[Option] = frozenset({"encoding", "case"})

    def make(self, typed: str, options: PatternOptions) -> Pattern:
        data = encoded(typed, options.encoding)
        return AnyOf([data]) if options.match_case or not data else any_case(typed, options.encoding)


def encoded(text: str, encoding: str) -> bytes:
    """Raises InputError that names the first character which the encoding lacks."""
    try:
        return text.encode(encoding)
    except UnicodeEncodeError as error:
        label = next((one.label for one in ENCODINGS if one.name == encoding), encoding)
        raise InputError(
            "pattern",
            f"{text[error.start]!r} does not exist in {label}. Choose another encoding, or find its bytes as Hex.",
        ) from None


def any_case(text: str, encoding: str) -> Pattern:
    """The text with capitals or without. Raises InputError as `encoded` does."""
    literal = encoded(text, encoding)
    check_length(len(text), "characters", "Turn on “Match case”, or write the first part of it only.")
    expression, longest, cased = fold_expression(text, encoding)
    return Everywhere(expression, longest, _alphabet(text, encoding)) if cased else AnyOf([literal])


def fold_expression(text: str, encoding: str) -> tuple[bytes, int, bool]:
    """An expression for all texts with the same case folding; how many bytes it can be long; whether there are several.

    A character is never the beginning of another one in these encodings, so no match begins with another match.
    """
    folded = text.casefold()
    parts: list[bytes] = []
    longest, cased = 0, False
    for start, stop in _knots(folded):
        choices = _choices(folded, start, stop, encoding)
        longest += max(size for _, size, _ in choices)
        cased = cased or len(choices) > 1 or choices[0][2]
        written = [choice for choice, _, _ in choices]
        parts.append(written[0] if len(written) == 1 else b"(?:" + b"|".join(written) + b")")
    return b"".join(parts), longest, cased


def _alphabet(text: str, encoding: str) -> Set[int]:
    """All bytes that a text with the same case folding may hold."""
    folded = text.casefold()
    pieces = {folded[at : at + size] for at in range(len(folded)) for size in range(1, _LONGEST_FOLD + 1)}
    return frozenset(b"".join(form for piece in pieces for form in _forms(piece, encoding)))


def _knots(folded: str) -> list[tuple[int, int]]:
    """Cut a folded text into single characters and stretches that one character may stand for, alone or in part."""
    spans: list[tuple[int, int]] = []
    joined = _folds()
    for at in range(len(folded)):
        stop = max(
            (
                at + size
                for size in range(2, _LONGEST_FOLD + 1)
                if len(folded) >= at + size and folded[at : at + size] in joined
            ),
            default=at + 1,
        )
        if spans and at < spans[-1][1]:
            if stop <= spans[-1][1] or stop - spans[-1][0] > _LONGEST_KNOT:
                continue
            spans[-1] = spans[-1][0], stop
        else:
            spans.append((at, stop))
    return spans


def _choices(folded: str, start: int, stop: int, encoding: str) -> list[tuple[bytes, int, bool]]:
    """Ways to write a stretch: (expression, its most bytes, whether it has more than one form)."""
    if start == stop:
        return [(b"", 0, False)]
    found: list[tuple[bytes, int, bool]] = []
    for size in range(1, min(_LONGEST_FOLD, stop - start) + 1):
        forms = _forms(folded[start : start + size], encoding)
        if not forms:
            continue
        head, longest = _one_of(forms), max(map(len, forms))
        for rest, more, cased in _choices(folded, start + size, stop, encoding):
            found.append((head + rest, longest + more, cased or len(forms) > 1))
    return found


def _forms(piece: str, encoding: str) -> list[bytes]:
    """The bytes of each single character that folds to `piece`, as far as the encoding has them."""
    characters = [*_folds().get(piece, ()), *([piece] if len(piece) == 1 else [])]
    forms: list[bytes] = []
    for character in characters:
        try:
            forms.append(character.encode(encoding))
        except UnicodeEncodeError:
            continue
    return list(dict.fromkeys(forms))


def _one_of(forms: list[bytes]) -> bytes:
    if len(forms) == 1:
        return quoted(forms[0])
    if sorted(forms) == sorted({forms[0].lower(), forms[0].upper()}) and len(forms[0]) == 1 and forms[0].isalpha():
        return b"(?i:%s)" % forms[0].lower()  # this way of writing is found several times faster
    return b"(?:" + b"|".join(map(quoted, forms)) + b")"


@lru_cache(maxsize=1)
def _folds() -> dict[str, list[str]]:
    """Which characters fold to something else, by what they fold to."""
    found: dict[str, list[str]] = {}
    for code in range(_LAST_CASED + 1):
        character = chr(code)
        folded = character.casefold()
        if folded != character:
            found.setdefault(folded, []).append(character)
    return found
