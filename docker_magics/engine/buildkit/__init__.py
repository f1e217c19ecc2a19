"""The client side of BuildKit: the session, which BuildKit calls over gRPC, and the progress."""
