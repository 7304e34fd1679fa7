"""A load in words: how long things took, how far it is, what will be sent to whom, and what came of it. No Qt."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from explorer.capture.export.csv_table import safe
from explorer.core.load import LoadPlan, LoadReport
from explorer.ui.units import count_text, size_text

PERCENTILES = ((50.0, "p50"), (90.0, "p90"), (99.0, "p99"), (99.9, "p99.9"))
_UNITS = ((1_000_000_000, "s"), (1_000_000, "ms"), (1_000, "µs"))


def time_text(time: float) -> str:
    """Nanoseconds as people read them, three digits: ``41.3 µs``, ``1.20 ms``, ``12 s``."""
    for size, unit in _UNITS:
        if time >= size or unit == "µs":
            value = time / size
            digits = 0 if value >= 99.95 else 1 if value >= 9.995 else 2
            return f"{value:,.{digits}f} {unit}"
    return ""


def rate_words(rate: float) -> str:
    """Messages a second, with no digit that means nothing."""
    return f"{rate:,.0f}" if rate >= 100 else f"{rate:,.1f}" if rate >= 1 else f"{rate:.2g}"


def seconds_text(seconds: float) -> str:
    """``0.07 s``, ``4.2 s``, ``75 s``."""
    return f"{seconds:,.{2 if seconds < 1 else 1 if seconds < 60 else 0}f} s"


def state_text(report: LoadReport, answers: bool, cause: str = "") -> str:
    """One line: how far it is, or how it ended. answers: they are waited for. cause: why clients failed, if known."""
    begin = {"done": "Done in", "stopped": "Stopped after", "failed": "Failed after"}.get(report.end, "Running for")
    lost, why = report.end == "done" and report.failed, f": {cause}" if cause else ""
    if lost:
        begin = "Ended after"
    parts = [
        f"{begin} {seconds_text(report.seconds)}" + (f" ({failed_text(report)}{why}; see Failures)" if lost else ""),
        f"{report.sent:,} of {count_text(report.total, 'message')} sent",
    ]
    rate = report.rate if report.over else report.recent
    if rate:
        parts.append(f"{rate_words(rate)} a second")
    if report.behind and not report.over:
        parts.append(f"{report.behind:,} behind the wanted rate")
    if answers and report.wrong:
        parts.append(f"{count_text(report.wrong, 'wrong answer')}")
    if report.failed and not lost:
        parts.append(f"{count_text(report.failed, 'client')} failed{why}")
    if report.problem:
        parts.insert(1, report.problem.rstrip("."))
    return " · ".join(parts)


def failed_text(report: LoadReport) -> str:
    """``50 of 50 clients failed``."""
    return f"{report.failed:,} of {count_text(report.clients, 'client')} failed"


def went_wrong(report: LoadReport) -> bool:
    """Whether a run that is over is to be marked: it failed as a whole, or came to its end without some clients."""
    return report.end == "failed" or (report.end == "done" and report.failed > 0)


def will_send(plan: LoadPlan, largest: int) -> list[str]:
    """Exactly what a run sends, one line each. largest: bytes of a message with its framing."""
    tcp = plan.transport == "tcp"
    what = "connection" if tcp else "UDP socket"
    each = count_text(plan.messages, "message" if tcp else "datagram")
    how = {
        "at_once": "all at once",
        "per_second": f"{plan.per_second:,} more each second",
        "in_turn": "one after another",
    }[plan.connect]
    pace = f"at most {plan.rate:,} messages a second" if plan.rate else "as fast as the answers come"
    if not plan.rate and plan.answers == "none":
        pace = "as fast as this machine sends"
    return [
        f"To: {plan.host}, {plan.transport.upper()} port {plan.port}",
        f"Connections: {count_text(plan.clients, what)}, {how}",
        f"Messages: {each} on each, {plan.total:,} in all, {pace}",
        f"Bytes: {largest:,} in each message, {size_text(largest * plan.total)} in all"
        + (" (headers of TCP and IP not counted)" if tcp else " (headers of UDP and IP not counted)"),
    ]


@dataclass(frozen=True, slots=True)
class KeptRun:
    """A run that is over. number: from 1. name: the server's, or its address. model: how it serves; "" unknown."""

    number: int
    name: str
    model: str
    plan: LoadPlan
    report: LoadReport


COLUMNS = (
    "Run", "Server", "Serving", "Clients", "Messages", "Bytes each", "Messages/s", "p50", "p90", "p99", "p99.9", "Max",
    "Wrong", "Lost", "Failed clients", "Seconds", "Ended",
)  # fmt: skip
_ENDS = {"done": "done", "stopped": "■ stopped", "failed": "failed"}


def end_text(report: LoadReport) -> str:
    """How a run ended, in a table: one that lost clients is not just done."""
    lost = report.end == "done" and report.failed
    return f"⚠ {report.failed:,} failed" if lost else _ENDS[report.end]


def cells(run: KeptRun) -> list[str]:
    """What stands in a table, in the order of `COLUMNS`."""
    report = run.report
    times = [
        time_text(report.latencies.percentile(share)) if report.latencies.count else "–" for share, _ in PERCENTILES
    ]
    most = time_text(report.latencies.most) if report.latencies.count else "–"
    name = f"{run.name} (stopped)" if report.end == "stopped" else run.name  # the column of how it ended is far away
    return [
        str(run.number), name, run.model or "–", f"{run.plan.clients:,}", f"{run.plan.messages:,}",
        f"{run.plan.size:,}", rate_words(report.rate) if report.rate else "–", *times, most,
        f"{report.wrong:,}", f"{report.lost:,}", f"{report.failed:,}", f"{report.seconds:,.2f}", end_text(report),
    ]  # fmt: skip


def csv_text(runs: Iterable[KeptRun]) -> str:
    """The runs for a spreadsheet: plain numbers, times in milliseconds. A name that begins like a formula gets an
    apostrophe in front, as in the export of calls."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(
        (
            "run", "server", "transport", "host", "port", "serving", "clients", "messages_each", "bytes_each",
            "framing", "connect", "wanted_per_second", "sent", "answered", "wrong", "lost", "failed_clients", "seconds",
            "messages_per_second", "p50_ms", "p90_ms", "p99_ms", "p99.9_ms", "max_ms", "connect_p50_ms",
            "connect_max_ms", "ended",
        )
    )  # fmt: skip
    for run in runs:
        plan, report = run.plan, run.report
        times = [report.latencies.percentile(share) for share, _ in PERCENTILES] + [report.latencies.most]
        writer.writerow(
            (
                run.number, safe(run.name), plan.transport, safe(plan.host), plan.port, safe(run.model), plan.clients,
                plan.messages, plan.size, safe(plan.framing.kind), plan.connect, plan.rate or "", report.sent,
                report.answered, report.wrong, report.lost, report.failed, f"{report.seconds:.3f}",
                f"{report.rate:.1f}",
                *(f"{time / 1e6:.4f}" if report.latencies.count else "" for time in times),
                *(_connect_times(report)), report.end,
            )
        )  # fmt: skip
    return out.getvalue()


def _connect_times(report: LoadReport) -> tuple[str, str]:
    if not report.connects.count:
        return "", ""
    return f"{report.connects.percentile(50) / 1e6:.4f}", f"{report.connects.most / 1e6:.4f}"


def plain_text(runs: Sequence[KeptRun]) -> str:
    """The runs as a table of text with columns of one width."""
    rows = [list(COLUMNS), *(cells(run) for run in runs)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(COLUMNS))]
    left = {1, 2, len(COLUMNS) - 1}
    lines = [
        "  ".join(
            cell.ljust(width) if column in left else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    return "\n".join(lines) + "\n"
