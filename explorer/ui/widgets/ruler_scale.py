"""How positions in a stream become places on the screen: where a picture begins, and how far it is zoomed. No Qt."""

from __future__ import annotations

MARGIN = 12
"""Pixels that stay free before the first byte and behind the last."""
_LEAST = 4 * MARGIN  # pixels that a picture is taken to be wide at least


class Scale:
    """A picture `width` pixels wide of a stream of `size` bytes.

    left: the position at the picture's left edge; it may lie a little before the first byte.
    per_pixel: bytes in a pixel. finest: the least of that; usual: that with which bytes are read well.
    fitting: the whole stream is shown, however long it gets; following: its newest bytes are. Never both.
    """

    def __init__(self, finest: float, usual: float) -> None:
        self.width = _LEAST
        self.size = 0
        self.finest = finest
        self.usual = usual
        self.per_pixel = usual
        self.left = 0.0
        self.fitting = False
        self.following = True
        self._settle()

    # -- from bytes to pixels and back --------------------------------------------------------------

    def x(self, position: float) -> float:
        """The pixel, from the left edge, at which a byte begins."""
        return (position - self.left) / self.per_pixel

    def position(self, x: float) -> int:
        """The byte at a pixel; before the first one 0, and behind the last one the size."""
        return max(0, min(self.size, int(self.left + x * self.per_pixel)))

    @property
    def shown(self) -> tuple[int, int]:
        """The positions between which the picture shows bytes."""
        stop = -int(-(self.left + self.width * self.per_pixel) // 1)
        return max(0, int(self.left)), max(0, min(self.size, stop))

    @property
    def span(self) -> float:
        """Bytes from edge to edge."""
        return self.width * self.per_pixel

    @property
    def coarsest(self) -> float:
        """Bytes in a pixel where everything is shown, no wider than is usual."""
        return max(self.usual, self.size / max(1, self.width - 2 * MARGIN))

    @property
    def first(self) -> float:
        """`left` where the beginning is shown."""
        return -MARGIN * self.per_pixel

    @property
    def last(self) -> float:
        """`left` where the end is shown."""
        return max(self.first, self.size + MARGIN * self.per_pixel - self.span)

    # -- moving -------------------------------------------------------------------------------------

    def resize(self, width: int) -> None:
        self.width = max(_LEAST, width)
        self._settle()

    def grow(self, size: int) -> None:
        """The stream has this many bytes now."""
        if size != self.size:
            self.size = size
            self._settle()

    def set_steps(self, finest: float, usual: float) -> None:
        """Another size of text: bytes are as many characters wide as before."""
        self.per_pixel *= finest / self.finest
        self.finest, self.usual = finest, usual
        self._settle()

    def fit(self) -> None:
        """Show the whole stream, and go on doing so."""
        self.fitting, self.following = True, False
        self._settle()

    def follow(self) -> None:
        """Show the newest bytes, and go on doing so."""
        self.fitting, self.following = False, True
        self._settle()

    def stay(self) -> None:
        """Follow no more."""
        self.fitting = self.following = False

    def begin_anew(self) -> None:
        """Another stream: its newest bytes, as wide as is usual."""
        self.size = 0
        self.per_pixel = self.usual
        self.follow()

    def scroll_to(self, left: float) -> None:
        """Let the picture begin there; at the end of the stream, its newest bytes are followed."""
        self.fitting = False
        self.left = max(self.first, min(left, self.last))
        self.following = self.left >= self.last - self.per_pixel / 2

    def scroll_by(self, pixels: float) -> None:
        self.scroll_to(self.left + pixels * self.per_pixel)

    def zoom(self, factor: float, x: float) -> None:
        """Make a byte so many times as wide; the one at `x` stays there, or while following the last one."""
        held, following = self.left + x * self.per_pixel, self.following
        self.fitting = False
        self.per_pixel = max(self.finest, min(self.per_pixel / factor, self.coarsest))
        self.left = held - x * self.per_pixel
        self.following = following and factor > 1
        self._settle()

    def reveal(self, start: int, stop: int) -> None:
        """Scroll by as little as shows these bytes, or the first of them where they are too many; zoom stays."""
        room = MARGIN * 2 * self.per_pixel
        if start < self.left + room or stop - start > self.span - 2 * room:
            if not (start >= self.left and start + self.per_pixel * MARGIN < self.left + self.span / 2):
                self.scroll_to(start - room)
        elif stop > self.left + self.span - room:
            self.scroll_to(stop + room - self.span)

    def _settle(self) -> None:
        self.per_pixel = max(self.finest, min(self.per_pixel, self.coarsest))
        if self.fitting:
            self.per_pixel = self.coarsest
            self.left = self.first
        elif self.following:
            self.left = self.last
        else:
            self.left = max(self.first, min(self.left, self.last))
