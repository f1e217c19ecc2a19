"""Formats that both ends of the Engine API use, without any I/O.

The notebook side and the embedded engine share nothing but this folder.
"""
