"""Exports a notebook's docker cells: a shell script, a Compose file, a GitHub Actions workflow."""
