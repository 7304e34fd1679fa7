"""Sequences in a workspace's file."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer import workspace
from explorer.core.errors import InputError
from explorer.core.sequence import (
    MAX_DEPTH,
    BranchStep,
    Case,
    CheckStep,
    ConnectStep,
    EndStep,
    FailStep,
    Match,
    PauseStep,
    RepeatStep,
    SendStep,
    Sequence,
    StartStep,
    Step,
    StopStep,
    WaitStep,
    sockets_of,
    started_by,
)
from explorer.core.snippet import Snippet
from explorer.core.socket_spec import SocketSpec
from explorer.workspace import Workspace
from explorer.workspace_sequences import Surroundings, check_sequence

SOCKETS = (SocketSpec("server"), SocketSpec("client", role="client", port=9))
SNIPPETS = (Snippet("ping", text="ping"),)


def parse(*steps: Any, **more: Any) -> Sequence:
    """One sequence, from JSON."""
    entry = {"name": "test", "socket": "client", "steps": list(steps), **more}
    around = workspace.render(Workspace(SOCKETS, SNIPPETS))
    return workspace.parse(json.dumps({**json.loads(around), "sequences": [entry]})).sequences[0]


def problem(*steps: Any, **more: Any) -> tuple[str, str]:
    with pytest.raises(InputError) as caught:
        parse(*steps, **more)
    return caught.value.path.removeprefix("$.sequences[0]."), caught.value.message


# -- round trips ---------------------------------------------------------------------------------------

names = st.sampled_from(["", "server", "client"])
texts = st.text(st.characters(codec="utf-8", exclude_characters="\\{}"), max_size=8)
seconds = st.none() | st.floats(0.001, 86_400)
patterns = st.one_of(
    st.builds(Match, st.just("exact"), texts),
    st.builds(Match, st.sampled_from(["starts", "contains", "ends"]), texts.filter(bool)),
    st.builds(Match, st.just("exact"), st.sampled_from(["48 ?? 0a", "", "ff"]), st.just("hex")),
    st.builds(Match, st.just("regex"), st.sampled_from([r"a+", r"(?P<user>\w+)", r"x{{n}}"])),
)
simple = st.one_of(
    st.builds(StartStep, names, seconds),
    st.builds(StopStep, names),
    st.builds(ConnectStep, names, seconds),
    st.builds(SendStep, texts, st.just("text"), st.just(""), names, st.booleans()),
    st.builds(SendStep, st.just("0a {{crc16-modbus:le}}"), st.just("hex"), st.just(""), names),
    st.builds(SendStep, snippet=st.just("ping"), socket=names),
    st.builds(WaitStep, st.none() | patterns, names, seconds),
    st.builds(PauseStep, st.floats(0.001, 86_400)),
    st.builds(CheckStep, st.just("message"), patterns, expect=texts, socket=names),
    st.builds(CheckStep, st.sampled_from(["open", "closed"]), seconds=seconds),
    st.builds(CheckStep, st.just("count"), least=st.integers(0, 5), most=st.none() | st.integers(5, 9)),
    st.builds(EndStep, texts),
    st.builds(FailStep, texts),
)


def nested(steps: st.SearchStrategy[Step]) -> st.SearchStrategy[Step]:
    some = st.lists(steps, max_size=3).map(tuple)
    return st.one_of(
        st.builds(RepeatStep, st.integers(1, 1_000_000), some, st.sampled_from(["", "n"])),
        st.builds(BranchStep, st.lists(st.builds(Case, patterns, some), min_size=1, max_size=3).map(tuple),
                  st.none() | some, names, seconds),
    )  # fmt: skip


@given(st.lists(st.recursive(simple, nested, max_leaves=8), max_size=5), st.floats(0.1, 100))
def test_what_is_saved_is_read_again(steps: list[Step], timeout: float) -> None:
    sequence = Sequence("test", "client", tuple(steps), timeout)
    before = Workspace(SOCKETS, SNIPPETS, (sequence,))
    text = workspace.render(before)
    assert workspace.parse(text) == before
    assert workspace.render(workspace.parse(text)) == text


def test_a_workspace_without_any_says_nothing_of_them() -> None:
    assert "sequences" not in json.loads(workspace.render(Workspace(SOCKETS)))


def test_it_is_readable() -> None:
    sequence = Sequence("s", "client", (ConnectStep(), SendStep("hi"), WaitStep(Match("exact", "hi")), WaitStep()))
    assert json.loads(workspace.render(Workspace(SOCKETS, (), (sequence,))))["sequences"] == [
        {
            "name": "s",
            "socket": "client",
            "steps": [
                {"do": "connect"},
                {"do": "send", "text": "hi"},
                {"do": "wait", "match": {"how": "exact", "pattern": "hi"}},
                {"do": "wait"},
            ],
        }
    ]


def test_which_sockets_it_is_about() -> None:
    sequence = Sequence("s", "client", (StartStep("server"), ConnectStep(), RepeatStep(1, (SendStep(socket="other"),))))
    assert sockets_of(sequence) == {"client", "server", "other"}
    assert started_by(sequence) == {"client", "server"}


# -- what is refused -----------------------------------------------------------------------------------

WAIT = {"do": "wait", "match": {"how": "regex", "pattern": "(?P<user>.*)"}}


@pytest.mark.parametrize(
    ("step", "path", "says"),
    [
        ({"do": "wait", "match": {"how": "exact", "patern": "x"}}, "match.patern", "There is no such field"),
        ({"do": "wait", "match": {"how": "exact"}}, "match.pattern", "missing"),
        ({"do": "wait", "match": {"how": "like", "pattern": "x"}}, "match.how", '"contains"'),
        ({"do": "wait", "match": {"how": "regex", "pattern": "(x"}}, "match.pattern", "has no )"),
        ({"do": "wait", "match": {"how": "starts", "pattern": ""}}, "match.pattern", "nothing to look for"),
        ({"do": "wait", "match": {"how": "exact", "pattern": "4", "written": "hex"}}, "match.pattern", "odd number"),
        ({"do": "wait", "match": {"how": "regex", "pattern": "(?P<crc32>.)"}}, "match.pattern", "is a field"),
        ({"do": "wait", "seconds": 0}, "seconds", "A number above 0 and up to 86,400"),
        ({"do": "wait", "seconds": "1"}, "seconds", "not text"),
        ({"do": "wait", "socket": "nobody"}, "socket", "no socket called 'nobody'"),
        ({"do": "jump"}, "do", "There is no step 'jump' (known: start, stop, connect, send, wait, pause"),
        ({"text": "x"}, "do", "missing"),
        ({"do": "send", "text": "\\q"}, "text", "not an escape"),
        ({"do": "send", "text": "{{whoever}}"}, "text", "nothing is remembered as 'whoever'"),
        ({"do": "send", "text": "{{counter:u99}}"}, "text", "no form of a number"),
        ({"do": "send", "text": "x", "snippet": "ping"}, "text", "not both"),
        ({"do": "send", "snippet": "pong"}, "snippet", "no snippet called 'pong'"),
        ({"do": "pause"}, "seconds", "missing"),
        ({"do": "check", "what": "group", "group": "id"}, "group", "known: 1, user"),
        ({"do": "check", "what": "message"}, "match", "must be like"),
        ({"do": "check", "what": "open", "least": 3}, "least", "counts nothing"),
        ({"do": "check", "what": "open", "group": "user"}, "group", "no group"),
        ({"do": "check", "what": "open", "match": {"how": "exact", "pattern": ""}}, "match", "no pattern"),
        ({"do": "check", "what": "count", "least": 3, "most": 2}, "most", "below"),
        ({"do": "repeat", "times": 1_000_001, "steps": []}, "times", "A whole number from 1 to 1,000,000"),
        ({"do": "repeat", "times": 2, "steps": [], "counter": "time"}, "counter", "is a field"),
        ({"do": "repeat", "times": 2, "steps": [], "counter": "a b"}, "counter", "no name"),
        ({"do": "repeat", "times": 2, "steps": [{"do": "pause", "seconds": -1}]}, "steps[0].seconds", "above 0"),
        ({"do": "branch", "cases": []}, "cases", "A list [ … ] of 1 to 50 is expected here."),
        ({"do": "branch", "cases": [{"match": {"how": "exact", "pattern": "x"}, "steps": [{"do": "end", "x": 1}]}]},
         "cases[0].steps[0].x", "no such field"),
    ],
)  # fmt: skip
def test_a_wrong_step_is_refused_with_its_path(step: Any, path: str, says: str) -> None:
    where, message = problem(WAIT, step)
    assert where == f"steps[1].{path}"
    assert says in message


def test_a_wrong_sequence_is_refused_with_its_path() -> None:
    assert problem(socket="who")[0] == "socket"
    assert problem({"do": "connect"}, socket="")[0] == "steps[0].socket"
    assert problem(timeout=0)[0] == "timeout"
    assert problem(name="")[0] == "name"
    assert problem(name="  ") == ("name", "A sequence needs a name of 1 to 200 characters.")
    assert problem(extra=1) == ("extra", "There is no such field in a workspace.")


def test_names_are_used_once() -> None:
    entry = {"name": "x", "steps": []}
    with pytest.raises(InputError) as caught:
        workspace.parse(json.dumps({"version": 1, "sockets": [], "sequences": [entry, entry]}))
    assert caught.value.path == "$.sequences[1].name"


def test_too_deep_and_too_many() -> None:
    step: Any = {"do": "pause", "seconds": 1}
    for _ in range(MAX_DEPTH - 1):
        step = {"do": "repeat", "times": 2, "steps": [step]}
    assert parse(step)
    where, message = problem({"do": "repeat", "times": 2, "steps": [step]})
    assert where == "steps[0]" + ".steps[0]" * MAX_DEPTH
    assert "at most 8 deep" in message
    where, message = problem(*[{"do": "end"}] * 1001)
    assert (where, message[:30]) == ("steps[1000]", "A sequence has at most 1,000 s")
    deep = '{"version": 1, "sockets": [], "sequences": [{"name": "x", "steps": ' + "[" * 200_000
    with pytest.raises(InputError):
        workspace.parse(deep)


def test_half_a_character_is_refused() -> None:
    sequence = Sequence("s", "client", (FailStep("\ud800"),))
    with pytest.raises(InputError, match="half of a character") as caught:
        check_sequence(sequence, Surroundings({"client": "utf-8"}))
    assert caught.value.path == "steps[0].text"
