"""For who teaches: the course's images in one file, and the notebooks as pages and slides."""
