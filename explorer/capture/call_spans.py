"""Which of the calls that a table shows a span is about."""

from __future__ import annotations

from bisect import bisect_left

from explorer.capture.block_index import BLOCK, BlockIndex
from explorer.capture.match import both, carries, of_connections
from explorer.capture.message_spans import Runs
from explorer.capture.span import Span
from explorer.capture.steps import Work


def call_row_steps(index: BlockIndex, span: Span) -> Work[list[range]]:
    """The rows of the calls that a span is about, in runs, at most as many as are selected at once; only its own
    where it is of one connection and direction. In steps."""
    rows = range(index.row(span.first_call), index.row(span.last_call + 1))
    runs = Runs()
    if span.connection is None or span.received is None or len(rows) < 2:
        runs.add(rows)
        return runs.found
    match = both(of_connections([span.connection]), carries(span.received, not span.received))
    row = rows.start
    while row < rows.stop and not runs.full:
        numbers = index.numbers(row, min(BLOCK, rows.stop - row))
        start = numbers[0]
        columns = index.reader.columns(start, min(numbers[-1] + 1, start + BLOCK))
        taken, mask = bisect_left(numbers, start + columns.count), match(columns)
        if mask is None:
            mask = b"\1" * taken
        elif taken < columns.count:
            mask = bytes(mask[number - start] for number in numbers[:taken])
        runs.add_mask(row, mask)
        row += taken
        yield columns.count
    return runs.found
