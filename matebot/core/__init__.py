"""The vocabulary of the bridge: pure, without I/O and without a chat library."""
