"""`socket-explorer frames` without the argument parser: bytes in, JSON lines out."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from explorer import frames_command
from explorer.frames_command import run_frames


def frames(framing: object, data: bytes, chunk: int = 65_536) -> tuple[int, list[dict[str, object]]]:
    out = io.StringIO()
    status = run_frames(json.dumps(framing), io.BytesIO(data), out, chunk)
    return status, [json.loads(line) for line in out.getvalue().splitlines()]


@pytest.mark.parametrize("chunk", [1, 3, 65_536, 10**30])
def test_messages_errors_and_what_is_left(chunk: int) -> None:
    status, lines = frames({"kind": "line", "max": 4}, b"ab\n\nabcdefgh\ncd\nrest", chunk)
    assert status == 1
    assert lines[:2] == [{"offset": 0, "size": 2, "hex": "6162"}, {"offset": 3, "size": 0, "hex": ""}]
    assert lines[2]["offset"] == 4
    assert "Expected the line ending" in str(lines[2]["error"])
    assert lines[3:] == [{"offset": 13, "size": 2, "hex": "6364"}, {"pending": 4}]


def test_the_end_brings_the_last_raw_piece() -> None:
    assert frames({"kind": "raw", "max": 3}, b"abcd") == (
        0,
        [{"offset": 0, "size": 3, "hex": "616263"}, {"offset": 3, "size": 1, "hex": "64"}],
    )


def test_size_is_the_messages_and_offset_the_frames() -> None:
    data = b"\0\1a\0\2bc"
    assert frames({"kind": "length", "width": 2, "skip": 2}, data) == (
        0,
        [{"offset": 0, "size": 1, "hex": "61"}, {"offset": 3, "size": 2, "hex": "6263"}],
    )


def test_a_wrong_checksum_is_an_error_with_its_message() -> None:
    status, lines = frames({"kind": "line", "checksum": "sum8"}, b"hello\x14\nhellO\x14\n\n")
    assert status == 1
    assert lines[0] == {"offset": 0, "size": 5, "hex": "68656c6c6f"}
    assert lines[1] == {**lines[1], "offset": 7, "size": 5, "hex": "68656c6c4f"}
    assert str(lines[1]["error"]).startswith("Expected checksum f4 (sum8), got 14")
    assert set(lines[2]) == {"error", "offset"}  # too short for a checksum: there is no message


def test_the_bytes_of_a_file_come_at_one_moment(tmp_path: Path) -> None:
    path = tmp_path / "bytes"
    path.write_bytes(b"abcdef")
    for source in (io.BytesIO(b"abcdef"), open(path, "rb")):  # noqa: SIM115
        out = io.StringIO()
        with source:
            assert run_frames('{"kind": "idle", "ms": 1}', source, out, 1) == 0
        assert out.getvalue() == '{"offset": 0, "size": 6, "hex": "616263646566"}\n'


@contextlib.contextmanager
def running(framing: str, *more: str) -> Iterator[subprocess.Popen[bytes]]:
    """The command in a process of its own, its input and output at hand."""
    command = [sys.executable, "-m", "explorer", "frames", "--framing", framing, *more]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        yield process


def test_silence_ends_a_message_while_input_is_waited_for() -> None:
    with running('{"kind": "idle", "ms": 50}') as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for sent, offset in ((b"ab", 0), (b"cde", 2)):
            process.stdin.write(sent)
            process.stdin.flush()
            line = json.loads(process.stdout.readline())  # nothing else is sent before it is here
            assert line == {"offset": offset, "size": len(sent), "hex": sent.hex()}
        process.stdin.write(b"f")
        process.stdin.close()
        assert json.loads(process.stdout.readline()) == {"offset": 5, "size": 1, "hex": "66"}
        assert process.wait() == 0
        assert process.stderr is not None
        assert process.stderr.read() == b""


def test_an_output_that_goes_away_while_input_is_waited_for() -> None:
    with running('{"kind": "idle", "ms": 1}') as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        process.stdin.write(b"ab")
        process.stdin.flush()  # and it stays open
        assert process.wait(20) == 0
        assert process.stderr.read() == b""


def test_an_input_that_cannot_be_read_though_times_matter(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(frames_command, "_is_file", lambda source: False)
    assert run_frames('{"kind": "idle"}', Unreadable(), io.StringIO(), 10) == 1
    assert capsys.readouterr().err == "The input cannot be read: Is a directory.\n"


MEASURED = """
import resource, sys
from explorer.frames_command import run_frames
run_frames(sys.argv[1], sys.stdin.buffer, open(sys.argv[2], "w"))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the peak is told in other units, or not at all")
@pytest.mark.parametrize(
    ("framing", "piece"),
    [
        ('{"kind": "line"}', b"x" * 255 + b"\n"),
        ('{"kind": "length", "width": 2, "skip": 2}', b"\0\xfe" + b"x" * 254),
        ('{"kind": "idle", "ms": 100}', b"x" * 256),
    ],
)
def test_64_megabytes_from_a_pipe_take_little_memory(framing: str, piece: bytes) -> None:
    peaks = []
    for size in (1 << 20, 64 << 20):
        command = [sys.executable, "-c", MEASURED, framing, os.devnull]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            assert process.stdin is not None
            block = piece * 4096
            for _ in range(size // len(block)):
                process.stdin.write(block)
            process.stdin.close()
            assert process.stderr is not None
            peaks.append(int(process.stderr.read()))  # kilobytes
    assert peaks[1] < peaks[0] + 8_000


def test_no_input_is_no_lines() -> None:
    assert frames({"kind": "line"}, b"") == (0, [])


@pytest.mark.parametrize(
    ("framing", "words"),
    [
        ("{", "$: This is not JSON: Expecting property name enclosed in double quotes at line 1, column 2."),
        ("", "$: This is not JSON"),
        ("line", "$: This is not JSON"),
        ('"line"', "$: A framing must be an object"),
        ('{"kind": "lines"}', "$.kind: There is no framing called 'lines'"),
        ('{"kind": "line", "max": "1"}', "$.max: Longest message must be a whole number"),
        ('{"kind": "line", "max": ' + "1" * 5000 + "}", "$: This JSON is too large"),
        ("[" * 100_000, "$: This JSON is too large"),
    ],
)
def test_a_wrong_framing_is_a_sentence_on_stderr(framing: str, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    out = io.StringIO()
    assert run_frames(framing, io.BytesIO(b"a\n"), out, 10) == 1
    assert out.getvalue() == ""
    assert f"The framing cannot be used. {words}" in capsys.readouterr().err


def test_a_chunk_of_nothing_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_frames('{"kind": "raw"}', io.BytesIO(b"a"), io.StringIO(), 0) == 1
    assert "at least 1 byte; 0 is not" in capsys.readouterr().err


def test_a_source_without_buffer(tmp_path: Path) -> None:
    path = tmp_path / "bytes"
    path.write_bytes(b"ab\ncd")
    out = io.StringIO()
    with open(path, "rb", buffering=0) as source:
        assert run_frames('{"kind": "line"}', source, out, 2) == 0
    assert out.getvalue() == '{"offset": 0, "size": 2, "hex": "6162"}\n{"pending": 2}\n'


class Unreadable(io.BytesIO):
    def read1(self, size: int | None = -1, /) -> bytes:
        raise IsADirectoryError(21, "Is a directory")

    read = read1


class Unwritable(io.StringIO):
    def __init__(self, error: OSError) -> None:
        super().__init__()
        self.error = error

    def write(self, text: str, /) -> int:
        raise self.error


def test_a_source_that_cannot_be_read(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_frames('{"kind": "raw"}', Unreadable(), io.StringIO(), 10) == 1
    assert capsys.readouterr().err == "The input cannot be read: Is a directory.\n"


def test_an_output_that_cannot_be_written(capsys: pytest.CaptureFixture[str]) -> None:
    full = Unwritable(OSError(28, "No space left on device"))
    assert run_frames('{"kind": "line"}', io.BytesIO(b"a\n"), full, 10) == 1
    assert capsys.readouterr().err == "The messages cannot be written: No space left on device.\n"


def test_a_reader_that_goes_away_ends_it_quietly(capsys: pytest.CaptureFixture[str]) -> None:
    gone = Unwritable(BrokenPipeError(32, "Broken pipe"))
    assert run_frames('{"kind": "line"}', io.BytesIO(b"a\n"), gone, 10) == 0
    assert capsys.readouterr().err == ""


def test_a_real_pipe_without_a_reader(capfd: pytest.CaptureFixture[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with open(writing, "w") as out:
        assert run_frames('{"kind": "line"}', io.BytesIO(b"a\n" * 100_000), out, 65_536) == 0
    assert capfd.readouterr().err == ""


class Endless(io.BytesIO):
    """A source of many bytes that holds none of them."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.left = size

    def read1(self, size: int | None = -1, /) -> bytes:
        size = min(size or 0, self.left)
        self.left -= size
        return b"x" * size


class Nowhere(io.StringIO):
    def write(self, text: str, /) -> int:
        return len(text)


@pytest.mark.parametrize(
    "framing", ['{"kind": "line"}', '{"kind": "length", "width": 4}', '{"kind": "raw", "max": 99}']
)
def test_memory_stays_bounded(framing: str) -> None:
    tracemalloc.start()
    try:
        run_frames(framing, Endless(20_000_000), Nowhere(), 65_536)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 5_000_000


class Lines(Endless):
    """Many bytes, each a message."""

    def read1(self, size: int | None = -1, /) -> bytes:
        return b"\n" * len(super().read1(size))


def test_memory_stays_bounded_with_large_reads_of_tiny_messages() -> None:
    tracemalloc.start()
    try:
        run_frames('{"kind": "line"}', Lines(300_000), Nowhere(), 1 << 24)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 40_000_000
