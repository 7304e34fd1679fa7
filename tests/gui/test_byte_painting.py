"""What is painted of a byte view: every glyph in its place, every mark in its colour."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, QRect
from PySide6.QtGui import QBrush, QColor, QFont, QFontDatabase, QGlyphRun, QImage, QPainter, QPen, QRawFont
from PySide6.QtWidgets import QApplication

from explorer.ui.palettes import DARK, LIGHT, LIGHT_CONTRAST, Colors
from explorer.ui.widgets.byte_glyphs import ELSEWHERE, GlyphFont
from explorer.ui.widgets.byte_grid import ByteGrid, Places
from explorer.ui.widgets.byte_layout import ByteLayout
from explorer.ui.widgets.byte_painter import BytePainter
from explorer.ui.widgets.byte_scene import (
    Highlight,
    MessagePart,
    TextKind,
    Tie,
    View,
    VisibleRow,
    WindowText,
    continuous_rows,
)
from explorer.ui.widgets.byte_window import ByteWindow, Run


def mono() -> QFont:
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setPointSizeF(10)
    return font


@dataclass
class Recorder:
    """Stands in for a QPainter: keeps which glyphs and rectangles were painted in which colour."""

    glyphs: dict[tuple[float, float], tuple[int, str, str]] = field(default_factory=dict)  # glyph, colour, font
    rects: list[tuple[QRect, str]] = field(default_factory=list)
    color: str = ""

    def setPen(self, pen: QColor | QPen | object) -> None:
        self.color = pen.name() if isinstance(pen, QColor) else self.color

    def setBrush(self, brush: QColor | QBrush | object) -> None:
        self.color = brush.name() if isinstance(brush, QColor) else self.color

    def drawGlyphRun(self, at: QPointF, run: QGlyphRun) -> None:
        for index, place in zip(run.glyphIndexes(), run.positions(), strict=True):
            self.glyphs[at.x() + place.x(), at.y() + place.y()] = index, self.color, run.rawFont().familyName()

    def drawRects(self, rects: list[QRect]) -> None:
        self.rects += [(QRect(rect), self.color) for rect in rects]

    def drawRect(self, rect: QRect) -> None:
        self.rects.append((QRect(rect), self.color))

    def fillRect(self, *what: object) -> None:
        pass


def recorded(view: View, colors: Colors = LIGHT, per_row: int = 16) -> tuple[Recorder, ByteLayout]:
    painter = BytePainter(mono(), colors)
    layout, recorder = painter.layout(per_row, 1 << 20), Recorder()
    painter.paint(recorder, layout, view)  # type: ignore[arg-type]  # it stands in
    return recorder, layout


def painted(view: View, colors: Colors = LIGHT, per_row: int = 16) -> tuple[QImage, ByteLayout]:
    painter = BytePainter(mono(), colors)
    layout = painter.layout(per_row, 1 << 20)
    image = QImage(layout.width, max(1, len(view.rows)) * layout.line, QImage.Format.Format_RGB32)
    image.fill(QColor(colors.base))
    canvas = QPainter(image)
    painter.paint(canvas, layout, view)
    canvas.end()
    return image, layout


def colors_at(image: QImage, rect: QRect) -> set[str]:
    return {
        image.pixelColor(x, y).name()
        for x in range(rect.left(), rect.right() + 1)
        for y in range(rect.top(), rect.bottom() + 1)
    }


def cells_of(view: View, layout: ByteLayout) -> Iterator[tuple[int, QRect, QRect]]:
    """Position and cells in hex and in text of every byte that is shown."""
    for line, row in enumerate(view.rows):
        for at in range(row.start, row.stop):
            (x, width), (text_x, text_width) = (
                layout.span("hex", at - row.start, at - row.start + 1),
                layout.span("text", at - row.start, at - row.start + 1),
            )
            top = line * layout.line
            yield at, QRect(x, top, width, layout.line), QRect(text_x, top, text_width, layout.line)


def window_of(data: bytes, *runs: tuple[int, bool], start: int = 0) -> ByteWindow:
    """A window whose runs are of these sizes and directions, each of one call."""
    found, at = [], start
    for size, received in runs:
        found.append(Run(at, at + size, received, True))
        at += size
    return ByteWindow(start, data, tuple(found), tuple(run.start for run in found))


def glyph(character: str) -> int:
    return QRawFont.fromFont(mono()).glyphIndexesForString(character)[0]


# -- lines ------------------------------------------------------------------------------------------------------

RULE = "recv #12 · 37 of 1024 B · +4.1 ms"
broken_rows = st.lists(st.tuples(st.integers(1, 16), st.booleans()), max_size=12)


@settings(max_examples=40)
@given(broken_rows, st.integers(0, 1000))
def test_every_byte_stands_on_its_line_and_column(parts: list[tuple[int, bool]], start: int) -> None:
    rows, at = list[VisibleRow](), start
    for size, rule in parts:
        if rule:
            rows.append(VisibleRow(at, at, None, RULE, "received"))
        rows.append(VisibleRow(at, at + size, at + 7))
        at += size
    data = bytes((n * 37 + 1) % 256 for n in range(at - start))
    view = View(tuple(rows), window_of(data, (at - start, True), start=start) if data else ByteWindow(start, b""))
    found, layout = recorded(view)
    seen = 0
    for line, row in enumerate(rows):
        base = line * layout.line + layout.ascent
        for position in range(row.start, row.stop):
            column, text = position - row.start, f"{data[position - start]:02x}"
            for half in (0, 1):
                assert found.glyphs[layout.hex_x[column] + half * layout.cell, base][0] == glyph(text[half])
            seen += 1
        label = "" if row.label is None else f"{row.label:08x}"
        here = [found.glyphs.get((layout.offset_x + n * layout.cell, base)) for n in range(8)]
        assert [one[0] for one in here if one] == [glyph(digit) for digit in label]
    assert seen == len(data)


def test_a_rule_says_its_sentence_in_the_colour_of_its_direction() -> None:
    rows = (VisibleRow(0, 0, None, RULE, "sent"), VisibleRow(0, 4, 0), VisibleRow(4, 4, None, RULE, "error"))
    found, layout = recorded(View(rows, window_of(b"abcd", (4, False))))
    for line, color in ((0, LIGHT.sent_text), (2, LIGHT.error)):
        base = line * layout.line + layout.ascent
        for place, character in enumerate(RULE):
            if character != " ":
                index, ink, _ = found.glyphs[layout.hex_x[0] + place * layout.cell, base]
                assert (index, ink) == (glyph(character), color.lower())
        sign = found.glyphs[layout.arrow_x + layout.arrow // 2, base]
        assert sign[0] == glyph("→" if line == 0 else "!")  # not by colour alone
        assert any(
            rect.height() == 1 and rect.width() > layout.cell for rect, ink in found.rects if ink == color.lower()
        )
    # The run that begins below a rule has no second arrow.
    assert (layout.arrow_x + layout.arrow // 2, layout.line + layout.ascent) not in found.glyphs


def test_rules_of_calls_and_of_messages_look_different() -> None:
    row = VisibleRow(0, 0, None, RULE, "received")
    light, layout = recorded(View((row,), ByteWindow(0, b"")))
    strong, _ = recorded(View((row._replace(strong=True),), ByteWindow(0, b"")))
    assert [rect.height() for rect, _ in light.rects] == [1]
    assert max(rect.height() for rect, _ in strong.rects) > layout.line // 3  # the corner
    assert len(strong.rects) == 3


# -- marks ----------------------------------------------------------------------------------------------------------


def test_borders_of_calls_and_of_messages_are_two_marks_that_can_be_told_apart() -> None:
    window = replace(window_of(bytes(16), (16, True)), calls=(0, 6, 10))
    messages = (MessagePart(2, 6, 0), MessagePart(6, 9, 1, True, False), MessagePart(12, 14, 1, False, True))
    view = View(continuous_rows(0, 16, 16), window, messages=messages, call_marks=True, message_marks=True)
    _, layout = recorded(view)

    def marks(view: View) -> set[tuple[int, int, int, int, str]]:
        seen = recorded(view)[0].rects
        accent = (LIGHT.muted.lower(), LIGHT.accent.lower())
        return {(*rect.getRect(), color) for rect, color in seen if color in accent}  # type: ignore[misc]

    calls = marks(replace(view, message_marks=False))
    borders = marks(replace(view, call_marks=False))
    assert marks(view) == calls | borders
    assert marks(replace(view, call_marks=False, message_marks=False)) == set()
    assert {x for x, *_ in calls} == {layout.hex_left[at] for at in window.calls} | {
        layout.text_x[at] for at in (0, 6, 10)
    }
    assert all(width == 1 and color == LIGHT.muted for _, _, width, _, color in calls)
    assert all(color == LIGHT.accent for *_, color in borders)
    assert {x for x, y, *_ in borders if y == 0 and x < layout.text_start} == {layout.hex_left[2], layout.hex_left[6]}
    ends = {
        x + width for x, y, width, height, _ in borders if y + height == layout.line and y and x < layout.text_start
    }
    assert ends == {layout.hex_right[5], layout.hex_right[13]}
    # Where both stand at byte 6, the lower half of the call's border stays in sight.
    image, _ = painted(view)
    assert image.pixelColor(layout.hex_left[6], layout.line - 3).name() == LIGHT.muted
    assert image.pixelColor(layout.hex_left[6], 2).name() == LIGHT.accent


@pytest.mark.parametrize("colors", [LIGHT, DARK, LIGHT_CONTRAST])
def test_hits_highlights_and_notes_are_painted_over_each_other(colors: Colors) -> None:
    view = View(
        continuous_rows(0, 48, 16),
        window_of(b"x" * 48, (48, True)),
        selection=((40, 44),),
        hits=((1, 3), (20, 22), (41, 42)),
        hit=((20, 22),),
        highlights=(Highlight(0, 8, 1), Highlight(4, 12, 3, note=True)),
    )
    image, layout = painted(view, colors)
    cells = {at: (hexed, text) for at, hexed, text in cells_of(view, layout)}

    def has(at: int, color: str) -> bool:
        return all(color.lower() in colors_at(image, cell) for cell in cells[at])

    assert has(0, colors.highlights[1])
    assert has(0, colors.highlight_marks[1])
    assert has(1, colors.hit)
    assert has(1, colors.highlight_marks[1])
    assert has(4, colors.highlights[3])
    assert not has(4, colors.highlights[1])
    note = cells[4][0].topRight()
    assert image.pixelColor(note).name() == colors.highlight_marks[3]
    assert image.pixelColor(cells[5][0].topRight()).name() == colors.highlights[3]
    assert has(20, colors.hit_now)
    assert has(20, colors.text)  # its outline
    assert has(41, colors.accent)
    assert not has(41, colors.hit)
    assert has(30, colors.received_tint)


ranges = st.lists(st.tuples(st.integers(-20, 400), st.integers(1, 9)), max_size=12).map(
    lambda some: [(start, start + size) for start, size in some]
)


@given(st.sampled_from([8, 16, 32]), ranges, st.integers(0, 40))
def test_very_many_ranges_cover_what_few_do(per_row: int, some: list[tuple[int, int]], start: int) -> None:
    layout = ByteLayout(8, 18, 13, per_row, 8)
    rows = continuous_rows(start, start + 300, per_row)
    places = Places(ByteGrid(layout, len(rows)), rows, start, start + 300)

    def covered(rects: list[QRect]) -> set[tuple[int, int]]:
        return {(x, rect.top()) for rect in rects for x in range(rect.left(), rect.right() + 1)}

    few = covered(places.all_rects(some))
    many = covered(places.all_rects(some * 101))
    shown = {at for low, high in some for at in range(max(low, start), min(high, start + 300))}
    spans = [layout.hex_span, layout.text_span]
    expected = {
        (x, (at - start) // per_row * layout.line)
        for at in shown
        for left, width in (span((at - start) % per_row, (at - start) % per_row + 1) for span in spans)
        for x in range(left, left + width)
    }
    assert few <= many  # between two ranges that touch, many also fill the gap of a group
    assert expected <= few
    gaps = {x for column in range(8, per_row, 8) for x in range(layout.hex_right[column - 1], layout.hex_left[column])}
    assert {x for x, _ in many - expected} <= gaps


# -- colours ---------------------------------------------------------------------------------------------------------


def inks(view: View, colors: Colors = LIGHT) -> dict[int, str]:
    """The colour of the first hex digit of each byte."""
    found, layout = recorded(view, colors)
    return {
        at: found.glyphs[cell.left() + layout.cell // 2, cell.top() + layout.ascent][1]
        for at, cell, _ in cells_of(view, layout)
    }


@pytest.mark.parametrize("colors", [LIGHT, DARK])
def test_classes_of_bytes_have_colours(colors: Colors) -> None:
    data = b"\x00A \n\t\x01\x7f\x80\xff~"
    view = View(continuous_rows(0, 10, 16), window_of(data, (10, False)), mode="class")
    expected = [
        colors.zero, colors.printable, colors.whitespace, colors.whitespace, colors.whitespace, colors.control,
        colors.control, colors.high, colors.high, colors.printable,
    ]  # fmt: skip
    assert list(inks(view, colors).values()) == [color.lower() for color in expected]


@pytest.mark.parametrize("mode", ["direction", "class", "message"])
def test_zeros_are_grey_and_directions_are_seen_in_every_mode(mode) -> None:
    data = b"\x00a\x00b" * 8
    view = View(continuous_rows(0, 32, 16), window_of(data, (16, True), (16, False)), mode=mode)
    found = inks(view)
    assert {found[at] for at in range(0, 32, 2)} == {LIGHT.zero}
    if mode != "class":
        assert (found[1], found[17]) == (LIGHT.received_text.lower(), LIGHT.sent_text.lower())
    image, layout = painted(view)
    assert image.pixelColor(layout.gutter_x, 1).name() == LIGHT.received.lower()
    assert image.pixelColor(layout.sent_lane_x, layout.line + 1).name() == LIGHT.sent.lower()
    arrows, _ = recorded(view)
    x = layout.arrow_x + layout.arrow // 2
    assert [arrows.glyphs[x, line * layout.line + layout.ascent][0] for line in (0, 1)] == [glyph("←"), glyph("→")]


def test_neighbouring_messages_have_different_colours() -> None:
    view = View(
        continuous_rows(0, 16, 16),
        window_of(b"x" * 16, (10, True), (6, False)),
        messages=tuple(MessagePart(start, start + 2, start // 2) for start in range(0, 14, 2)),
        mode="message",
    )
    image, layout = painted(view)
    tints = []
    for at, cell, _ in cells_of(view, layout):
        shown = colors_at(image, cell.adjusted(2, 1, -2, -1))
        tints += [color for color in LIGHT.messages if color in shown]
        assert len(tints) == at + 1
    assert tints[0:14:2] == tints[1:14:2]
    assert all(one != other for one, other in zip(tints[0:14:2], tints[2:14:2], strict=False))
    assert LIGHT.received_tint not in colors_at(image, image.rect())


def test_selected_bytes_and_the_present_hit_have_the_text_that_goes_with_them() -> None:
    window = replace(window_of(b"\0" * 16, (16, True)), missing=((12, 14),))
    view = View(continuous_rows(0, 16, 16), window, selection=((2, 6), (9, 10)), hit=((4, 8),))
    found = inks(view)
    chosen, hit = LIGHT.on_accent, LIGHT.on_hit_now
    expected = [LIGHT.zero] * 2 + [chosen] * 2 + [hit] * 4 + [LIGHT.zero, chosen] + [LIGHT.zero] * 2  # the hit on top
    assert list(found.values()) == expected + [LIGHT.error] * 2 + [LIGHT.zero] * 2


def test_a_hit_that_is_selected_and_what_a_value_is_made_of_stay_in_sight() -> None:
    window = window_of(b"x" * 32, (32, True))
    view = View(
        continuous_rows(0, 32, 16), window, selection=((2, 6),), hit=((2, 4), (8, 9)), covered=((4, 7), (15, 17))
    )
    image, layout = painted(view)
    cells = {at: (hexed, text) for at, hexed, text in cells_of(view, layout)}
    for at in (2, 3, 8):
        assert all(LIGHT.hit_now in colors_at(image, cell) for cell in cells[at])
        assert all(LIGHT.accent not in colors_at(image, cell) for cell in cells[at])

    def below(at: int) -> set[str]:
        return {image.pixelColor(cell.center().x(), cell.bottom() - 1).name() for cell in cells[at]}

    assert [below(at) for at in (4, 5)] == [{LIGHT.on_accent}] * 2
    assert [below(at) for at in (6, 15, 16)] == [{LIGHT.accent}] * 3
    assert [below(at) for at in (7, 14, 17)] == [{LIGHT.received_tint}] * 3


# -- text -------------------------------------------------------------------------------------------------------------


def text_view(characters: list[tuple[str, int]], kinds: bytes = b"") -> View:
    """A line of characters, each of so many bytes."""
    shown, ties = list[str](), list[Tie]()
    for character, size in characters:
        shown += [character] + [""] * (size - 1)
        ties += [Tie.ALONE] if size == 1 else [Tie.FIRST, *[Tie.AMID] * (size - 2), Tie.LAST]
    size = len(shown)
    text = WindowText(tuple(shown), kinds or bytes(size), bytes(ties))
    return View(continuous_rows(0, size, 16), window_of(b"\xe6" * size, (size, True)), text=text)


def test_characters_stand_over_their_first_byte_and_are_tied() -> None:
    found, layout = recorded(text_view([("a", 1), ("é", 2), ("я", 2), ("z", 1)]))
    base = layout.ascent
    for column, character in ((0, "a"), (1, "é"), (3, "я"), (5, "z")):
        assert found.glyphs[layout.text_x[column], base][0] == glyph(character)
    assert (layout.text_x[2], base) not in found.glyphs
    below = [rect for rect, _ in found.rects if rect.height() == 1 and rect.width() <= layout.cell]
    tied = {x for rect in below for x in range(rect.left(), rect.right() + 1)}
    assert layout.text_x[2] in tied
    assert layout.text_x[3] not in tied  # one character ends, another begins
    assert layout.text_x[5] not in tied


def test_borders_and_lines_leave_characters_to_be_read() -> None:
    """A call that begins amid a character does not cut it through, and a character that goes on in the next line is
    not underlined there."""
    view = text_view([("a", 1), ("é", 3), ("b", 1), *[("c", 1)] * 10, ("я", 3), ("d", 1)])
    window = replace(view.window, calls=(2, 4))
    found, layout = recorded(replace(view, window=window))
    ticks = {rect.left(): rect for rect, _ in found.rects if rect.width() == 1}
    assert ticks[layout.hex_left[2]].height() == layout.line - 2
    assert ticks[layout.text_x[4]].height() == layout.line - 2
    short = ticks[layout.text_x[2]]
    assert 0 < short.height() <= layout.line // 3
    assert short.top() >= layout.ascent - 1
    marks = [rect for rect, _ in found.rects if rect.height() <= 2 and rect.left() >= layout.text_x[0]]
    assert not any(rect.left() >= layout.text_x[15] and rect.top() < layout.line for rect in marks)
    carried = [rect for rect in marks if rect.top() >= layout.line]
    assert [
        (rect.width(), layout.text_x[n] <= rect.left() < layout.text_x[n + 1]) for n, rect in enumerate(carried)
    ] == [(2, True)] * 2


def test_a_character_that_the_font_lacks_comes_from_another_font_and_fits(qapp: QApplication) -> None:
    font = GlyphFont(mono(), 8)
    if font.index("漢") != ELSEWHERE or not any(one.glyph for one in font.placed("漢", True)):
        pytest.skip("no other font of this machine has it")
    (one,) = font.placed("漢", True)
    assert 0 <= one.x <= 4
    (narrow,) = font.placed("漢", False)
    assert font.fonts[narrow.font].pixelSize() < font.fonts[one.font].pixelSize()
    found, layout = recorded(text_view([("漢", 3), ("b", 1)]))
    others = [(x, color) for (x, _), (_, color, family) in found.glyphs.items() if family != font.raw.familyName()]
    assert len(others) == 1
    assert layout.text_x[0] <= others[0][0] < layout.text_x[1]
    assert others[0][1] == LIGHT.received_text.lower()


def test_marks_sit_on_a_circle_in_one_cell() -> None:
    found, layout = recorded(text_view([("e", 1), ("◌\u0301", 2), ("x", 1)]))
    here = [x for x, y in found.glyphs if layout.text_x[1] <= x < layout.text_x[3]]
    assert len(here) >= 1
    assert (layout.text_x[3], layout.ascent) in found.glyphs


def test_stand_ins_and_broken_bytes_have_a_colour_of_their_own() -> None:
    kinds = bytes([TextKind.STAND_IN, TextKind.PLAIN, TextKind.BROKEN])
    found, layout = recorded(text_view([("¤", 1), ("·", 1), ("▫", 1)], kinds))
    colors = [found.glyphs[layout.text_x[column], layout.ascent][1] for column in range(3)]
    assert colors == [LIGHT.error, LIGHT.received_text.lower(), LIGHT.error]


def test_glyphs_that_are_kept_are_bounded(qapp: QApplication) -> None:
    font = GlyphFont(mono(), 8)
    for code in range(0x4E00, 0x4E00 + 6000, 1000):
        characters = [chr(code + n) for n in range(1000)]
        assert len(font.indexes([*characters, "a"])) == 1001
    assert len(font.known) <= 6000
    assert font.index("a") == glyph("a")
