"""Sockets, programs and sequences as Python scripts that need the standard library alone."""
