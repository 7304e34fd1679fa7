"""A framing in a few words, as headers show it: "Lines, LF"."""

from __future__ import annotations

from explorer.core.errors import InputError
from explorer.core.fields import Field, Value
from explorer.core.socket_spec import Choice
from explorer.wire.framing.registry import find_kind


def framing_text(choice: Choice) -> str:
    """Label and settings; those left at a default that goes without saying are left out."""
    try:
        kind = find_kind(choice.kind)
    except InputError:
        return choice.kind
    parts = [kind.label]
    for field in kind.fields:
        given = choice.settings.get(field.name)
        value = field.default if given is None else given
        if value is not None and ((given is not None and given != field.default) or field.type == "choice"):
            part = _setting_text(field, value)
            if part:
                parts.append(part)
    return ", ".join(parts)


def _setting_text(field: Field, value: Value) -> str:
    if field.type == "choice":
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
