"""What the engine remembers of its objects, and their defaults."""
