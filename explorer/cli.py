"""The command line: `socket-explorer`, with the commands that need no window.

Nothing here imports Qt before it is certain that a window is wanted.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from explorer import __version__
from explorer.core.errors import ShownError
from explorer.display import display_problem
from explorer.line_printer import leave_output

DONE, FAILED, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130

COMMANDS = ("run", "frames", "export")
PRINTING = ("run", "frames")  # they have nothing to do without an output


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: 0 done, 1 a socket failed or the input is bad, 2 wrong usage, 130 interrupted."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        status = _dispatch(given)
        if sys.stdout is not None:
            sys.stdout.flush()
        return status
    except ShownError as error:
        _complain(str(error))
        return FAILED
    except BrokenPipeError:
        _leave_output()  # whoever read it has gone; there is nobody left to tell
        return DONE
    except OSError as error:
        _leave_output()
        where = f"{error.filename}: " if error.filename else ""
        _complain(f"The system refused what was needed ({where}{error.strerror or error}).")
        return FAILED
    except KeyboardInterrupt:
        _leave_output()
        return INTERRUPTED


def _dispatch(given: list[str]) -> int:
    commands: dict[str, Callable[[list[str]], int]] = {"run": _run, "frames": _frames, "export": _export}
    if not given or given[0] not in commands:
        return _window(given)
    if given[0] in PRINTING and sys.stdout is None:
        raise ShownError(f"{given[0]} prints what happens, but the output is closed. Send it to a file or to a pipe.")
    return commands[given[0]](given[1:])


def _leave_output() -> None:
    if sys.stdout is not None:
        leave_output(sys.stdout)


def _complain(sentence: str) -> None:
    if sys.stderr is not None:  # a windowed program on Windows has none
        with contextlib.suppress(OSError):  # its terminal is gone
            print(f"socket-explorer: {sentence}", file=sys.stderr)


# -- the window -------------------------------------------------------------------------------------


def _window_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="socket-explorer",
        description="Create TCP and UDP servers and clients, and see every socket call and every byte.",
        epilog="Commands without a window: socket-explorer run | frames | export (each with --help).",
    )
    parser.add_argument("workspace", nargs="?", type=Path, metavar="WORKSPACE", help="a workspace file to open")
    parser.add_argument("--start", action="store_true", help="start every socket of the workspace")
    parser.add_argument(
        "--self-test",
        nargs="?",
        const="",
        metavar="PNG",
        help="check this installation without a screen: a real exchange on loopback, the window drawn "
        "(and saved as PNG), then exit",
    )
    parser.add_argument("--version", action="version", version=f"socket-explorer {__version__}")
    return parser


def _window(arguments: list[str]) -> int:
    chosen = _window_parser().parse_args(arguments)
    if chosen.self_test is not None:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        from explorer.self_test import run_self_test

        return run_self_test(Path(chosen.self_test) if chosen.self_test else None)
    if problem := display_problem():
        _complain(
            f"{problem} Start it from a desktop session, or check the installation with: socket-explorer --self-test"
        )
        return FAILED
    gc.disable()  # importing leaves no garbage to be looked for; `explorer.bridge.garbage` takes over
    from explorer.app import run_window

    return run_window(chosen.workspace, chosen.start)


# -- commands without one ---------------------------------------------------------------------------


def _run(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="socket-explorer run",
        description="Run a workspace without a window. Prints one JSON object a line. The sequences of the workspace "
        "are run once its servers are up, and the run ends with the last of them.",
        epilog="Exit status: 0 done, and every sequence has passed; 1 a sequence has not passed, a socket failed, or "
        "the workspace cannot be used; 2 wrong usage.",
    )
    parser.add_argument("workspace", type=Path, metavar="WORKSPACE")
    parser.add_argument("--seconds", type=_seconds, metavar="S", help="stop after so many seconds")
    parser.add_argument("--sequence", metavar="NAME", help="run this sequence alone")
    parser.add_argument("--capture", type=Path, metavar="DIR", help="keep the capture as this new folder")
    parser.add_argument("--trust-scripts", action="store_true", help="run the Python scripts that came with the file")
    chosen = parser.parse_args(arguments)
    from explorer.run_command import run_workspace
    from explorer.trust import is_trusted, untrusted
    from explorer.workspace import load

    content = load(chosen.workspace)
    sockets, sequences = content.sockets, content.sequences
    if chosen.sequence is not None:
        sequences = tuple(one for one in sequences if one.name == chosen.sequence)
        if not sequences:
            known = ", ".join(repr(one.name) for one in content.sequences) or "none"
            raise ShownError(f"{chosen.workspace} has no sequence called {chosen.sequence!r} (it has: {known}).")
    if not chosen.trust_scripts and (refused := untrusted(sockets)):
        names = ", ".join(f'"{spec.name}"' for spec in refused)
        raise ShownError(
            f"{chosen.workspace} holds Python scripts that were not trusted yet ({names}). They could do anything that "
            "you may do on this computer. Read them; if you know what they do, give --trust-scripts, or trust them in "
            "the window."
        )
    trusts = (lambda source: True) if chosen.trust_scripts else is_trusted
    return run_workspace(sockets, chosen.seconds, chosen.capture, sys.stdout, trusts, sequences, content.snippets)


def _frames(arguments: list[str]) -> int:
    from explorer.wire.framing.registry import kinds

    parser = argparse.ArgumentParser(
        prog="socket-explorer frames",
        description="Split bytes into messages. Prints one JSON object a line: for each message where its frame "
        "begins, its size and its bytes; for each place that breaks the framing what was expected and what came; at "
        "the end how many bytes are left over.",
        epilog=f"Kinds of framing: {', '.join(kind.name for kind in kinds())}. Their settings are those of a "
        "workspace. Where silence ends messages (idle), bytes from a pipe or a terminal come when they are read, and "
        "those of a file all at one moment. Exit status: 0 done, 1 the input breaks the framing or cannot be read, "
        "2 wrong usage.",
    )
    parser.add_argument("--framing", required=True, metavar="JSON", help='such as \'{"kind": "line", "ending": "lf"}\'')
    parser.add_argument("--chunk", type=_count, default=65_536, metavar="N", help="read N bytes at a time")
    parser.add_argument("file", nargs="?", default="-", metavar="FILE", help="what to read; - is standard input")
    chosen = parser.parse_args(arguments)
    from explorer.frames_command import run_frames

    if chosen.file == "-":
        if sys.stdin is None:
            raise ShownError("frames reads standard input, but that is closed. Give a file, or send bytes to it.")
        return run_frames(chosen.framing, sys.stdin.buffer, sys.stdout, chosen.chunk)
    try:
        source = open(chosen.file, "rb")  # noqa: SIM115
    except OSError as error:
        _complain(f"{chosen.file} cannot be read: {error.strerror}.")
        return FAILED
    with source:
        return run_frames(chosen.framing, source, sys.stdout, chosen.chunk)


def _export(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="socket-explorer export",
        description="Export a capture; the ending of OUT chooses the format: pcapng, csv, jsonl, txt or bin.",
    )
    parser.add_argument("capture", type=Path, metavar="CAPTURE", help="the capture's folder")
    parser.add_argument("out", type=Path, metavar="OUT")
    chosen = parser.parse_args(arguments)
    from explorer.export_command import run_export

    return run_export(chosen.capture, chosen.out)


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 < value < 1e9:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds above 0")
    return value


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text[:12]) <= 1 << 30):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of bytes from 1 to {1 << 30:,}")
    return int(text)
