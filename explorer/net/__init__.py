"""Sockets and selectors: everything that talks to the system. No Qt."""
