"""Finds out whether what comes is what we sent: the answers of a connection, sent back by the other end.

A stream has no pieces: the other end may send back two answers at once, or one in halves, and there may be many under
way. So bytes are compared, in their order. Where in our answers the other end is at present is found first.
"""

from __future__ import annotations

from collections import deque

ROOM = 4 << 20  # bytes of answers that may be under way …
MOST = 65_536  # … and their number
SHORT = 32  # bytes; fewer are part of many messages
FRAME = 16  # bytes that a framing may add to each


class Returned:
    """Of one connection, from now on. matched: messages that were answers of ours, one after the other."""

    __slots__ = ("_missed", "_next_look", "_place", "_sent", "_size", "matched")

    def __init__(self) -> None:
        self._sent: deque[bytes] = deque()  # what did not come back yet
        self._place = 0  # bytes of the first that did
        self._size = 0  # bytes of all of them
        self._missed = 0  # messages that came before the first that was known again
        self._next_look = 1
        self.matched = 0

    @property
    def under_way(self) -> int:
        """Bytes, about and at most, that the other end may still send back."""
        return self._size - self._place + FRAME * len(self._sent)

    def answered(self, payload: bytes) -> None:
        """This was sent."""
        self._sent.append(payload)
        self._size += len(payload)

    def heard(self, message: bytes) -> bool:
        """This came. Whether it may still be that all is sent back."""
        sent = self._sent
        if sent and not self._place and sent[0] == message:
            sent.popleft()
            self._size -= len(message)
            self.matched += 1
            return True
        if self._size > ROOM or len(sent) > MOST:
            return False
        if self.matched:
            if self._follows(message) or self._is_further_on(message):
                self.matched += 1
                return True
            self.matched = self._missed = 0  # that was none, or only looked like one: where they are is open again
            self._next_look = 1
        self._missed += 1
        if self._missed >= self._next_look:
            self._next_look *= 2  # all is searched: seldom
            self.matched += self._is_within(message)
        return True

    def _follows(self, message: bytes) -> bool:
        """Whether these are the next bytes, cut in another way."""
        at, place = 0, self._place
        for count, payload in enumerate(self._sent):
            size = min(len(payload) - place, len(message) - at)
            if message[at : at + size] != payload[place : place + size]:
                return False
            at, place = at + size, place + size
            if at == len(message):
                self._drop(count, place)
                return True
            place = 0
        return False

    def _is_further_on(self, message: bytes) -> bool:
        """Whether it is an answer, and those before it are lost."""
        if message not in self._sent:
            return False
        self._drop(self._sent.index(message) + 1, 0)
        return True

    def _is_within(self, message: bytes) -> bool:
        """Whether it is anywhere in the answers, one after the other. What is short has to be one of them."""
        if len(message) < SHORT:
            return self._is_further_on(message)
        at = b"".join(self._sent).find(message)
        if at < 0:
            return False
        end = at + len(message)
        for count, payload in enumerate(self._sent):
            if end <= len(payload):
                self._drop(count, end)
                break
            end -= len(payload)
        return True

    def _drop(self, count: int, place: int) -> None:
        """So many are back, and so many bytes of the next."""
        for _ in range(count):
            self._size -= len(self._sent.popleft())
        if self._sent and place == len(self._sent[0]):
            self._size -= len(self._sent.popleft())
            place = 0
        self._place = place
