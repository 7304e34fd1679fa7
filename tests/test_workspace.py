"""Workspaces: what is read, what is refused and where, and what is written."""

from __future__ import annotations

import contextlib
import json
import re
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer import workspace, workspace_schema
from explorer.core.errors import InputError
from explorer.core.pace import FULL_PACE, MAX_PAUSE, MAX_SIZE, Pace
from explorer.core.snippet import Snippet
from explorer.core.socket_spec import Choice, SocketOptions, SocketSpec
from explorer.paths import resource
from explorer.workspace import Workspace
from explorer.workspace_snippets import LONGEST_TEXT, MOST_SNIPPETS, MOST_TEXT

SOCKET = {"name": "echo", "transport": "tcp", "role": "server", "port": 9000}
FULL = {
    "version": 1,
    "sockets": [
        {
            "name": "echo", "transport": "tcp", "role": "server", "host": "127.0.0.1", "port": 9000,
            "buffer_size": 1024, "encoding": "utf-8", "framing": {"kind": "line", "ending": "lf"},
            "program": {"kind": "echo"}, "options": {"backlog": 5, "reuse_address": True, "no_delay": False},
        }
    ],
}  # fmt: skip


def _with(**changed: object) -> str:
    return json.dumps({"version": 1, "sockets": [{**SOCKET, **changed}]})


def test_the_example_of_the_contract_is_read() -> None:
    (spec,) = workspace.parse(json.dumps(FULL)).sockets
    assert spec == SocketSpec(
        "echo", "tcp", "server", "127.0.0.1", 9000, 1024, "utf-8", Choice("line", {"ending": "lf"}), Choice("echo"),
        SocketOptions(backlog=5, reuse_address=True, no_delay=False),
    )  # fmt: skip


SNIPPETS = [
    {"name": "poll", "mode": "hex", "text": "01 03 00 00 00 0a {{crc16-modbus:le}}", "fields": True,
     "shortcut": "Ctrl+1"},
    {"name": "hello", "mode": "text", "text": "hello", "ending": "crlf", "framed": False},
    {"name": "nothing", "mode": "python", "text": ""},
]  # fmt: skip


def _with_snippets(*snippets: object) -> str:
    return json.dumps({**FULL, "snippets": snippets})


def test_snippets_are_read_and_written() -> None:
    found = workspace.parse(_with_snippets(*SNIPPETS))
    assert found.snippets == (
        Snippet("poll", "hex", "01 03 00 00 00 0a {{crc16-modbus:le}}", fields=True, shortcut="Ctrl+1"),
        Snippet("hello", "text", "hello", ending="crlf", framed=False),
        Snippet("nothing", "python"),
    )
    assert json.loads(workspace.render(found)) == {**FULL, "snippets": SNIPPETS}
    assert workspace.parse(workspace.render(found)) == found
    assert workspace.parse(_with_snippets()) == workspace.parse(json.dumps(FULL))


def _snippet(**changed: object) -> dict[str, object]:
    return {"name": "a", "mode": "text", "text": "hi", **changed}


@pytest.mark.parametrize(
    ("snippets", "path", "sentence"),
    [
        ([_snippet(), _snippet(name="b", text="\\q")], "$.snippets[1].text", "Character 1: \\q is not an escape"),
        ([_snippet(mode="hex", text="0")], "$.snippets[0].text", "odd number"),
        ([_snippet(mode="python", text="1 + 1")], "$.snippets[0].text", "Only a bytes or str literal"),
        ([_snippet(text="{{count}}", fields=True)], "$.snippets[0].text", "no field called 'count'"),
        ([_snippet(), _snippet()], "$.snippets[1].name", "is the name of $.snippets[0] already"),
        ([_snippet(name="")], "$.snippets[0].name", "Text of 1 to 200 characters"),
        ([_snippet(name="  ")], "$.snippets[0].name", "needs a name"),
        ([_snippet(mode="morse")], "$.snippets[0].mode", '"hex" or "python" or "text"'),
        ([_snippet(ending="LF")], "$.snippets[0].ending", '"lf"'),
        ([_snippet(framed="yes")], "$.snippets[0].framed", "true or false"),
        ([_snippet(fields=1)], "$.snippets[0].fields", "true or false"),
        ([_snippet(shortcut="1")], "$.snippets[0].shortcut", "is no shortcut"),
        ([_snippet(shortcut="Shift+A")], "$.snippets[0].shortcut", "needs Ctrl, Alt or Meta"),
        ([_snippet(shortcut="Ctrl+")], "$.snippets[0].shortcut", "is no shortcut"),
        ([_snippet(shortcut="F5"), _snippet(name="b", shortcut="F5")], "$.snippets[1].shortcut", "already"),
        (
            [_snippet(shortcut="Ctrl+Shift+P"), _snippet(name="b", shortcut="Shift+Ctrl+P")],
            "$.snippets[1].shortcut",
            "Ctrl+Shift+P is the shortcut of $.snippets[0] already",
        ),
        ([_snippet(shortcut="Shift+Shift+P")], "$.snippets[0].shortcut", "is no shortcut"),
        ([_snippet(shortcut="Ctrl+" * 500_000)], "$.snippets[0].shortcut", "is no shortcut"),
        ([_snippet(shortcut="Ctrl+Alt+Ctrl+F5")], "$.snippets[0].shortcut", "is no shortcut"),
        ([_snippet(shortcut="Ctrl+P\n")], "$.snippets[0].shortcut", "is no shortcut"),
        ([_snippet(text="x" * 65_537)], "$.snippets[0].text", "Text of 0 to 65,536 characters"),
        (
            [_snippet(name=str(number)) for number in range(1001)],
            "$.snippets",
            "A list [ … ] of at most 1,000 is expected here",
        ),
        (
            [_snippet(name=str(number), text="x" * 65_536) for number in range(33)],
            "$.snippets",
            "2,162,688 characters in all; at most 2,097,152",
        ),
        ([_snippet(colour="red")], "$.snippets[0].colour", "no such field"),
        ([{"name": "a", "mode": "text"}], "$.snippets[0].text", "missing"),
        (["a"], "$.snippets[0]", "An object"),
        ({}, "$.snippets", "A list"),
        (None, "$.snippets", "A list"),
    ],
)
def test_the_place_of_what_is_wrong_with_a_snippet_is_named(snippets: object, path: str, sentence: str) -> None:
    with pytest.raises(InputError) as caught:
        workspace.parse(json.dumps({**FULL, "snippets": snippets}))
    assert caught.value.path == path
    assert sentence in caught.value.message


def test_what_is_written_is_read_back_the_same() -> None:
    specs = workspace.parse(json.dumps(FULL))
    assert workspace.parse(workspace.render(specs)) == specs
    assert json.loads(workspace.render(specs)) == FULL


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (_with(port=70_000), "$.sockets[0].port"),
        (_with(port="abc"), "$.sockets[0].port"),
        (_with(port=-1), "$.sockets[0].port"),
        (_with(role="client", port=0), "$.sockets[0].port"),
        (_with(role="both"), "$.sockets[0].role"),
        (_with(transport="sctp"), "$.sockets[0].transport"),
        (_with(buffer_size=0), "$.sockets[0].buffer_size"),
        (_with(buffer_size=1_048_577), "$.sockets[0].buffer_size"),
        (_with(encoding="utf-99"), "$.sockets[0].encoding"),
        (_with(encoding="base64"), "$.sockets[0].encoding"),
        (_with(name=""), "$.sockets[0].name"),
        (_with(colour="red"), "$.sockets[0].colour"),
        (_with(framing={"kind": "lines"}), "$.sockets[0].framing.kind"),
        (_with(framing={"kind": "line", "ending": "cr"}), "$.sockets[0].framing.ending"),
        (_with(framing={"kind": "fixed"}), "$.sockets[0].framing.size"),
        (_with(framing={"ending": "lf"}), "$.sockets[0].framing.kind"),
        (_with(program={"kind": "echo", "loud": True}), "$.sockets[0].program.loud"),
        (_with(options={"backlog": "many"}), "$.sockets[0].options.backlog"),
        (_with(options={"keepalive": True}), "$.sockets[0].options.keepalive"),
        (_with(pace={"send_size": MAX_SIZE + 1}), "$.sockets[0].pace.send_size"),
        (_with(pace={"send_size": -1}), "$.sockets[0].pace.send_size"),
        (_with(pace={"send_random": 1}), "$.sockets[0].pace.send_random"),
        (_with(pace={"send_pause": MAX_PAUSE + 1}), "$.sockets[0].pace.send_pause"),
        (_with(pace={"receive_pause": 0.5}), "$.sockets[0].pace.receive_pause"),
        (_with(pace={"speed": 1}), "$.sockets[0].pace.speed"),
        (_with(pace="slow"), "$.sockets[0].pace"),
        ('{"version": 2, "sockets": []}', "$.version"),
        ('{"sockets": []}', "$.version"),
        ('{"version": 1, "sockets": [], "more": 1}', "$.more"),
        ("[]", "$"),
        (json.dumps({"version": 1, "sockets": [SOCKET, SOCKET]}), "$.sockets[1].name"),
        (json.dumps({"version": 1, "sockets": [{k: v for k, v in SOCKET.items() if k != "port"}]}),
         "$.sockets[0].port"),
    ],
)  # fmt: skip
def test_the_place_of_what_is_wrong_is_named(text: str, path: str) -> None:
    with pytest.raises(InputError) as caught:
        workspace.parse(text)
    assert caught.value.path == path
    assert caught.value.message.endswith(".")


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"port": 70_000}, "A whole number from 0 to 65,535 is expected here."),
        ({"port": "x"}, "A whole number from 0 to 65,535 is expected here, not text."),
        ({"port": 1.5}, "A whole number from 0 to 65,535 is expected here, not a number with a fraction."),
        ({"name": 5}, "Text of 1 to 200 characters is expected here, not a number."),
        ({"encoding": None}, "Text is expected here, not null."),
        ({"role": "both"}, '"client" or "server" is expected here.'),
        ({"framing": []}, "An object { … } is expected here, not a list."),
        ({"options": {"timeout": 0}}, "A number above 0 and up to 86,400 is expected here."),
        ({"options": {"no_delay": 3}}, "Either true or false is expected here, not a number."),
        ({"pace": {"send_pause": -1}}, "A whole number from 0 to 60,000 is expected here."),
    ],
)
def test_what_is_expected_is_said_in_plain_words(changed: dict[str, object], sentence: str) -> None:
    with pytest.raises(InputError) as caught:
        workspace.parse(_with(**changed))
    assert caught.value.message == sentence


def test_what_is_expected_above_the_sockets_is_said_too() -> None:
    for text, sentence in (
        ('{"version": 2, "sockets": []}', "1 is expected here."),
        ('{"version": 1, "sockets": {}}', "A list [ … ] is expected here, not an object."),
        ('{"version": 1, "sockets": [[]]}', "An object { … } is expected here, not a list."),
    ):
        with pytest.raises(InputError) as caught:
            workspace.parse(text)
        assert caught.value.message == sentence


def test_a_place_that_is_no_field_keeps_the_words() -> None:
    for path in ("$.nothing", "$.version.more"):
        assert workspace._placed(f"Something odd - at `{path}`").message == "Something odd."


def test_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "w.json"
    path.write_text(json.dumps(FULL), encoding="utf-8-sig")  # as Windows' editors write it
    assert workspace.load(path) == workspace.parse(json.dumps(FULL))
    assert workspace.parse("\ufeff" + json.dumps(FULL)) == workspace.load(path)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(text: bytes) -> None:
    with contextlib.suppress(InputError):
        assert isinstance(workspace.parse(text), workspace.Workspace)


def test_a_file_is_saved_whole_and_loaded_again(tmp_path: Path) -> None:
    path = tmp_path / "w.json"
    specs = workspace.parse(json.dumps(FULL))
    workspace.save(path, specs)
    assert workspace.load(path) == specs
    assert list(tmp_path.iterdir()) == [path]


def test_a_damaged_or_missing_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "w.json"
    with pytest.raises(workspace.WorkspaceError, match=r"w\.json cannot be read: No such file"):
        workspace.load(path)
    path.write_bytes(workspace.render(workspace.parse(json.dumps(FULL))).encode()[:100])
    with pytest.raises(workspace.WorkspaceError, match="This is not JSON"):
        workspace.load(path)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(workspace.WorkspaceError, match=r"w\.json cannot be used"):
        workspace.load(path)
    with path.open("wb") as file:
        file.truncate(workspace.MAX_FILE + 1)
    with pytest.raises(workspace.WorkspaceError, match="not a workspace"):
        workspace.load(path)


@pytest.mark.parametrize(
    ("pace", "found"),
    [
        ({"send_size": 7, "send_random": True, "send_pause": 50, "receive_pause": 60_000}, Pace(7, True, 50, 60_000)),
        ({"send_size": MAX_SIZE}, Pace(MAX_SIZE)),
        ({"receive_pause": 1}, Pace(receive_pause=1)),
    ],
)
def test_a_pace_is_read_and_written(pace: dict[str, object], found: Pace) -> None:
    read = workspace.parse(_with(pace=pace))
    assert read.sockets[0].pace == found
    assert json.loads(workspace.render(read))["sockets"][0]["pace"] == pace


@pytest.mark.parametrize("changed", [{}, {"pace": {}}, {"pace": {"send_size": 0, "send_random": False}}])
def test_a_pace_that_changes_nothing_is_left_out(changed: dict[str, object]) -> None:
    read = workspace.parse(_with(**changed))
    assert read.sockets[0].pace == FULL_PACE
    assert "pace" not in json.loads(workspace.render(read))["sockets"][0]


def test_keys_are_kept_in_one_order() -> None:
    found = workspace.parse(_with_snippets(_snippet(shortcut="Shift+Alt+Ctrl+Meta+F12"), _snippet(name="b")))
    assert [one.shortcut for one in found.snippets] == ["Meta+Ctrl+Alt+Shift+F12", ""]


@pytest.mark.parametrize("keys", ["", "Ctrl+P", "Shift+Alt+7", "F5", "Shift+F35", "Alt+Meta+F", "Ctrl+F1"])
def test_the_schema_takes_the_keys_that_are_taken(keys: str) -> None:
    assert re.search(_shortcut_pattern(), keys)
    workspace.parse(_with_snippets(_snippet(shortcut=keys)))


@pytest.mark.parametrize(
    "keys",
    ["P", "Shift+P", "F36", "F0", "Ctrl+", "Ctrl+Ctrl+P", "Shift+Ctrl+Shift+P", "Ctrl++P", "ctrl+P", "Ctrl+PP", "+P"],
)
def test_the_schema_refuses_the_keys_that_are_refused(keys: str) -> None:
    assert not re.search(_shortcut_pattern(), keys)
    with pytest.raises(InputError):
        workspace.parse(_with_snippets(_snippet(shortcut=keys)))


def _shortcut_pattern() -> str:
    return str(workspace_schema.schema()["$defs"]["SnippetEntry"]["properties"]["shortcut"]["pattern"])


UNSUITED = [
    ({"program": {"kind": "chat"}, "serving": {"kind": "process"}}, "serving", "processes share no memory"),
    ({"program": {"kind": "script"}, "serving": {"kind": "process"}}, "serving", "processes share no memory"),
    (
        {"program": {"kind": "login", "users": [{"user": "a", "password": "b"}]}, "transport": "udp"},
        "program.kind",
        "works over TCP only",
    ),
    ({"program": {"kind": "http"}, "transport": "udp", "role": "client"}, "program.kind", "works over TCP only"),
]


@pytest.mark.parametrize(("given", "place", "words"), UNSUITED)
def test_programs_that_cannot_be_used_there_are_refused(given: dict[str, object], place: str, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        workspace.parse(json.dumps({"version": 1, "sockets": [SOCKET, {**SOCKET, "name": "other", **given}]}))
    assert caught.value.path == f"$.sockets[1].{place}"


def test_what_is_not_served_by_processes_may_say_so() -> None:
    """A way of serving is meant for servers over TCP."""
    given = {"program": {"kind": "script"}, "serving": {"kind": "process"}}
    for more in ({"role": "client"}, {"transport": "udp"}):
        workspace.parse(json.dumps({"version": 1, "sockets": [{**SOCKET, **given, **more}]}))


UNSAVED = [
    (
        Workspace((SocketSpec("a", program=Choice("chat"), serving=Choice("process")),)),
        r"\$\.sockets\[0\]\.serving.*share no memory",
    ),
    (Workspace((SocketSpec("\ud800", port=5),)), r"\$\.sockets\[0\]\.name.*half of a character"),
    (Workspace((), (Snippet("a"), Snippet("\ud800"))), r"\$\.snippets\[1\]\.name.*half of a character"),
    (
        Workspace((SocketSpec("a", port=5, program=Choice("echo", {"text": "\udc80"})),)),
        r"\$\.sockets\[0\]\.program\.text.*half of a character",
    ),
    (
        Workspace(tuple(SocketSpec(f"{n}" * 200, port=5) for n in range(45_000))),
        r"would have .* at most 16 MB. Remove some sockets",
    ),
]


@pytest.mark.parametrize(("content", "words"), UNSAVED, ids=["unsuited", "socket", "snippet", "program", "size"])
def test_what_could_not_be_opened_again_is_not_saved(content: Workspace, words: str, tmp_path: Path) -> None:
    path = tmp_path / "w.json"
    workspace.save(path, workspace.parse(json.dumps(FULL)))
    before = path.read_bytes()
    with pytest.raises(workspace.WorkspaceError, match=words):
        workspace.save(path, content)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_the_most_snippets_there_may_be_are_saved_and_opened(tmp_path: Path) -> None:
    """Control characters take six bytes each in the file."""
    most = [Snippet(str(number), "text", "\x01" * LONGEST_TEXT) for number in range(MOST_TEXT // LONGEST_TEXT)]
    empty = [Snippet(f"e{number}") for number in range(MOST_SNIPPETS - len(most))]
    workspace.save(tmp_path / "w.json", Workspace((), (*most, *empty)))
    assert workspace.load(tmp_path / "w.json").snippets == (*most, *empty)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other rights")
def test_only_the_user_reads_what_was_saved(tmp_path: Path) -> None:
    """Passwords of programs stand there as they are; an earlier save that was cut short changes nothing."""
    path, rest = tmp_path / "w.json", tmp_path / "w.json.new"
    for left in (path, rest):
        left.write_text("{}")
        left.chmod(0o644)
    workspace.save(path, Workspace())
    assert path.stat().st_mode & 0o777 == 0o600
    assert not rest.exists()


def test_a_failed_save_leaves_the_old_file(tmp_path: Path) -> None:
    with pytest.raises(workspace.WorkspaceError, match="cannot be saved"):
        workspace.save(tmp_path / "no such folder" / "w.json", workspace.Workspace())


def test_the_schema_on_disk_is_the_one_the_code_checks() -> None:
    assert resource("workspace.schema.json").read_text(encoding="utf-8") == workspace_schema.render()


def test_the_schema_lists_every_setting_of_every_kind() -> None:
    properties = workspace_schema.schema()["$defs"]["SocketEntry"]["properties"]
    kinds = {kind["properties"]["kind"]["const"]: set(kind["properties"]) for kind in properties["framing"]["oneOf"]}
    trailer = {"checksum", "checksum_order", "checksum_as", "checksum_from", "checksum_mark", "checksum_also"}
    assert kinds["length"] == {"kind", "max", "width", "order", "offset", "adjustment", "skip"} | trailer
    assert kinds["raw"] == {"kind", "max"}
