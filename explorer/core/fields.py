"""Descriptions of settings: one description serves validation, JSON schema and the settings form.

A framer or a program lists its settings as `Field`s. `check` turns what a user or a file gave into
complete, typed values, or raises `InputError` with the path of the wrong one.
"""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from explorer.core.errors import InputError

Scalar = int | str | bool
Rows = tuple[Mapping[str, Scalar], ...]  # of a table; nobody changes one
Value = Scalar | Rows
FieldType = Literal["int", "choice", "bool", "hex", "text", "secret", "code", "rows"]
MOST_ROWS = 1000
UNKEPT = "••••••"  # stands in captures where a secret was


@dataclass(frozen=True, slots=True)
class Field:
    """One setting.

    type: ``hex`` is a string of hex digits that stands for bytes (``"0d0a"``). ``secret`` is text that a form does not
    show in the clear, ``code`` text of several lines. ``rows`` is a table, in JSON a list of objects; `columns` are the
    settings of a row.
    default: None means that the setting must be given.
    minimum, maximum: limits of an int (inclusive), of the number of bytes of a hex, of characters of a text, secret or
    code, or of rows (MOST_ROWS where none is given).
    unit: shown after the value, e.g. "bytes".
    needs: the name of another field of the same kind without which this one means nothing: it counts (and a form
    shows it) only while that other one is not at its default.

    For forms alone: labels: what is read for each of the choices; none: the choices themselves. common: choices that
    are offered before the others. brief: the label right behind the field that this one needs. usual: of a choice,
    the choices of another field that usually go with it, as (choice, name of that field, its choice).
    """

    name: str
    type: FieldType
    default: Value | None
    label: str
    help: str
    minimum: int | None = None
    maximum: int | None = None
    choices: tuple[str, ...] = ()
    unit: str = ""
    columns: tuple[Field, ...] = ()
    needs: str = ""
    labels: tuple[str, ...] = ()
    common: tuple[str, ...] = ()
    brief: str = ""
    usual: tuple[tuple[str, str, str], ...] = ()

    def label_of(self, choice: str) -> str:
        """What is read for one of the choices."""
        return self.labels[self.choices.index(choice)] if self.labels else choice


def whole(value: Value) -> int:
    """The value of a field of type int, as `check` gives it. Raises TypeError for another."""
    if isinstance(value, int):
        return value
    raise TypeError(f"{value!r} is no whole number")


def rows_of(value: Value) -> Rows:
    """The value of a field of type rows, as `check` gives it. Raises TypeError for another."""
    if isinstance(value, tuple):
        return value
    raise TypeError(f"{value!r} is no table")


def check(fields: Sequence[Field], given: Mapping[str, object], path: str = "$") -> dict[str, Value]:
    """Complete, checked values for `fields`. Raises InputError for an unknown, missing or wrong one."""
    known = {field.name: field for field in fields}
    for name in given:
        if name not in known:
            names = ", ".join(known) or "none"
            raise InputError(f"{path}.{name}", f"There is no setting called {name!r} here (known: {names}).")
    values: dict[str, Value] = {}
    for field in fields:
        value = given.get(field.name, field.default)
        if value is None:
            raise InputError(f"{path}.{field.name}", f"{field.label} is missing.")
        values[field.name] = check_value(field, value, f"{path}.{field.name}")
    return values


def check_value(field: Field, value: object, path: str) -> Value:
    """`value` as this field's type and within its limits, or InputError at `path`."""
    if field.type == "bool":
        if isinstance(value, bool):
            return value
        raise InputError(path, f"{field.label} must be true or false, not {value!r}.")
    if field.type == "int":
        if isinstance(value, bool) or not isinstance(value, int):
            raise InputError(path, f"{field.label} must be a whole number, not {value!r}.")
        _check_limits(field, value, path)
        return value
    if field.type == "rows":
        return _check_rows(field, value, path)
    if not isinstance(value, str):
        raise InputError(path, f"{field.label} must be text{_instead(field, value)}.")
    if field.type == "choice" and value not in field.choices:
        raise InputError(path, f"{field.label} must be one of {', '.join(field.choices)}, not {value!r}.")
    if field.type == "hex":
        _check_limits(field, len(hex_bytes(value, path)), path)
    if field.type in ("text", "secret", "code"):
        _check_limits(field, len(value), path)
    return value


def _instead(field: Field, value: object) -> str:
    """What was given, for a sentence; nothing where it may be a secret or hold one."""
    secret = any(one.type == "secret" for one in (field, *field.columns))
    return "" if secret else f", not {value!r}"


def _check_rows(field: Field, value: object, path: str) -> Rows:
    """A table from JSON, or as it was checked before."""
    if not isinstance(value, list | tuple):
        raise InputError(path, f"{field.label} must be a list of rows{_instead(field, value)}.")
    _check_limits(replace(field, maximum=field.maximum or MOST_ROWS), len(value), path)
    rows: list[Mapping[str, Scalar]] = []
    for place, row in enumerate(value):
        where = f"{path}[{place}]"
        if not isinstance(row, Mapping):
            raise InputError(where, f"A row of {field.label} must be an object{_instead(field, row)}.")
        rows.append(
            {name: cell for name, cell in check(field.columns, row, where).items() if not isinstance(cell, tuple)}
        )
    return tuple(rows)


_COUNTED = {"hex": " bytes", "text": " characters", "secret": " characters", "code": " characters", "rows": " rows"}


def _check_limits(field: Field, number: int, path: str) -> None:
    low, high = field.minimum, field.maximum
    if (low is None or number >= low) and (high is None or number <= high):
        return
    unit = f" {field.unit}" if field.unit else _COUNTED.get(field.type, "")
    if low is not None and low == high:
        wanted = f"exactly {low:,}{' byte' if low == 1 and unit == ' bytes' else unit}"
    elif low is not None and high is not None:
        wanted = f"from {low:,} to {high:,}{unit}"
    elif low is not None:
        wanted = f"at least {low:,}{unit}"
    else:
        wanted = f"at most {high:,}{unit}"
    raise InputError(path, f"{field.label} must be {wanted}; {number:,} is not.")


def hex_bytes(digits: str, path: str) -> bytes:
    """Bytes from plain hex digits (spaces allowed between bytes). Raises InputError."""
    for position, character in enumerate(digits, start=1):
        if character != " " and character not in string.hexdigits:
            raise InputError(path, f"{character!r} (character {position}) is not a hex digit (0-9, a-f).")
    bare = digits.replace(" ", "")
    if len(bare) % 2:
        raise InputError(path, f"Hex digits come in pairs, one pair a byte; there are {len(bare)}.")
    return bytes.fromhex(bare)
