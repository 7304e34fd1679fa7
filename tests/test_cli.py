"""The command line, as a shell calls it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from explorer import __version__

ROOT = Path(__file__).resolve().parents[1]


def call(*arguments: str, data: bytes = b"", **environment: str) -> subprocess.CompletedProcess[bytes]:
    inherited = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")}
    return subprocess.run(
        [sys.executable, "-m", "explorer", *arguments], input=data, capture_output=True, timeout=60, cwd=ROOT,
        env={**inherited, **environment}, check=False,
    )  # fmt: skip


def test_version() -> None:
    done = call("--version")
    assert (done.returncode, done.stdout.decode().split()) == (0, ["socket-explorer", __version__])


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems always have a display")
def test_without_a_display_one_sentence_and_no_traceback() -> None:
    done = call()
    assert done.returncode == 1
    (line,) = done.stderr.decode().splitlines()
    assert "no display" in line
    assert "--self-test" in line


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems always have a display")
def test_a_display_that_does_not_answer_is_a_sentence_not_an_abort() -> None:
    done = call(DISPLAY=":65000")
    assert done.returncode == 1
    (line,) = done.stderr.decode().splitlines()
    assert "':65000'" in line


@pytest.mark.parametrize(
    "arguments",
    [
        ("--no-such",),
        ("run",),
        ("frames",),
        ("export", "x"),
        ("run", "x", "--seconds", "-1"),
        ("frames", "--framing", "{}", "--chunk", "0"),
    ],
)
def test_wrong_usage_is_status_2(arguments: tuple[str, ...]) -> None:
    done = call(*arguments)
    assert done.returncode == 2
    assert b"usage:" in done.stderr


def test_frames_of_standard_input() -> None:
    done = call("frames", "--framing", '{"kind": "line", "ending": "lf"}', data=b"ab\nc\nrest")
    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        {"offset": 0, "size": 2, "hex": "6162"},
        {"offset": 3, "size": 1, "hex": "63"},
        {"pending": 4},
    ]
    assert done.returncode == 0


def test_frames_of_a_file_in_chunks(tmp_path: Path) -> None:
    path = tmp_path / "data"
    path.write_bytes(b"abcdefg")
    done = call("frames", "--framing", '{"kind": "fixed", "size": 3}', "--chunk", "2", str(path))
    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        {"offset": 0, "size": 3, "hex": "616263"},
        {"offset": 3, "size": 3, "hex": "646566"},
        {"pending": 1},
    ]


def test_a_missing_file_is_a_sentence(tmp_path: Path) -> None:
    done = call("frames", "--framing", '{"kind": "raw"}', str(tmp_path / "none"))
    assert done.returncode == 1
    assert b"cannot be read: No such file" in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_wrong_workspace_names_the_place(tmp_path: Path) -> None:
    path = tmp_path / "w.json"
    path.write_text('{"version": 1, "sockets": [{"name": "a", "transport": "tcp", "role": "server", "port": 70000}]}')
    done = call("run", str(path))
    assert done.returncode == 1
    assert b"$.sockets[0].port" in done.stderr
    assert b"Traceback" not in done.stderr


def test_export_of_what_is_no_capture(tmp_path: Path) -> None:
    done = call("export", str(tmp_path), str(tmp_path / "out.csv"))
    assert done.returncode == 1
    assert b"not a capture" in done.stderr
    assert not (tmp_path / "out.csv").exists()
