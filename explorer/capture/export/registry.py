"""All export formats. Another one is one file with a `FORMAT`, and one line here."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from explorer.capture.catalog import Catalog
from explorer.capture.export import csv_table, hex_text, json_lines, pcapng, raw_bytes
from explorer.capture.export.api import ExportFormat, ExportOptions, ExportResult, Progress, write_export
from explorer.capture.reader import Reader
from explorer.capture.stream import Scope
from explorer.core.errors import InputError

FORMATS: tuple[ExportFormat, ...] = (
    pcapng.FORMAT,
    csv_table.FORMAT,
    json_lines.FORMAT,
    hex_text.FORMAT,
    raw_bytes.FORMAT,
)


def find_format(suffix: str) -> ExportFormat:
    """The format of files that end with `suffix` (".csv", "CSV"). Raises InputError."""
    wanted = "." + suffix.lower().removeprefix(".")
    for form in FORMATS:
        if form.suffix == wanted:
            return form
    known = ", ".join(form.suffix for form in FORMATS)
    what = f"There is no export to {wanted} files" if wanted != "." else "The file's name has no ending"
    raise InputError("out", f"{what}; the name's ending chooses the format: {known}.")


def export(
    reader: Reader,
    catalog: Catalog,
    scope: Scope,
    out: BinaryIO | Path,
    progress: Progress = lambda done, total: True,
    *,
    form: ExportFormat | None = None,
    options: ExportOptions = ExportOptions(),  # noqa: B008 - frozen
) -> ExportResult:
    """Write the calls of a scope to a file, whose ending chooses the format unless `form` is given.

    A file appears under its name only when it is whole: a cancelled or failed export leaves nothing.
    Raises InputError for an unknown ending, CaptureError when the file cannot be written.
    """
    if form is None:
        form = find_format(out.suffix if isinstance(out, Path) else "")
    return write_export(form, reader, catalog, scope, out, progress, options)
