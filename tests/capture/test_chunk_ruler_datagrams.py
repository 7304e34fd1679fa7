"""Datagrams of two ends are paired by what they hold; what is said to be lost is lost."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.capture.chunk_ruler import ChunkRuler, Missing
from explorer.capture.chunk_ruler_datagrams import PairedLane
from explorer.capture.chunk_ruler_summary import summarize
from explorer.capture.writer import Writer
from explorer.core.calls import CallFlag, CallKind
from explorer.core.socket_spec import Choice
from tests.capture.making import closed, small_writer, traffic
from tests.capture.test_chunk_ruler import CLIENT, LINES, SERVER, a_writer, begin, places, ruler_of, whole
from tests.fakes.untraced import untraced

RAW = Choice("raw")


def send(writer: Writer, data: bytes) -> None:
    traffic(writer, CallKind.sendto, data, CLIENT, CLIENT, flags=CallFlag.DATAGRAM)


def receive(writer: Writer, data: bytes, *, cut_from: int = 0, tells: bool = True) -> None:
    flags = CallFlag.DATAGRAM | (CallFlag.CUT if cut_from else CallFlag.NONE)
    traffic(writer, CallKind.recvfrom, data, SERVER, SERVER, flags=flags, extra=cut_from if tells else 0)


def paired_of(ruler: ChunkRuler) -> PairedLane:
    assert ruler.paired is not None
    return ruler.paired


def subsequences(sent: Sequence[bytes], received: Sequence[bytes]) -> list[tuple[int, ...]]:
    """All ways in which the received ones may be the sent ones, in order."""
    found: list[tuple[int, ...]] = [()]
    for data in received:
        found = [
            (*way, row)
            for way in found
            for row in range(way[-1] + 1 if way else 0, len(sent))
            if sent[row] == data
        ]  # fmt: skip
    return found


@settings(max_examples=120, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([b"a", b"b", b"cc", b""]), st.booleans()), max_size=9), st.integers(1, 9))
def test_pairs_are_possible_and_sure_losses_are_in_no_other_pairing(
    datagrams: list[tuple[bytes, bool]], step: int
) -> None:
    """Against every pairing that there is; of those with the same last partner, for what came later may tell more."""
    sent = [data for data, _ in datagrams]
    received = [data for data, came in datagrams if came]
    with a_writer() as writer:
        begin(writer, "udp")
        for data, came in datagrams:
            send(writer, data)
            if came:
                receive(writer, data)
        ruler = ruler_of(writer, RAW)
        while ruler.advance(step):
            pass
        paired = paired_of(ruler)
        assert not paired.unpaired
        pairing = tuple(paired.sent_row(row) for row in range(paired.count))
        ways = subsequences(sent, received)
        assert pairing in ways
        last = pairing[-1] if pairing else -1
        for loss in paired.losses(0, len(sent)):
            lost = range(loss.first, loss.stop)
            assert lost
            following = pairing.index(loss.stop)
            others = [way for way in ways if way[following] == loss.stop]
            if loss.sure:
                assert not any(row in way for way in others for row in lost)
        gone = {row for loss in paired.losses(0, len(sent)) for row in range(loss.first, loss.stop)}
        assert gone | set(pairing) == set(range(last + 1))
        for start in range(ruler.size + 1):
            for stop in range(start, ruler.size + 1):
                check_sizes(ruler, start, stop)


def check_sizes(ruler: ChunkRuler, start: int, stop: int) -> None:
    """The sums are those of what is missing, one by one."""
    missing = list(ruler.missing(start, stop))
    way = sum(one.size for one in missing if one.why == "way")
    assert ruler.missing_sizes(start, stop) == (way, sum(one.size for one in missing) - way)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 9), st.sampled_from(["came", "cut", "lost"])), max_size=12), st.integers(1, 9))
def test_what_was_cut_off_is_told_wherever_it_stands(datagrams: list[tuple[int, str]], step: int) -> None:
    """Each datagram begins with a byte of its own, so that nobody can take it for another."""
    with a_writer() as writer:
        begin(writer, "udp")
        position, cuts = 0, []
        for number, (size, fate) in enumerate(datagrams):
            data = bytes([number]) + b"x" * size
            send(writer, data)
            if fate == "cut":
                receive(writer, data[:1], cut_from=len(data))
                cuts.append(Missing(position + 1, position + len(data), "cut"))
            elif fate == "came":
                receive(writer, data)
            position += len(data)
        ruler = ruler_of(writer, RAW)
        while ruler.advance(step):
            pass
        for start in range(0, position + 1, 3):
            for stop in range(start, position + 1, 5):
                check_sizes(ruler, start, stop)
        assert [one for one in ruler.missing(0, position) if one.why == "cut"] == cuts


def test_very_many_datagrams_are_no_work_for_a_picture(tmp_path: Path) -> None:
    writer = small_writer(tmp_path / "c")
    begin(writer, "udp")
    for number in range(30_000):
        data = number.to_bytes(4, "big")
        send(writer, data)
        if number % 10_000:
            receive(writer, data)
    ruler = ruler_of(writer, RAW)
    ruler.advance()
    with untraced():
        begun = time.perf_counter()
        assert len(list(ruler.missing(0, ruler.size))) == 3
        assert summarize(ruler, 0, ruler.size).lost == 12
        assert time.perf_counter() - begun < 0.02  # half a second when each was looked at
    writer.close()


def test_what_was_lost_is_told(tmp_path: Path) -> None:
    writer = small_writer(tmp_path / "c")
    begin(writer, "udp")
    for number in range(6):
        send(writer, b"datagram %d\n" % number)
    receive(writer, b"datagram 1\n")
    receive(writer, b"datagram 4\n")
    ruler = ruler_of(writer)
    ruler.advance()
    assert places(whole(ruler.received)) == [(11, 22), (44, 55)]
    assert places(whole(ruler.messages)) == [(11, 22), (44, 55)]
    assert list(ruler.missing(0, 100)) == [Missing(0, 11, "lost"), Missing(22, 44, "lost"), Missing(55, 66, "way")]
    assert list(ruler.missing(23, 24)) == [Missing(22, 44, "lost")]
    assert summarize(ruler, 0, 66).lost == 33
    assert paired_of(ruler).row_at(0) == 0
    assert paired_of(ruler).row_at(30) == 1
    assert paired_of(ruler).row_at(55) == 2
    closed(writer, SERVER, "local", SERVER)
    ruler._catalog.advance()
    ruler.advance()
    assert list(ruler.missing(55, 66)) == [Missing(55, 66, "closed")]
    writer.close()


def test_of_datagrams_alike_nobody_knows_which_was_lost(tmp_path: Path) -> None:
    writer = small_writer(tmp_path / "c")
    begin(writer, "udp")
    for data in (b"ping", b"ping", b"end"):
        send(writer, data)
    receive(writer, b"ping")
    receive(writer, b"end")
    ruler = ruler_of(writer, RAW)
    ruler.advance()
    assert list(ruler.missing(0, 11)) == [Missing(4, 8, "alike")]
    writer.close()


def test_a_cut_datagram_is_the_beginning_of_a_sent_one(tmp_path: Path) -> None:
    writer = small_writer(tmp_path / "c")
    begin(writer, "udp")
    for data in (b"0123456789", b"abcdefghij"):
        send(writer, data)
    receive(writer, b"0123", cut_from=10)
    receive(writer, b"abcd", cut_from=10, tells=False)
    ruler = ruler_of(writer, LINES)
    ruler.advance()
    assert places(whole(ruler.received)) == [(0, 4), (10, 14)]
    assert list(ruler.missing(0, 20)) == [Missing(4, 10, "cut"), Missing(14, 20, "cut")]
    assert paired_of(ruler).row_at(6) == 1
    writer.close()


def test_a_datagram_that_nobody_sent_ends_the_pairing(tmp_path: Path) -> None:
    writer = small_writer(tmp_path / "c")
    begin(writer, "udp")
    send(writer, b"one")
    receive(writer, b"one")
    receive(writer, b"never sent")
    send(writer, b"two")
    receive(writer, b"two")
    ruler = ruler_of(writer, RAW)
    ruler.advance()
    assert paired_of(ruler).unpaired
    assert places(whole(ruler.received)) == [(0, 3)]
    assert list(ruler.missing(0, 9)) == []  # nothing is sure any more
    writer.close()


def test_many_losses_are_looked_up_row_by_row(tmp_path: Path) -> None:
    writer = small_writer(tmp_path / "c")
    begin(writer, "udp")
    for number in range(200):
        send(writer, b"%03d" % number)
        if number % 50 == 49:
            receive(writer, b"%03d" % number)
    ruler = ruler_of(writer, RAW)
    ruler.advance()
    assert [one.start for one in whole(ruler.received)] == [49 * 3, 99 * 3, 149 * 3, 199 * 3]
    assert paired_of(ruler).about([0, 50 * 3, 600]) == [0, 1, 4]
    writer.close()


def test_another_thread_may_look_while_a_loss_is_found() -> None:
    with a_writer() as writer:
        begin(writer, "udp")
        for data in (b"a", b"lost", b"b", b"lost too", b"c"):
            send(writer, data)
        for data in (b"a", b"b", b"c"):
            receive(writer, data)
        ruler = ruler_of(writer, RAW)
        paired, looks = paired_of(ruler), list[list[Missing]]()
        is_sure = paired._is_sure

        def looked_at_meanwhile(lost: range) -> bool:
            with ThreadPoolExecutor(1) as window:
                looks.append(window.submit(lambda: list(ruler.missing(0, 100))).result())
            return is_sure(lost)

        paired._is_sure = looked_at_meanwhile  # type: ignore[method-assign]
        while ruler.advance(1):
            pass
        assert len(looks) == 3
        assert [one.why for one in ruler.missing(0, 100)] == ["lost", "lost"]
