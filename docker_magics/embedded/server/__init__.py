"""HTTP on a unix socket: connections, requests and responses, the route tables."""
