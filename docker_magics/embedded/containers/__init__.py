"""Containers: what the API says about them and does with them."""
