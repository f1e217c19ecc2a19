"""Builds: the Dockerfile language carried out step by step."""
