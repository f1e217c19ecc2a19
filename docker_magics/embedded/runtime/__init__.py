"""Processes in containers: drivers, shims, root file systems."""
