"""Carries out Send, SendFile and CancelSend: one job, one piece for each connection it goes to."""

from __future__ import annotations

import stat
from collections.abc import Callable, Sequence

from explorer.core.commands import Send, SendFile, Target
from explorer.net.context import Context
from explorer.net.jobs import Job
from explorer.net.running import Peer, RunningSocket
from explorer.net.send_queue import BytesPiece, FilePiece, Piece

NO_SOCKET = "Nothing was sent: the socket is not running. Start it, then send again."
NOBODY = "Nothing was sent: nobody is connected. Wait until a peer connects, then send again."
GONE = "Nothing was sent: that connection is closed. Choose another one."


def send(context: Context, command: Send) -> None:
    """Queue the bytes for every target."""
    running, peers, problem = _targets(context, command.target)
    job = context.jobs.start(command.job, command.target.socket, len(command.data) * len(peers))
    datagram = running is not None and running.spec.transport == "udp"
    _queue(job, peers, lambda: BytesPiece(command.data, job, whole=datagram), problem)


def send_file(context: Context, command: SendFile) -> None:
    """Queue the file for every target; each reads it on its own as its peer takes it."""
    _, peers, problem = _targets(context, command.target)
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
    """Take back what of a job waits in any queue."""
    job = context.jobs.find(number)
    running = context.sockets.get(job.socket) if job is not None else None
    if job is None or running is None:
        return
    for peer in tuple(running.peers.values()):
        taken = peer.cancel(job)
        if taken:
            job.part_done(f"Cancelled: {job.sent:,} of {job.total:,} bytes had been sent.", taken)


def _targets(context: Context, target: Target) -> tuple[RunningSocket | None, Sequence[Peer], str]:
    """Whom a job goes to; and why there is nobody, if so."""
    running = context.sockets.get(target.socket)
    if running is None:
        return None, (), NO_SOCKET
    if target.connection is None:
        peers = tuple(running.peers.values())
        return running, peers, "" if peers else NOBODY
    peer = running.peers.get(target.connection)
    return (running, (peer,), "") if peer is not None else (running, (), GONE)


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
