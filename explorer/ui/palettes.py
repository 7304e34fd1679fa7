"""The colours of the window: light and dark, and a high-contrast pair of them.

Direction colours are Okabe and Ito's blue and vermillion (distinguishable with any colour vision);
a lighter pair of the same hues serves the dark palettes. The colours of byte classes were chosen so that
they also differ in lightness or along the blue-yellow axis, which every common colour vision keeps.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

HIGHLIGHT_NAMES = ("Yellow", "Orange", "Green", "Purple", "Blue", "Grey")
"""What `Colors.highlights` are called, in their order."""


@dataclass(frozen=True, slots=True)
class Colors:
    """What views paint with, beside the palette.

    Contrast of text to every background it may stand on is at least 4.5 : 1, in the high-contrast pair 7 : 1.
    """

    dark: bool
    contrast: bool  # one of the high-contrast pair
    window: str
    base: str
    alternate: str
    text: str
    muted: str
    border: str
    accent: str
    on_accent: str
    received: str  # marks: gutter, arrow, bar
    sent: str
    received_text: str  # the same hues, for text
    sent_text: str
    received_tint: str
    sent_tint: str
    good: str
    warning: str
    error: str
    error_tint: str
    zero: str  # text of bytes that are 0
    printable: str  # text of the other classes of bytes
    whitespace: str
    control: str
    high: str
    messages: tuple[str, str, str]  # behind messages, in turn
    hit: str  # behind what a search found
    hit_now: str  # behind the hit it stands at, with its text
    on_hit_now: str
    highlights: tuple[str, ...]  # behind what the user marked
    highlight_marks: tuple[str, ...]  # their edges and notes: the same hues, stronger


LIGHT = Colors(
    dark=False,
    contrast=False,
    window="#f3f4f6",
    base="#ffffff",
    alternate="#f7f8fa",
    text="#1b1f24",
    muted="#5b6470",
    border="#d3d8de",
    accent="#0b5cad",
    on_accent="#ffffff",
    received="#0072B2",
    sent="#D55E00",
    received_text="#00639C",
    sent_text="#A84400",
    received_tint="#e6f2fa",
    sent_tint="#fcece2",
    good="#1a7f37",
    warning="#8a5a00",
    error="#b3261e",
    error_tint="#fdecea",
    zero="#5b626b",
    printable="#1b1f24",
    whitespace="#5c1ae6",
    control="#b01515",
    high="#661177",
    messages=("#ffffff", "#e2e7ee", "#f3e8cd"),
    hit="#ffe28a",
    hit_now="#ffb000",
    on_hit_now="#000000",
    highlights=("#fff3a0", "#ffdfb8", "#c8f2e0", "#f6dcf4", "#d2eaff", "#e3e5e8"),
    highlight_marks=("#8f7a00", "#b86a00", "#00805c", "#b0508c", "#2474ab", "#5b6470"),
)
DARK = Colors(
    dark=True,
    contrast=False,
    window="#1f2328",
    base="#16191d",
    alternate="#1b1f24",
    text="#e6e9ed",
    muted="#9aa4b0",
    border="#3a414a",
    accent="#4da3e8",
    on_accent="#0d1117",
    received="#56B4E9",
    sent="#F0894A",
    received_text="#7CC4EE",
    sent_text="#F5A673",
    received_tint="#16293a",
    sent_tint="#38230f",
    good="#4cc16c",
    warning="#e0a93b",
    error="#ff8a80",
    error_tint="#3b1c1a",
    zero="#a3adb8",
    printable="#e6e9ed",
    whitespace="#77cc88",
    control="#eedd22",
    high="#ffaaff",
    messages=("#16191d", "#2c333b", "#3a2f1c"),
    hit="#463a00",
    hit_now="#ffc53d",
    on_hit_now="#000000",
    highlights=("#463e00", "#4d2a00", "#003d2b", "#46204a", "#10365c", "#373a3f"),
    highlight_marks=("#f0e442", "#e69f00", "#2fc196", "#cc79a7", "#56b4e9", "#9aa4b0"),
)
LIGHT_CONTRAST = replace(
    LIGHT,
    contrast=True,
    window="#ffffff",
    alternate="#f4f4f4",
    text="#000000",
    muted="#404040",
    border="#000000",
    accent="#00308f",
    received="#005a8c",
    sent="#a03c00",
    received_text="#00426b",
    sent_text="#742a00",
    received_tint="#eef7ff",
    sent_tint="#fff3ea",
    good="#00501c",
    warning="#5c3a00",
    error="#8a0000",
    error_tint="#fff0ee",
    zero="#474747",
    printable="#000000",
    whitespace="#0000e0",
    control="#772200",
    high="#660077",
    messages=("#ffffff", "#e6e9ee", "#f7ecd0"),
    hit="#ffff3c",
    hit_now="#ffb000",
    highlights=("#fff59a", "#ffe3c2", "#cdf6e5", "#f8e2f6", "#d8edff", "#e6e7ea"),
    highlight_marks=("#6b5b00", "#8a4f00", "#006046", "#8a3069", "#0f5684", "#404040"),
)
DARK_CONTRAST = replace(
    DARK,
    contrast=True,
    window="#000000",
    base="#000000",
    alternate="#101010",
    text="#ffffff",
    muted="#c8c8c8",
    border="#ffffff",
    accent="#6fd0ff",
    on_accent="#000000",
    received="#6fc8ff",
    sent="#ff9d5c",
    received_text="#95d7ff",
    sent_text="#ffbd94",
    received_tint="#001a2b",
    sent_tint="#2b1500",
    good="#6fe08d",
    warning="#ffcf66",
    error="#ffb0a8",
    error_tint="#330d0a",
    zero="#c0c0c0",
    printable="#ffffff",
    whitespace="#11ddff",
    control="#eedd00",
    high="#ffb27a",
    messages=("#000000", "#26292d", "#2e2410"),
    hit="#332b00",
    hit_now="#ffff00",
    highlights=("#332d00", "#3d1f00", "#003020", "#381a3d", "#0a2b4d", "#2a2a2a"),
)
