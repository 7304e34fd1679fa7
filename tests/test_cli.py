"""The command line, as a shell calls it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from explorer import __version__, cli

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


# -- outputs and inputs that are closed, full or gone -----------------------------------------------

ECHO = {"name": "echo", "transport": "tcp", "role": "server", "port": 0, "program": {"kind": "echo"}}
posix = pytest.mark.skipif(sys.platform == "win32", reason="shells there close and redirect otherwise")


def workspace_file(folder: Path) -> str:
    path = folder / "w.json"
    path.write_text(json.dumps({"version": 1, "sockets": [ECHO]}))
    return str(path)


def shell(line: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`line` as a shell runs it; "$0" stands for the command, "$1" … for the arguments."""
    return subprocess.run(
        ["sh", "-c", line.replace("$0", f'"{sys.executable}" -m explorer'), "sh", *arguments],
        cwd=ROOT, capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip


@posix
@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('$0 run "$1" --seconds 5 >&-', "the output is closed"),
        ("""$0 frames --framing '{"kind": "raw"}' "$1" >&-""", "the output is closed"),
        ("""$0 frames --framing '{"kind": "raw"}' <&-""", "standard input, but that is closed"),
        ("""$0 frames --framing '{"kind": "raw"}' <&- 2>&-""", ""),
    ],
)
def test_a_closed_output_or_input_is_a_sentence(tmp_path: Path, line: str, words: str) -> None:
    done = shell(line, workspace_file(tmp_path))
    assert done.returncode == 1
    assert words in done.stderr
    assert done.stderr.count("\n") == bool(words)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize(
    "line",
    [
        '$0 run "$1" --seconds 5 > /dev/full',
        """$0 frames --framing '{"kind": "raw"}' "$1" > /dev/full""",
    ],
)
def test_an_output_that_takes_nothing_is_a_sentence(tmp_path: Path, line: str) -> None:
    done = shell(line, workspace_file(tmp_path))
    assert done.returncode == 1
    assert "No space left on device" in done.stderr
    assert done.stderr.count("\n") == 1


@posix
def test_a_reader_that_goes_away_ends_a_run_quietly(tmp_path: Path) -> None:
    done = shell('{ $0 run "$1" --seconds 0.3; echo $? >&2; } | true', workspace_file(tmp_path))
    assert done.stderr == "0\n"


@posix
@pytest.mark.parametrize("command", ["run", "frames"])
def test_an_interruption_is_status_130(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As Ctrl+C before a run has taken over the signals, or while input is awaited."""

    def interrupted(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, f"_{command}", interrupted)
    assert cli.main([command]) == 130
    assert capsys.readouterr() == ("", "")


def test_another_refusal_of_the_system_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(*_: object) -> int:
        raise PermissionError(13, "Permission denied", "/somewhere")

    monkeypatch.setattr(cli, "_run", refused)
    assert cli.main(["run"]) == 1
    assert capsys.readouterr().err == (
        "socket-explorer: The system refused what was needed (/somewhere: Permission denied).\n"
    )


def test_a_word_that_is_no_command_is_a_file_that_is_not_there(tmp_path: Path) -> None:
    done = call("run", "sockets")
    assert done.returncode == 1
    assert b"sockets cannot be read: No such file" in done.stderr
    assert b"Traceback" not in done.stderr
