"""Runs the official Docker Compose, and adds what a notebook shows: tables, progress, consoles."""
