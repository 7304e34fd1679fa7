"""Runs the user's own functions for one socket: in a process that is started when it is first needed, one call at a
time, within limits of time and memory. Everything happens on the engine's loop, under its lock.

A call that takes too long, a process that takes too much or goes by itself: it is ended, told (what, in which line,
what to try), the connection that was being served closes, and the next question finds a fresh process. An exception
is told, and the script goes on.
"""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from explorer.core.calls import CallKind
from explorer.core.events import ScriptOutput, SocketFailed
from explorer.core.failure import Failure
from explorer.core.parcels import Parcel
from explorer.core.scripts import FILE
from explorer.net.call_log import CallLog
from explorer.net.context import Context
from explorer.net.processes import Ended, Process, WatchedProcess
from explorer.net.reactor import Timer
from explorer.net.script_child import NO_MEMORY
from explorer.net.script_told import LineLimit, Nonsense, Stream, check_done, check_printed, check_where
from explorer.programs.script import ON_CLOSE, limits

Reply = Mapping[str, object]
Why = Literal["", "time", "memory"]

START_TIME = 10.0  # seconds for a process to come up on a busy machine
WHERE_TIME = 0.3  # seconds to find out in which line an endless loop is
LOOK_EVERY = 0.1  # seconds between two looks at the memory, where the system sets no limit
CLOSE_TIME = 1.5  # seconds that the calls of on_close may take together when the socket is over
RESTART = 0.5  # seconds between two starts
FAILURES = 10  # failures told a second; the others are counted
MB = 1 << 20
HELD = sys.platform == "linux"  # the system itself holds a process to its limit of memory

ANEW = "What its functions remembered is lost; it is started anew when it is needed next."


@dataclass(slots=True)
class _Question:
    connection: int
    request: Mapping[str, object]
    done: Callable[[Reply], None]

    @property
    def function(self) -> str:
        return str(self.request["call"])


class ScriptHost:
    """number: of the socket. values: the checked settings of its program."""

    def __init__(self, context: Context, number: int, log: CallLog, values: Mapping[str, Any]) -> None:
        self._context = context
        self._reactor = context.reactor
        self._number = number
        self._log = log
        self._source = str(values["source"])
        self._seconds, self._memory = limits(values)
        self._process: WatchedProcess | None = None
        self._ready = False  # the script's own lines ran, so that its functions are there
        self._asked: deque[_Question] = deque()
        self._current: _Question | None = None  # was asked, and is not answered yet
        self._timer: Timer | None = None  # of the call under way
        self._restart: Timer | None = None
        self._looker: Timer | None = None
        self._started = 0.0  # when a process may be started again
        self._why: Why = ""  # it is being ended by us
        self._line = 0  # in which that happened
        self._begun = False  # Python is up and runs the script
        self._ending = False  # `close` was called …
        self._closed = False  # … and has come to the loop
        self._told: deque[float] = deque()  # when failures were told lately
        self._untold = 0
        self._lines = LineLimit()  # it limits them itself, if the script lets it

    # -- questions ----------------------------------------------------------------------------------

    def ask(self, connection: int, request: Mapping[str, object], done: Callable[[Reply], None]) -> None:
        """Ask the script about a connection; `done` is told its answer later, on the loop. After `close`: never."""
        self._reactor.do(lambda: self._ask(_Question(connection, request, done)))

    def close(self) -> None:
        """The socket is over: its functions are told of the connections that closed with it, for CLOSE_TIME at most,
        then the process ends. Whoever waits for another answer gets an empty one, at once."""
        if self._ending or self._closed:
            return
        self._ending = True
        if self._reactor.post(self._close):  # what threads have asked before is on its way to the loop too
            self._context.endings.begin(self)
        else:
            self._close()

    def _ask(self, question: _Question) -> None:
        if self._closed:
            self._reactor.call_later(0.0, lambda: question.done({}))
            return
        self._asked.append(question)
        self._next()

    def _next(self) -> None:
        """Put the next question, to a fresh process if there is none."""
        if self._current is not None:
            return
        if self._closed and not (self._asked and self._ready):
            self._let_go()
        elif not self._asked:
            return
        elif self._process is None:
            self._start()
        elif self._ready:
            self._current = question = self._asked.popleft()
            self._limit(self._seconds)
            self._process.send({**question.request, "connection": question.connection})

    def _answer(self, reply: Reply) -> None:
        question, self._current = self._current, None
        if question is not None:
            question.done(reply)
        self._next()

    # -- the process --------------------------------------------------------------------------------

    def _start(self) -> None:
        wait = self._started - self._now()
        if wait > 0:
            if self._restart is None:
                self._restart = self._reactor.call_later(wait, self._start_again)
            return
        self._started = self._now() + RESTART
        try:
            process = Process("script")
        except OSError as error:
            said = error.strerror or str(error)
            failure = Failure(
                "fork()", "", said, f"The system starts no process for the script: {said}.",
                "End other programs, or raise the limit of processes; it is tried again when needed.",
            )  # fmt: skip
            self._tell_failure(failure, self._asked[0].connection)
            self._reactor.call_later(0.0, self._give_up_all)
            return
        self._why, self._line, self._ready, self._begun = "", 0, False, False
        # Python's own start counts by another limit than the script's.
        self._process = WatchedProcess(self._reactor, process, self._parcel, self._ended)
        self._limit(START_TIME)

    def _start_again(self) -> None:
        self._restart = None
        self._next()

    def _give_up_all(self) -> None:
        """Nothing can be asked: all questions are answered with that."""
        asked, self._asked = self._asked, deque()
        for question in asked:
            question.done({"do": [], "over": True})

    @staticmethod
    def _now() -> float:
        return time.perf_counter()

    def _parcel(self, parcel: Parcel) -> None:
        try:
            self._take(parcel.head)
        except Nonsense as error:
            if self._process is not None:
                self._process.broke(error)

    def _take(self, head: Mapping[str, Any]) -> None:
        """What the process tells. Raises Nonsense."""
        if "printed" in head:
            self._tell_printed(*check_printed(head))
        elif "where" in head:
            self._line = check_where(head)
            if self._why and self._process is not None:
                self._process.kill()
        elif "done" in head:
            self._done(head)
        elif "ready" not in head or self._begun:
            raise Nonsense("something that has no meaning here")
        elif self._process is not None:
            self._log.note(f"The script runs in a process of its own, {self._process.pid}.")
            self._limit(self._seconds)
            self._begun = True
            self._watch_memory()
            self._process.send(
                {"call": "begin", "source": self._source, "seconds": self._seconds, "memory": self._memory}
            )

    def _done(self, head: Mapping[str, Any]) -> None:
        """A call has returned, or raised. Raises Nonsense."""
        steps, failed = check_done(head)
        if self._ready and self._current is None:
            raise Nonsense("an answer that nobody asked for")
        self._limit(0)
        self._why = ""  # it was just in time
        if not self._ready:
            self._ready = failed is None
            if failed is not None:
                self._tell_raised("", failed)
                self._let_go()
                self._give_up_all()
                return
            self._next()
            return
        if failed is not None and self._current is not None:
            self._tell_raised(self._current.function, failed)
        self._answer({"do": steps})

    def _let_go(self) -> None:
        """Of a process that is of no use any more."""
        process, self._process, self._ready = self._process, None, False
        self._limit(0)
        if self._looker is not None:
            self._looker.cancel()
            self._looker = None
        if process is not None:
            process.forget()
        if self._closed:
            self._context.endings.done(self)

    def _ended(self, ended: Ended) -> None:
        """The process is over, by us or by itself."""
        self._process = None
        ready = self._ready
        self._let_go()
        self._tell_end(self._why_ended(ended), self._current.connection if self._current is not None else 0)
        if not ready:
            self._give_up_all()
        self._answer({"do": [], "over": True})

    def _why_ended(self, ended: Ended) -> Failure:
        call = self._current.function if self._current is not None else ""
        what = call or "The script, at its start,"
        if self._why == "time" and not self._begun:
            return Failure(
                call, "", "no start", f"Python did not start for the script within {START_TIME:.0f} s.",
                "See what keeps this computer busy; it is tried again when a function is needed next.",
            )  # fmt: skip
        if self._why == "time":
            if self._line:
                where = f"It was in line {self._line}{self._text_of(self._line)} then."
            else:
                where = "It was inside one operation of Python's that did not return."
            return Failure(
                call, "", f"more than {self._seconds:g} s",
                f"{what} took longer than its limit of {self._seconds:g} s and was ended. {where} {ANEW}",
                "Look for a loop that does not end there (while True, an import or a call that waits), "
                "or raise the time limit.",
            )  # fmt: skip
        if self._why == "memory" or ended.status == NO_MEMORY:
            return Failure(
                call, "", f"more than {self._memory // MB} MB",
                f"{what} took more than its limit of {self._memory // MB} MB of memory and was ended. {ANEW}",
                "Look for a list or text that only grows, or raise the memory limit.",
            )  # fmt: skip
        if ended.killed and ended.trouble:
            told = ended.trouble.rstrip(".")
            return Failure(
                call, "", told,
                f"The script's process was ended, for it told this program what cannot be used: {told}. {ANEW}",
                "The script can only have written to the connection between them: look for os.write and for sockets "
                "or files made of descriptors that it did not open.",
            )  # fmt: skip
        said = ended.trouble.strip().split("\n")[-1] or ended.how
        during = f" while {call} ran" if call else ""
        return Failure(
            call, "", said, f"The script's process ended by itself{during}, {ended.how}. {ANEW}",
            "Look for os._exit, for a signal, or for a library that crashes.",
        )  # fmt: skip

    def _close(self) -> None:
        if self._closed:
            return
        self._closed = True
        if self._restart is not None:
            self._restart.cancel()
        asked, self._asked = self._asked, deque()
        for question in asked:
            if question.function == ON_CLOSE and self._ready:
                self._asked.append(question)
            else:
                self._reactor.call_later(0.0, lambda done=question.done: done({}))  # type: ignore[misc]
        self._reactor.call_later(CLOSE_TIME, self._let_go)
        self._next()

    # -- limits -------------------------------------------------------------------------------------

    def _limit(self, seconds: float) -> None:
        """From now on; 0: nothing is under way."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._reactor.call_later(seconds, self._too_long) if seconds else None

    def _too_long(self) -> None:
        """Ask in which line it is, then end it: at once when it does not even answer that."""
        self._timer = None
        if self._process is not None:
            self._why = "time"
            self._process.send({"where": True})
            self._timer = self._reactor.call_later(WHERE_TIME, self._process.kill)

    def _watch_memory(self) -> None:
        """Where the system does not hold a process to its limit."""
        if not HELD and self._process is not None:
            self._looker = self._reactor.call_later(LOOK_EVERY, self._look_at_memory)

    def _look_at_memory(self) -> None:
        import psutil  # for these systems alone

        if self._process is None:
            return
        try:
            taken = psutil.Process(self._process.pid).memory_info().rss
        except psutil.Error:
            return  # it is about to end
        if taken > self._memory + 32 * MB:  # what Python takes itself
            self._why = "memory"
            self._process.kill()
            return
        self._watch_memory()

    # -- what is told -------------------------------------------------------------------------------

    def _tell_raised(self, function: str, failed: Mapping[str, Any]) -> None:
        """An exception: its traceback as output, and a sentence."""
        line, what = failed["line"], failed["what"]
        connection = self._current.connection if self._current is not None else 0
        if not self._may_tell():
            return
        for text in failed["trace"]:
            self._context.emit(ScriptOutput(self._number, connection, "traceback", line, text))
        place = f" in line {line}" if line else ""
        means = f"{function} failed{place}: {what}" if function else f"The script failed at its start{place}: {what}"
        if failed["memory"]:
            advice = f"It may take {self._memory // MB} MB: look for what only grows, or raise the memory limit."
        else:
            advice = f"Correct {'line ' + str(line) if line else 'the script'}; the script goes on with the next call."
        self._tell(Failure(function or FILE, "", what, means, advice), connection, failed["trace"])

    def _tell_printed(self, connection: int, stream: Stream, line: int, text: str) -> None:
        if not self._lines.let_through():
            return
        if left_out := self._lines.left_out():
            self._context.emit(ScriptOutput(self._number, connection, "stdout", 0, left_out))
        self._context.emit(ScriptOutput(self._number, connection, stream, line, text))

    def _tell_end(self, failure: Failure, connection: int) -> None:
        """The process was ended, or ended by itself: it stands with what it printed, like a traceback."""
        if self._may_tell():
            self._context.emit(ScriptOutput(self._number, connection, "traceback", self._line, failure.means))
            self._tell(failure, connection, ())

    def _tell_failure(self, failure: Failure, connection: int) -> None:
        if self._may_tell():
            self._tell(failure, connection, ())

    def _tell(self, failure: Failure, connection: int, trace: Any) -> None:
        detail: dict[str, object] = {"text": failure.sentence}
        if trace:
            detail["traceback"] = "\n".join(trace)
        if self._untold:
            detail["left out"] = f"{self._untold:,} failures before this one: there were too many to note all."
            self._untold = 0
        record = self._log.write(CallKind.note, detail, connection=connection)
        self._context.emit(SocketFailed(self._number, connection, failure, fatal=False, record=record))

    def _may_tell(self) -> bool:
        """Whether there were not too many failures lately: a script that fails at each message fails fast."""
        now = self._now()
        while self._told and self._told[0] < now - 1.0:
            self._told.popleft()
        if len(self._told) >= FAILURES:
            self._untold += 1
            return False
        self._told.append(now)
        return True

    def _text_of(self, line: int) -> str:
        lines = self._source.split("\n")
        text = lines[line - 1].strip() if line <= len(lines) else ""
        return f" ({text[:80]})" if text else ""
