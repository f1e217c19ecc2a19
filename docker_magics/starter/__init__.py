"""Starter files of `docker init`: a Dockerfile, .dockerignore and compose.yaml for a project."""
