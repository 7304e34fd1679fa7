"""Socket Explorer: create TCP and UDP sockets and see every call and every byte."""

__version__ = "0.1.0"
