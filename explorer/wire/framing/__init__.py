"""Framing: where one message ends and the next begins. One file per kind; `registry` lists them."""
