from __future__ import annotations

import errno
import os
import socket
import string

import pytest

from explorer.core.endpoint import Endpoint
from explorer.net.os_errors import MEANINGS, bug, call_text, error_name, explain, record_number, said

WHERE = Endpoint("192.0.2.7", 9000)


def test_every_row_is_two_whole_sentences() -> None:
    for row, sentences in MEANINGS.items():
        for sentence in sentences:
            assert sentence.endswith("."), row
            assert sentence[0] in string.ascii_uppercase + "{", row
            names = {name for _, name, _, _ in string.Formatter().parse(sentence) if name}
            assert names <= {"host", "port", "where"}, row
        assert hasattr(errno, row[1]) or row[1].startswith("EAI_"), row


@pytest.mark.parametrize("call", ["bind", "connect", "send", "recv", "accept", "setsockopt"])
def test_every_error_of_the_system_gives_sentences(call: str) -> None:
    for number, name in errno.errorcode.items():
        failure = explain(OSError(number, os.strerror(number)), call, WHERE)
        assert failure.errno == name
        assert failure.means.endswith(".")
        assert failure.advice.endswith(".")
        assert "{" not in failure.sentence


def test_what_is_not_known_is_said_so() -> None:
    failure = explain(OSError(4999, "Quantum flux"), "connect", WHERE)
    assert failure.errno == "errno 4999"
    assert "Quantum flux" in failure.means
    assert "errno 4999" in failure.advice


def test_names_and_texts() -> None:
    assert error_name(OSError(errno.ECONNREFUSED, "x")) == "ECONNREFUSED"
    assert error_name(OSError("no number")) == ""
    assert error_name(socket.gaierror(socket.EAI_NONAME, "x")) == "EAI_NONAME"
    assert error_name(socket.gaierror(-4999, "x")) == "getaddrinfo error -4999"
    assert said(OSError(errno.EACCES, "Permission denied")) == "Permission denied"
    assert said(OSError(errno.EACCES, "")) == os.strerror(errno.EACCES)
    assert said(OSError("only text")) == "only text"
    assert record_number(socket.gaierror(-2, "x")) == 2
    assert record_number(OSError("no number")) == 0


def test_windows_names_are_those_of_posix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(errno.errorcode, 10_061, "WSAECONNREFUSED")
    failure = explain(OSError(10_061, "No connection could be made"), "connect", WHERE)
    assert failure.errno == "ECONNREFUSED"
    assert "Nothing listens on 192.0.2.7:9000" in failure.means


def test_calls_read_as_python() -> None:
    assert call_text("bind", Endpoint("127.0.0.1", 80)) == 'bind(("127.0.0.1", 80))'
    assert call_text("getaddrinfo", Endpoint("example", 80)) == 'getaddrinfo("example", 80)'
    assert call_text("accept") == "accept()"


def test_without_an_address_the_sentence_still_reads() -> None:
    failure = explain(OSError(errno.ECONNRESET, "x"), "recv")
    assert failure.call == "recv()"
    assert "The peer reset the connection" in failure.means


def test_a_bug_says_that_it_is_ours() -> None:
    assert "Socket Explorer" in bug(ValueError("x"), "doing").means
