"""Checked settings with their types: `fields.check` has run, so another type here is a bug."""

from __future__ import annotations

from collections.abc import Mapping

from explorer.core.fields import Value


def integer(values: Mapping[str, Value], name: str) -> int:
    value = values[name]
    if not isinstance(value, int):
        raise TypeError(f"{name} is {value!r}, not an int")
    return value


def text(values: Mapping[str, Value], name: str) -> str:
    value = values[name]
    if not isinstance(value, str):
        raise TypeError(f"{name} is {value!r}, not a str")
    return value


def flag(values: Mapping[str, Value], name: str) -> bool:
    value = values[name]
    if not isinstance(value, bool):
        raise TypeError(f"{name} is {value!r}, not a bool")
    return value
