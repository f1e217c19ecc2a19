"""Explain a docker command line word by word, without running it.

The sentences are in `en.json` and `ko.json`.
"""
