"""The shapes of the API: requests, responses, route tables, JSON fields. No I/O, no state."""
