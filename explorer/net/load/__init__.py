"""Very many clients at once, in a process of their own. They share no code with the sockets of the window: their calls
are not in the capture."""
