"""Panes: the parts of the window, one file each, listed in `registry`."""
