"""What was looked for: each pattern once, called back with the arrow keys, kept for the next start."""

from __future__ import annotations

from explorer.ui.find_history import LONGEST, MOST, FindHistory


def test_back_and_forward() -> None:
    history = FindHistory()
    for entry in (("text", "one"), ("hex", "02"), ("text", "one")):
        history.add(entry)
    assert history.lines == ["hex:02", "text:one"]
    assert history.back(("text", "one")) == ("hex", "02")  # the newest stands in the field still
    assert history.back(("hex", "02")) is None
    assert history.forward() == ("text", "one")
    assert history.forward() == ("text", "one")
    assert history.forward() is None
    history.back(("text", "o"))
    history.leave()
    assert history.back(("regex", "o+")) == ("text", "one")
    assert history.forward() == ("regex", "o+")


def test_there_are_few_and_long_ones_are_left_out() -> None:
    history = FindHistory()
    for number in range(MOST + 5):
        history.add(("text", str(number)))
    history.add(("text", "x" * (LONGEST + 1)))
    history.add(("text", ""))
    assert history.lines == [f"text:{number}" for number in range(5, MOST + 5)]


def test_lines_of_the_settings() -> None:
    history = FindHistory()
    history.add(("text", "gone"))
    history.load(["hex:48 ??", "smoke:signal", "regex:a:b", "nothing"])
    assert history.lines == ["hex:48 ??", "regex:a:b"]
    assert history.back(("text", "")) == ("regex", "a:b")
