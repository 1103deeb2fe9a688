"""A made-up GitHub inside the process, which answers in place of the network."""
