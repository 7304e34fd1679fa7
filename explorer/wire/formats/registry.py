"""The formats, in the order in which menus list them. A new one is a file here and a line below."""

from __future__ import annotations

from explorer.wire.formats import arrays, base64, hexes, json, python, texts
from explorer.wire.formats.api import Format

FORMATS: tuple[Format, ...] = (
    hexes.SPACED,
    hexes.PLAIN,
    hexes.DUMP,
    hexes.ESCAPES,
    texts.TEXT,
    texts.ESCAPED,
    python.PYTHON,
    arrays.C,
    arrays.RUST,
    arrays.GO,
    arrays.JAVA,
    arrays.JAVASCRIPT,
    base64.BASE64,
    json.JSON,
)


def find_format(name: str) -> Format:
    """The format called `name`. Raises KeyError: only code names formats."""
    return {known.name: known for known in FORMATS}[name]
