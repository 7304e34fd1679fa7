"""A framing in a few words, as headers show it: "Lines, LF"."""

from __future__ import annotations

from explorer.core.errors import InputError
from explorer.core.fields import Field, Value
from explorer.core.socket_spec import Choice
from explorer.ui.choice_draft import applies
from explorer.wire.framing.registry import find_kind


def framing_text(choice: Choice) -> str:
    """Label and settings; those left at a default that goes without saying are left out."""
    try:
        kind = find_kind(choice.kind)
    except InputError:
        return choice.kind
    parts = [kind.label]
    values = {field.name: choice.settings.get(field.name, field.default) for field in kind.fields}
    for field in kind.fields:
        value = values[field.name]
        if value is not None and applies(field, kind.fields, values) and (value != field.default or _telling(field)):
            part = _setting_text(field, value)
            if part:
                parts.append(part)
    return ", ".join(parts)


def _telling(field: Field) -> bool:
    """Whether even the default says something: which of several line endings, but not that there is no checksum."""
    return field.type == "choice" and not field.needs and field.default != "none"


def _setting_text(field: Field, value: Value) -> str:
    if field.type == "choice":
        if field.needs:
            return f"{field.label.lower()} {value}"
        return str(value).upper() if len(str(value)) <= 4 and value != "any" else str(value)
    if field.type == "bool":
        return field.label.lower() if value else ""
    if field.type == "hex":
        return bytes.fromhex(str(value).replace(" ", "")).hex(" ") if _is_hex(str(value)) else str(value)
    if field.type == "int":
        number = f"{value:,} {field.unit}".strip()
        return number if field.name == "size" else f"{field.label.lower()} {number}"
    return f"{field.label.lower()} {value}"


def _is_hex(text: str) -> bool:
    try:
        bytes.fromhex(text)
    except ValueError:
        return False
    return True
