"""`socket-explorer run` as a protocol test: sequences, their lines, and the exit status."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.net.peers import unused_port

ROOT = Path(__file__).resolve().parents[1]
LINE = {"kind": "line", "ending": "lf"}
CONNECT = {"do": "connect"}


def send(text: str, **more: Any) -> dict[str, Any]:
    return {"do": "send", "text": text, **more}


def wait(pattern: str, how: str = "exact", **more: Any) -> dict[str, Any]:
    return {"do": "wait", "match": {"how": how, "pattern": pattern}, **more}


def workspace(tmp_path: Path, *sequences: dict[str, Any], port: int | None = None, **client: Any) -> Path:
    """An echo server (none, if its port is given) and its client, with these sequences."""
    sockets: list[dict[str, Any]] = []
    if port is None:
        port = unused_port()
        sockets.append(
            {"name": "server", "transport": "tcp", "role": "server", "port": port, "framing": LINE,
             "program": {"kind": "echo"}}
        )  # fmt: skip
    sockets.append({"name": "client", "transport": "tcp", "role": "client", "port": port, "framing": LINE, **client})
    named = [{"socket": "client", **one, "name": one.get("name", f"s{place}")} for place, one in enumerate(sequences)]
    path = tmp_path / "workspace.json"
    path.write_text(json.dumps({"version": 1, "sockets": sockets, "sequences": named}))
    return path


def run(path: Path, *arguments: str) -> tuple[int, list[dict[str, Any]], str]:
    """Exit status, lines, and what was complained about."""
    done = subprocess.run(
        [sys.executable, "-m", "explorer", "run", str(path), *arguments],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr


def of(lines: list[dict[str, Any]], event: str) -> list[dict[str, Any]]:
    return [line for line in lines if line["event"] == event]


def test_all_pass(tmp_path: Path) -> None:
    path = workspace(
        tmp_path,
        {"steps": [CONNECT, send("hello"), wait("hello"), {"do": "check", "what": "count", "least": 1, "most": 1}]},
        {"steps": [CONNECT, {"do": "repeat", "times": 3, "counter": "n", "steps": [send("{{n}}"), wait("{{n}}")]}]},
    )
    status, lines, problem = run(path)
    assert (status, problem) == (0, "")
    assert [line["name"] for line in of(lines, "sequence")] == ["s0", "s1"]
    first = of(lines, "sequence")[0]
    assert set(first) == {"event", "name", "passed", "message", "path", "seconds"}
    assert (first["passed"], first["message"]) == (True, "Passed: 4 steps.")
    step = of(lines, "step")[2]
    assert step == {
        "event": "step", "sequence": "s0", "path": "steps[2]", "state": "passed",
        "message": '"hello" (68 65 6c 6c 6f)',
    }  # fmt: skip
    assert [line["socket"] for line in of(lines, "totals")] == ["server", "client"]
    assert of(lines, "totals")[1]["messages_in"] == 4
    assert len(of(lines, "connected")) == 1


def test_one_that_fails_makes_the_run_fail_and_the_next_is_run_all_the_same(tmp_path: Path) -> None:
    path = workspace(
        tmp_path,
        {"name": "wrong", "steps": [CONNECT, send("hello"), wait("goodbye", seconds=0.1)]},
        {"name": "right", "steps": [send("still here"), wait("still here")]},
    )
    status, lines, _ = run(path)
    assert status == 1
    wrong, right = of(lines, "sequence")
    assert (wrong["passed"], wrong["path"], right["passed"]) == (False, "steps[2]", True)
    assert 'Instead came "hello" (68 65 6c 6c 6f).' in wrong["message"]
    assert of(lines, "step")[2]["state"] == "failed"
    assert run(path, "--sequence", "right")[0] == 0  # no sequence connects the client now, so the run does
    assert run(path, "--sequence", "wrong")[0] == 1
    status, lines, problem = run(path, "--sequence", "other")
    assert (status, lines) == (1, [])
    assert "no sequence called 'other' (it has: 'wrong', 'right')" in problem


def test_the_time_of_the_run_is_a_limit(tmp_path: Path) -> None:
    path = workspace(
        tmp_path, {"steps": [CONNECT, {"do": "pause", "seconds": 600}]}, {"name": "later", "steps": [CONNECT]}
    )
    status, lines, _ = run(path, "--seconds", "0.5")
    assert status == 1
    assert {line["name"]: (line["passed"], line["message"]) for line in of(lines, "sequence")} == {
        "s0": (False, "Stopped before its end."),
        "later": (False, "It was not begun: the run ended before."),
    }


def test_a_sequence_starts_and_stops_servers(tmp_path: Path) -> None:
    steps = [
        {"do": "start", "socket": "server"}, CONNECT, {"do": "stop", "socket": "server"},
        {"do": "check", "what": "closed"}, {"do": "start", "socket": "server"}, CONNECT, send("again"), wait("again"),
    ]  # fmt: skip
    status, lines, _ = run(workspace(tmp_path, {"steps": steps}))
    assert status == 0, lines
    assert len(of(lines, "listening")) == 2


def test_a_workspace_that_is_wrong_is_not_run(tmp_path: Path) -> None:
    status, lines, problem = run(workspace(tmp_path, {"steps": [wait("(", "regex")]}))
    assert (status, lines) == (1, [])
    assert "$.sequences[0].steps[0].match.pattern" in problem


@pytest.mark.needs("ncat", "socat")
@pytest.mark.parametrize("tool", ["ncat", "socat"])
def test_other_programs(tmp_path: Path, tool: str) -> None:
    """Another program answers: what was sent comes back in capitals."""
    port = unused_port()
    shell = "while read line; do echo GOT $line; done"
    command = {
        "ncat": ["ncat", "-l", "127.0.0.1", str(port), "-k", "--sh-exec", shell],
        "socat": ["socat", f"TCP-LISTEN:{port},bind=127.0.0.1,reuseaddr,fork", f"SYSTEM:{shell}"],
    }[tool]
    steps = [
        CONNECT, send("one"), wait("GOT (?P<what>.*)", "regex"), send("{{what}} more"), wait("GOT one more"),
        {"do": "branch", "cases": [{"match": {"how": "starts", "pattern": "x"}, "steps": [{"do": "fail"}]}],
         "otherwise": [{"do": "end", "text": "All as it should be."}], "seconds": 0.1},
    ]  # fmt: skip
    peer = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _until_it_listens(port)
        status, lines, _ = run(workspace(tmp_path, {"steps": steps}, port=port))
    finally:
        peer.terminate()
        peer.wait(10)
    assert status == 0, lines
    assert of(lines, "sequence")[0]["message"] == "All as it should be."


def _until_it_listens(port: int) -> None:
    import psutil

    for _ in range(2000):
        if any(one.laddr.port == port and one.status == "LISTEN" for one in psutil.net_connections("tcp") if one.laddr):
            return
        _pause()
    raise AssertionError("it does not listen")


def _pause() -> None:
    import threading

    threading.Event().wait(0.01)
