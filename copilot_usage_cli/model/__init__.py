"""Frozen, typed values without I/O: what is asked, what was answered, and the arithmetic on it."""
