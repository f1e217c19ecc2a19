"""Registries: pull, push, search, who one is there."""
