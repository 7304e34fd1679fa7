"""What came on one socket and was not taken by a step yet: bounded, and in the order in which it came.

Of messages with a framing (and of datagrams) each is looked at once. The bytes of a stream with raw framing are kept
for each peer from the end of the last match on. What has no room is let go of, oldest first, and counted.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from explorer.wire.matching import Matched, Matcher

ROOM = 1 << 20  # bytes that are kept of what nobody took yet
MOST_MESSAGES = 10_000
LAST = 4  # messages that are shown when none of them matched
LAST_BYTES = 64  # of each
LARGE = 64 << 10  # bytes of a stream from which on it is looked at in larger steps


@dataclass(frozen=True, slots=True)
class Message:
    """peer: ``host:port``. record: of the call in the capture that completed it."""

    peer: str
    data: bytes
    record: int


@dataclass(frozen=True, slots=True)
class Taken:
    """which: the number of the pattern that fits."""

    message: Message
    which: int
    matched: Matched


class Inbox:
    """A tap of one socket. news: called when something came; record: tells the newest record of the capture.

    raw: whether what comes now belongs to a stream without framing.
    count: messages since the beginning (of a stream without framing: recv calls that returned bytes).
    """

    def __init__(self, raw: Callable[[], bool], record: Callable[[], int], news: Callable[[], None]) -> None:
        self._raw = raw
        self._record = record
        self._news = news
        self._messages: deque[Message] = deque()
        self._held = 0
        self._streams: dict[str, bytearray] = {}
        self._stream_records: dict[str, int] = {}
        self._fresh: set[str] = set()  # peers whose stream has bytes that were not looked at
        self._passed: deque[tuple[int, bytes]] = deque(maxlen=LAST)  # size and first bytes
        self._passed_count = 0
        self._problems: deque[str] = deque(maxlen=2)
        self.count = 0
        self.lost = 0  # messages, or bytes of a stream, that there was no room for

    # -- as a tap -------------------------------------------------------------------------------------

    def message(self, peer: str, payload: bytes) -> None:
        self.count += 1
        if self._raw():
            stream = self._streams.setdefault(peer, bytearray())
            stream += payload
            self._stream_records[peer] = self._record()
            self._fresh.add(peer)
            self._held += len(payload)
        else:
            self._messages.append(Message(peer, payload, self._record()))
            self._held += len(payload)
        if self._held > ROOM or len(self._messages) > MOST_MESSAGES:
            self._make_room()
        self._news()

    def broken(self, peer: str, problem: str) -> None:
        self._problems.append(problem)

    def _make_room(self) -> None:
        while self._messages and (self._held > ROOM or len(self._messages) > MOST_MESSAGES):
            dropped = self._messages.popleft()
            self._held -= len(dropped.data)
            self.lost += 1
        for stream in self._streams.values():
            if self._held <= ROOM:
                return
            drop = min(len(stream), max(self._held - ROOM, ROOM // 2))
            del stream[:drop]
            self._held -= drop
            self.lost += drop

    # -- for the steps --------------------------------------------------------------------------------

    @property
    def large(self) -> bool:
        """Whether looking through it takes a while."""
        return self._held > LARGE

    def connected(self, peer: str) -> None:
        """A new connection of this peer begins: its stream has nothing to do with an earlier one's."""
        stream = self._streams.pop(peer, None)
        if stream:
            self._held -= len(stream)
        self._fresh.discard(peer)

    def look_again(self) -> None:
        """Another pattern is looked for: what was looked at before is looked at again."""
        self._fresh = {peer for peer, stream in self._streams.items() if stream}

    def take(self, matchers: Sequence[Matcher | None]) -> Taken | None:
        """The first message that one of these fits (None fits any), with what came before it let go of."""
        while self._messages:
            message = self._messages.popleft()
            self._held -= len(message.data)
            for which, matcher in enumerate(matchers):
                matched = Matched(len(message.data)) if matcher is None else matcher.message(message.data)
                if matched is not None:
                    self._begin_anew()
                    return Taken(message, which, matched)
            self._passed.append((len(message.data), message.data[:LAST_BYTES]))
            self._passed_count += 1
        while self._fresh:
            peer = self._fresh.pop()
            taken = self._take_from(peer, matchers)
            if taken is not None:
                return taken
        return None

    def _take_from(self, peer: str, matchers: Sequence[Matcher | None]) -> Taken | None:
        """Of several that fit, the one whose match ends first, wherever the recv calls ended."""
        data = bytes(self._streams[peer])
        best: tuple[int, int, Matched] | None = None
        for which, matcher in enumerate(matchers):
            matched = Matched(len(data)) if matcher is None else matcher.stream(data)
            if matched is not None and (best is None or matched.end < best[0]):
                best = matched.end, which, matched
        if best is None or not data:
            return None
        end, which, matched = best
        del self._streams[peer][:end]
        self._held -= end
        if end < len(data):
            self._fresh.add(peer)
        self._begin_anew()
        return Taken(Message(peer, data[:end], self._stream_records[peer]), which, matched)

    def _begin_anew(self) -> None:
        self._passed.clear()
        self._passed_count = 0
        self._problems.clear()
        self.lost = 0

    def seen(self) -> tuple[int, list[tuple[int, bytes]], list[str]]:
        """What came and did not match: how many messages, the last of them as size and first bytes (of a stream: its
        last bytes), and what broke the framing."""
        shown = list(self._passed)
        count = self._passed_count
        for stream in self._streams.values():
            if stream:
                shown.append((len(stream), bytes(stream[-LAST_BYTES:])))
                count += 1
        return count, shown[-LAST:], list(self._problems)
