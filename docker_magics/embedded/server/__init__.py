"""HTTP/1.1 on a unix socket."""
