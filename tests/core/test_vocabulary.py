"""The small values: specs, calls, states, failures, totals."""

from __future__ import annotations

from types import MappingProxyType

from explorer.core.calls import Call, CallFlag, CallKind
from explorer.core.endpoint import Endpoint
from explorer.core.failure import Failure
from explorer.core.socket_spec import Choice, SocketSpec
from explorer.core.states import State
from explorer.core.tally import Tally


def _call(kind: CallKind) -> Call:
    return Call(0, 0, 0, 0, 0, 0, 0, 0, kind, CallFlag.NONE)


def test_direction_of_a_call() -> None:
    assert [(_call(kind).received, _call(kind).sent) for kind in (CallKind.recvfrom, CallKind.send, CallKind.bind)] == [
        (True, False),
        (False, True),
        (False, False),
    ]


def test_a_spec_says_what_and_where() -> None:
    spec = SocketSpec("a", "udp", "client", "::1", 5)
    assert spec.title == "UDP client"
    assert spec.endpoint == Endpoint("::1", 5)


def test_a_choice_as_json_holds_only_what_was_given() -> None:
    assert Choice("line", MappingProxyType({"ending": "lf"})).to_json() == {"kind": "line", "ending": "lf"}
    assert Choice("raw").to_json() == {"kind": "raw"}


def test_open_states() -> None:
    assert {state for state in State if not state.is_open} == {State.CLOSED, State.FAILED}


def test_a_failure_is_one_sentence_with_its_way_out() -> None:
    assert Failure("bind(…)", "EACCES", "Permission denied", "It is not allowed.", "Use another port.").sentence == (
        "It is not allowed. Use another port."
    )


def test_totals_by_connection_and_over_all() -> None:
    tally = Tally()
    assert tally.of(3) == (0, 0)
    tally.make_room(3)
    tally.make_room(1)
    tally.add_received(3, 10)
    tally.add_sent(1, 4)
    assert (tally.of(3), tally.of(1), tally.of(2)) == ((10, 0), (0, 4), (0, 0))
    assert (tally.received, tally.sent) == (10, 4)
