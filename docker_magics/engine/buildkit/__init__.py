"""BuildKit's client side: the session that it calls back over gRPC, and its progress."""
