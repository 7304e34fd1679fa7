"""What a step sends, as bytes, and whether the system took them."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping

from explorer.core.commands import Target
from explorer.core.errors import InputError
from explorer.core.events import Event
from explorer.core.filling import Filling
from explorer.core.sequence import SendStep
from explorer.core.snippet import Snippet
from explorer.core.socket_spec import SocketSpec
from explorer.net.context import Context
from explorer.net.jobs import Job
from explorer.net.send_queue import BytesPiece
from explorer.net.targets import find_targets
from explorer.wire.framing.registry import make_framer
from explorer.wire.remembered import fill_in
from explorer.wire.typed_message import ENDINGS, read_message


def make_message(
    step: SendStep, snippet: Snippet | None, spec: SocketSpec, known: Mapping[str, bytes], counter: int
) -> bytes:
    """The bytes to send on a socket with this spec. Raises ShownError."""
    encoding, framed, ending = spec.encoding, step.framed, ""
    if snippet is None:
        text = fill_in(step.text, step.written, known)
        template = read_message(step.written, text, encoding, fields=True)
    else:
        text = fill_in(snippet.text, snippet.mode, known) if snippet.fields else snippet.text
        template = read_message(snippet.mode, text, encoding, snippet.fields)
        ending = ENDINGS[snippet.ending]
        framed = step.framed if snippet.framed is None else snippet.framed
    data = template.fill(Filling(counter, time.time_ns(), random.getrandbits(64)))
    data += ending.encode(encoding) if ending else b""
    if framed:
        data = make_framer(spec.framing).encode(data)
    if not data and spec.transport == "tcp":
        raise InputError("text", "The message is empty, and an empty message cannot be sent on a stream.")
    return data


class Sending(Job):
    """One message on its way to one or several connections. done: told when the system has taken or refused it."""

    def __init__(self, context: Context, target: Target, data: bytes, done: Callable[[], None]) -> None:
        running, peers, problem = find_targets(context, target)
        super().__init__(context.jobs, 0, target.socket, len(data) * len(peers))
        self._done = done
        whole = running is not None and running.spec.transport == "udp"
        for peer in peers:
            self.add_part()
            if refused := peer.queue(BytesPiece(data, self, whole)):
                self.part_done(refused)
        self.part_done(problem)

    def report_soon(self) -> None:
        """Nobody waits for less than the whole."""

    def finish(self, last: Event) -> None:
        self._done()
