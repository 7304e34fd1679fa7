"""Framings in a script: code that cuts a stream into messages and wraps messages, one file a family. No I/O, no Qt."""
