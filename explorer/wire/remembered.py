r"""What a sequence remembers, put into what is typed: ``{{name}}`` becomes the bytes that are known under the name.

The bytes stand there as if they had been typed: as ``\xNN`` in text and in regular expressions, as digits in hex. So
fields that are filled at sending (`explorer.wire.templates`) may stand beside them.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Collection, Iterator, Mapping

from explorer.core.errors import InputError
from explorer.core.sequence import Match, RepeatStep, Sequence, matches, walk
from explorer.core.snippet import Mode
from explorer.wire.matching import groups_of
from explorer.wire.template_reading import FIELD_NAMES

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,49}|[1-9][0-9]?")
"""How something that is remembered may be called: a name, or the number of a group."""

LONGEST_FILLED = 1 << 22  # characters of what is typed, with all that was put into it

_USE = re.compile(r"\{\{(?!\{)(" + NAME.pattern + r")\}\}")


def check_name(name: str, path: str) -> None:
    """Raise InputError at `path` when nothing can be remembered under this name."""
    if not NAME.fullmatch(name):
        raise InputError(path, f"{name[:50]!r} is no name. Write letters, digits and _, a letter first, e.g. user.")
    if name in FIELD_NAMES:
        raise InputError(path, f"{name!r} is a field of messages already. Choose another name, e.g. {name}_seen.")


def used_in(text: str) -> Iterator[tuple[int, str]]:
    """The names that stand in ``{{…}}`` and are no fields of messages, with their positions."""
    for found in _USE.finditer(text):
        if found[1] not in FIELD_NAMES:
            yield found.start(), found[1]


def fill_in(text: str, mode: Mode, known: Mapping[str, bytes]) -> str:
    """`text` with what is known under each name. Raises InputError when nothing was remembered under one, or when the
    whole becomes too long."""
    if "{{" not in text:
        return text
    write: Callable[[bytes], str] = _as_hex if mode == "hex" else _as_escapes

    def put(found: re.Match[str]) -> str:
        name = found[1]
        if name in FIELD_NAMES:
            return found[0]
        if name not in known:
            raise InputError("", f"Nothing is remembered as {name!r} yet; a step before this one has to match it.")
        return write(known[name])

    return _bounded(_USE.sub(put, text))


def fill_in_match(match: Match, known: Mapping[str, bytes], names: Collection[str]) -> Match:
    """The pattern with what is known put in place of ``{{name}}``; only `names` are looked for, so other braces mean
    what they mean in patterns. Raises InputError."""
    if "{{" not in match.pattern:
        return match

    def put(found: re.Match[str]) -> str:
        name = found[1]
        if name not in names:
            return found[0]
        if name not in known:
            raise InputError("", f"Nothing is remembered as {name!r} yet; a step before this one has to match it.")
        if match.written == "hex":
            return _as_hex(known[name])
        return f"(?:{_as_escapes(known[name])})" if match.how == "regex" else _as_escapes(known[name])

    return Match(match.how, _bounded(_USE.sub(put, match.pattern)), match.written)


def example_of(match: Match, names: Collection[str]) -> Match:
    """The pattern with something in place of each name, to see whether it can be read."""
    return fill_in_match(match, dict.fromkeys(names, b"0"), names)


def _as_escapes(data: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in data)


def _as_hex(data: bytes) -> str:
    return f" {data.hex()} "


def _bounded(text: str) -> str:
    if len(text) > LONGEST_FILLED:
        raise InputError("", "With what is remembered put into it, this becomes too long. Remember less of a message.")
    return text


def remembered_by(sequence: Sequence) -> frozenset[str]:
    """All the names under which something may be remembered while it runs. Patterns that cannot be read count as
    having none: they are refused elsewhere."""
    names: set[str] = set()
    for _, step in walk(sequence.steps):
        if isinstance(step, RepeatStep) and step.counter:
            names.add(step.counter)
        for _, match in matches(step):
            if match.how == "regex":
                with contextlib.suppress(InputError):
                    names.update(groups_of(Match(match.how, _USE.sub("0", match.pattern))))
    return frozenset(names)
