"""A form that puts itself away: when, and what the user's choice counts."""

from __future__ import annotations

from explorer.ui.form_fold import FormFold


def cramped() -> FormFold:
    fold = FormFold()
    fold.set_spare(-20)
    return fold


def test_it_goes_only_where_there_is_no_room_and_the_socket_works() -> None:
    fold = cramped()
    assert not fold.decide(False, False, 100)
    assert fold.decide(True, False, 100)
    roomy = FormFold()
    roomy.set_spare(0)
    assert not roomy.decide(True, False, 100)


def test_it_stays_while_the_keyboard_is_in_it() -> None:
    fold = cramped()
    assert not fold.decide(True, True, 100)
    assert fold.decide(True, False, 100)


def test_it_comes_back_when_its_room_is_there_or_the_socket_stops() -> None:
    fold = cramped()
    fold.decide(True, False, 100)
    fold.set_spare(99)
    assert fold.decide(True, False, 0)
    fold.set_spare(100)
    assert not fold.decide(True, False, 0)
    fold.set_spare(-1)
    assert fold.decide(True, False, 100)
    assert not fold.decide(False, False, 0)


def test_what_the_user_wants_holds() -> None:
    fold = cramped()
    fold.decide(True, False, 100)
    fold.choose(False)
    assert not fold.decide(True, False, 100)
    fold.begin()  # another socket
    assert fold.decide(True, False, 100)
    fold.choose(True)
    assert fold.chosen
    fold.set_spare(500)
    assert fold.decide(False, False, 0)
    assert fold.decide(True, False, 0)


def test_a_start_ends_what_the_user_wanted_of_the_form_before() -> None:
    fold = cramped()
    fold.choose(False)
    fold.decide(False, False, 100)
    assert fold.decide(True, False, 100)
