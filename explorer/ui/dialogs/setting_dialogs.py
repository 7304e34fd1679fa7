"""Which window a setting has."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from explorer.core.fields import Field
from explorer.ui.dialogs.setting_dialog import RowsDialog, SettingDialog
from explorer.ui.theme import Theme

RULES = "rules"  # the program with rules that can be tried


def make_dialog(kind: str, field: Field, theme: Theme, parent: QWidget) -> SettingDialog:
    """kind: the program's or framing's name."""
    if field.type == "code":
        from explorer.ui.dialogs.code_dialog import CodeDialog

        return CodeDialog(field, theme, parent)
    if kind == RULES and field.type == "rows":
        from explorer.ui.dialogs.rules_dialog import RulesDialog

        return RulesDialog(field, theme, parent)
    return RowsDialog(field, theme, parent)
