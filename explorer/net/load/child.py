"""The process that makes a load: gets a plan, tells reports, ends when it is told to or nobody listens any more."""

from __future__ import annotations

import threading

from explorer.core.errors import InputError
from explorer.core.load import LoadReport, from_json, report_json
from explorer.net.load.run import LoadRun
from explorer.worker import Parent


def main(parent: Parent) -> None:
    """The first parcel is the plan, as `LoadPlan.to_json` gives it; a second one, whatever it says, stops the run."""
    given = parent.receive().head

    def tell(report: LoadReport) -> None:
        parent.send(report_json(report))

    try:
        plan = from_json(given)
        run = LoadRun(plan, tell)
    except InputError as error:
        tell(LoadReport(0, 0, problem=error.message, end="failed"))
        return

    def listen() -> None:
        while True:
            parent.receive()  # ends the process when our end is closed
            run.stop()

    threading.Thread(target=listen, name="told to stop", daemon=True).start()
    run.run()
