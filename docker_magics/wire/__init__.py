"""Formats of the Engine API and its files, without I/O.

The notebook side and the embedded engine share only this folder.
"""
