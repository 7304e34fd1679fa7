from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from explorer import cli, trust
from explorer.core.errors import ShownError
from explorer.core.socket_spec import Choice, SocketSpec
from explorer.paths import DATA_VARIABLE
from tests.net.peers import connect, read

SOURCE = "def on_message(connection, message):\n    print('seen')\n    return message\n"


def test_a_script_is_trusted_from_then_on(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "data"
    assert not trust.is_trusted(SOURCE, folder)
    trust.trust(SOURCE, folder)
    trust.trust(SOURCE, folder)
    trust.trust("other \ud800", folder)
    assert trust.is_trusted(SOURCE, folder)
    assert trust.is_trusted("other \ud800", folder)
    assert not trust.is_trusted(SOURCE + " ", folder)
    assert [len(line) for line in (folder / trust.FILE).read_text().splitlines()] == [64, 64]
    assert [file.name for file in folder.iterdir()] == [trust.FILE]
    if os.name == "posix":
        assert (folder / trust.FILE).stat().st_mode & 0o077 == 0


def test_the_oldest_are_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trust, "MOST", 2)
    for source in ("a", "b", "c"):
        trust.trust(source, tmp_path)
    assert [trust.is_trusted(source, tmp_path) for source in ("a", "b", "c")] == [False, True, True]


def test_a_file_that_makes_no_sense_trusts_nothing(tmp_path: Path) -> None:
    (tmp_path / trust.FILE).write_bytes(b"\xff\xfe")
    assert not trust.is_trusted(SOURCE, tmp_path)
    trust.trust(SOURCE, tmp_path)
    assert trust.is_trusted(SOURCE, tmp_path)


def test_what_cannot_be_kept_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ShownError, match="cannot be kept in"):
        trust.trust(SOURCE, tmp_path / "file" / "below")
    (tmp_path / trust.FILE).mkdir()
    with pytest.raises(ShownError, match="cannot be kept in"):
        trust.trust(SOURCE, tmp_path)
    assert [file.name for file in tmp_path.iterdir() if file.name.startswith(f"{trust.FILE}.")] == []


def test_which_sockets_need_trust(tmp_path: Path) -> None:
    specs = [
        SocketSpec("own", program=Choice("script", {"source": SOURCE})),
        SocketSpec("example", program=Choice("script")),
        SocketSpec("echo", program=Choice("echo")),
    ]
    assert [spec.name for spec in trust.untrusted(specs, tmp_path)] == ["own"]
    trust.trust(SOURCE, tmp_path)
    assert trust.untrusted(specs, tmp_path) == []


def workspace(tmp_path: Path) -> Path:
    path = tmp_path / "workspace.json"
    socket = {
        "name": "own", "transport": "tcp", "role": "server", "port": 0, "framing": {"kind": "line"},
        "program": {"kind": "script", "source": SOURCE},
    }  # fmt: skip
    path.write_text(json.dumps({"version": 1, "sockets": [socket]}))
    return path


def test_run_refuses_what_nobody_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(DATA_VARIABLE, str(tmp_path))
    assert cli.main(["run", str(workspace(tmp_path)), "--seconds", "5"]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert 'scripts that were not trusted yet ("own")' in printed.err
    assert "--trust-scripts" in printed.err


@pytest.mark.parametrize("how", ["asked for", "trusted before"])
def test_run_runs_trusted_scripts(tmp_path: Path, how: str) -> None:
    """In a process of its own, as users run it."""
    if how == "trusted before":
        trust.trust(SOURCE, tmp_path)
    command = [sys.executable, "-m", "explorer", "run", str(workspace(tmp_path)), "--seconds", "3"]
    more = ["--trust-scripts"] if how == "asked for" else []
    with subprocess.Popen(
        [*command, *more], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1],
        env={**os.environ, DATA_VARIABLE: str(tmp_path)},
    ) as running:  # fmt: skip
        assert running.stdout is not None
        ended = threading.Timer(20, running.kill)
        ended.start()
        port = json.loads(running.stdout.readline())["port"]
        with connect("127.0.0.1", port) as peer:
            peer.sendall(b"hi\n")
            assert read(peer, 3) == b"hi\n"
        running.terminate()
        lines = [json.loads(line) for line in running.stdout]
        ended.cancel()
    assert {"event": "script", "socket": "own", "stream": "stdout", "line": 2, "text": "seen"} in lines
    if how == "asked for":
        assert not trust.is_trusted(SOURCE, tmp_path)
