"""A script that writes to the connection between its process and this program."""

from __future__ import annotations

import itertools
import json
import struct
import sys

import pytest

from explorer.core.events import ScriptOutput
from explorer.net.script_child import LINES, MOST_LINES
from explorer.net.script_told import FACTOR, LineLimit, Nonsense, check_done, check_printed, check_where
from tests.net.test_script_host import Host, host

__all__ = ["host"]

posix = pytest.mark.skipif(sys.platform == "win32", reason="descriptors are another thing on Windows")

FORGE = """\
import os, sys
def tell(data):
    while data:
        data = data[os.write(int(sys.argv[-1]), data):]
def on_open(connection):
    return "fine"
def on_message(connection, message):
    tell(message)
"""


def parcel(head: object) -> bytes:
    text = json.dumps(head).encode()
    return struct.pack(">II", len(text), 0) + text


FORGED = [
    (b"\xff" * 8, "A parcel of 4,294,967,295 bytes was announced"),
    (struct.pack(">II", 4, 0) + b"nope", "The head of a parcel is no JSON"),
    (struct.pack(">II", 200_000, 0) + b"[" * 200_000, "The head of a parcel is no JSON"),
    (parcel({"done": True, "do": [["send", "no hex"]]}), "bytes that are none"),
    (parcel({"done": True, "do": "everything"}), "an answer that is no list"),
    (parcel({"done": True, "do": [], "failed": {"line": 1}}), "an exception that is none"),
    (parcel({"printed": "x", "stream": 7, "line": 1, "connection": 1}), "a printed line that is none"),
    (parcel({"where": "here"}), "no number where where should stand"),
    (parcel({"ready": 1}), "something that has no meaning here"),
    (parcel({}), "something that has no meaning here"),
]


@posix
@pytest.mark.parametrize(("data", "what"), FORGED)
def test_what_cannot_be_used_ends_the_process_and_is_told_as_such(host: Host, data: bytes, what: str) -> None:
    host.use(FORGE, time_limit=10_000)
    assert host.answer(message=data) == {"do": [], "over": True}
    [failed] = host.failures
    means = failed.failure.means
    assert means.startswith(f"The script's process was ended, for it told this program what cannot be used: {what}")
    assert "by itself" not in means
    assert "os.write" in failed.failure.advice
    assert host.said("on_open", 2) == b"fine"  # a fresh one


@posix
def test_a_flood_of_forged_lines_is_bounded(host: Host) -> None:
    line = parcel({"printed": "flood", "stream": "stdout", "line": 1, "connection": 1})
    host.use(FORGE.replace("tell(message)", "tell(message * 20_000)"), time_limit=30_000)
    assert host.answer(message=line)["do"] == []
    seconds = 5  # more than it takes
    assert FACTOR * MOST_LINES <= len(host.printed()) < FACTOR * (MOST_LINES + seconds * LINES)
    host.until(lambda: host.host._lines._clock() - host.host._lines._filled > 0.02)
    host.answer(message=line)
    texts = [event.text for event in host.events if isinstance(event, ScriptOutput)]
    assert any(text.endswith(f"more lines were printed; {LINES} a second are shown.)") for text in texts)


def test_lines_are_let_through_again_after_a_while() -> None:
    moments = itertools.chain([0.0] * (FACTOR * MOST_LINES + 11), itertools.repeat(1.0))
    limit = LineLimit(lambda: next(moments))
    assert sum(limit.let_through() for _ in range(FACTOR * MOST_LINES + 10)) == FACTOR * MOST_LINES
    assert sum(limit.let_through() for _ in range(FACTOR * LINES + 5)) == FACTOR * LINES
    assert limit.left_out().startswith("(15 more lines")
    assert limit.left_out() == ""


STEPS = [["send", "00ff"], ["tell", ""], ["wait", 0], ["wait", 1.5], ["close", 0.0], ["reset", None]]


def test_what_may_be_done_is_passed_on_as_it_is() -> None:
    failed = {"line": 0, "what": "ValueError", "memory": False, "trace": ["a"]}
    assert check_done({"done": True, "do": STEPS}) == (STEPS, None)
    assert check_done({"done": True, "do": [], "failed": failed}) == ([], failed)
    assert check_printed({"printed": "a", "stream": "stderr", "line": 3, "connection": 2}) == (2, "stderr", 3, "a")
    assert check_where({"where": 4}) == 4


WRONG_STEPS = [
    5, [], ["send"], ["send", 5], ["send", "0"], ["tell", None], ["wait", "1"], ["wait", -1], ["wait", 1e9],
    ["wait", float("nan")], ["wait", float("inf")], ["dance", 1], ["close"], [["send"], "00"],
]  # fmt: skip


@pytest.mark.parametrize("step", WRONG_STEPS)
def test_what_may_not_be_done_is_refused(step: object) -> None:
    with pytest.raises(Nonsense):
        check_done({"done": True, "do": [step]})


@pytest.mark.parametrize("line", [-1, 1.5, "1", None, 1 << 40])
def test_numbers_of_lines_are_numbers(line: object) -> None:
    with pytest.raises(Nonsense, match="no number where line should stand"):
        check_printed({"printed": "a", "stream": "stderr", "line": line, "connection": 2})
