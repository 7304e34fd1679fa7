"""The two kinds of error that a user may be shown.

`InputError` is the user's input: it names the place (a JSON path such as ``$.sockets[0].port``,
or a field's name) so that the sentence can stand beside that place.
`Failure` (in `explorer.core.failure`) is what the system said to a socket call: it is a value, not
an exception, because a failed call is an expected result.
"""

from __future__ import annotations


class ShownError(Exception):
    """An error whose text is a sentence for the user. Everything else is a bug."""


class InputError(ShownError):
    """Something the user wrote cannot be used.

    path: where it stands, e.g. ``$.sockets[0].port`` or ``port``; "" for the whole input.
    message: one sentence that says what is wrong and what would be right.
    """

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path}: {message}" if path else message)
        self.path = path
        self.message = message


class CaptureError(ShownError):
    """A capture cannot be opened, written or exported."""
