"""How fast things are, side by side with what people would use else: `make bench`."""
