"""What commands give back, and how it shows itself."""
