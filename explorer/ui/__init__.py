"""The window. Qt widgets over the capture; never a socket."""
