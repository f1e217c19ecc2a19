"""Dockerfile instructions: which exist, how they are checked, how they change an image's config."""
