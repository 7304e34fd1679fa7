"""Progress of work that keeps up with a capture: shown when it takes long, and not while it keeps up."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from explorer.ui.widgets.catching_up import CatchingUp, HowFar, Lag


def finding(done: int, total: int) -> HowFar:
    return HowFar("Finding messages", done, total, f"{total - done} B")


def test_what_was_there_half_a_second_ago_and_is_not_done_takes_long() -> None:
    lag = Lag()
    assert not lag.is_long(10.0, finding(0, 100))
    assert not lag.is_long(10.4, finding(40, 100))
    assert lag.is_long(10.6, finding(60, 100))
    assert lag.is_long(11.0, finding(99, 100))
    assert not lag.is_long(11.1, finding(100, 100))


def test_work_that_keeps_up_with_what_comes_is_never_late() -> None:
    lag = Lag()
    for step in range(100):  # it is always a tenth of a second behind
        assert not lag.is_long(step / 10, finding(10 * step, 10 * step + 10))
    assert not lag.is_long(20.0, finding(1000, 1010))  # nobody asked for long, and a little came
    assert lag.is_long(20.6, finding(1000, 5000))


def test_other_work_begins_anew() -> None:
    lag = Lag()
    lag.is_long(0.0, finding(0, 100))
    assert not lag.is_long(1.0, HowFar("Filtering", 0, 1000, "1,000 messages"))
    assert lag.is_long(1.5, HowFar("Filtering", 10, 1000, "990 messages"))
    lag.begin()
    assert not lag.is_long(1.6, HowFar("Filtering", 0, 1000, "1,000 messages"))


def test_it_says_how_much_is_left(qtbot: QtBot) -> None:
    bar = CatchingUp("Progress of finding messages")
    qtbot.addWidget(bar)
    assert bar.isHidden()
    bar.show_work(finding(250, 1000))
    assert not bar.isHidden()
    assert bar.text.text() == "750 B left"
    assert bar.bar.accessibleDescription() == "Finding messages: 750 B left"
    assert bar.bar.value() / bar.bar.maximum() == 0.25
    bar.show_work(finding(0, 0))
    bar.show_work(None)
    assert bar.isHidden()
