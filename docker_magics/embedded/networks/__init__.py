"""Networks: what the API says about them, and the bridges behind it."""
