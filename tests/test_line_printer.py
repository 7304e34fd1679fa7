"""Lines to outputs that are slow, stuck, full or odd."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import threading
from collections.abc import Iterator
from typing import TextIO

import pytest

from explorer import line_printer
from explorer.line_printer import LinePrinter, leave_output

LINE = "x" * 99 + "\n"
posix = pytest.mark.skipif(sys.platform == "win32", reason="pipes there are not made non-blocking like this")


@contextlib.contextmanager
def a_pipe() -> Iterator[tuple[TextIO, int]]:
    reading, writing = os.pipe()
    with open(writing, "w") as out:
        try:
            yield out, reading
        finally:
            with contextlib.suppress(OSError):
                os.close(reading)


def never() -> bool:
    return False


def always() -> bool:
    return True


def test_everything_is_printed_in_order() -> None:
    out = io.StringIO()
    printer = LinePrinter(out, lambda: None)
    lines = [f"{place}\n" for place in range(line_printer.LINES * 3)]
    for line in lines:
        printer.put(line, never)
    printer.finish()
    assert (out.getvalue(), printer.lost) == ("".join(lines), 0)


def test_a_stuck_output_is_given_up_once_it_is_time_to_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_printer, "GRACE", 0.1)
    with a_pipe() as (out, reading):
        printer = LinePrinter(out, lambda: None)
        count = 3000
        for _ in range(count):
            printer.put(LINE, always)
        printer.finish()
        assert 0 < printer.lost < count
        os.close(reading)  # the blocked write ends
        printer._thread.join(10)
        assert not printer._thread.is_alive()


@posix
def test_a_non_blocking_output_is_waited_for() -> None:
    with a_pipe() as (out, reading):
        os.set_blocking(out.fileno(), False)
        printer = LinePrinter(out, lambda: None)
        for _ in range(1000):
            printer.put(LINE, never)
        got = b""
        while len(got) < 1000 * len(LINE):
            got += os.read(reading, 1 << 16)
        printer.finish()
        assert got == LINE.encode() * 1000


def test_an_output_that_fails_is_told_and_raised() -> None:
    failed = threading.Event()
    with a_pipe() as (out, reading):
        os.close(reading)
        printer = LinePrinter(out, failed.set)
        printer.put(LINE, never)
        assert failed.wait(10)
        with pytest.raises(BrokenPipeError):
            printer.put(LINE, never)
        with pytest.raises(BrokenPipeError):
            printer.finish()


def test_leaving_an_output_sends_what_is_buffered_nowhere() -> None:
    with a_pipe() as (out, reading):
        out.write("buffered")
        leave_output(out)
        out.flush()
        assert os.read(reading, 100) == b""
    leave_output(io.StringIO())
