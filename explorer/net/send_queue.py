"""What waits to be sent on one connection: bounded, in order, each piece with the job it belongs to.

A piece is bytes in memory or a file that is read as the peer takes it. Each piece in memory is
offered to the system by calls of its own: what the user sent as two stays two calls.
"""

from __future__ import annotations

from collections import deque
from typing import BinaryIO, Protocol

from explorer.net.jobs import Job

LIMIT = 16 << 20  # bytes in memory that may wait on one connection …
TOLD_LIMIT = 1 << 20  # … and so many before what another connection's program tells it
OFFER = 256 << 10  # bytes offered to one send call
PIECE_COST = 128  # what a waiting piece costs besides its bytes: itself, the head of the bytes, its place, rounding


class Piece(Protocol):
    """Something to send."""

    job: Job | None

    @property
    def held(self) -> int:
        """Bytes in memory that wait, with what keeping them costs."""

    @property
    def left(self) -> int:
        """Bytes still to be sent."""

    def offer(self) -> memoryview:
        """The next bytes for one call. Raises OSError, or EOFError when a file has become shorter."""

    def sent(self, size: int) -> None:
        """The system took so many of what was offered."""

    def close(self) -> None: ...


class BytesPiece:
    """Bytes in memory. Of a datagram, everything is one offer."""

    __slots__ = ("_data", "_position", "_whole", "job")

    def __init__(self, data: bytes, job: Job | None, whole: bool = False) -> None:
        self.job = job
        self._data = data
        self._whole = whole
        self._position = 0

    @property
    def held(self) -> int:
        return len(self._data) + PIECE_COST

    @property
    def left(self) -> int:
        return len(self._data) - self._position

    def offer(self) -> memoryview:
        view = memoryview(self._data)  # made when it is wanted: hundreds of thousands of pieces may wait
        return view if self._whole else view[self._position : self._position + OFFER]

    def sent(self, size: int) -> None:
        self._position += size

    def close(self) -> None:
        return None


class FilePiece:
    """A file's content up to the size it had when the job began; at most one offer of it in memory."""

    def __init__(self, file: BinaryIO, size: int, job: Job, piece: int = OFFER) -> None:
        self.job: Job | None = job
        self._file = file
        self._unread = size
        self._piece = piece
        self._buffer = memoryview(b"")

    @property
    def held(self) -> int:
        return len(self._buffer) + PIECE_COST

    @property
    def left(self) -> int:
        return self._unread + len(self._buffer)

    def offer(self) -> memoryview:
        if not self._buffer and self._unread:
            data = self._file.read(min(self._piece, self._unread))
            if not data:
                raise EOFError
            self._unread -= len(data)
            self._buffer = memoryview(data)
        return self._buffer

    def sent(self, size: int) -> None:
        self._buffer = self._buffer[size:]

    def close(self) -> None:
        self._file.close()


class SendQueue:
    """The pieces, and how much they hold. `held` counts memory: of a file, only what was read of it."""

    def __init__(self) -> None:
        self._pieces: deque[Piece] = deque()
        self._waiting = 0  # held by all pieces but the first, which changes as it is sent

    def __bool__(self) -> bool:
        return bool(self._pieces)

    @property
    def held(self) -> int:
        return self._waiting + (self._pieces[0].held if self._pieces else 0)

    def takes(self, size: int) -> bool:
        """Whether so many bytes more may wait. One piece always may, however long: it is in memory already."""
        return not self._pieces or self.held + size + PIECE_COST <= LIMIT

    def takes_told(self, size: int) -> bool:
        """Whether another connection's program may add so many bytes. It tells all, and many may not read, so less may
        wait before that than before what is meant for one. A long message is in memory once for all."""
        return self.takes(size) and self.held <= TOLD_LIMIT

    def push(self, piece: Piece) -> None:
        if self._pieces:
            self._waiting += piece.held
        self._pieces.append(piece)

    @property
    def first(self) -> Piece:
        return self._pieces[0]

    def drop_first(self) -> Piece:
        piece = self._pieces.popleft()
        piece.close()
        if self._pieces:
            self._waiting -= self._pieces[0].held
        return piece

    def cancel(self, job: Job) -> int:
        """Take back what is left of a job. How many of its pieces there were."""
        mine = [piece for piece in self._pieces if piece.job is job]
        if not mine:
            return 0
        for piece in mine:
            piece.close()
        self._pieces = deque(piece for piece in self._pieces if piece.job is not job)
        self._waiting = sum(piece.held for piece in self._pieces) - (self._pieces[0].held if self._pieces else 0)
        return len(mine)

    def jobs(self) -> set[Job]:
        """Whose pieces wait here."""
        return {piece.job for piece in self._pieces if piece.job is not None}

    def clear(self) -> list[Job]:
        """Drop everything. The job of each piece that had one, once per piece."""
        jobs = [piece.job for piece in self._pieces if piece.job is not None]
        for piece in self._pieces:
            piece.close()
        self._pieces.clear()
        self._waiting = 0
        return jobs


def unreadable(error: OSError | EOFError) -> str:
    """Why a file could not be sent to its end, as a sentence."""
    if isinstance(error, EOFError):
        return "The file became shorter while it was sent. Send it again when nothing writes to it."
    return f"The file could not be read on ({error.strerror}). Check the disk it is on, then send it again."
