"""What programs answer, in a script: one file a kind, with a function `part`. No I/O, no Qt."""
