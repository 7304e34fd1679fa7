"""When a socket's form puts itself away: where the window is too low for it and for what the socket does."""

from __future__ import annotations


class FormFold:
    """What the user decides holds until another socket is chosen, or it starts or stops.

    away: whether the form is put away now. by_itself: whether that was not the user.
    """

    def __init__(self) -> None:
        self.away = False
        self.by_itself = False
        self._kept = False  # open, because the user wants it
        self._spare = 0
        self._room = 0  # pixels that putting it away gave
        self._running = False

    @property
    def chosen(self) -> bool:
        """Whether the user put it away."""
        return self.away and not self.by_itself

    def choose(self, away: bool) -> None:
        """The user puts it away, or wants to see it."""
        self.away, self.by_itself, self._kept = away, False, not away

    def begin(self) -> None:
        """Another socket is shown."""
        self._kept = False

    def set_spare(self, spare: int) -> None:
        """Pixels of the window's height that nothing wants; negative: that are lacking."""
        self._spare = spare

    def decide(self, running: bool, in_use: bool, room: int) -> bool:
        """Whether it is to be put away now.

        running: the socket works. in_use: the keyboard is in the form. room: pixels that the form takes, if it is open.
        """
        if running != self._running:
            self._running, self._kept = running, False
        if not self.away:
            if running and self._spare < 0 and not self._kept and not in_use:
                self.away = self.by_itself = True
                self._room = room
        elif self.by_itself and (not running or self._spare >= self._room):
            self.away = self.by_itself = False
        return self.away
