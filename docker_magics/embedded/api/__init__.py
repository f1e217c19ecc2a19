"""The API's requests, responses, route tables and JSON fields. No I/O, no state."""
