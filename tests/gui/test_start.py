"""What a start leaves for later: files that nothing needs before the first window."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

LATE = (
    "explorer.bridge.engine_thread",  # with the first command
    "explorer.net.engine",
    "explorer.worker",
    "explorer.programs.script",
    "explorer.programs.rules",
    "explorer.programs.rule_book",
    "explorer.programs.chat",
    "explorer.net.processes",
    "explorer.core.parcels",
    "explorer.ui.panes.messages_pane",  # when they are looked at
    "explorer.ui.panes.found_pane",
    "explorer.ui.panes.inspector_pane",
    "explorer.ui.panes.content_pane",
    "explorer.ui.panes.notes_pane",
    "explorer.ui.panes.framing_bench_pane",
    "explorer.ui.panes.ruler_pane",
    "explorer.ui.panes.chat_pane",
    "explorer.ui.panes.log_view_pane",
    "explorer.ui.models.chat_model",
    "explorer.ui.models.log_lines_model",
    "explorer.ui.widgets.bubble_table",
    "explorer.ui.widgets.bubble_painter",
    "explorer.ui.widgets.chat_line",
    "explorer.wire.log_lines",
    "explorer.wire.http_requests",
    "explorer.ui.panes.load_pane",
    "explorer.ui.panes.python_pane",
    "explorer.ui.python_runner",
    "explorer.ui.widgets.python_view",
    "explorer.as_python",
    "explorer.core.load",
    "explorer.core.latency",
    "explorer.net.load",
    "explorer.ui.panes.serving_pane",
    "explorer.ui.serving_scene",
    "explorer.ui.widgets.serving_picture",
    "explorer.ui.widgets.framing_note",
    "explorer.ui.widgets.program_note",
    "explorer.ui.widgets.conversation_picture",
    "explorer.ui.widgets.secret_edit",
    "explorer.ui.widgets.rows_editor",
    "explorer.ui.widgets.code_editor",
    "explorer.ui.models.rows_model",
    "explorer.ui.typed_rows",
    "explorer.ui.script_output",
    "explorer.ui.script_trust",
    "explorer.ui.panes.settings_trust",
    "explorer.ui.widgets.trust_bar",
    "explorer.trust",
    "explorer.ui.dialogs.setting_dialog",
    "explorer.ui.dialogs.setting_dialogs",
    "explorer.ui.dialogs.code_dialog",
    "explorer.ui.dialogs.rules_dialog",
    "explorer.rules_trial",
    "explorer.ui.panes.sequence_pane",
    "explorer.ui.sequence_book",
    "explorer.ui.sequence_play",
    "explorer.ui.step_draft",
    "explorer.ui.widgets.step_form",
    "explorer.ui.widgets.sequence_view",
    "explorer.core.sequence",
    "explorer.workspace_sequences",
    "explorer.wire.matching",
    "explorer.net.automation",
    "explorer.run_sequences",
    "explorer.capture.first_messages",
    "explorer.ui.models.messages_model",
    "explorer.ui.models.notes_model",
    "explorer.ui.widgets.content_text",
    "explorer.ui.widgets.text_page",
    "explorer.ui.widgets.text_view",
    "explorer.ui.widgets.byte_table",
    "explorer.wire.framing.guess",
    "explorer.wire.inspector",
    "explorer.wire.content",
    "explorer.ui.dialogs.about_dialog",  # when they are opened
    "explorer.ui.dialogs.compare_dialog",
    "explorer.ui.dialogs.options_dialog",
    "explorer.ui.dialogs.shortcuts_dialog",
    "explorer.ui.dialogs.snippets_dialog",
    "explorer.wire.compare",
    "explorer.capture.export",  # when it is done
    "explorer.wire.pasting",
    "asyncio",
    "email",
    "fastcrc",
    "http",
    "multiprocessing",
    "ssl",
    "urllib.request",
)

STARTED = """
import sys
from explorer.app import Program, make_application
app = make_application()
program = Program()
program.open(None, start=False)
app.processEvents()
print(*sorted(sys.modules))
program.window.close()
"""


def test_a_start_imports_nothing_that_it_does_not_need(tmp_path: Path) -> None:
    """Where Python keeps no bytecode, each of these files would be compiled anew, at every start."""
    env = {**os.environ, "SOCKET_EXPLORER_DATA": str(tmp_path), "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run([sys.executable, "-c", STARTED], env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    imported = done.stdout.split()
    assert "explorer.ui.main_window" in imported
    early = [name for name in imported if name.startswith(tuple(f"{late}." for late in LATE)) or name in LATE]
    assert not early, f"imported at every start: {early}"
    missing = [name for name in LATE if name.startswith("explorer.") and not _exists(name)]
    assert not missing, f"no such module any more: {missing}"


def _exists(name: str) -> bool:
    place = Path(__file__).parents[2].joinpath(*name.split("."))
    return place.is_dir() or place.with_suffix(".py").is_file()
