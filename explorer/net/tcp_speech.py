"""What the program of a TCP connection says.

The connection is not read while anything is left to say, so the peer's own sending waits for it, and so does the end
of its stream: it is noticed when everything due before it was said.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from explorer.net.send_queue import BytesPiece
from explorer.net.speech import Owner, Speech
from explorer.programs.api import Action

if TYPE_CHECKING:
    from explorer.net.tcp_connection import TcpConnection


class TcpSpeech(Speech):
    """last_words: the answers under way were due before a finish was asked for, so they may still be sent."""

    __slots__ = ("_connection", "last_words")

    def __init__(self, connection: TcpConnection, owner: Owner) -> None:
        super().__init__(owner, connection.number, connection.talk, connection.context.reactor, connection)
        self._connection = connection
        self.last_words = False

    def perform(self, actions: Iterable[Action]) -> None:
        """Do what the program answers, as much of it as this turn allows; the rest follows in later ones."""
        self.answers.begin(actions)
        self.go_on()

    def go_on(self) -> None:
        self.answers.take(self.do)
        if not self.answers:
            self.last_words = False
            self._connection.after_sending()

    def do(self, action: Action) -> bool:
        if self._connection.lost:
            return True  # it only counts as a message that came
        return super().do(action)

    @property
    def _goes_on(self) -> bool:
        return self._connection.takes_more

    def _resumed(self) -> None:
        self._connection.context.reactor.do(self._connection.refresh, self._connection)

    def _say(self, data: bytes) -> None:
        self._connection.say(data, self.last_words)

    def _pass_on(self, data: bytes) -> str:
        if not data or self._connection.lost:
            return ""
        return self._connection.queue_told(BytesPiece(data, None))

    def _close(self) -> None:
        """When everything is sent: see `TcpConnection.after_sending`."""

    def _reset(self) -> None:
        self._connection.end("reset")
