"""Registries: pull, push, search, login."""
