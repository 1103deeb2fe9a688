"""How long and how often anything in a test may go on: far beyond what a busy machine needs."""

HANG = 120  # seconds; only what hangs gets there
MANY = 1000  # connections or waits in one test
