r"""A regular expression of the app (RE2's syntax, over bytes) as one for Python's `re`, over bytes too.

Most are the same in both. What differs is written otherwise: blanks (``\s`` has no vertical tab in RE2), ends of the
text, sets with names such as ``[[:alpha:]]``, flags in the middle (``(?i)``), ``\C``, ``\Q…\E``, and braces that repeat
nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from explorer.as_python.api import NoScript
from explorer.wire.patterns.compiled import compile_bytes
from explorer.wire.patterns.expression import compile_groups, over_bytes

_REPEATS = re.compile(r"\{\d+(?:,\d*)?\}")
_FLAGS = re.compile(r"\(\?([imsU]*)(?:-([imsU]*))?([:)])")
_ODD = re.compile(r"\[|\\[pPsSC]|\\x\{|--|&&|\|\||~~")
_HIGH = re.compile(r"\\x[89a-fA-F]|\\[DW]")
_ESCAPES = {"s": "[\\t\\n\\f\\r ]", "S": "[^\\t\\n\\f\\r ]", "z": r"\Z", "C": "(?s:.)"}
_SHORT = {"\t": r"\t", "\n": r"\n", "\r": r"\r", "\f": r"\f"}


@dataclass(frozen=True, slots=True)
class _Flags:
    """Those that hold at a place."""

    i: bool = False
    m: bool = True
    s: bool = False
    U: bool = False


@dataclass(frozen=True, slots=True)
class Expression:
    """text: in ASCII, for re.MULTILINE (and re.IGNORECASE where `ignore_case`). names: what it remembers."""

    text: str
    ignore_case: bool
    names: tuple[str, ...]


def to_re(typed: str, encoding: str, ignore_case: bool = False, path: str = "$") -> Expression:
    """Raises InputError for one that the app does not take either, NoScript at `path` for one without an equal."""
    theirs = compile_groups(typed, encoding, ignore_case)
    text = _Translation(over_bytes(typed, encoding, ignore_case), ignore_case).text
    try:
        ours = re.compile(text.encode("ascii"), re.MULTILINE | (re.IGNORECASE if ignore_case else 0))
    except (re.error, OverflowError, RecursionError, FutureWarning) as error:
        raise NoScript(
            path, f"Python's re cannot read this regular expression ({error}). Write it otherwise."
        ) from None
    if ours.groups != theirs.groups:
        raise NoScript(path, "Python's re takes this regular expression otherwise than the app. Write it otherwise.")
    names = (*map(str, range(1, ours.groups + 1)), *ours.groupindex)
    return Expression(text, ignore_case, names)


class _Translation:
    """RE2's flags hold from where they stand to the end of their group; Python's have a group of their own, which is
    closed with the one around it, and opened again behind each ``|``."""

    def __init__(self, source: str, ignore_case: bool) -> None:
        self._source = source
        self._at = 0
        self._parts: list[str] = []
        self._flags = self._base = _Flags(i=ignore_case)  # base: those with which this group began
        self._extra = 0  # groups for flags that are open within this group
        self._outer: list[tuple[_Flags, _Flags, int]] = []
        while self._at < len(source):
            self._step(source[self._at])
        self.text = "".join(self._parts) + ")" * self._extra

    def _put(self, text: str, size: int) -> None:
        self._parts.append(text)
        self._at += size

    def _step(self, character: str) -> None:
        source, at = self._source, self._at
        if character == "\\":
            self._escape(source[at + 1])
        elif character == "[":
            self._set()
        elif character == "(":
            self._group()
        elif character == ")":
            self._put(")" * (self._extra + 1), 1)
            self._flags, self._base, self._extra = self._outer.pop()
        elif character == "|" and self._extra:
            self._put(")" * self._extra + "|", 1)
            self._extra = 0
            self._turn(self._base)
        elif character == "$" and not self._flags.m:
            self._put(r"\Z", 1)  # $ would also fit before a line feed at the end
        elif character == "{" and not _REPEATS.match(source, at):
            self._put(r"\{", 1)
        elif character in "*+?{":
            self._repeat(character)
        else:
            self._put(character, 1)

    def _repeat(self, character: str) -> None:
        found = _REPEATS.match(self._source, self._at)
        written = found[0] if found else character
        lazy = self._source.startswith("?", self._at + len(written))
        self._put(written + "?" * (lazy != self._flags.U), len(written) + lazy)

    def _group(self) -> None:
        source, at = self._source, self._at
        if not source.startswith("(?", at):
            self._begin("(", 1)
        elif source.startswith(("(?P<", "(?<"), at):
            self._begin("(?P<", source.index("<", at) + 1 - at)
        else:
            found = _FLAGS.match(source, at)
            if found is None:
                raise NoScript("$", f"Python's re does not know {source[at : at + 4]} in a regular expression.")
            on, off, end = found[1], found[2] or "", found[3]
            flags = replace(self._flags, **dict.fromkeys(on, True), **dict.fromkeys(off, False))
            if end == ":":
                self._begin(_group_for(self._flags, flags) or "(?:", len(found[0]))
                self._flags = self._base = flags
            else:
                before, self._flags = self._flags, flags
                self._at += len(found[0])
                self._turn(before)

    def _begin(self, text: str, size: int) -> None:
        self._outer.append((self._flags, self._base, self._extra))
        self._base, self._extra = self._flags, 0
        self._put(text, size)

    def _turn(self, before: _Flags) -> None:
        """Open a group for the flags, where these are not the same as before."""
        group = _group_for(before, self._flags)
        if group:
            self._extra += 1
            self._put(group, 0)

    def _escape(self, after: str) -> None:
        source, at = self._source, self._at
        if after in _ESCAPES:
            self._put(_ESCAPES[after], 2)
        elif after == "x" and source.startswith("{", at + 2):
            end = source.index("}", at)
            self._put(f"\\x{int(source[at + 3 : end], 16):02x}", end + 1 - at)
        elif after in "pP":  # of which no byte is one: others are sets by now
            end = source.index("}", at) if source.startswith("{", at + 2) else at + 2
            self._put("(?!)", end + 1 - at)
        else:
            self._put(source[at : at + 2], 2)

    def _set(self) -> None:
        source, begin = self._source, self._at
        at = begin + 1 + source.startswith("^", begin + 1)
        at += source.startswith("]", at)
        while source[at] != "]":
            name_end = source.find(":]", at) if source.startswith("[:", at) else -1
            at = name_end + 2 if name_end >= 0 else at + 1 + (source[at] == "\\")
        written = source[begin : at + 1]
        if _ODD.search(written[1:]) or (self._flags.i and _HIGH.search(written)):
            written = _members(written, self._flags.i)
        self._put(written, at + 1 - begin)


def _group_for(before: _Flags, after: _Flags) -> str:
    """The beginning of a group in which other flags hold; "" where they are the same."""
    on = "".join(name for name in "ims" if getattr(after, name) and not getattr(before, name))
    off = "".join(name for name in "ims" if getattr(before, name) and not getattr(after, name))
    return f"(?{on}{'-' if off else ''}{off}:" if on or off else ""


def _members(written: str, ignore_case: bool) -> str:
    """A set by the bytes that are in it."""
    regexp = compile_bytes(written.encode("ascii"), ignore_case)
    members = [byte for byte in range(256) if regexp.fullmatch(bytes([byte]))]
    if not members:
        return "(?!)"
    runs: list[list[int]] = []
    for byte in members:
        if runs and runs[-1][1] == byte - 1:
            runs[-1][1] = byte
        else:
            runs.append([byte, byte])
    text = "".join(_byte(first) + (f"-{_byte(last)}" if last > first else "") for first, last in runs)
    return f"(?-i:[{text}])" if ignore_case else f"[{text}]"


def _byte(byte: int) -> str:
    character = chr(byte)
    if byte < 0x80 and (character.isalnum() or character == " "):
        return character
    return _SHORT.get(character, f"\\x{byte:02x}")
