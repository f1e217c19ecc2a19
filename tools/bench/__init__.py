"""Benchmarks against the alternatives: `make bench`."""
