"""The ways in which a TCP server can serve its clients: one file each, and a registry."""
