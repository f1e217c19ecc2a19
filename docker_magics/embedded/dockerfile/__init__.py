"""Dockerfile instructions: their table, their checks, and how they change an image's config."""
