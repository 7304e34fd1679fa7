"""Levels, hosts and programs in lines of logs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.wire.log_lines import FACILITIES, FRONT, LEVELS, LogLine, level_of, parse_line


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (  # the example of RFC 3164, 5.4
            b"<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8",
            LogLine(
                "critical", b"'su root' failed for lonvick on /dev/pts/8", "Oct 11 22:14:15", "mymachine", "su", "auth"
            ),
        ),
        (  # of RFC 5424, 6.5
            b"<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - \xef\xbb\xbf'su root' failed",
            LogLine("critical", b"'su root' failed", "2003-10-11T22:14:15.003Z", "mymachine.example.com", "su", "auth"),
        ),
        (
            b'<165>1 2003-10-11T22:14:15.003Z host app - ID47 [a@1 b="c"] An event\n',
            LogLine("notice", b'[a@1 b="c"] An event', "2003-10-11T22:14:15.003Z", "host", "app", "local4"),
        ),
        (b"<0>1 - - - - - -", LogLine("emergency", b"", facility="kern")),
        (
            b"<13>Feb  5 17:32:18 10.0.0.99 app[42]: it runs\0",
            LogLine("notice", b"it runs", "Feb  5 17:32:18", "10.0.0.99", "app", "user"),
        ),
        (b"<30>dhcpd: lease", LogLine("info", b"lease", program="dhcpd", facility="daemon")),
        (b"<191>only text", LogLine("debug", b"only text", facility="local7")),
        (b"<192>none such", LogLine("", b"<192>none such")),
        (b"<034>with a zero", LogLine("", b"<034>with a zero")),
        (b"<>", LogLine("", b"<>")),
        (b"", LogLine("", b"")),
        (b"ERROR: disk full\r\n", LogLine("error", b"ERROR: disk full")),
        (
            b"2026-11-21 09:30:05,250 WARNING root started",
            LogLine("warning", b"2026-11-21 09:30:05,250 WARNING root started"),
        ),
        (b"[info] ready", LogLine("info", b"[info] ready")),
        (b'{"msg":"x","level":"warn"}', LogLine("warning", b'{"msg":"x","level":"warn"}')),
        (b"level=debug ERROR in it", LogLine("debug", b"level=debug ERROR in it")),
        (b"FATAL everything", LogLine("critical", b"FATAL everything")),
        (b"no error was found", LogLine("", b"no error was found")),
        (b"NO-ERROR code", LogLine("", b"NO-ERROR code")),
        (b"information desk", LogLine("", b"information desk")),
        (b"\xff\xfe", LogLine("", b"\xff\xfe")),
        (b"x" * FRONT + b" ERROR", LogLine("", b"x" * FRONT + b" ERROR")),
    ],
)
def test_lines(line: bytes, found: LogLine) -> None:
    assert parse_line(line) == found


def test_priorities_hold_facility_and_level() -> None:
    for facility, name in enumerate(FACILITIES):
        for number, level in enumerate(LEVELS):
            found = parse_line(b"<%d>x" % (facility * 8 + number))
            assert (found.facility, found.level) == (name, level)


@given(st.binary(max_size=400) | st.from_regex(rb"<[0-9]{1,3}>(1 )?.{0,100}", fullmatch=True))
def test_whatever_comes_is_read_and_its_text_is_its_own(line: bytes) -> None:
    found = parse_line(line)
    assert found.level in (*LEVELS, "")
    assert level_of(line) == found.level
    assert line.rstrip(b"\r\n\0").endswith(found.text)
