"""What is around framing and program in a script: sockets are opened and served, in each role and style. No I/O."""
