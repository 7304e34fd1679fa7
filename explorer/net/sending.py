"""Carries out Send, SendFile and CancelSend: one job, one piece for each connection it goes to."""

from __future__ import annotations

import stat
from collections.abc import Callable, Sequence

from explorer.core.commands import Send, SendFile
from explorer.net.context import Context
from explorer.net.jobs import Job
from explorer.net.repeating import Repetition
from explorer.net.running import Peer
from explorer.net.send_queue import BytesPiece, FilePiece, Piece
from explorer.net.targets import find_targets


def send(context: Context, command: Send) -> None:
    """Queue the bytes for every target."""
    running, peers, problem = find_targets(context, command.target)
    job = context.jobs.start(command.job, command.target.socket, len(command.data) * len(peers))
    datagram = running is not None and running.spec.transport == "udp"
    _queue(job, peers, lambda: BytesPiece(command.data, job, whole=datagram), problem)


def send_file(context: Context, command: SendFile) -> None:
    """Queue the file for every target; each reads it on its own as its peer takes it."""
    _, peers, problem = find_targets(context, command.target)
    size = 0
    try:
        found = command.path.stat()
        size = found.st_size
        if not stat.S_ISREG(found.st_mode):
            problem = f"Nothing was sent: {command.path} is not a file. Choose a file."
    except OSError as error:
        problem = f"Nothing was sent: {command.path} cannot be read ({error.strerror}). Choose another file."
    job = context.jobs.start(command.job, command.target.socket, size * len(peers))

    def open_piece() -> Piece:
        return FilePiece(command.path.open("rb", buffering=0), size, job, max(1, command.piece))

    _queue(job, () if problem else peers, open_piece, problem)


def cancel(context: Context, number: int) -> None:
    """Take back what of a job waits in any queue; end a repetition."""
    job = context.jobs.find(number)
    if isinstance(job, Repetition):
        job.stop()
        return
    running = context.sockets.get(job.socket) if job is not None else None
    if job is None or running is None:
        return
    for peer in tuple(running.peers.values()):
        taken = peer.cancel(job)
        if taken:
            job.part_done(f"Cancelled: {job.sent:,} of {job.total:,} bytes had been sent.", taken)


def _queue(job: Job, peers: Sequence[Peer], make: Callable[[], Piece], problem: str) -> None:
    for peer in peers:
        job.add_part()
        try:
            piece = make()
        except OSError as error:
            job.part_done(f"The file cannot be read ({error.strerror}). Choose another file.")
            continue
        refused = peer.queue(piece)
        if refused:
            piece.close()
            job.part_done(refused)
    job.part_done(problem)
