"""``socket-explorer frames``: bytes in, one JSON object a line out, one per message.

``{"offset": N, "size": N, "hex": "…"}`` per message (the size is the message's, the offset is where
its frame begins), ``{"error": "…", "offset": N}`` per framing error, with the message's size and hex where
only its checksum is wrong, ``{"pending": N}`` last when bytes are left over. Memory stays within one message
and a few chunks, however long the input is.

Where silence ends messages, bytes come when they are read, and silence also ends one while input is waited
for. All bytes of a file come at one moment.
"""

from __future__ import annotations

import json
import os
import stat
import sys
import time
from collections.abc import Callable, Iterable
from typing import BinaryIO, TextIO

from explorer.core.errors import InputError, ShownError
from explorer.line_printer import leave_output
from explorer.read_ahead import ReadAhead
from explorer.wire.framing.api import Found, Framer, FramingError, TimedFramer, timed
from explorer.wire.framing.registry import check_choice, make_framer

DONE = 0
BAD_INPUT = 1
DEFAULT_CHUNK = 65_536
LARGEST_CHUNK = 1 << 24  # a longer read would only cost memory: the messages are the same
SLICE = 1 << 16  # bytes given to the framer at once: a message may be one byte, and its line is a hundred times that
ROOT = "$"


def run_frames(framing_json: str, source: BinaryIO, out: TextIO, chunk: int = DEFAULT_CHUNK) -> int:
    """Split what `source` has into messages, reading at most `chunk` bytes at a time. The exit status.

    1 when the framing is wrong, the source cannot be read or its bytes break the framing; a sentence
    then stands on stderr, or among the lines of `out` where the bytes are at fault. A reader of `out`
    that goes away ends the run quietly.
    """
    if chunk < 1:
        return _refuse(f"The chunk size must be at least 1 byte; {chunk:,} is not.")
    try:
        framer = framer_from_json(framing_json)
    except InputError as error:
        return _refuse(f"The framing cannot be used. {error}")
    try:
        return _split(framer, source, out, min(chunk, LARGEST_CHUNK))
    except BrokenPipeError:
        leave_output(out)
        return DONE
    except ShownError as error:
        return _refuse(str(error))
    except OSError as error:
        leave_output(out)
        return _refuse(f"The messages cannot be written: {error.strerror or error}.")


def framer_from_json(framing_json: str) -> Framer:
    """A framer from ``{"kind": …}`` as typed. Raises InputError with the JSON path."""
    try:
        given = json.loads(framing_json)
    except json.JSONDecodeError as error:
        raise InputError(
            ROOT,
            f"This is not JSON: {error.msg} at line {error.lineno}, column {error.colno}. "
            'Write e.g. {"kind": "line", "ending": "lf"}.',
        ) from None
    except (ValueError, RecursionError):  # a number with thousands of digits; brackets thousands deep
        raise InputError(ROOT, "This JSON is too large to be a framing.") from None
    return make_framer(check_choice(given, ROOT), ROOT)


def _split(framer: Framer, source: BinaryIO, out: TextIO, chunk: int) -> int:
    within_time = timed(framer)
    if within_time is not None and not _is_file(source):
        status = _split_in_time(within_time, source, out, chunk)
    else:
        status = _write(within_time.at(0), out) if within_time is not None else DONE
        while data := _read(source, chunk):
            status |= _feed(framer, data, out)
    status |= _write(framer.end(), out)
    if framer.pending:
        out.write(f'{{"pending": {framer.pending}}}\n')
    out.flush()
    return status


def _split_in_time(framer: TimedFramer, source: BinaryIO, out: TextIO, chunk: int) -> int:
    """Up to the end of the input."""
    status, now = DONE, 0
    ahead = ReadAhead(source, chunk)
    while True:
        try:
            came = ahead.next(framer.due)
        except OSError as error:
            raise _unreadable(error) from None
        # What was read while silence was told of comes after it: times never fall.
        now = max(now, time.perf_counter_ns() if came is None else came.time)
        status |= _write(framer.at(now), out)
        if came is not None:
            if not came.data:
                return status
            status |= _feed(framer, came.data, out)


def _feed(framer: Framer, data: bytes, out: TextIO) -> int:
    status = DONE
    for start in range(0, len(data), SLICE):
        status |= _write(framer.feed(data[start : start + SLICE]), out)
    return status


def _is_file(source: BinaryIO) -> bool:
    """Whether all of it is there already."""
    try:
        return stat.S_ISREG(os.fstat(source.fileno()).st_mode)
    except (OSError, ValueError):  # it is in memory
        return True


def _read(source: BinaryIO, chunk: int) -> bytes:
    # read1 gives what has arrived, so that messages from a pipe appear as they come.
    read: Callable[[int], bytes] = getattr(source, "read1", source.read)
    try:
        return read(chunk)
    except OSError as error:
        raise _unreadable(error) from None


def _unreadable(error: OSError) -> ShownError:
    return ShownError(f"The input cannot be read: {error.strerror or error}.")


def _write(found: Iterable[Found], out: TextIO) -> int:
    status = DONE
    lines = []
    for item in found:
        if isinstance(item, FramingError):
            status = BAD_INPUT
            told: dict[str, object] = {"error": item.message, "offset": item.offset}
            if item.payload is not None:
                told |= {"size": len(item.payload), "hex": item.payload.hex()}
            lines.append(json.dumps(told) + "\n")
        else:
            lines.append(f'{{"offset": {item.offset}, "size": {len(item.payload)}, "hex": "{item.payload.hex()}"}}\n')
    if lines:
        out.write("".join(lines))
        out.flush()
    return status


def _refuse(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return BAD_INPUT
