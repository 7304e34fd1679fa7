"""Rules that can never decide: told as warnings, because a rule may be meant for another framing or order."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping

from explorer.core.errors import InputError
from explorer.core.fields import Value, check, rows_of
from explorer.core.socket_spec import Choice
from explorer.programs.rule_book import Rule, read_rules
from explorer.programs.rule_matching import Literal, can_never_fit, fits_everything
from explorer.wire.framing.api import DEFAULT_MAX, Frame
from explorer.wire.framing.registry import find_kind, make_framer


def check_rules(values: Mapping[str, Value], framing: Choice | None = None) -> list[tuple[int, str]]:
    """For each row that can never decide: the row, from 0, and why, as a sentence. values: checked.
    framing: of the socket, where it is known. Raises InputError as `make` does."""
    rules = read_rules(values).rules
    rows = rows_of(values["rules"])
    found: list[tuple[int, str]] = []
    for place, rule in enumerate(rules):
        sentence = (
            _impossible(rule)
            or _never_framed(rule, framing)
            or _hidden(rule, rules[:place], rows)
            or _says_nothing(rule)
        )
        if sentence:
            found.append((rule.row, sentence))
    return found


def _impossible(rule: Rule) -> str:
    if can_never_fit(rule.matcher):
        return "No message at all fits this regular expression: a place in it wants a character that does not exist."
    return ""


def _says_nothing(rule: Rule) -> str:
    if rule.then in ("send", "send_close") and rule.answer.is_empty:
        return "Its answer is empty. Write one, or choose another action."
    return ""


# -- rules above ------------------------------------------------------------------------------------


def _hidden(rule: Rule, above: tuple[Rule, ...], rows: tuple[Mapping[str, int | str | bool], ...]) -> str:
    for earlier in above:
        if fits_everything(earlier.matcher):
            return f"Row {earlier.row + 1} above fits every message, so this one is never asked. Move it up."
        if _same(rows[earlier.row], rows[rule.row]) or _covers(earlier, rule):
            return f"Every message that fits this fits row {earlier.row + 1} above, which decides first. Move this up."
    return ""


def _same(one: Mapping[str, int | str | bool], other: Mapping[str, int | str | bool]) -> bool:
    return all(one[name] == other[name] for name in ("match", "pattern", "written", "ignore_case"))


def _covers(earlier: Rule, later: Rule) -> bool:
    """Whether whatever fits the later one fits the earlier one: said only where that is certain."""
    wide, narrow = earlier.matcher.literal, later.matcher.literal
    if narrow is None or narrow.masks:
        return False
    if narrow.how == "exact" and not narrow.folded:
        return earlier.matcher.match(narrow.values) is not None
    if wide is None or wide.masks or (narrow.folded and not wide.folded):
        return False
    return _lies_in(wide, narrow)


def _lies_in(wide: Literal, narrow: Literal) -> bool:
    if wide.folded and wide.folded != narrow.folded:
        return False  # "s" is no part of "ß", although that is the same as "ss" without capitals
    part, whole = (wide.values, narrow.values) if not wide.folded else (b"", b"")
    match wide.how:
        case "exact":
            return narrow.how == "exact" and part == whole
        case "starts":
            return narrow.how in ("exact", "starts") and whole.startswith(part)
        case "ends":
            return narrow.how in ("exact", "ends") and whole.endswith(part)
        case _:
            return part in whole


# -- framing ----------------------------------------------------------------------------------------


def _never_framed(rule: Rule, framing: Choice | None) -> str:
    literal = rule.matcher.literal
    if literal is None or framing is None or framing.kind == "raw" or literal.masks:
        return ""
    settings = check(find_kind(framing.kind).fields, framing.settings)
    size, longest = len(literal.values), settings.get("max", DEFAULT_MAX)
    if isinstance(longest, int) and size > longest:
        return f"The pattern has {size:,} bytes, and a message under this framing at most {longest:,}."
    if framing.kind == "fixed" and literal.how != "exact":
        whole = settings["size"]
        too_long = isinstance(whole, int) and size > whole
        return f"The pattern has {size:,} bytes, and every message {whole:,} under this framing." if too_long else ""
    frames = _frames(framing, literal.values)
    if literal.how == "exact" and frames != [literal.values]:
        return (
            "No message under this framing is exactly this: compare its ending, size or header with the messages seen."
        )
    if framing.kind in ("line", "delimiter") and (frames is None or len(frames) > 1):
        return "The pattern holds what ends a message under this framing, so it stands in none."
    return ""


def _frames(framing: Choice, payload: bytes) -> list[bytes] | None:
    """The messages that are found in this one's bytes on the wire; None when it cannot be sent."""
    framer = make_framer(framing)
    with contextlib.suppress(InputError):
        wire = framer.restore(payload)
        return [item.payload for item in (*framer.feed(wire), *framer.end()) if isinstance(item, Frame)]
    return None
