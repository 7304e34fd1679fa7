"""The first messages under a framing, in one line: ``1: "hello" 5 B · 2: error at byte 7: …``. No Qt."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from explorer.capture.first_messages import MOST_BYTES, FirstMessage, FirstMessages
from explorer.capture.previews import cut_text
from explorer.capture.words import counted

CHARACTERS = 24  # of each message
NOTHING = "No bytes captured yet: the first messages will stand here."
NOTHING_VIEWING = "No bytes in this capture: there are no first messages to show."
WRONG = "The first messages will stand here when the settings are right."

_SHOWN = re.compile(r"\\x..|\\u\{[^}]*\}|\\.|.", re.DOTALL)
"""A character, or what stands for one that is not seen."""

Tone = Literal["text", "quiet", "error"]


class Run(NamedTuple):
    """Part of the line that looks the same throughout."""

    text: str
    tone: Tone = "text"


def message_runs(messages: FirstMessages, encoding: str) -> list[Run]:
    """The line. encoding: of the messages' text."""
    runs: list[Run] = []
    for number, message in enumerate(messages.found, 1):
        runs.append(Run(f"{' · ' if number > 1 else ''}{number}: ", "quiet"))
        if message.error:
            runs.append(Run(f"error at byte {message.offset:,}: {message.error}", "error"))
        else:
            runs += [Run(_quoted(message, encoding)), Run(f" {message.size:,} B", "quiet")]
    if not messages.found:
        runs.append(Run(_none(messages), "quiet"))
    elif messages.pending and messages.looked >= MOST_BYTES:
        runs.append(Run(f" · the next one does not end in the first {messages.looked:,} bytes", "quiet"))
    elif messages.pending:
        wait = "waits" if messages.pending == 1 else "wait"
        runs.append(Run(f" · {counted(messages.pending, 'byte')} more {wait} for the rest", "quiet"))
    return runs


def plain(runs: list[Run]) -> str:
    return "".join(run.text for run in runs)


def _quoted(message: FirstMessage, encoding: str) -> str:
    text = cut_text(message.data, encoding, cut=message.size > len(message.data))
    seen = ""
    for shown in _SHOWN.findall(text):  # no escape is cut in two
        if len(seen) + len(shown) > CHARACTERS:
            break
        seen += shown
    rest = "…" if len(seen) < len(text) or message.size > len(message.data) else ""
    return f'"{seen}{rest}"'


def _none(messages: FirstMessages) -> str:
    if not messages.looked:
        return NOTHING
    if messages.looked >= MOST_BYTES:
        return f"No whole message in the first {messages.looked:,} bytes."
    return f"No whole message yet in {counted(messages.looked, 'byte')}."
