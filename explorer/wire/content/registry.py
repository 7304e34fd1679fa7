"""The content views. Adding one is a file of its own and one line here."""

from __future__ import annotations

from explorer.wire.content.api import ContentView, Hints
from explorer.wire.content.hex_view import HexView
from explorer.wire.content.http_view import HttpView
from explorer.wire.content.json_view import JsonView
from explorer.wire.content.text_view import TextView

VIEWS: tuple[ContentView, ...] = (JsonView(), HttpView(), TextView(), HexView())


def choose(data: bytes, hints: Hints) -> ContentView:
    """The view of the highest priority that accepts these bytes. Hex accepts any."""
    return next(view for view in sorted(VIEWS, key=lambda view: -view.priority) if view.accepts(data, hints))


def find_view(name: str) -> ContentView | None:
    return next((view for view in VIEWS if view.name == name), None)
