"""The process that runs the user's own functions (see `explorer.net.script_host`, which asks it).

The main thread calls the functions, one call after another. Another one reads what the engine asks meanwhile: in
which line the script is, and whether the engine is still there at all.
"""

from __future__ import annotations

import io
import linecache
import os
import queue
import sys
import threading
import time
import traceback
from collections.abc import Iterable, Mapping
from types import CodeType, FrameType, GeneratorType, TracebackType
from typing import Any

from explorer.core.scripts import FILE
from explorer.net.script_limits import Limits, OwnLimits
from explorer.worker import Parent

Data = bytes | bytearray | memoryview | str
Steps = list[tuple[str, str | float]]

MOST_BYTES = 16 << 20  # that one call may send
MOST_STEPS = 100_000  # of one call: sends, waits
LONGEST_WAIT = 3600.0  # seconds
LONGEST_LINE = 2000  # characters of a printed line
LINES = 200  # printed lines a second; some more at once are allowed
MOST_LINES = 400
TRACE_LINES = 40
FRAMES = 12  # of a traceback
NO_MEMORY = 4  # exit status: not even memory to tell so
GRACE = 5.0  # seconds beyond its limit in which the engine ends a call; later, the system does

DATA_WANTED = "bytes or text is sent, or a list of them"


class Connection:
    """What the user's functions get. number, peer: which one it is and with whom. data: theirs to keep things in."""

    def __init__(self, number: int, peer: str) -> None:
        self.number = number
        self.peer = peer
        self.data: dict[Any, Any] = {}
        self._steps: Steps = []
        self._size = 0

    def send(self, *parts: Data) -> None:
        """Send each of these as a message."""
        for part in parts:
            self._add("send", part)

    def tell(self, *parts: Data) -> None:
        """Send each of these to all other connections of the socket."""
        for part in parts:
            self._add("tell", part)

    def wait(self, seconds: float) -> None:
        """Do what comes after this so many seconds later. It does not hold up the script."""
        if not 0 <= seconds <= LONGEST_WAIT:
            raise ValueError(f"wait takes from 0 to {LONGEST_WAIT:.0f} seconds, not {seconds!r}")
        self._step("wait", float(seconds))

    def close(self) -> None:
        """Close the connection when everything before is sent."""
        self._step("close", 0.0)

    def reset(self) -> None:
        """Close the connection with a reset."""
        self._step("reset", 0.0)

    def __repr__(self) -> str:
        return f"<connection {self.number} with {self.peer}>"

    def _add(self, what: str, part: object) -> None:
        data = _bytes(part)
        self._size += len(data)
        if self._size > MOST_BYTES:
            raise ValueError(f"one call may send {MOST_BYTES >> 20} MB at most")
        self._step(what, data.hex())

    def _step(self, what: str, value: str | float) -> None:
        if len(self._steps) >= MOST_STEPS:
            raise ValueError(f"one call may do {MOST_STEPS:,} things at most")
        self._steps.append((what, value))

    def _take(self) -> Steps:
        steps, self._steps, self._size = self._steps, [], 0
        return steps


def _bytes(part: object) -> bytes:
    if isinstance(part, str):
        return part.encode()
    if isinstance(part, bytes | bytearray | memoryview):
        return bytes(part)
    raise TypeError(f"{DATA_WANTED}; not {_named(part)}")


def _named(value: object) -> str:
    kind = type(value).__name__
    return f"{'an' if kind[:1] in 'aeiou' else 'a'} {kind}"


class Printed(io.TextIOBase):
    """sys.stdout or sys.stderr of the script: tells each line with that of the script from which it came."""

    def __init__(self, child: Child, stream: str) -> None:
        self._child = child
        self._stream = stream
        self._begun = ""
        self._line = 0

    def writable(self) -> bool:
        return True

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return "utf-8"

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._line = _line_of(sys._getframe(1)) or self._line
        *whole, rest = text.split("\n")
        for line in whole:
            self._child.printed(self._stream, self._line, self._begun + line)
            self._begun = ""
        self._begun += rest[: LONGEST_LINE + 1 - len(self._begun)]
        return len(text)

    def finish(self) -> None:
        """A line without an end is one all the same when the call is over."""
        if self._begun:
            self._child.printed(self._stream, self._line, self._begun)
            self._begun = ""


class Child:
    """The script and its connections."""

    def __init__(self, parent: Parent, limits: Limits) -> None:
        self._parent = parent
        self._limits = limits
        self._asked: queue.SimpleQueue[Mapping[str, Any]] = queue.SimpleQueue()
        self._names: dict[str, Any] = {}
        self._connections: dict[int, Connection] = {}
        self._current = 0  # the connection that is being served
        self._main = threading.get_ident()
        self._room = float(MOST_LINES)  # lines that may still be printed
        self._filled = time.monotonic()
        self._left_out = 0
        self._printing = threading.Lock()
        self._streams = (Printed(self, "stdout"), Printed(self, "stderr"))
        self._seconds = 0.0

    def run(self) -> None:
        sys.stdout, sys.stderr = self._streams
        threading.Thread(target=self._listen, daemon=True).start()
        self._parent.send({"ready": os.getpid()})
        while True:
            asked = self._asked.get()
            try:
                self._serve(asked)
            except MemoryError:
                os._exit(NO_MEMORY)

    def _listen(self) -> None:
        """The process ends with the engine, whatever the script is doing: `receive` sees to that."""
        try:
            while True:
                head = self._parent.receive().head
                if "where" in head:
                    self._parent.send({"where": _line_of(sys._current_frames().get(self._main))})
                else:
                    self._asked.put(head)
        except BaseException:
            os._exit(NO_MEMORY)

    def _serve(self, asked: Mapping[str, Any]) -> None:
        """One question, one answer."""
        call, number = asked["call"], asked.get("connection", 0)
        connection = None
        if call == "begin":
            self._seconds = asked["seconds"]
            self._limits.memory(asked["memory"])
            self._failed(None, self._begin, asked["source"])
            return
        connection = self._connections.get(number)
        if connection is None:
            connection = self._connections[number] = Connection(number, asked["peer"])
        self._current = number
        more = (bytes.fromhex(asked["message"]),) if "message" in asked else ()
        self._failed(connection, self._call, call, connection, *more)
        if call == "on_close":
            del self._connections[number]
        self._current = 0

    def _begin(self, source: str) -> None:
        # Under this name tracebacks find its lines.
        linecache.cache[FILE] = (len(source), None, source.splitlines(keepends=True), FILE)
        self._names.update({"__name__": "script", "__file__": FILE})
        code: CodeType = compile(source, FILE, "exec", dont_inherit=True)
        exec(code, self._names)

    def _call(self, name: str, connection: Connection, *more: bytes) -> None:
        function = self._names.get(name)
        if function is None:  # on_close is asked for even where there is none
            return
        returned = function(connection, *more)
        if returned is None:
            return
        if isinstance(returned, str | bytes | bytearray | memoryview):
            connection.send(returned)
            return
        if not isinstance(returned, list | tuple | GeneratorType):
            raise TypeError(f"{name} returned {_named(returned)}; {DATA_WANTED}, and None sends nothing")
        parts: Iterable[Any] = returned
        for part in parts:
            connection.send(part)

    def _failed(self, connection: Connection | None, work: Any, *given: Any) -> None:
        """Do the work and tell how it went."""
        reply: dict[str, object] = {}
        self._limits.time(self._seconds + GRACE)
        try:
            work(*given)
        except BaseException as error:
            reply["failed"] = self._describe(error)
            del error
        finally:
            self._limits.time(0)
        for stream in self._streams:
            stream.finish()
        self._tell_left_out()
        reply["done"] = True
        reply["do"] = connection._take() if connection is not None else []
        self._parent.send(reply)

    def _describe(self, error: BaseException) -> dict[str, object]:
        """What went wrong, from the script's first line that is part of it."""
        trace: TracebackType | None = error.__traceback__
        while trace is not None and trace.tb_frame.f_code.co_filename != FILE:
            trace = trace.tb_next
        line, at = 0, trace
        while at is not None:
            if at.tb_frame.f_code.co_filename == FILE:
                line = at.tb_lineno
            at = at.tb_next
        if isinstance(error, SyntaxError) and error.filename == FILE:
            line = error.lineno or 0
        found = traceback.TracebackException(type(error), error, trace, limit=-FRAMES, compact=True)
        told = [part for text in found.format(chain=True) for part in text.rstrip("\n").split("\n")]
        what = "".join(found.format_exception_only()).strip().split("\n")[-1]
        if len(told) > TRACE_LINES:
            told = [*told[: TRACE_LINES // 2], "  …", *told[-TRACE_LINES // 2 :]]
        return {
            "line": line,
            "what": _short(what),
            "memory": isinstance(error, MemoryError),
            "trace": [_short(each) for each in told],
        }

    # -- what is printed ----------------------------------------------------------------------------

    def printed(self, stream: str, line: int, text: str) -> None:
        """Tell a line, unless too many were told just before."""
        with self._printing:
            now = time.monotonic()
            self._room = min(MOST_LINES, self._room + (now - self._filled) * LINES)
            self._filled = now
            if self._room < 1:
                self._left_out += 1
                return
            self._room -= 1
            left_out, self._left_out = self._left_out, 0
        if left_out:
            self._tell_line(stream, 0, left_out_words(left_out))
        self._tell_line(stream, line, _short(text))

    def _tell_left_out(self) -> None:
        left_out, self._left_out = self._left_out, 0
        if left_out:
            self._tell_line("stdout", 0, left_out_words(left_out))

    def _tell_line(self, stream: str, line: int, text: str) -> None:
        self._parent.send({"printed": text, "stream": stream, "line": line, "connection": self._current})


def left_out_words(count: int) -> str:
    return f"({count:,} more lines were printed; {LINES} a second are shown.)"


def _short(text: str) -> str:
    text = text if len(text) <= LONGEST_LINE else text[:LONGEST_LINE] + "…"
    return text.encode("utf-8", "backslashreplace").decode()  # half of a surrogate pair is no text


def _line_of(frame: FrameType | None) -> int:
    """The line of the script that runs here, or has called what runs here; 0 for none."""
    while frame is not None:
        if frame.f_code.co_filename == FILE:
            return frame.f_lineno
        frame = frame.f_back
    return 0


def main(parent: Parent) -> None:
    Child(parent, OwnLimits()).run()
