"""Messages as what somebody said: who, when, which way, and the text."""

from __future__ import annotations

from explorer.capture.messages import Message
from explorer.capture.previews import cut_text
from explorer.ui.models.log_model import Column, Row, Tone
from explorer.ui.models.messages_model import MessagesModel
from explorer.ui.time_format import format_time
from explorer.ui.units import count_text
from explorer.wire.visible import visible_text

TIME, WHO, WAY, TEXT = range(4)
COLUMNS = (
    Column("Time", 15),
    Column("Who", 24, tip="The peer’s address, or the name of the socket"),
    Column("Direction", 24),
    Column("Text", 40),
)
ENDINGS = b"\r\n"
SENT_TO = "→ sent to "


class ChatModel(MessagesModel):
    """The text is as long as a bubble may show: `FRONT` bytes."""

    LAYOUT = COLUMNS
    FRONT = 600

    def _make_row(self, message: Message, previous: int | None) -> Row:
        when = format_time(self._style, message.time, self._reader.header.started, previous)
        name, peer = self._names(message)
        who, way = (peer, f"← received by {name}") if message.received else (name, f"{SENT_TO}{peer}")
        mark = Tone.RECEIVED if message.received else Tone.SENT
        if message.error:
            cells = (when, who, way, f"✕ {self._said(message)}")
            return Row(message.number, cells, _ERROR, Tone.ERROR, self._error_tip(message), serious=True)
        text, whole = self._text(message)
        tip = f"{count_text(message.payload_size, 'byte')}{'' if whole else ', the first of them shown here'}"
        return Row(message.number, (when, who, way, text), _SAID, mark, tip)

    def _names(self, message: Message) -> tuple[str, str]:
        """Of the socket, and of who talks with it."""
        socket, peer = self._catalog.socket(message.socket), self._catalog.connection(message.connection)
        name = socket.name if socket is not None else f"socket {message.socket}"
        return visible_text(name), str(peer.remote) if peer is not None else f"connection {message.connection}"

    def _text(self, message: Message) -> tuple[str, bool]:
        """Without the end of its last line, which nobody said; and whether that is all of it."""
        assert self._messages is not None
        data = self._messages.payload(message, self.FRONT)
        cut = len(data) < message.payload_size
        bare = data if cut else data.rstrip(ENDINGS)
        text = cut_text(bare, self._encoding(message.socket), cut=cut)
        if not message.payload_size:
            return "(empty)", True
        return f"{text} …" if cut else text or "(an empty line)", not cut


_SAID = (Tone.MUTED, Tone.TEXT, Tone.MUTED, Tone.TEXT)
_ERROR = (Tone.MUTED, Tone.TEXT, Tone.MUTED, Tone.ERROR)
