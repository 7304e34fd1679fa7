"""Bytes in, bytes out: framing, text, hex and escapes. No I/O, no Qt."""
