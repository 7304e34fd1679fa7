"""A key in the settings is answered at once, however long the script or the table of rules of the socket is."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from explorer.capture.stream import Scope
from explorer.core.errors import InputError
from explorer.core.fields import check
from explorer.core.socket_spec import Choice, SocketSpec
from explorer.programs import script
from explorer.programs.registry import check_choice
from explorer.programs.rules import MOST_RULES
from explorer.ui.choice_draft import ChoiceDraft
from explorer.ui.dialogs.code_dialog import CodeDialog
from explorer.ui.dialogs.rules_dialog import RulesDialog
from explorer.ui.panes.settings_pane import SettingsPane
from explorer.ui.theme import Theme
from explorer.ui.workbench import Workbench
from explorer.workspace import PROGRAMS
from tests.fakes.untraced import untraced

KEY = 0.016  # seconds
KEYS = 7
HEAD = "def on_message(connection, message):\n    return message\n\n"
LONG_SCRIPT = HEAD + "".join(f"def f{n}(a, b):\n    # {n}\n    return a + b * {n}\n\n" for n in range(1400))
RULES = check_choice(
    {
        "kind": "rules",
        "rules": [{"match": "starts", "pattern": f"cmd{n:03}", "answer": "ok"} for n in range(MOST_RULES)],
    }
)


@pytest.fixture
def pane(qtbot: QtBot, workbench: Workbench, theme: Theme) -> SettingsPane:
    made = SettingsPane(workbench, theme)
    qtbot.addWidget(made)
    made.resize(900, 500)
    with qtbot.waitActive(made):
        made.show()
        made.activateWindow()
    return made


def choose(workbench: Workbench, program: Choice) -> int:
    number = workbench.add_socket(SocketSpec("server", program=program))
    workbench.selection.choose_scope(Scope(number))
    return number


def usual_time(press: Callable[[], object]) -> float:
    """Seconds of work for a press and what it paints: the least of some. What else the machine does is not counted."""
    times = []
    with untraced():
        for _ in range(KEYS):
            start = time.thread_time()
            press()
            QApplication.processEvents()
            times.append(time.thread_time() - start)
    return min(times)


def typing(widget: QWidget) -> Callable[[], object]:
    return lambda: QTest.keyClick(widget, Qt.Key.Key_1)


@pytest.mark.parametrize("program", [Choice("script", {"source": LONG_SCRIPT}), RULES], ids=["script", "rules"])
@pytest.mark.parametrize("opened", [False, True], ids=["", "window open"])
def test_a_key_in_another_field_does_not_read_the_program_anew(
    pane: SettingsPane, workbench: Workbench, program: Choice, opened: bool
) -> None:
    choose(workbench, program)
    if opened:
        pane.program.open_cell("source" if program.kind == "script" else "rules")
        assert pane.program.window.dialog is not None
    pane.program.toggle.setChecked(True)
    QApplication.processEvents()
    assert len(LONG_SCRIPT) > 64_000
    assert usual_time(typing(pane.header.name)) < KEY
    assert usual_time(typing(pane.host.edit)) < KEY


def test_a_key_in_a_long_script_is_written_at_once(pane: SettingsPane, workbench: Workbench, qtbot: QtBot) -> None:
    number = choose(workbench, Choice("script", {"source": LONG_SCRIPT}))
    pane.program.open_cell("source")
    dialog = pane.program.window.dialog
    assert isinstance(dialog, CodeDialog)
    qtbot.waitUntil(dialog.isActiveWindow)
    assert usual_time(lambda: QTest.keyClick(dialog.editor, Qt.Key.Key_Return)) < KEY
    qtbot.waitUntil(lambda: workbench.sockets[0].spec.program.settings["source"] == "\n" * KEYS + LONG_SCRIPT)
    assert workbench.sockets[0].number == number


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The scripts that Python read."""
    read: list[str] = []
    known = script._check_source

    def counted(source: str) -> frozenset[str]:
        read.append(source)
        return known(source)

    monkeypatch.setattr(script, "_check_source", counted)
    yield read
    monkeypatch.setattr(script, "_last", ("", frozenset()))


def test_python_reads_each_script_once(
    pane: SettingsPane, workbench: Workbench, checks: list[str], qtbot: QtBot
) -> None:
    choose(workbench, Choice("script", {"source": HEAD}))
    pane.program.open_cell("source")
    dialog = pane.program.window.dialog
    assert isinstance(dialog, CodeDialog)
    qtbot.waitUntil(dialog.isActiveWindow)
    checks.clear()
    QTest.keyClicks(pane.header.name, "abc")
    assert checks == []
    QTest.keyClick(dialog.editor, Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(dialog.editor, "#a")
    assert checks == [HEAD + "#", HEAD + "#a"]


def test_what_was_found_is_told_again(checks: list[str]) -> None:
    for _ in range(2):
        assert script.check_source(HEAD) == {"on_message"}
    for _ in range(2):
        with pytest.raises(InputError, match="Line 1"):
            script.check_source("def")
    assert script.check_source(HEAD) == {"on_message"}
    assert checks == [HEAD, "def", HEAD]
    for _ in range(2):
        with pytest.raises(InputError, match="none of on_open"):
            script.check_source("")


def test_a_draft_reads_only_what_changed() -> None:
    draft = ChoiceDraft(PROGRAMS, RULES)
    first = draft.check()
    values = draft.values
    assert first.choice is RULES
    assert draft.check().choice is RULES
    assert draft.values is values
    field = draft.description.fields[0]
    rows = draft.rows(field)
    draft.put("rules", rows[:3])
    shorter = draft.check().choice
    assert shorter is not None
    assert shorter != RULES
    assert draft.check().choice is shorter
    draft.put("rules", ({**rows[0], "delay": "soon"}, *rows[1:]))
    assert list(draft.check().problems) == ["rules[0].delay"]
    assert draft.values == check(draft.description.fields, shorter.settings)
    draft.put("rules", rows)
    assert draft.check().choice is RULES
    draft.settle(shorter)
    full = draft.check().choice
    assert full is not None
    assert check(draft.description.fields, full.settings) == check(draft.description.fields, RULES.settings)
    draft.take(shorter)
    assert draft.check().choice is shorter


def test_rules_are_looked_into_a_moment_after_they_change(
    pane: SettingsPane, workbench: Workbench, qtbot: QtBot
) -> None:
    choose(workbench, RULES)
    pane.program.open_cell("rules")
    dialog = pane.program.window.dialog
    assert isinstance(dialog, RulesDialog)
    assert not dialog.doubts.isVisible()
    dialog.editor.table.go_to(3)
    dialog.editor.remove_rows()
    dialog.editor.table.go_to(0)
    dialog.editor.duplicate_rows()
    assert not dialog.doubts.isVisible()
    qtbot.waitUntil(dialog.doubts.isVisible)
    assert dialog.doubts.text().startswith("△ Row 2: ")
