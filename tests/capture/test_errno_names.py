"""Names of error numbers recorded on another system."""

from __future__ import annotations

import errno
import sys

import pytest

from explorer.capture.errno_names import NAMES, name_of


@pytest.mark.parametrize(
    ("name", "linux", "darwin", "win32"),
    [
        ("EACCES", 13, 13, 10_013),
        ("EPIPE", 32, 32, 32),
        ("EMFILE", 24, 24, 10_024),
        ("EINPROGRESS", 115, 36, 10_036),
        ("EMSGSIZE", 90, 40, 10_040),
        ("EAFNOSUPPORT", 97, 47, 10_047),
        ("EADDRINUSE", 98, 48, 10_048),
        ("EADDRNOTAVAIL", 99, 49, 10_049),
        ("ENETUNREACH", 101, 51, 10_051),
        ("ECONNABORTED", 103, 53, 10_053),
        ("ECONNRESET", 104, 54, 10_054),
        ("ENOTCONN", 107, 57, 10_057),
        ("ETIMEDOUT", 110, 60, 10_060),
        ("ECONNREFUSED", 111, 61, 10_061),
        ("EHOSTUNREACH", 113, 65, 10_065),
    ],
)
def test_one_error_has_its_number_on_each_system(name, linux, darwin, win32):
    assert [name_of(linux, "linux"), name_of(darwin, "darwin"), name_of(win32, "win32")] == [name] * 3


def test_what_no_table_knows_stays_a_number():
    elsewhere = "darwin" if sys.platform == "linux" else "linux"
    assert name_of(60_000, elsewhere) == name_of(60_000, sys.platform) == "errno 60000"
    assert name_of(13, "plan9") == "errno 13"


def test_the_table_of_this_system_is_right():
    known = {number: name.removeprefix("WSA") for number, name in errno.errorcode.items()}
    assert {number: known.get(number) for number in NAMES[sys.platform]} == NAMES[sys.platform]
