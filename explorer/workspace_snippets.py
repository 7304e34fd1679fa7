"""The snippets of a workspace: how they stand in its file, and what is refused.

A snippet is refused when its text cannot be read, so that one that is kept can be sent. Characters that do
not exist in a socket's encoding are told at sending: here they are read as UTF-8.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Literal

import msgspec

from explorer.core.errors import InputError
from explorer.core.names import LONGEST_NAME, check_whole
from explorer.core.snippet import Snippet
from explorer.wire.placed_error import PlacedError
from explorer.wire.typed_message import read_message

LONGEST_TEXT = 1 << 16  # characters, as in the editor
MOST_TEXT = 1 << 21  # characters of all snippets: at six bytes each, as JSON may need, a file has room for them
MOST_SNIPPETS = 1000

_MODIFIERS = ("Meta", "Ctrl", "Alt", "Shift")  # in the order in which Qt writes them
SHORTCUT_PATTERN = (
    r"^(?!.*(Ctrl|Alt|Shift|Meta)\+.*\1\+)"  # each once
    r"(?:(?:(?:Ctrl|Alt|Shift|Meta)\+)*F(?:[1-9]|[12][0-9]|3[0-5])"
    r"|(?=.*(?:Ctrl|Alt|Meta)\+)(?:(?:Ctrl|Alt|Shift|Meta)\+)+[A-Z0-9])$"
)
"""The keys that a snippet may have. A letter or digit alone, or with Shift, is typed into fields."""
_SHORTCUT = re.compile(SHORTCUT_PATTERN)
_LONGEST_SHORTCUT = 40  # characters; all modifiers and F35 are 23


class SnippetEntry(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """One snippet, as in the file (see `explorer.core.snippet.Snippet`)."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_NAME)]
    mode: Literal["text", "hex", "python"]
    text: Annotated[str, msgspec.Meta(min_length=0, max_length=LONGEST_TEXT)]
    fields: bool = False
    ending: Literal["none", "lf", "crlf", "cr", "nul"] = "none"
    framed: bool | None = None
    shortcut: str = ""


def read_snippets(entries: Sequence[SnippetEntry], path: str = "$.snippets") -> tuple[Snippet, ...]:
    """The checked snippets. Raises InputError with the path of what is wrong."""
    names: dict[str, int] = {}
    shortcuts: dict[str, int] = {}
    found = []
    for place, entry in enumerate(entries):
        snippet = in_order(Snippet(*(getattr(entry, name) for name in SnippetEntry.__struct_fields__)))
        here = f"{path}[{place}]"
        check_snippet(snippet, f"{here}.")
        if snippet.name in names:
            raise InputError(
                f"{here}.name",
                f"{snippet.name!r} is the name of {path}[{names[snippet.name]}] already; names are used once.",
            )
        if snippet.shortcut in shortcuts:
            raise InputError(
                f"{here}.shortcut",
                f"{snippet.shortcut} is the shortcut of {path}[{shortcuts[snippet.shortcut]}] already.",
            )
        names[snippet.name] = place
        if snippet.shortcut:
            shortcuts[snippet.shortcut] = place
        found.append(snippet)
    check_total(found, path)
    return tuple(found)


def write_snippet(snippet: Snippet) -> dict[str, object]:
    """As it stands in the file; what is usual is left out."""
    entry = SnippetEntry(*(getattr(snippet, name) for name in SnippetEntry.__struct_fields__))
    return dict(msgspec.to_builtins(entry))


def check_snippet(snippet: Snippet, path: str) -> None:
    """Raise InputError, at `path` and the wrong field's name, when a snippet alone is wrong."""
    if not 1 <= len(snippet.name) <= LONGEST_NAME or not snippet.name.strip():
        raise InputError(f"{path}name", f"A snippet needs a name of 1 to {LONGEST_NAME} characters.")
    check_whole(snippet.name, f"{path}name")
    if len(snippet.text) > LONGEST_TEXT:
        raise InputError(
            f"{path}text",
            f"The text has {len(snippet.text):,} characters; a snippet has at most {LONGEST_TEXT:,}. "
            "Keep it in a file, and send the file.",
        )
    try:
        read_message(snippet.mode, snippet.text, "utf-8", snippet.fields)
    except PlacedError as error:
        raise InputError(f"{path}text", error.message) from None
    keys = snippet.shortcut
    if keys and (len(keys) > _LONGEST_SHORTCUT or not _SHORTCUT.fullmatch(keys)):
        raise InputError(
            f"{path}shortcut",
            f"{keys[:_LONGEST_SHORTCUT]!r} is no shortcut. Write keys such as Ctrl+1, Ctrl+Shift+P or F5: a letter or "
            "digit needs Ctrl, Alt or Meta, and each of them stands there once.",
        )


def check_total(snippets: Sequence[Snippet], path: str) -> None:
    """Raise InputError at `path` when these are more than a workspace keeps."""
    if len(snippets) > MOST_SNIPPETS:
        raise InputError(
            path, f"There would be {len(snippets):,} snippets; at most {MOST_SNIPPETS:,} are kept. Remove some."
        )
    total = sum(len(snippet.text) for snippet in snippets)
    if total > MOST_TEXT:
        raise InputError(
            path,
            f"The snippets would have {total:,} characters in all; at most {MOST_TEXT:,} are kept. "
            "Remove some, or keep long ones in files.",
        )


def in_order(snippet: Snippet) -> Snippet:
    """The same snippet, its keys in the usual order: ``Shift+Ctrl+P`` is ``Ctrl+Shift+P``."""
    *modifiers, key = snippet.shortcut.split("+")
    if not all(one in _MODIFIERS for one in modifiers):
        return snippet  # to be refused
    keys = "+".join((*sorted(modifiers, key=_MODIFIERS.index), key))
    return replace(snippet, shortcut=keys)
