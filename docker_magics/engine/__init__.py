"""Which engine, and how to talk to it."""
