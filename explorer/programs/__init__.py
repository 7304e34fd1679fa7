"""What answers by itself: one small sans-I/O program per file. No I/O, no Qt."""
