"""What a load is described by: settings with limits, plans and reports that come through JSON unchanged."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.core.errors import InputError
from explorer.core.failure import Failure
from explorer.core.latency import LatencyCount
from explorer.core.load import (
    FIELDS,
    Failed,
    LoadPlan,
    LoadReport,
    check_target,
    check_together,
    from_json,
    report_from,
    report_json,
    with_settings,
)
from explorer.core.socket_spec import Choice

PLAN = LoadPlan("tcp", "127.0.0.1", 9000)


def test_every_setting_has_a_place_in_the_plan_with_the_same_default() -> None:
    assert with_settings(PLAN, {}) == PLAN
    assert set(PLAN.settings) == {field.name for field in FIELDS}


PLANS = st.builds(
    LoadPlan,
    transport=st.sampled_from(("tcp", "udp")),
    host=st.sampled_from(("127.0.0.1", "::1", "example.org")),
    port=st.integers(0, 65_535),
    framing=st.sampled_from((Choice("raw"), Choice("line", {"ending": "lf"}))),
    clients=st.integers(1, 1000),
    messages=st.integers(1, 1000),
    size=st.integers(1, 60_000),
    begin=st.text(max_size=20),
    answers=st.sampled_from(("echo", "any", "none")),
    rate=st.integers(0, 1_000_000),
    connect=st.sampled_from(("at_once", "per_second")),
    per_second=st.integers(1, 1000),
    hold=st.booleans(),
    timeout=st.integers(1, 3600),
)


@given(PLANS)
def test_a_plan_comes_back_from_json(plan: LoadPlan) -> None:
    assert from_json(json.loads(json.dumps(plan.to_json()))) == plan


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ([], "$"),
        ({"transport": "sctp"}, "$.transport"),
        ({"host": 5}, "$.host"),
        ({"port": True}, "$.port"),
        ({"port": 70_000}, "port"),
        ({"framing": "raw"}, "$.framing"),
        ({"clients": 0}, "$.clients"),
        ({"clients": 200_000}, "$.clients"),
        ({"timeout": 0}, "$.timeout"),
        ({"connect": "slowly"}, "$.connect"),
        ({"speed": 5}, "$.speed"),
        ({"clients": 100_000, "messages": 1_000_000}, "$.messages"),
        ({"transport": "udp", "size": 65_508}, "$.size"),
        ({"hold": True, "connect": "in_turn"}, "$.hold"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(given: object, path: str) -> None:
    with pytest.raises(InputError) as caught:
        from_json(given)
    assert caught.value.path == path
    assert caught.value.message.endswith(".")


@pytest.mark.parametrize(
    ("plan", "path"),
    [
        (replace(PLAN, host=" "), "host"),
        (replace(PLAN, host="0.0.0.0"), "host"),
        (replace(PLAN, host="::"), "host"),
        (replace(PLAN, port=0), "port"),
    ],
)
def test_nobody_can_be_sent_to_there(plan: LoadPlan, path: str) -> None:
    with pytest.raises(InputError) as caught:
        check_target(plan)
    assert caught.value.path == path


def test_a_single_client_may_stay_and_come_in_turn() -> None:
    check_together(replace(PLAN, clients=1, hold=True, connect="in_turn"))


@given(st.lists(st.integers(0, 10**12), max_size=30), st.sampled_from(("", "done", "failed")), st.text(max_size=10))
def test_a_report_comes_back_from_json(times: list[int], end: str, problem: str) -> None:
    count = LatencyCount()
    for time in times:
        count.add(time)
    report = LoadReport(
        5, 50, done=3, failed=2, sent=49, seconds=1.5, latencies=count.snapshot(), end=end, problem=problem,  # type: ignore[arg-type]
        failures=(Failed(Failure("connect()", "ECONNREFUSED", "refused", "Nothing listens.", "Start it."), 2),),
        notes=("At most 5.",),
    )  # fmt: skip
    assert report_from(json.loads(json.dumps(report_json(report)))) == report
    assert report.over == bool(end)


def test_the_rate_is_of_answers_where_there_are_any() -> None:
    assert LoadReport(1, 100, sent=100, answered=50, sending=2.0).rate == 25
    assert LoadReport(1, 100, sent=100, sending=2.0).rate == 50
    assert LoadReport(1, 100, sent=1, sending=0.0).rate == 0
