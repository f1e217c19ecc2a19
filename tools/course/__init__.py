"""For teachers: export the course's images to a file, and the notebooks as pages and slides."""
