"""A table of settings (a field of type rows) as its cells are typed: read, written, pasted. No Qt."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from explorer.core.errors import InputError
from explorer.core.fields import Field, Rows, Scalar, Value, check_value, rows_of
from explorer.ui.choice_draft import TypedRow, TypedRows, applies, parse_field

_CELL = re.compile(r"(?P<field>\w+)\[(?P<row>\d+)\](?:\.(?P<column>\w+))?")
YES = ("yes", "true", "on", "1", "x")
HIDDEN = "••••••••"


def cell_path(field: str, row: int, column: str) -> str:
    """E.g. ``rules[2].pattern``."""
    return f"{field}[{row}].{column}"


def parse_path(path: str) -> tuple[str, int, str] | None:
    """Field, row and column ("" for the whole row) of a cell's path; None where it is none."""
    found = _CELL.fullmatch(path)
    return (found["field"], int(found["row"]), found["column"] or "") if found else None


def empty_row(field: Field) -> TypedRow:
    """What a new row holds."""
    return {column.name: _cell(column, column.default) for column in field.columns}


def write_rows(field: Field, value: Value) -> TypedRows:
    """What stands in the cells for a checked value."""
    rows = rows_of(check_value(field, value, field.name)) if value else ()
    return tuple({column.name: _cell(column, row.get(column.name)) for column in field.columns} for row in rows)


def _cell(column: Field, value: Value | None) -> str | bool:
    if column.type == "bool":
        return bool(value)
    return "" if value is None else str(value)


def applying(field: Field, row: TypedRow) -> tuple[Field, ...]:
    """The columns that mean something in this row, as its other cells stand."""
    values = {column.name: _read(column, row) for column in field.columns}
    return tuple(column for column in field.columns if applies(column, field.columns, values))


def _read(column: Field, row: TypedRow) -> Value | None:
    try:
        return parse_field(column, row[column.name])
    except InputError:
        return None


def _read_cells(field: Field, typed: TypedRows) -> Iterator[tuple[int, Field, Scalar | InputError]]:
    for place, row in enumerate(typed):
        for column in applying(field, row):
            try:
                value = parse_field(column, row[column.name])
            except InputError as error:
                yield place, column, error
            else:
                assert not isinstance(value, tuple)
                yield place, column, value


def wrong_cells(field: Field, typed: TypedRows) -> dict[str, str]:
    """A sentence for each cell that cannot be used, by its path."""
    return {
        cell_path(field.name, place, column.name): found.message
        for place, column, found in _read_cells(field, typed)
        if isinstance(found, InputError)
    }


def parse_rows(field: Field, typed: TypedRows) -> Rows:
    """The table's value. Raises InputError for the first cell that is wrong, or the number of rows."""
    rows: list[dict[str, Scalar]] = [{} for _ in typed]
    for place, column, found in _read_cells(field, typed):
        if isinstance(found, InputError):
            raise InputError(cell_path(field.name, place, column.name), found.message)
        rows[place][column.name] = found
    return rows_of(check_value(field, rows, field.name))


# -- text ---------------------------------------------------------------------------------------------


def summary(field: Field, typed: TypedRows, most: int = 60) -> str:
    """E.g. ``3 rows: ping pong; …``, without secrets."""
    if not typed:
        return "none yet"
    parts: list[str] = []
    for row in typed:
        if sum(map(len, parts)) > most:
            break  # nobody would see more
        words = (_shown(column, row[column.name]) for column in applying(field, row) if _says_more(column, row))
        parts.append(" ".join(word for word in words if word))
    text = "; ".join(parts)
    count = f"{len(typed):,} row{'s' * (len(typed) != 1)}"
    return f"{count}: {text if len(text) <= most else text[: most - 1] + '…'}" if text.strip("; ") else count


def _says_more(column: Field, row: TypedRow) -> bool:
    """Whether a cell belongs in a summary: a text does, what is chosen or ticked where it is not as in a new row."""
    if column.type == "secret":
        return False
    return column.type in ("text", "hex", "code") or row[column.name] != _cell(column, column.default)


def _shown(column: Field, cell: str | bool) -> str:
    if isinstance(cell, bool):
        return column.label.lower() if cell else f"not {column.label.lower()}"
    if column.type == "choice":
        return column.label_of(cell) if cell in column.choices else cell
    return " ".join(cell.split())


def to_text(field: Field, typed: TypedRows) -> str:
    """Rows as lines with tabs between their cells, for the clipboard; secrets are left empty."""
    return "\n".join("\t".join(_copied(column, row) for column in field.columns) for row in typed)


def _copied(column: Field, row: TypedRow) -> str:
    cell = row[column.name]
    if column.type == "secret":
        return ""
    return ("yes" if cell else "no") if isinstance(cell, bool) else re.sub(r"[\t\r\n]+", " ", cell)


def from_text(field: Field, text: str) -> TypedRows:
    """Rows from lines with tabs between the cells, as spreadsheets copy them. Cells that are lacking are as in a new
    row; those beyond the last column are left out."""
    rows = []
    for line in text.splitlines():
        if line.strip():
            cells = dict(zip((column.name for column in field.columns), line.split("\t"), strict=False))
            rows.append(_pasted(field, cells))
    return tuple(rows)


def _pasted(field: Field, cells: Mapping[str, str]) -> TypedRow:
    row = dict(empty_row(field))
    for column in field.columns:
        if column.name not in cells:
            continue
        text = cells[column.name]
        if column.type == "bool":
            row[column.name] = text.strip().lower() in YES
        elif column.type == "choice":
            row[column.name] = _choice(column, text.strip())
        else:
            row[column.name] = text
    return row


def _choice(column: Field, text: str) -> str:
    """By its name or by what is read for it."""
    return next((one for one in column.choices if text.lower() in (one.lower(), column.label_of(one).lower())), text)
