"""Lines of text in a script, as several programs hear them."""

from __future__ import annotations

LINES = '''
def lines_of(message):
    """Each line of a message without blanks around it, and what ended it inside the message."""
    *whole, last = message.split(b"\\n")
    for line in whole:
        yield line.strip(), b"\\r\\n" if line.endswith(b"\\r") else b"\\n"
    if last or not whole:
        yield last.strip(), b""
'''
