"""Both ends of a connection: found where they are sure, and never those of another one."""

from __future__ import annotations

import time

import pytest

from explorer.capture.both_ends import other_end
from explorer.capture.catalog import Catalog
from explorer.capture.reader import Reader
from explorer.core.calls import CallKind
from tests.capture.making import accepted, closed, small_writer, socket_record
from tests.fakes.untraced import untraced

SERVER, CLIENT = 1, 2


class Scene:
    """A capture in which a test tells what happens, at a time it chooses."""

    def __init__(self, folder):
        self.writer = small_writer(folder)
        self.time = 0
        self.writer._clock = lambda: self.writer._started + self.time
        socket_record(self.writer, SERVER)
        socket_record(self.writer, CLIENT, "client", role="client")
        self.catalog = Catalog(Reader.of(self.writer))

    def connect(self, number, local="127.0.0.1:40000", to="127.0.0.1:9000", socket=CLIENT, took=0):
        self.writer.add_detail(CallKind.connect, socket, number, {"address": to, "local": local}, duration=took)

    def accept(self, number, peer="127.0.0.1:40000", local="127.0.0.1:9000", socket=SERVER):
        accepted(self.writer, number, peer, local, socket)

    def peer(self, number, peer, local, socket=SERVER):
        self.writer.add_detail(CallKind.peer, socket, number, {"peer": peer, "local": local})

    def close(self, number, socket=SERVER):
        closed(self.writer, number, "local", socket)

    def end_of(self, number):
        self.catalog.advance()
        known = self.catalog.connection(number)
        assert known is not None
        found = other_end(self.catalog, known)
        return found.number if found else None

    def pairs(self):
        self.catalog.advance()
        return {one.number: self.end_of(one.number) for one in self.catalog.connections}


@pytest.fixture
def scene(tmp_path):
    made = Scene(tmp_path / "capture")
    yield made
    made.writer.close()


@pytest.fixture
def udp(scene):
    for number, role in ((3, "server"), (4, "client"), (5, "client"), (6, "server")):
        socket_record(scene.writer, number, f"udp {number}", "udp", role)
    return scene


def test_a_client_and_the_server_that_accepted_it(scene):
    scene.connect(1)
    assert scene.end_of(1) is None  # not accepted yet
    scene.accept(2)
    scene.accept(3, peer="127.0.0.1:50000")  # of another program
    scene.connect(4, "127.0.0.1:40000", "127.0.0.1:9001")
    assert scene.pairs() == {1: 2, 2: 1, 3: None, 4: None}
    scene.close(1, CLIENT)
    scene.close(2)
    assert scene.pairs() == {1: 2, 2: 1, 3: None, 4: None}


def test_addresses_in_their_other_forms(scene):
    scene.connect(1, "127.0.0.1:40000", "0.0.0.0:9000")
    scene.accept(2, "[::ffff:127.0.0.1]:40000", "[::ffff:127.0.0.1]:9000")
    scene.connect(3, "[::1]:40001", "[::1]:9000")
    scene.accept(4, "[::1]:40001", "[::1]:9000")
    assert scene.pairs() == {1: 2, 2: 1, 3: 4, 4: 3}


def test_a_server_that_is_done_before_the_client_knows_it_is_connected(scene):
    scene.time = 5_000_000
    scene.accept(1)
    scene.time = 6_000_000
    scene.close(1)
    scene.time = 7_000_000
    scene.connect(2, took=3_000)  # microseconds
    assert scene.pairs() == {1: 2, 2: 1}


def test_a_port_that_is_given_again(scene):
    for round_ in range(3):
        scene.time = round_ * 100_000
        scene.connect(2 * round_ + 1)
        scene.time += 10
        scene.accept(2 * round_ + 2)
        scene.time += 10_000
        scene.close(2 * round_ + 1, CLIENT)
        scene.time += 10
        scene.close(2 * round_ + 2)
    assert scene.pairs() == {1: 2, 2: 1, 3: 4, 4: 3, 5: 6, 6: 5}


def test_a_port_that_another_program_had_before_or_has_after(scene):
    scene.accept(1)
    scene.time = 100
    scene.close(1)
    scene.time = 200
    scene.connect(2)
    scene.time = 210
    scene.accept(3)
    scene.time = 300
    scene.close(2, CLIENT)
    scene.time = 400
    scene.accept(4)
    assert scene.pairs() == {1: None, 2: 3, 3: 2, 4: None}


def test_the_end_of_a_reset_connection_that_is_told_late(scene):
    scene.connect(1)
    scene.time = 10
    scene.accept(2)
    scene.time = 20
    scene.close(1, CLIENT)
    scene.time = 30
    scene.connect(3)
    scene.time = 40
    scene.accept(4)
    scene.time = 50
    scene.close(2)  # only now does the server read that it was reset
    assert scene.pairs() == {1: 2, 2: 1, 3: 4, 4: 3}


def test_two_programs_clients_are_no_pair(scene):
    scene.connect(1, "127.0.0.1:40000", "127.0.0.1:9000")
    scene.connect(2, "127.0.0.1:9000", "127.0.0.1:40000")
    scene.connect(3, "127.0.0.1:5000", "127.0.0.1:5000")  # to itself
    assert scene.pairs() == {1: None, 2: None, 3: None}


def test_udp_peers(udp):
    udp.connect(1, "127.0.0.1:5000", "127.0.0.1:9000", socket=4)
    udp.peer(2, "127.0.0.1:5000", "127.0.0.1:9000", socket=3)
    udp.connect(3, "127.0.0.1:5001", "127.0.0.1:9000", socket=5)
    udp.peer(4, "127.0.0.1:5001", "0.0.0.0:9000", socket=6)  # bound to all addresses
    udp.peer(5, "192.0.2.7:5001", "0.0.0.0:9000", socket=6)  # on another machine
    assert udp.pairs() == {1: 2, 2: 1, 3: 4, 4: 3, 5: None}


def test_udp_servers_that_are_bound_to_all_addresses(udp):
    udp.peer(1, "127.0.0.1:9001", "0.0.0.0:9000", socket=3)
    udp.peer(2, "127.0.0.1:9000", "0.0.0.0:9001", socket=6)
    udp.peer(3, "192.0.2.7:9001", "0.0.0.0:9000", socket=3)
    udp.peer(4, "192.0.2.7:9000", "0.0.0.0:9001", socket=6)
    assert udp.pairs() == {1: 2, 2: 1, 3: None, 4: None}


def test_udp_where_it_is_not_sure(udp):
    udp.peer(1, "127.0.0.1:5000", "127.0.0.1:9000", socket=3)
    udp.time = 10
    udp.connect(2, "127.0.0.1:5000", "127.0.0.1:9000", socket=4)
    udp.time = 20
    udp.close(2, 4)
    assert udp.pairs() == {1: 2, 2: 1}
    udp.time = 30
    udp.connect(3, "127.0.0.1:5000", "127.0.0.1:9000", socket=5)  # the server still has the peer of before
    assert udp.pairs() == {1: None, 2: None, 3: None}


def test_a_udp_peer_that_was_met_again(udp):
    udp.connect(1, "127.0.0.1:5000", "127.0.0.1:9000", socket=4)
    udp.peer(2, "127.0.0.1:5000", "127.0.0.1:9000", socket=3)
    assert udp.pairs() == {1: 2, 2: 1}
    udp.peer(3, "127.0.0.1:5000", "127.0.0.1:9000", socket=3)  # the server had taken it off its list
    assert udp.pairs() == {1: None, 2: None, 3: None}


def test_one_of_ten_thousand_costs_what_one_of_ten_does(scene):
    for number in range(1, 20_001, 2):
        port = 40_000 + number // 2
        scene.connect(number, f"127.0.0.1:{port}")
        scene.accept(number + 1, f"127.0.0.1:{port}")
    scene.catalog.advance()
    chosen = [scene.catalog.connection(number) for number in (1, 2, 9_999, 10_000, 19_999, 20_000)]
    with untraced():
        begun = time.perf_counter()
        found = [other_end(scene.catalog, one) for one in chosen if one]
        seconds = time.perf_counter() - begun
    assert [one.number for one in found if one] == [2, 1, 10_000, 9_999, 20_000, 19_999]
    assert seconds < 0.01
