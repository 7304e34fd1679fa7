"""Looking at windows from outside, as a window manager does: which are there, and how promptly they answer."""

from __future__ import annotations

import select
import threading
import time

from Xlib import X, display, protocol


def visible_windows() -> set[int]:
    """Top-level windows that are shown and large enough to be one's main window."""
    screen = display.Display()
    found = set()
    for window in screen.screen().root.query_tree().children:
        try:
            shape = window.get_geometry()
            if window.get_attributes().map_state == X.IsViewable and shape.width > 200 and shape.height > 150:
                found.add(window.id)
        except Exception:  # the window went away while it was looked at
            continue
    screen.close()
    return found


class Pinger(threading.Thread):
    """Round trips of _NET_WM_PING to a window until `stop`: `trips`, in milliseconds."""

    def __init__(self, window_id: int, interval: float = 0.01) -> None:
        super().__init__(name="pinger", daemon=True)
        self.trips: list[float] = []
        self._window_id = window_id
        self._interval = interval
        self._ending = threading.Event()

    def stop(self) -> None:
        self._ending.set()
        self.join(70)

    def at(self, share: float) -> float:
        """The trip that `share` of all do not exceed, in ms."""
        ordered = sorted(self.trips)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("inf")

    def run(self) -> None:
        screen = display.Display()
        root = screen.screen().root
        protocols, ping = screen.intern_atom("WM_PROTOCOLS"), screen.intern_atom("_NET_WM_PING")
        window = screen.create_resource_object("window", self._window_id)
        root.change_attributes(event_mask=X.SubstructureNotifyMask | X.StructureNotifyMask)
        stamp = 0
        while not self._ending.is_set():
            stamp += 1
            data = (32, [ping, stamp, self._window_id, 0, 0])
            event = protocol.event.ClientMessage(window=window, client_type=protocols, data=data)
            start = time.monotonic()
            window.send_event(event, event_mask=0)
            screen.flush()
            answered = False
            while not answered and time.monotonic() < start + 60:
                while screen.pending_events():
                    reply = screen.next_event()
                    if reply.type == X.ClientMessage and list(reply.data[1][:2]) == [ping, stamp]:
                        answered = True
                if not answered:
                    select.select([screen.fileno()], [], [], 0.05)
            self.trips.append((time.monotonic() - start) * 1000)
            time.sleep(self._interval)
        screen.close()
